"""The figures of a comparison as tables; `names` are those of both runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from harness.core import number_text
from harness.core.inert_text import inert
from harness.report.tables import Column, Table
from harness.run.comparison.compare import Comparison
from harness.run.comparison.flips import Change
from harness.run.comparison.verdict import Score


def _text(value: object) -> str:
    return "" if value is None else inert(str(value))


def _count(key: str, heading: str) -> Column:
    rank = 3 if key == "still_wrong" else 0
    return Column(key, heading, number_text.count, right=True, rank=rank)


def _f1s(names: tuple[str, str]) -> tuple[Column, ...]:
    base, new = names
    return (
        Column("base", inert(base), number_text.percent, right=True),
        Column("new", inert(new), number_text.percent, right=True),
        Column("delta", "points", number_text.gain, right=True),
    )


def scores_table(found: Comparison, names: tuple[str, str]) -> Table:
    """Return a row for each score."""
    columns = (
        Column("score", ""),
        *_f1s(names),
        Column("interval", "95 % interval", number_text.gains, right=True),
        Column("p_value", "p", number_text.p_value, right=True),
    )
    named: Sequence[tuple[str, Score]] = (
        ("macro F1", found.macro),
        ("micro F1", found.micro),
        ("macro F1, lenient", found.lenient),
    )
    return Table(columns, tuple({"score": name, **_row(score)} for name, score in named))


def _row(score: Score) -> dict[str, Any]:
    return {
        "base": score.base,
        "new": score.new,
        "delta": score.delta,
        "interval": score.interval,
        "p_value": score.p_value,
    }


def fields_table(found: Comparison, names: tuple[str, str]) -> Table:
    """Return a row for each field, what moved most surely first."""
    columns = (
        Column("field", "field", _text, tail=True),
        *_f1s(names),
        _count("fixed", "fixed"),
        _count("broken", "broken"),
        _count("still_wrong", "still wrong"),
        Column("p_value", "p", number_text.p_value, right=True, rank=2),
        Column("p_adjusted", "p (Holm)", number_text.p_value, right=True, rank=1),
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
        for shift in found.fields
    )
    return Table(columns, tuple(rows))


def tags_table(found: Comparison, names: tuple[str, str]) -> Table:
    """Return a row for each tag."""
    columns = (
        Column("tag", "tag", _text),
        _count("cases", "cases"),
        *_f1s(names),
        _count("fixed", "fixed"),
        _count("broken", "broken"),
    )
    rows = (
        {
            "tag": shift.tag,
            "cases": shift.cases,
            "base": shift.base,
            "new": shift.new,
            "delta": shift.delta,
            "fixed": shift.fixed,
            "broken": shift.broken,
        }
        for shift in found.tags
    )
    return Table(columns, tuple(rows))


def shifted_table(found: Comparison, names: tuple[str, str]) -> Table:
    """Return a row for each case whose F1 changed, the one that lost most first."""
    columns = (
        Column("case", "case", _text),
        *_f1s(names),
        _count("fixed", "fixed"),
        _count("broken", "broken"),
        _count("still_wrong", "still wrong"),
    )
    rows = []
    for case in found.cases:
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
