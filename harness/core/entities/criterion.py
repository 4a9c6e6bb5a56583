"""One thing that two entities must agree in, and who agrees with whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from harness.core.fields.field import Field, Leaf
from harness.core.fields.verdict_ledger import Ledger
from harness.core.outcomes import ABSTENTION, CORRECT, FORMAT_ONLY
from harness.core.values import Json, is_blank, value_at

CONTAINER: Final = "container"
"""What a criterion compares where its values are lists or objects."""

REFERENCE: Final = "reference"
"""The comparator of references, which are resolved only when entities are matched."""

_SAME: Final = (CORRECT, FORMAT_ONLY, ABSTENTION)


class EntitySides(Protocol):
    """Two lists of entities, as far as a criterion has to know them."""

    @property
    def fields(self) -> Mapping[str, Field]:
        """By name, the fields that criteria speak of."""
        ...

    def sides(self) -> tuple[Sequence[Json], Sequence[Json]]:
        """Return the entities of the truth and of the prediction."""
        ...

    def may_be_unknown(self, name: str, comparator: str) -> bool:
        """Tell whether a field that is absent on one side matches any value on the other."""
        ...

    def is_unread_unknown(self, name: str, comparator: str) -> bool:
        """Tell whether a date that cannot be read counts as absent."""
        ...


class Criterion:
    """Compares every two different values once, however many entities have them."""

    __slots__ = (
        "_blank",
        "_keys",
        "_leaf",
        "_near",
        "_numbers",
        "_open",
        "_place",
        "_rows",
        "_texts",
        "_unread",
        "_values",
    )

    def __init__(self, collection: EntitySides, name: str) -> None:
        parts = [part.strip() for part in name.split("+")]
        self._place = collection.fields[parts[0]]
        self._leaf = _leaf(self._place)
        expected, predicted = collection.sides()
        holds = any(
            isinstance(_joined(item, parts), (list, dict)) for item in (*expected, *predicted)
        )
        kind = CONTAINER if holds else self._leaf.scalar.name
        self._unread = collection.is_unread_unknown(name, kind)
        self._open = self._unread or collection.may_be_unknown(name, kind)
        known: dict[object, int] = {}
        self._values: list[Json] = []
        """The different values of both sides, and their keys; a value's place is its number."""
        self._numbers = [self._number(_joined(item, parts), known) for item in expected]
        """The number of each expected entity's value; None where it is blank."""
        self._rows: defaultdict[int, list[int]] = defaultdict(list)
        """By number, the predicted entities with that value; and those that have none."""
        self._blank: list[int] = []
        for j, item in enumerate(predicted):
            number = self._number(_joined(item, parts), known)
            (self._blank if number is None else self._rows[number]).append(j)
        self._keys = [self._leaf.scalar.key(value) for value in self._values]
        texts = {other: k for other in self._rows if isinstance(k := self._keys[other], str)}
        self._texts = list(texts), list(texts.values())
        self._near: dict[int | None, dict[int, float | None]] = {}

    def _number(self, value: Json, known: dict[object, int]) -> int | None:
        if is_blank(value) or (self._unread and self._is_unread(value)):
            return None
        fresh = len(self._values)
        containers = isinstance(value, (list, dict))
        number = fresh if containers else known.setdefault((value.__class__, value), fresh)
        if number == fresh:
            self._values.append(value)
        return number

    def _is_unread(self, value: Json) -> bool:
        """Tell whether a date stands here that cannot be read."""
        scalar = self._leaf.scalar
        return isinstance(value, str) and scalar.comparator_of(value).read(value) is None

    def near(self, expected: int) -> dict[int, float | None]:
        """Return the predicted entities that agree with an expected one, and how nearly.

        None stands for a value that one side leaves open.
        """
        one = self._numbers[expected]
        found = self._near.get(one)
        if found is None:
            found = self._near[one] = dict(self._agreeing(one))
        return found

    def _agreeing(self, one: int | None) -> Iterator[tuple[int, float | None]]:
        if one is None or self._open:
            yield from ((j, None) for j in self._blank)
        if one is not None:
            for other, closeness in self._same(one):
                yield from ((j, closeness) for j in self._rows[other])
        elif self._open:
            yield from ((j, None) for rows in self._rows.values() for j in rows)

    def _same(self, one: int) -> Iterator[tuple[int, float]]:
        """Yield the predicted values that are the same as an expected one, and how near."""
        scalar, value, key = self._leaf.scalar, self._values[one], self._keys[one]
        if scalar.others is not None:
            for other in self._rows:
                if self._judged_same(value, self._values[other]):
                    yield other, scalar.closeness(value, self._values[other])
            return
        shortlist = scalar.comparator_of(value).shortlist
        if shortlist is not None and isinstance(key, str):
            numbers, texts = self._texts
            for at, closeness in shortlist(key, texts):
                yield numbers[at], 1.0 if texts[at] == key else closeness
            return
        alike = scalar.same_keys
        for other in self._rows:
            right = self._keys[other]
            if key is not None and (
                key == right or (right is not None and alike is not None and alike(key, right))
            ):
                yield other, scalar.closeness(value, self._values[other])

    def _judged_same(self, value: Json, other: Json) -> bool:
        """Tell whether two values are the same, if need be once read leniently.

        Two containers are if all their leaves are; references in them are not resolved yet.
        """
        if not isinstance(value, (list, dict)) and not isinstance(other, (list, dict)):
            return self._leaf.scalar.judge(value, other) in _SAME
        ledger = Ledger()
        self._place.diff(value, other, (), (), ledger)
        return all(
            code in _SAME or judged.scalar.name == REFERENCE for code, judged, *_ in ledger.verdicts
        )


def _leaf(place: Field) -> Leaf:
    """Return the scalar that stands at a place, or for the container that stands there."""
    found = getattr(place, "leaf", getattr(place, "own", place))
    if not isinstance(found, Leaf):
        raise TypeError(place.path.name)
    return found


def _joined(item: Json, parts: Sequence[str]) -> Json:
    """Return a criterion's value: one field, or several texts with a space between."""
    if len(parts) == 1:
        return value_at(item, parts[0])
    texts = [str(v) for part in parts if not is_blank(v := value_at(item, part))]
    return " ".join(texts)
