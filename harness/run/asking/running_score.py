"""Running score of a run that has not ended: each answer is judged once, as it arrives."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.core.counts import Counts
from harness.core.records import Case, Prediction
from harness.core.scores.scorecard import VACUOUS, Empty, average
from harness.core.statistics.intervals import Interval, document_intervals
from harness.run.results.score_cases import Scorer


class ScoreSoFar(NamedTuple):
    """F1 of the answers that were judged so far."""

    answers: int
    """Answers it is of: unusable ones count, with 0."""
    macro: float | None
    micro: float | None
    macro_interval: Interval | None
    """Over documents; None below two."""
    documents: int
    """Documents that the interval is over."""


@dataclass(slots=True)
class RunningScore:
    """Judges the answers of one run, as many as there is time for."""

    scorer: Scorer
    cases: Mapping[str, Case]
    empty: Empty
    _waiting: dict[tuple[str, int], Prediction] = field(default_factory=dict)
    _counts: dict[tuple[str, int], Counts] = field(default_factory=dict)

    def add(self, prediction: Prediction) -> None:
        """Take an answer; the last one to a question counts."""
        case = self.cases.get(prediction.case_id)
        if case is not None and case.is_labelled:
            self._waiting[prediction.case_id, prediction.replicate] = prediction

    def judge(self, seconds: float) -> None:
        """Judge waiting answers in order of arrival, for at most so many seconds."""
        end = time.monotonic() + seconds
        while self._waiting and time.monotonic() < end:
            name = next(iter(self._waiting))
            prediction = self._waiting.pop(name)
            result = self.scorer.score(self.cases[prediction.case_id], prediction.output).result
            if result is None:
                self._counts.pop(name, None)
            else:
                self._counts[name] = result.counts

    def so_far(self) -> ScoreSoFar | None:
        """Return the score of what was judged; None where that is nothing."""
        if not self._counts:
            return None
        averages = average(list(self._counts.values()), self.empty)
        intervals = document_intervals(_by_case(self._counts), VACUOUS[self.empty])
        return ScoreSoFar(
            len(self._counts),
            averages.macro.f1 if averages.macro else None,
            averages.micro.f1 if averages.micro else None,
            intervals.macro_f1,
            intervals.documents,
        )


def _by_case(counts: Mapping[tuple[str, int], Counts]) -> list[list[Counts]]:
    documents: dict[str, list[Counts]] = {}
    for (case_id, _), each in counts.items():
        documents.setdefault(case_id, []).append(each)
    return list(documents.values())


def begun_unanswered(
    numbers: Iterable[tuple[str, int]], answered: set[tuple[str, int]]
) -> list[str]:
    """Return the cases that were begun before one that is answered, and are not answered.

    `asked` are questions in the order they are begun in.

    >>> begun_unanswered([("a", 1), ("b", 1), ("c", 1), ("d", 1)], {("a", 1), ("c", 1)})
    ['b']
    """
    unanswered: list[str] = []
    sure = 0
    for name in numbers:
        if name in answered:
            sure = len(unanswered)
        else:
            unanswered.append(name[0])
    return unanswered[:sure]
