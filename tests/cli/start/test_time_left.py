"""The time that is left is said once enough answers have come, of answers that were asked for."""

from __future__ import annotations

import pytest

from harness.cli.start.progress_display import AnswerTally
from harness.core.records import Answer, Prediction


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
