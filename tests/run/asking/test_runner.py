"""Asking about every case: how many at once, in what order, and what one bad case does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from harness.core.records import Answer, Case, Failure, FailureKind, Prediction
from harness.extract.build import Extractor
from harness.run.asking import runner
from harness.run.asking.answer_sources import Plain
from harness.run.asking.orders import RunWatch
from harness.run.asking.questions import CaseQuestion
from harness.run.asking.runner import RunLimits


def cases(count: int) -> list[Case]:
    return [Case(f"{number:03}", (), {"n": number}) for number in range(count)]


def nobody(waiting: int, why: str) -> None:
    raise AssertionError(f"nobody stopped it, {waiting} in flight: {why}")


def run(
    cases: list[Case], extractor: Extractor, told: Callable[[Prediction], None], concurrency: int
) -> bool:
    asked = [CaseQuestion(case, 1, None) for case in cases]
    return runner.ask_all(asked, Plain(extractor), RunWatch(told, nobody), RunLimits(concurrency))


class Watched:
    """An extractor that lets all others go on before it answers, and counts them."""

    def __init__(self) -> None:
        self.most = self.now = 0
        self.asked: list[str] = []

    async def extract(self, case: Case) -> Answer | Failure:
        self.asked.append(case.id)
        self.now += 1
        self.most = max(self.most, self.now)
        for _ in range(5):
            await asyncio.sleep(0)  # lets the others go on; takes no time
        self.now -= 1
        return Answer(case.truth)


@pytest.mark.parametrize(("concurrency", "most"), [(1, 1), (3, 3), (50, 20)])
def test_no_more_cases_are_in_flight_than_allowed(concurrency: int, most: int) -> None:
    watched = Watched()
    told: list[Prediction] = []
    assert run(cases(20), watched, told.append, concurrency)
    assert watched.most == most
    assert sorted(p.case_id for p in told) == [case.id for case in cases(20)]
    assert watched.asked == [case.id for case in cases(20)], "in the order of the suite"


class Backwards:
    """An extractor that answers the last case first."""

    def __init__(self, count: int) -> None:
        self.turns = [asyncio.Event() for _ in range(count)]

    async def extract(self, case: Case) -> Answer | Failure:
        number = int(case.id)
        if number + 1 < len(self.turns):
            await self.turns[number + 1].wait()
        self.turns[number].set()
        return Answer(number)


def test_predictions_are_told_in_the_order_they_arrive() -> None:
    told: list[Prediction] = []
    assert run(cases(5), Backwards(5), told.append, 5)
    assert [prediction.case_id for prediction in told] == ["004", "003", "002", "001", "000"]
    assert all(prediction.seconds >= 0 for prediction in told)


class Failing:
    """An extractor that raises something at one case."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    async def extract(self, case: Case) -> Answer | Failure:
        if case.id == "001":
            raise self.error
        return Answer(case.truth)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (RuntimeError("no luck"), "RuntimeError: no luck"),
        (RecursionError("too deep"), "RecursionError: too deep"),
        (TimeoutError(), "TimeoutError: "),
        (asyncio.CancelledError(), "CancelledError: "),
    ],
)
@pytest.mark.parametrize("concurrency", [1, 4])
def test_what_one_case_raises_is_its_failure_and_stops_no_other(
    error: BaseException, message: str, concurrency: int
) -> None:
    told: list[Prediction] = []
    assert run(cases(4), Failing(error), told.append, concurrency)
    said = {prediction.case_id: prediction.output for prediction in told}
    assert said.pop("001") == Failure(FailureKind.EXCEPTION, message)
    assert len(said) == 3
    assert all(isinstance(each, Answer) for each in said.values())


def test_a_prediction_that_cannot_be_kept_is_never_passed_over() -> None:
    kept: list[str] = []

    def told(prediction: Prediction) -> None:
        if prediction.case_id == "002":
            raise OSError(28, "No space left on device")
        kept.append(prediction.case_id)

    with pytest.raises(OSError, match="No space left"):
        run(cases(6), Watched(), told, 2)
    assert "000" in kept
    assert set(kept) <= {"000", "001", "003"}, "nothing new is begun after it"


def test_no_case_is_a_run_like_any() -> None:
    told: list[Prediction] = []
    assert run([], Watched(), told.append, 8)
    assert told == []
