"""Cases of the report, worst first, and those without an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from harness.core import number_text
from harness.core.inert_text import cut
from harness.report.page.drawn_shares import length
from harness.report.page.fields import ErrorCount, error_counts
from harness.report.words.page_links import case_link
from harness.report.words.verdicts import errors_of, tag_word
from harness.run.stored.stored_figures import is_missing
from harness.run.stored.stored_results import CaseRecord, FailureRecord, ResultsDocument

WRITTEN_OUT: Final = 50
"""How many cases the page lists without JavaScript; the others come from its data block."""

_LONGEST_MESSAGE: Final = 300
_MOST_FAILURES: Final = 20


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case in a line."""

    id: str
    link: str
    answer: int
    """Which of several answers to the case; 1 for the first or only one."""
    f1: str
    bar: str | None
    fraction: str
    """Correct fields of expected fields."""
    cells: tuple[ErrorCount, ...]
    tags: tuple[str, ...]
    failure: str | None
    """Why there was no answer, as words; None where there was one."""


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A case that got no answer."""

    id: str
    link: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class FailureList:
    """Failures of one sort."""

    rows: tuple[FailureRow, ...]
    kinds: str
    """How many of each kind, most frequent first."""
    more: int
    """How many are not listed."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Cases without an answer: those counted as wrong, and those nobody answered."""

    wrong: FailureList
    missing: FailureList


def rank_cases(results: ResultsDocument) -> list[CaseRecord]:
    """Return every case, worst first; then those without a score, then those never answered."""

    def badness(case: CaseRecord) -> tuple[bool, bool, float, int, str, int]:
        f1 = case["f1"]
        order = (case["id"], case.get("replicate") or 1)
        return (is_missing(case), f1 is None, f1 or 0, -errors_of(case["counts"]), *order)

    return sorted(results["cases"], key=badness)


def case_row(case: CaseRecord) -> CaseRow:
    """Return one case as a line of the table."""
    failure = case["failure"]
    return CaseRow(
        id=case["id"],
        link=case_link(case["id"], replicate=case.get("replicate") or 1),
        answer=case.get("replicate") or 1,
        f1=number_text.percent(case["f1"]),
        bar=length(case["f1"]),
        fraction=f"{number_text.count(case['correct_fields'])}/{number_text.count(case['total_gt_fields'])}",
        cells=error_counts(case["counts"]),
        tags=tuple(case["tags"]),
        failure=None if failure is None else tag_word(failure["kind"]),
    )


def written_out(ranked: list[CaseRecord]) -> tuple[CaseRow, ...]:
    """Return the worst cases: those with errors, as many as the page lists by itself."""
    wrong = [case for case in ranked if not is_missing(case) and is_wrong(case)]
    return tuple(case_row(case) for case in wrong[:WRITTEN_OUT])


def is_wrong(case: CaseRecord) -> bool:
    """Tell whether any field of the case went wrong."""
    return case["failure"] is not None or errors_of(case["counts"]) > 0


def failures(ranked: list[CaseRecord]) -> Failures:
    """Return the cases without an answer, those that count apart from those that do not."""
    failed = [(case, failure) for case in ranked if (failure := case["failure"]) is not None]
    return Failures(
        wrong=_failures([pair for pair in failed if not pair[1]["missing"]]),
        missing=_failures([pair for pair in failed if pair[1]["missing"]]),
    )


def _failures(failed: Sequence[tuple[CaseRecord, FailureRecord]]) -> FailureList:
    kinds = Counter(tag_word(failure["kind"]) for _, failure in failed)
    ordered = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))
    return FailureList(
        rows=tuple(_failure(*pair) for pair in failed[:_MOST_FAILURES]),
        kinds=", ".join(f"{number_text.count(n)} {kind}" for kind, n in ordered),
        more=max(0, len(failed) - _MOST_FAILURES),
    )


def _failure(case: CaseRecord, failure: FailureRecord) -> FailureRow:
    message = cut(failure["message"], _LONGEST_MESSAGE)
    link = case_link(case["id"], replicate=case.get("replicate") or 1)
    return FailureRow(case["id"], link, tag_word(failure["kind"]), message)
