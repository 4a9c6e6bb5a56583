"""The clock: the one module that reads the time of day."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


def now() -> str:
    """Return the time in UTC, ISO 8601 to the millisecond: the one place that reads the clock."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")  # noqa: TID251  # the runner's clock


def hours_ago(hours: float) -> str:
    """Return the time so many hours ago, in the form of `now`."""
    then = datetime.now(UTC) - timedelta(hours=hours)  # noqa: TID251  # the runner's clock
    return then.isoformat(timespec="milliseconds")


def seconds_since(moment: float) -> float:
    """Return how long ago a moment was that is given in seconds since 1970; never below 0."""
    return max(0.0, time.time() - moment)  # noqa: TID251  # the runner's clock
