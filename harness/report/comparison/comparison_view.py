"""Comparison view: every text, table and flip as values, so that no output computes anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from harness.core import number_text
from harness.core.inert_text import cut, inert
from harness.core.outcomes import Outcome
from harness.report.comparison.comparison_tables import (
    changed_fields_table,
    changed_tags_table,
    field_costs_table,
    scores_table,
    shifted_table,
)
from harness.report.tables.table import Table, TableColumn
from harness.report.words import comparison_claims, lead_sentences
from harness.report.words.verdicts import OUTCOME_MARKS, OutcomeMark
from harness.report.words.visible import literal
from harness.run.comparison.compare import Comparison
from harness.run.comparison.flips import Change, Flip, SideVerdict
from harness.run.comparison.verdict import ComparisonVerdict as Judgement
from harness.run.stored.stored_results import DiffRecord

CHANGES: Final[Mapping[Change, str]] = {
    Change.BROKEN: "broken",
    Change.FIXED: "fixed",
    Change.STILL_WRONG: "still wrong, another value",
}
"""What flips are called, in the order they are shown."""


_NAMED: Final = 5
"""Missing cases that are named; the others are counted."""
_LONGEST: Final = 60
"""Characters of a value that a table shows; the results hold the whole."""


@dataclass(frozen=True, slots=True)
class FlipSide:
    """Verdict of one run on a field."""

    verdict: OutcomeMark | None
    """None where nothing is expected and nothing was said."""
    predicted: str | None
    """JSON text; None where there is no value."""
    share: str | None
    """In how many replicates it is right; None where there is one only."""


@dataclass(frozen=True, slots=True)
class FlipRow:
    """One field of one case whose verdict changed."""

    case: str
    path: str
    expected: str | None
    base: FlipSide
    new: FlipSide
    is_critical: bool
    stored: DiffRecord | None
    """Its verdict in the new run, or else in the base run."""
    """The verdict that tells where the values stand in the documents."""


@dataclass(frozen=True, slots=True)
class Flips:
    """Flips of one kind, by case."""

    change: Change
    word: str
    number: int
    rows: tuple[FlipRow, ...]
    """The first of them."""

    @property
    def more(self) -> int:
        """Number that is not shown."""
        return self.number - len(self.rows)


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """A comparison of one run with its base."""

    suite: str
    base: str
    new: str
    cases: str
    judgement: Judgement
    p_adjusted: float
    lead: str
    scores: Table
    facts: tuple[tuple[str, str], ...]
    """What a line is about, and what it says."""
    tables: tuple[tuple[str, Table], ...]
    """Fields, tags, and cases whose F1 changed, each with its title; what is empty is left out."""
    flips: tuple[Flips, ...]


def page(comparison: Comparison, names: tuple[str, str], most: int) -> ComparisonView:
    """Return what is shown of a comparison; at most so many flips of each kind are listed."""
    base, new = names
    return ComparisonView(
        suite=str(comparison.new.results["suite"]),
        base=base,
        new=new,
        cases=number_text.counted(len(comparison.cases), "case"),
        judgement=comparison.verdict,
        p_adjusted=comparison.p_adjusted,
        lead=comparison_claims.comparison_lead(comparison, new),
        scores=scores_table(comparison, names),
        facts=tuple(_facts(comparison, names)),
        tables=tuple(
            (title, table)
            for title, table in (
                ("Fields", changed_fields_table(comparison, names)),
                ("What a field takes, a thousand answers", field_costs_table(comparison, names)),
                ("Tags", changed_tags_table(comparison, names)),
                ("Cases that moved", shifted_table(comparison, names)),
            )
            if table.rows
        ),
        flips=tuple(_flips(comparison, most)),
    )


def _facts(comparison: Comparison, names: tuple[str, str]) -> Iterator[tuple[str, str]]:
    yield "evidence", comparison_claims.rung(comparison)
    yield "this suite", comparison_claims.claim_reach(comparison)
    yield "fields", _became(comparison)
    yield from _reviewed(comparison, names)
    for each in comparison.missing[:_NAMED]:
        whys = [
            f"{name}: {why}" for name, why in zip(names, (each.base, each.new), strict=True) if why
        ]
        yield "not counted", f"{each.case} ({'; '.join(whys)})"
    if len(comparison.missing) > _NAMED:
        more = number_text.counted(len(comparison.missing) - _NAMED, "more case")
        yield "not counted", f"and {more}"
    for remark in comparison_claims.remarks(comparison):
        yield "note", remark


def _reviewed(comparison: Comparison, names: tuple[str, str]) -> Iterator[tuple[str, str]]:
    base, new = (
        lead_sentences.reviewed(side.results) for side in (comparison.base, comparison.new)
    )
    if base == new:
        yield from (("reviewed", base),) if base else ()
        return
    for name, review in zip(names, (base, new), strict=True):
        yield "reviewed", f"{name}: {review or 'every truth is taken for right'}"


def _became(comparison: Comparison) -> str:
    changes = Counter(flip.change for case in comparison.cases for flip in case.flips)
    right = sum(case.unchanged_right for case in comparison.cases)
    wrong = sum(case.unchanged_wrong for case in comparison.cases)
    parts = (
        (changes[Change.FIXED], "fixed"),
        (changes[Change.BROKEN], "broken"),
        (changes[Change.STILL_WRONG], "still wrong with another value"),
        (right, "right in both"),
        (wrong, "wrong alike"),
    )
    return ", ".join(f"{number_text.count(number)} {what}" for number, what in parts)


def _flips(comparison: Comparison, most: int) -> Iterator[Flips]:
    for change, word in CHANGES.items():
        flips = [flip for case in comparison.cases for flip in case.flips if flip.change is change]
        if flips:
            flips.sort(key=lambda flip: not flip.critical)
            yield Flips(change, word, len(flips), tuple(map(_flip, flips[:most])))


def flips_table(page: ComparisonView, flips: Flips) -> Table:
    """Return flips as a table, a row each."""
    columns = (
        TableColumn("case", "case", inert, tail=True),
        TableColumn("path", "field", inert, tail=True),
        TableColumn("expected", "expected", _value),
        TableColumn("base", inert(page.base), _said, twin=True),
        TableColumn("new", inert(page.new), _said, twin=True),
    )
    rows = (
        {
            "case": row.case,
            "path": f"{row.path} (critical)" if row.is_critical else row.path,
            "expected": row.expected,
            "base": row.base,
            "new": row.new,
        }
        for row in flips.rows
    )
    return Table(columns, tuple(rows))


def _value(value: str | None) -> str:
    return "nothing" if value is None else inert(cut(value, _LONGEST))


def _said(side: FlipSide) -> str:
    share = f" ({side.share} right)" if side.share else ""
    icon = f"{side.verdict.icon} " if side.verdict else ""
    return f"{icon}{_value(side.predicted)}{share}"


def _flip(flip: Flip) -> FlipRow:
    return FlipRow(
        case=flip.case,
        path=flip.path,
        expected=literal(flip.expected, "expected"),
        base=_side(flip.base),
        new=_side(flip.new),
        is_critical=flip.critical,
        stored=flip.new.diff or flip.base.diff,
    )


def _side(verdict: SideVerdict) -> FlipSide:
    diff, right = verdict.diff, verdict.right
    return FlipSide(
        verdict=OUTCOME_MARKS[Outcome(diff["outcome"])] if diff else None,
        predicted=literal(diff, "predicted") if diff else None,
        share=f"{right.hits}/{right.of}" if right.of > 1 else None,
    )
