"""Unions of objects: which branch of a union a true object satisfies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from harness.core.schema.merging import is_list, is_object, is_scalar
from harness.core.schema.validity import Check, Schema, check_of, members_of
from harness.core.values import Json, is_blank


class ObjectBranch:
    """One branch of a union of objects, ready to be held against true objects.

    `named` are its properties' schemas, references followed.

    >>> cat = ObjectBranch({}, {"kind": {"const": "cat"}, "lives": {"type": "integer"}})
    >>> cat.tags({"kind": "cat"}), cat.tags({"kind": "dog"}), cat.tags({"lives": 9})
    (1, None, 0)
    >>> cat.fits({"lives": 9}), cat.fits({"lives": "nine"})
    (True, False)
    """

    def __init__(self, schema: Schema, named: Mapping[str, Schema]) -> None:
        self._is_closed = schema.get("additionalProperties") is False
        self._constants = {
            key: members[0] for key, one in named.items() if len(members := members_of(one)) == 1
        }
        self._checks: Mapping[str, Check] = {key: _check(one) for key, one in named.items()}

    def tags(self, value: Mapping[str, Json]) -> int | None:
        """Return how many constants a value has as the branch says; None where it has another."""
        constants = {k: value[k] for k in self._constants if not is_blank(value.get(k))}
        same = all(_same(constants[key], self._constants[key]) for key in constants)
        return len(constants) if same else None

    def fits(self, value: Mapping[str, Json]) -> bool:
        """Tell whether what a value holds is what the branch says; what it leaves out may be."""
        for key, held in value.items():
            if is_blank(held):
                continue
            check = self._checks.get(key)
            if self._is_closed if check is None else not check(held):
                return False
        return True

    def known(self, value: Mapping[str, Json]) -> int:
        """Return how many of a value's keys the branch names."""
        return sum(key in self._checks for key in value)


def chosen_branch(branches: Sequence[ObjectBranch], value: Mapping[str, Json]) -> int | None:
    """Return which branch a true object satisfies; None where several do, or none.

    Constants decide first, then types and formats, then how many of the keys a branch names.

    >>> cat = ObjectBranch({}, {"kind": {"const": "cat"}, "age": {"type": "integer"}})
    >>> dog = ObjectBranch({}, {"kind": {"const": "dog"}, "age": {"type": "string"}})
    >>> [chosen_branch([cat, dog], v) for v in ({"kind": "dog", "age": 5}, {"age": 5}, {})]
    [1, 0, None]
    """
    tagged = {n: tags for n, one in enumerate(branches) if (tags := one.tags(value)) is not None}
    most = max(tagged.values(), default=0)
    left = [n for n, tags in tagged.items() if tags == most]
    if most and len(left) == 1:
        return left[0]
    left = [n for n in left if branches[n].fits(value)]
    known = {n: branches[n].known(value) for n in left}
    left = [n for n in left if known[n] == max(known.values())]
    return left[0] if len(left) == 1 else None


def _same(one: Json, other: Json) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _check(schema: Schema) -> Check:
    if is_scalar(schema):
        check = check_of(schema)
        return lambda value: not isinstance(value, _CONTAINERS) and check(value)
    if is_object(schema):
        return lambda value: isinstance(value, dict)
    if is_list(schema):
        return lambda value: isinstance(value, list)
    return lambda _: True


_CONTAINERS: Final = (list, dict)
