"""Measure engines side by side: `python benchmarks/engines.py [--flat N] [--nested N]`.

Flat pairs are scored from JSONL and from Parquet; nested pairs by one, two and three processes, by
two of which two are killed, and by a Dask cluster whose workers are killed. All must give the same
bytes. What a hundred million documents take is then reckoned from what was measured. Linux only;
CPU time is that of all processes, since wall time says little on a machine that others use. With a
million flat pairs and 200,000 nested it takes an hour of CPU: with `--keep` each measurement is
written the moment it ends, and another call goes on with what is missing.
"""

from __future__ import annotations

import argparse
import importlib
import io
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import cached_property, partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from time import perf_counter, sleep
from typing import Any, Final

import workload
from measure import Goal, table
from scale import TICKS, Watched, _stat, tree, watch, write

HUNDRED_MILLION: Final = 100_000_000
CORE_HOUR_USD: Final = 0.05
"""What a core of a rented machine is taken to cost an hour: put in your own."""
INDEX_LINES: Final = 300_000
"""Lines by which the memory of the index is measured."""
GB: Final = 1e9
IDLE: Final = 10
"""Seconds that a cluster is watched while it has nothing to do."""
WARM: Final = 1_000
"""Nested pairs that a cluster is warmed up with, so that no start of workers is measured."""


@dataclass
class Kept:
    """Measurements by name, in a file that grows by a line each; None keeps them in memory."""

    file: Path | None
    by_name: dict[str, Watched] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read what an earlier call has measured."""
        if self.file is not None and self.file.exists():
            for line in self.file.read_text().splitlines():
                record = json.loads(line)
                name, seconds, output = (record.pop(key) for key in ("name", "cpu", "output"))
                seen = Watched(**record, cpu={0: seconds}, output=bytes.fromhex(output))
                self.by_name[name] = seen

    def take(self, name: str, measured: Callable[[], Watched]) -> Watched:
        """Return what was measured under a name, or measure it now."""
        if name not in self.by_name:
            seen = measured()
            seen.output = sha256(seen.output).digest()
            self.by_name[name] = seen
            record = {
                "name": name, "wall": seen.wall, "memory": seen.memory, "cpu": seen.seconds,
                "output": seen.output.hex(), "exit_code": seen.exit_code,
            }  # fmt: skip
            print(json.dumps(record), file=sys.stderr, flush=True)
            if self.file is not None:
                with self.file.open("a") as out:
                    out.write(f"{json.dumps(record)}\n")
        return self.by_name[name]


def flat_files(folder: Path, cases: int) -> dict[str, tuple[str, ...]]:
    """Write flat pairs of twenty fields as JSONL and as Parquet; return the arguments by format."""
    arrow: Any = importlib.import_module("pyarrow")
    parquet: Any = importlib.import_module("pyarrow.parquet")
    work = workload.flat(2_000, seed=7)
    (folder / "schema.json").write_text(json.dumps(work.schema))
    for side in ("expected", "predicted"):
        values = [_row(case.expected, getattr(case, side)) for case in work.cases]
        rows = ({"id": f"case-{n:08}", **values[n % len(values)]} for n in range(cases))
        writer = None
        with (folder / f"{side}.jsonl").open("w") as out:
            while batch := list(islice(rows, 10_000)):
                for row in batch:
                    value = {k: v for k, v in row.items() if k != "id"}
                    out.write(f"{json.dumps({'id': row['id'], 'value': value})}\n")
                made = arrow.Table.from_pylist(batch, writer and writer.schema)
                writer = writer or parquet.ParquetWriter(folder / f"{side}.parquet", made.schema)
                writer.write_table(made)
        if writer is not None:
            writer.close()
    return {
        form: (
            "score", str(folder / f"expected.{form}"), str(folder / f"predicted.{form}"),
            "--schema", str(folder / "schema.json"), "--format", "json",
        )
        for form in ("jsonl", "parquet")
    }  # fmt: skip


def _row(like: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """Return a value as a table's row holds it: of one type in a column, null where it is not."""
    return {k: v if type(v := value.get(k)) is type(like[k]) else None for k in like}


