"""One scalar field: how its two values are judged, several accepted readings included."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from harness.core.comparators.by_name import comparator_for
from harness.core.comparators.comparator import Comparator, Key, as_text
from harness.core.outcomes import CORRECT, FORMAT_ERROR, FORMAT_ONLY, WRONG_VALUE
from harness.core.reading.numbers import canonical_floats, canonical_number
from harness.core.reading.text import fold, fold_all, folds_alike
from harness.core.rules.field_rule import FieldRule
from harness.core.values import Json, is_blank

KIND: Final[Mapping[type, str]] = MappingProxyType(
    {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}
)
"""The JSON types that scalars are told apart by: integers and floats are one."""


def json_kind(key: Key) -> object:
    """Return the JSON type a key was read from, where keys of several types can meet."""
    return key[0] if isinstance(key, tuple) else KIND.get(key.__class__)


KEPT_READINGS: Final = 1024
"""How many readings of a field's values are cached: values recur within lists and documents."""
KEPT_LENGTH: Final = 60
"""Longer texts are read anew each time."""

UNREAD: Final = "unread"
"""Marks the key of a value its comparator cannot read: it is the same as its own text only."""


class Loose:
    """The key of a predicted value that breaks its format: right at best once read leniently."""

    __slots__ = ("key", "value")

    def __init__(self, key: Key, value: Json) -> None:
        self.key = key
        self.value = value


class Spare:
    """A predicted cell of a branch that the prediction itself is not: a truth may be of it."""

    __slots__ = ("cell",)

    def __init__(self, cell: Key | Loose | list[Json]) -> None:
        self.cell = cell


Cell: TypeAlias = "Key | Loose | Spare"
Judge: TypeAlias = Callable[[Json, Json], int]
ReadMany: TypeAlias = "Callable[[Sequence[Any]], Sequence[Cell]]"


@dataclass(frozen=True, slots=True)
class Scalar:
    """Comparison of the scalars of one field."""

    name: str
    """The comparator's name; `by type` where the expected value's type chooses it."""
    comparator_of: Callable[[Json], Comparator]
    """The comparator that judges an expected value: one for all, or by its JSON type."""
    judge: Judge
    """From two present scalars to a verdict's code."""
    key: Callable[[Json], Key]
    """Key of a present scalar on either side; None for blank values and containers."""
    cell: Callable[[Json], Cell]
    """Key of a predicted scalar, marked where it breaks the field's format."""
    others: Callable[[Key], Sequence[Key]] | None = None
    """Further keys a predicted key could be meant as, had it another JSON type."""
    turned: Callable[[Key, AbstractSet[object]], Sequence[Key]] | None = None
    """Keys of other JSON types, of those asked for, that an expected key's text can be meant as."""
    same_keys: Callable[[Key, Key], bool] | None = None
    """Tells of two different keys whether they are the same value; None: never."""
    reach: Callable[[float], float] | None = None
    """How far from a number's key the same numbers lie; None where keys are no numbers."""
    read_all: tuple[tuple[type, ReadMany], ...] = ()
    """By JSON type, what reads many scalars at once as `cell` reads each, where that is quicker."""

    @property
    def is_tolerant(self) -> bool:
        """True where a rule lets different values be the same: then sameness is no equivalence."""
        return self.same_keys is not None

    def closeness(self, expected: Json, predicted: Json) -> float:
        """Return how near two present values are, in [0, 1], whether or not they are the same."""
        if isinstance(predicted, (list, dict)) or isinstance(expected, (list, dict)):
            return 0.0
        comparator = self.comparator_of(expected)
        one, other = comparator.read(expected), comparator.read(predicted)
        if one is None or other is None:
            texts = as_text(expected), as_text(predicted)
            return float(None not in texts and len({*map(fold, filter(None, texts))}) == 1)
        return 1.0 if one == other else comparator.near(one, other)


class Readings(dict[Json, Cell]):
    """Readings of scalars of one JSON type: each is read once, long texts each time."""

    __slots__ = ("_read",)

    def __init__(self, read: Callable[[Json], Cell]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, value: Json) -> Cell:
        """Read a scalar that is not known."""
        cell = self._read(value)
        if not isinstance(value, str) or len(value) <= KEPT_LENGTH:
            if len(self) >= KEPT_READINGS:
                self.clear()
            self[value] = cell
        return cell


