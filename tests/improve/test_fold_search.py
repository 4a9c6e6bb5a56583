"""`harness improve --folds`: what a search is worth on documents that had no part in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.records import Case, Document
from harness.errors import UsageError
from harness.improve.search.fold_search import fold_cases
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
