"""Form of a field, by its schema: how it is typed, and what a marked passage becomes there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from harness.core.reading.dates import read_date
from harness.core.reading.numbers import read_number
from harness.core.reading.text import fold
from harness.core.schema.properties import Properties
from harness.core.schema.resolving import Schemas, follow
from harness.core.values import FieldPath, Json
from harness.errors import HarnessError, Problem, UsageError

_DEEP: Final = 8
_DAY: Final = 3
_DATES: Final = ("date", "date-time", "time")
_MOST_OPTIONS: Final = 200


@dataclass(frozen=True, slots=True)
class FieldForm:
    """Input form of a field."""

    type: str
    """`string`, `number`, `integer`, `boolean`, `date`, `date-time`, `time`, `object`, `array`;
    empty where the schema does not say."""
    options: tuple[str, ...] = ()
    """The values to choose from, as JSON; empty where any may be typed."""
    takes_null: bool = False
    about: str = ""
    """What the schema says of the field, for people."""


def field_form(schema: Json, path: FieldPath, value: Json = None) -> FieldForm:
    """Return how the field at a path is typed; where no schema says, as its value is.

    >>> schema = {"properties": {"rows": {"items": {"properties": {"n": {"type": "integer"}}}}}}
    >>> field_form(schema, ("rows", 3, "n")).type
    'integer'
    >>> field_form({"enum": ["a", "b", None]}, ())
    FieldForm(type='string', options=('"a"', '"b"'), takes_null=True, about='')
    """
    subschema, raw = _subschema(schema, path)
    return _form(schema, subschema, raw, value)


def item_form(schema: Json, path: FieldPath, value: Json = None) -> FieldForm:
    """Return how an item of the list at a path is typed; where no schema says, as others are."""
    first = value[0] if isinstance(value, list) and value else None
    subschema, raw = _subschema(schema, (*path, 0))
    return _form(schema, subschema, raw, first)


@dataclass(frozen=True, slots=True)
class ItemField:
    """One field of a list's items, for a new one to be typed."""

    name: str
    form: FieldForm
    writes_null: bool
    """Where nothing is typed, null stands there; else the key is left out, as in other items."""


def item_fields(schema: Json, path: FieldPath, value: Json) -> tuple[ItemField, ...]:
    """Return the fields of the objects in the list at a path; none where its items are scalars.

    >>> [each.name for each in item_fields(None, ("rows",), [{"a": 1}, {"a": 2, "b": "x"}])]
    ['a', 'b']
    """
    subschema, _ = _subschema(schema, (*path, 0))
    schema_of_item = subschema if isinstance(subschema, dict) else {}
    others = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    named = [*Properties(schema_of_item).named, *(key for item in others for key in item)]
    required = schema_of_item.get("required")
    names = required if isinstance(required, list) else []
    fields = []
    for name in dict.fromkeys(named):
        known = next((item[name] for item in others if item.get(name) is not None), None)
        form = field_form(schema, (*path, 0, name), known)
        is_null = any(name in item and item[name] is None for item in others)
        fields.append(ItemField(name, form, is_null or (form.takes_null and name in names)))
    return tuple(fields)


def read_item(texts: Mapping[str, str], fields: Sequence[ItemField]) -> Json:
    """Return a list item out of what was typed into its fields. Raises what `read_value` raises.

    >>> read_item({"a": "12", "b": ""}, item_fields(None, (), [{"a": 1, "b": "x"}]))
    {'a': 12}
    """
    item: dict[str, Json] = {}
    for each in fields:
        text = texts.get(each.name, "")
        if text.strip():
            is_exact = each.form.type == "string" and not each.form.options
            item[each.name] = text if is_exact else read_value(text, each.form)
        elif each.writes_null:
            item[each.name] = None
    return item


def _form(root: Json, subschema: Json, raw: Json, value: Json) -> FieldForm:
    schema_of_value = subschema if isinstance(subschema, dict) else {}
    options = schema_of_value.get("enum")
    kinds = schema_of_value.get("type")
    named = [kinds] if isinstance(kinds, str) else kinds if isinstance(kinds, list) else []
    kind = next((str(k) for k in named if k != "null"), "")
    chosen: list[Json] = [o for o in options if o is not None] if isinstance(options, list) else []
    if kind == "boolean":
        chosen = [True, False]
    if not kind:
        kind = _kind_of(chosen[0] if chosen else value)
    if kind == "string" and schema_of_value.get("format") in _DATES:
        kind = str(schema_of_value["format"])
    about = schema_of_value.get("description")
    written = tuple(json.dumps(option, ensure_ascii=False) for option in chosen[:_MOST_OPTIONS])
    text = about if isinstance(about, str) else ""
    return FieldForm(kind, written, _takes_null(root, raw), text)


