"""`harness improve --folds`: what a search is worth on documents that had no part in it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.records import Case, Document
from harness.errors import UsageError
from harness.improve.search.fold_search import Fold, fold_cases, folds_step
from harness.improve.trial.limits import Spent
from harness.improve.trial.measurement import CaseMark, Measurement
from harness.improve.trial.objective import MACRO, Objective
from harness.improve.versions.versions import Version
from tests.extract.server.behaviour import Asked, Behaviour
from tests.extract.server.serving import serving
from tests.improve.toy import answer, harness, ledger_of, write_project


def test_each_fold_is_answered_by_a_prompt_that_never_saw_it(tmp_path: Path) -> None:
    with serving(Behaviour(answer=answer)) as server:
        suite = write_project(tmp_path, 18, server.url)
        made = harness("improve", suite, "--folds", "3", "--patience", "1")
        calls = server.counts.calls.total()
        entries = ledger_of(tmp_path)
    assert made.exit_code == 0, made.output
    (step,) = [entry for entry in entries if entry["step"] == "folds"]
    assert (step["documents"], len(step["versions"])) == (12, 3)
    assert step["changed"] >= 2
    assert step["holds"]
    assert step["delta"] > 0.3
    assert "each answered by a prompt that never saw it" in made.output
    assert "the prompt that is made from all documents is not among them" in made.output
    assert "promote" in [entry["step"] for entry in entries], "the last search is on all documents"
    asked = set()
    for place in (1, 2, 3):
        path = tmp_path / f"reports/folds/.history/toy-folds-1-{place}/ledger.jsonl"
        start = json.loads(path.read_text("utf-8").splitlines()[0])
        assert (start["dev"], start["holdout"]) == (8, 4)
        asked.add(frozenset(name for name in start["documents"] if name.startswith("case:")))
    assert len(asked) == 3
    assert calls > 0


def test_a_writer_that_has_no_idea_is_worth_nothing_on_other_documents(tmp_path: Path) -> None:
    def idle(asked: Asked) -> str:
        return "I would rather not." if "You improve" in asked.text else answer(asked)

    with serving(Behaviour(answer=idle)) as server:
        suite = write_project(tmp_path, 18, server.url)
        made = harness("improve", suite, "--folds", "2", "--patience", "1")
    assert made.exit_code == 1, made.output
    (step,) = [entry for entry in ledger_of(tmp_path) if entry["step"] == "folds"]
    assert (step["holds"], step["delta"], step["changed"]) == (False, 0.0, 0)
    assert "does not hold" in made.output


def test_folds_are_of_the_figure_that_is_to_rise_and_tell_what_they_took(tmp_path: Path) -> None:
    with serving(Behaviour(answer=answer)) as server:
        suite = write_project(tmp_path / "good", 18, server.url)
        words = ("--folds", "2", "--patience", "1", "--no-promote")
        made = harness("improve", suite, *words, "--focus", "when")
        macro = harness("improve", suite, *words)
    line = next(line for line in made.output.splitlines() if line.startswith("folds"))
    assert line.startswith("folds    holds: focus F1 +50.0 points on 12 documents")
    assert "fold 1/2" in macro.output, "folds of another figure do not stand for these"
    focused, other = [e for e in ledger_of(tmp_path / "good") if e["step"] == "folds"]
    assert focused["objective"] == {"by": "focus", "focus": ["when"]}
    assert "figure" not in other
    spent = [int(found) for found in re.findall(r"kept an edit in (\d+) calls", made.output)]
    assert spent == [focused["calls"]]
    assert focused["calls"] > 2 * 3 * 6


@pytest.mark.parametrize("size", [12, 120])
@pytest.mark.parametrize("note", [0.0, 2.0])
def test_a_gain_by_folds_does_not_hold_where_other_fields_fell(size: int, note: float) -> None:
    def side(when: float, note: float) -> Measurement:
        names = tuple(f"c{n:04}" for n in range(size))
        totals = {"when": (when, 2.0), "note": (note, 2.0)}
        return Measurement({n: CaseMark((when + note) / 4, 0, {}, totals) for n in names}, names)

    version = Version("a" * 64, "b" * 64, {})
    fold = Fold(version, is_changed=True, base=side(0, 2), new=side(2, note), spent=Spent(9))
    step = folds_step([fold], version, ("model", Objective("focus", ("when",))), 1)
    assert (step["figure"], step["delta"], step["calls"]) == ("focus F1", 1.0, 9)
    assert step["holds"] == (note == 2)
    assert ("that are not in focus fell" in step["reason"]) == (note == 0)
    macro = folds_step([fold], version, ("model", MACRO), 1)
    assert macro["delta"] == note / 4
    assert "figure" not in macro


def test_folds_that_are_done_are_not_searched_again(tmp_path: Path) -> None:
    with serving(Behaviour(answer=answer)) as server:
        suite = write_project(tmp_path, 18, server.url)
        harness("improve", suite, "--folds", "2", "--patience", "1", "--no-promote")
        ledger = tmp_path / "prompts/.history/toy/ledger.jsonl"
        lines = ledger.read_bytes().splitlines(keepends=True)
        at = next(n for n, line in enumerate(lines) if b'"folds"' in line)
        ledger.write_bytes(b"".join(lines[: at + 3]))  # killed in the search on all documents
        calls = server.counts.calls.total()
        again = harness("improve", suite, "--folds", "2", "--patience", "1", "--no-promote")
        assert server.counts.calls.total() == calls
    assert "fold 1/2" not in again.output
    assert sum(entry["step"] == "folds" for entry in ledger_of(tmp_path)) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--folds", "7"), "7 folds need 14 documents that are not held out, there are 12"),
        (("--folds", "3", "--review"), "nobody wants to review each edit of each fold"),
        (("--folds", "3", "--max-calls", "10"), "is not enough for 3 folds and a last search"),
    ],
)
def test_what_folds_cannot_do_is_refused_before_anything_is_asked(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    with serving(Behaviour(answer=answer)) as server:
        suite = write_project(tmp_path, 18, server.url)
        refused = harness("improve", suite, *words)
        assert server.counts.calls.total() == 0
    assert refused.exit_code == 2
    assert said in " ".join(refused.output.split())


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 8)), max_size=60), st.integers(2, 5))
def test_folds_part_the_cases_and_never_a_document_or_a_group(
    drawn: list[tuple[int, int]], number: int
) -> None:
    cases = [
        Case(
            f"c{n}",
            (Document(f"d{text}.txt", f"{text}", "x"),),
            {},
            group=f"g{group}" if group < 3 else None,
        )
        for n, (text, group) in enumerate(drawn)
    ]
    try:
        parts = fold_cases(cases, number)
    except UsageError:
        return
    assert sorted(name for part in parts for name in part) == sorted(case.id for case in cases)
    where = {name: n for n, part in enumerate(parts) for name in part}
    for one in cases:
        for other in cases:
            shared = one.documents[0].sha256 == other.documents[0].sha256
            if shared or (one.group is not None and one.group == other.group):
                assert where[one.id] == where[other.id]
