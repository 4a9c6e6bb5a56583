"""`harness.evaluate`: a corpus of truths and predictions paired by position or by id."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, Final

from harness.cases.schemas.rule_checks import broken_rules
from harness.cases.schemas.rule_files import read_rules
from harness.cases.schemas.rule_warnings import rule_warnings
from harness.cases.suite import Limits
from harness.core.differ.plan import given_schema
from harness.core.reading.python_values import given_value
from harness.core.records import Answer, Case, Failure, FailureKind
from harness.core.rules.field_rule import parse_rules
from harness.core.values import Json
from harness.errors import HarnessError, Problem
from harness.extract.reply.context.nested_part import whole_answer
from harness.extract.reply.read_reply import read_reply
from harness.extract.reply.stated_confidence import without_stated
from harness.run.evaluation.corpus_report import Report, corpus_report
from harness.run.evaluation.pairing import (
    Values,
    few_names,
    in_case,
    paired_values,
    truth_case,
)
from harness.run.results.score_cases import ScoredCase, Scorer
from harness.run.scored_files.standalone_rules import Ruler, ruler

_LIMITS: Final = Limits()
_GARBAGE: Final = 50_000
"""New objects between two searches for cycles; Python's own 700 cost as much as scoring does."""


def evaluate(  # noqa: PLR0913  # one call for a notebook: what is scored, and by what
    truths: Values | None = None,
    predictions: Values | None = None,
    *,
    schema: Any = None,  # noqa: ANN401  # JSON, or a Pydantic class
    rules: Mapping[str, object] | str | PathLike[str] | None = None,
    ids: Iterable[object] | str | None = None,
    pairs: Iterable[tuple[Any, Any]] | None = None,
) -> Report:
    """Score a corpus of predictions against its truths; the figures are those of `harness score`.

    Lists and columns of data frames are paired by position, mappings by id; `pairs` are (expected,
    predicted) and stand in place of both. `ids` name what is paired by position; its place, from 0,
    is its id otherwise. Data frames of pandas or Polars are lists of their rows; with the name of a
    column of both as `ids`, or of a field of records, they are paired by what stands there.
    A missing prediction, or None, counts as an answer of nothing and is listed in
    `report.unanswered` (`harness score` and `run` leave it out, and end with exit code 4, which a
    number in Python cannot); a prediction without a truth is not scored and is listed in
    `report.unexpected`. A prediction that is text, where the truth is an object or a list, is read
    as a model's reply. Python values (models, dates, decimals, NumPy's scalars ...) are read as in
    `score`; a truth may be a `harness.Case`, which says where its values stand (`places`), to judge
    the places that predictions state (`report.places`). `schema` and `rules` are as in `score`, or
    rules are the file that `harness score --rules` takes; functions that rules name are imported
    from beside it, or from the working directory.

    Rules that mean no field, or by which wrong values are correct, are told in `report.warnings`.
    Raises ValueError where the two do not go together or there is nothing to score, HarnessError
    when rules or schema cannot be used, or a value is nested too deep.

    >>> report = evaluate([{"a": 1, "b": 2}, {"a": 3}], [{"a": 1, "b": 5}, {"a": 3}])
    >>> float(report), report.micro.recall, report.fields["b"].f1
    (0.75, 0.6666666666666666, 0.0)
    >>> evaluate({"x": {"a": 1}, "y": {"a": 2}}, {"x": {"a": 1}}).unanswered
    ('y',)
    """
    measure = corpus_ruler(schema, rules)
    expected, predicted = paired_values(truths, predictions, ids, pairs)
    if not expected:
        raise ValueError("there is nothing to score: no truths are given")
    if predicted and not expected.keys() & predicted.keys():
        few = f"truths: {few_names(expected)}; predictions: {few_names(predicted)}"
        raise ValueError(f"no prediction has the id of a truth ({few})")
    extra = [key for key in predicted if key not in expected]
    with _rare_collections():
        scored = _scored(expected, predicted, measure)
        warnings = odd_rules(measure, [each.case.truth for each in scored])
        return corpus_report(scored, measure, extra, warnings)


def _scored(
    expected: Mapping[str, Any], predicted: Mapping[str, Any], measure: Ruler
) -> list[ScoredCase]:
    """Return every case scored. Raises HarnessError that names the case."""
    scorer = Scorer(measure.rules, measure.functions)
    scored: list[ScoredCase] = []
    for key, value in expected.items():
        try:
            case = truth_case(key, value, measure.schema)
            scored.append(scorer.score(case, given_answer(case, predicted.get(key))))
        except HarnessError as error:
            raise in_case(key, error) from None
    return scored


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for cycles more rarely meanwhile: scoring makes many values and hardly any cycle."""
    before = gc.get_threshold()
    if 0 < before[0] < _GARBAGE:
        gc.set_threshold(_GARBAGE, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def corpus_ruler(
    schema: Any,  # noqa: ANN401  # JSON, or a Pydantic class
    rules: Mapping[str, object] | str | PathLike[str] | None,
) -> Ruler:
    """Return what a corpus is judged by. Raises HarnessError where it cannot be used."""
    if rules is None or isinstance(rules, Mapping):
        return ruler(given_schema(schema), parse_rules(dict(rules or {})), None)
    file = Path(rules)
    if not file.is_file():
        raise HarnessError(Problem(f"there is no file of rules {str(file)!r}", "no-such-path"))
    return ruler(given_schema(schema), read_rules(file), file.parent)


def odd_rules(measure: Ruler, truths: list[Json]) -> list[Problem]:
    """Return what is odd about the rules. Raises HarnessError where a name in one means nothing."""
    schemas = [measure.schema] if isinstance(measure.schema, dict) else []
    if broken := [problem for _, problem in broken_rules(measure.rules, schemas, truths)]:
        raise HarnessError(*broken)
    cases = [(measure.schema, truth) for truth in truths]
    return [problem for _, problem in rule_warnings(measure.rules, cases, measure.functions)]


def given_answer(case: Case, value: Any) -> Answer | Failure:  # noqa: ANN401  # JSON of callers' types
    """Return what a caller gave as a prediction; text is read as a model's reply.

    Confidences that are written into it are told apart from its fields, as in files.
    """
    if isinstance(value, Answer | Failure):
        return value
    if value is None:
        return Failure(FailureKind.EMPTY, "there is no prediction for this truth")
    if isinstance(value, str) and isinstance(case.truth, dict | list):
        return whole_answer(without_stated(read_reply(value, _LIMITS), case), case)
    return without_stated(Answer(given_value(value, "the prediction")), case)
