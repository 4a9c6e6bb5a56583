"""Headroom: macro F1 recomputed as if some mistakes had not been made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from harness.core.counts import Counts, scores
from harness.core.outcomes import Outcome
from harness.core.scores.scorecard import VACUOUS, Empty
from harness.core.statistics.intervals import mean

Fixes = Mapping[Outcome, int]
"""How many errors of each kind would be gone from one exam."""


def fixed(counts: Counts, fixes: Fixes) -> Counts:
    """Return an exam's counts without some of its errors.

    What was expected is found then, and what was not expected is not said.

    >>> fixed(Counts(correct=1, omission=2, hallucination=1), {Outcome.OMISSION: 1}).correct
    2
    >>> fixed(Counts(correct=1, hallucination=1), {Outcome.HALLUCINATION: 1}).total
    1
    """
    gone = [fixes.get(outcome, 0) for outcome in _ERRORS]
    return replace(
        counts,
        correct=counts.correct + sum(gone) - fixes.get(Outcome.HALLUCINATION, 0),
        omission=counts.omission - gone[0],
        hallucination=counts.hallucination - gone[1],
        format_error=counts.format_error - gone[2],
        wrong_value=counts.wrong_value - gone[3],
    )


_ERRORS: Final = (
    Outcome.OMISSION,
    Outcome.HALLUCINATION,
    Outcome.FORMAT_ERROR,
    Outcome.WRONG_VALUE,
)


@dataclass(frozen=True, slots=True)
class Headroom:
    """The exams of a run, ready to be asked what fixing would win."""

    counts: tuple[Counts, ...]
    empty: Empty = "skip"
    """What an exam with nothing expected and nothing said is worth."""

    @property
    def macro_f1(self) -> float | None:
        """The mean over exams of their F1, as the run has it; None without exams."""
        return self.after({})

    def after(self, fixes: Mapping[int, Fixes]) -> float | None:
        """Return macro F1 if the errors of some exams, by their number, were gone.

        >>> room = Headroom((Counts(correct=1, omission=1), Counts(correct=1)))
        >>> room.macro_f1, room.after({0: {Outcome.OMISSION: 1}})
        (0.8333333333333333, 1.0)
        """
        worth = [
            _f1(fixed(counts, fixes[number]) if number in fixes else counts, self.empty)
            for number, counts in enumerate(self.counts)
        ]
        return mean([f1 for f1 in worth if f1 is not None])

    def gain(self, fixes: Sequence[Mapping[int, Fixes]]) -> float:
        """Return how much macro F1 would rise if all these were fixed together.

        Gains do not add: F1 is no sum, so what two fixes win together is asked for, not added up.
        Where nothing is left to be scored, nothing is left to be wrong.
        """
        whole: dict[int, dict[Outcome, int]] = {}
        for each in fixes:
            for number, errors in each.items():
                into = whole.setdefault(number, {})
                for outcome, count in errors.items():
                    into[outcome] = into.get(outcome, 0) + count
        before, after = self.macro_f1, self.after(whole)
        return 0.0 if before is None else (1.0 if after is None else after) - before


def _f1(counts: Counts, empty: Empty) -> float | None:
    f1_scores = scores(counts)
    return VACUOUS[empty] if f1_scores is None else f1_scores.f1
