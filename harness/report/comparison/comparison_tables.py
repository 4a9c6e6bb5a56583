"""The figures of a comparison as tables; `names` are those of both runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from harness.core import number_text
from harness.core.inert_text import inert
from harness.report.tables.table import Table, TableColumn
from harness.run.comparison.compare import Comparison
from harness.run.comparison.comparison_document import tag_change
from harness.run.comparison.cost_shifts import cost_shifts
from harness.run.comparison.flips import Change
from harness.run.comparison.judged_figure import figure_name
from harness.run.comparison.verdict import ComparedScore


def _text(value: object) -> str:
    return "" if value is None else inert(str(value))


def _count(key: str, heading: str) -> TableColumn:
    rank = 3 if key == "still_wrong" else 0
    return TableColumn(key, heading, number_text.count, right=True, rank=rank)


def _f1s(names: tuple[str, str]) -> tuple[TableColumn, ...]:
    base, new = names
    return (
        TableColumn("base", inert(base), number_text.percent, right=True),
        TableColumn("new", inert(new), number_text.percent, right=True),
        TableColumn("delta", "points", number_text.gain, right=True),
    )


def scores_table(comparison: Comparison, names: tuple[str, str]) -> Table:
    """Return a row for each score."""
    columns = (
        TableColumn("score", ""),
        *_f1s(names),
        TableColumn("interval", "95 % interval", number_text.gains, right=True),
        TableColumn("p_value", "p", number_text.p_value, right=True),
    )
    by = comparison.terms.by
    judged = () if by in ("macro", "micro", "lenient") else ((figure_name(by), comparison.judged),)
    named: Sequence[tuple[str, ComparedScore]] = (
        *judged,
        ("macro F1", comparison.macro),
        ("micro F1", comparison.micro),
        ("macro F1, lenient", comparison.lenient),
    )
    return Table(columns, tuple({"score": name, **_row(score)} for name, score in named))


def _row(score: ComparedScore) -> dict[str, Any]:
    return {
        "base": score.base,
        "new": score.new,
        "delta": score.delta,
        "interval": score.interval,
        "p_value": score.p_value,
    }


def changed_fields_table(comparison: Comparison, names: tuple[str, str]) -> Table:
    """Return a row for each field, what moved most surely first."""
    columns = (
        TableColumn("field", "field", _text, tail=True),
        *_f1s(names),
        _count("fixed", "fixed"),
        _count("broken", "broken"),
        _count("still_wrong", "still wrong"),
        TableColumn("p_value", "p", number_text.p_value, right=True, rank=2),
        TableColumn("p_adjusted", "p, corrected", number_text.p_value, right=True, rank=1),
    )
    rows = (
        {
            "field": f"{shift.field} (critical)" if shift.critical else shift.field,
            "base": shift.base,
            "new": shift.new,
            "delta": shift.delta,
            "fixed": shift.fixed,
            "broken": shift.broken,
            "still_wrong": shift.still_wrong,
            "p_value": shift.test.exact,
            "p_adjusted": shift.p_adjusted,
        }
        for shift in comparison.fields
    )
    return Table(columns, tuple(rows))


def field_costs_table(comparison: Comparison, names: tuple[str, str]) -> Table:
    """Return what each field takes, a thousand answers; no rows where a run does not know."""
    base, new = map(inert, names)
    shifts = cost_shifts(comparison.base, comparison.new)
    tokens = (
        TableColumn("base_tokens", f"{base}: tokens out", _tokens, right=True),
        TableColumn("new_tokens", f"{new}: tokens out", _tokens, right=True),
    )
    dollars = (
        TableColumn("base_usd", f"{base}: cost", _dollars, right=True),
        TableColumn("new_usd", f"{new}: cost", _dollars, right=True),
    )
    is_priced = any(s.base_usd is not None or s.new_usd is not None for s in shifts)
    rows = (
        {
            "field": shift.field,
            "base_tokens": _thousand(shift.base_tokens),
            "new_tokens": _thousand(shift.new_tokens),
            "base_usd": _thousand(shift.base_usd),
            "new_usd": _thousand(shift.new_usd),
        }
        for shift in shifts
    )
    columns = (TableColumn("field", "of 1,000 answers", _text, tail=True), *tokens)
    return Table((*columns, *dollars) if is_priced else columns, tuple(rows))


def _thousand(one: float | None) -> float | None:
    return None if one is None else 1_000 * one


def _tokens(value: float | None) -> str:
    return "" if value is None else number_text.count(round(value))


def _dollars(value: float | None) -> str:
    return "" if value is None else number_text.money(value)


def changed_tags_table(comparison: Comparison, names: tuple[str, str]) -> Table:
    """Return a row for each tag."""
    columns = (
        TableColumn("tag", "tag", _text),
        _count("cases", "cases"),
        *_f1s(names),
        _count("fixed", "fixed"),
        _count("broken", "broken"),
    )
    return Table(columns, tuple({**tag_change(shift)} for shift in comparison.tags))


def shifted_table(comparison: Comparison, names: tuple[str, str]) -> Table:
    """Return a row for each case whose F1 changed, the one that lost most first."""
    columns = (
        TableColumn("case", "case", _text, tail=True),
        *_f1s(names),
        _count("fixed", "fixed"),
        _count("broken", "broken"),
        _count("still_wrong", "still wrong"),
    )
    rows = []
    for case in comparison.cases:
        if case.delta:
            changes = Counter(flip.change for flip in case.flips)
            rows.append(
                {
                    "case": case.case,
                    "base": case.base,
                    "new": case.new,
                    "delta": case.delta,
                    **{change.value: changes[change] for change in Change},
                }
            )
    return Table(columns, tuple(rows))
