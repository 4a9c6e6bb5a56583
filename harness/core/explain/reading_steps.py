"""Reading steps: how a value is read before it is compared."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from harness.core.comparators.by_name import Comparator, Key, as_text
from harness.core.entities.reference_ids import Link
from harness.core.reading.dates import is_ambiguous, read_date
from harness.core.reading.durations import Duration
from harness.core.reading.moments import Moment
from harness.core.reading.money import Money
from harness.core.reading.numbers import Measure
from harness.core.reading.text import fold
from harness.core.reading.units import Beside
from harness.core.rules.field_rule import FieldRule
from harness.core.values import Json


@dataclass(frozen=True, slots=True)
class ReadingStep:
    """One thing that was done to a value, and what was left after it."""

    what: str
    value: str


@dataclass(frozen=True, slots=True)
class ReadingTrace:
    """Steps of reading one value."""

    steps: tuple[ReadingStep, ...]
    """In order; empty where the value is compared as it stands."""
    read: str | None
    """What is compared, as text; None where the comparator cannot read the value."""


def reading(value: Json, comparator: Comparator, rule: FieldRule) -> ReadingTrace:
    """Return how a comparator with a rule's settings reads a present scalar.

    >>> from harness.core.comparators.by_name import comparator_for
    >>> text = comparator_for("text", FieldRule(), {})
    >>> [(s.what, s.value) for s in reading("ACME  Corp", text, FieldRule()).steps]
    [('white space folded', 'ACME Corp'), ('case folded', 'acme corp')]
    >>> reading("forty", comparator_for("number", FieldRule(), {}), FieldRule()).read is None
    True
    """
    key, text = comparator.read(value), as_text(value) or ""
    if key is None:
        return ReadingTrace(tuple(_unread(text, comparator, rule)), None)
    whole = shown_value(key)
    if isinstance(key, Measure):
        return ReadingTrace(
            (ReadingStep("read as a number and what stands beside it", whole),), whole
        )
    steps = list(_STEPS.get(comparator.name, _no_steps)(text, rule))
    if (steps[-1].value if steps else text) != whole:
        steps.append(ReadingStep(_READ_AS.get(comparator.name, "read"), whole))
    return ReadingTrace(tuple(steps), whole)


def shown_value(key: Key) -> str:
    """Return what a value was read as: dates as ISO 8601 writes them, items between semicolons.

    >>> values = ((2024, 3, 31), 1234.50, "acme", True, ("set", ("a", "b")))
    >>> tuple(map(shown_value, values))
    ('2024-03-31', '1234.5', 'acme', 'true', 'a; b')
    """
    if isinstance(key, Measure):
        return f"{as_text(key.number)} {_named(key.beside)}"
    if isinstance(key, str | int | float):
        return as_text(key.original if isinstance(key, Link) else key) or ""
    if isinstance(key, Money):
        return f"{_amount(key)} {_currency(key)}".strip()
    if isinstance(key, Duration):
        return _length(key)
    if isinstance(key, tuple):
        return shown_value(key.moment) if isinstance(key, Moment) else _several(key)
    return str(key)


def _named(beside: Beside) -> str:
    named = _codes(beside.currencies) if beside.currencies else beside.unit
    return " ".join(filter(None, (beside.scale, named)))


def _amount(key: Money) -> str:
    whole, mark, fraction = f"{key.amount:f}".partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}{mark}{fraction}" if fraction else whole


def _currency(key: Money) -> str:
    """Return the codes a currency can be, or how many, where a sign stands for many."""
    return _codes(key.currencies)


def _codes(codes: frozenset[str]) -> str:
    return "/".join(sorted(codes)) if len(codes) <= _FEW else f"of {len(codes)} currencies"


_FEW: Final = 3


def _several(key: tuple[object, ...]) -> str:
    """Return a key of several parts: a date, items, or a value with its type before it."""
    numbers = [part for part in key if type(part) is int]
    if numbers and len(numbers) == len(key):
        return _moment(numbers)
    listed = key[-1]
    return "; ".join(map(str, listed)) if isinstance(listed, tuple) else shown_value(listed)


def _length(key: Duration) -> str:
    """Return a duration as ISO 8601 writes it, in months and seconds only."""
    months = f"{float(key.months):g}M" if key.months else ""
    seconds = f"T{float(key.seconds):g}S" if key.seconds or not months else ""
    return f"P{months}{seconds}"


def _moment(parts: list[int]) -> str:
    day = "-".join(f"{part:0{size}}" for part, size in zip(parts, (4, 2, 2), strict=False))
    if len(parts) <= _DAY:
        return day
    time = ":".join(f"{part:02}" for part in parts[_DAY : 2 * _DAY])
    fraction = f".{parts[6]:06}" if parts[6:7] and parts[6] else ""
    return f"{day} {time}{fraction}{' UTC' if parts[7:8] == [1] else ''}"


_DAY: Final = 3
"""Parts of a date given to the day; so many more tell the time of day to the second."""


def _unread(text: str, comparator: Comparator, rule: FieldRule) -> Iterator[ReadingStep]:
    """Say of a value that its comparator cannot read why that is, where that is known."""
    if comparator.name in ("date", "datetime") and rule.date_order is None and is_ambiguous(text):
        yield ReadingStep("more than one reading, and no date_order says which", text)


def _no_steps(_text: str, _rule: FieldRule) -> Iterable[ReadingStep]:
    return ()


def _text_steps(text: str, _rule: FieldRule) -> list[ReadingStep]:
    """Return what folding takes away, one kind of look after the other."""
    steps: list[ReadingStep] = []
    here = text
    for what, change in _FOLDS:
        changed = change(here)
        if changed != here:
            steps.append(ReadingStep(what, changed))
            here = changed
    return steps if here == fold(text) else [ReadingStep("folded", fold(text))]


def _plain(character: str) -> str:
    """Return the plain quote or dash for a typographic one, nothing for one of no width."""
    if character.isalnum() or character.isspace():
        return character
    folded = fold(character)
    return folded if folded in ("'", '"', "-", "") else character


def _compose(text: str) -> str:
    return unicodedata.normalize("NFC", text)


_FOLDS: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    ("accents composed", _compose),
    ("zero-width characters dropped", lambda text: "".join(c for c in text if _plain(c))),
    ("quotes and dashes made plain", lambda text: "".join(map(_plain, text))),
    ("white space folded", lambda text: " ".join(text.split())),
    ("case folded", str.casefold),
    ("accents composed", _compose),
)


def _identifier_steps(text: str, rule: FieldRule) -> Iterator[ReadingStep]:
    steps = _text_steps(text, rule)
    yield from steps
    folded = steps[-1].value if steps else text
    bare = "".join(filter(str.isalnum, folded))
    if bare and bare != folded:
        yield ReadingStep("separators dropped", bare)


_DIGITS: Final = re.compile(r"[\d.,](?:[\d.,'\u00a0\u202f\u2009 ]*\d)?(?:[eE][+-]?\d+)?")


def _number_steps(text: str, rule: FieldRule) -> Iterator[ReadingStep]:
    """Yield what is taken off a number written as text."""
    here = text.strip().replace("\u2212", "-")
    if here.startswith("(") and here.endswith(")"):
        here = f"-{here[1:-1].strip()}"
        yield ReadingStep("parentheses read as minus", here)
    match = _DIGITS.search(here)
    start, end = match.span() if match else (0, len(here))
    sign = "-" if "-" in here[:start] else ""
    around = (here[:start].replace(sign, "").strip(" +"), here[end:].strip())
    number = sign + here[start:end]
    for beside in around:
        if beside:
            yield ReadingStep(_beside(beside, rule), number)
    yield from _digit_steps(number, rule.decimal or ".")


def _beside(text: str, rule: FieldRule) -> str:
    """Say what becomes of what stands beside a number."""
    if text == "%":
        return "percent sign read as hundredths" if rule.percent else "percent sign dropped"
    if len(text) == 1 and unicodedata.category(text) == "Sc":
        return "currency sign dropped"
    if rule.units and text in rule.units:
        return f"counted in {text}, each {shown_value(rule.units[text])}"
    return f"{json.dumps(text, ensure_ascii=False)} dropped"


def _digit_steps(number: str, mark: str) -> Iterator[ReadingStep]:
    whole, point, fraction = number.partition(mark)
    plain = re.sub(r"[^\d+\-eE]", "", whole)
    if plain != whole:
        yield ReadingStep("digit groups dropped", f"{plain}{point}{fraction}")
    if point == ",":
        yield ReadingStep("decimal comma read", f"{plain}.{fraction}")


def _date_steps(text: str, rule: FieldRule) -> Iterator[ReadingStep]:
    """Yield the form a date was written in; the step after it is what it was read as."""
    key = read_date(text, rule.date_order)
    if key is None or shown_value(key) == text:
        return
    if re.search(r"\d[T ]\d\d:", text):
        what = "moment read in UTC" if shown_value(key).endswith("UTC") else "moment read"
    elif any(map(str.isalpha, text)):
        what = "month name read"
    elif rule.date_order is not None:
        what = f"read in the order {rule.date_order}"
    else:
        what = "read: only one order gives a real date"
    yield ReadingStep(what, shown_value(key))


def _enum_steps(text: str, rule: FieldRule) -> Iterator[ReadingStep]:
    steps = _text_steps(text, rule)
    yield from steps
    folded = steps[-1].value if steps else text
    for member, others in (rule.synonyms or {}).items():
        if folded in map(fold, others) and fold(member) != folded:
            yield ReadingStep("synonym replaced", fold(member))
            return


_STEPS: Final[Mapping[str, Callable[[str, FieldRule], Iterable[ReadingStep]]]] = MappingProxyType(
    {
        "text": _text_steps,
        "identifier": _identifier_steps,
        "number": _number_steps,
        "date": _date_steps,
        "enum": _enum_steps,
    }
)
_READ_AS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "number": "read as a number",
        "money": "read as an amount",
        "datetime": "read as a moment",
        "duration": "read as a duration",
        "circular": "read within one turn",
        "set": "read as items in any order, each once",
        "bag": "read as items in any order",
        "boolean": "read as true or false",
    }
)
"""Name of the last step where the steps before it do not explain the whole reading."""