def key_of(comparator: Comparator) -> Callable[[Json], Key]:
    """Return a comparator's reading of any value: None if blank, marked text if unreadable."""
    if comparator.name == "text":
        return _text_key
    read = comparator.read
    known: dict[str, Key] = {}

    def text_key(value: str) -> Key:
        reading = read(value)
        if reading is None or reading == "":
            folded = fold(value)
            reading = (UNREAD, folded) if folded else None
        if len(value) <= KEPT_LENGTH:
            if len(known) >= KEPT_READINGS:
                known.clear()
            known[value] = reading
        return reading

    def key(value: Json) -> Key:
        if isinstance(value, str):
            return known[value] if value in known else text_key(value)
        if value is None or isinstance(value, (list, dict)):
            return None
        reading = read(value)
        return (UNREAD, as_text(value)) if reading is None else reading

    return key


def _text_key(value: Json) -> Key:
    text = value if isinstance(value, str) else as_text(value)
    if text is None:
        return None
    return fold(text) or (None if is_blank(text) else (UNREAD, text))


def text_keys(texts: Sequence[str]) -> list[Key]:
    """Return the keys of many texts, as `_text_key` reads each.

    >>> text_keys(["Oslo  S", "--", " "])
    ['oslo s', '--', None]
    """
    folded = fold_all(texts)
    if "" not in folded:
        return [*folded]
    return [key or _text_key(text) for key, text in zip(folded, texts, strict=True)]


TEXTS: Final[tuple[type, ReadMany]] = (str, text_keys)
FLOATS: Final[tuple[type, ReadMany]] = (float, canonical_floats)


def _unread(key: Key) -> bool:
    return isinstance(key, tuple) and key[0] == UNREAD


def tolerance_of(comparator: Comparator) -> Callable[[Key, Key], bool] | None:
    """Return what decides on two different keys of a comparator with a tolerance."""
    same = comparator.same
    if same is None:
        return None

    def same_keys(one: Key, other: Key) -> bool:
        if one is None or other is None:
            return False
        return not _unread(one) and not _unread(other) and same(one, other)

    return same_keys


_LEADING_ZERO: Final = re.compile(r"\s*[+\-]?0\d")
"""`007` is a name for something, not the number 7."""


def reading_back(rule: FieldRule) -> Callable[[Json, Json], bool]:
    """Return what tells whether an expected text is the number or truth value predicted instead.

    `"9.00"` and 9.0 are equal whichever of them is expected.
    """
    number = comparator_for("number", rule, {"type": "number"})
    boolean = comparator_for("boolean", rule, {})

    def reads_back(expected: Json, predicted: Json) -> bool:
        if not isinstance(expected, str) or not isinstance(predicted, bool | int | float):
            return False
        if isinstance(predicted, bool):
            return boolean.read(expected) is predicted
        one, other = number.read(expected), number.read(predicted)
        if one is None or _LEADING_ZERO.match(expected):
            return False
        return one == other or (number.same is not None and number.same(one, other))

    return reads_back


_NO_RULE: Final = FieldRule()


def untyped_scalar(rule: FieldRule, own: Comparator | None = None) -> Scalar:
    """Return how scalars are compared where only the expected value tells their type."""
    if own is not None:
        return _one_comparator(own)
    if rule.compare is not None:
        return _one_comparator(comparator_for(rule.compare, rule, {}))
    return _plain() if rule == _NO_RULE else _by_type(rule)


@cache
def _plain() -> Scalar:
    return _by_type(_NO_RULE)


def _one_comparator(comparator: Comparator) -> Scalar:
    """Compare as a rule says; the expected value's JSON type is the right format.

    Keys carry their JSON type.
    """
    plain, same = key_of(comparator), tolerance_of(comparator)

    def judge(expected: Json, predicted: Json) -> int:
        one, other = plain(expected), plain(predicted)
        equal = one == other or (same is not None and same(one, other))
        if KIND[expected.__class__] == KIND.get(predicted.__class__):
            return CORRECT if equal else WRONG_VALUE
        return FORMAT_ONLY if equal else FORMAT_ERROR

    def key(value: Json) -> Key:
        reading = plain(value)
        return None if reading is None else (KIND[value.__class__], reading)

    def others(key: Key) -> Sequence[Key]:
        own, own_key = kind_and_key(key)
        return [(kind, own_key) for kind in ("string", "number", "boolean") if kind != own]

    def same_keys(one: Key, other: Key) -> bool:
        (kind, first), (other_kind, second) = kind_and_key(one), kind_and_key(other)
        return kind == other_kind and same is not None and same(first, second)

    tolerant = same_keys if same is not None else None
    return Scalar(comparator.name, lambda _: comparator, judge, key, key, others, None, tolerant)


