"""When a response says to come back, in the forms endpoints say it in, and in none."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.extract.sending.rate_limit_headers import told_to_wait, used_up

NOW = datetime.fromisoformat("2026-11-22T10:00:00.000+00:00")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 0.25 "}, 0.25),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "1m30s"}, 90),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:05 GMT"}, 5),
        ({"retry-after": "Sun, 22 Nov 2026 09:00:00 GMT"}, 0),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "12"}, 12),
        ({"ratelimit-remaining": "3", "ratelimit-reset": "12"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_a_refusal_may_say_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert told_to_wait(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("remaining", "limit", "reset", "seconds"),
    [
        ("0", "60", "1m0s", 1),
        ("0", "500", "120ms", 0.00024),
        ("1", "60", "1m0s", 0),
        ("0", "none", "2s", 2),
        ("0", "60", "whenever", 0),
    ],
)
def test_a_bucket_that_is_empty_holds_us_back_until_one_more_fits(
    remaining: str, limit: str, reset: str, seconds: float
) -> None:
    headers = {
        "x-ratelimit-remaining-requests": remaining,
        "x-ratelimit-limit-requests": limit,
        "x-ratelimit-reset-requests": reset,
    }
    assert used_up(headers, NOW) == pytest.approx(seconds)


def test_a_reset_may_be_a_time() -> None:
    headers = {
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-limit": "10",
        "anthropic-ratelimit-requests-reset": "2026-11-22T10:00:20Z",
    }
    assert used_up(headers, NOW) == 2


NAMES = ("retry-after", "retry-after-ms", "ratelimit-remaining", "ratelimit-reset")


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=30)))
def test_whatever_a_server_says_is_a_length_of_time_or_nothing(headers: dict[str, str]) -> None:
    wait = told_to_wait(headers, NOW)
    assert wait is None or wait >= 0
    assert used_up(headers, NOW) >= 0
