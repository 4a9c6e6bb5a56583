"""`batches.jsonl`, append-only log of a run's batches: intents, submissions and results.

An intent is on the disk before its request leaves. Whatever ends the process, the file says which
lines a vendor may have.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final

from harness.cases.files.append_only import AppendOnlyFile
from harness.errors import HarnessError, Problem, Where

BATCHES: Final = "batches.jsonl"
FILES: Final = "batches"
"""Folder of the files that were submitted."""
Name = tuple[str, int]
"""A question: its key, and which asking of it this is."""
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9]+")
_SLUG: Final = 40
_DIGEST: Final = 16


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One question in a batch."""

    custom_id: str
    case_id: str
    replicate: int
    key: str
    input_tokens: int
    """At most, as for a single request."""
    output_tokens: int

    @property
    def name(self) -> Name:
        """The question."""
        return self.key, self.replicate

    def as_json(self) -> list[str | int]:
        """Return it as it is stored."""
        most = (self.input_tokens, self.output_tokens)
        return [self.custom_id, self.case_id, self.replicate, self.key, *most]


@dataclass(slots=True)
class LoggedBatch:
    """Log entries of one batch."""

    name: str
    """`b-1` and so on, by the order of intents."""
    dialect: str
    token: str
    """What it can be found by at its vendor."""
    at: str
    """When it was intended."""
    lines: Mapping[str, BatchLine]
    """By custom id."""
    predictions: int
    """Bytes of predictions that stood there when it was intended."""
    exchanges: int
    """The same of exchanges."""
    batch_id: str | None = None
    """The vendor's; None until the vendor has said it."""
    submitted: str | None = None
    """When that was."""
    expires: str | None = None
    over: str | None = None
    """How it ended: `ended`, `expired`, `cancelled`, `failed`, `gone`, or `void` where the vendor
    never had it; None while answers may come of it."""
    why: str = ""
    missed: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Lines without an answer: how they ended, and in what words."""
    answers: int = 0

    @property
    def is_open(self) -> bool:
        """Answers may yet come of it."""
        return self.over is None


class BatchLog:
    """The batches of one run."""

    def __init__(self, folder: Path) -> None:
        """Open the log. Raises HarnessError if another process writes it, or it cannot be read."""
        self.folder = folder
        self._file = AppendOnlyFile(folder / BATCHES)
        self.batches: dict[str, LoggedBatch] = {b.name: b for b in read_batches(folder)}
        self._latest: dict[Name, LoggedBatch] = {}
        self._by_name: dict[Name, BatchLine] = {}
        self._by_case: dict[tuple[str, int], list[LoggedBatch]] = {}
        for batch in self.batches.values():
            self._index(batch)

    def open_batches(self) -> list[LoggedBatch]:
        """Return those of which answers may come, oldest first."""
        return [batch for batch in self.batches.values() if batch.is_open]

    def line(self, name: Name) -> tuple[LoggedBatch, BatchLine] | None:
        """Return the last batch that a question is in; one the vendor never had does not count."""
        batch = self._latest.get(name)
        return None if batch is None else (batch, self._by_name[name])

    def since(self, case: tuple[str, int], after: int) -> int | None:
        """Return where the exchanges begin of the first batch with a case that was intended later.

        `after` is where a prediction begins: batches with more of them came later. None: none did.
        """
        batches = self._by_case.get(case, ())
        later = (batch.exchanges for batch in batches if batch.predictions > after)
        return next(later, None)

    def intend(self, batch: LoggedBatch, url: str, sha256: str) -> None:
        """Write an intent. It is on the disk when this returns."""
        line = {
            "do": "intend",
            "batch": batch.name,
            "dialect": batch.dialect,
            "token": batch.token,
            "at": batch.at,
            "url": url,
            "sha256": sha256,
            "predictions": batch.predictions,
            "exchanges": batch.exchanges,
            "lines": [each.as_json() for each in batch.lines.values()],
        }
        self._append(line)
        self.batches[batch.name] = batch
        self._index(batch)

    def submitted(self, batch: LoggedBatch, batch_id: str, at: str) -> None:
        """Write which batch of the vendor's it is."""
        batch.batch_id, batch.submitted = batch_id, at
        self._append({"do": "submitted", "batch": batch.name, "id": batch_id, "at": at})

    def expires(self, batch: LoggedBatch, expires: str) -> None:
        """Write when the vendor gives it up."""
        batch.expires = expires
        self._append({"do": "expires", "batch": batch.name, "expires": expires})

    def end(
        self,
        batch: LoggedBatch,
        over: str,
        why: str,
        missed: Mapping[str, tuple[str, str]],
        at: str,
    ) -> None:
        """Write how it ended. Its answers must be on the disk before."""
        batch.over, batch.why, batch.missed = over, why, missed
        batch.answers = 0 if over == "void" else len(batch.lines) - len(missed)
        line = {
            "do": "collected" if over != "void" else "void",
            "batch": batch.name,
            "over": over,
            "at": at,
            "why": why,
            "answers": batch.answers,
            "missed": {custom_id: list(reason) for custom_id, reason in missed.items()},
        }
        self._append(line)
        if over == "void":
            self._reindex(batch)

    def keep_file(self, name: str, lines: Iterable[bytes]) -> bytes:
        """Write what is to be submitted into a file of its own; return its bytes."""
        place = self.folder / FILES
        place.mkdir(exist_ok=True)
        whole = b"\n".join(lines) + b"\n"
        (place / f"{name}.jsonl").write_bytes(whole)
        return whole

    def scratch_file(self) -> AbstractContextManager[BinaryIO]:
        """Return a file on the run's disk that is gone once it is closed, or the process ends."""
        place = self.folder / FILES
        place.mkdir(exist_ok=True)
        return TemporaryFile(dir=place)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _append(self, line: Mapping[str, Any]) -> None:
        self._file.append(json.dumps(line, separators=(",", ":")) + "\n")
        self._file.sync()

    def _index(self, batch: LoggedBatch) -> None:
        if batch.over != "void":
            for line in batch.lines.values():
                self._latest[line.name] = batch
                self._by_name[line.name] = line
                self._by_case.setdefault((line.case_id, line.replicate), []).append(batch)

    def _reindex(self, batch: LoggedBatch) -> None:
        for line in batch.lines.values():
            self._latest.pop(line.name, None)
        self._by_case.clear()
        for each in self.batches.values():
            self._index(each)


