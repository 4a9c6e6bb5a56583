"""The same verdicts under other fields' conventions: partial credit, soft credit, correction cost.

`standard` is the headline everywhere; these are for whoever has to compare with numbers computed
another way. Each is one table or one line, and all of them are here and in `outcomes`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from rapidfuzz.distance import Levenshtein

from harness.core.counts import Counts, Scores
from harness.core.differ.case_result import CaseResult
from harness.core.outcomes import CONVENTIONS, FieldDiff, Outcome, Tag
from harness.core.reading.text import fold
from harness.core.statistics.intervals import mean


@dataclass(frozen=True, slots=True)
class Credit:
    """Points earned, out of what was expected and what was predicted. Credits add.

    >>> (Credit(1.5, 2, 3) + Credit(0.5, 2, 1)).f1
    0.5
    """

    points: float = 0.0
    expected: int = 0
    predicted: int = 0

    def __add__(self, other: Credit) -> Credit:
        return Credit(
            self.points + other.points,
            self.expected + other.expected,
            self.predicted + other.predicted,
        )

    @property
    def precision(self) -> float:
        """Points out of what was predicted; 0 where nothing was."""
        return self.points / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Points out of what was expected; 0 where nothing was."""
        return self.points / self.expected if self.expected else 0.0

    @property
    def f1(self) -> float:
        """2 points / (expected + predicted); 0 where there is neither."""
        both = self.expected + self.predicted
        return 2 * self.points / both if both else 0.0


class Relation(Enum):
    """Relation of a predicted value to the expected one, as in SemEval 2013 task 9.1."""

    SAME = "same value, right format"
    RESHAPED = "same value, wrong format"
    OVERLAPPING = "other text that shares words"
    DIFFERENT = "another value"
    ELSEWHERE = "same value under another field"
    MISSING = "nothing predicted"
    SPURIOUS = "nothing expected"


SEMEVAL: Final[Mapping[str, Mapping[Relation, float]]] = MappingProxyType(
    {
        "semeval-strict": {Relation.SAME: 1.0},
        "semeval-exact": {Relation.SAME: 1.0, Relation.RESHAPED: 1.0, Relation.ELSEWHERE: 1.0},
        "semeval-partial": {
            Relation.SAME: 1.0,
            Relation.RESHAPED: 1.0,
            Relation.ELSEWHERE: 1.0,
            Relation.OVERLAPPING: 0.5,
        },
        "semeval-type": {Relation.SAME: 1.0, Relation.OVERLAPPING: 1.0},
    }
)
"""Points by relation; what is not named earns none. The value is SemEval's boundary, the field its
type: `exact` asks for the value whatever the field, `type` for the field with any shared words."""

SIMILARITY_CUT: Final = 0.5
"""Similarity below which a value earns nothing, as in ANLS (Biten et al. 2019)."""


def relation(diff: FieldDiff) -> Relation:
    """Tell how the two sides of one verdict stand to each other."""
    moved = Tag.MISPLACED in diff.tags or Tag.RENAMED_KEY in diff.tags
    match diff.outcome:
        case Outcome.CORRECT:
            return Relation.SAME
        case Outcome.OMISSION:
            return Relation.ELSEWHERE if moved else Relation.MISSING
        case Outcome.HALLUCINATION:
            return Relation.SPURIOUS
        case _ if diff.value_equal:
            return Relation.RESHAPED
        case _:
            return Relation.OVERLAPPING if _share_words(diff) else Relation.DIFFERENT


def _share_words(diff: FieldDiff) -> bool:
    one, other = diff.expected, diff.predicted
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    return bool(set(fold(one).split()) & set(fold(other).split()))


@dataclass(frozen=True, slots=True)
class ConventionInput:
    """Figures of one case, as far as any convention asks."""

    counts: Counts
    relations: Mapping[Relation, int]
    alike: float
    """Similarity of both sides from one half up, summed over all fields."""

    @classmethod
    def of(cls, result: CaseResult) -> ConventionInput:
        """Return what all conventions read off a case, in one walk over what went wrong."""
        correct = Outcome.CORRECT
        wrong = [diff for diff in result.diffs if diff.outcome is not correct]
        relations = Counter(map(relation, wrong))
        relations[Relation.SAME] = result.counts.correct
        alike = math.fsum(map(_similarity, wrong))
        return cls(result.counts, relations, result.counts.correct + alike)


def _similarity(diff: FieldDiff) -> float:
    if diff.outcome in (Outcome.OMISSION, Outcome.HALLUCINATION):
        return 0.0
    one, other = fold(str(diff.expected)), fold(str(diff.predicted))
    if len(one) + len(other) > _LONG:
        near: float = diff.similarity or 0.0
    else:
        near = Levenshtein.normalized_similarity(one, other)
    return near if near >= SIMILARITY_CUT else 0.0


_LONG: Final = 20_000
"""Characters of both sides from which the similarity of the verdict itself is taken."""


def _semeval(points: Mapping[Relation, float]) -> Callable[[ConventionInput], Credit]:
    def credit(met: ConventionInput) -> Credit:
        earned = sum(points.get(kind, 0.0) * times for kind, times in met.relations.items())
        counts = met.counts
        return Credit(earned, counts.expected, counts.total - counts.omission)

    return credit


def _charged(convention: str) -> Callable[[ConventionInput], Credit]:
    def credit(met: ConventionInput) -> Credit:
        counts = met.counts.under(convention)
        tp = counts.true_positives
        return Credit(tp, tp + counts.false_negatives, tp + counts.false_positives)

    return credit


def _similar(met: ConventionInput) -> Credit:
    """Similarity of every pair of values, out of all fields of either side."""
    return Credit(met.alike, met.counts.total, met.counts.total)


def _correction(met: ConventionInput) -> Credit:
    cost = met.counts.correction_cost
    return Credit(cost.hits, cost.of, cost.of)


ALL: Final[Mapping[str, Callable[[ConventionInput], Credit]]] = MappingProxyType(
    {
        **{name: _charged(name) for name in CONVENTIONS},
        **{name: _semeval(points) for name, points in SEMEVAL.items()},
        "similarity": _similar,
        "correction-cost": _correction,
    }
)
"""Every convention by name: from what a case holds to its credit."""


def under(results: Iterable[CaseResult], convention: str) -> tuple[Scores | None, Scores | None]:
    """Return macro and micro scores of some cases under a convention; vacuous cases are left out.

    Raises KeyError for a convention nobody has named.
    """
    return averaged([ConventionInput.of(result) for result in results], convention)


def averaged(
    met: Sequence[ConventionInput], convention: str, vacuous: float | None = None
) -> tuple[Scores | None, Scores | None]:
    """Return macro and micro scores under a convention; `vacuous` is what an empty case is worth.

    None leaves such cases out. Raises KeyError for a convention nobody has named.
    """
    earned = [ALL[convention](each) for each in met if each.counts.total]
    empty = [vacuous] * (len(met) - len(earned)) if vacuous is not None else []
    if not earned and not empty:
        return None, None
    macro = Scores(
        mean([*(c.precision for c in earned), *empty]) or 0.0,
        mean([*(c.recall for c in earned), *empty]) or 0.0,
        mean([*(c.f1 for c in earned), *empty]) or 0.0,
    )
    total = sum(earned, Credit())
    return macro, Scores(total.precision, total.recall, total.f1) if earned else None
