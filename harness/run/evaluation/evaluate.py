"""`harness.evaluate`: a corpus of truths and predictions paired by position or by id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Final, TypeAlias

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
from harness.extract.reply.read_reply import read_reply
from harness.run.evaluation.corpus_report import Report, corpus_report
from harness.run.evaluation.data_frames import frame_records, is_frame
from harness.run.results.score_cases import ScoredCase, Scorer
from harness.run.scored_files.standalone_rules import Ruler, ruler

Values: TypeAlias = Iterable[Any] | Mapping[Any, Any]
"""Values by position, or by id."""

_NAMED: Final = 5
"""Ids that an error names; the others are counted."""
_LIMITS: Final = Limits()


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
    column of both as `ids` their rows are paired by what stands there.
    A missing prediction, or None, counts as an answer of nothing and is listed in
    `report.unanswered` (`harness score` and `run` leave it out, and end with exit code 4, which a
    number in Python cannot); a prediction without a truth is not scored and is listed in
    `report.unexpected`. A prediction that is text, where the truth is an object or a list, is read
    as a model's reply. Python values (models, dates, decimals, NumPy's scalars ...) are read as in
    `score`. `schema` and `rules` are as in `score`, or rules are the file that `harness score
    --rules` takes; functions that rules name are imported from beside it, or from the working
    directory.

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
    expected, predicted = _paired(truths, predictions, ids, pairs)
    if not expected:
        raise ValueError("there is nothing to score: no truths are given")
    if predicted and not expected.keys() & predicted.keys():
        few = f"truths: {_few(expected)}; predictions: {_few(predicted)}"
        raise ValueError(f"no prediction has the id of a truth ({few})")
    scorer = Scorer(measure.rules, measure.functions)
    scored: list[ScoredCase] = []
    for key, value in expected.items():
        try:
            case = Case(key, (), _truth(key, value), measure.schema)
            scored.append(scorer.score(case, _answer(case, predicted.get(key))))
        except HarnessError as error:
            problems = (
                Problem(f"case {key!r}: {p.what}", p.code, hint=p.hint) for p in error.problems
            )
            raise HarnessError(*problems) from None
    extra = [key for key in predicted if key not in expected]
    warnings = odd_rules(measure, [each.case.truth for each in scored])
    return corpus_report(scored, measure, extra, warnings)


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


def _paired(
    truths: Values | None,
    predictions: Values | None,
    ids: Iterable[object] | str | None,
    pairs: Iterable[tuple[Any, Any]] | None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return truths and predictions by id."""
    if pairs is not None:
        if truths is not None or predictions is not None:
            raise ValueError("give either pairs, or truths and predictions")
        both = list(pairs)
        truths, predictions = [one for one, _ in both], [other for _, other in both]
    if truths is None or predictions is None:
        raise ValueError("give truths and predictions, or pairs of (expected, predicted)")
    if isinstance(ids, str):
        return _by_column(truths, ids), _by_column(predictions, ids)
    if isinstance(truths, Mapping) and isinstance(predictions, Mapping):
        if ids is not None:
            raise ValueError("mappings have their own ids: leave out ids=")
        return _by_id(truths.items()), _by_id(predictions.items())
    if isinstance(truths, Mapping) or isinstance(predictions, Mapping):
        raise ValueError("truths and predictions are both lists or both mappings by id")  # noqa: TRY004  # one kind of error for what cannot be paired
    return _by_position(_listed(truths), _listed(predictions), ids)


def _by_position(
    expected: list[Any], predicted: list[Any], ids: Iterable[object] | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    if len(expected) != len(predicted):
        both = f"{len(expected)} truths and {len(predicted)} predictions"
        raise ValueError(f"{both} cannot be paired by position; give mappings by id")
    width = len(str(len(expected) - 1))
    names = [f"{n:0{width}d}" for n in range(len(expected))] if ids is None else list(ids)
    if len(names) != len(expected):
        raise ValueError(f"there are {len(names)} ids for {len(expected)} truths")
    return (
        _by_id(zip(names, expected, strict=True)),
        _by_id(zip(names, predicted, strict=True)),
    )


def _listed(values: Iterable[Any]) -> list[Any]:
    if isinstance(values, str | bytes):
        raise ValueError(f"a list of values is needed, not a {type(values).__name__}")  # noqa: TRY004  # one kind of error for what cannot be paired
    return frame_records(values, None)[1] if is_frame(values) else list(values)


def _by_column(values: Values, ids: str) -> dict[str, Any]:
    """Return the rows of a data frame by what stands in one of its columns."""
    if not is_frame(values):
        what = type(values).__name__
        raise ValueError(f"ids={ids!r} names a column of data frames, and this is a {what}")
    return _by_id(zip(*frame_records(values, ids), strict=True))


def _by_id(entries: Iterable[tuple[object, Any]]) -> dict[str, Any]:
    """Return values by their ids as text. Raises ValueError where one id is given twice."""
    named = [(str(key), value) for key, value in entries]
    twice = [key for key, times in Counter(key for key, _ in named).items() if times > 1]
    if twice:
        raise ValueError(f"ids are given more than once: {_few(twice)}")
    return dict(named)


def _few(ids: Iterable[str]) -> str:
    names = list(ids)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(map(repr, names[:_NAMED])) + more


def _truth(key: str, value: Any) -> Json:  # noqa: ANN401  # JSON of callers' types
    found = given_value(value, "the truth")
    if isinstance(found, str) and found.lstrip().startswith(("{", "[{")):
        raise ValueError(f"the truth of case {key!r} is JSON in text; give json.loads of it")
    return found


def _answer(case: Case, value: Any) -> Answer | Failure:  # noqa: ANN401  # JSON of callers' types
    if value is None:
        return Failure(FailureKind.EMPTY, "there is no prediction for this truth")
    if isinstance(value, str) and isinstance(case.truth, dict | list):
        return read_reply(value, _LIMITS)
    return Answer(given_value(value, "the prediction"))
