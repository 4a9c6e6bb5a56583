"""The types of stored documents say what the shipped JSON Schemas say, at every level."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any, Final

import pytest
from pydantic import TypeAdapter

from harness.improve.feedback.feedback_types import FeedbackDocument
from harness.improve.feedback.truths_export import TruthsDocument
from harness.run.stored.packed_results import PackedResults
from harness.run.stored.stored_results import ResultsDocument

Schema = Mapping[str, Any]

BY_NAME: Final = re.compile(r"(\.conventions|\.confidence|\.confidences\?)\.[\w-]+\??")
"""Objects that map names to one thing each: types say `dict`, the schema lists the names."""


def paths(schema: Schema, defs: Schema, at: str = "$") -> Iterator[str]:
    """Yield every place of a schema with a type it may have; `?` is a key that may be absent."""
    name = schema.get("$ref", "").rpartition("/")[2]
    types = schema.get("type")
    if name == "Json" or not schema.keys() - {"description", "title"}:
        yield f"{at}: any"
    elif name:
        yield from paths(defs[name], defs, at)
    elif "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from paths(one, defs, at)
    elif isinstance(types, list):
        for one in types:
            yield from paths({**schema, "type": one}, defs, at)
    elif types == "object":
        yield from below(schema, defs, at)
    elif types == "array":
        for one in schema.get("prefixItems", [schema.get("items")]):
            yield from paths(one, defs, f"{at}[]")
    else:
        yield f"{at}: {types or KINDS[type(schema.get('const', ''))]}"


KINDS: Final = {str: "string", bool: "boolean", int: "integer"}


def below(schema: Schema, defs: Schema, at: str) -> Iterator[str]:
    for key, part in schema.get("properties", {}).items():
        mark = "" if key in schema.get("required", ()) else "?"
        yield from paths(part, defs, f"{at}.{key}{mark}")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from paths(schema["additionalProperties"], defs, f"{at}.*")


def said(schema: Schema) -> set[str]:
    return {BY_NAME.sub(r"\1.*", line) for line in paths(schema, schema.get("$defs", {}))}


def whole(lines: set[str]) -> set[str]:
    return {line.replace("?", "") for line in lines}


def optional(lines: set[str]) -> set[str]:
    """Return the keys that may be absent."""
    ends = ((line, at) for line in lines for at, mark in enumerate(line) if mark == "?")
    return {line[:at].replace("?", "") for line, at in ends}


def typed(document: Any) -> set[str]:  # noqa: ANN401  # a type
    return said(TypeAdapter(document).json_schema())


def shipped(package: str, name: str) -> Any:  # noqa: ANN401  # JSON
    return json.loads(resources.files(package).joinpath(name).read_text("utf-8"))


def of_version(schema: Any, document: object) -> Any:  # noqa: ANN401  # JSON
    """Return what a schema says of one version of a document, where it speaks of two."""
    items = schema["properties"].get("cases", {}).get("items", {})
    if "anyOf" in items:
        items |= items.pop("anyOf")[int(document is PackedResults)]
    return schema


@pytest.mark.parametrize(
    ("document", "package", "name"),
    [
        (ResultsDocument, "harness.run", "eval-results.schema.json"),
        (PackedResults, "harness.run", "eval-results.schema.json"),
        (FeedbackDocument, "harness.improve", "feedback.schema.json"),
    ],
)
def test_the_types_of_a_document_are_those_of_its_schema(
    document: object, package: str, name: str
) -> None:
    schema = said(of_version(shipped(package, name), document))
    assert sorted(whole(typed(document)) ^ whole(schema)) == []
    missing = optional(schema) - optional(typed(document))
    assert sorted(missing) == [], "what need not be written need not be there when it is read"


def test_the_types_of_exported_truths_are_those_of_their_schema() -> None:
    schema = whole(said(shipped("harness.improve", "truths.schema.json")))
    judged = r"\$\.cases\[\]\.predictions\[\]\.(metrics|verdicts)"  # as in eval-results.json
    types = {line for line in whole(typed(TruthsDocument)) if not re.match(judged, line)}
    assert sorted(types ^ {line for line in schema if not re.match(judged, line)}) == []


def test_a_key_that_only_one_of_the_two_knows_is_seen_at_any_depth() -> None:
    schema = of_version(shipped("harness.run", "eval-results.schema.json"), ResultsDocument)
    del schema["$defs"]["diff"]["properties"]["why"]
    schema["$defs"]["fraction"]["properties"]["of"]["type"] = "string"
    odd = whole(typed(ResultsDocument)) ^ whole(said(schema))
    assert "$.cases[].diffs[].why[]: string" in odd
    assert "$.cumulative.exact_match.of: integer" in odd
