"""Review logs on disk: `review/<person>.jsonl`, append-only, one writer a file, fsync first."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Final
from urllib.parse import quote

from harness.cases.decisions.decision import Decision, read_decision
from harness.cases.decisions.dispute_file import read_disputes
from harness.cases.files.append_only import (
    OPEN_TO_WRITE,
    sync_folder,
    wait_for_lock,
    whole_lines,
)
from harness.cases.files.places import refuse_link_out
from harness.cases.files.strict_json import without_garbage_collection
from harness.errors import HarnessError, Problem, Where

FOLDER: Final = "review"
_ATTRIBUTES: Final = "*.jsonl merge=union text eol=lf\n"


def log_file(home: Path, person: str) -> Path:
    """Return the file of one person's decisions below a folder of truths.

    >>> log_file(Path("truths"), "ann/../b@x").as_posix()
    'truths/review/ann%2F..%2Fb@x.jsonl'
    """
    name = quote(person, safe="@+ ")
    return home / FOLDER / f"{name.replace('%2E', '.')}.jsonl"


def read_logs(home: Path) -> list[Decision]:
    """Return all decisions of all people, in the order that every reader agrees on.

    A last line that was cut off was never acknowledged: it is left out. A decision that stands in
    two files, or twice after a merge, counts once. Disputes that were noted beside the truths are
    among them. Raises HarnessError for a line that is none.
    """
    decisions: dict[str, Decision] = {each.id: each for each in read_disputes(home)}
    folder = home / FOLDER
    with without_garbage_collection():
        for file in sorted(folder.glob("*.jsonl")) if folder.is_dir() else ():
            for decision in _read(file):
                decisions[decision.id] = decision
    return sorted(decisions.values(), key=lambda each: each.id)


def _read(file: Path) -> Iterator[Decision]:
    refuse_link_out(file)
    data = file.read_bytes()
    whole, _, _ = data.rpartition(b"\n")
    try:
        text = whole.decode("utf-8")
    except UnicodeDecodeError:
        raise HarnessError(Problem("is not UTF-8", "bad-decision", Where(file))) from None
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith(("<<<<<<<", "=======", ">>>>>>>")):
            hint = "keep the lines of both sides, delete the marks"
            raise HarnessError(Problem("a merge left marks", "merge", Where(file, number), hint))
        if line:
            yield read_decision(line, Where(file, number))


def append(home: Path, decisions: Sequence[Decision], writer: str | None = None) -> None:
    """Write decisions to one person's file and return once they are on the disk.

    The file is that of the writer, by default of who made the first decision. All are on the disk
    or none is acknowledged. Raises OSError where the disk does not take them.
    """
    if not decisions:
        return
    file = log_file(home, writer or decisions[0].by)
    is_new = not file.exists()
    if is_new:
        file.parent.mkdir(parents=True, exist_ok=True)
        attributes = file.parent / ".gitattributes"
        if not attributes.exists():
            attributes.write_text(_ATTRIBUTES, encoding="utf-8", newline="\n")
    fd = os.open(file, OPEN_TO_WRITE | os.O_APPEND, 0o644)
    try:
        wait_for_lock(fd)
        whole = whole_lines(fd)
        if whole < os.fstat(fd).st_size:  # cut off while it was written: nobody was told of it
            os.ftruncate(fd, whole)
        left = memoryview("".join(decision.line() for decision in decisions).encode("utf-8"))
        while left:
            left = left[os.write(fd, left) :]
        os.fsync(fd)
    finally:
        os.close(fd)
    if is_new:
        sync_folder(file.parent)


def next_id(ids: Iterable[str], now: str) -> str:
    """Return an id that sorts behind all that were seen, whatever this machine's clock says.

    `now` is ISO 8601 in UTC. Two people who decide at the same moment get different ids.
    """
    moment = datetime.fromisoformat(now).astimezone(UTC)
    last = max(ids, default="")[:_STAMP_SIZE]
    if last >= moment.strftime(_STAMP):
        moment = datetime.strptime(f"{last}+0000", f"{_STAMP}%z") + timedelta(microseconds=1)
    return f"{moment.strftime(_STAMP)}-{token_hex(4)}"


_STAMP: Final = "%Y%m%dT%H%M%S%f"
_STAMP_SIZE: Final = 21
