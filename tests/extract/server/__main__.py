"""Serve until told to stop; the first line printed is the base URL."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys

from tests.extract.server.app import App
from tests.extract.server.behaviour import MODES, Behaviour, Fault
from tests.extract.server.serving import listening, serve


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.extract.server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: any free one")
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS")
    faults = ", ".join(Fault)
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME=SHARE",
        help=f"share of calls that go wrong so, 0 to 1; may be repeated. NAME: all, {faults}",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--per-second", type=int, help="requests admitted in any second")
    parser.add_argument("--no-retry-after", action="store_true")
    parser.add_argument("--modes", default=",".join(MODES), help="default: %(default)s")
    parser.add_argument("--key", help="the only key it takes")
    said = parser.parse_args()
    shares: dict[Fault, float] = {}
    for one in said.fault:
        name, _, share = one.partition("=")
        for fault in Fault if name == "all" else (Fault(name),):
            shares[fault] = float(share)
    behaviour = Behaviour(
        latency=said.latency,
        faults=shares,
        seed=said.seed,
        per_second=said.per_second,
        retry_after=None if said.no_retry_after else "1",
        modes=frozenset(said.modes.split(",")),
        key=said.key,
    )
    with listening(said.port) as listener:
        sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}/v1\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(serve(App(behaviour), listener, asyncio.Event()))


if __name__ == "__main__":
    main()
