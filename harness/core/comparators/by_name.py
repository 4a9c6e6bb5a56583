"""Every comparator by its name, and which one a schema suggests.

A comparator reads both sides leniently into keys. Whether the prediction's *format* was right is
the schema's business (`core.schema`), so that a right value in a wrong format can be told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from harness.core.comparators.comparator import (
    Comparator,
    Key,
    as_text,
    finite,
    number_near,
    reach_of,
    same_number,
    search_width,
    text_near,
)
from harness.core.comparators.delimited import bag_comparator, set_comparator
from harness.core.reading.dates import days_apart, read_date, read_offset
from harness.core.reading.durations import Duration, read_duration
from harness.core.reading.moments import DAY_PARTS, Moment, read_moment
from harness.core.reading.money import Money, canonical_amount, read_money
from harness.core.reading.numbers import (
    Measure,
    canonical_number,
    read_measure,
    read_number,
    read_quantity,
)
from harness.core.reading.text import fold, identifier, similar, similarity
from harness.core.reading.units import Beside
from harness.core.rules.field_rule import FieldRule
from harness.core.rules.rule_settings import is_number
from harness.core.schema.patterns import pattern_matcher
from harness.core.schema.validity import Schema, kinds_of, members_of
from harness.core.values import Json

__all__ = [
    "Comparator",
    "Key",
    "as_text",
    "comparator_for",
    "datetime_comparator",
    "duration_comparator",
    "exact_key",
    "money_comparator",
    "suggested",
]


def comparator_for(name: str, rule: FieldRule, schema: Schema) -> Comparator:
    """Return the named comparator with a rule's settings.

    >>> number = comparator_for("number", FieldRule(relative=0.01), {})
    >>> number.same(100, number.read("$100.90"))
    True
    """
    return _MAKERS[name](rule, schema)


def _exact(_rule: FieldRule, _schema: Schema) -> Comparator:
    return Comparator("exact", exact_key, text_near)


def exact_key(value: Json) -> Key:
    """Return a key that only the same JSON value has: `true` is not 1, 5 is 5.0.

    >>> exact_key(True) == exact_key(1), exact_key(5) == exact_key(5.0)
    (False, True)
    """
    if isinstance(value, list | dict):
        return None
    return ("boolean", value) if isinstance(value, bool) else value


def _text(rule: FieldRule, _schema: Schema) -> Comparator:
    measure = rule.similarity or "ratio"

    def read(value: Json) -> Key:
        if isinstance(value, str):
            return fold(value)
        text = as_text(value)
        return None if text is None else fold(text)

    def near(one: Key, other: Key) -> float:
        return similarity(str(one), str(other), measure)

    threshold = rule.threshold
    if threshold is None:
        return Comparator("text", read, near)
    strictly = rule.bound == ">"

    def enough(similarity: float) -> bool:
        return similarity > threshold or (similarity == threshold and not strictly)

    def same(one: Key, other: Key) -> bool:
        return one == other or enough(near(one, other))

    def shortlist(one: str, others: Sequence[str]) -> list[tuple[int, float]]:
        choices = similar(one, others, threshold, measure)
        return [(at, near) for at, near in choices if enough(near) or one == others[at]]

    return Comparator("text", read, near, same, None, shortlist)


def _identifier(_rule: FieldRule, _schema: Schema) -> Comparator:
    def read(value: Json) -> Key:
        text = as_text(value)
        return None if text is None else identifier(text)

    return Comparator("identifier", read, text_near)


def _number(rule: FieldRule, schema: Schema) -> Comparator:
    """Return the comparator of numbers, of texts with units beside them where those are asked for.

    Where the schema takes numbers only, what stands beside a number in a text is dropped if it is
    known: the truth names none.
    """
    decimal, percent, units = rule.decimal or ".", bool(rule.percent), rule.units
    kinds = kinds_of(schema)
    measured = units is None and (not kinds or ("string" in kinds and not _are_numerals(schema)))
    read_text = read_measure if measured else read_number

    def read(value: Json) -> Key:
        number = read_text(value, decimal, percent=percent) if isinstance(value, str) else value
        if isinstance(number, Measure):
            return number
        return canonical_number(number) if is_number(number) else None

    def read_in_units(value: Json) -> Key:
        if isinstance(value, str) and units is not None:
            number = read_quantity(value, units, decimal)
            return None if number is None else canonical_number(number)
        return read(value)

    same, reach = same_number(rule), reach_of(rule)
    if measured:
        return Comparator("number", read, number_near, _same_measure(same), reach or search_width)
    return Comparator("number", read if units is None else read_in_units, number_near, same, reach)


def _same_measure(same: Callable[[Key, Key], bool] | None) -> Callable[[Key, Key], bool]:
    """Return what compares numbers and then what stands beside them."""

    def same_measure(one: Key, other: Key) -> bool:
        first, second = (k.number if isinstance(k, Measure) else k for k in (one, other))
        if first != second and (same is None or not same(first, second)):
            return False
        sides = (k.beside if isinstance(k, Measure) else Beside() for k in (one, other))
        return next(sides).agrees(next(sides))

    return same_measure


def _circular(rule: FieldRule, _schema: Schema) -> Comparator:
    period, decimal = rule.period or FULL_CIRCLE, rule.decimal or "."
    reach = (rule.absolute or 0.0) + period * 1e-9

    def read(value: Json) -> Key:
        number = read_measure(value, decimal) if isinstance(value, str) else value
        if isinstance(number, Measure):
            number = number.number if number.beside == DEGREES else None
        reading = finite(number) if is_number(number) else None
        return None if reading is None else reading % period

    def apart(one: Key, other: Key) -> float:
        a, b = finite(one) or 0.0, finite(other) or 0.0
        return min(abs(a - b), period - abs(a - b))

    def same(one: Key, other: Key) -> bool:
        return apart(one, other) <= reach

    return Comparator("circular", read, lambda a, b: max(0.0, 1 - 2 * apart(a, b) / period), same)


FULL_CIRCLE: Final = 360.0
"""The period of an angle in degrees."""
DEGREES: Final = Beside(unit="\u00b0")
"""What may stand beside an angle: any other unit is on another scale."""


def _date(rule: FieldRule, _schema: Schema) -> Comparator:
    order, days = rule.date_order, rule.days
    size = {"day": 3, "month": 2, "year": 1}.get(rule.precision or "")

    def read(value: Json) -> Key:
        text = as_text(value)
        return None if text is None or isinstance(value, bool) else read_date(text, order)

    def same(one: Key, other: Key) -> bool:
        a, b = _tuple(one), _tuple(other)
        if size is not None and len(a) >= size and len(b) >= size:
            a, b = a[:size], b[:size]
        if a == b:
            return True
        apart = None if days is None else days_apart(a, b)
        return apart is not None and days is not None and apart <= days

    def near(one: Key, other: Key) -> float:
        apart = days_apart(_tuple(one), _tuple(other))
        return 0.0 if apart is None else max(0.0, 1 - apart / (2 * days if days else 366))

    return Comparator("date", read, near, same if size or days else None)


def _tuple(key: Key) -> tuple[int, ...]:
    return key if isinstance(key, tuple) else ()


def _enum(rule: FieldRule, schema: Schema) -> Comparator:
    """Return the comparator of members: one as it is written is itself and no other.

    Other texts stand for a member if a synonym says so, or if case, typography or separators are
    all that keeps them from one, and from one only. Where `1` and `"1"` are both members, they are
    two.
    """
    listed = members_of(schema)
    members = frozenset(text for m in listed if (text := as_text(m)) is not None)
    twofold = members.intersection(m for m in listed if isinstance(m, str)).intersection(
        as_text(m) for m in listed if not isinstance(m, str)
    )
    meant = {
        spelling: member if member in members else _only(members, fold, member)
        for spelling, member in _synonyms(rule.synonyms).items()
    }

    def read(value: Json) -> Key:
        text = as_text(value)
        if text in twofold and not isinstance(value, str):
            return (value.__class__.__name__, text)
        if text is None or text in members:
            return text
        folded = fold(text)
        return meant.get(folded) or _only(members, fold, text)

    return Comparator("enum", read, text_near)


def _only(members: frozenset[str], folding: Callable[[str], str], text: str) -> str:
    """Return the only member that a text can stand for; else the text, folded if it is like none.

    Folded further, to an identifier, where no member is alike.
    """
    folded = folding(text)
    alike = [member for member in members if folding(member) == folded]
    if not alike and folding is fold:
        closer = _only(members, identifier, text)
        return closer if closer in members else folded
    return alike[0] if len(alike) == 1 else text


def _synonyms(synonyms: Mapping[str, tuple[str, ...]] | None) -> dict[str, str]:
    """Map every folded spelling to its member."""
    pairs = (synonyms or {}).items()
    return {fold(s): member for member, others in pairs for s in (member, *others)}


def _boolean(rule: FieldRule, _schema: Schema) -> Comparator:
    synonyms = {spelling: fold(member) for spelling, member in _synonyms(rule.synonyms).items()}

    def read(value: Json) -> Key:
        text = as_text(value) if isinstance(value, bool | str) else None
        folded = "" if text is None else fold(text)
        word = synonyms.get(folded, folded)
        return True if word in _YES else False if word in _NO else None

    return Comparator("boolean", read, lambda _a, _b: 0.0)


_YES_WORDS: Final = (
    "true yes y on ja oui si s\u00ed s\u00ec sim wahr vrai verdadero vero \u2713 \u2714 "
    "\u2611 \u0434\u0430 \u0442\u0430\u043a tak evet igen kyll\u00e4 \u03bd\u03b1\u03b9 "
    "\u05db\u05df \u0646\u0639\u0645 \u0939\u093e\u0901 \u662f \u306f\u3044 \uc608 "
    "\u0628\u0644\u0647 "
)
_NO_WORDS: Final = (
    "false no n off nein non n\u00e3o falsch faux falso \u2717 \u2718 \u2610 "
    "\u043d\u0435\u0442 \u043d\u0456 nie hay\u0131r nem nej nei nee \u03cc\u03c7\u03b9 "
    "\u05dc\u05d0 \u0644\u0627 \u0928\u0939\u0940\u0902 \u5426 \u3044\u3044\u3048 "
    "\uc544\ub2c8\uc694 \uc544\ub2c8\uc624 \u062e\u06cc\u0631 "
)
_YES: Final = frozenset(_YES_WORDS.split())
_NO: Final = frozenset(_NO_WORDS.split())
"""Words of yes and no in some twenty languages.

