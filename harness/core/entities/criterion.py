"""Matching criterion: one field that two entities must agree in, and the pairs that do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, Protocol

from harness.core.comparators.comparator import Key
from harness.core.entities.container_shortlist import ContainerShortlist
from harness.core.fields.field import Field, Leaf
from harness.core.fields.scalar import KIND
from harness.core.fields.verdict_ledger import Ledger
from harness.core.outcomes import ABSTENTION, CORRECT, FORMAT_ONLY, HALLUCINATION, OMISSION
from harness.core.values import Json, is_blank, value_at
from harness.errors import HarnessError, Problem

CONTAINER: Final = "container"
"""What a criterion compares where its values are lists or objects."""

REFERENCE: Final = "reference"
"""The comparator of references, which are resolved only when entities are matched."""

_HOLDS: Final[AbstractSet[type]] = frozenset({list, dict})
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
        "_by_kind",
        "_containers",
        "_keys",
        "_known_keys",
        "_leaf",
        "_near",
        "_numbers",
        "_open",
        "_others",
        "_place",
        "_rows",
        "_texts",
        "_unread",
        "_values",
        "_weighed",
        "is_container",
    )

    def __init__(self, collection: EntitySides, name: str) -> None:
        parts = [part.strip() for part in name.split("+")]
        self._place = collection.fields[parts[0]]
        self._leaf = _leaf(self._place)
        expected, predicted = (_joined(side, parts) for side in collection.sides())
        self.is_container = not _HOLDS.isdisjoint(map(type, (*expected, *predicted)))
        """True where values are lists or objects: only few pairs of them are judged."""
        self._containers: ContainerShortlist | None = None
        kind = CONTAINER if self.is_container else self._leaf.scalar.name
        self._unread = collection.is_unread_unknown(name, kind)
        self._open = self._unread or collection.may_be_unknown(name, kind)
        known: dict[object, int | None] = {}
        self._values: list[Json] = []
        """The different values of both sides, and their keys; a value's place is its number."""
        self._numbers = self._numbered(expected, known)
        """The number of each expected entity's value; None where it is blank."""
        self._rows: defaultdict[int, list[int]] = defaultdict(list)
        """By number, the predicted entities with that value; and those that have none."""
        self._blank: list[int] = []
        self._others = self._numbered(predicted, known)
        """The number of each predicted entity's value."""
        for j, number in enumerate(self._others):
            (self._blank if number is None else self._rows[number]).append(j)
        self._keys = [self._leaf.scalar.key(value) for value in self._values]
        texts = {other: k for other in self._rows if isinstance(k := self._keys[other], str)}
        self._texts = list(texts), list(texts.values())
        self._by_kind: dict[str | None, dict[Key, list[int]]] | None = None
        """By JSON type and key, the numbers of predicted values; filled when first asked for."""
        self._known_keys: dict[Key, list[int]] | None = None
        """By key alone; filled when first asked for."""
        self._near: dict[int | None, dict[int, float | None]] = {}
        self._weighed: dict[tuple[int, int], float | None] = {}
        """By number of an expected and a predicted value, how near they are; None: not the same."""

    def is_known_of_all(self, side: int) -> bool:
        """Tell whether all entities of a side say something under this criterion."""
        return None not in (self._others if side else self._numbers)

    def known(self, side: int) -> Iterator[int]:
        """Yield the entities of a side that say something under this criterion."""
        numbers = self._others if side else self._numbers
        return (n for n, number in enumerate(numbers) if number is not None)

    def is_indexed(self) -> bool:
        """Tell whether the values that agree with one are looked up, not judged one by one."""
        scalar = self._leaf.scalar
        return not self.is_container and (
            scalar.same_keys is None
            or any(scalar.comparator_of(value).shortlist for value in self._values)
        )

    def _numbered(
        self, values: Sequence[Json], known: dict[object, int | None]
    ) -> list[int | None]:
        """Return the number of each value, None for a blank one; equal ones of a type share it."""
        numbers: list[int | None] = []
        for n, value in enumerate(values):
            typed = value.__class__, n if isinstance(value, (list, dict)) else value
            if typed not in known or typed[0] in _HOLDS:
                is_none = is_blank(value) or (self._unread and self._is_unread(value))
                known[typed] = None if is_none else len(self._values)
                self._values += [] if is_none else [value]
            numbers.append(known[typed])
        return numbers

    def _is_unread(self, value: Json) -> bool:
        """Tell whether a date stands here that cannot be read."""
        scalar = self._leaf.scalar
        return isinstance(value, str) and scalar.comparator_of(value).read(value) is None

    def near(self, expected: int) -> dict[int, float | None]:
        """Return the predicted entities that agree with an expected one, and how nearly.

        None stands for a value that one side leaves open.
        """
        one = self._numbers[expected]
        near = self._near.get(one)
        if near is None:
            near = self._near[one] = dict.fromkeys(self._open_to(one))
            for other, closeness in () if one is None else self._same(one):
                near |= dict.fromkeys(self._rows[other], closeness)
        return near

    def _open_to(self, one: int | None) -> Iterable[int]:
        """Return the predicted entities that agree with a value because one of the two is open."""
        if one is None:
            return range(len(self._others)) if self._open else self._blank
        return self._blank if self._open else ()

    def near_among(self, expected: int, predicted: Iterable[int]) -> dict[int, float | None]:
        """Return those of some predicted entities that agree, as `near` does of all."""
        one = self._numbers[expected]
        near: dict[int, float | None] = {}
        for j in predicted:
            other = self._others[j]
            if one is None or other is None:
                if one is other or self._open:
                    near[j] = None
                continue
            pair = one, other
            if pair not in self._weighed:
                self._weighed[pair] = self._nearness(one, other)
            closeness = self._weighed[pair]
            if closeness is not None:
                near[j] = closeness
        return near

    def _nearness(self, one: int, other: int) -> float | None:
        """Return how near two values are; None where they are not the same."""
        value, predicted, scalar = self._values[one], self._values[other], self._leaf.scalar
        if self.is_container:
            return 1.0 if self._judged_same(value, predicted) else None
        if scalar.others is not None:
            same = self._judged_same(value, predicted)
        else:
            same = self._same_keys(self._keys[one], self._keys[other])
        return scalar.closeness(value, predicted) if same else None

    def _same_keys(self, key: Key, other: Key) -> bool:
        alike = self._leaf.scalar.same_keys
        if key is None or other is None:
            return False
        return key == other or (alike is not None and alike(key, other))

    def shortlist(self, expected: int) -> Collection[int]:
        """Return the predicted entities that may agree with an expected one in a container."""
        one, every = self._numbers[expected], range(len(self._others))
        if one is None:
            return every if self._open else self._blank
        if self._containers is None:
            sides = [
                {n: number for n, number in enumerate(numbers) if number is not None}
                for numbers in (self._numbers, self._others)
            ]
            values = ({n: self._values[number] for n, number in side.items()} for side in sides)
            self._containers = ContainerShortlist(self._place, *values)
        candidates = self._containers.of(expected)
        return every if candidates is None else (*candidates, *(self._blank if self._open else ()))

    def _same(self, one: int) -> Iterator[tuple[int, float]]:
        """Yield the predicted values that are the same as an expected one, and how near."""
        scalar, value, key = self._leaf.scalar, self._values[one], self._keys[one]
        if scalar.others is not None:
            for other in self._worth_judging(value, key):
                if self._judged_same(value, self._values[other]):
                    yield other, scalar.closeness(value, self._values[other])
            return
        shortlist = scalar.comparator_of(value).shortlist
        if shortlist is not None and isinstance(key, str):
            numbers, texts = self._texts
            for at, closeness in shortlist(key, texts):
                yield numbers[at], 1.0 if texts[at] == key else closeness
            return
        if key is None:
            return
        if scalar.same_keys is None:
            same: Iterable[int] = self._by_key().get(key, ())
        else:
            same = (other for other in self._rows if self._same_keys(key, self._keys[other]))
        yield from ((other, scalar.closeness(value, self._values[other])) for other in same)

    def _by_key(self) -> dict[Key, list[int]]:
        """Return the numbers of predicted values by their keys."""
        if self._known_keys is None:
            self._known_keys = {}
            for other in self._rows:
                self._known_keys.setdefault(self._keys[other], []).append(other)
        return self._known_keys

    def _worth_judging(self, value: Json, key: Key) -> Iterable[int]:
        """Return the predicted values that may be the same as an expected one of any type.

        Without a tolerance, values of one JSON type are the same only where their keys are.
        """
        if key is None or self._leaf.scalar.same_keys is not None:
            return self._rows
        if self._by_kind is None:
            self._by_kind = {}
            for other in self._rows:
                kind = KIND.get(self._values[other].__class__)
                by_key = self._by_kind.setdefault(kind, {})
                by_key.setdefault(self._keys[other], []).append(other)
        own = KIND.get(value.__class__)
        further = (by_key for kind, by_key in self._by_kind.items() if kind != own)
        return (
            *self._by_kind.get(own, {}).get(key, ()),
            *(other for by_key in further for some in by_key.values() for other in some),
        )

    def _judged_same(self, value: Json, other: Json) -> bool:
        """Tell whether two values are the same, if need be once read leniently.

        Two containers are if all their leaves are; references in them are not resolved yet.
        """
        if not isinstance(value, (list, dict)) and not isinstance(other, (list, dict)):
            return self._leaf.scalar.judge(value, other) in _SAME
        return judged_same(self._place, value, other, unresolved=True)


