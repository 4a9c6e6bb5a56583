"""How far runs are that have not ended, read from what they have written so far."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.errors import HarnessError
from harness.run import store


@dataclass(frozen=True, slots=True)
class Progress:
    """A run that has begun and not ended: at work, or given up."""

    run_id: str
    suite: str
    extractor: str
    started: str
    asked: int
    """Predictions to come about: cases, times replicates."""
    told: int
    """Predictions written so far."""
    failed: int
    """Those of them that are no answer."""
    last: float
    """When something was written last, in seconds since 1970."""


@dataclass(slots=True)
class _Seen:
    asked: int
    offset: int = 0
    told: int = 0
    failed: int = 0


@dataclass(slots=True)
class FolderWatch:
    """Looks at a reports folder again and again, and reads only what is new."""

    reports: Path
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _ended: set[str] = field(default_factory=set)

    def look(self) -> Iterator[Progress]:
        """Yield the runs that have not ended, newest first."""
        for folder in store.run_folders(self.reports):
            if folder.name in self._ended:
                continue
            try:
                run = store.read_run(folder)
                if run["finished"] is None:
                    yield self._progress(folder, run)
                else:
                    self._ended.add(folder.name)
            except (HarnessError, OSError):
                continue  # being written, or no run of ours: the list of runs says so

    def _progress(self, folder: Path, run: Mapping[str, Any]) -> Progress:
        seen = self._seen.get(folder.name)
        if seen is None:
            times = (run.get("asked") or {}).get("replicates", 1)
            seen = self._seen[folder.name] = _Seen(_lines(folder / store.CASES) * times)
        predictions = folder / store.PREDICTIONS
        _read_on(predictions, seen)
        written = [path for path in (folder / store.RUN, predictions) if path.exists()]
        return Progress(
            run_id=folder.name,
            suite=str(run["suite"]),
            extractor=str(run["extractor"]),
            started=str(run["started"]),
            asked=seen.asked,
            told=seen.told,
            failed=seen.failed,
            last=max(path.stat().st_mtime for path in written),
        )


def _lines(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return sum(1 for _ in file)
    except OSError:
        return 0


def _read_on(path: Path, seen: _Seen) -> None:
    """Count the lines that were added; a last line still being written is left for later."""
    try:
        with path.open("rb") as file:
            file.seek(seen.offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                seen.offset += len(line)
                seen.told += 1
                seen.failed += json.loads(line)["said"]["status"] == "failed"
    except (OSError, ValueError, LookupError, TypeError):
        return  # what is wrong with the file is told when the run is read
