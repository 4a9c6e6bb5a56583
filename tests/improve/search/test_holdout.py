"""Looks at documents that are held out are counted, whatever becomes of the holdout."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli.main import main
from tests.extract.server.behaviour import Behaviour
from tests.extract.server.serving import serving
from tests.improve.toy import answer, harness, paper, write_project, write_unsplit


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A suite of nine papers, three of them held out, whose prompt was improved."""
    monkeypatch.setenv("TOY_KEY", "hushhush")
    with serving(Behaviour(answer=answer)) as server:
        found = write_project(tmp_path, 9, server.url)
        CliRunner().invoke(main, ["improve", str(found)], catch_exceptions=False)
        yield found


def look(suite: Path, *words: str) -> str:
    found = CliRunner().invoke(main, ["holdout", str(suite), *words], catch_exceptions=False)
    return found.output


def hold(suite: Path, *names: str) -> None:
    """Hold out these cases and no others."""
    file = suite / "suite.yaml"
    text = re.sub(r'"holdout": \[.*?\]', f'"holdout": {json.dumps(names)}', file.read_text("utf-8"))
    file.write_text(text, encoding="utf-8")


def add(suite: Path, name: str, number: int) -> None:
    text, truth = paper(number)
    (suite / "documents" / f"{name}.txt").write_text(text, encoding="utf-8")
    path = suite.parents[1] / "ground_truth" / "toy" / f"{name}.json"
    path.write_text(json.dumps(truth), encoding="utf-8")


def remove(suite: Path, name: str) -> None:
    (suite / "documents" / f"{name}.txt").unlink()
    (suite.parents[1] / "ground_truth" / "toy" / f"{name}.json").unlink()


def test_another_document_starts_no_count_anew(suite: Path) -> None:
    assert "holdout  3 documents, the first look at them" in look(suite)
    add(suite, "paper-20", 20)
    hold(suite, "paper-02", "paper-05", "paper-08", "paper-20")
    said = look(suite)
    assert "holdout  4 documents, look 2 at 3 of them, the first at the rest" in said
    assert "treat it as documents to work on" in said
    assert "0.0061" in said, "the second look has to show more"


def test_neither_does_one_that_is_taken_away_renamed_or_edited(suite: Path) -> None:
    look(suite)
    remove(suite, "paper-02")
    remove(suite, "paper-05")
    add(suite, "letter-05", 5)
    path = suite / "documents" / "paper-08.txt"
    path.write_text(path.read_text("utf-8") + "\n", encoding="utf-8")
    hold(suite, "letter-05", "paper-08")
    assert "holdout  2 documents, look 2 at them" in look(suite)


def test_the_document_that_was_looked_at_most_counts(suite: Path) -> None:
    look(suite)
    look(suite)
    for name in ("paper-05", "paper-08"):
        remove(suite, name)
    add(suite, "paper-20", 20)
    hold(suite, "paper-02", "paper-20")
    assert "look 3 at 1 of them, the first at the rest" in look(suite, "--repeat", "2")


def test_documents_nobody_looked_at_are_a_first_look_with_answers_of_their_own(
    suite: Path,
) -> None:
    look(suite)
    for name in ("paper-02", "paper-05", "paper-08"):
        remove(suite, name)
    add(suite, "paper-20", 20)
    hold(suite, "paper-20")
    assert "holdout  1 document, the first look at them" in look(suite)
    reports = suite.parents[1] / "reports"
    assert [p.name for p in sorted(reports.glob("holdout-*"))] == ["holdout-toy-1", "holdout-toy-2"]


def test_a_look_that_was_cut_off_is_finished_and_counted_once(suite: Path) -> None:
    look(suite)
    ledger = suite.parents[1] / "prompts/.history/toy/ledger.jsonl"
    whole = ledger.read_bytes()
    ledger.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    assert "the first look" in look(suite)
    assert ledger.read_bytes() == whole


def test_a_look_of_an_older_ledger_was_a_look_at_everything(suite: Path) -> None:
    look(suite)
    ledger = suite.parents[1] / "prompts/.history/toy/ledger.jsonl"
    lines = [json.loads(line) for line in ledger.read_text("utf-8").splitlines()]
    for line in lines:
        if line["step"] in ("start", "holdout"):
            line.pop("documents", None)
    ledger.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert "look 2 at them" in look(suite)


def do(*words: object) -> str:
    return harness(*words).output


@pytest.mark.parametrize("order", [*permutations(("split", "improve", "holdout"))])
def test_no_order_of_commands_confirms_on_what_an_improvement_asked(
    order: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_KEY", "hushhush")
    with serving(Behaviour(answer=answer)) as server:
        suite = write_unsplit(tmp_path, server.url)
        said = {command: do(command, suite) for command in order}
    split_first = order.index("split") < order.index("improve")
    frozen = json.loads((suite / "splits.json").read_text("utf-8"))["documents"]
    held = [each for each in frozen if each["split"] == "holdout"]
    assert len(held) == (6 if split_first else 0)
    assert not [each for each in held if each["seen"]]
    confirmed = order == ("split", "improve", "holdout")
    assert ("first look" in said["holdout"]) == confirmed, said["holdout"]


def test_the_ledger_knows_what_was_asked_where_the_splits_file_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_KEY", "hushhush")
    with serving(Behaviour(answer=answer)) as server:
        suite = write_unsplit(tmp_path, server.url)
        do("improve", suite)
        assert "has seen every document" in do("split", suite)
        (suite / "splits.json").unlink()
        assert "has seen every document" in do("split", suite)
        (suite / "splits.json").unlink()
        with (suite / "suite.yaml").open("a", encoding="utf-8") as file:
            file.write(f"split: {{holdout: [{', '.join(f'paper-0{n}' for n in range(6))}]}}\n")
        said = do("holdout", suite)
        assert said.count("[seen-holdout]") == 6
        ledger = tmp_path / "prompts/.history/toy/ledger.jsonl"
        lines = [json.loads(line) for line in ledger.read_text("utf-8").splitlines()]
        for line in lines:
            if line["step"] in ("start", "holdout"):
                line.pop("documents", None)
        ledger.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        assert do("holdout", suite) == said, "a ledger of an older version"