@contextmanager
def dask(folder: Path, workers: int) -> Iterator[tuple[str, list[int]]]:
    """Start a scheduler and workers of one thread; yield its address and all process ids."""
    said = folder / "scheduler.json"
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore"}

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", *arguments, "--no-dashboard", "--host", "127.0.0.1"]
        return subprocess.Popen(command, cwd=folder, env=quiet, stderr=subprocess.DEVNULL)  # noqa: S603  # ours

    begun = [start("distributed.cli.dask_scheduler", "--port", "0", "--scheduler-file", str(said))]
    try:
        while not said.exists():
            sleep(0.1)
        sleep(0.2)
        address = str(json.loads(said.read_text())["address"])
        begun += [
            start("distributed.cli.dask_worker", address, "--nthreads", "1") for _ in range(workers)
        ]
        yield address, [each.pid for each in begun]
    finally:
        for each in reversed(begun):
            each.terminate()
        for each in reversed(begun):
            each.wait()


def cpu_of(roots: list[int]) -> float:
    """Return the CPU seconds of processes and of all below them, ended children included."""
    stats = [_stat(process) for root in roots for process in tree(root)]
    return sum(sum(map(int, stat[11:15])) for stat in stats if stat) / TICKS


def on_dask(folder: Path, arguments: tuple[str, ...], kills: int) -> Watched:
    """Score on a Dask cluster of two workers; kill one of them some times meanwhile."""
    warm = folder / "warm"
    warm.mkdir(exist_ok=True)
    with dask(folder, 2) as (address, pids):
        watch((*write(warm, WARM), "--executor", f"dask:{address}"))
        before, ended = cpu_of(pids), resource.getrusage(resource.RUSAGE_CHILDREN)
        start = perf_counter()
        command = [sys.executable, "-m", "harness", *arguments, "--executor", f"dask:{address}"]
        with tempfile.TemporaryFile() as out:
            process = subprocess.Popen(command, stdout=out)  # noqa: S603  # ours
            for _ in range(kills):
                sleep(4)
                workers = [pid for root in pids[1:] for pid in tree(root)[1:]]
                if process.poll() is None and workers:
                    os.kill(max(workers, key=lambda pid: cpu_of([pid])), signal.SIGKILL)
            process.wait()
            out.seek(0)
            seen = Watched(exit_code=process.returncode, output=out.read())
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        own = used.ru_utime + used.ru_stime - ended.ru_utime - ended.ru_stime
        seen.wall = perf_counter() - start
        seen.cpu = {0: own, 1: cpu_of(pids) - before}
    return seen


def idle_dask(folder: Path) -> Watched:
    """Return what a Dask cluster of two workers takes that has nothing to do."""
    with dask(folder, 2) as (_, pids):
        sleep(IDLE)
        before = cpu_of(pids)
        sleep(IDLE)
        return Watched(wall=IDLE, cpu={0: cpu_of(pids) - before})


MEMORY: Final = """\
import re, sys
from array import array
from pathlib import Path
from harness.run.results.results_document import ScoringSettings
from harness.scale.line_index import index
from harness.scale.score_summary import CaseRows, Summary, Totals
from harness.scale.streamed_document import streamed_results

def most():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

before = most()
"""
"""The beginning of what is run in a process of its own to see what memory it takes at most."""
INDEXED: Final = "index(Path(sys.argv[1]), Path(sys.argv[2]))"
COUNTED: Final = """\
cases = int(sys.argv[1])
rows = {n: CaseRows(array("I", range(500)), array("I", [500] * 500)) for n in range(0, cases, 500)}
settings = ScoringSettings("", "0" * 64, {})
streamed_results(settings, Summary(Totals(cases=cases), rows=rows), None, cases)
"""


def memory_of(code: str, *arguments: object) -> Watched:
    """Return the megabytes of memory that some code adds at its peak."""
    whole = f"{MEMORY}{code}\nprint(most() - before)"
    command = [sys.executable, "-c", whole, *map(str, arguments)]
    found = subprocess.run(command, capture_output=True, check=True)  # noqa: S603  # ours
    return Watched(memory=1024 * int(found.stdout) / 1e6)


def index_memory(folder: Path, *, shuffled: bool) -> Watched:
    """Return the peak memory, in megabytes, that the index of two files adds."""
    files = [folder / name for name in ("index-truths.jsonl", "index-said.jsonl")]
    for place, file in enumerate(files):
        step = 7 if shuffled and place else 1  # another order without holding it
        with file.open("w") as out:
            for start in range(step):
                for n in range(start, INDEX_LINES, step):
                    out.write(f'{{"id": "document-{n:09}", "value": 1}}\n')
    return memory_of(INDEXED, *files)


