"""Measure `harness run` against a server on this machine: speed, limits, faults, kills, cache.

python benchmarks/run.py            # everything, some minutes
python benchmarks/run.py speed      # one part: speed, limit, faults, kill, cache
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from harness.extract.sending.cache import Cache
from harness.extract.transport import Response
from harness.run import store

ROOT: Final = Path(__file__).resolve().parents[1]
ENVIRONMENT: Final = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "PYTHONPATH": str(ROOT),
}
"""With compiled files, as an installed package has them."""
PROMPT: Final = "Extract number and name as JSON.\n\n{{ document }}\n"
FILLER: Final = "The party of the first part agrees with the party of the second part. " * 60
TIMES: Final = frozenset({"seconds", "latency", "calls"})
BARE: Final = """
import asyncio, json, sys, aiohttp
async def main(url, cases, width):
    gate = asyncio.Semaphore(width)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        async def one(n):
            text = f"{sys.argv[4]} {n}\\nANSWER " + json.dumps({"number": n})
            body = {"model": "m", "messages": [{"role": "user", "content": text}]}
            async with gate, session.post(url + "/chat/completions", json=body) as response:
                json.loads((await response.json())["choices"][0]["message"]["content"])
        await asyncio.gather(*(one(n) for n in range(cases)))
asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
"""


@dataclass(frozen=True)
class Took:
    """What a command took, all its processes together."""

    wall: float
    cpu: float
    megabytes: float
    """Of the largest process."""
    code: int

    def __str__(self) -> str:
        return f"{self.wall:.2f} s wall, {self.cpu:.2f} s CPU, {self.megabytes:.0f} MB"


def timed(command: list[str], cwd: Path) -> Took:
    """Run a command to its end and measure it."""
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=cwd, env=ENVIRONMENT, stdout=subprocess.DEVNULL)  # noqa: S603  # our own
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    return Took(wall, cpu, usage.ru_maxrss / 1024, process.returncode)


@contextlib.contextmanager
def server(*options: str, module: str = "tests.extract.server") -> Iterator[str]:
    """Serve while it lasts; yields the base URL."""
    command = [sys.executable, "-m", module, *options]
    process = subprocess.Popen(  # noqa: S603  # our own
        command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout  # noqa: S101
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def counts(url: str) -> dict[str, Any]:
    """Return what the server counted."""
    with urllib.request.urlopen(url.removesuffix("/v1") + "/counts") as response:  # noqa: S310  # 127.0.0.1
        found = json.load(response)
    assert isinstance(found, dict)  # noqa: S101
    return found


def project(root: Path, url: str, cases: int, more: str = "") -> Path:
    """Make a project whose only suite asks the server about so many documents of 4 KB."""
    suite, truths = root / "evals/asked", root / "ground_truth/asked"
    (suite / "documents").mkdir(parents=True)
    truths.mkdir(parents=True)
    (root / "pyproject.toml").touch()
    said = f"extractor: {{kind: openai, model: m-1, base_url: '{url}'{more}}}\nprompt: prompt.md\n"
    (suite / "suite.yaml").write_text(said)
    (suite / "prompt.md").write_text(PROMPT)
    for number in range(cases):
        truth = json.dumps({"number": number, "name": f"n{number % 7}"})
        text = f"Case {number}. {FILLER}\nANSWER {truth}\n"
        (suite / f"documents/c{number:05}.txt").write_text(text)
        (truths / f"c{number:05}.json").write_text(truth)
    return root


def harness(*arguments: str) -> list[str]:
    """Return the command that runs harness."""
    return [sys.executable, "-m", "harness", "run", "-q", *arguments]


def run_folder(root: Path) -> Path:
    """Return the only run folder of a project."""
    (folder,) = (path.parent for path in (root / "reports").glob("*/run.json"))
    return folder


def results(root: Path) -> dict[str, Any]:
    """Return the results of the only run of a project."""
    found: Any = store.read_results(run_folder(root))
    assert isinstance(found, dict)  # noqa: S101
    return found


def answers(root: Path) -> Counter[str]:
    """Return how often each question was answered, by the run's own record."""
    with (run_folder(root) / "exchanges.jsonl").open(encoding="utf-8") as lines:
        stored = [json.loads(line) for line in lines]
    return Counter(line["key"] for line in stored if line["status"] == 200)


def marked(root: Path) -> float:
    """Return now by the clock of the file system, which `last_answer` goes by."""
    mark = root / "mark"
    mark.touch()
    return mark.stat().st_mtime


def last_answer(root: Path) -> float:
    """Return when the last answer was stored, in seconds since 1970."""
    return (run_folder(root) / "predictions.jsonl").stat().st_mtime


def timeless(value: object) -> object:
    """Return results without what a clock says, and how often it was tried."""
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items() if key not in TIMES}
    return [timeless(item) for item in value] if isinstance(value, list) else value


