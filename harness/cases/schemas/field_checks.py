"""Cross-field checks that need no ground truth: sums, order, equality, ranges, uniqueness."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from harness.core.reading.dates import read_date
from harness.core.reading.numbers import read_number
from harness.core.values import Json
from harness.errors import HarnessError, Problem

CheckedValue: TypeAlias = "float | str | tuple[int, ...]"
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>'[^']*')|(?P<op><=|>=|!=|=|<|>|\+|-|\*|\(|\))"
    r"|(?P<path>[^\W\d]\w*(?:\[\]|\.\w+|-\w+)*))"
)
_COMPARE: Final = ("=", "!=", "<", "<=", ">", ">=")
_FUNCTIONS: Final = ("sum", "count")
_DEFAULT: Final = 0.005
"""How far numbers may differ where a check does not say: half a cent."""
_HINT: Final = "write: sum(lines[].amount) = total, issued <= due, unique lines[].sku"


@dataclass(frozen=True, slots=True)
class FieldCheck:
    """Constraint between the fields of any answer or truth."""

    text: str
    unique: str | None
    """The path whose values must differ; None for a comparison."""
    sides: tuple[tuple[str, ...], ...] = ()
    """The tokens of each side of the comparison."""
    operators: tuple[str, ...] = ()
    within: float = _DEFAULT


@dataclass(frozen=True, slots=True)
class CheckBreach:
    """A check that does not hold."""

    check: str
    place: str
    """Which list item it is about, such as `lines[2]`; empty for the whole."""
    sides: str
    """What stands on both sides."""


def parse_check(text: str) -> FieldCheck:
    """Return a check. Raises HarnessError for a text that is none.

    >>> parse_check("sum(lines[].amount) = total within 0.02").within
    0.02
    >>> parse_check("0 <= discount <= 100").operators
    ('<=', '<=')
    """
    body, is_given, within = text.partition(" within ")
    tolerance = read_number(within) if is_given else _DEFAULT
    tokens = _tokens(body, text)
    if tokens[:1] == ["unique"]:
        if len(tokens) != 2 or "[]" not in tokens[1]:  # noqa: PLR2004  # the word and a path
            raise _bad(text, "unique needs the path of a list's field")
        return FieldCheck(text, tokens[1])
    sides: list[list[str]] = [[]]
    operators: list[str] = []
    for token in tokens:
        if token in _COMPARE:
            operators.append(token)
            sides.append([])
        else:
            sides[-1].append(token)
    if not operators or not all(sides) or tolerance is None:
        raise _bad(text, "it compares nothing")
    check = FieldCheck(text, None, tuple(map(tuple, sides)), tuple(operators), float(tolerance))
    for side in check.sides:
        _Reader(side, {}, ()).shape(text)
    return check


def _bad(text: str, why: str) -> HarnessError:
    return HarnessError(Problem(f"{text!r} is no check: {why}", "bad-check", hint=_HINT))


def _tokens(body: str, text: str) -> list[str]:
    tokens, at = [], 0
    while body[at:].strip():
        match = _TOKEN.match(body, at)
        if match is None:
            raise _bad(text, f"{body[at:].strip()[:20]!r} means nothing")
        tokens.append(match[0].strip())
        at = match.end()
    return tokens


def broken_checks(checks: Iterable[FieldCheck], value: Json) -> Iterator[CheckBreach]:
    """Yield the checks that do not hold in a value; where something is absent nothing is said.

    >>> invoice = {"total": 5, "lines": [{"amount": 2}, {"amount": 4}]}
    >>> [breach.sides for breach in broken_checks([parse_check("sum(lines[].amount) = total")], invoice)]
    ['6 = 5']
    """  # noqa: E501  # an example
    for check in checks:
        if check.unique is not None:
            yield from _repeated(check, value)
            continue
        prefix = _common_list(check)
        for place, indexes in _items(value, prefix):
            sides = [_Reader(side, value, indexes).value() for side in check.sides]
            known = [side for side in sides if side is not None]
            if len(known) == len(sides) and not _holds(check, known):
                shown = str(_shown(known[0]))
                for operator, side in zip(check.operators, known[1:], strict=True):
                    shown += f" {operator} {_shown(side)}"
                yield CheckBreach(check.text, place, shown)


def _repeated(check: FieldCheck, value: Json) -> Iterator[CheckBreach]:
    names: set[str] = set()
    for each in _values(value, check.unique or ""):
        text = repr(each)
        if text in names:
            yield CheckBreach(check.text, "", f"{each} twice")
        names.add(text)


def _common_list(check: FieldCheck) -> str:
    """Return the list whose items a check is about; empty where it is about the whole."""
    common = ""
    for side in check.sides:
        depth = 0
        for n, token in enumerate(side):
            depth += {"(": 1, ")": -1}.get(token, 0)
            in_function = depth > 0 and any(t in _FUNCTIONS for t in side[:n])
            if "[]" in token and not in_function:
                common = max(common, token.rpartition("[]")[0], key=len)
    return common


def _items(value: Json, prefix: str) -> Iterator[tuple[str, tuple[tuple[str, int], ...]]]:
    """Yield each item of a list with the index that stands for it."""
    if not prefix:
        yield "", ()
        return
    held = next(iter(_values(value, prefix, spread=False)), None)
    for n in range(len(held) if isinstance(held, list) else 0):
        yield f"{prefix}[{n}]", ((prefix, n),)


def _values(value: Json, path: str, *, spread: bool = True) -> list[Json]:
    """Return what stands at a path, of every item of the lists on the way."""
    values: list[Json] = [value]
    for part in path.split("."):
        key, *holes = part.split("[]")
        values = [each[key] for each in values if isinstance(each, dict) and key in each]
        for _ in holes if spread else ():
            values = [item for each in values if isinstance(each, list) for item in each]
    return [each for each in values if each is not None]


class _Reader:
    """Reads the value of one side: sums and differences of products."""

    def __init__(
        self, tokens: Sequence[str], value: Json, indexes: tuple[tuple[str, int], ...]
    ) -> None:
        self._tokens, self._value, self._indexes = list(tokens), value, indexes
        self._at = 0
        self._checking: str | None = None

    def shape(self, text: str) -> None:
        """Raise HarnessError where the tokens are no expression."""
        self._checking = text
        self._sum()
        if self._at < len(self._tokens):
            raise _bad(text, f"{self._tokens[self._at]!r} is not expected")

    def value(self) -> CheckedValue | None:
        """Return the value; None where something in it is absent or cannot be read."""
        return self._sum()

    def _next(self) -> str:
        token = self._tokens[self._at] if self._at < len(self._tokens) else ""
        self._at += 1
        return token

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _sum(self) -> CheckedValue | None:
        total = self._product()
        while self._peek() in ("+", "-"):
            sign = 1 if self._next() == "+" else -1
            other = self._product()
            both = isinstance(total, float) and isinstance(other, float)
            total = total + sign * other if both else None  # type: ignore[operator]  # numbers
        return total

    def _product(self) -> CheckedValue | None:
        product = self._factor()
        while self._peek() == "*":
            self._next()
            other = self._factor()
            both = isinstance(product, float) and isinstance(other, float)
            product = product * other if both else None  # type: ignore[operator]  # numbers
        return product

    def _factor(self) -> CheckedValue | None:
        token = self._next()
        if token in _FUNCTIONS and self._peek() == "(":
            self._next()
            path = self._next()
            if self._next() != ")" and self._checking:
                raise _bad(self._checking, f"{token} takes one path")
            return self._folded(token, path)
        if token[:1].isdigit():
            return float(token)
        if token[:1] == "'":
            return token[1:-1]
        if self._checking and not re.match(r"[^\W\d]", token):
            raise _bad(self._checking, f"{token!r} is no field" if token else "a field is missing")
        return self._field(token)

    def _folded(self, name: str, path: str) -> float | None:
        values = _values(self._value, path)
        if name == "count":
            return float(len(values))
        numbers = [_read(value) for value in values]
        if not numbers or not all(isinstance(number, float) for number in numbers):
            return None
        return math.fsum(number for number in numbers if isinstance(number, float))

    def _field(self, path: str) -> CheckedValue | None:
        value = self._value
        for prefix, n in self._indexes:
            if path.startswith(f"{prefix}[]"):
                held = next(iter(_values(value, prefix, spread=False)), None)
                value = held[n] if isinstance(held, list) else None
                path = path[len(prefix) + 2 :].removeprefix(".")
        values = _values(value, path) if path else [value]
        return _read(values[0]) if len(values) == 1 else None


def _read(value: Json) -> CheckedValue | None:
    if value is None or isinstance(value, bool | list | dict):
        return None
    if isinstance(value, int | float):
        return float(value)
    number = read_number(value)
    if number is not None:
        return float(number)
    return read_date(value) or value


def _holds(check: FieldCheck, sides: Sequence[CheckedValue]) -> bool:
    pairs = zip(sides, sides[1:], check.operators, strict=False)
    return all(_compare(one, other, operator, check.within) for one, other, operator in pairs)


def _compare(one: CheckedValue, other: CheckedValue, operator: str, within: float) -> bool:
    if type(one) is not type(other):  # a date and a text have no order: nothing is said of it
        return operator != "="
    if isinstance(one, float) and isinstance(other, float):
        is_near, is_less = abs(one - other) <= within + 1e-9, one < other
    else:
        is_near, is_less = one == other, one < other  # type: ignore[operator]  # one type
    allowed = {
        "=": is_near,
        "!=": not is_near,
        "<": is_less and not is_near,
        "<=": is_less or is_near,
        ">": not (is_less or is_near),
        ">=": not is_less or is_near,
    }
    return allowed[operator]


def _shown(value: CheckedValue) -> str:
    if isinstance(value, tuple):
        return "-".join(f"{part:02d}" for part in value[:3])
    return f"{value:.10g}" if isinstance(value, float) else value
