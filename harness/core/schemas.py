"""Reading a JSON Schema: references followed, branches merged, so that one schema says it all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import unquote

from harness.core.references import plain_references
from harness.core.validity import Schema, kinds_of
from harness.core.values import Json, json_type
from harness.errors import HarnessError, Problem

_OBJECT_WORDS: Final = ("properties", "additionalProperties", "patternProperties")
_LIST_WORDS: Final = ("items", "prefixItems")
_BRANCHES: Final = ("$ref", "allOf", "anyOf", "oneOf")
_META: Final = ("http://json-schema.org/", "https://json-schema.org/")


def is_object(schema: Schema) -> bool:
    """Tell whether a schema speaks of objects only; null does not count.

    >>> is_object({"type": ["object", "null"]}), is_object({"properties": {}}), is_object({})
    (True, True, False)
    """
    kinds = kinds_of(schema) - {"null"}
    return kinds == {"object"} or (not kinds and any(word in schema for word in _OBJECT_WORDS))


def is_list(schema: Schema) -> bool:
    """Tell whether a schema speaks of arrays only; null does not count."""
    kinds = kinds_of(schema) - {"null"}
    return kinds == {"array"} or (not kinds and any(word in schema for word in _LIST_WORDS))


def is_scalar(schema: Schema) -> bool:
    """Tell whether a schema speaks of scalars only."""
    kinds = kinds_of(schema)
    if kinds:
        return not kinds & {"object", "array"}
    members = _members(schema)
    return members is not None and not any(isinstance(m, (list, dict)) for m in members)


def _members(schema: Schema) -> list[Json] | None:
    """Return the values a schema lists; None where it lists none."""
    members = schema.get("enum", [schema["const"]] if "const" in schema else None)
    return members if isinstance(members, list) else None


def positions_of(schema: Schema) -> tuple[list[Json], Json] | None:
    """Return the schemas of a tuple's positions and of the items behind them; None for a plain list.

    `prefixItems` and `items`, or in older drafts a list under `items` and `additionalItems`.

    >>> positions_of({"items": [{"type": "string"}], "additionalItems": {"type": "number"}})
    ([{'type': 'string'}], {'type': 'number'})
    >>> positions_of({"items": {"type": "string"}}) is None
    True
    """
    first, items = schema.get("prefixItems"), schema.get("items")
    if isinstance(first, list):
        return first, items
    return (items, schema.get("additionalItems")) if isinstance(items, list) else None


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
            found = walk.merged(schema, ())
        except RecursionError:
            raise _too_deep() from None
        return found or {}, (*within, *walk.followed)

    def goes_round(self, references: Iterable[str], within: Iterable[str]) -> bool:
        """Tell whether references lead back to one of those they were met within."""
        return any(not self._held(reference).isdisjoint(within) for reference in references)

    def is_endless(self, within: Iterable[str]) -> bool:
        """Tell whether one of some references leads back to itself."""
        return any(reference in self._held(reference) for reference in within)

    def _held(self, reference: str) -> frozenset[str]:
        """Return the references that can be met below a reference, itself only if it goes round."""
        if reference not in self._below:
            found: dict[str, None] = {}
            waiting = [reference]
            while waiting:
                for name in _references_in(follow(self.root, waiting.pop())):
                    if name not in found:
                        found[name] = None
                        waiting.append(name)
            self._below[reference] = frozenset(found)
        return self._below[reference]


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
        found = {k: v for k, v in schema.items() if k not in _BRANCHES}
        reference = schema.get("$ref")
        if isinstance(reference, str):
            if reference in chain:
                return found or None
            self.followed[reference] = None
            target = self.merged(follow(self._root, reference), (*chain, reference))
            found = _both(target or {}, found)
        for part in _branches(schema, "allOf"):
            found = _both(found, self.merged(part, chain) or {})
        for word in ("anyOf", "oneOf"):
            found = _both(found, _either(self._options(_branches(schema, word), chain)))
        return _with_conditions(found, self._options(_conditions(schema), chain))

    def _options(self, parts: list[Json], chain: tuple[str, ...]) -> list[dict[str, Json]]:
        """Return the branches that say something, each once; null says nothing."""
        options: list[dict[str, Json]] = []
        for part in parts:
            option = self.merged(part, chain)
            if option is not None and not _is_null(option) and option not in options:
                options.append(option)
        return options


def follow(root: Json, reference: str) -> Json:
    """Return what a reference in a document points to. Raises HarnessError where it is not there."""
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
    found = schema.get(word)
    return found if isinstance(found, list) else []


def _conditions(schema: Schema) -> list[Json]:
    """Return the schemas that hold only where a condition does."""
    found = [schema[word] for word in ("then", "else") if "if" in schema and word in schema]
    for word in ("dependentSchemas", "dependencies"):
        depending = schema.get(word)
        if isinstance(depending, dict):
            found.extend(part for part in depending.values() if isinstance(part, dict))
    return found


def _is_null(schema: Schema) -> bool:
    return kinds_of(schema) == {"null"} or _members(schema) == [None]


def _with_conditions(schema: dict[str, Json], options: list[dict[str, Json]]) -> dict[str, Json]:
    """Add the properties that only conditional branches name: they may be there."""
    kinds = kinds_of(schema)
    if not options or (kinds and "object" not in kinds):
        return schema
    named = _properties(schema)
    added = {k: v for k, v in _takes(options).items() if k not in named}
    return {**schema, "properties": {**named, **added}} if added else schema


def _properties(schema: Schema) -> dict[str, Json]:
    found = schema.get("properties")
    return found if isinstance(found, dict) else {}


def _both(one: dict[str, Json], other: dict[str, Json]) -> dict[str, Json]:
    """Merge two schemas that both hold; the second has the last word but for its properties."""
    merged = {**one, **other}
    for word in ("properties", "patternProperties"):
        first, second = one.get(word), other.get(word)
        if isinstance(first, dict) and isinstance(second, dict):
            both: dict[str, Json] = {**first, **second}
            for key in first.keys() & second.keys():
                if first[key] != second[key]:
                    both[key] = {"allOf": [first[key], second[key]]}
            merged[word] = both
    return merged


def _either(options: list[dict[str, Json]]) -> dict[str, Json]:
    """Merge schemas of which one holds into one that takes what any of them takes."""
    if len(options) < 2:  # noqa: PLR2004  # nothing to merge
        return options[0] if options else {}
    if all(map(is_object, options)):
        return _either_object(options)
    if all(map(is_list, options)):
        return _either_list(options)
    if all(map(is_scalar, options)):
        branches: dict[str, Json] = {"anyOf": list(options)}
        return {"type": list(sorted(set().union(*map(_scalar_kinds, options)))), **branches}
    return {}


def _scalar_kinds(schema: Schema) -> frozenset[str]:
    """Return the JSON types a scalar's schema names, or those of the values it lists."""
    return kinds_of(schema) or frozenset(map(json_type, _members(schema) or []))


