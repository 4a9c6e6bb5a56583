"""How fast we ask an endpoint that limits how much it is asked; time is played, not spent."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest

from harness.extract.sending.pace import Ceilings, Pace
from tests.extract.played import Bucket, Crowded, Limited, Sliding, played

EIGHT_A_SECOND = [partial(Sliding, 8, 1.0), partial(Bucket, 8.0, 8.0)]


@pytest.mark.parametrize("endpoint", EIGHT_A_SECOND, ids=["any second", "bucket"])
@pytest.mark.parametrize("says", [1.0, None])
def test_an_endpoint_that_takes_eight_a_second_is_asked_little_less_and_hardly_ever_more(
    endpoint: Callable[[], Limited], says: float | None
) -> None:
    found = played(endpoint(), Ceilings(50), 120, says=lambda _now: says)
    assert found.seconds < 17.5, "120 at 8 a second take 14 to 15"
    assert found.refusals < 60, "42 of them are the first wave of 50"


def test_an_endpoint_without_limits_is_asked_as_much_as_is_allowed() -> None:
    found = played(Crowded(1000), Ceilings(50), 500)
    assert found.most_in_flight == 50
    assert found.seconds == pytest.approx(2.0)


def test_an_endpoint_that_lets_eight_in_is_kept_busy_and_not_stormed() -> None:
    found = played(Crowded(8), Ceilings(50), 400, latency=1.0)
    assert found.seconds < 2 * 400 / 8
    assert found.refusals < 150


def test_a_minute_that_is_used_up_is_waited_out_as_the_endpoint_says() -> None:
    found = played(Sliding(60, 60.0), Ceilings(50), 180, says=lambda now: 60 - now % 60)
    assert found.seconds < 240
    assert found.refusals < 60


def test_pauses_grow_while_nothing_gets_through() -> None:
    found = played(Sliding(10, 300.0), Ceilings(10), 20)
    assert 300 < found.seconds < 400
    assert found.refusals < 25, "1, 2, 4 ... 60 seconds, fewer at once each time"


@pytest.mark.parametrize("ceiling", [30, 600])
def test_requests_a_minute_are_never_passed(ceiling: int) -> None:
    found = played(Crowded(1000), Ceilings(50, requests_per_minute=ceiling), 3 * ceiling)
    for at in found.sent_at:
        assert sum(at <= other < at + 59.99 for other in found.sent_at) <= ceiling
    assert found.seconds < 3 * 60 + 1


def test_tokens_a_minute_are_never_passed() -> None:
    found = played(Crowded(1000), Ceilings(50, tokens_per_minute=6_000), 120)
    for at in found.sent_at:
        assert sum(at <= other < at + 59.99 for other in found.sent_at) * 100 <= 6_000


def test_tokens_that_were_not_taken_are_given_back() -> None:
    pace = Pace(Ceilings(50, tokens_per_minute=60), random.Random(0))
    sent = pace.send(0.0, 30)
    assert pace.wait(0.0) == 30
    pace.took(sent, 10)
    assert pace.wait(0.0) == 10


def test_all_wait_once_an_endpoint_says_that_nothing_is_left() -> None:
    pace = Pace(Ceilings(50), random.Random(0))
    pace.hold(0.0, 3.0)
    assert pace.wait(1.0) == 2.0
    assert pace.wait(3.0) == 0


def test_after_a_pause_requests_leave_one_by_one() -> None:
    found = played(Bucket(8.0, 8.0), Ceilings(50), 60, says=lambda _now: 1.0)
    later = [at for at in found.sent_at if at > 0.5]
    gaps = [after - before for before, after in pairwise(later)]
    assert min(gaps) > 0.08