def reckon(costs: dict[str, float], size: float, memory: tuple[float, float, float]) -> None:
    """Print what a hundred million documents take, from what was measured.

    `size` and `memory` are bytes a case: of the lines, of the index in and out of order, of counts.
    """
    rows = []
    for name, each in costs.items():
        hours = each * HUNDRED_MILLION / 3600
        cells = [_hours(hours / cores) for cores in (2, 16, 64, 256)]
        rows.append((name, f"{hours:,.0f}", *cells, f"{hours * CORE_HOUR_USD:,.2f}"))
    head = ("documents", "core hours", *(f"on {n} cores" for n in (2, 16, 64, 256)))
    table((*head, f"USD at {CORE_HOUR_USD} a core hour"), rows)
    total = size * HUNDRED_MILLION / GB
    in_step, shuffled, counts = (each * HUNDRED_MILLION / GB for each in memory)
    rows = [
        ("bytes of both sides as JSONL, flat", f"{total:,.0f} GB"),
        ("temporary lines of tables (Parquet, CSV)", f"{total:,.0f} GB"),
        ("memory of the index, ids rising in both files", f"{in_step:,.1f} GB"),
        ("memory of the index, ids in different orders", f"{shuffled:,.1f} GB"),
        ("memory of the counts that intervals are made of", f"{counts:,.1f} GB"),
        ("memory of a worker", "that of a shard: 500 cases or 8 MB"),
        ("through one client to a cluster at 1 GB a second", f"{total / 60:,.1f} minutes"),
    ]
    table(("what it needs", "for a hundred million"), rows)


def _hours(hours: float) -> str:
    return f"{hours:,.1f} h" if hours >= 1 else f"{60 * hours:,.0f} min"


BREAKS: Final = """\
What breaks first, in this order:

1. **Memory of the index** where ids stand in different orders: both sides' ids are held and sorted
   by one process. Sort both sides by id (then only offsets are held), or score parts.
2. **Room for temporary lines** of tables: `TMPDIR` must hold the tables as JSONL.
3. **The one process that reads**: it finds ids and, for a cluster, sends every line. Beyond some
   dozens of workers more of them do not help; score parts with one client each.
4. **Intervals**: two counts of every case are kept for them, by the one process.

One long list does not stall the rest: a shard ends at 500 cases or 8 MB, others are taken
meanwhile, and pairing a list of ten thousand rows is approximate and bounded. A lost worker costs
its shard, half a second of work.
"""


@dataclass
class Inputs:
    """The files that engines score; each kind is written once it is needed."""

    folder: Path
    flat: int
    nested: int

    @cached_property
    def forms(self) -> dict[str, tuple[str, ...]]:
        """Arguments that score the flat pairs, by format."""
        return flat_files(self.folder, self.flat)

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """Arguments that score the nested pairs."""
        return write(self.folder, self.nested)

    def flat_run(self, form: str, workers: int) -> Watched:
        """Score the flat pairs."""
        return watch((*self.forms[form], "--workers", str(workers)))

    def nested_run(self, workers: int, kills: Sequence[float] = ()) -> Watched:
        """Score the nested pairs; kill a worker after each of so many seconds."""
        return watch((*self.arguments, "--workers", str(workers)), kills)

    def bytes_written(self) -> Watched:
        """Return the bytes of both sides of the flat pairs as JSONL, as if it were memory."""
        files = self.forms["jsonl"][1:3]
        return Watched(memory=sum(Path(file).stat().st_size for file in files) / 1e6)


