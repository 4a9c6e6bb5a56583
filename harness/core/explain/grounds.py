"""Grounds of a verdict in a sentence or two: what made two values the same, or how they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from harness.core.comparators.by_name import Comparator, Key
from harness.core.entities.reference_ids import Link
from harness.core.explain.reading_steps import shown_value
from harness.core.fields.field import ABSENT
from harness.core.fields.scalar import KIND
from harness.core.fields.verdict_ledger import Verdict
from harness.core.outcomes import (
    ABSTENTION,
    ABSTENTION_MEANING,
    CORRECT,
    FORMAT_ERROR,
    FORMAT_ONLY,
    HALLUCINATION,
    OMISSION,
)
from harness.core.reading.dates import days_apart
from harness.core.reading.numbers import SIGNIFICANT_DIGITS
from harness.core.reading.text import fold
from harness.core.rules.field_rule import FieldRule
from harness.core.schema.validity import Schema, check_of
from harness.core.values import Json, json_type

ValuePair: TypeAlias = tuple[Key, Key]
"""What expected and predicted value were read as."""

_LONG: Final = 1e15
"""From here on a number is written with an exponent."""
_CLEAR: Final[Mapping[int, str]] = MappingProxyType(
    {
        OMISSION: "The prediction has nothing here.",
        HALLUCINATION: "The truth has nothing here.",
        ABSTENTION: ABSTENTION_MEANING,
    }
)


def grounds(verdict: Verdict, rule: FieldRule, schema: Schema) -> tuple[str, ...]:
    """Return why a verdict is what it is: about the values first, then about the format.

    >>> from harness.core.differ.plan import Plan
    >>> verdict = Plan().diff("31 Oslo Road", "13 Oslo Road").verdicts[0]
    >>> grounds(verdict, FieldRule(), {})
    ('Left different: "31" against "13".',)
    """
    code, _, _, _, expected, predicted = verdict
    if code in _CLEAR:
        return (_CLEAR[code],)
    if predicted is None or predicted is ABSENT:
        return ("The prediction has another shape here, and this field is not in it.",)
    if isinstance(predicted, list | dict) or isinstance(expected, list | dict):
        return (f"{_a(predicted)} stands where {_a(expected).lower()} is expected.",)
    reason = _about_values(verdict, rule)
    if code not in (FORMAT_ERROR, FORMAT_ONLY):
        return (reason,)
    return reason, *_about_format((expected, predicted), schema)


def _about_values(verdict: Verdict, rule: FieldRule) -> str:
    code, leaf, _, _, expected, predicted = verdict
    right = code in (CORRECT, FORMAT_ONLY)
    if isinstance(expected, Link) or isinstance(predicted, Link):
        return _linked(right=right)
    comparator = leaf.scalar.comparator_of(expected)
    one, other = comparator.read(expected), comparator.read(predicted)
    if expected.__class__ is predicted.__class__ and expected == predicted:
        return "Both values are the same."
    if one is None or other is None:
        return _unread((expected, predicted), (one, other), comparator)
    return _about_keys((one, other), comparator, rule, right=right)


def _about_keys(pair: ValuePair, comparator: Comparator, rule: FieldRule, *, right: bool) -> str:
    """Compare two values as they were read."""
    one, other = pair
    if one == other:
        return f"Both read as {_quoted(one)}."
    if not right:
        return _DIFFERENT.get(comparator.name, _different)(pair, comparator, rule)
    if comparator.same is not None and comparator.same(one, other):
        return _SAME.get(comparator.name, _alike)(pair, comparator, rule)
    return _other_reading(rule, comparator, other)


def _linked(*, right: bool) -> str:
    if right:
        return "Both ids name entities that are matched with each other."
    return "The two ids do not name entities that are matched with each other."


def _unread(values: tuple[Json, Json], keys: ValuePair, comparator: Comparator) -> str:
    """Say which value means nothing to the comparator, and what came of that."""
    lost = [side for side, key in zip(("expected", "predicted"), keys, strict=True) if key is None]
    if len(lost) == 1:
        return f"The {lost[0]} value cannot be read by `{comparator.name}`: they are not the same."
    one, other = (fold(str(value)) for value in values)
    relation = "are the same" if one == other else "differ"
    return f"Neither value can be read by `{comparator.name}`; as texts they {relation}."


def _other_reading(rule: FieldRule, comparator: Comparator, predicted: Key) -> str:
    """Say which of a rule's further readings is the predicted value."""
    keys = [key for key in map(comparator.read, rule.any_of or ()) if key is not None]
    same = comparator.same or (lambda _one, _other: False)
    readings = [_quoted(key) for key in keys if key == predicted or same(key, predicted)]
    accepted = " or ".join(readings) or "another reading"
    return f"The same as {accepted}, which the rule's `any_of` accepts as well."


def _alike(pair: ValuePair, comparator: Comparator, rule: FieldRule) -> str:
    if rule.threshold is None:
        return f"{_against(pair)}: the same to `{comparator.name}`."
    return _similarity(pair, comparator, rule, "reaches")


def _different(pair: ValuePair, comparator: Comparator, rule: FieldRule) -> str:
    if rule.threshold is not None and comparator.same is not None:
        return f"{_similarity(pair, comparator, rule, 'stays under')} {_left(pair)}"
    return _left(pair)


def _similarity(pair: ValuePair, comparator: Comparator, rule: FieldRule, how: str) -> str:
    near, threshold = comparator.near(*pair), rule.threshold or 0.0
    if how != "reaches" and near == threshold:
        how = "does not exceed"
    return f"Similarity {_figure(near, threshold)} {how} the threshold {threshold:g}."


