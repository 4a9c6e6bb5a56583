"""The suite `families` says what its README promises: who is matched, and what is wrong."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from harness.cases.load import load_suites
from harness.cases.suite import RecordedAnswers
from harness.core.differ.case_result import CaseResult
from harness.core.records import Answer, Failure, FailureKind
from harness.extract.build import build
from harness.run.results.score_cases import ScoredCase, Scorer

ROOT = Path(__file__).parents[2]
FAMILIES = ROOT / "evals" / "families"
COLLECTIONS: Final = ("people", "events", "pair_bonds")
CASES: Final = ("arnason", "haddad", "okwuosa", "prosser", "quispe", "tran")
ANSWERS: Final = [(name, case) for name in ("careful", "sloppy") for case in CASES]


class Row(NamedTuple):
    """One row of the table of errors."""

    extractor: str
    case: str
    path: str
    outcome: str


def table(heading: str) -> Iterator[list[str]]:
    """Yield the cells of the rows below a heading of the README."""
    text = (FAMILIES / "README.md").read_text(encoding="utf-8")
    for line in text.partition(f"## {heading}\n")[2].partition("\n## ")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] in ("careful", "sloppy") and len(cells) == 5:
            yield cells


def promised_items() -> dict[tuple[str, str], dict[str, tuple[int, ...]]]:
    """Return how many entities the README calls matched, extra and missing."""
    return {
        (extractor, case): {
            name: tuple(map(int, cell.split("/")))
            for name, cell in zip(COLLECTIONS, cells, strict=True)
        }
        for extractor, case, *cells in table("Matched, extra, missing")
    }


def rows() -> list[Row]:
    """Return the table of errors."""
    found = table("What went wrong")
    return [Row(extractor, case, path.strip("`"), out) for extractor, case, path, _, out in found]


def leaves(value: Any, path: str) -> Iterator[str]:  # noqa: ANN401  # any JSON
    """Yield the path of everything an entity says, its own id left out."""
    if isinstance(value, dict):
        for key, below in value.items():
            if key != "id":
                yield from leaves(below, f"{path}.{key}")
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from leaves(below, f"{path}[{index}]")
    elif value not in (None, ""):
        yield path


def at(value: Any, path: str) -> Any:  # noqa: ANN401  # any JSON
    """Return the entity at a path such as `events[3]`."""
    name, index = path.rstrip("]").split("[")
    return value[name][int(index)]


@pytest.fixture(scope="module")
def scored() -> dict[tuple[str, str], ScoredCase]:
    """Return every recorded reply, read and scored as a run does it."""
    (suite,) = load_suites(FAMILIES)
    scorer = Scorer(suite.rules)
    return {
        (name, case.id): scorer.score(case, asyncio.run(build(spec, suite).extract(case)))
        for name, spec in suite.extractors.items()
        if isinstance(spec, RecordedAnswers)
        for case in suite.cases
    }


def result_of(found: ScoredCase) -> CaseResult:
    assert found.result is not None
    return found.result


def promised_errors(found: ScoredCase, extractor: str) -> set[tuple[str, str]]:
    """Return path and outcome of every field the README calls wrong."""
    reply = found.output.value if isinstance(found.output, Answer) else None
    if reply is None:
        return {(path.removeprefix("."), "omission") for path in leaves(found.case.truth, "")}
    promised: set[tuple[str, str]] = set()
    for row in rows():
        if (row.extractor, row.case) != (extractor, found.case.id):
            continue
        if row.outcome == "missing":
            below = leaves(at(found.case.truth, row.path), row.path)
            promised |= {(path, "omission") for path in below}
        elif row.outcome == "extra":
            below = leaves(at(reply, row.path), row.path)
            promised |= {(path, "hallucination") for path in below}
        else:
            promised.add((row.path, row.outcome))
    return promised


def test_the_suite_and_its_tables_are_whole() -> None:
    (suite,) = load_suites(FAMILIES)
    assert suite.warnings == ()
    assert suite.unscored == ()
    assert tuple(case.id for case in suite.cases) == CASES
    assert sorted(promised_items()) == ANSWERS
    assert len(rows()) == len(set(rows()))


def test_the_truths_refer_to_nobody_who_is_not_there() -> None:
    for case in CASES:
        file = ROOT / "ground_truth" / "families" / f"{case}.json"
        truth = json.loads(file.read_text(encoding="utf-8"))
        people = [person["id"] for person in truth["people"]]
        every = people + [entity["id"] for name in COLLECTIONS[1:] for entity in truth[name]]
        assert len(every) == len(set(every)), "an id is used once"
        named = [
            *(parent for person in truth["people"] for parent in person["parents"]),
            *(bond[end] for bond in truth["pair_bonds"] for end in ("person_a", "person_b")),
            *(target for event in truth["events"] for target in event["relationshipTargets"]),
            *(event[role] for event in truth["events"] for role in ("person", "spouse", "child")),
        ]
        assert {one for one in named if one is not None} <= set(people)


@pytest.mark.parametrize(("extractor", "case"), ANSWERS)
def test_as_many_entities_are_matched_as_the_readme_says(
    scored: dict[tuple[str, str], ScoredCase], extractor: str, case: str
) -> None:
    items = result_of(scored[extractor, case]).items
    assert {name: items[name] for name in COLLECTIONS} == promised_items()[extractor, case]


@pytest.mark.parametrize(("extractor", "case"), ANSWERS)
def test_what_is_wrong_is_what_the_readme_says_and_nothing_else(
    scored: dict[tuple[str, str], ScoredCase], extractor: str, case: str
) -> None:
    found = scored[extractor, case]
    wrong = [(d.path, str(d.outcome)) for d in result_of(found).diffs if d.outcome != "correct"]
    assert len(wrong) == len(set(wrong)), "each field is told of once"
    promised = promised_errors(found, extractor)
    assert set(wrong) - promised == set(), "wrong, and not in the README"
    assert promised - set(wrong) == set(), "in the README, and not wrong"


def test_format_errors_are_dates_that_are_right_once_read_leniently(
    scored: dict[tuple[str, str], ScoredCase],
) -> None:
    every = (d for found in scored.values() for d in result_of(found).diffs)
    errors = [diff for diff in every if diff.outcome == "format_error"]
    assert len(errors) == sum(row.outcome == "format_error" for row in rows()) > 0
    assert all(diff.value_equal and diff.field == "events[].dateTime" for diff in errors)


def test_what_looks_different_and_is_right_is_correct(
    scored: dict[tuple[str, str], ScoredCase],
) -> None:
    listed = list(table("What is right although it looks different"))
    assert len(listed) >= 8
    for extractor, case, named, _, _ in listed:
        # The path of a hallucination is one of the reply, where entities stand elsewhere.
        every = result_of(scored[extractor, case]).diffs
        diffs = [diff for diff in every if diff.outcome != "hallucination"]
        excused = {row.path for row in rows() if row[:2] == (extractor, case)}
        for path in re.findall(r"`(.+?)`", named):
            below = [d for d in diffs if re.match(rf"{re.escape(path)}($|[.\[])", d.path)]
            assert any(diff.outcome == "correct" for diff in below), (case, path)
            wrong = {diff.path for diff in below if diff.outcome != "correct"}
            assert wrong <= excused, (case, path)


def test_the_one_prose_reply_is_a_failure(scored: dict[tuple[str, str], ScoredCase]) -> None:
    failed = {
        key: found.output for key, found in scored.items() if isinstance(found.output, Failure)
    }
    assert {key: said.kind for key, said in failed.items()} == {
        ("sloppy", "tran"): FailureKind.NOT_JSON
    }