def _either_list(options: list[dict[str, Json]]) -> dict[str, Json]:
    items: list[Json] = []
    for option in options:
        tuples = positions_of(option)
        parts = [option.get("items")] if tuples is None else [*tuples[0], tuples[1]]
        items.extend(part for part in parts if isinstance(part, dict) and part not in items)
    return {"type": "array", "items": {"anyOf": items} if items else {}}


def _takes(options: list[dict[str, Json]]) -> dict[str, Json]:
    """Return the properties that any of some schemas names, each with what any of them takes."""
    takes: dict[str, list[Json]] = {}
    for option in options:
        for key, schema in _properties(option).items():
            if schema not in takes.setdefault(key, []):
                takes[key].append(schema)
    return {
        key: schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
        for key, schemas in takes.items()
    }


def _either_object(options: list[dict[str, Json]]) -> dict[str, Json]:
    whole: dict[str, Json] = {"type": "object", "properties": _takes(options)}
    for word in ("additionalProperties", "patternProperties"):
        said = [option[word] for option in options if isinstance(option.get(word), dict)]
        if word == "additionalProperties" and said:
            whole[word] = {"anyOf": said}
        elif said:
            whole[word] = _any_pattern(said)
    return whole


def _any_pattern(options: list[Json]) -> dict[str, Json]:
    return _takes([{"properties": option} for option in options])
