"""Aligned maps, whose keys a model invents: entries are paired as list items, by key and value.

Of an entity map (`align: entity`) the keys are local names: never compared, named by references.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from harness.core.alignment.align import align
from harness.core.differ.containers import ListField
from harness.core.fields.field import (
    Field,
    ItemCells,
    Leaf,
    decoded,
    has_leaf,
    misshape,
    only_item,
    reframe,
)
from harness.core.fields.verdict_ledger import Ledger, one_sided
from harness.core.outcomes import ABSTENTION, Tag
from harness.core.rules.field_rule import FieldRule
from harness.core.rules.rule_names import KEY_FIELD, VALUE_FIELD
from harness.core.values import Json, Path, Steps, is_blank, show_key, value_at
from harness.errors import Problem

_KEY: Final = "\0key"
_VALUE: Final = "\0value"


class MapEntry:
    """One entry of a map: its key is a field, and its value another."""

    __slots__ = ("key", "missing", "path", "value")

    def __init__(self, path: Path, key: Field, value: Field) -> None:
        self.path = path
        self.key = key
        self.value = value
        self.missing: Json = None

    def diff(self, e: Json, p: Json, eat: Steps, pat: Steps, ledger: Ledger) -> None:
        """Judge key and value; the places are told by the keys."""
        one, other = (side if isinstance(side, dict) else {} for side in (e, p))
        keys = one.get(_KEY), other.get(_KEY)
        eat = (*eat[:-1], str(keys[0] if keys[0] is not None else keys[1]))
        pat = (*pat[:-1], str(keys[1] if keys[1] is not None else keys[0]))
        self.key.diff(keys[0], keys[1], eat, pat, ledger)
        missing = self.value.missing
        self.value.diff(one.get(_VALUE, missing), other.get(_VALUE, missing), eat, pat, ledger)

    def named(self, value: Json, key: str) -> Json:
        """Return what an entry says of its key, or of a field of its value."""
        entry = value if isinstance(value, dict) else {}
        return entry.get(_KEY) if key == KEY_FIELD else value_at(entry.get(_VALUE), key)

    def cells(self, value: Json, side: int, at: Steps, row: ItemCells) -> None:
        """Add the cells of key and value."""
        if isinstance(value, dict):
            self.key.cells(value[_KEY], side, at, row)
            self.value.cells(value[_VALUE], side, at, row)


class MapField:
    """An object of any keys, whose entries are paired by what they hold."""

    __slots__ = ("_known", "holds_entities", "key", "listed", "missing", "path", "plain", "value")

    def __init__(self, path: Path, plain: Field, parts: tuple[Field, Field], own: Leaf) -> None:
        self.path = path
        self.plain = plain
        """What judges the object where there are no entries to pair."""
        self.listed = ListField(path, MapEntry(path.value(), *parts), own, own.rule)
        """The list that the entries are paired as."""
        self.key, self.value = parts
        """The fields of every entry's key and value."""
        self.holds_entities = own.rule.align == "entity"
        """True where the keys are local names, which references name."""
        self.missing: Json = plain.missing
        self._known: dict[int, tuple[Json, list[Json]]] = {}

    def diff(self, e: Json, p: Json, eat: Steps, pat: Steps, ledger: Ledger) -> None:
        """Pair the entries, judge the pairs, and tell of the rest."""
        if not isinstance(e, dict) or not e:
            self._one_sided(e, p, (eat, pat), ledger)
        elif isinstance(p, dict) or not has_leaf(p):
            self._entries(e, p if isinstance(p, dict) else {}, (eat, pat), ledger)
        elif isinstance(alone := only_item(p), dict):
            reframe(self, (e, alone), eat, ledger, Tag.WRAPPED)
        elif (value := decoded(p, dict)) is not None:
            reframe(self, (e, value), eat, ledger, Tag.ENCODED)
        else:
            misshape(self, (e, p), eat, ledger)

    def _one_sided(self, e: Json, p: Json, at: tuple[Steps, Steps], ledger: Ledger) -> None:
        if isinstance(p, dict) and p and not has_leaf(e):
            self._entries({}, p, at, ledger)
        elif self.holds_entities and is_blank(e) and is_blank(p):
            ledger.verdicts.append((ABSTENTION, self.listed.own, *at, None, None))
        else:
            self.plain.diff(e, p, *at, ledger)

    def _entries(
        self, e: dict[str, Json], p: dict[str, Json], at: tuple[Steps, Steps], ledger: Ledger
    ) -> None:
        (eat, pat), judge = at, self.listed.item.diff
        expected, predicted = self.entries(e), self.entries(p)
        partner = dict(align(self.listed, expected, predicted, ledger)) if e and p else {}
        for i, entry in enumerate(expected):
            start, j = len(ledger.verdicts), partner.get(i)
            other = None if j is None else predicted[j]
            judge(entry, other, (*eat, i), (*pat, i), ledger)
            if j is None:
                one_sided(start, Tag.MISSING_ITEM, ledger)
        paired = set(partner.values())
        for j, entry in enumerate(predicted):
            if j not in paired:
                start = len(ledger.verdicts)
                judge(None, entry, (*eat, j), (*pat, j), ledger)
                one_sided(start, Tag.EXTRA_ITEM, ledger)
        numbers = len(partner), len(expected) - len(partner), len(predicted) - len(partner)
        ledger.lists.append((self.path.name, *numbers))
        if self.holds_entities:
            lost = ((*eat, key) for i, key in enumerate(e) if i not in partner)
            made = ((*pat, key) for j, key in enumerate(p) if j not in paired)
            for side, places in zip(ledger.unmatched, (lost, made), strict=True):
                side.update((self.path.name, place) for place in places)

    def entries(self, value: dict[str, Json]) -> list[Json]:
        """Return a map's entries as a list, the same one until `forget`.

        Those that hold nothing are left out, unless they are entities: references may name them.
        """
        known = self._known.get(id(value))
        if known is None:
            every = self.holds_entities
            held = ((key, one) for key, one in value.items() if every or has_leaf(one))
            listed: list[Json] = [{_KEY: key, _VALUE: one} for key, one in held]
            known = self._known[id(value)] = value, listed
        return known[1]

    def forget(self) -> None:
        """Leave the maps of a case that is judged."""
        self._known.clear()

    def cells(self, value: Json, side: int, at: Steps, row: ItemCells) -> None:
        """Add the entries as a list."""
        if isinstance(value, dict) and value:
            self.listed.cells(self.entries(value), side, at, row)
        else:
            self.plain.cells(value, side, at, row)


