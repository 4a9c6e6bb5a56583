"""A scorer that tries every pairing agrees with the one that is fast.

What the rules leave open is compared as far as it is determined: among pairings with equally many
correct, leniently right and shared leaves, ties go by similarity, which the reference does not
measure. It returns every tally such a pairing can give, and the harness must give one of them.
"""

from __future__ import annotations

import json
from random import Random

import pytest

from harness import score
from harness.core.values import Json
from tests.reference.documents import pair
from tests.reference.scorer import Tally, fold, tallies

EACH = 1000


def _tally(expected: Json, predicted: Json) -> Tally:
    counts = score(expected, predicted).counts
    return (
        counts.correct,
        counts.omission,
        counts.hallucination,
        counts.format_error,
        counts.wrong_value,
        counts.value_equal,
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_reference_agrees_on_thousands_of_small_documents(seed: int) -> None:
    rng = Random(seed)
    for _ in range(EACH):
        truth, prediction = pair(rng)
        got, possible = _tally(truth, prediction), tallies(truth, prediction)
        assert got in possible, json.dumps([truth, prediction], ensure_ascii=False)


def test_most_small_documents_leave_no_tie_open() -> None:
    rng = Random(99)
    open_ties = sum(len(tallies(*pair(rng))) > 1 for _ in range(EACH))
    assert open_ties < EACH / 10


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("ACME\u00a0 Corp", "acme corp", True),
        ("O\u2019Brien", "o'brien", True),
        ("caf\u00e9", "cafe\u0301", True),
        ("a\u2014b", "A-B", True),
        ("zero\u200bwidth", "zerowidth", True),
        ("10\u00b2", "102", False),
        ("007", "7", False),
        ("Stra\u00dfe", "STRASSE", True),
    ],
)
def test_both_scorers_fold_texts_alike(one: str, other: str, *, alike: bool) -> None:
    assert (fold(one) == fold(other)) is alike
    assert bool(score({"a": one}, {"a": other}).counts.correct) is alike
