"""Entity collection: two lists of entities, and the pairs that agree in all criteria."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from collections.abc import Collection as Some
from collections.abc import Set as AbstractSet
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from harness.core.comparators.comparator import as_text
from harness.core.entities.criterion import CONTAINER, REFERENCE, Criterion, judged_same
from harness.core.entities.nearest_namesakes import MOST_NEAREST
from harness.core.fields.field import EXPECTED, PREDICTED, Field, has_leaf
from harness.core.rules.field_rule import FieldRule
from harness.core.rules.rule_settings import UNREADABLE
from harness.core.values import Json, is_blank, value_at

LIKENESS_STEPS: Final = 1_000_000
"""Similarities are weighed in whole steps, so that equal scores are equal on every machine."""

EntityPair: TypeAlias = tuple[int, int]
"""Index of an entity in the truth and of one in the prediction."""

_OPEN_ENDED: Final = ("date", "datetime", REFERENCE, CONTAINER)
"""Comparators whose value may be unknown: absent on one side, it matches any, unless told."""


@dataclass(frozen=True, slots=True)
class Inner:
    """References that stand inside of criteria, by the field they stand at."""

    targets: Mapping[str, str]
    """The collection each refers to."""
    criteria: Mapping[str, str]
    """The criterion each stands in."""
    ids: tuple[Sequence[Mapping[str, Sequence[str]]], Sequence[Mapping[str, Sequence[str]]]]
    """By side, entity and field, the ids that are named there."""
    linked: Callable[[str, Json, int, LinkOf], Json]
    """From criterion, value and side to the value with its references resolved."""


Nearest: TypeAlias = Callable[[Sequence[Some[int]]], Sequence[Some[int]]]
"""From who may be which expected entity to the same, or to the nearest where they are too many."""

TypedScalar: TypeAlias = tuple[type, Json]
"""A scalar with its type, since 1 is not true."""

LinkOf: TypeAlias = Callable[[str, Json, int], Json]
"""From collection, id and side to what stands for a reference, the same for matched entities."""


@dataclass(slots=True)
class Collection:
    """Two lists of entities and how they are matched."""

    rule: FieldRule
    fields: Mapping[str, Field]
    """By name, the fields of an item that the rule's `match` speaks of."""
    targets: Mapping[str, str]
    """By name, the collections that those of them refer to that are references."""
    expected: Sequence[Json]
    predicted: Sequence[Json]
    structure: Mapping[str, str]
    """By name, the collections that other fields refer to: no criterion, yet they tell namesakes
    apart."""
    inner: Inner
    """The references inside of criteria that are lists or objects."""
    bare: Callable[[Json], Json]
    """From an entity to the same without any reference."""
    place: Callable[[str], Field]
    """From a name to the field of an item."""
    is_mirrored: bool = field(init=False, default=False)
    """True where the prediction is the first side, the truth the second."""
    judged: dict[tuple[str, TypedScalar, TypedScalar], bool] = field(
        init=False, default_factory=dict
    )
    """By field, whether its rule calls two scalars the same."""
    _contents: list[Sequence[str] | None] = field(init=False)
    ids: tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]] = field(init=False)
    """By side: from an id, as text, to the index of who bears it; several until one is chosen."""

    def __post_init__(self) -> None:
        self.targets = {**self.targets, **self.inner.targets}
        self._contents = [None, None]
        self.ids = {}, {}
        for ids, side in zip(self.ids, self.sides(), strict=True):
            for index, item in enumerate(side):
                own = value_at(item, self.rule.id or "id")
                if not is_blank(own):
                    name = id_text(own)
                    ids[name] = (*ids[name], index) if name in ids else (index,)

    def mirrored(self) -> Collection:
        """Return the same with its sides changed over, for who matches from the other side."""
        other = copy(self)
        other.expected, other.predicted = self.predicted, self.expected
        other.ids = self.ids[1], self.ids[0]
        other.inner = replace(self.inner, ids=(self.inner.ids[1], self.inner.ids[0]))
        other._contents = self._contents[::-1]  # noqa: SLF001  # a copy of its own
        other.is_mirrored = not self.is_mirrored
        return other

    def contents(self, side: int) -> Sequence[str]:
        """Return what each entity says but for ids and references, lists in no order."""
        known = self._contents[side]
        if known is None:
            known = [self.content(side, index) for index in range(len(self.sides()[side]))]
            self._contents[side] = known
        return known

    def content(self, side: int, index: int) -> str:
        """Return what one entity says."""
        bare = self.bare(self.sides()[side][index])
        own = self.rule.id or "id"
        plain = {k: v for k, v in bare.items() if k != own} if isinstance(bare, dict) else bare
        return _unordered(plain)

    def sides(self) -> tuple[Sequence[Json], Sequence[Json]]:
        """Return the entities of the truth and of the prediction."""
        return self.expected, self.predicted

    def may_be_unknown(self, name: str, comparator: str) -> bool:
        """Tell whether a field that is absent on one side matches any value on the other."""
        if self.rule.unknown is None or isinstance(self.rule.unknown, str):
            return comparator in _OPEN_ENDED
        return self.inner.criteria.get(name, name) in self.rule.unknown

    def is_unread_unknown(self, name: str, comparator: str) -> bool:
        """Tell whether a date that cannot be read counts as absent: `unknown: unreadable`.

        TypedScalar of all dates of the collection, or of one, by its own rule.
        """
        own = getattr(getattr(self.fields.get(name), "leaf", self.fields.get(name)), "rule", None)
        settings = (self.rule.unknown, own.unknown if isinstance(own, FieldRule) else None)
        return comparator in ("date", "datetime") and UNREADABLE in settings

    def calls_same(self, name: str, one: TypedScalar, other: TypedScalar) -> bool:
        """Tell whether a field's own rule calls two scalars the same, one of each side."""
        if self.is_mirrored:
            one, other = other, one
        known = self.judged.get((name, one, other))
        if known is None:
            known = judged_same(self.place(name), one[1], other[1])
            self.judged[name, one, other] = known
        return known

    def calls_alike(self, name: str, one: Json, other: Json) -> bool:
        """Tell whether a criterion calls two lists or objects the same, one of each side."""
        both = (other, one) if self.is_mirrored else (one, other)
        return judged_same(self.fields[name], *both)

    def references(self) -> list[str]:
        """Return the criteria that are references."""
        return [*(n for n in self.rule.match or () if n in self.targets), *self.inner.targets]

    def ids_at(self, side: int, name: str) -> list[Sequence[str]]:
        """Return the ids that each entity names in one of its fields, or inside of one."""
        if name in self.inner.targets:
            return [held.get(name, ()) for held in self.inner.ids[side]]
        return [reference_ids(value_at(entity, name)) for entity in self.sides()[side]]

    def candidates(self, nearest: Nearest) -> dict[EntityPair, int]:
        """Return the pairs that agree in every criterion but references, and how alike they are.

        What is left out matches any value, but an entity that leaves out everything is none that
        says something: silence would be paired with every truth. `nearest` leaves some pairs where
        they are too many.
        """
        names = [name for name in self.rule.match or () if name not in self.targets]
        criteria = [Criterion(self, name) for name in names]
        weights = [(self.rule.match or {})[name] for name in names]
        plain = [one for one in criteria if not one.is_container]
        searched = [one for one in plain if one.is_indexed()] or plain
        weighed = [one for one in plain if one not in searched]
        weighed += [one for one in criteria if one.is_container]
        speaking, answering = (self._speaking(side, criteria) for side in (EXPECTED, PREDICTED))
        worths: dict[tuple[float | None, ...], int] = {}
        pairs: dict[EntityPair, int] = {}
        agreeing = self._agreeing(searched, weighed)
        for i, some in enumerate(nearest(agreeing)):
            near = {one: one.near(i) for one in searched}
            both: Iterable[int] = some
            if len(some) < len(agreeing[i]):
                both = sorted({*some, *_known(near.values()).intersection(agreeing[i])})
            for one in weighed:
                both = near[one] = one.near_among(i, both)
            by_criterion = [near[one] for one in criteria]
            for j in both:
                if (i in speaking) != (j in answering):
                    continue
                alike = tuple([closeness[j] for closeness in by_criterion])
                worth = worths.get(alike)
                if worth is None:
                    worth = worths[alike] = _worth(alike, weights)
                pairs[i, j] = worth
        return pairs

    def _speaking(self, side: int, criteria: Sequence[Criterion]) -> Container[int]:
        """Return the entities of a side that say something under a criterion."""
        if any(one.is_known_of_all(side) for one in criteria):
            return range(len(self.sides()[side]))
        speaking = {n for one in criteria for n in one.known(side)}
        for name in (name for name in self.rule.match or () if name in self.targets):
            speaking.update(n for n, ids in enumerate(self.ids_at(side, name)) if ids)
        return speaking

    def _agreeing(
        self, searched: Sequence[Criterion], weighed: Sequence[Criterion]
    ) -> list[Some[int]]:
        """Return by expected entity who agrees in all criteria that are looked up."""
        if not searched:
            every = range(len(self.predicted))
            return [
                weighed[0].shortlist(i) if weighed else every for i in range(len(self.expected))
            ]
        shared: dict[tuple[int, ...], Sequence[int]] = {}
        """By the places where values that agree are kept."""
        agreeing: list[Some[int]] = []
        for i in range(len(self.expected)):
            near = [one.near(i) for one in searched]
            known = tuple(map(id, near))
            if known not in shared:
                shared[known] = _in_all(near)
            agreeing.append(shared[known])
        return agreeing