def kind_and_key(key: Key) -> tuple[Key, Key]:
    """Return a key's JSON type and what it was read as."""
    if not isinstance(key, tuple):
        raise TypeError(key)
    return key[0], key[1]


def _by_type(rule: FieldRule) -> Scalar:
    """Compare as the expected value's JSON type suggests, which is the right format, too.

    Keys of texts and numbers never meet in Python; those of booleans and of null carry their type.
    """
    names = {"string": "text", "number": "number", "boolean": "boolean", "null": "exact"}
    by_kind = {kind: comparator_for(name, rule, {"type": kind}) for kind, name in names.items()}
    keys = {kind: key_of(comparator) for kind, comparator in by_kind.items()}
    tolerances = {kind: tolerance_of(comparator) for kind, comparator in by_kind.items()}

    def key(value: Json) -> Key:
        kind = KIND.get(value.__class__)
        if kind == "string" or kind == "number":  # noqa: PLR1714  # the hot path
            return keys[kind](value)
        return ("boolean", value) if kind == "boolean" else None

    def same_keys(one: Key, other: Key) -> bool:
        kind = KIND.get(one.__class__)
        same = tolerances[kind] if kind and kind == KIND.get(other.__class__) else None
        return same is not None and same(one, other)

    return Scalar(
        "by type",
        lambda expected: by_kind[KIND[expected.__class__]],
        _judge_by_type(rule, keys, tolerances),
        key,
        key,
        lambda kind_key: _otherwise(kind_key, keys),
        turned_by(rule),
        same_keys if any(tolerances.values()) else None,
        None if tolerances["string"] else by_kind["number"].reach,
        (TEXTS, FLOATS),
    )


def _judge_by_type(
    rule: FieldRule,
    keys: Mapping[str, Callable[[Json], Key]],
    tolerances: Mapping[str, Callable[[Key, Key], bool] | None],
) -> Judge:
    """Return what judges by the expected value's JSON type: texts and numbers in fewer calls."""
    reads_back, exact_texts = reading_back(rule), tolerances["string"] is None
    exact_numbers = rule.absolute is None and rule.relative is None

    def judge(expected: Json, predicted: Json) -> int:
        if exact_texts and isinstance(expected, str) and isinstance(predicted, str):
            return CORRECT if folds_alike(expected, predicted) else WRONG_VALUE
        if exact_numbers and expected.__class__ in _NUMBERS and predicted.__class__ in _NUMBERS:
            value, answer = canonical_number(expected), canonical_number(predicted)  # type: ignore[arg-type]  # numbers
            return CORRECT if value == answer else WRONG_VALUE
        kind = KIND[expected.__class__]
        one, other = keys[kind](expected), keys[kind](predicted)
        same = tolerances[kind]
        equal = one == other or (same is not None and same(one, other))
        if KIND.get(predicted.__class__) == kind:
            return CORRECT if equal else WRONG_VALUE
        return FORMAT_ONLY if equal or reads_back(expected, predicted) else FORMAT_ERROR

    return judge


_NUMBERS: Final = frozenset((int, float))


def turned_by(rule: FieldRule) -> Callable[[Key, AbstractSet[object]], Sequence[Key]]:
    """Return what tells which numbers and truth values an expected text's key can be meant as.

    They are those that `reading_back` finds, as keys; sought are the JSON types asked for only.
    """
    number = comparator_for("number", rule, {"type": "number"})
    boolean = comparator_for("boolean", rule, {})

    def turned(key: Key, kinds: AbstractSet[object]) -> Sequence[Key]:
        if not isinstance(key, str):
            return ()
        value = number.read(key) if "number" in kinds else None
        truth = boolean.read(key) if "boolean" in kinds else None
        read: list[Key] = [] if value is None or _LEADING_ZERO.match(key) else [value]
        return read if truth is None else [*read, ("boolean", truth)]

    return turned


def _otherwise(kind_key: Key, keys: Mapping[str, Callable[[Json], Key]]) -> Sequence[Key]:
    """Return what a predicted key would be, had it another JSON type."""
    value = kind_key[1] if isinstance(kind_key, tuple) else kind_key
    if not isinstance(value, str | int | float):
        return ()
    own = KIND[value.__class__]
    read = {kind: keys[kind](value) for kind in ("string", "number", "boolean") if kind != own}
    return [
        (kind, key) if kind == "boolean" else key
        for kind, key in read.items()
        if key is not None and not _unread(key)
    ]
