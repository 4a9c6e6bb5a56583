"""Worker pools: any executor of `concurrent.futures`, with recovery when a worker dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from harness.scale.score_summary import Summary
from harness.scale.shards import Shard, score_shard

_PAUSE: Final = 0.2
"""Seconds before another pool is begun, times those in a row that could not be."""
RETRIES: Final = 3
"""Workers a shard may kill before it is given up."""


@dataclass(frozen=True, slots=True)
class LostShard:
    """A shard that was given up, because whoever scores it dies."""

    shard: Shard
    lines: tuple[int, int] | None = None
    """First and last line in the truth file; None where nobody has counted."""

    def __str__(self) -> str:
        cut = self.shard.cut
        first, last = self.lines or (cut.start, cut.stop)
        return (
            f"{'lines' if self.lines else 'bytes'} {first:,} to {last:,}, {cut.cases:,} cases from "
            f"{cut.first_id!r} on, are not scored: every process that tried died"
        )


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processes(workers: int) -> Executor:
    """Return a pool of processes that start from a small one, not from a copy of this one."""
    forks = "forkserver" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if forks else "spawn")
    if forks:
        context.set_forkserver_preload(["harness.scale.shards"])
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_ctrl_c_to_parent)


def _leave_ctrl_c_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def run_parts(
    shards: Iterable[Shard],
    executor: Executor | None = None,
    make_executor: Callable[[], Executor] | None = None,
    retries: int = RETRIES,
    in_flight: int | None = None,
) -> Iterator[Summary | LostShard]:
    """Score shards on any executor; yield summaries as they come, and the shards that were lost.

    Shards are taken from the iterable only as there is room, `in_flight` at a time (twice the
    cores of this machine by default). When a pool breaks because a worker died, `make_executor`
    gives a new one and only what was not finished is done again, one shard at a time, so that it is
    known whose fault the next death is. A shard that was alone at `retries` deaths is lost, and all
    that is left after more than `retries` pools in a row that could not be begun. If an
    `executor` without a `make_executor` breaks, all that is left is lost.

    An executor that was given is not shut down. For Dask: `Client.get_executor(pure=False)`; it
    revives workers by itself, and `in_flight` should be twice the workers of the cluster.
    """
    own = executor is None
    if make_executor is None and own:
        make_executor = partial(processes, cores())
    pool = executor if executor is not None or make_executor is None else make_executor()
    work = _Work(iter(shards), retries, in_flight or 2 * cores())
    try:
        while pool is not None and work.unborn <= retries and work.submit(pool):
            yield from work.results()
            if work.broken:
                if own:
                    pool.shutdown(wait=False, cancel_futures=True)
                own, work.broken = True, False
                time.sleep(_PAUSE * work.unborn)  # who has just died may not be known as dead yet
                pool = make_executor() if make_executor is not None else None
        yield from map(LostShard, work.left())
    finally:
        if own and pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)


@dataclass(slots=True)
class _Work:
    """Shards still to be done."""

    fresh: Iterator[Shard]
    retries: int
    in_flight: int
    suspects: deque[Shard] = field(default_factory=deque)
    """Shards that were at work when a worker died."""
    deaths: Counter[int] = field(default_factory=Counter)
    """By a shard's first case: how often it was alone when a worker died."""
    running: dict[Future[Summary], Shard] = field(default_factory=dict)
    solo: bool = False
    """True while a suspect is at work: nothing else is then."""
    broken: bool = False
    unborn: int = 0
    """Pools in a row whose processes died while they were begun."""

    def submit(self, pool: Executor) -> bool:
        """Give the pool what there is room for; return False when all is done."""
        while not self.broken and len(self.running) < self._room():
            self.solo = bool(self.suspects)
            shard = self.suspects.popleft() if self.suspects else next(self.fresh, None)
            if shard is None:
                break
            try:
                self.running[pool.submit(score_shard, shard)] = shard
            except BrokenExecutor:
                self.suspects.append(shard)
                self.broken = True
            except (EOFError, ConnectionError):  # a process of the pool died while it was begun
                self.suspects.append(shard)
                self.broken = True
                self.unborn += 1
                self._take_back()
        return bool(self.running or self.broken)

    def _take_back(self) -> None:
        """Take what no process has begun with: none may come."""
        for future in [each for each in self.running if each.cancel()]:
            self.suspects.append(self.running.pop(future))

    def _room(self) -> int:
        return 1 if self.suspects or (self.solo and self.running) else self.in_flight

    def results(self) -> Iterator[Summary | LostShard]:
        """Yield what is done; after a death, wait until it is known what else was not."""
        dead: list[Shard] = []
        alone = len(self.running) == 1
        done, _ = wait(self.running, return_when=FIRST_COMPLETED)
        while done:
            for future in done:
                shard = self.running.pop(future)
                try:
                    summary = future.result()
                    self.unborn = 0
                    yield summary
                except BrokenExecutor:
                    self.broken = True
                    dead.append(shard)
            done = wait(self.running).done if self.broken else set()
        for shard in dead:
            self.deaths[shard.cut.first] += alone
            if self.deaths[shard.cut.first] >= self.retries:
                yield LostShard(shard)
            else:
                self.suspects.append(shard)

    def left(self) -> Iterator[Shard]:
        """Yield every shard that was not finished."""
        yield from self.suspects
        yield from self.fresh
