"""L3 is for documents that no feedback and no improvement ever saw, whatever came first."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from random import Random

import pytest

from harness.cases.discovery.splits import HOLDOUT
from harness.run.comparison.side import Arm, read_arm
from tests.extract.server.behaviour import Behaviour
from tests.extract.server.serving import serving
from tests.improve.toy import answer, harness, write_unsplit


def do(*words: object) -> str:
    return harness(*words).output


def ran(suite: Path, reports: Path) -> Path:
    """Run the suite and return the new run's folder."""
    before = set(reports.glob("*/run.json"))
    do("run", suite, "-q", "--reports", reports, "-e", "model")
    (new,) = set(reports.glob("*/run.json")) - before
    return new.parent


def held(arm: Arm) -> set[str]:
    return {case for case in arm.cases if arm.is_held(case)}


def quoted(value: object) -> Iterator[str]:
    """Yield the case of each row that a feedback quotes."""
    if isinstance(value, dict):
        if isinstance(value.get("case_id"), str):
            yield value["case_id"]
        for part in value.values():
            yield from quoted(part)
    elif isinstance(value, list):
        for part in value:
            yield from quoted(part)


def shown(suite: Path, first: Path) -> set[str]:
    """Return the cases that feedback quoted or an improvement asked about, by what they left."""
    found: set[str] = set()
    feedback = first / "feedback" / "feedback.json"
    if feedback.is_file():
        found |= set(quoted(json.loads(feedback.read_text("utf-8"))))
    ledger = suite.parents[1] / "prompts/.history/toy/ledger.jsonl"
    for line in ledger.read_text("utf-8").splitlines() if ledger.is_file() else ():
        entry = json.loads(line)
        if entry["step"] == "run":
            found |= set(entry["asked"])
    return found


@pytest.mark.parametrize("order", [*permutations(("split", "feedback", "improve", "holdout"))])
def test_no_order_of_commands_gives_an_l3_to_what_was_seen(
    order: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_KEY", "hushhush")
    with serving(Behaviour(answer=answer)) as server:
        suite = write_unsplit(tmp_path, server.url)
        first = ran(suite, tmp_path / "runs")
        for command in order:
            do(command, first if command == "feedback" else suite)
        last = ran(suite, tmp_path / "runs")
    seen = shown(suite, first)
    assert seen, "somebody has looked at something"
    kept = held(read_arm(last))
    assert not kept & seen
    split_first = order.index("split") < min(order.index("feedback"), order.index("improve"))
    assert len(kept) == (6 if split_first else 0 if order.index("improve") < 2 else len(kept))
    said = do("compare", first, last)
    assert "L3 of L3" not in said, "the first run was of no holdout"


STEPS = ("split", "release", "feedback", "improve", "holdout", "compare", "run")


@pytest.mark.parametrize("seed", range(8))
def test_no_sequence_of_commands_confirms_on_what_was_seen(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands in any order, some of them again: what is said to be kept apart, nobody saw."""
    monkeypatch.setenv("TOY_KEY", "hushhush")
    reports = tmp_path / "runs"
    with serving(Behaviour(answer=answer)) as server:
        suite = write_unsplit(tmp_path, server.url)
        runs = [ran(suite, reports)]
        seen: set[str] = set()
        for step in Random(seed).choices(STEPS, k=7):
            if step == "run":
                runs.append(ran(suite, reports))
            elif step == "feedback":
                do("feedback", runs[-1])
            elif step == "compare":
                do("compare", runs[0], runs[-1])
            else:
                do(*(("split", "--release") if step == "release" else (step,)), suite)
            for run in runs:
                seen |= shown(suite, run)
            for run in runs:
                assert not held(read_arm(run)) & seen, f"{step} of seed {seed}"
        last = ran(suite, reports)
    assert not held(read_arm(last)) & seen
    if not held(read_arm(runs[0])) & held(read_arm(last)):
        assert "L3 of L3" not in do("compare", runs[0], last)


def test_a_stored_split_counts_for_nothing_once_the_documents_were_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_KEY", "hushhush")
    with serving(Behaviour(answer=answer)) as server:
        suite = write_unsplit(tmp_path, server.url)
        do("split", suite)
        run = ran(suite, tmp_path / "runs")
        kept = held(read_arm(run))
        assert len(kept) == 6
        frozen = json.loads((suite / "splits.json").read_text("utf-8"))
        for line in frozen["documents"]:
            line["seen"] = line["case"] == min(kept)
        (suite / "splits.json").write_text(json.dumps(frozen), encoding="utf-8")
        assert held(read_arm(run)) == kept - {min(kept)}
        assert read_arm(run).questions[min(kept)].split == HOLDOUT, "whatever the run stored"
        said = do("compare", run, run)
        assert f"has seen 1 held-out case ({min(kept)}): not kept apart any more" in said
        assert "harness split --release" in said
        shutil.move(suite, tmp_path / "away")
        assert held(read_arm(run)) == set(), "nobody can say what was seen"
        assert "nobody can say whether feedback or an improvement has seen 6" in do(
            "compare", run, run
        )


def test_a_holdout_that_was_seen_is_released_and_replaced_by_one_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_KEY", "hushhush")
    with serving(Behaviour(answer=answer)) as server:
        suite = write_unsplit(tmp_path, server.url)
        do("split", suite)
        file = suite / "splits.json"
        frozen = json.loads(file.read_text("utf-8"))
        lost = [line for line in frozen["documents"] if line["split"] == "holdout"][:2]
        for line in lost:
            line["seen"] = True
        file.write_text(json.dumps(frozen), encoding="utf-8")
        refused = do("check", suite)
        assert refused.count("is held out, and feedback or improve has seen it [seen-holdout]") == 2
        assert "harness split --release" in refused
        said = do("split", "--release", suite)
        assert (
            "2 held-out documents seen by feedback or improve, to be worked on from now on" in said
        )
        after = {
            line["case"]: line["split"] for line in json.loads(file.read_text("utf-8"))["documents"]
        }
        assert {after[line["case"]] for line in lost} == {"dev"}
        assert "[seen-holdout]" not in do("check", suite)
        assert list(after.values()).count("holdout") == 6 - 2, "no document was left to hold out"


def test_feedback_on_a_run_marks_what_it_shows_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_KEY", "hushhush")
    with serving(Behaviour(answer=answer)) as server:
        suite = write_unsplit(tmp_path / "project", server.url)
        first = ran(suite, tmp_path / "runs")
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)
        assert "the suite is not at hand" not in do("feedback", first)
    seen = {
        line["case"] for line in json.loads((suite / "splits.json").read_text("utf-8"))["documents"]
    }
    assert shown(suite, first)
    assert shown(suite, first) <= seen


def test_feedback_on_a_run_of_a_suite_that_was_renamed_marks_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_KEY", "hushhush")
    with serving(Behaviour(answer=answer)) as server:
        suite = write_unsplit(tmp_path, server.url)
        first = ran(suite, tmp_path / "runs")
        do("split", suite)
        new = suite.with_name("renamed")
        suite.rename(new)
        (tmp_path / "ground_truth/toy").rename(tmp_path / "ground_truth/renamed")
        last = ran(new, tmp_path / "runs")
        assert len(held(read_arm(last))) == 6
        do("feedback", first)
    shown_of_first = shown(new, first)
    assert shown_of_first
    assert not held(read_arm(last)) & shown_of_first
    lines = json.loads((new / "splits.json").read_text("utf-8"))["documents"]
    assert all(line["case"] for line in lines)