def _figure(value: float, bound: float) -> str:
    """Write a number with enough digits to show on which side of a bound it is.

    >>> _figure(0.87432, 0.8), _figure(0.799999, 0.8)
    ('0.87', '0.799999')
    """
    side = value > bound, value < bound
    texts = (f"{value:.{digits}g}" for digits in (2, 4, 6))
    return next((t for t in texts if (float(t) > bound, float(t) < bound) == side), repr(value))


def _numbers_alike(pair: ValuePair, comparator: Comparator, rule: FieldRule) -> str:
    return _numbers(pair, comparator, rule, "which is within the {} allowed")


def _numbers_different(pair: ValuePair, comparator: Comparator, rule: FieldRule) -> str:
    return _numbers(pair, comparator, rule, "and {} is allowed")


def _numbers(pair: ValuePair, comparator: Comparator, rule: FieldRule, how: str) -> str:
    one, other = (key for key in pair if isinstance(key, int | float))
    try:
        apart = abs(one - other)
        difference = f"{_against(pair)}: they differ by {_plain(apart)}"
        allowed = max(rule.absolute or 0.0, (rule.relative or 0.0) * abs(one))
    except OverflowError:
        return _left(pair)
    if comparator.reach is not None:
        return f"{difference}, {how.format(_plain(allowed))}."
    if float(one).is_integer() and float(other).is_integer():
        return f"{difference}; whole numbers must be equal."
    return f"{difference}; numbers must agree in {SIGNIFICANT_DIGITS} digits."


def _plain(number: float) -> str:
    """Return a number to six digits, whole ones and large ones without an exponent.

    >>> _plain(793837368), _plain(0.30000000000000004), _plain(1234567.8), _plain(1e30)
    ('793837368', '0.3', '1234568', '1e+30')
    """
    text = f"{number:.6g}"
    return f"{number:.0f}" if "e+" in text and abs(number) < _LONG else text


def _dates_alike(pair: ValuePair, _comparator: Comparator, rule: FieldRule) -> str:
    apart = _apart(pair)
    if apart is not None and rule.days is not None and apart <= rule.days:
        return f"{_against(pair)}: {_days(apart)} apart, and {rule.days} are allowed."
    return f"{_against(pair)}: the same to the {rule.precision or 'day'}."


def _dates_different(pair: ValuePair, _comparator: Comparator, rule: FieldRule) -> str:
    apart = _apart(pair)
    if apart is None:
        return f"{_left(pair)} They are given to different precision, or to the month or year only."
    allowed = "" if rule.days is None else f", and {rule.days} are allowed"
    return f"{_left(pair)} They are {_days(apart)} apart{allowed}."


def _apart(pair: ValuePair) -> int | None:
    written = (getattr(key, "written", key) for key in pair)
    one, other = (parts for parts in written if isinstance(parts, tuple))
    return days_apart(one, other)


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"


Telling: TypeAlias = Callable[[ValuePair, Comparator, FieldRule], str]
_SAME: Final[Mapping[str, Telling]] = MappingProxyType(
    {"number": _numbers_alike, "date": _dates_alike, "datetime": _dates_alike}
)
_DIFFERENT: Final[Mapping[str, Telling]] = MappingProxyType(
    {"number": _numbers_different, "date": _dates_different, "datetime": _dates_different}
)


def _against(pair: ValuePair) -> str:
    return f"{_quoted(pair[0])} against {_quoted(pair[1])}"


def _left(pair: ValuePair) -> str:
    """Say what differs between two readings; of texts only the words that do."""
    one, other = pair
    if isinstance(one, str) and isinstance(other, str):
        words = one.split(" "), other.split(" ")
        start = 0
        while start < min(map(len, words)) and words[0][start] == words[1][start]:
            start += 1
        end = 0
        while end < min(map(len, words)) - start and words[0][-1 - end] == words[1][-1 - end]:
            end += 1
        one, other = (" ".join(w[start : len(w) - end]) for w in words)
    return f"Left different: {_quoted(one)} against {_quoted(other)}."


def _quoted(key: Key) -> str:
    if isinstance(key, str):
        return f'"{key}"' if key else "nothing"
    return shown_value(key)


def _about_format(values: tuple[Json, Json], schema: Schema) -> Iterator[str]:
    """Say which words of the schema the predicted value breaks."""
    expected, predicted = values
    words = [f"`{word}: {_short(schema[word])}`" for word in broken_keywords(schema, predicted)]
    if words:
        yield f"The prediction breaks {' and '.join(words)} of the schema."
    elif KIND.get(expected.__class__) != KIND.get(predicted.__class__):
        yield f"{_a(expected)} is expected, and the prediction is {_a(predicted).lower()}."


def broken_keywords(schema: Schema, value: Json) -> tuple[str, ...]:
    """Return the words of a schema that a scalar does not keep to.

    >>> broken_keywords({"type": "string", "format": "date", "minLength": 2}, "31 March 2024")
    ('format',)
    """
    return tuple(word for word in schema if not check_of({word: schema[word]})(value))


_LONGEST: Final = 60


def _short(value: Json) -> str:
    names = " or ".join(map(str, value)) if isinstance(value, list) else str(value)
    return names if len(names) <= _LONGEST else f"{names[:_LONGEST]}\u2026"


def _a(value: Json) -> str:
    """Name a value's JSON type, as a sentence begins."""
    kind = {"integer": "number", "array": "list"}.get(json_type(value), json_type(value))
    return "An object" if kind == "object" else "Null" if kind == "null" else f"A {kind}"
