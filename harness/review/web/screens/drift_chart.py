"""Drift chart: how often each person was right, week by week, as lines for the page to draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from math import floor

from harness.core import number_text
from harness.core.values import Json
from harness.review.reviewer_agreement import Figure
from harness.review.weekly_agreement import EVERYBODY, WeekOfWork, week_of

_WEEK = timedelta(days=7)
_MOST = 520
"""Weeks that are drawn: the last ones."""
_HIGHEST = 0.9
"""Where the axis of somebody who is never wrong begins."""


def drift_chart(weeks: Sequence[WeekOfWork]) -> Json:
    """Return the weeks from first to last, and a line for each person, all together last.

    A line has its lowest value drawn, its scale in words, and for each week with work the week's
    place, F1, ends of the interval, and the same in words. All together have Krippendorff's alpha.
    None where no line has two points: there is no drift to be seen.
    """
    by_person: dict[str, list[tuple[str, Figure]]] = {}
    for each in weeks:
        figure = each.f1 if each.person else each.alpha
        if figure.value is not None:
            by_person.setdefault(each.person, []).append((each.week, figure))
    if all(len(points) < 2 for points in by_person.values()):  # noqa: PLR2004  # a line has two
        return None
    names = _every_week([week for points in by_person.values() for week, _ in points])[-_MOST:]
    shown = {who: [p for p in points if p[0] in names] for who, points in by_person.items()}
    low = _lowest(point for who, points in shown.items() if who for point in points)
    lines = [_line(who, shown[who], names, low) for who in sorted(shown) if who and shown[who]]
    if shown.get(EVERYBODY):
        points = shown[EVERYBODY]
        lines.append(_line(EVERYBODY, points, names, _lowest(points)))
    return {"weeks": [*names], "lines": lines}


def _line(
    person: str, points: Sequence[tuple[str, Figure]], weeks: Sequence[str], low: float
) -> Json:
    drawn: list[Json] = [
        [weeks.index(week), figure.value, *_ends(figure), f"{week}: {_words(person, figure.value)}"]
        for week, figure in points
    ]
    return {
        "name": person or "all together, Krippendorff's alpha",
        "last": _words(person, points[-1][1].value),
        "low": low,
        "scale": f"{_words(person, low)} to {_words(person, 1.0)}",
        "points": drawn,
    }


def _lowest(points: Iterable[tuple[str, Figure]]) -> float:
    """Return where an axis that ends at 1 begins: at a tenth, below every interval."""
    lowest = min((_ends(figure)[0] for _, figure in points), default=1.0)
    return min(floor(lowest * 10) / 10, _HIGHEST)


def _ends(figure: Figure) -> tuple[float, float]:
    value = figure.value or 0.0
    return figure.interval or (value, value)


def _words(person: str, value: float | None) -> str:
    return number_text.percent(value) if person else f"{value:.2f}"


def _every_week(weeks: Sequence[str]) -> list[str]:
    """Return every week from the first to the last one, those without work too.

    >>> _every_week(["2026-W01", "2025-W51"])
    ['2025-W51', '2025-W52', '2026-W01']
    """
    first, last = (_monday(end(weeks)) for end in (min, max))
    days = (first + _WEEK * number for number in range((last - first) // _WEEK + 1))
    return [week_of(f"{day.isoformat()}T00:00:00+00:00") for day in days]


def _monday(week: str) -> date:
    year, number = week.split("-W")
    return date.fromisocalendar(int(year), int(number), 1)
