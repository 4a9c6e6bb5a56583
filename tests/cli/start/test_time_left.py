"""The time that is left is said once enough answers have come, of answers that were asked for."""

from __future__ import annotations

import pytest

from harness.cli.start.progress_display import AnswerTally
from harness.core.number_text import count
from harness.core.records import Answer, Failure, FailureKind, Prediction


def answer(number: int, *, cached: bool = False) -> Prediction:
    return Prediction(f"c{number}", Answer({}), 1.0, cached=cached)


@pytest.mark.parametrize("answers", [1, 2])
def test_of_one_or_two_answers_nothing_is_foretold(answers: int) -> None:
    tally = AnswerTally(3_000)
    tally.began -= 10
    for number in range(answers):
        tally.add(answer(number))
    assert tally.shown() == ""


@pytest.mark.parametrize("total", [30, 3_000])
def test_from_three_answers_the_rate_tells_the_rest(total: int) -> None:
    tally = AnswerTally(total)
    tally.began -= 30
    for number in range(3):
        tally.add(answer(number))
    assert tally.shown().startswith("0.1/s \u00b7 ")
    assert tally.shown().endswith(" left")


def test_answers_that_were_paid_for_earlier_make_no_rate() -> None:
    tally = AnswerTally(3_000)
    tally.began -= 30
    for number in range(1_000):
        tally.add(answer(number, cached=True))
    assert tally.shown() == "1\u202f000 cached"
    for number in range(3):
        tally.add(answer(number))
    assert "0.1/s" in tally.shown()


@pytest.mark.parametrize("failed", [3, 3_000])
def test_every_kind_of_failure_counts_and_the_commonest_two_are_named(failed: int) -> None:
    tally = AnswerTally(2 * failed)
    kinds = (FailureKind.NOT_JSON, FailureKind.REFUSAL, FailureKind.EXIT_CODE)
    for number in range(failed):
        failure = Failure(FailureKind.NOT_JSON, "no JSON")
        tally.add(Prediction(f"c{number}", failure, 1.0, cached=True))
    assert f"{count(failed)} without an answer (not JSON)" in tally.shown()
    for number, kind in enumerate(kinds):
        tally.add(Prediction(f"d{number}", Failure(kind, "no"), 1.0, cached=True))
    named = (
        f"{count(failed + 3)} without an answer ({count(failed + 1)} not JSON, 1 refusal, 1 other)"
    )
    assert named in tally.shown()