def _unordered(value: Json) -> str:
    """Return a value as a text that is the same for any order of keys and items."""
    if isinstance(value, dict):
        return f"{{{','.join(sorted(f'{key!r}:{_unordered(v)}' for key, v in value.items()))}}}"
    if isinstance(value, list):
        return f"[{','.join(sorted(map(_unordered, value)))}]"
    return repr(value)


def _in_all(near: Sequence[Mapping[int, object]]) -> list[int]:
    """Return the predicted entities that agree in all criteria, in order."""
    first, *rest = (one.keys() for one in near)
    both: AbstractSet[int] = first
    for other in rest:
        both = both & other
    return sorted(both)


def _known(near: Iterable[Mapping[int, float | None]]) -> set[int]:
    """Return who agrees with an entity by what both say in one criterion, where these are few."""
    some: set[int] = set()
    for one in near:
        others = [j for j, closeness in one.items() if closeness is not None]
        some.update(others if len(others) <= MOST_NEAREST else ())
    return some


def _worth(near: Sequence[float | None], weights: Sequence[float]) -> int:
    """Return how alike two entities are, in steps; what nothing is known of has no say.

    Where nothing is known of anything that has a weight, they are less alike than those that agree.
    """
    total = weighed = 0.0
    for closeness, weight in zip(near, weights, strict=True):
        if closeness is not None:
            total += weight * closeness
            weighed += weight
    if not weighed:
        return 0 if any(weights) else LIKENESS_STEPS
    return round(LIKENESS_STEPS * total / weighed)


