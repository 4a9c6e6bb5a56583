"""Scoring a handful of cases the way a run does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.core.records import Answer, Case, Document, Failure
from harness.core.rules.field_rule import parse_rules
from harness.core.scores.scorecard import Empty
from harness.core.values import Json
from harness.run import store
from harness.run.results.results_document import ScoringSettings, results_document
from harness.run.results.score_cases import Scorer

Asked = Sequence[tuple[Case, Answer | Failure]]


def document(text: str, name: str = "documents/a.txt") -> Document:
    return Document(name, "0" * 64, text)


def results(asked: Asked, rules: object = None, empty: Empty = "skip") -> dict[str, Any]:
    """Return the results document of cases and what was said about each."""
    parsed = parse_rules(rules or {})
    scorer = Scorer(parsed)
    scored = [scorer.score(case, said) for case, said in asked]
    floor = scorer.null_floor([each.case for each in scored if each.result is not None])
    document: Any = results_document(
        ScoringSettings("notes", "0" * 64, parsed, "good", empty, 0.9), scored, floor
    )
    return document  # type: ignore[no-any-return]


def one(truth: Json, answer: Json, schema: Json = None, text: str = "") -> dict[str, Any]:
    """Return the results document of a single case, with a document if there is a text."""
    documents = (document(text),) if text else ()
    return results([(Case("a", documents, truth, schema), Answer(answer))])


def stored_results(folder: Path) -> Any:  # noqa: ANN401  # as JSON is looked at by tests
    """Return the results of a run folder, of whichever version its file is."""
    return store.read_results(folder)
