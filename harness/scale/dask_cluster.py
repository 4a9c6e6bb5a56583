"""A Dask cluster as an executor: each shard travels with its lines, so workers need no files."""

from __future__ import annotations

import importlib
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from typing import Any, Final

from harness.errors import HarnessError, Problem, UsageError
from harness.scale.line_index import NOWHERE
from harness.scale.score_summary import Summary
from harness.scale.shards import Shard, score_streams
from harness.scale.stream import How

DEATHS: Final = 1
"""Times that Dask may give up a shard that was alone at work: each is four dead workers."""
_SECONDS: Final = 10
"""How long a scheduler, and then a first worker, is waited for."""
_FEWEST: Final = 8
"""Shards in flight at least, since workers may join."""


@dataclass(frozen=True, slots=True)
class CarriedShard:
    """A shard and the lines it is about."""

    shard: Shard
    truths: bytes
    predictions: tuple[bytes, ...]
    """By case; empty where there is none."""
    with_records: bool


@dataclass(frozen=True, slots=True)
class CarriedSummary:
    """Summary that a worker sends back."""

    summary: Summary
    records: bytes
    """A line a case, where they were asked for."""


def carry(shard: Shard) -> CarriedShard:
    """Return a shard with its lines, less what is read from files."""
    cut = shard.cut
    with shard.truths.open("rb") as stream:
        stream.seek(cut.start)
        truths = stream.read(cut.stop - cut.start)
    lines: list[bytes] = []
    with shard.predictions.open("rb") as stream:
        for offset in shard.predicted:
            if offset != NOWHERE:
                stream.seek(offset)
            lines.append(b"" if offset == NOWHERE else stream.readline())
    bare = replace(shard, verdicts=None)
    return CarriedShard(bare, truths, tuple(lines), shard.verdicts is not None)


class _Window(BytesIO):
    """A part of a file, addressed as the whole of it is."""

    def __init__(self, data: bytes, start: int) -> None:
        super().__init__(data)
        self._start = start

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return super().seek(offset - self._start, whence)


class _Lines:
    """Some lines of a file, addressed by their offsets in it."""

    def __init__(self, offsets: array[int], lines: tuple[bytes, ...]) -> None:
        self._lines = dict(zip(offsets, lines, strict=True))
        self._at = NOWHERE

    def seek(self, offset: int, /) -> int:
        self._at = offset
        return offset

    def readline(self) -> bytes:
        return self._lines[self._at]


def score_carried(carried: CarriedShard) -> CarriedSummary:
    """Score a shard by the lines that came with it."""
    shard, out = carried.shard, BytesIO()
    truths = _Window(carried.truths, shard.cut.start)
    predictions = _Lines(shard.predicted, carried.predictions)
    summary = score_streams(shard, truths, predictions, out if carried.with_records else None)
    return CarriedSummary(summary, out.getvalue())


class CarryingExecutor(Executor):
    """Sends shards with their lines to the workers of a client, and keeps what comes back.

    The client's own futures are asked: one whose worker dies between its end and its result is
    computed anew, where the executor of `Client.get_executor` ends in a TypeError.
    """

    def __init__(self, client: Any, deaths: tuple[type[Exception], ...]) -> None:  # noqa: ANN401  # Dask's
        """Send by a client; of its exceptions, `deaths` say that a shard kills its workers."""
        self._client, self._deaths = client, deaths

    def submit(  # type: ignore[override]  # all that `run_parts` asks of an executor
        self, _score: Callable[[Shard], Summary], shard: Shard, /
    ) -> Future[Summary]:
        """Return the future of a shard's summary; its records are written once they are here."""
        waiting: Future[Summary] = Future()
        waiting.set_running_or_notify_cancel()

        def done(sent: Any) -> None:  # noqa: ANN401  # Dask's future
            try:
                result: CarriedSummary = sent.result()
                if shard.verdicts is not None:
                    shard.verdicts.write_bytes(result.records)
            except self._deaths as error:
                waiting.set_exception(BrokenExecutor(str(error)))
            except CancelledError:
                what = "the Dask scheduler has gone, or was told to forget this work"
                waiting.set_exception(HarnessError(Problem(what, "no-scheduler")))
            except Exception as error:  # noqa: BLE001  # whoever waits for the summary is told
                waiting.set_exception(error)
            else:
                waiting.set_result(result.summary)

        self._client.submit(score_carried, carry(shard), pure=False).add_done_callback(done)
        return waiting

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  # as Executor has it
        """Do nothing: who opened the client closes it."""


@dataclass(frozen=True, slots=True)
class DaskCluster:
    """An open connection to a cluster."""

    executor: CarryingExecutor
    in_flight: int
    """Shards that keep its workers busy."""

    def how(self, how: How) -> How:
        """Return how files are streamed through the cluster."""
        again = partial(_same, self.executor)
        return replace(
            how,
            executor=self.executor,
            make_executor=again,
            retries=DEATHS,
            in_flight=self.in_flight,
        )


def _same(executor: Executor) -> Executor:
    return executor


def cluster_of(name: str | None, workers: int | None) -> AbstractContextManager[DaskCluster | None]:
    """Return the cluster that `--executor` names; None of None.

    Raises UsageError for a name of another kind.
    """
    if name is None:
        return nullcontext()
    kind, _, address = name.partition(":")
    if kind != "dask" or not address:
        what = f"no executor {name!r}"
        raise UsageError(Problem(what, "bad-option", hint="write --executor dask:tcp://HOST:8786"))
    if workers is not None:
        what = "--workers is for processes of this machine, and --executor for a cluster"
        raise UsageError(Problem(what, "bad-option", hint="leave out one of them"))
    return dask_cluster(address)


@contextmanager
def dask_cluster(address: str) -> Iterator[DaskCluster]:
    """Connect to the scheduler at an address (`tcp://host:8786`); close the connection at the end.

    Raises HarnessError where distributed is not installed, UsageError where no scheduler answers or
    no worker is connected to it.
    """
    try:
        dask: Any = importlib.import_module("dask")
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        hint = "pip install 'extraction-harness[dask]'"
        what = "--executor dask needs distributed"
        raise HarnessError(Problem(what, "no-distributed", hint=hint)) from None
    quiet = {"distributed.admin.large-graph-warning-threshold": "1GB"}
    with dask.config.set(quiet):
        try:
            client = distributed.Client(address, timeout=_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            what = f"no Dask scheduler answers at {address!r}: {str(error).splitlines()[0]}"
            hint = "start one: dask scheduler, and on each machine: dask worker tcp://HOST:8786"
            raise UsageError(Problem(what, "no-scheduler", hint=hint)) from None
        try:
            threads = _threads(client, address)
            deaths = (distributed.scheduler.KilledWorker,)
            yield DaskCluster(CarryingExecutor(client, deaths), max(_FEWEST, 2 * threads))
        finally:
            client.close()


def _threads(client: Any, address: str) -> int:  # noqa: ANN401  # Dask's client
    try:
        client.wait_for_workers(1, timeout=_SECONDS)
    except TimeoutError:
        what = f"no worker is connected to the Dask scheduler at {address!r}"
        hint = f"on each machine: dask worker {address} --nthreads 1 --nworkers auto"
        raise UsageError(Problem(what, "no-workers", hint=hint)) from None
    return sum(client.nthreads().values())
