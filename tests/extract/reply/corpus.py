"""Corpus of messy replies: what a careful person reads in each, and how far the reader agrees.

`python -m tests.extract.reply.corpus` prints the table. A reply is *read wrongly* where the reader
returns a value that the person does not; *refused* where the person reads a value and it does not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from harness.cases.suite import Limits
from harness.core.records import Case, Failure
from harness.core.values import Json
from harness.extract.reply.context.nested_part import whole_answer
from harness.extract.reply.json_text import same
from harness.extract.reply.read_reply import read_reply

FILE: Final = Path(__file__).parent / "replies.jsonl"


class Outcome(StrEnum):
    """How the reader's reading of a reply compares with the person's."""

    AGREED = "agreed"
    REFUSED = "refused"
    WRONG = "read wrongly"


@dataclass(frozen=True, slots=True)
class MessyReply:
    """A reply, and the value a careful person reads in it."""

    name: str
    kind: str
    text: str
    is_read: bool
    """False where a careful person would rather ask."""
    value: Json = None
    truth: Json = None
    """Ground truth of the case, where only its keys tell what the reply holds."""


def corpus() -> Iterator[MessyReply]:
    """Yield the replies in the order of the file."""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        name = f"{row['kind']} {row['number']}"
        value, truth = row.get("reads"), row.get("truth")
        yield MessyReply(name, row["kind"], row["reply"], "reads" in row, value, truth)


def outcome(reply: MessyReply) -> Outcome:
    """Return how the reader fares with a reply."""
    case = Case(reply.name, (), reply.truth)
    found = whole_answer(read_reply(reply.text, Limits()), case)
    if isinstance(found, Failure):
        return Outcome.REFUSED if reply.is_read else Outcome.AGREED
    is_right = reply.is_read and same(found.value, reply.value)
    return Outcome.AGREED if is_right else Outcome.WRONG


def table() -> str:
    """Return agreement by kind as Markdown."""
    counts: dict[str, dict[Outcome, int]] = {}
    for reply in corpus():
        row = counts.setdefault(reply.kind, dict.fromkeys(Outcome, 0))
        row[outcome(reply)] += 1
    counts["all"] = {each: sum(row[each] for row in counts.values()) for each in Outcome}
    lines = ["| kind | replies | agreed | refused | read wrongly |", "|---|--:|--:|--:|--:|"]
    for kind, row in counts.items():
        numbers = [sum(row.values()), *row.values()]
        lines.append(f"| {kind} | " + " | ".join(map(str, numbers)) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())  # noqa: T201 - this is the command's output
