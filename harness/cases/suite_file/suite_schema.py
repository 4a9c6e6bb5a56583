"""The JSON Schema of `suite.yaml`, made of the models and rules that read it: for editors."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Mapping
from dataclasses import fields
from itertools import pairwise
from typing import Any, Final

from pydantic import BaseModel, BeforeValidator

from harness.cases.suite_file import suite_keys
from harness.cases.suite_file.suite_keys import SCHEMA_URL, SuiteFile
from harness.core.rules.field_rule import FieldRule
from harness.core.rules.rule_settings import UNREADABLE, choices_of, flaw
from harness.core.values import Json

_SAMPLES: Final[Mapping[str, tuple[Json, ...]]] = {
    "boolean": (True,),
    "integer": (1,),
    "number": (0.5,),
    "string": ("a", "USD", "+02:00"),
    "array": (["a"], ["null"]),
    "object": ({"a": 1}, {"a": ["b"]}),
}
"""A type is one of a setting's where the reader takes one of these values."""
_FUNCTION: Final = r"^[\w.]+:[\w.]+$"


def suite_schema() -> dict[str, Json]:
    """Return the JSON Schema (2020-12) of a suite file, with what each key means."""
    schema: dict[str, Any] = SuiteFile.model_json_schema(by_alias=True)
    _describe(schema, SuiteFile)
    for name, part in schema["$defs"].items():
        _describe(part, getattr(suite_keys, name))
    for key, subschema in schema["properties"].items():
        schema["properties"][key] = _or_null(subschema)
    rule: Json = {"$ref": "#/$defs/FieldRule"}
    schema["properties"]["rules"] |= {"anyOf": [_mapping(rule), {"type": "null"}]}
    for word in ("type", "additionalProperties", "default"):
        schema["properties"]["rules"].pop(word, None)
    schema["$defs"]["FieldRule"] = _rule_schema()
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_URL,
        "title": "suite.yaml",
    }
    return head | {key: _plain(subschema) for key, subschema in schema.items() if key != "title"}


def suite_schema_text() -> str:
    """Return the schema as it is published."""
    return json.dumps(suite_schema(), indent=1, ensure_ascii=False) + "\n"


def _describe(part: dict[str, Any], model: type[BaseModel]) -> None:
    """Write what a model's fields mean into its schema, and what our readers take beside a type."""
    part.pop("title", None)
    part["description"] = (model.__doc__ or "").strip()
    about = {k: v for base in reversed(model.__mro__) for k, v in _attribute_docs(base).items()}
    for name, field in model.model_fields.items():
        key = field.alias or name
        subschema = part["properties"][key]
        subschema.pop("title", None)
        readers = {m.func for m in field.metadata if isinstance(m, BeforeValidator)}
        subschema = _with_texts(subschema)
        if suite_keys.as_list in readers or "as_list" in repr(field.annotation):
            subschema = {"anyOf": [{"type": ["string", "integer"]}, subschema]}
        if suite_keys.as_tags in readers:
            names: Json = {"type": "array", "items": {"type": ["string", "integer"]}}
            subschema = {"anyOf": [names, {k: v for k, v in subschema.items() if k != "default"}]}
        part["properties"][key] = subschema | (
            {"description": about[name]} if name in about else {}
        )


def _with_texts(part: Any) -> Any:  # noqa: ANN401  # a part of a schema
    """Return a schema whose texts may be whole numbers, which our reader takes for texts."""
    if isinstance(part, list):
        return [_with_texts(each) for each in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") == "string" and part.get("minLength") == 1:
        return part | {"type": ["string", "integer"]}
    return {key: _with_texts(each) for key, each in part.items()}


def _or_null(part: dict[str, Any]) -> dict[str, Any]:
    """Return what a key of the file may hold: also nothing, which is as if it were not there."""
    about: dict[str, Any] = {k: v for k, v in part.items() if k in ("description", "default")}
    rest = {k: v for k, v in part.items() if k not in about}
    options = rest.get("anyOf", [rest])
    null: Json = {"type": "null"}
    return {"anyOf": [*(o for o in options if o != null), null], **about}


def _mapping(values: Json) -> Json:
    return {"type": "object", "additionalProperties": values}


def _rule_schema() -> Json:
    about = _attribute_docs(FieldRule)
    settings: dict[str, Json] = {}
    for field in fields(FieldRule):
        described: dict[str, Json] = {"description": about[field.name]}
        choices = choices_of(field.name)
        if field.name == "compare":
            described["anyOf"] = [{"enum": list(choices)}, {"type": "string", "pattern": _FUNCTION}]
        elif field.name == "unknown":
            described["anyOf"] = [{"type": "array"}, {"const": UNREADABLE}]
        elif choices:
            described["enum"] = list(choices)
        else:
            described["type"] = _types_of(field.name)
        settings[field.name] = described
    about_rule = "How a field is compared. Every setting may be left out."
    return {
        "type": "object",
        "description": about_rule,
        "properties": settings,
        "additionalProperties": False,
    }


def _types_of(setting: str) -> Json:
    names = [
        kind
        for kind, samples in _SAMPLES.items()
        if any(flaw(setting, sample) is None for sample in samples)
    ]
    types: list[Json] = [n for n in names if not (n == "integer" and "number" in names)]
    return types[0] if len(types) == 1 else types


def _attribute_docs(owner: type) -> dict[str, str]:
    """Return the docstrings that stand below a class's attributes."""
    if owner.__module__.split(".")[0] != "harness":
        return {}
    tree = ast.parse(textwrap.dedent(inspect.getsource(owner))).body[0]
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    docs: dict[str, str] = {}
    for one, after in pairwise(body):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and is_text:
            text = str(after.value.value)  # type: ignore[attr-defined]  # seen above
            docs[one.target.id] = " ".join(text.split())
    return docs


def _plain(part: Any) -> Any:  # noqa: ANN401  # a part of a schema
    """Return a part of a schema without the titles that pydantic makes of names."""
    if isinstance(part, list):
        return [_plain(each) for each in part]
    if not isinstance(part, dict):
        return part
    is_titled = isinstance(part.get("title"), str)
    return {k: _plain(v) for k, v in part.items() if not (k == "title" and is_titled)}
