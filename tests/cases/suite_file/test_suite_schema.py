"""The JSON Schema of `suite.yaml` says what the reader says: every key, and none else."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from harness.cases.files.findings import Findings
from harness.cases.files.strict_yaml import parse_yaml
from harness.cases.suite_file import suite_keys
from harness.cases.suite_file.suite_keys import EXTRACTORS, SuiteFile, keys_of
from harness.cases.suite_file.suite_schema import suite_schema, suite_schema_text
from harness.cases.suite_file.suite_settings import read_settings
from harness.core.rules.field_rule import FieldRule

ROOT = Path(__file__).parents[3]
SCHEMA: dict[str, Any] = suite_schema()
VALID = Draft202012Validator(SCHEMA)


SUITES = sorted(ROOT.glob("evals/*/suite.yaml"))


def test_it_is_a_schema_and_the_docs_publish_it_as_it_is() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    published = (ROOT / "docs/suite.schema.json").read_text("utf-8")
    assert published == suite_schema_text(), "harness check --schema > docs/suite.schema.json"


def test_it_knows_every_key_that_the_reader_accepts_and_none_else() -> None:
    models = {n: m for n, m in vars(suite_keys).items() if n in SCHEMA["$defs"]}
    assert {"FieldRule", *models} == set(SCHEMA["$defs"])
    assert {model.__name__ for model in EXTRACTORS.values()} <= models.keys()
    for part, model in ((SCHEMA, SuiteFile), *((SCHEMA["$defs"][n], m) for n, m in models.items())):
        assert sorted(part["properties"]) == sorted(keys_of(model)), model
        assert part["additionalProperties"] is False
    rule = SCHEMA["$defs"]["FieldRule"]
    assert list(rule["properties"]) == [field.name for field in fields(FieldRule)]
    assert all(said["description"] for said in rule["properties"].values())
    assert all("description" in said for said in SCHEMA["properties"].values())


def _accepted(text: str, folder: Path) -> tuple[bool, bool]:
    """Return what reader and schema say of a file."""
    file = folder / "suite.yaml"
    file.write_text(text, "utf-8")
    findings = Findings()
    read_settings(file, findings)
    return not findings.problems, VALID.is_valid(parse_yaml(text, file).value)


@pytest.mark.parametrize("suite", SUITES, ids=lambda p: p.parent.name)
def test_the_suites_of_this_repository_are_valid_by_it(suite: Path, tmp_path: Path) -> None:
    assert _accepted(suite.read_text("utf-8"), tmp_path) == (True, True)


@pytest.mark.parametrize(
    "text",
    [
        "name: 2024",
        "schema:",
        "documents: docs/*.txt",
        "documents: [a, 2]",
        "tags: [scan]",
        "tags: {inv-1: [scan]}",
        "extractor: {kind: openai, model: gpt, seed: 3, extra: {a: [1]}}",
        "extractors: {a: {kind: recorded, answers: x}}",
        "rules: {a.b: {compare: 'mine:same', threshold: 0.5, any_of: [1, x], units: {kg: 1}}}",
        "rules: {'rows[]': {align: key, key: [sku]}, n: {relative: 0.01, blank: ['null']}}",
        "cases: [{id: 3, documents: a.txt, schema: s.json}]",
        "goals: {minimum: {macro: 0.5, p95_seconds: 2}, target: {floor: 0.6}}",
        "limits: {input_tokens: 5}\nreading: {scans: ocr}\ntarget_f1: 0.9\nempty: one",
    ],
)
def test_what_the_reader_takes_is_valid(text: str, tmp_path: Path) -> None:
    assert _accepted(text, tmp_path) == (True, True)


@pytest.mark.parametrize(
    "text",
    [
        "docments: x",
        "extractor: {kind: recorded}",
        "extractor: {kind: openai, model: g, base_ur: x}",
        "rules: {a: {compare: numbr}}",
        "rules: {a: {treshold: 1}}",
        "rules: {a: {days: x}}",
        "cases: [{documents: a}]",
        "target_f1: 2",
        "goals: {minimum: {macr: 0.5}}",
        "goals: {target: {floor: 2}}",
        "empty: none",
        "name: [a]",
    ],
)
def test_what_the_reader_refuses_is_not(text: str, tmp_path: Path) -> None:
    assert _accepted(text, tmp_path) == (False, False)