def shared_values(
    one: Mapping[str, object],
    other: Mapping[str, object],
    same: Callable[[str, TypedScalar, TypedScalar], bool],
) -> int:
    """Count the keys under which two entities say the same, as `plain_values` has them.

    `same` judges two values of a key that differ.

    >>> sides = {"a": (int, 2), "b": (str, "x")}, {"a": (int, 2), "b": (str, "X")}
    >>> shared_values(*sides, lambda _key, _one, _other: False)
    1
    """
    shared = 0
    for key in one.keys() & other.keys():
        left, right = one[key], other[key]
        both = isinstance(left, tuple) and isinstance(right, tuple)
        shared += left == right or (both and same(key, left, right))  # type: ignore[arg-type]  # of that shape
    return shared


def plain_values(entity: Json, but: Container[str]) -> dict[str, object]:
    """Return what an entity says by key, in a form that is equal for equal values.

    Blank values are left out, lists are in no order.

    >>> plain_values({"id": 1, "a": 2, "b": ["x", "y"], "c": None}, ["id"]).keys()
    dict_keys(['a', 'b'])
    """
    named = entity if isinstance(entity, dict) else {}
    return {
        key: _unordered(value) if isinstance(value, (list, dict)) else (value.__class__, value)
        for key, value in named.items()
        if key not in but and has_leaf(value)
    }


def reference_ids(value: Json) -> list[str]:
    """Return the ids that a reference, or a list of references, names.

    >>> reference_ids([2, None, "b"]), reference_ids("b")
    (['2', 'b'], ['b'])
    """
    several = value if isinstance(value, list) else [value]
    return [id_text(one) for one in several if not is_blank(one)]


def id_text(value: Json) -> str:
    """Return an id as it is looked up: 2, 2.0 and "2" are one name.

    >>> id_text(2), id_text(2.0), id_text("2")
    ('2', '2', '2')
    """
    return value if value.__class__ is str else as_text(value) or str(value)
