"""Measure what an improvement run finds and claims: `python benchmarks/improve.py [--runs N]`.

Four questions, asked of the real search with a simulated extractor, or of the real command:

- noise: edits worth nothing, an extractor whose answers vary. How often is something claimed?
- power: one edit of known worth. How often is it claimed, beside how often it can be?
- others: edits that suit documents they were tried on, or written from, and are worth nothing to
  others. What is claimed of these, is it true, and is it claimed of others, by a look at them?
- kill: the command is killed at random moments. Is the ledger the same, is anything paid twice?
"""

from __future__ import annotations

import argparse
import math
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean, stdev
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from harness.core.statistics.paired_tests import POWER  # noqa: E402  # after the path is set
from harness.core.statistics.student_t import shift_for  # noqa: E402
from harness.improve.trial.acceptance import level_of_look  # noqa: E402
from harness.run.comparison.verdict import Rung  # noqa: E402
from tests.extract.server.behaviour import Asked, Behaviour  # noqa: E402
from tests.extract.server.serving import serving  # noqa: E402
from tests.improve import toy  # noqa: E402
from tests.improve.simulation import World, differences, simulate  # noqa: E402

HELD: Final = {5: 0, 12: 6, 20: 9, 50: 21}
"""Documents that are searched on, and how many more `harness split` holds out."""
EMPTY: Final = (0.0,) * 6
WORLDS: Final = {
    "worth nothing": (0.0, 0.0, EMPTY),
    "suit one document, hurt another": (0.15, 0.0, EMPTY),
    "written for those documents": (0.1, 0.4, EMPTY),
    "worth 0.09": (0.0, 0.0, (0.09,)),
    "worth 0.09, and one more than another": (0.1, 0.0, (0.09,)),
}
"""By how they are called: taste, how fitted it is, and what each edit is worth."""
WORTHS: Final = (0.03, 0.06, 0.09, 0.12)
KILLS: Final = 20
DOCUMENTS: Final = 24
LATENCY: Final = 0.15
"""Seconds the model takes to answer."""
IN_FLIGHT: Final = 0.25
"""Seconds around a kill in which an answer may be on its way: nobody can know it was given."""


class Tally(NamedTuple):
    """What came of an improvement, or the sums over many."""

    kept: int
    claimed: int
    untrue: int
    """Claimed, though the documents it is claimed of gain nothing."""
    beyond: int
    """Claimed on the spot for other documents than those."""
    confirmed: int
    """Claimed for other documents by a look at the holdout."""


def _one(asked: tuple[World, tuple[float, ...], int]) -> Tally:
    world, worths, seed = asked
    with scratch() as folder:
        outcome = simulate(world, worths, seed, folder)
    claim, looked = outcome.found.claim, outcome.looked
    claimed = claim is not None and claim.holds
    return Tally(
        outcome.found.best != outcome.found.start,
        claimed,
        claimed and outcome.gain <= 0,
        claim is not None and claim.rung >= Rung.POPULATION,
        looked is not None and looked.rung is Rung.HOLDOUT,
    )


def tally(world: World, worths: tuple[float, ...], runs: int) -> Tally:
    """Return what came of so many improvements, each with its own seed."""
    with ProcessPoolExecutor() as pool:
        asked = [(world, worths, seed) for seed in range(runs)]
        outcomes = list(pool.map(_one, asked, chunksize=5))
    return Tally(*map(sum, zip(*outcomes, strict=True)))


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a folder in memory where there is one: nothing here is worth a disk's time."""
    memory = Path("/dev/shm")  # noqa: S108  # a place, not a name
    where = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(dir=where) as folder:
        yield Path(folder)


def noise(runs: int) -> Iterator[str]:
    """Yield the table of edits that are worth nothing."""
    yield "| documents | improvements | an edit was kept | claimed | goal |"
    yield "|---|---|---|---|---|"
    for size in HELD:
        found = tally(World(size), EMPTY, runs)
        share = found.claimed / runs
        yield f"| {size} | {runs} | {found.kept / runs:.1%} | **{share:.1%}** | at most 5 % |"