def read_batches(folder: Path) -> list[LoggedBatch]:
    """Return a run's batches in order; none where it has none. Raises HarnessError."""
    batches: dict[str, LoggedBatch] = {}
    for number, line in _lines(folder / BATCHES):
        try:
            _replay(batches, line)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            where = Where(folder / BATCHES, number)
            raise HarnessError(Problem(f"not a line of ours: {error}", "bad-run", where)) from None
    return list(batches.values())


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield the lines of a log; one that was cut off at the end never counted."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                yield number, json.loads(line)
            except ValueError:
                where = Where(path, number)
                raise HarnessError(Problem("not JSON", "bad-run", where)) from None


def _replay(batches: dict[str, LoggedBatch], line: Mapping[str, Any]) -> None:
    name = str(line["batch"])
    match line["do"]:
        case "intend":
            lines = {str(each[0]): BatchLine(*each) for each in line["lines"]}
            sizes = int(line["predictions"]), int(line["exchanges"])
            of = name, str(line["dialect"]), str(line["token"]), str(line["at"])
            batches[name] = LoggedBatch(*of, lines, *sizes)
        case "submitted":
            batches[name].batch_id = str(line["id"])
            batches[name].submitted = str(line["at"])
        case "expires":
            batches[name].expires = str(line["expires"])
        case "collected" | "void":
            batch = batches[name]
            batch.over, batch.why = str(line["over"]), str(line["why"])
            batch.answers = int(line["answers"])
            batch.missed = {key: (str(a), str(b)) for key, (a, b) in line["missed"].items()}
        case other:
            raise ValueError(f"unknown word {other!r}")


def custom_id(case_id: str, replicate: int, digest: str) -> str:
    """Return a line's id: its case as far as letters go, the replicate, and a digest.

    Anthropic takes letters, digits, `_` and `-`, 64 of them at most.

    >>> custom_id("2026/inv 7", 1, "0123456789abcdef0123")
    '2026-inv-7-r1-0123456789abcdef'
    """
    slug = _UNSAFE.sub("-", case_id).strip("-")[:_SLUG]
    return f"{slug or 'case'}-r{replicate}-{digest[:_DIGEST]}"
