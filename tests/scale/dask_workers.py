"""A real Dask scheduler with real workers, each a process of its own; and tasks that kill them."""

from __future__ import annotations

import importlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.scale import shards
from tests.patience import PATIENCE, wait_until

ROOT = Path(__file__).parents[2]
_QUIET = {
    "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "warning",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "2",
    "PYTHONWARNINGS": "ignore",
}


@contextmanager
def running_dask(folder: Path, workers: int) -> Iterator[str]:
    """Start a scheduler and workers with nannies; yield the scheduler's address."""
    environment = {**os.environ, **_QUIET, "PYTHONPATH": str(ROOT)}

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
            env=environment,
            cwd=folder,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    address = folder / "address.json"
    begun = [
        start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
              "--scheduler-file", str(address))
    ]  # fmt: skip
    try:
        wait_until(lambda: begun[0].poll() is not None or "tcp://" in told(address))
        assert begun[0].poll() is None, begun[0].communicate()[1]
        found = re.search(r"tcp://127\.0\.0\.1:\d+", address.read_text("utf-8"))
        assert found is not None
        begun.extend(
            start("dask_worker", found[0], "--nthreads", "1", "--no-dashboard",
                  "--host", "127.0.0.1", "--local-directory", str(folder),
                  "--preload", str(Path(__file__)))
            for _ in range(workers)
        )  # fmt: skip
        yield found[0]
    finally:
        for each in reversed(begun):
            os.killpg(each.pid, signal.SIGTERM)
        for each in reversed(begun):
            try:
                each.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(each.pid, signal.SIGKILL)
                each.communicate()


def told(address: Path) -> str:
    """Return what a scheduler has written of itself so far."""
    return address.read_text("utf-8") if address.exists() else ""


def dask_setup(_worker: object) -> None:
    """Make a worker kill itself over some shards, as the file `deadly` in its folder says."""
    folder = Path.cwd()
    real = shards.score_streams

    def deadly(shard: shards.Shard, *streams: Any) -> object:  # noqa: ANN401  # as the real one
        said = folder / "deadly"
        first, times = map(int, said.read_text().split()) if said.exists() else (-1, 0)
        deaths = list(folder.glob("death-*"))
        if shard.cut.first == first and len(deaths) < times:
            (folder / f"death-{os.getpid()}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return real(shard, *streams)

    cluster: Any = importlib.import_module("harness.scale.dask_cluster")
    cluster.score_streams = deadly
