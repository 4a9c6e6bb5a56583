"""The results of a batch on disk: found by id, and read one by one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from harness.core.values import Json
from harness.extract.batches.batch_api import BatchResult


@dataclass(frozen=True, slots=True)
class _Place:
    """Place of a result in the file, and what a second one with its id is compared with."""

    offset: int
    is_success: bool
    digest: bytes | None
    """None where there is no response."""


@dataclass(slots=True)
class ResultFile:
    """JSON lines, of which only where each id stands is held in memory."""

    file: BinaryIO
    read: Callable[[Json], BatchResult | None]
    """What a line says; None where it is no result."""
    unreadable: int = 0
    """Lines that are no results."""
    unlike: list[str] = field(default_factory=list)
    """Ids that came more than once, with different responses."""
    _places: dict[str, _Place] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Go through the file: the first result of each id counts, or the first success."""
        self.file.seek(0)
        offset = 0
        for line in self.file:
            result = self._parsed(line) if line.strip() else None
            if result is not None:
                self._note(result, offset)
            self.unreadable += result is None and bool(line.strip())
            offset += len(line)

    def __iter__(self) -> Iterator[str]:
        """Yield the ids."""
        return iter(self._places)

    def get(self, custom_id: str) -> BatchResult | None:
        """Return the result with an id; None where there is none."""
        place = self._places.get(custom_id)
        if place is None:
            return None
        self.file.seek(place.offset)
        return self._parsed(self.file.readline())

    def _parsed(self, line: bytes) -> BatchResult | None:
        try:
            return self.read(json.loads(line))
        except (ValueError, RecursionError):
            return None

    def _note(self, result: BatchResult, offset: int) -> None:
        received, first = result.received, self._places.get(result.custom_id)
        is_success = received is not None and received.is_success
        digest = None if received is None else hashlib.sha256(received.body).digest()
        if first is None or (is_success and not first.is_success):
            self._places[result.custom_id] = _Place(offset, is_success, digest)
        elif None not in (digest, first.digest) and digest != first.digest:
            self.unlike.append(result.custom_id)