def judged_same(place: Field, value: Json, other: Json, *, unresolved: bool = False) -> bool:
    """Tell whether all leaves of two containers are the same.

    A reference that one side leaves out matches any, and `unresolved` ones match each other.
    """
    ledger = Ledger()
    place.diff(value, other, (), (), ledger)
    return all(
        code in _SAME
        or (leaf.scalar.name == REFERENCE and (unresolved or code in (OMISSION, HALLUCINATION)))
        for code, leaf, *_ in ledger.verdicts
    )


def _leaf(place: Field) -> Leaf:
    """Return the scalar that stands at a place, or for the container that stands there."""
    within = getattr(place, "field", place)  # of a scope of entities
    inner = getattr(within, "listed", within) if hasattr(within, "entries") else within  # of a map
    leaf = getattr(inner, "leaf", getattr(inner, "own", inner))
    if not isinstance(leaf, Leaf):
        name = place.path.name
        what = f"{name} is never compared, and `match` names it: entities must agree in it"
        hint = "ids are local names, and ignored fields are left out: name other fields"
        raise HarnessError(Problem(what, "bad-rule", hint=hint))
    return leaf


def _joined(items: Sequence[Json], parts: Sequence[str]) -> list[Json]:
    """Return each item's value of a criterion: one field, or several texts with a space between."""
    if len(parts) == 1:
        return [value_at(item, parts[0]) for item in items]
    columns = [[value_at(item, part) for item in items] for part in parts]
    return [
        " ".join([str(value) for value in row if not is_blank(value)])
        for row in zip(*columns, strict=True)
    ]
