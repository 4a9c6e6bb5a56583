"""Values that take part in broken checks: which of an answer's fields a breach is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from harness.cases.schemas.field_checks import FieldCheck, broken_checks
from harness.core.values import Json, field_of_path, shown_paths

_PATH: Final = re.compile(r"[^\W\d]")


def broken_values(checks: Iterable[FieldCheck], value: Json) -> Counter[str]:
    """Return how many broken checks each value of an answer takes part in, by its path as shown.

    >>> from harness.cases.schemas.field_checks import parse_check
    >>> check = parse_check("lines[].price * lines[].count = lines[].amount")
    >>> lines = [{"price": 2, "count": 3, "amount": 6}, {"price": 2, "count": 3, "amount": 5}]
    >>> sorted(broken_values([check], {"lines": lines}))
    ['lines[1].amount', 'lines[1].count', 'lines[1].price']
    """
    broken: Counter[str] = Counter()
    by_field: dict[str, list[str]] = {}
    for check in checks:
        for breach in broken_checks([check], value):
            if not by_field:
                for path in shown_paths(value):
                    by_field.setdefault(field_of_path(path), []).append(path)
            within = field_of_path(breach.place)
            for field in set(_fields(check)):
                is_of_item = bool(within) and field.startswith(within)
                broken.update(
                    path
                    for path in by_field.get(field, ())
                    if not is_of_item or path.startswith(breach.place)
                )
    return broken


def _fields(check: FieldCheck) -> Iterator[str]:
    """Yield the fields that a check names."""
    if check.unique is not None:
        yield check.unique
    for side in check.sides:
        for place, token in enumerate(side):
            is_function = token in {"sum", "count"} and side[place + 1 : place + 2] == ("(",)
            if _PATH.match(token) and not is_function:
                yield token
