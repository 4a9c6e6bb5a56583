"""Measure requests to an endpoint with a fixed latency: rate, and CPU time a request.

A server that does little but wait answers in a process of its own. What harness sends with is
measured beside plain aiohttp and, where it is installed, httpx2. Prints Markdown.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from statistics import median
from typing import Final

import aiohttp

from harness.extract.endpoint.connection import Connection
from harness.extract.transport import Request

LATENCY: Final = 0.2
"""Seconds the server takes to answer."""
GOALS: Final = {16: 95, 64: 90, 256: 80}
"""Requests in flight, and the share of the ideal rate to reach, in percent."""
MOST_CPU: Final = 1.5
"""Milliseconds of CPU a request may take."""
ROUNDS: Final = 5
DOCUMENT: Final = "The rent is 900 pounds a month. " * 170
ANSWER: Final = json.dumps({"rows": [{"sku": f"AX-{n}", "quantity": n} for n in range(90)]})
Post = Callable[[bytes], Awaitable[bytes]]
"""Sends a body and returns the response's."""


@dataclass(frozen=True)
class Figure:
    """What one client did."""

    share: float
    """Of the ideal rate, in percent."""
    milliseconds: float
    """CPU time of this process for one request."""


@contextmanager
def server() -> Iterator[str]:
    """Serve in another process; yield the base URL."""
    command = [sys.executable, "-m", "benchmarks.lean", str(LATENCY)]
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:  # noqa: S603
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.terminate()


def bodies() -> Iterator[bytes]:
    """Yield requests of about 5.6 kB, each another one."""
    for number in count():
        text = f"{number}\n{DOCUMENT}\nANSWER {ANSWER}\n"
        yield json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode()


async def measured(post: Post, concurrency: int, requests: int) -> Figure:
    """Send requests, so many at once, parse every answer, and return what it took."""
    waiting = bodies()
    for _ in range(2):  # open the connections first: a run opens them once
        await asyncio.gather(*(post(next(waiting)) for _ in range(concurrency)))
    left = iter(range(requests))

    async def work() -> None:
        for _ in left:
            json.loads(await post(next(waiting)))

    started, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(concurrency)))
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    ideal = requests / concurrency * LATENCY
    return Figure(100 * ideal / seconds, 1000 * cpu / requests)


async def ours(url: str, concurrency: int, requests: int) -> Figure:
    """Measure what harness sends its requests with."""
    origin = url.removesuffix("/v1")
    connection = Connection(origin, None, 60.0, 10_000_000)
    headers = (("content-type", "application/json"),)

    async def post(body: bytes) -> bytes:
        request = Request(f"{url}/chat/completions", headers, body)
        return (await connection.send(request)).body

    try:
        return await measured(post, concurrency, requests)
    finally:
        await connection.close()


async def plain(url: str, concurrency: int, requests: int) -> Figure:
    """Measure aiohttp alone."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def post(body: bytes) -> bytes:
            async with session.post(f"{url}/chat/completions", data=body) as response:
                return await response.read()

        return await measured(post, concurrency, requests)


async def httpx2(url: str, concurrency: int, requests: int) -> Figure:
    """Measure httpx2 with a pool that is large enough."""
    httpx = import_module("httpx2")

    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:

        async def post(body: bytes) -> bytes:
            response = await client.post(f"{url}/chat/completions", content=body)
            return bytes(response.content)

        return await measured(post, concurrency, requests)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds = 2 if parser.parse_args().quick else ROUNDS
    clients = {"harness": ours, "aiohttp": plain}
    if find_spec("httpx2"):
        clients["httpx2"] = httpx2
    print("# Requests to an endpoint that takes 200 ms\n")
    print("Share of the ideal rate, and CPU milliseconds a request; medians over rounds.\n")
    head = [f"{c} in flight, goal {goal} % and {MOST_CPU} ms" for c, goal in GOALS.items()]
    print("| client | " + " | ".join(head) + " |")
    print("|---|" + "---|" * len(head))
    found: dict[tuple[str, int], list[Figure]] = {}
    with server() as url:
        for _ in range(rounds):
            for concurrency in GOALS:
                for name, client in clients.items():  # in turns: a busy moment is everybody's
                    figure = asyncio.run(client(url, concurrency, 8 * concurrency))
                    found.setdefault((name, concurrency), []).append(figure)
    for name in clients:
        cells = []
        for concurrency in GOALS:
            figures = found[name, concurrency]
            share = median(f.share for f in figures)
            best = max(f.share for f in figures)
            cpu = median(f.milliseconds for f in figures)
            cells.append(f"{share:.0f} % (best {best:.0f} %), {cpu:.2f} ms")
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
