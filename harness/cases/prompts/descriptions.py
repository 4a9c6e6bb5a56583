"""Field descriptions from schema and prompt, and the schema as a model is shown it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from harness.cases.schemas.known_fields import schema_fields
from harness.core.rules.rule_names import ANY_KEY, ITEM, FieldSteps, field_of, field_steps
from harness.core.schema.resolving import Schemas, follow_or_none
from harness.core.values import Json

_MAPS: Final = frozenset(
    {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}
)
_VALUES: Final = frozenset({"enum", "const", "default", "examples"})
_OURS: Final = "x-match"
"""Keyword of our rules in schemas: it is not shown to a model, which is judged by it."""
_NOT_INLINED: Final = frozenset({"$defs", "definitions", "$schema", "$id", "$comment"})
_MOST_FIELDS: Final = 2_000
_MOST_VALUES: Final = 12
_DEEPER: Final = 4


@dataclass(frozen=True, slots=True)
class FieldNote:
    """Description of one field."""

    path: str
    description: str
    type: str
    """The schema's: `string`, `number or null`; empty where it says nothing."""


def field_notes(schema: Json) -> tuple[FieldNote, ...]:
    """Return what a schema says of its fields, in its order; fields without a word are left out.

    >>> field_notes({"properties": {"net": {"type": "number", "description": "Without tax."}}})
    (FieldNote(path='net', description='Without tax.', type='number'),)
    """
    return tuple(_notes(schema)) if isinstance(schema, dict) else ()


def field_forms(schema: Json) -> dict[str, str]:
    """Return what a schema lets each plain field be, in words.

    >>> field_forms({"properties": {"paid": {"enum": ["card", "cash", None]}}})
    {'paid': '"card", "cash" or null'}
    """
    fields = _fields(schema) if isinstance(schema, dict) else ()
    forms = {field_of(steps): _form(merged) for steps, _, merged in fields}
    return {path: form for path, form in forms.items() if form}


def _form(merged: Mapping[str, Json]) -> str:
    """Return the values an `enum` lists, else type and format; nothing for objects and lists."""
    values = merged.get("enum", [merged["const"]] if "const" in merged else None)
    if isinstance(values, list):
        shown = [json.dumps(value, ensure_ascii=False) for value in values]
        more = [f"{len(shown) - _MOST_VALUES} more"] if len(shown) > _MOST_VALUES else []
        return _either([*shown[:_MOST_VALUES], *more])
    json_type = merged.get("type")
    types = [
        str(each) for each in (json_type if isinstance(json_type, list) else [json_type]) if each
    ]
    if {"object", "array"}.intersection(types):
        return ""
    form = merged.get("format")
    return f"{_either(types)}, {form}" if types and isinstance(form, str) else _either(types)


def _either(names: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _notes(root: Mapping[str, Json]) -> Iterator[FieldNote]:
    for steps, here, merged in _fields(root):
        own = here.get("description") if isinstance(here, dict) else None
        description = own or merged.get("description")
        if isinstance(description, str) and description.strip():
            yield FieldNote(field_of(steps), description.strip(), _type(merged.get("type")))


def _fields(root: Mapping[str, Json]) -> Iterator[tuple[FieldSteps, Json, Mapping[str, Json]]]:
    """Yield every field: its schema as it is written, and with references and branches merged."""
    schemas = Schemas({**root})
    waiting: list[tuple[Json, FieldSteps, tuple[str, ...]]] = [(schemas.root, (), ())]
    printed = 0
    while waiting and printed < _MOST_FIELDS:
        printed += 1
        here, steps, within = waiting.pop()
        merged, entered = schemas.resolve(here, within)
        yield steps, here, merged
        if not schemas.goes_round(entered[len(within) :], within):
            below = [(child, (*steps, step), entered) for step, child in _below(merged)]
            waiting.extend(reversed(below))


def _below(merged: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    named = merged.get("properties")
    yield from named.items() if isinstance(named, dict) else ()
    for keyword, step in (("items", ITEM), ("additionalProperties", ANY_KEY)):
        if isinstance(merged.get(keyword), dict):
            yield step, merged[keyword]


def _type(json_type: Json) -> str:
    if isinstance(json_type, list):
        return " or ".join(map(str, json_type))
    return json_type if isinstance(json_type, str) else ""


def shown_schema(schema: Json, texts: Mapping[str, str]) -> Json:
    """Return a schema as a model is shown it: with these descriptions of fields, and no `x-match`.

    Fields the schema does not have are left out.
    """
    shown = _without_ours(schema)
    for field, text in texts.items():
        described = _put(shown, shown, field_steps(field), text, ())
        shown = shown if described is None else described
    return shown


def has_field(schema: Json, field: str) -> bool:
    """Tell whether a schema has a field, said the way people say it.

    >>> schema = {"properties": {"rooms": {"items": {"properties": {"area": {}}}}}}
    >>> has_field(schema, "rooms[].area"), has_field(schema, "rooms.area")
    (True, False)
    """
    steps = field_steps(field)
    return field_of(steps) == field and _put(schema, schema, steps, "", ()) is not None


def field_names(schemas: Iterable[Json]) -> list[str]:
    """Return the names of the fields of schemas, as deep as people are likely to name them."""
    names: set[str] = set()
    for schema in schemas:
        if isinstance(schema, dict):
            names.update(map(field_of, schema_fields(schema, 2 * _DEEPER)))
    return sorted(names)


def _without_ours(schema: Json) -> Json:
    if isinstance(schema, list):
        return [_without_ours(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    shown: dict[str, Json] = {}
    for key, value in schema.items():
        if key in _MAPS and isinstance(value, dict):
            shown[key] = {name: _without_ours(below) for name, below in value.items()}
        elif key != _OURS:
            shown[key] = value if key in _VALUES else _without_ours(value)
    return shown


def _put(
    root: Json, here: Json, steps: FieldSteps, text: str, chain: tuple[str, ...]
) -> dict[str, Json] | None:
    """Return a schema with a field described; None where it has no such field.

    What a reference points to may serve other fields too: it is written out where it is changed.
    """
    if not isinstance(here, dict):
        return None
    if not steps:
        return {**here, "description": text}
    changed: dict[str, Json] = {}
    target = here.get("$ref")
    if isinstance(target, str) and target not in chain:
        inlined = _put(root, follow_or_none(root, target), steps, text, (*chain, target))
        if inlined is not None:
            rest = {k: v for k, v in here.items() if k != "$ref"}
            return {**{k: v for k, v in inlined.items() if k not in _NOT_INLINED}, **rest}
    for word in ("allOf", "anyOf", "oneOf"):
        parts = here.get(word)
        if isinstance(parts, list):
            tried = [_put(root, part, steps, text, chain) for part in parts]
            if any(part is not None for part in tried):
                changed[word] = [new or old for new, old in zip(tried, parts, strict=True)]
    changed.update(_put_below(root, here, steps, text))
    return {**here, **changed} if changed else None


def _put_below(root: Json, here: dict[str, Json], steps: FieldSteps, text: str) -> dict[str, Json]:
    step, rest = steps[0], steps[1:]
    if step in (ITEM, ANY_KEY):
        keyword = "items" if step == ITEM else "additionalProperties"
        below = _put(root, here.get(keyword), rest, text, ())
        return {} if below is None else {keyword: below}
    named = here.get("properties")
    if not isinstance(named, dict) or step not in named:
        return {}
    below = _put(root, named[step], rest, text, ())
    return {} if below is None else {"properties": {**named, step: below}}
