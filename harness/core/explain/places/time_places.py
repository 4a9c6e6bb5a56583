"""Times of day in a text, by what they mean: 16:43, 4:43 PM, 16:43:00."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Final, TypeAlias

from harness.core.explain.places.item_places import ItemOffsets

TimeOfDay: TypeAlias = tuple[int, int, int | None]
"""Hour, minute, second; None where no second is told."""

_TIME: Final = re.compile(
    r"(?<![\w:.,])(\d{1,2}):([0-5]\d)(?::([0-5]\d))?(?:\s?([AaPp])\.?[Mm]\b\.?)?(?![\w:]|[.,]\d)"
)


def time_of(value: str) -> TimeOfDay | None:
    """Return the time of day that a text is; None for other texts.

    >>> time_of("16:43:00"), time_of("4:43 pm"), time_of("at 16:43"), time_of("25:10")
    ((16, 43, 0), (16, 43, None), None, None)
    """
    match = _TIME.fullmatch(value.strip())
    return None if match is None else _read(match)


def time_places(text: str) -> Mapping[TimeOfDay, list[ItemOffsets]]:
    """Return where times of day stand; those without a second also as its beginning.

    >>> dict(time_places("17:42 TOTAL"))
    {(17, 42, None): [(0, 5)], (17, 42, 0): [(0, 5)]}
    """
    places: dict[TimeOfDay, list[ItemOffsets]] = defaultdict(list)
    for match in _TIME.finditer(text):
        time = _read(match)
        if time is None:
            continue
        hour, minute, second = time
        for known in dict.fromkeys((second, None, second or 0)):
            places[hour, minute, known].append(match.span())
    return places


def _read(match: re.Match[str]) -> TimeOfDay | None:
    hour, minute = int(match[1]), int(match[2])
    if match[4]:
        if not 1 <= hour <= 12:  # noqa: PLR2004  # the hours of a clock with two halves
            return None
        hour = hour % 12 + 12 * (match[4] in "Pp")
    if hour > 23:  # noqa: PLR2004  # the last hour of a day
        return None
    return hour, minute, None if match[3] is None else int(match[3])
