"""The tools that are measured: from a schema to a function that scores one pair of documents.

Every tool starts from the same two parsed documents and is set up once for a schema, untimed.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

import workload

from harness import Plan

Scorer = Callable[[workload.Case], object]
"""Scores one case; the answer is thrown away."""

PINS: Final[Mapping[str, str]] = {
    "stickler-eval": "1.0.0",
    "anls-star": "1.0.1",
    "deepdiff": "9.1.0",
    "autoevals": "0.4.1",
    "omni-extract-bench": "0.1.7",
}
"""The peers, by their names in the package registry."""


@dataclass(frozen=True)
class Tool:
    """One way to score a document."""

    name: str
    start: Callable[[workload.Record], Scorer]
    """Sets the tool up for a schema."""
    prepare: Callable[[workload.Case], workload.Case] = lambda case: case
    """What is done to a case beforehand, untimed."""


def _counts(schema: workload.Record) -> Scorer:
    plan = Plan(schema)
    return lambda case: plan.score(case.expected, case.predicted).counts


def _diffs(schema: workload.Record) -> Scorer:
    plan = Plan(schema)
    return lambda case: plan.score(case.expected, case.predicted).diffs


def _loads(_schema: workload.Record) -> Scorer:
    def score(case: workload.Case) -> object:
        return json.loads(case.expected["text"]), json.loads(case.predicted["text"])

    return score


def _as_text(case: workload.Case) -> workload.Case:
    truth, said = ({"text": json.dumps(side)} for side in (case.expected, case.predicted))
    return workload.Case(truth, said, case.planted)


def _module(name: str) -> ModuleType:
    return importlib.import_module(name)


def _stickler(schema: workload.Record, **options: bool) -> Scorer:
    model: Any = _module("stickler").StructuredModel.from_json_schema(schema)

    def score(case: workload.Case) -> object:
        truth, said = model.from_json(case.expected), model.from_json(case.predicted)
        return truth.compare_with(said, **options)

    return score


def _stickler_full(schema: workload.Record) -> Scorer:
    return _stickler(schema, include_confusion_matrix=True, document_non_matches=True)


def _anls_star(_schema: workload.Record) -> Scorer:
    anls_score: Any = _module("anls_star").anls_score
    return lambda case: anls_score(case.expected, case.predicted)


def _deepdiff(_schema: workload.Record) -> Scorer:
    deep_diff: Any = _module("deepdiff").DeepDiff
    return lambda case: deep_diff(case.expected, case.predicted, ignore_order=True)


def _omni(schema: workload.Record) -> Scorer:
    score: Any = _module("omni_extract_bench").score
    return lambda case: score(case.predicted, case.expected, schema)


def _json_diff(_schema: workload.Record) -> Scorer:
    differ: Any = _module("autoevals").JSONDiff()
    return lambda case: differ.eval(output=case.predicted, expected=case.expected)


HARNESS: Final = Tool("harness: counts", _counts)
DIFFS: Final = Tool("harness: with diffs", _diffs)
LOADS: Final = Tool("json.loads of both sides", _loads, _as_text)
STICKLER: Final = Tool("stickler: scores", _stickler)
STICKLER_FULL: Final = Tool("stickler: matrix and non-matches", _stickler_full)
ANLS_STAR: Final = Tool("anls-star", _anls_star)
DEEPDIFF: Final = Tool("deepdiff: ignore_order=True", _deepdiff)
JSON_DIFF: Final = Tool("autoevals: JSONDiff", _json_diff)
OMNI: Final = Tool("omni-extract-bench", _omni)

OURS: Final = (HARNESS, DIFFS, LOADS)
PEERS: Final = (STICKLER, STICKLER_FULL, ANLS_STAR, DEEPDIFF, OMNI, JSON_DIFF)


def peers() -> tuple[Tool, ...]:
    """Return the peers that are installed here, imported."""
    modules = {STICKLER: "stickler", STICKLER_FULL: "stickler", ANLS_STAR: "anls_star"}
    modules |= {DEEPDIFF: "deepdiff", OMNI: "omni_extract_bench", JSON_DIFF: "autoevals"}
    found = [tool for tool in PEERS if importlib.util.find_spec(modules[tool]) is not None]
    for tool in found:
        importlib.import_module(modules[tool])
    return tuple(found)