def measure(inputs: Inputs, kept: Kept) -> None:
    """Measure and print everything."""
    flat, nested = inputs.flat, inputs.nested
    runs = {
        name: kept.take(f"{flat} flat, {name}", partial(inputs.flat_run, form, workers))
        for name, form, workers in (
            ("jsonl", "jsonl", 1), ("parquet", "parquet", 1), ("jsonl, 2 processes", "jsonl", 2)
        )
    }  # fmt: skip
    size = kept.take(f"{flat} flat, size", inputs.bytes_written).memory * 1e6 / flat
    two, engines = runs["jsonl, 2 processes"], engine_runs(inputs, kept)
    once = engines["1 process"]
    print(
        f"Measured on {flat:,} flat pairs of 20 fields and {nested:,} nested pairs of 22 items.\n"
    )
    rows = [
        (name, f"{run.seconds:.1f}", f"{1e6 * run.seconds / flat:,.0f}", f"{run.memory:.0f}")
        for name, run in runs.items()
    ]
    table(("flat pairs", "CPU, s", "µs a pair", "peak PSS, MB"), rows)
    timed = [
        (
            name, f"{run.seconds:.1f}", f"{1e3 * run.seconds / nested:.2f}", f"{run.wall:.0f}",
            _same(run, once),
        )
        for name, run in engines.items()
    ]  # fmt: skip
    table(("nested pairs", "CPU, s", "ms a pair", "wall, s", "same bytes as one process"), timed)
    idle = kept.take("Dask, idle", partial(idle_dask, inputs.folder))
    print(
        f"A Dask cluster with nothing to do takes {idle.seconds / idle.wall:.2f} s of CPU a second "
        "(heartbeats, profiles): where others use the cores too, a run lasts longer and this "
        "weighs more.\n"
    )
    ratio = runs["parquet"].seconds / runs["jsonl"].seconds
    overhead = engines["Dask, 2 workers"].seconds / engines["2 processes"].seconds
    differ = sum(_same(run, once) != "yes" for run in engines.values())
    goals = [
        Goal("Parquet, as a multiple of JSONL", 1.2, ratio),
        Goal("Dask, as a multiple of two processes", 1.3, overhead),
        Goal("CPU of a million flat pairs", 150, 1e6 * two.seconds / flat, "s"),
        Goal("peak memory, JSONL, two processes", 150, two.memory, "MB"),
        Goal("results that differ", 0, differ),
    ]
    table(("figure", "goal", "measured", "met"), (goal.cells for goal in goals))
    print("## A hundred million documents\n\nReckoned from the figures above, not run.\n")
    costs = {"flat, 20 fields": two.seconds / flat, "nested, 22 items": once.seconds / nested}
    memory = [
        kept.take(name, taken).memory * 1e6 / INDEX_LINES
        for name, taken in (
            ("index, ids rising", partial(index_memory, inputs.folder, shuffled=False)),
            ("index, any order", partial(index_memory, inputs.folder, shuffled=True)),
            ("counts", partial(memory_of, COUNTED, INDEX_LINES)),
        )
    ]
    reckon(costs, size, (memory[0], memory[1], memory[2]))
    print(BREAKS)


def engine_runs(inputs: Inputs, kept: Kept) -> dict[str, Watched]:
    """Score the nested pairs by every engine."""

    def taken(name: str, measured: Callable[[], Watched]) -> Watched:
        return kept.take(f"{inputs.nested} nested, {name}", measured)

    runs = {
        name: taken(name, partial(inputs.nested_run, workers))
        for name, workers in (("1 process", 1), ("2 processes", 2), ("3 processes", 3))
    }
    third = runs["2 processes"].wall / 3
    name = "2 processes, two kills"
    runs[name] = taken(name, partial(inputs.nested_run, 2, (third, 2 * third)))
    for name, kills in (("Dask, 2 workers", 0), ("Dask, 2 workers, two kills", 2)):
        runs[name] = taken(name, partial(_dask_run, inputs, kills))
    return runs


def _dask_run(inputs: Inputs, kills: int) -> Watched:
    return on_dask(inputs.folder, inputs.arguments, kills)


def _same(run: Watched, other: Watched) -> str:
    return "yes" if run.output == other.output and run.exit_code == 0 else "NO"


def main() -> None:
    """Measure and print; write the page of the docs where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flat", type=int, default=1_000_000, help="flat pairs")
    parser.add_argument("--nested", type=int, default=200_000, help="nested pairs")
    parser.add_argument("--page", type=Path, help="write it here, as a page of the docs")
    parser.add_argument("--keep", type=Path, help="keep measurements here, and go on with them")
    said = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    text = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(text):
        measure(Inputs(Path(folder), said.flat, said.nested), Kept(said.keep))
    print(text.getvalue())
    if said.page is not None:
        command = f"python benchmarks/engines.py --flat {said.flat} --nested {said.nested}"
        head = (
            f"# At scale\n\nThis page is what `{command}` has printed;\n"
            "how files are streamed, and a cluster used, says [Files](files.md#on-a-cluster).\n\n"
        )
        said.page.write_text(head + text.getvalue().rstrip() + "\n", "utf-8")


if __name__ == "__main__":
    main()
