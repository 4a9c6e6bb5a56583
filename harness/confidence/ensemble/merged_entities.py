"""Merged entities: resolve references while answers are merged, and name the merged entities.

Ids are local names. A vote for a reference is a vote for the entity of the merged answer that the
member's own entity is paired with; ids are written down only once all votes are in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from harness.core.differ.plan import Plan
from harness.core.entities.collection import id_text
from harness.core.fields.field import Leaf
from harness.core.fields.verdict_ledger import JudgedField
from harness.core.rules.field_rule import Rules
from harness.core.values import INDEX, KEY, FieldPath, Json, is_blank, show_key, value_at_path


@dataclass(frozen=True, slots=True)
class EntityVote:
    """Vote where a reference stands: for an entity of the merged answer, by its place."""

    place: FieldPath

    @property
    def is_entry(self) -> bool:
        """True for an entry of a map, which goes by its key."""
        return isinstance(self.place[-1], str)


@dataclass(frozen=True, slots=True)
class NamedEntity:
    """The entity of an answer that a reference in it names."""

    place: FieldPath
    steps: tuple[str | int, ...]
    """The same with holes for indexes and for keys of maps."""
    key: str
    """The property that holds its id; of a map, nothing reads it."""


class MemberEntities:
    """Places of the entities of one answer, by their ids."""

    def __init__(self, plan: Plan, value: Json) -> None:
        self._plan = plan
        self._value = value
        self._known: dict[FieldPath, dict[str, int]] = {}

    def referred(self, leaf: JudgedField, place: FieldPath, named: Json) -> NamedEntity | None:
        """Return the entity that a reference names; None where it names nobody.

        Ids mean something inside the object that holds the collection: the innermost one counts.
        """
        target = leaf.rule.refers_to if isinstance(leaf, Leaf) else None
        if target is None:
            return None
        for size in range(len(place) - 1, -1, -1):
            held, steps = (*place[:size], target), (*leaf.path.steps[:size], target)
            key, entities = id_key(self._plan, steps), value_at_path(self._value, held)
            if key is not None and isinstance(entities, list):
                index = self._ids(held, key).get(id_text(named))
                return None if index is None else NamedEntity((*held, index), (*steps, INDEX), key)
            if key is not None and isinstance(entities, dict):
                own = id_text(named)
                return NamedEntity((*held, own), (*steps, KEY), key) if own in entities else None
        return None

    def id_at(self, place: FieldPath, key: str) -> Json:
        """Return the id that an entity of this answer has; None for one without."""
        return value_at_path(self._value, (*place, key))

    def _ids(self, place: FieldPath, key: str) -> dict[str, int]:
        if place not in self._known:
            ids = self._known[place] = {}
            items = value_at_path(self._value, place)
            for index, item in enumerate(items if isinstance(items, list) else ()):
                own = item.get(key) if isinstance(item, dict) else None
                if not is_blank(own):
                    ids.setdefault(id_text(own), index)
        return self._known[place]


def id_key(plan: Plan, steps: tuple[str | int, ...]) -> str | None:
    """Return the property that holds the ids of a list's items; None for lists of no entities.

    `steps` lead to the list, with holes for indexes.
    """
    if not plan.collections:
        return None
    rule = plan.collections.get(_name(steps))
    return None if rule is None else rule.id or "id"


def entity_lists(
    plan: Plan, leaf: JudgedField, place: FieldPath
) -> Iterator[tuple[FieldPath, str]]:
    """Yield the entity collections around a place, each with the property that holds ids."""
    if plan.collections:
        steps = leaf.path.steps
        for size, step in enumerate(place):
            if isinstance(step, int):
                key = id_key(plan, steps[:size])
                if key is not None:
                    yield place[:size], key


def _name(steps: tuple[str | int, ...]) -> str:
    parts = (
        show_key(step) if isinstance(step, str) else "[]" if step == INDEX else "{}"
        for step in steps
    )
    return "".join(parts).removeprefix(".")


class EntityNames:
    """The ids of merged entities: the first member's own, and new ones that nobody has yet."""

    def __init__(self) -> None:
        self._ids: dict[FieldPath, Json] = {}
        self._taken: set[str] = set()
        self._highest = 0

    def give(self, place: FieldPath, wanted: Json) -> Json:
        """Return an entity's id, which is as wanted where nobody else is called so."""
        if place not in self._ids:
            given = 1 if is_blank(wanted) else wanted
            self._ids[place] = given if id_text(given) not in self._taken else self._next(given)
            self._enter(self._ids[place])
        return self._ids[place]

    def keep(self, place: FieldPath, own: Json) -> None:
        """Enter an entity that keeps its id, whoever else in another object is called so."""
        self._ids.setdefault(place, own)
        self._enter(own)

    def __contains__(self, place: FieldPath) -> bool:
        """Tell whether the entity at a place has an id."""
        return place in self._ids

    def of(self, place: FieldPath) -> Json:
        """Return the id of an entity that has one."""
        return self._ids[place]

    def places(self) -> Iterator[FieldPath]:
        """Yield the places of entities that have an id."""
        yield from self._ids

    def _enter(self, given: Json) -> None:
        self._taken.add(id_text(given))
        if isinstance(given, int):
            self._highest = max(self._highest, given)

    def _next(self, wanted: Json) -> Json:
        if isinstance(wanted, int):
            return self._highest + 1
        number = 2
        while f"{wanted}_{number}" in self._taken:
            number += 1
        return f"{wanted}_{number}"


def without_reference_criteria(rules: Rules, within: Rules) -> Rules:
    """Return rules by which entities are the same whatever is said of their relations.

    A wrong reference of one member would make another entity of everybody who hangs on it; whom a
    merged entity refers to is what the members vote on. A collection that is matched by references
    alone (a bond of two people) stays as it is. `within` are the rules of schemas.

    >>> from harness.core.rules.field_rule import parse_rules
    >>> rules = parse_rules({
    ...     "p": {"align": "entity", "match": ["name", "boss"]},
    ...     "p[].boss": {"refers_to": "p"},
    ... })
    >>> without_reference_criteria(rules, {})["p"].match
    {'name': 1.0}
    """
    met = {**within, **{n: r.over(within[n]) if n in within else r for n, r in rules.items()}}
    links = {name.removesuffix("[]") for name, rule in met.items() if rule.refers_to}
    changed = {}
    for name, rule in met.items():
        if rule.align == "entity" and rule.match:
            criteria = {
                c: weight
                for c, weight in rule.match.items()
                if links.isdisjoint((f"{name}[].{c}", f"{name}{{}}.{c}"))
            }
            if criteria and len(criteria) < len(rule.match):
                changed[name] = replace(rule, match=criteria)
    return {**rules, **changed}
