"""Confidences that can carry no threshold: each is refused with the reason, at any size."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest

from tests.cli.conftest import Project
from tests.cli.look.test_window import in_window

Row = tuple[object, dict[str, object]]
TRUTH = {"a": 1, "b": "x"}


def scored(project: Project, documents: int, row: Callable[[random.Random], Row]) -> None:
    """Score answers, drawn one by one, as the run `r`."""
    draw = random.Random(0)
    truths, answers = [], []
    for number in range(documents):
        value, confidences = row(draw)
        truths.append(json.dumps({"id": f"c{number}", "value": TRUTH}))
        line = {"id": f"c{number}", "value": value, "confidences": confidences}
        answers.append(json.dumps(line))
    project.write({"t.jsonl": "\n".join(truths), "a.jsonl": "\n".join(answers)})
    said = project.harness("score", "t.jsonl", "a.jsonl", "-o", "reports/r")
    assert said.code == 0, said.err


def mixed(draw: random.Random) -> Row:
    return {"a": 1 if draw.random() < 0.7 else 2, "b": "x"}, {"a": 0.9, "b": 0.9}


def right(draw: random.Random) -> Row:
    return TRUTH, {"a": draw.random(), "b": draw.random()}


def wrong(draw: random.Random) -> Row:
    return {"a": 2, "b": "y"}, {"a": draw.random(), "b": draw.random()}


@pytest.mark.parametrize("documents", [30, 1_500])
@pytest.mark.parametrize(
    ("row", "goal", "words"),
    [
        (mixed, "f1", "degenerate: only 1 distinct confidence(s)"),
        (mixed, "risk=0.05", "degenerate: only 1 distinct confidence(s)"),
        (right, "precision=0.9", "nothing to tell apart: all values are right"),
        (wrong, "coverage=0.8", "nothing to tell apart"),
    ],
)
def test_what_no_threshold_can_tell_apart_is_refused(
    project: Project, documents: int, row: Callable[[random.Random], Row], goal: str, words: str
) -> None:
    scored(project, documents, row)
    said = project.harness("tune", "r", "--goal", goal)
    assert (said.code, words in said.err) == (3, True), said.err


@pytest.mark.parametrize("documents", [1, 2])
@pytest.mark.parametrize("goal", ["f1", "risk=0.05"])
def test_one_or_two_documents_teach_nothing(project: Project, documents: int, goal: str) -> None:
    scored(project, documents, wrong)
    said = project.harness("tune", "r", "--goal", goal)
    assert (said.code, "[no-threshold]" in said.err) == (3, True), said.err
    assert project.harness("route", "r").code == 0


def test_a_run_without_errors_has_nothing_to_find(project: Project) -> None:
    scored(project, 40, right)
    said = project.harness("route", "r")
    assert "No value of this run is wrong: there is nothing to find." in said.out
    said = project.harness("tune", "r", "--goal", "risk=0.05")
    assert (
        "In plain words: 100 % of the values go through unseen, and of 100 fields at most 5 "
        in (said.out)
    )


@pytest.mark.parametrize("number", ["NaN", "null", "1.7", '"87 %"', '"0.9"', "-0.2", "true", "87"])
def test_a_confidence_that_is_no_share_is_refused_with_its_line(
    project: Project, number: str
) -> None:
    project.write(
        {
            "t.jsonl": json.dumps({"id": "c", "value": TRUTH}),
            "a.jsonl": f'{{"id": "c", "value": {{"a": 1}}, "confidences": {{"a": {number}}}}}',
        }
    )
    said = project.harness("score", "t.jsonl", "a.jsonl", "-o", "reports/r")
    assert said.code == 3
    assert "a.jsonl:1: 'confidences' is not an object of field paths and numbers from 0 to 1" in (
        said.err
    )


def test_fields_that_no_threshold_lifts_are_named(project: Project) -> None:
    def guessed(draw: random.Random) -> Row:
        is_right, level = draw.random() < 0.1, draw.random()
        b, sure = ("x", 0.5 + level / 2) if draw.random() < 0.6 else ("y", level / 2)
        return {"a": 1 if is_right else 2, "b": b}, {"a": level, "b": sure}

    scored(project, 200, guessed)
    said = project.harness("tune", "r")
    assert said.code == 0, said.err
    assert (
        "F1 stays under 30.0 % with thresholds, so that better answers are needed: a " in said.out
    )
    (line,) = [line for line in said.out.splitlines() if line.startswith("b ")]
    assert line.split()[2:4] == ["200", "82"]
    assert "values  wrong  accepted  wrong of them" in said.out


@pytest.mark.parametrize("documents", [60, 1_500])
def test_two_answers_are_too_few_to_vote_and_what_else_is_known_of_them_is_not(
    project: Project, documents: int
) -> None:
    def half_agreed(draw: random.Random) -> Row:
        a = (1, 1.0) if draw.random() < 0.5 else (draw.choice((1, 2)), 0.5)
        b = ("x", 1.0) if draw.random() < 0.9 else (draw.choice("xxxy"), 0.5)
        return {"a": a[0], "b": b[0]}, {"a": a[1], "b": b[1]}

    scored(project, documents, half_agreed)
    refused = project.harness("tune", "r")
    assert (refused.code, "degenerate: only 2 distinct" in refused.err) == (3, True)
    assert "--source combined: the order of `harness route`" in refused.err
    said = project.harness("tune", "r", "--source", "combined")
    assert said.code == 0, said.err
    assert "tuned, other documents" in said.out


@pytest.mark.parametrize("width", [60, 200])
def test_what_a_field_lacks_for_a_threshold_of_its_own_is_said_in_any_window(
    project: Project, width: int
) -> None:
    def rare(draw: random.Random) -> Row:
        sure = draw.random()
        return {"a": 1 if draw.random() < sure else 2, "b": "x"}, {"a": sure, "b": draw.random()}

    scored(project, 200, rare)
    said = " ".join(in_window(["tune", "r"], width, project.root).split())
    assert "b shares the threshold of the rest: 0 errors, 10 are needed for a threshold" in said
    assert "no room for: shared" not in said
