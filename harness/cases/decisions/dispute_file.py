"""`disputes.jsonl` as decisions: doubts that `harness truth dispute` noted beside the truths."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harness.cases.decisions.decision import GONE, Act, Decision, Slots, value_digest
from harness.cases.files.places import refuse_link_out
from harness.cases.files.reading import read_text
from harness.core.values import Json
from harness.errors import HarnessError, Problem, Where

DISPUTES: Final = "disputes.jsonl"
_STEP: Final = re.compile(r"\[(\d+)\]|\[\"((?:[^\"\\]|\\.)*)\"\]|\.?([^.\[\]{}\"\s]+)")


def read_disputes(home: Path) -> Iterator[Decision]:
    """Yield the disputes of a folder of truths; each holds while the truth says what it said.

    Raises HarnessError for a line that is none.
    """
    file = home / DISPUTES
    refuse_link_out(file)
    lines = read_text(file).splitlines() if file.is_file() else ()
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
            yield _decision(record, line)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            what = f"not a dispute: {error}"
            hint = "the file is only ever added to: restore the line"
            raise HarnessError(Problem(what, "bad-dispute", Where(file, number), hint)) from None


def _decision(record: dict[str, Json], line: str) -> Decision:
    at = str(record["at"])
    stamp = re.sub(r"\D", "", at.partition("+")[0])[:20].ljust(20, "0")
    own = hashlib.sha256(line.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    disputed = value_digest(record.get("truth")) if record.get("has_truth", True) else GONE
    return Decision(
        id=f"{stamp[:8]}T{stamp[8:]}-{own}",
        at=at,
        by=str(record["extractor"]),
        case=str(record["case"]),
        do=Act.DISPUTE,
        path=slots_of(str(record["path"])),
        why=str(record.get("why", "")),
        saw={"truth": disputed, "run": record["run"], "value": record.get("predicted")},
    )


def slots_of(path: str) -> Slots:
    r"""Return the place of a path as it is shown; indexes are ids of items as they were at first.

    >>> slots_of('rooms[2]["a.b"].c'), slots_of("$")
    (('rooms', '2', 'a.b', 'c'), ())
    """
    if path == "$":
        return ()
    return tuple(
        index or (re.sub(r"\\(.)", r"\1", quoted) if quoted else plain)
        for index, quoted, plain in _STEP.findall(path)
    )
