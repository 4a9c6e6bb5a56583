"""Print what becomes of runs by batches that meet faults or end half-way, as a Markdown table.

Each row is a run against a batch server of our own: the session that meets the fault, and one more
that goes on with it. Nothing may be wrong, nothing lost in the end, and nothing paid for twice but
what the vendor itself has lost.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.extract.batches.scenarios import (  # noqa: E402
    CASES,
    CRASHES,
    FAULTS,
    KINDS,
    Outcome,
    after_crash,
    through_fault,
)


def main() -> None:
    """Run every scenario for every dialect and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=KINDS, action="append", help="default: all")
    kinds = parser.parse_args().kind or KINDS
    _say(f"{CASES} questions a run. exit: of the session that meets it. missing: after it.\n")
    _say("| what happens | dialect | exit | missing | wrong | exit after | lost | paid twice |")
    _say("|---|---|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        _rows(Path(folder), FAULTS, through_fault, kinds)
        _rows(Path(folder), CRASHES, after_crash, kinds)


def _rows(
    folder: Path,
    names: Iterable[str],
    scenario: Callable[[Path, str, str], Outcome],
    kinds: Iterable[str],
) -> None:
    for name in names:
        for kind in kinds:
            found = scenario(folder, kind, name)
            why = f" ({', '.join(found.kinds)})" if found.missing else ""
            _say(
                f"| {name} | {kind} | {found.code} | {found.missing}{why} | {found.wrong} "
                f"| {found.last} | {found.lost} | {found.twice} |"
            )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