def _kind_of(value: Json) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, dict | list):
        return "object" if isinstance(value, dict) else "array"
    return "" if value is None else "string"


def _subschema(schema: Json, path: FieldPath) -> tuple[Json, Json]:
    """Return the schema at a path with its branches merged, and as it is written."""
    schemas = Schemas(schema)
    raw: Json = schema
    within: tuple[str, ...] = ()
    try:
        for step in path:
            resolved, within = schemas.resolve(raw, within)
            if isinstance(step, int):
                items, first = resolved.get("items"), resolved.get("prefixItems")
                raw = first[step] if isinstance(first, list) and step < len(first) else items
            else:
                known = Properties(resolved)
                patterns = known.other(step)
                other = None if patterns is None else known.schema(patterns)
                raw = known.named.get(step, other)
        return dict(schemas.resolve(raw, within)[0]), raw
    except HarnessError:
        return None, None


def _takes_null(root: Json, schema: Json, deep: int = 0) -> bool:
    if not isinstance(schema, dict) or deep > _DEEP:
        return False
    kinds, options = schema.get("type"), schema.get("enum")
    if kinds == "null" or (isinstance(kinds, list) and "null" in kinds):
        return not isinstance(options, list) or None in options
    if isinstance(options, list) and None in options and kinds is None:
        return True
    reference = schema.get("$ref")
    if isinstance(reference, str) and _takes_null(root, follow(root, reference), deep + 1):
        return True
    branches = (schema.get(word) for word in ("anyOf", "oneOf"))
    listed = [part for parts in branches if isinstance(parts, list) for part in parts]
    return any(_takes_null(root, part, deep + 1) for part in listed)


def read_value(text: str, form: FieldForm) -> Json:
    r"""Return what a passage of a document, or what somebody typed, is as a field's value.

    Raises UsageError where it is none.

    >>> read_value("EUR 1,234.50", FieldForm("number"))
    1234.5
    >>> read_value("31 March 2024", FieldForm("date"))
    '2024-03-31'
    >>> read_value("net\n  30 days", FieldForm("string"))
    'net 30 days'
    >>> read_value("OPEN", FieldForm("string", ('"open"', '"paid"')))
    'open'
    """
    plain = " ".join(text.split())
    if form.options:
        return _chosen(plain, form)
    match form.type:
        case "number" | "integer":
            return _number(plain, form)
        case "date" | "date-time":
            return _date(plain, form)
        case "string" | "time":
            return plain
        case _:
            return _json(plain)


def _chosen(text: str, form: FieldForm) -> Json:
    options: list[Json] = [json.loads(option) for option in form.options]
    for option in options:
        if fold(str(option)) == fold(text):
            return option
    hint = f"one of {', '.join(form.options[:12])}"
    raise UsageError(Problem(f"{text!r} is none of the values", "bad-value", hint=hint))


def _number(text: str, form: FieldForm) -> Json:
    number = _as_json_number(text)
    if number is None:
        number = read_number(text)
    if number is None:
        number = read_number(text, ",")
    if number is None or (form.type == "integer" and number != int(number)):
        what = f"{text!r} is no {'whole ' if form.type == 'integer' else ''}number"
        raise UsageError(Problem(what, "bad-value", hint="type it: e"))
    return int(number) if form.type == "integer" else number


def _as_json_number(text: str) -> int | float | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and isfinite(value) else None


def _date(text: str, form: FieldForm) -> Json:
    day_read = read_date(text)
    if form.type == "date-time" and day_read is not None and len(day_read) > _DAY:
        return text
    if day_read is None or len(day_read) != _DAY:
        what = f"{text!r} is not read as a date: it has no day, or its parts have two readings"
        raise UsageError(Problem(what, "bad-value", hint="type it: e"))
    year, month, day = day_read
    return f"{year:04}-{month:02}-{day:02}"


def _json(text: str) -> Json:
    try:
        value: Json = json.loads(text)
    except ValueError:
        return text
    return value
