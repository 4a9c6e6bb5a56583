"""Resolve a JSON Schema: references followed and branches merged into one schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import unquote

from harness.core.schema.merging import (
    RULE_WORD,
    both_of,
    either_of,
    is_list,
    is_null,
    is_object,
    is_scalar,
    narrowed,
    positions_of,
    shapes_of,
    with_conditions,
)
from harness.core.schema.ref_pointers import plain_references
from harness.core.schema.validity import Schema
from harness.core.values import Json
from harness.errors import HarnessError, Problem

__all__ = ["Schemas", "follow", "is_list", "is_object", "is_scalar", "positions_of", "shapes_of"]

_BRANCHES: Final = ("$ref", "allOf", "anyOf", "oneOf")
_META: Final = ("http://json-schema.org/", "https://json-schema.org/")


class Schemas:
    """A schema document and what its references point to."""

    def __init__(self, root: Json) -> None:
        try:
            self.root = plain_references(root)
        except RecursionError:
            raise _too_deep() from None
        self._below: dict[str, frozenset[str]] = {}

    def resolve(self, schema: Json, within: tuple[str, ...]) -> tuple[Schema, tuple[str, ...]]:
        """Return a schema with `$ref`, `allOf`, `anyOf` and `oneOf` merged in.

        `within` are the references that led here; those followed are added to what is returned.
        Branches of null say that a value may be absent, which it always may. Branches that differ
        become one schema that takes what any of them takes; conditions (`then`, `else`,
        `dependentSchemas`) add properties, and nothing else. Raises HarnessError for a reference
        that leads nowhere and for branches without end.

        >>> schemas = Schemas({"$defs": {"name": {"type": "string"}}})
        >>> schemas.resolve({"anyOf": [{"$ref": "#/$defs/name"}, {"type": "null"}]}, ())
        ({'type': 'string'}, ('#/$defs/name',))
        """
        walk = _Walk(self.root)
        try:
            merged = walk.merged(schema, ())
        except RecursionError:
            raise _too_deep() from None
        return merged or {}, (*within, *walk.followed)

    def objects(self) -> Iterator[dict[str, Json]]:
        """Yield every object of the document, schemas among them."""
        waiting = [self.root]
        while waiting:
            here = waiting.pop()
            if isinstance(here, dict):
                yield here
                waiting.extend(here.values())
            elif isinstance(here, list):
                waiting.extend(here)

    def goes_round(self, references: Iterable[str], within: Iterable[str]) -> bool:
        """Tell whether references form a circle."""
        return any(not self._held(reference).isdisjoint(within) for reference in references)

    def _held(self, reference: str) -> frozenset[str]:
        """Return the references that can be met below a reference, itself only if it goes round."""
        if reference not in self._below:
            names: set[str] = set()
            waiting = [reference]
            while waiting:
                fresh = set(self._written_below(waiting.pop())) - names
                names |= fresh
                waiting.extend(fresh)
            self._below[reference] = frozenset(names)
        return self._below[reference]

    def _written_below(self, reference: str) -> Iterator[str]:
        """Return the references written below a reference; none where it leads nowhere."""
        try:
            target = follow(self.root, reference)
        except HarnessError:
            return iter(())
        return _references_in(target)


def _references_in(schema: Json) -> Iterator[str]:
    waiting = [schema]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            reference = here.get("$ref")
            if isinstance(reference, str):
                yield reference
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)


def _too_deep() -> HarnessError:
    return HarnessError(Problem("the schema is nested too deep to read", "too-deep"))


_MOST_BRANCHES: Final = 5_000
"""How many branches one field may have before its schema counts as one without end."""


class _Walk:
    """The way through the branches of one field's schema."""

    def __init__(self, root: Json) -> None:
        self._root = root
        self._branches = 0
        self.followed: dict[str, None] = {}
        """The references met, each once, in order."""

    def merged(self, schema: Json, chain: tuple[str, ...]) -> dict[str, Json] | None:
        """Return a schema with its branches merged in; `chain` are the references it is below.

        None where it says nothing new: it goes round, or is no schema at all.
        """
        self._branches += 1
        if self._branches > _MOST_BRANCHES:
            what = "schema: its branches refer to each other without end"
            raise HarnessError(Problem(what, "bad-schema"))
        if not isinstance(schema, dict):
            return {} if schema is True else None
        merged = {k: v for k, v in schema.items() if k not in _BRANCHES}
        reference = schema.get("$ref")
        if isinstance(reference, str):
            if reference in chain:
                return merged or None
            self.followed[reference] = None
            target = self.merged(follow(self._root, reference), (*chain, reference))
            merged = both_of(target or {}, merged)
        for part in _branches(schema, "allOf"):
            merged = both_of(merged, self.merged(part, chain) or {})
        for word in ("anyOf", "oneOf"):
            merged = narrowed(merged, either_of(self._options(_branches(schema, word), chain)))
        return with_conditions(merged, self._options(_conditions(schema), chain))

    def _options(self, parts: list[Json], chain: tuple[str, ...]) -> list[dict[str, Json]]:
        """Return the branches that say something, each once; null says nothing."""
        options: list[dict[str, Json]] = []
        for part in parts:
            option = self.merged(part, chain)
            if option and RULE_WORD in option and is_null(option):
                what = "schema: `x-match` stands in a branch that takes null only"
                raise HarnessError(Problem(what, "bad-schema", hint="write it beside `anyOf`"))
            if option is not None and not is_null(option) and option not in options:
                options.append(option)
        return options


def follow_or_none(root: Json, reference: str) -> Json:
    """Return what a JSON pointer in a document points to; None where it is not there.

    >>> follow_or_none({"$defs": {"a/b": {"type": "string"}}}, "#/$defs/a~1b")
    {'type': 'string'}
    >>> follow_or_none({}, "#/$defs/a")
    """
    try:
        return follow(root, reference)
    except HarnessError:
        return None


def follow(root: Json, reference: str) -> Json:
    """Return what a reference in a document points to; HarnessError where it is not there."""
    target = root
    if reference.startswith(_META):
        return True
    if not reference.startswith("#"):
        raise HarnessError(
            Problem(
                f"schema: {reference!r} points outside the schema",
                "remote-ref",
                hint="put what it points to under `$defs` and refer to it as '#/$defs/...'",
            )
        )
    for step in unquote(reference[1:]).split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(target, dict) and key in target:
            target = target[key]
        elif isinstance(target, list) and key.isdecimal() and int(key) < len(target):
            target = target[int(key)]
        else:
            raise _lost(reference)
    if "/" not in reference and reference != "#":
        raise _lost(reference)
    return target


def _lost(reference: str) -> HarnessError:
    return HarnessError(Problem(f"schema: {reference!r} points to nothing", "bad-schema"))


def _branches(schema: Schema, word: str) -> list[Json]:
    branches = schema.get(word)
    return branches if isinstance(branches, list) else []


def _conditions(schema: Schema) -> list[Json]:
    """Return the schemas that hold only where a condition does."""
    branches = [schema[word] for word in ("then", "else") if "if" in schema and word in schema]
    for word in ("dependentSchemas", "dependencies"):
        depending = schema.get(word)
        if isinstance(depending, dict):
            branches.extend(part for part in depending.values() if isinstance(part, dict))
    return branches