def is_aligned_map(rule: FieldRule) -> bool:
    """Tell whether a rule pairs the entries of an object by what they hold.

    >>> is_aligned_map(FieldRule(align="best")), is_aligned_map(FieldRule())
    (True, False)
    """
    return rule.align in ("best", "key", "entity")


def entity_map_flaw(name: str, rule: FieldRule, truth: Json) -> Problem | None:
    """Return what in a rule of entities does not fit a true map; None where it does.

    >>> rule = FieldRule(align="entity", match={"name": 1.0})
    >>> print(entity_map_flaw("order", rule, {"total": 5}))
    rules.order: `align: entity` is for maps of objects, and order.total is none [bad-rule]
      hint: entries that are single values are matched by `match: [$value]`
    """
    if not isinstance(truth, dict):
        return None
    if rule.id and truth:
        what = f"rules.{name}.id: the entities of a map go by their keys, and this is a map"
        hint = f"leave `id` out; where entries repeat their keys: `{name}{{}}.{rule.id}: "
        return Problem(what, "bad-rule", hint=f"{hint}{{ignore: true}}`")
    odd = next((k for k, v in truth.items() if v is not None and not isinstance(v, dict)), None)
    if odd is None or VALUE_FIELD in (rule.match or ()):
        return None
    place = f"{name}{show_key(odd)}"
    what = f"rules.{name}: `align: entity` is for maps of objects, and {place} is none"
    hint = "entries that are single values are matched by `match: [$value]`"
    return Problem(what, "bad-rule", hint=hint)


def entities_of(value: Json) -> list[Json]:
    """Return an entity map as a list of entities, the key of each under `$key`.

    >>> entities_of({"p1": {"name": "Ann"}, "p2": "Bob"})
    [{'$key': 'p1', 'name': 'Ann'}, {'$key': 'p2', '$value': 'Bob'}]
    """
    return [
        {
            KEY_FIELD: key,
            **(_without_names(held) if isinstance(held, dict) else {VALUE_FIELD: held}),
        }
        for key, held in (value.items() if isinstance(value, dict) else ())
    ]


def _without_names(entity: Mapping[str, Json]) -> dict[str, Json]:
    """Leave out properties that are really called as the names for an entry's key and value."""
    return {key: held for key, held in entity.items() if key not in (KEY_FIELD, VALUE_FIELD)}


def turned_map(value: Json, entities: Iterable[Json], ends: Sequence[str]) -> Json:
    """Return an entity map with the ends of unordered pairs as the entities have them.

    >>> turned_map({"c": {"a": 1, "b": 2}}, [{"$key": "c", "a": 2, "b": 1}], ["a", "b"])
    {'c': {'a': 2, 'b': 1}}
    """
    if not ends or not isinstance(value, dict):
        return value
    by_key = {entity[KEY_FIELD]: entity for entity in entities if isinstance(entity, dict)}
    return {
        key: {**held, **{end: by_key[key][end] for end in ends if end in by_key[key]}}
        if isinstance(held, dict)
        else held
        for key, held in value.items()
    }
