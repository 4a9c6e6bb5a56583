"""Wrapped answers: predictions whose value stands one level below what the truths are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.cases.files.places import at
from harness.core.records import Answer
from harness.core.values import Json
from harness.errors import Problem
from harness.run.results.score_cases import ScoredCase


def wrapped_answers(scored: Iterable[ScoredCase], predicted: Path) -> Iterator[Problem]:
    """Yield a warning where every answer stands below one key that no truth has."""
    common: set[str] | None = None
    for case in scored:
        if isinstance(case.output, Answer):
            wrappers = _wrappers(case.case.truth, case.output.value)
            common = wrappers if common is None else common & wrappers
            if not common:
                return
    for key in sorted(common or ())[:1]:
        what = f"every prediction holds its values below {key!r}, the truths hold theirs at the top"
        hint = f"scored as it is: to score what stands below {key!r}, write that alone to the files"
        yield Problem(what, "wrapped-answer", at(predicted), hint)


def _wrappers(truth: Json, answer: Json) -> set[str]:
    """Return the keys of an answer below which stand fields of the truth that it has not itself."""
    if not isinstance(truth, dict) or not isinstance(answer, dict) or truth.keys() & answer.keys():
        return set()
    return {
        key
        for key, below in answer.items()
        if isinstance(below, dict) and truth.keys() & below.keys()
    }
