"""`harness score --thresholds`: values under their threshold are withheld, as in a run."""

from __future__ import annotations

import json
import random

import pytest

from tests.cli.conftest import Project
from tests.run.stored_examples import stored_results

LINES = 60


def scored_lines(project: Project, *, sure: bool = True) -> None:
    """Write truths and predictions as lines; a wrong value is less sure than a right one."""
    draw = random.Random(1)
    truths, said = [], []
    for number in range(LINES):
        is_right = draw.random() < 0.7
        share = draw.uniform(0.6, 1.0) if is_right else draw.uniform(0.1, 0.7)
        truths.append({"id": f"d{number:02}", "value": {"total": number}})
        answer = {"id": f"d{number:02}", "value": {"total": number if is_right else -1}}
        said.append(answer | ({"confidences": {"total": share}} if sure else {}))
    for name, lines in (("truths", truths), ("said", said)):
        project.write({f"{name}.jsonl": "".join(f"{json.dumps(line)}\n" for line in lines)})


def thresholds(project: Project, least: float = 0.5) -> None:
    """Write a thresholds file for the source that recorded lines have."""
    assert project.harness("score", "truths.jsonl", "said.jsonl", "-o", "scored").code == 0
    tuned = project.harness("tune", "scored", "--goal", "precision=0.95", "-o", "t.json")
    assert tuned.code == 0, tuned.err
    stored = json.loads((project.root / "t.json").read_text())
    stored["fields"]["total"]["threshold"] = least
    stored["shared"] = least
    project.write({"t.json": json.dumps(stored)})


def test_values_under_their_threshold_are_withheld_and_both_scores_are_told(
    project: Project,
) -> None:
    scored_lines(project)
    thresholds(project)
    said = project.harness(
        "score", "truths.jsonl", "said.jsonl", "--thresholds", "t.json", "--format", "json"
    )
    assert said.code == 0, said.err
    results = json.loads(said.out)
    answers = [json.loads(line) for line in (project.root / "said.jsonl").read_text().splitlines()]
    under = sum(answer["confidences"]["total"] < 0.5 for answer in answers)
    wrong = sum(answer["value"]["total"] == -1 for answer in answers)
    assert under > 0
    assert (results["withheld"]["values"], results["withheld"]["of"]) == (under, LINES)
    counts = results["aggregate"]["counts"]
    assert (counts["omission"], counts["wrong_value"]) == (under, wrong - under)
    text = project.harness("score", "truths.jsonl", "said.jsonl", "--thresholds", "t.json")
    assert "withheld" in text.out
    assert "with everything accepted macro F1 is" in text.out
    assert "[unchecked-thresholds]" in text.err


def test_a_run_folder_of_it_keeps_whole_answers_and_the_thresholds(project: Project) -> None:
    scored_lines(project)
    thresholds(project)
    words = ("score", "truths.jsonl", "said.jsonl", "--thresholds", "t.json", "-o", "kept")
    assert project.harness(*words).code == 0
    results = stored_results(project.root / "kept")
    assert results["withheld"]["values"] > 0
    assert project.harness("rescore", "kept", "--accept-all").code == 0
    again = stored_results(project.root / "kept")
    assert again["withheld"] is None
    assert again["aggregate"]["counts"]["omission"] == 0


@pytest.mark.parametrize("option", ["plain", "streamed"])
def test_what_cannot_be_withheld_is_refused(project: Project, option: str) -> None:
    scored_lines(project)
    thresholds(project)
    scored_lines(project, sure=option == "streamed")
    words = ["score", "truths.jsonl", "said.jsonl", "--thresholds", "t.json"]
    said = project.harness(*words, *(["-j", "2"] if option == "streamed" else []))
    told = "--thresholds needs them" if option == "streamed" else "[no-confidence]"
    assert (said.code, told in said.err) == (2, True), said.err


def test_the_least_that_must_be_withheld_is_told(project: Project) -> None:
    scored_lines(project)
    assert project.harness("score", "truths.jsonl", "said.jsonl", "-o", "scored").code == 0
    refused = project.harness("tune", "scored", "--goal", "risk=0.01")
    # 99 documents are needed; r wrong of 60: (r/60 - 0.01) / 0.99
    assert "risk 0.01 needs at least 99 documents, there are 60" in refused.err
    assert "must be withheld" in refused.err
    kept = project.harness("tune", "scored", "--goal", "risk=0.1")
    assert "With everything accepted" in kept.out
