"""Focus with its guard, weighted figures, and what statements add up to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness.core import number_text
from harness.report.page.measures.effort import Effort
from harness.run.stored.stored_results import ResultsDocument

_NAMED: Final = 4
"""Focus fields that are named; the others are counted."""


def marks(results: ResultsDocument) -> Iterator[Effort]:
    """Yield the figures of fields that a suite marks: focus, guard, weights."""
    focus = results.get("focus")
    if focus:
        names = ", ".join(focus["fields"][:_NAMED])
        more = len(focus["fields"]) - _NAMED
        names += f" and {number_text.count(more)} more" if more > 0 else ""
        yield Effort("Focus", number_text.percent(focus["f1"]), f"mean F1 of {names}")
        yield Effort("Guard", number_text.percent(focus["guard"]), "mean F1 of all other fields")
    weighted = results.get("weighted_f1")
    if weighted is not None:
        note = "mean F1 of the fields by the weights of the rules"
        yield Effort("F1 by rule weight", number_text.percent(weighted), note)


@dataclass(frozen=True, slots=True)
class Sums:
    """Scores of the sums of each case's statements."""

    about: str
    rows: tuple[tuple[str, str, str, str], ...]
    """Name, precision, recall and F1."""
    exact: str


def sums(results: ResultsDocument) -> Sums | None:
    """Return the summed-up (cumulative) result; None where no list is cumulative."""
    cumulative = results.get("cumulative")
    if not cumulative:
        return None
    named = (
        ("Macro, mean over cases", cumulative["macro"]),
        ("Micro, all fields together", cumulative["micro"]),
    )
    rows = [
        (name, *(number_text.percent(one[key]) for key in ("precision", "recall", "f1")))
        for name, one in named
    ]
    exact = cumulative["exact_match"]
    return Sums(
        about=f"{number_text.counted(cumulative['cases'], 'case')} told in statements",
        rows=tuple((name, p, r, f) for name, p, r, f in rows),
        exact=number_text.ratio(exact["hits"], exact["of"]),
    )