def power(runs: int) -> Iterator[str]:
    """Yield the table of single edits of known worth.

    Detectable is a true gain that a paired t test of the claim's own level finds four times out of
    five on fresh answers, if it is asked about nothing else. What the search loses on the way there
    is its own.
    """
    yield "| documents | true gain in macro F1 | detectable from | claimed | goal |"
    yield "|---|---|---|---|---|"
    for size in HELD:
        for worth in WORTHS:
            made = differences(World(size), worth, 4_000)
            shift = shift_for(POWER, size - 1, level_of_look(1), 1)
            least = shift * stdev(made) / math.sqrt(size)
            found = tally(World(size), (worth,), runs)
            share = f"{found.claimed / runs:.1%}"
            goal = "at least 80 %" if fmean(made) >= least else "none"
            yield f"| {size} | {fmean(made):.3f} | {least:.3f} | **{share}** | {goal} |"


def others(runs: int) -> Iterator[str]:
    """Yield the table of what is claimed for documents that nobody has looked at.

    Only the last worlds have anything to claim there: a true gain, with and without taste.
    """
    yield "| edits | documents | held out | claimed here | untrue | claimed for others | goal |"
    yield "|---|---|---|---|---|---|---|"
    for name, (taste, fitted, worths) in WORLDS.items():
        for size, held in HELD.items():
            world = World(size, taste=taste, fitted=fitted, held=held)
            found = tally(world, worths, runs)
            true = worths[0] > 0
            beyond = (found.beyond + found.confirmed) / runs
            here = f"{found.claimed / runs:.1%} | {found.untrue / runs:.1%}"
            goal = "none" if true else "at most 5 %"
            yield f"| {name} | {size} | {held} | {here} | **{beyond:.1%}** | {goal} |"


def kill(runs: int) -> Iterator[str]:
    """Yield the table of improvements that were killed and begun again until they were done."""
    del runs
    yield "| kills | steps | the same ledger | answers needed | lost | in flight | goal |"
    yield "|---|---|---|---|---|---|---|"
    given: list[tuple[str, float]] = []

    def answer(asked: Asked) -> str:
        given.append((asked.digest, time.monotonic()))
        return toy.answer(asked)

    with scratch() as folder, serving(Behaviour(latency=LATENCY, answer=answer)) as server:
        whole = _improve(toy.write_project(folder / "whole", DOCUMENTS, server.url))
        began = time.monotonic()
        whole.wait()
        took = time.monotonic() - began
        needed, expected = Counter(digest for digest, _ in given), _ledger(folder / "whole")
        start = given[0][1] - began
        given.clear()
        suite = toy.write_project(folder / "killed", DOCUMENTS, server.url)
        kills = list(_killed(suite, start, (took - start) / KILLS))
        same = _ledger(folder / "killed") == expected
    lost, flying = _twice(given, needed, kills)
    yield (
        f"| {len(kills)} | {expected.count(10)} | **{'yes' if same else 'NO'}** | {needed.total()} "
        f"| **{lost}** | {flying} | the same, 0 lost |"
    )


def _improve(suite: Path) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "harness", "improve", str(suite), "--target", "0.99", "-j", "2"]
    environment = {**os.environ, "TOY_KEY": "none", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(  # noqa: S603  # our own command
        words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _killed(suite: Path, start: float, share: float) -> Iterator[float]:
    """Yield when each kill struck; at last the command is let run to its end.

    A command has about `share` seconds from its first call to its death.
    """
    luck = random.Random(0)
    for _ in range(KILLS):
        process = _improve(suite)
        try:
            process.wait(start + luck.random() * share)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            yield time.monotonic()
            process.wait()
        if b'"step":"stop"' in _ledger(suite.parents[1]):
            return  # begun again, it would begin anew
    _improve(suite).wait()


def _ledger(project: Path) -> bytes:
    path = project / "prompts" / ".history" / "toy" / "ledger.jsonl"
    return path.read_bytes() if path.is_file() else b""


def _twice(
    given: Sequence[tuple[str, float]], needed: Counter[str], kills: Sequence[float]
) -> tuple[int, int]:
    """Return the answers given again that had come back before a kill, and those in flight."""
    lost = flying = 0
    for digest, count in Counter(digest for digest, _ in given).items():
        times = [when for name, when in given if name == digest]
        close = sum(any(-IN_FLIGHT < kill - when < IN_FLIGHT for kill in kills) for when in times)
        again = max(0, count - needed[digest])
        flying += min(again, close)
        lost += again - min(again, close)
    return lost, flying


TABLES: Final = {"noise": noise, "power": power, "others": others, "kill": kill}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("what", nargs="*", choices=[*TABLES], default=[])
    parser.add_argument("--runs", type=int, default=200)
    said = parser.parse_args(arguments)
    for name in said.what or TABLES:
        print(f"\n## {name}\n")
        for line in TABLES[name](said.runs):
            print(line, flush=True)


if __name__ == "__main__":
    main()