A cross in a box, 1 and 0 mean this or that: synonyms say which.
"""


def _by_rule(make: Callable[[FieldRule], Comparator]) -> Callable[[FieldRule, Schema], Comparator]:
    return lambda rule, _schema: make(rule)


_MONTH_SECONDS: Final = 2_629_746
"""A twelfth of the mean Gregorian year; only for how near two durations are."""


def duration_comparator(rule: FieldRule) -> Comparator:
    """Return the comparator of durations; tolerances are in seconds, and months agree exactly."""
    reach, decimal = reach_of(rule), rule.decimal or "."

    def read(value: Json) -> Key:
        return read_duration(value, decimal) if isinstance(value, str) else None

    def same(one: Key, other: Key) -> bool:
        a, b = _duration(one), _duration(other)
        apart = abs(a.seconds - b.seconds)
        return a.months == b.months and reach is not None and apart <= reach(float(a.seconds))

    def near(one: Key, other: Key) -> float:
        a, b = (float(d.months * _MONTH_SECONDS + d.seconds) for d in map(_duration, (one, other)))
        return number_near(a, b)

    return Comparator("duration", read, near, None if reach is None else same)


def _duration(key: Key) -> Duration:
    assert isinstance(key, Duration)  # noqa: S101  # keys are what `read` returns
    return key


_SIZES: Final = ("year", "month", "day", "hour", "minute", "second")


def datetime_comparator(rule: FieldRule) -> Comparator:
    """Return the comparator of moments.

    Times with a zone are the same where they are the same moment; a time without one equals only
    another without one, unless the rule's `timezone` says which is meant. `precision` compares
    what is written down to that part: two zones are told apart only by parts of a day.
    """
    offset = None if rule.timezone is None else read_offset(rule.timezone)
    size = None if rule.precision is None else 1 + _SIZES.index(rule.precision)
    days = rule.days
    plain = size is None and days is None

    def read(value: Json) -> Key:
        text = None if isinstance(value, bool) else as_text(value)
        moment = None if text is None else read_moment(text, rule.date_order, offset)
        return moment.moment if moment is not None and plain else moment

    def same(one: Key, other: Key) -> bool:
        a, b = _of(one), _of(other)
        if a.moment == b.moment or (size is not None and _same_to(size, a, b)):
            return True
        apart = None if days is None else days_apart(a.written[:DAY_PARTS], b.written[:DAY_PARTS])
        return apart is not None and days is not None and apart <= days

    def near(one: Key, other: Key) -> float:
        a, b = (_of(key).written[:DAY_PARTS] for key in (one, other))
        apart = days_apart(a, b)
        return 0.0 if apart is None else max(0.0, 1 - apart / (2 * days if days else 366))

    return Comparator("datetime", read, near, None if plain else same)


def _of(key: Key) -> Moment:
    if isinstance(key, Moment):
        return key
    parts = key if isinstance(key, tuple) else ()
    return Moment(parts, parts, None)


def _same_to(size: int, one: Moment, other: Moment) -> bool:
    """Tell whether two moments are the same in their first so many parts."""
    if len(one.written) < size or len(other.written) < size:
        return False
    if size <= DAY_PARTS or one.offset == other.offset:
        return one.written[:size] == other.written[:size]
    zoned = one.offset is not None and other.offset is not None
    return zoned and one.moment[:size] == other.moment[:size]


def money_comparator(rule: FieldRule) -> Comparator:
    """Return the comparator of amounts: the same number of the same currency.

    A sign that several currencies share agrees with each of them, and an amount that names no
    currency only with another that names none, unless the rule says which currency is meant.
    """
    declared = frozenset((rule.currency,)) if rule.currency else frozenset()
    same_amount = same_number(rule)

    def read(value: Json) -> Key:
        if isinstance(value, str):
            money = read_money(value, rule.decimal)
        elif is_number(value) and finite(value) is not None:
            money = Money(canonical_amount(value), frozenset())
        else:
            return None
        if money is None or not declared:
            return money
        meant = not money.currencies or declared <= money.currencies
        return Money(money.amount, declared) if meant else money

    def same(one: Key, other: Key) -> bool:
        a, b = _money(one), _money(other)
        if not _agree(a, b):
            return False
        near_enough = same_amount is not None and same_amount(a.amount, b.amount)
        return a.amount == b.amount or near_enough

    def near(one: Key, other: Key) -> float:
        a, b = _money(one), _money(other)
        return number_near(a.amount, b.amount) if _agree(a, b) else 0.0

    return Comparator("money", read, near, same)


def _money(key: Key) -> Money:
    assert isinstance(key, Money)  # noqa: S101  # keys are what `read` returns
    return key


def _agree(one: Money, other: Money) -> bool:
    return one.currencies == other.currencies or bool(one.currencies & other.currencies)


_MAKERS: Final[Mapping[str, Callable[[FieldRule, Schema], Comparator]]] = MappingProxyType(
    {
        "exact": _exact,
        "text": _text,
        "number": _number,
        "money": _by_rule(money_comparator),
        "date": _date,
        "datetime": _by_rule(datetime_comparator),
        "duration": _by_rule(duration_comparator),
        "enum": _enum,
        "boolean": _boolean,
        "identifier": _identifier,
        "circular": _circular,
        "set": _by_rule(set_comparator),
        "bag": _by_rule(bag_comparator),
    }
)


_BY_FORMAT: Final[Mapping[str, str]] = MappingProxyType(
    {"date": "date", "date-time": "datetime", "duration": "duration"}
)


def suggested(schema: Schema) -> str | None:
    """Return the name of the comparator that a schema suggests; None where it leaves it open.

    >>> suggested({"type": "string", "format": "date"}), suggested({"type": ["string", "number"]})
    ('date', None)
    """
    kinds = {"number" if k == "integer" else k for k in kinds_of(schema) - {"null"}}
    if "enum" in schema or "const" in schema:
        return next(iter(kinds)) if kinds in ({"number"}, {"boolean"}) else "enum"
    if "string" in kinds and kinds <= {"string", "number"} and _are_numerals(schema):
        return "number"
    if kinds == {"string"} and any(suggested(o) != "text" for o in _options(schema)):
        return None
    if kinds == {"string"}:
        return _BY_FORMAT.get(str(schema.get("format")), "text")
    return next(iter(kinds)) if len(kinds) == 1 else None


def _are_numerals(schema: Schema) -> bool:
    """Tell whether every text that a schema takes is a decimal number, as pydantic's Decimal is."""
    texts = [branch for branch in _options(schema) or [schema] if "string" in kinds_of(branch)]
    return bool(texts) and all(_is_numeral(text.get("pattern")) for text in texts)


def _options(schema: Schema) -> list[Schema]:
    """Return the branches of a union."""
    options = schema.get("anyOf")
    return [o for o in options if isinstance(o, dict)] if isinstance(options, list) else []


def _is_numeral(pattern: object) -> bool:
    if not isinstance(pattern, str):
        return False
    matcher = pattern_matcher(pattern)
    return all(map(matcher, _NUMERALS)) and not any(map(matcher, _OTHERS))


_NUMERALS: Final = ("0", "12", "3.25", "-12.5")
_OTHERS: Final = ("", "x", "A-12", "1.2.3", "2024-03-31", "12 kg", "1 2")
