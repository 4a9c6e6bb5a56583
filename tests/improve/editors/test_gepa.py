"""Evolving a prompt with the `gepa` package: it searches, and we judge."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from harness.cli.main import main
from tests.extract.server.behaviour import Asked, Behaviour
from tests.extract.server.serving import serving
from tests.improve.toy import answer, paper, write_project

pytest.importorskip("gepa")

DOCUMENTS = 24
HELD = [paper(number)[0] for number in range(DOCUMENTS) if number % 3 == 2]


class Model:
    """Answers as the toy does, and remembers what it was asked."""

    def __init__(self, writer: Callable[[Asked], str] = answer) -> None:
        self.asked: list[str] = []
        self._writer = writer

    def __call__(self, asked: Asked) -> str:
        self.asked.append(asked.text)
        return self._writer(asked) if "You improve" in asked.text else answer(asked)


def improve(suite: Path, *words: str) -> Result:
    asked = ["improve", str(suite), "--engine", "gepa", *words]
    return CliRunner().invoke(main, asked, catch_exceptions=False)


def ledger_of(folder: Path) -> Path:
    return folder / "prompts" / ".history" / "toy" / "ledger.jsonl"


def steps_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ledger_of(folder).read_text("utf-8").splitlines()]


def test_its_winner_is_judged_by_answers_it_was_not_chosen_by(tmp_path: Path) -> None:
    model = Model()
    with serving(Behaviour(answer=model)) as server:
        suite = write_project(tmp_path, DOCUMENTS, server.url)
        found = improve(suite, "--target", "0.95", "--max-calls", "300")
    assert found.exit_code == 0, found.output
    steps = steps_of(tmp_path)
    [proposed] = [step for step in steps if step["step"] == "propose"]
    runs = [step for step in steps if step["step"] == "run"]
    assert proposed["asked"][proposed["prompt"]] == 1
    judged = [run["replicate"] for run in runs if run["version"] == proposed["version"]]
    assert min(judged) == 2, "the first asking is the one it was chosen by"
    assert (tmp_path / "prompts/toy/fields/currency.md").is_file()
    assert [step["step"] for step in steps if "holds" in step] == ["claim"]
    assert sum(step["calls"] for step in (*runs, proposed)) == len(model.asked) <= 300
    assert not any(text in asked for text in HELD for asked in model.asked)


def test_a_cap_holds_for_everything_it_asks(tmp_path: Path) -> None:
    model = Model(lambda _: '{"when": "A day.", "currency": "Money."}')
    with serving(Behaviour(answer=model)) as server:
        suite = write_project(tmp_path, DOCUMENTS, server.url)
        found = improve(suite, "--max-calls", "120")
    assert found.exit_code == 1, found.output
    assert len(model.asked) <= 120
    assert max(Counter(model.asked).values()) <= 4


def test_nothing_is_asked_with_a_prompt_that_copies_an_answer(tmp_path: Path) -> None:
    model = Model(lambda _: '{"when": "2026-01-01", "currency": "2026-02-02"}')
    with serving(Behaviour(answer=model)) as server:
        suite = write_project(tmp_path, DOCUMENTS, server.url)
        found = improve(suite, "--max-calls", "200")
    assert found.exit_code == 1, found.output
    asked = [text for text in model.asked if "You improve" not in text]
    assert asked
    assert not any("2026-01-01" in text or "2026-02-02" in text for text in asked)
    assert "refused: nothing is changed" in found.output


def test_begun_again_it_takes_the_same_way_and_asks_nothing_twice(tmp_path: Path) -> None:
    model = Model()
    with serving(Behaviour(answer=model)) as server:
        suite = write_project(tmp_path, DOCUMENTS, server.url)
        improve(suite, "--no-promote", "--max-calls", "200")
        whole = ledger_of(tmp_path).read_bytes()
        asked = len(model.asked)
        before = [line for line in whole.split(b"\n") if b'"step":"propose"' not in line]
        ledger_of(tmp_path).write_bytes(b"\n".join(before[:5]) + b"\n")
        improve(suite, "--no-promote", "--max-calls", "200")
    assert ledger_of(tmp_path).read_bytes() == whole
    assert len(model.asked) == asked
    assert not [*tmp_path.rglob("*.bin"), *tmp_path.rglob("*.pkl")]


def test_a_writer_that_nobody_answers_stops_nothing_else(tmp_path: Path) -> None:
    model = Model(lambda _: "I would rather not.")
    with serving(Behaviour(answer=model)) as server:
        suite = write_project(tmp_path, 12, server.url)
        found = improve(suite)
    assert found.exit_code == 1, found.output
    assert "refused: nothing is changed" in found.output


def test_what_stops_the_writer_stops_the_search_and_is_told(tmp_path: Path) -> None:
    with serving(Behaviour(answer=answer)) as server:
        suite = write_project(tmp_path, 12, server.url)
        file = suite / "suite.yaml"
        mute = f"  mute: {{kind: openai, model: toy, base_url: '{server.url}', key_env: NO_KEY}}\n"
        head, extractors, rest = file.read_text("utf-8").partition("extractors:\n")
        file.write_text(head + extractors + mute + rest, encoding="utf-8")
        found = improve(suite, "-e", "model", "--writer", "mute")
    assert found.exit_code == 3, found.output
    assert "NO_KEY" in found.output
    assert steps_of(tmp_path)[-1]["step"] == "reach"


def test_what_its_search_may_take_is_told_without_a_call(tmp_path: Path) -> None:
    suite = write_project(tmp_path, DOCUMENTS, "http://127.0.0.1:9/v1")
    capped = improve(suite, "--dry-run", "--max-calls", "300")
    assert f"gepa       at most {300 - 2 * 16 - 6 * 16 - 2 * 16} calls" in capped.output
    assert "gepa       at most 192 calls" in improve(suite, "--dry-run").output  # 12 askings


def test_without_the_package_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gepa", None)
    found = improve(write_project(tmp_path, 3, "http://127.0.0.1:9/v1"))
    assert found.exit_code == 3
    assert "[missing-extra]" in found.output
    assert "pip install 'extraction-harness[gepa]'" in found.output
