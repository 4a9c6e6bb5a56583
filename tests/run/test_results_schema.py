"""The schema of `eval-results.json`: real documents keep it, and it says what everything is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from harness.core.outcomes import CONVENTIONS, Outcome
from harness.run.stored.packed_results import PACKED_VERSION
from harness.run.stored.stored_results import SCHEMA_VERSION
from tests.run.stored_examples import Asked, one, results
from tests.run.test_results import ALL_RIGHT, THREE, VACUOUS

SCHEMA: dict[str, Any] = json.loads(
    resources.files("harness.run").joinpath("eval-results.schema.json").read_text("utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA)


def objects(schema: object, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every subschema that has properties, and where it stands."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield path, schema
        for key, below in schema.items():
            yield from objects(below, f"{path}.{key}")
    elif isinstance(schema, list):
        for number, below in enumerate(schema):
            yield from objects(below, f"{path}[{number}]")


def test_it_is_a_schema_that_resolves_within_itself() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    text = json.dumps(SCHEMA)
    for name in SCHEMA["$defs"]:
        assert f'"#/$defs/{name}"' in text, f"{name} is used"


def test_every_property_is_described_in_one_line() -> None:
    for path, schema in objects(SCHEMA):
        for name, said in schema["properties"].items():
            about = said.get("description", "")
            assert about.endswith("."), f"{path}.{name}"
            assert "\n" not in about, f"{path}.{name}"


def test_nothing_may_stand_in_a_document_that_is_not_described() -> None:
    assert all(schema["additionalProperties"] is False for _, schema in objects(SCHEMA))


def test_it_names_the_version_the_outcomes_and_the_conventions_of_the_code() -> None:
    versions = SCHEMA["properties"]["schema_version"]["enum"]
    assert versions == [SCHEMA_VERSION, PACKED_VERSION]
    outcomes = SCHEMA["$defs"]["diff"]["properties"]["outcome"]["enum"]
    assert outcomes == [outcome.value for outcome in Outcome]
    others = set(CONVENTIONS) - {"standard"}
    assert others <= set(SCHEMA["$defs"]["aggregate"]["properties"])


ROWS = {"rows": [{"k": 1, "v": "x"}, {"k": 2, "v": "y"}]}


@pytest.mark.parametrize("asked", [THREE, VACUOUS, ALL_RIGHT, (*THREE, *VACUOUS), ()])
def test_documents_keep_it(asked: Asked) -> None:
    VALIDATOR.validate(results(asked))


@pytest.mark.parametrize(
    ("truth", "answer"),
    [
        (ROWS, {"rows": [{"k": 2, "v": "y"}, {"k": 3, "v": "x"}, {"k": 4}]}),
        (ROWS, {"rows": {"k": 1}}),
        (5, "5"),
        ([1, 2, 2], [2]),
        ({"a": {"b": None}}, {"b": [{}]}),
        ({"v": "Acme"}, {"v": "Globex", "w": {"x": "Globex"}}),
    ],
)
def test_documents_with_evidence_and_odd_shapes_keep_it(truth: Any, answer: Any) -> None:  # noqa: ANN401  # any JSON
    VALIDATOR.validate(one(truth, answer, text="Globex is 5 or 2"))


def test_a_document_with_something_more_or_less_does_not_keep_it() -> None:
    sound = results(THREE)
    assert not VALIDATOR.is_valid({**sound, "more": 1})
    assert not VALIDATOR.is_valid({name: sound[name] for name in sound if name != "cases"})
    sound["cases"][0]["diffs"][0]["outcome"] = "maybe"
    assert not VALIDATOR.is_valid(sound)
