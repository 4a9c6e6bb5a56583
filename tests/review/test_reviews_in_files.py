"""Truths in files, in memory or streamed, count as far as the review logs beside them say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.cases.decisions.decision import Act, Decision, documents_digest, value_digest
from harness.cases.decisions.decision_log import append, next_id
from harness.core.values import Json
from tests.review.conftest import Desk

HOME = Path("ground_truth/notes")
SHARED = ("aggregate", "fields", "reviewed", "exact_match", "conventions", "complete")
TOLD = "fields reviewed: the others are in no score"


def decided(desk: Desk, size: int, settings: str, draft: str | None = None) -> dict[str, Json]:
    """Write a suite of which of every third case `n`, of every sixth `m` as well, is approved."""
    truths: dict[str, Json] = {f"c{n:04}": {"n": n, "m": n + 1} for n in range(size)}
    desk.suite(truths, settings)
    last, made = "", list[Decision]()
    for number, case in enumerate(desk.open().suite.cases):
        if number % 3:
            continue
        fields = ("n", "m") if number % 6 == 0 else ("n",)
        truth = case.truth
        assert isinstance(truth, dict)
        of = tuple(((name,), value_digest(truth[name])) for name in fields)
        base = Decision("", "", "(file)", case.id, Act.BASE, to=truth, draft=draft)
        for each in (base, Decision("", "", "ann", case.id, Act.APPROVE, fields=of)):
            last = next_id([last], "2026-11-30T00:00:00Z")
            at = {"id": last, "at": "2026-11-30T00:00:00Z"}
            made.append(each._replace(**at, document=documents_digest(case.documents)))  # type: ignore[arg-type]
    append(HOME, made, "ann")
    return truths


def answers(truths: dict[str, Json]) -> dict[str, Json]:
    """Return answers whose `m` is always wrong, and whose `n` is wrong in every ninth case."""
    found: dict[str, Json] = {}
    for number, (case, truth) in enumerate(truths.items()):
        assert isinstance(truth, dict)
        found[case] = {"n": -1 if number % 9 == 0 else truth["n"], "m": -1}
    return found


def lines(name: str, values: dict[str, Json]) -> str:
    text = "".join(f"{json.dumps({'id': c, 'value': v})}\n" for c, v in values.items())
    Path(name).write_text(text, encoding="utf-8")
    return name


def scored(desk: Desk, *arguments: str) -> dict[str, Any]:
    done = desk.harness("score", *arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return {name: found[name] for name in SHARED}


@pytest.mark.parametrize("size", [3, 3_000])
def test_a_run_files_in_memory_and_streamed_files_have_the_same_figures(
    desk: Desk, size: int
) -> None:
    truths = decided(desk, size, "truth: {require: approved}")
    said = answers(truths)
    run = desk.run("one", said)
    stored = json.loads((run / "eval-results.json").read_text("utf-8"))
    pair = lines("truths.jsonl", truths), lines("said.jsonl", said)
    how = "--require", "approved", "--reviews", str(HOME)
    in_memory = scored(desk, *pair, *how)
    assert in_memory["reviewed"] == stored["reviewed"]
    assert in_memory["aggregate"]["micro"] == stored["aggregate"]["micro"]
    assert in_memory["aggregate"]["macro"] == stored["aggregate"]["macro"]
    # Of every six cases three fields are reviewed in two cases: `n` twice, `m` once, always wrong.
    number, sixths = len(range(0, size, 3)), len(range(0, size, 6))
    assert in_memory["reviewed"]["fields"] == {"reviewed": number + sixths, "of": 2 * size}
    right = number - len(range(0, size, 9))
    assert in_memory["aggregate"]["micro"]["f1"] == pytest.approx(right / (number + sixths))
    for workers in ("1", "2"):
        streamed = scored(desk, *pair, *how, "--workers", workers, "-o", "records.jsonl")
        assert streamed["reviewed"] == in_memory["reviewed"]
        assert streamed["fields"] == in_memory["fields"]
        for figure in ("micro", "macro", "eval_count", "counts", "lenient"):
            assert streamed["aggregate"][figure] == in_memory["aggregate"][figure]
    assert len(Path("records.jsonl").read_text("utf-8").splitlines()) == number
    folder = scored(desk, str(HOME), "evals/notes/one", "--require", "approved")
    assert folder["reviewed"] == in_memory["reviewed"]
    assert folder["aggregate"]["micro"] == in_memory["aggregate"]["micro"]
    assert TOLD in desk.harness("score", *pair, *how).output
    kept = desk.harness("score", *pair, *how, "-o", "kept")
    assert kept.exit_code == 0, kept.output
    again = json.loads(Path("kept/eval-results.json").read_text("utf-8"))
    assert again["reviewed"] == in_memory["reviewed"]
    assert again["complete"]


def test_truths_that_a_run_drafted_are_scored_as_far_as_people_approved_them(desk: Desk) -> None:
    truths = decided(desk, 6, "", draft="run-1")
    said = answers(truths)
    pair = str(HOME), lines("said.jsonl", said)
    for case, answer in said.items():
        desk.write(f"said/{case}.json", json.dumps(answer))
    found = scored(desk, pair[0], "said")
    # c0000 and c0003 were drafted: three of their four fields are approved; the others are stated.
    assert found["reviewed"]["fields"] == {"reviewed": 3 + 8, "of": 12}
    streamed = scored(
        desk, lines("truths.jsonl", truths), pair[1], "--workers", "1", "--reviews", str(HOME)
    )
    assert streamed["reviewed"] == found["reviewed"]
    assert streamed["aggregate"]["micro"] == found["aggregate"]["micro"]


def test_where_approval_is_asked_for_and_nobody_reviewed_anything_nothing_is_scored(
    desk: Desk,
) -> None:
    desk.write("a.json", '{"n": 1}')
    desk.write("b.json", '{"n": 1}')
    refused = desk.harness("score", "a.json", "b.json", "--require", "approved")
    assert refused.exit_code == 2
    assert "there are no review logs" in refused.output
    assert desk.harness("score", "a.json", "b.json").exit_code == 0
