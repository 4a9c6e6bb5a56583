"""Causes of errors in the order of what they cost, each with examples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from harness.core import number_text
from harness.core.outcomes import Outcome
from harness.report.embedded.long_texts import CaseSources
from harness.report.page.drawn_shares import Segment, segments
from harness.report.page.fields import ErrorExample, choose_examples, example_of
from harness.report.words.page_links import cause_link, field_link
from harness.report.words.verdicts import by_weight
from harness.run.results.reasons.cause_words import (
    CURES,
    CauseTitle,
    cause_title,
    lenient_loss,
    lost_of,
)
from harness.run.stored.stored_results import CaseRecord, CauseRecord, DiffRecord, ResultsDocument

_MOST_FIELDS: Final = 8


@dataclass(frozen=True, slots=True)
class CauseRow:
    """One cause over all cases."""

    title: CauseTitle
    meaning: str
    link: str
    """Leads to the cases with its errors."""
    lost: str
    """Points of micro F1."""
    lenient: str
    """The same where values in the wrong format count as right; empty where nothing is left."""
    keys: tuple[tuple[str, str], ...]
    """What the table is ranked by: attribute and plain number."""
    lost_macro: str
    cured: str
    errors: str
    cases: str
    mix: tuple[Segment, ...]
    fields: tuple[tuple[str, str], ...]
    """Fields with its errors, each with its link; empty where the title names the only one."""
    more_fields: int
    examples: tuple[ErrorExample, ...]


@dataclass(frozen=True, slots=True)
class Causes:
    """All causes, and what they add up to."""

    rows: tuple[CauseRow, ...]
    lost: str
    lenient: str
    lost_macro: str
    errors: str


def cause_rows(results: ResultsDocument, sources: Mapping[str, CaseSources]) -> Causes | None:
    """Return the causes, the costliest first; None where a run was scored without them."""
    causes = results.get("causes")
    if not causes:
        return None
    wrong = _errors_by_cause(results["cases"])
    macro = results["aggregate"]["macro"]["f1"]
    return Causes(
        rows=tuple(_row(place, cause, wrong[place], sources) for place, cause in enumerate(causes)),
        lost=lost_of(results["aggregate"]),
        lenient=lost_of(results["aggregate"]["lenient"]),
        lost_macro=number_text.points(0.0 if macro is None else 1.0 - macro),
        errors=number_text.count(sum(cause["errors"] for cause in causes)),
    )


def _errors_by_cause(cases: Sequence[CaseRecord]) -> dict[int, list[tuple[str, DiffRecord]]]:
    wrong: dict[int, list[tuple[str, DiffRecord]]] = defaultdict(list)
    for case in cases:
        for diff in case["diffs"]:
            if "cause" in diff and diff["outcome"] != Outcome.CORRECT.value:
                wrong[diff["cause"]].append((case["id"], diff))
    return wrong


def _row(
    place: int,
    cause: CauseRecord,
    wrong: Sequence[tuple[str, DiffRecord]],
    sources: Mapping[str, CaseSources],
) -> CauseRow:
    picked = choose_examples(
        wrong, [verdict.outcome.value for verdict, _ in by_weight(cause["counts"])]
    )
    lenient = lenient_loss(cause)
    names = [] if cause["fields"] == [cause["subject"]] else cause["fields"]
    return CauseRow(
        title=cause_title(cause),
        meaning=CURES.get(cause["kind"], ""),
        link=cause_link(place),
        lost=number_text.points(cause["micro_f1_lost"]),
        lenient=number_text.points(lenient) if lenient else "",
        keys=(("strict", f"{cause['micro_f1_lost']:.9f}"), ("lenient", f"{lenient:.9f}")),
        lost_macro=number_text.points(cause["macro_f1_lost"]),
        cured=number_text.percent(cause["micro_f1_cured"]),
        errors=number_text.count(cause["errors"]),
        cases=number_text.count(cause["cases"]),
        mix=segments(cause["counts"]),
        fields=tuple((name, field_link(name)) for name in names[:_MOST_FIELDS]),
        more_fields=max(0, len(names) - _MOST_FIELDS),
        examples=tuple(example_of(case_id, diff, sources) for case_id, diff in picked),
    )