def row(*cells: object) -> None:
    """Print a row of a table."""
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def speed(scratch: Path) -> None:
    """500 cases, 200 ms each, 50 at once: the ideal is 2.0 s."""
    with server("0.2", module="benchmarks.lean") as url:
        bare = timed([sys.executable, "-c", BARE, url, "500", "50", FILLER], scratch)
        root = project(scratch, url, 500)
        ours = timed(harness("-j", "50"), root)
        again = timed(harness("-j", "50"), root)
    row("500 cases x 200 ms at 50", "goal", "measured")
    row("---", "---", "---")
    row("ideal", "", "2.00 s wall")
    row("bare aiohttp loop", "", bare)
    row("harness run, start to report", "3.5 s, 2.5 s CPU, 100 MB", ours)
    row("the same again, all from the cache", "", again)


def limit(scratch: Path) -> None:
    """120 cases at 50 at once, of a server that admits 8 a second."""
    row("120 cases at 50, 8 a second admitted", "goal", "measured")
    row("---", "---", "---")
    for name, options in (("Retry-After: 1", ()), ("no Retry-After", ("--no-retry-after",))):
        with server("--latency", "0.2", "--per-second", "8", *options) as url:
            root = project(scratch / name.replace(":", ""), url, 120)
            began = marked(root)
            took = timed(harness("-j", "50"), root)
            refused = counts(url)["faults"].get("429", 0)
        missing = results(root)["aggregate"]["missing_cases"]
        last = last_answer(root) - began
        told = (
            f"{last:.1f} s ({took.wall:.1f} with the report), {refused} x 429, {missing} unanswered"
        )
        row(name, "< 18 s, < 150 x 429, 0 unanswered", told)


def faults(scratch: Path) -> None:
    """2,000 cases at 64 at once, 1 % of every fault."""
    with server("--latency", "0.05", "--fault", "all=0.01") as url:
        root = project(scratch, url, 2000, ", mode: json_object, seconds: 5")
        took = timed(harness("-j", "64"), root)
        counted = counts(url)
    found = results(root)
    kinds = Counter(each["failure"]["kind"] for each in found["cases"] if each["failure"])
    asked = answers(root)
    row("2,000 cases at 64, 1 % of every fault", "goal", "measured")
    row("---", "---", "---")
    row("answered or typed", "2,000", f"{len(found['cases'])}, of which failures: {dict(kinds)}")
    row("answers asked for twice", "0", sum(times > 1 for times in asked.values()))
    row("requests, faults served", "", f"{counted['total']}, {sum(counted['faults'].values())}")
    row("whole command", "", took)


def kill(scratch: Path) -> None:
    """2,000 cases, killed at ten random moments and gone on with."""
    options = [f"--fault={name}=0.01" for name in ("429", "500", "503", "cut")]
    rng = random.Random(4)
    with server("--latency", "0.05", *options) as url:
        root = project(scratch / "killed", url, 2000)
        more: list[str] = []
        for _ in range(10):
            process = subprocess.Popen(harness("-j", "64", *more), cwd=root, env=ENVIRONMENT)  # noqa: S603  # our own
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(rng.uniform(1.5, 6.0))
            process.kill()
            process.wait()
            more = ["--resume", "last"] if (root / "reports").is_dir() else []
        last = timed(harness("-j", "64", *more), root)
        counted = counts(url)
    with server("--latency", "0.05", *options) as url:
        whole = project(scratch / "whole", url, 2000)
        timed(harness("-j", "64"), whole)
    asked = answers(root)
    row("2,000 cases, ten times kill -9, gone on with", "goal", "measured")
    row("---", "---", "---")
    equal = timeless(results(root)) == timeless(results(whole))
    row("results equal the uninterrupted run's, times apart", "yes", "yes" if equal else "NO")
    row("received answers asked for twice", "0", sum(times > 1 for times in asked.values()))
    extra = sum(counted["answered"].values()) - len(asked)
    row("answers sent to processes that were dead", "at most 640", extra)
    row("last session", "", last)


def cache(scratch: Path) -> None:
    """A cache of 50,000 answers."""
    reply = Response(200, {"content-type": "application/json"}, b"x" * 1_000, 0.2)
    kept = Cache(scratch / "cache.sqlite3")
    keys = [f"{number:064x}" for number in range(50_000)]
    began = time.monotonic()
    for key in keys:
        kept.keep((key, 1), "http://127.0.0.1/v1", reply, "2026-01-01T00:00:00.000+00:00")
    filled = time.monotonic() - began
    kept.close()
    began = time.monotonic()
    kept = Cache(scratch / "cache.sqlite3")
    found = sum(kept.find(key, 1) is not None for key in keys)
    looked = time.monotonic() - began
    kept.close()
    row("cache of 50,000 answers of 1 KB", "goal", "measured")
    row("---", "---", "---")
    row("opened, and all of them found", "< 3 s", f"{looked:.2f} s, {found} found")
    row("filled, one by one", "", f"{filled:.2f} s")


PARTS: Final = {"speed": speed, "limit": limit, "faults": faults, "kill": kill, "cache": cache}


def main() -> None:
    """Measure what is asked for."""
    compileall.compile_dir(ROOT / "harness", quiet=2)
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="default: all")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4_096)), hard))
    for name in parser.parse_args().parts or PARTS:
        scratch = Path(tempfile.mkdtemp(prefix=f"harness-{name}-"))
        try:
            print(f"\n## {name}\n")
            PARTS[name](scratch)
        finally:
            shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
