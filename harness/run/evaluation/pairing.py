"""Truths and predictions paired by position, by id or by a column of data frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeAlias

from harness.cases.files.places import nfc
from harness.core.reading.python_values import given_value
from harness.core.records import Case
from harness.core.values import Json
from harness.errors import HarnessError, Problem
from harness.run.evaluation.data_frames import frame_records, is_frame

Values: TypeAlias = Iterable[Any] | Mapping[Any, Any]
"""Values by position, or by id."""

_NAMED: Final = 5
"""Ids that an error names; the others are counted."""


def in_case(key: str, error: HarnessError) -> HarnessError:
    """Return an error with the case it is about."""
    problems = (Problem(f"case {key!r}: {p.what}", p.code, hint=p.hint) for p in error.problems)
    return HarnessError(*problems)


def paired_values(
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
        return named_values(truths.items()), named_values(predictions.items())
    if isinstance(truths, Mapping) or isinstance(predictions, Mapping):
        raise ValueError("truths and predictions are both lists or both mappings by id")  # noqa: TRY004  # one kind of error for what cannot be paired
    return _by_position(_listed(truths), _listed(predictions), ids)


def _by_position(
    expected: list[Any], predicted: list[Any], ids: Iterable[object] | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    if len(expected) != len(predicted):
        both = f"{len(expected)} truths and {len(predicted)} predictions"
        raise ValueError(f"{both} cannot be paired by position; give mappings by id")
    names = case_names(len(expected), ids)
    return (
        named_values(zip(names, expected, strict=True)),
        named_values(zip(names, predicted, strict=True)),
    )


def case_names(number: int, ids: Iterable[object] | None) -> list[object]:
    """Return an id for each of so many cases: its place, where none are given."""
    if ids is None:
        width = len(str(number - 1))
        return [f"{n:0{width}d}" for n in range(number)]
    names = list(ids)
    if len(names) != number:
        raise ValueError(f"there are {len(names)} ids for {number} truths")
    return names


def _listed(values: Iterable[Any]) -> list[Any]:
    if isinstance(values, str | bytes):
        raise ValueError(f"a list of values is needed, not a {type(values).__name__}")  # noqa: TRY004  # one kind of error for what cannot be paired
    return frame_records(values, None)[1] if is_frame(values) else list(values)


def _by_column(values: Values, ids: str) -> dict[str, Any]:
    """Return the rows of a data frame, or records, by what stands in one column or field."""
    if isinstance(values, list) and all(isinstance(one, Mapping) for one in values):
        lost = [n for n, one in enumerate(values) if one.get(ids) is None]
        if lost:
            raise ValueError(f"records without {ids!r}: {few_names(map(str, lost))}")
        rest = [{k: v for k, v in one.items() if k != ids} for one in values]
        return named_values(zip([one[ids] for one in values], rest, strict=True))
    if not is_frame(values):
        what = type(values).__name__
        raise ValueError(
            f"ids={ids!r} names a column of data frames or a field of records, and this is a {what}"
        )
    return named_values(zip(*frame_records(values, ids), strict=True))


def named_values(entries: Iterable[tuple[object, Any]]) -> dict[str, Any]:
    """Return values by their ids as text. Raises ValueError where one id is given twice."""
    named = [(nfc(str(key)), value) for key, value in entries]
    twice = [key for key, times in Counter(key for key, _ in named).items() if times > 1]
    if twice:
        raise ValueError(f"ids are given more than once: {few_names(twice)}")
    return dict(named)


def few_names(ids: Iterable[str]) -> str:
    """Return the first ids, and how many more there are."""
    names = list(ids)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(map(repr, names[:_NAMED])) + more


def truth_case(key: str, value: Any, schema: Json) -> Case:  # noqa: ANN401  # JSON of callers' types
    """Return the case of a truth; of a `Case` that is given, its rules and places stay."""
    if isinstance(value, Case):
        return replace(value, id=key, schema=value.schema if schema is None else schema)
    return Case(key, (), read_truth(key, value), schema)


def read_truth(key: str, value: Any) -> Json:  # noqa: ANN401  # JSON of callers' types
    """Return a truth as JSON. Raises ValueError for JSON in text, HarnessError as `score` does."""
    given = given_value(value, "the truth")
    if isinstance(given, str) and given.lstrip().startswith(("{", "[{")):
        raise ValueError(f"the truth of case {key!r} is JSON in text; give json.loads of it")
    return given
