"""Names of outcomes and tags on every surface, and marks that tell them without colour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from harness.core import number_text
from harness.core.outcomes import Outcome
from harness.run.stored.stored_figures import by_outcome
from harness.run.stored.stored_results import CountsRecord


@dataclass(frozen=True, slots=True)
class OutcomeMark:
    """An outcome as it is read and seen."""

    outcome: Outcome
    icon: str
    word: str

    @property
    def css(self) -> str:
        """The outcome's name in class attributes: never made from stored text."""
        return self.outcome.value.replace("_", "-")


OUTCOME_MARKS: Final[Mapping[Outcome, OutcomeMark]] = MappingProxyType(
    {
        outcome: OutcomeMark(outcome, icon, outcome.value.replace("_", " "))
        for outcome, icon in (
            (Outcome.CORRECT, "\u2713"),
            (Outcome.WRONG_VALUE, "\u2260"),
            (Outcome.FORMAT_ERROR, "~"),
            (Outcome.OMISSION, "\u25cb"),
            (Outcome.HALLUCINATION, "+"),
        )
    }
)
"""In the order in which every surface lists them: right first, then what was misread, missed, made
up."""

ERRORS: Final[tuple[OutcomeMark, ...]] = tuple(
    verdict for verdict in OUTCOME_MARKS.values() if verdict.outcome is not Outcome.CORRECT
)

_ERROR_NAMES: Final = tuple(verdict.outcome.value for verdict in ERRORS)


def tag_word(tag: str) -> str:
    """Return a tag, or a kind of failure, as words.

    >>> tag_word("suspect_ground_truth"), tag_word("not_json")
    ('suspect ground truth', 'not JSON')
    """
    return "not JSON" if tag == "not_json" else tag.replace("_", " ")


def errors_of(counts: CountsRecord) -> int:
    """Return how many fields went wrong in any way.

    >>> errors_of({"correct": 7, "omission": 2, "wrong_value": 1})
    3
    """
    by_name = by_outcome(counts)
    return sum(by_name.get(name, 0) for name in _ERROR_NAMES)


def by_weight(record: CountsRecord) -> tuple[tuple[OutcomeMark, int], ...]:
    """Return the errors that occurred, most frequent first.

    >>> [(v.word, n) for v, n in by_weight({"correct": 9, "omission": 2, "wrong_value": 3})]
    [('wrong value', 3), ('omission', 2)]
    """
    counts = by_outcome(record)
    counted = ((verdict, counts.get(verdict.outcome.value, 0)) for verdict in ERRORS)
    return tuple(sorted(((v, n) for v, n in counted if n), key=lambda pair: -pair[1]))


def mostly(counts: CountsRecord) -> str:
    """Return the most frequent error with its number, or "no errors".

    >>> mostly({"omission": 2, "wrong_value": 31}), mostly({"correct": 3})
    ('31 wrong values', 'no errors')
    """
    ranked = by_weight(counts)
    return number_text.counted(ranked[0][1], ranked[0][0].word) if ranked else "no errors"
