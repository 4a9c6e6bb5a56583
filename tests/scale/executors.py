"""Executors whose workers die on purpose."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from harness.scale.score_summary import Summary
from harness.scale.shards import Shard
from tests.patience import PATIENCE


class Killing(ProcessPoolExecutor):
    """A pool whose worker kills itself over one shard, a number of times."""

    def __init__(self, deaths: Path, first: int, times: int) -> None:
        context = get_context("forkserver")
        context.set_forkserver_preload(["harness.scale.shards"])
        super().__init__(2, mp_context=context)
        self._how = deaths, first, times

    def submit(  # type: ignore[override]  # all that `run` asks of an executor
        self, fn: Callable[[Shard], Summary], shard: Shard, /
    ) -> Future[Summary]:
        return super().submit(_killed, self._how, fn, shard)


def _killed(how: tuple[Path, int, int], score: Callable[[Shard], Summary], shard: Shard) -> Summary:
    deaths, first, times = how
    if shard.cut.first == first and len(list(deaths.iterdir())) < times:
        (deaths / str(os.getpid())).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return score(shard)


class Waiting(ThreadPoolExecutor):
    """Threads of which one waits with the first shard until something has happened."""

    def __init__(self, threads: int, event: threading.Event) -> None:
        super().__init__(threads)
        self._event = event

    def submit(  # type: ignore[override]  # as above
        self, fn: Callable[[Shard], Summary], shard: Shard, /
    ) -> Future[Summary]:
        def score() -> Summary:
            assert shard.cut.first or self._event.wait(PATIENCE), (
                "the rest waits for the first shard"
            )
            return fn(shard)

        return super().submit(score)


class Unborn(ProcessPoolExecutor):
    """A pool whose first processes die while they are begun, as multiprocessing says it."""

    def __init__(self, deaths: Path, error: type[Exception], times: int) -> None:
        super().__init__(2, mp_context=get_context("forkserver"))
        self._how = deaths, error, times

    def submit(  # type: ignore[override]  # as above
        self, fn: Callable[[Shard], Summary], shard: Shard, /
    ) -> Future[Summary]:
        deaths, error, times = self._how
        number = len(list(deaths.iterdir()))
        if number < times:
            (deaths / str(number)).touch()
            raise error
        return super().submit(fn, shard)
