"""What is left to win, and when that is not enough to go on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from harness.cases.suite import Suite
from harness.cli.main import main
from harness.core.values import Json
from harness.improve.diagnosis.reach import given_up, out_of_reach, reach
from harness.improve.diagnosis.steering import all_cured
from harness.improve.trial.editor import Attempt, Reach
from harness.improve.trial.measurement import CaseMark, Measurement
from harness.improve.trial.objective import MACRO, Objective
from tests.extract.server.behaviour import Asked, Behaviour
from tests.extract.server.serving import serving
from tests.improve.exams import analysis
from tests.improve.toy import answer, write_project

SUITE = Suite("s", Path(), Path(), (), {})
DESCRIBED = {
    "when.md": "The day it was written, as YYYY-MM-DD.",
    "currency.md": "The ISO 4217 code of the currency.",
}
PAIR: tuple[Json, Json] = ({"a": "x", "b": "y"}, {"a": "x", "b": "no"})


def steps_of(folder: Path) -> list[dict[str, Any]]:
    path = folder / "prompts" / ".history" / "toy" / "ledger.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def improve(suite: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["improve", str(suite), *words])


def project(folder: Path, url: str, *wrong: int) -> Path:
    """Write a project with a good prompt, and truths that are wrong for some of its papers."""
    suite = write_project(folder, 24, url)
    fields = folder / "prompts" / "toy" / "fields"
    fields.mkdir()
    for name, text in DESCRIBED.items():
        (fields / name).write_text(text, encoding="utf-8")
    for number in wrong:
        path = folder / "ground_truth" / "toy" / f"paper-{number:02}.json"
        truth = json.loads(path.read_text("utf-8"))
        path.write_text(json.dumps({**truth, "note": "in drawer seven"}), encoding="utf-8")
    return suite


@pytest.mark.parametrize("size", [3, 3_000])
def test_an_estimate_is_of_the_figure_that_is_to_rise(size: int) -> None:
    pairs: list[tuple[Json, Json]] = [
        ({"a": "x", "b": "y"}, {"a": "x", "b": "no"}),  # one wrong value in b
        ({"a": "x", "b": "y"}, {"a": "x"}),  # an omission of b
        ({"a": "x"}, {"a": "x", "b": "no"}),  # a hallucination of b
    ] * (size // 3)
    found = analysis(pairs)
    known = {"a": (2.0, 2.0)}
    marks = [
        CaseMark(0.5, 1, {"b": 1}, {**known, "b": (0.0, 2.0)}),
        CaseMark(2 / 3, 1, {"b": 1}, {**known, "b": (0.0, 1.0)}),
        CaseMark(2 / 3, 1, {"b": 1}, {**known, "b": (0.0, 1.0)}),
    ] * (size // 3)
    named = {f"case-{number}": mark for number, mark in enumerate(marks)}
    measured = Measurement(named, tuple(named))
    gains = {
        figure.by: all_cured(found.clusters, found.room, figure, measured)
        for figure in (MACRO, Objective("micro"), Objective("floor"), Objective("focus", ("b",)))
    }
    assert gains["macro"] == pytest.approx(1 - (0.5 + 2 / 3 + 2 / 3) / 3)
    assert gains["micro"] == pytest.approx(1 - 6 / 10)  # 2 TP of a, of 2 + 2 + 2 + 4
    assert gains["floor"] == gains["focus"] == 1
    (one,) = (each for each in found.clusters if each.outcome == "omission")
    cured = all_cured([one], found.room, Objective("focus", ("b",)), measured)
    assert cured == pytest.approx(2 / 5)  # of 2 + 1 + 1, one more true positive


def test_mistakes_of_fields_that_were_given_up_are_not_counted_on() -> None:
    found = analysis([PAIR])
    assert reach(SUITE, found) == Reach(0.5, 1.0)
    assert reach(SUITE, found, {"b"}) == Reach(0.5, 0.5, given_up=1)
    tried = Attempt(("fields/b.md",), "reject", "no better")
    assert given_up([tried, Attempt(("fields/b.md",), "keep", "")]) == frozenset()
    assert given_up([tried, tried]) == {"b"}


def test_without_anything_scored_nobody_knows() -> None:
    assert reach(SUITE, analysis([])) is None


@pytest.mark.parametrize(
    ("found", "target", "floor", "said"),
    [
        (Reach(0.7, 0.9), 0.9, 0.1, None),
        (Reach(0.7, 0.9), 0.95, 0.0, "95.0 % needs +25.0 points over 70.0 %, what edits may cure"),
        (Reach(0.7, 0.8999), 0.95, 0.0, "at most --target 0.899 can be reached"),
        (Reach(0.7, 0.9, 1, 2), 0.95, 0.0, "(without 1 cluster of doubtful truths (harness feed"),
        (Reach(0.7, 0.9, 1, 2), 0.95, 0.0, "and 2 clusters given up after edits in vain)"),
        (Reach(0.98, 0.99), None, 0.02, "+1.0 points, is within the noise floor of 2.0"),
        (Reach(0.98, 0.98), None, 0.0, "no mistake is left that an edit may cure"),
        (Reach(0.98, 0.99), None, 0.0, None),
    ],
)
def test_what_is_wanted_is_put_beside_what_there_is(
    found: Reach, target: float | None, floor: float, said: str | None
) -> None:
    why = out_of_reach(found, target, floor)
    assert (why is None) == (said is None)
    assert (said or "") in (why or "")


def test_a_target_that_only_wrong_truths_keep_away_is_not_paid_for(tmp_path: Path) -> None:
    asked: list[str] = []

    def listening(question: Asked) -> str:
        asked.append(question.text)
        return answer(question)

    with serving(Behaviour(answer=listening)) as server:
        suite = project(tmp_path, server.url, 1)
        found = improve(suite, "--target", "1")
        again = improve(suite, "--target", "0.9")
    assert found.exit_code == 1
    assert "unreachable by fixing the observed clusters: 100 % needs +2.1 points" in found.output
    assert (
        "what edits may cure holds 0 points (without 1 cluster of doubtful truths" in found.output
    )
    assert not any("You improve" in text for text in asked)
    assert [step["step"] for step in steps_of(tmp_path)][:6] == [
        *("start", "run", "run", "noise", "reach", "stop"),
    ]
    assert "the target is reached" in again.output


def test_a_target_is_given_up_with_the_fields_that_would_have_led_there(tmp_path: Path) -> None:
    def stubborn(asked: Asked) -> str:
        if "You improve" not in asked.text:
            return answer(asked)
        texts = {"when": f"A day, {asked.text.count('did not help')}.", "currency": "Money."}
        return json.dumps({k: v for k, v in texts.items() if f"FIELD {k}\n" in asked.text})

    with serving(Behaviour(answer=stubborn)) as server:
        suite = write_project(tmp_path, 24, server.url)
        found = improve(suite, "--target", "0.95", "--patience", "9")
    assert found.exit_code == 1
    assert "unreachable by fixing the observed clusters" in found.output
    assert "given up after edits in vain" in found.output
