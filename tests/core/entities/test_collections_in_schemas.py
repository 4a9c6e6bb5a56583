"""Entity collections and references that a schema declares (`x-match`), wherever it does."""

from __future__ import annotations

import random
from typing import Any

import pytest

import harness
from harness.errors import HarnessError

PERSON: dict[str, Any] = {
    "type": "object",
    "properties": {"id": {}, "name": {"type": "string"}, "boss": {"type": "integer"}},
}
LIST: dict[str, Any] = {
    "type": "array",
    "items": PERSON,
    "x-match": {"align": "entity", "match": ["name"]},
}
PLACES: dict[str, dict[str, Any]] = {
    "inline": LIST,
    "$ref": {"$ref": "#/$defs/people"},
    "optional": {"anyOf": [LIST, {"type": "null"}]},
    "allOf": {"allOf": [{"$ref": "#/$defs/people"}], "description": "everybody"},
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("rows", [3, 3_000])
def test_a_rule_may_refer_to_a_collection_that_only_the_schema_declares(
    place: str, rows: int
) -> None:
    schema = {"$defs": {"people": LIST}, "properties": {"people": PLACES[place]}}
    truth = [{"id": n, "name": f"N{n}", "boss": (n + 1) % rows} for n in range(rows)]
    answer = [{"id": n + 7, "name": f"N{n}", "boss": (n + 1) % rows + 7} for n in range(rows)]
    random.Random(2).shuffle(answer)
    rules = {"people[].boss": {"refers_to": "people"}}
    assert harness.score({"people": truth}, {"people": answer}, schema, rules).f1 == 1


def test_a_reference_in_a_schema_to_a_collection_that_nobody_declares_is_refused() -> None:
    boss = {"type": "integer", "x-match": {"refers_to": "peple"}}
    person = {"properties": {"id": {}, "name": {}, "boss": boss}}
    schema = {"properties": {"people": {**LIST, "items": person}}}
    with pytest.raises(HarnessError, match="x-match of boss: refers to 'peple'") as caught:
        harness.Plan(schema)
    assert "did you mean 'people'?" in str(caught.value)
