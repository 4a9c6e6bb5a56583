"""Reports of runs at work, rendered again whenever more has been answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from harness.errors import HarnessError
from harness.report.folder import render_so_far
from harness.run import store


@dataclass(slots=True)
class OpenRuns:
    """Keeps the last page that was made of each run at work."""

    _made: dict[Path, tuple[int, Mapping[str, str]]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def is_open(self, folder: Path) -> bool:
        """Tell whether a run has not ended, and so has no report of its own."""
        try:
            return store.read_run(folder)["finished"] is None
        except HarnessError:
            return False

    def page(self, folder: Path) -> Mapping[str, str]:
        """Return the report of a run at work and the texts beside it, by their paths.

        Raises HarnessError where its answers cannot be judged yet.
        """
        predictions = folder / store.PREDICTIONS
        with self._lock:
            size = predictions.stat().st_size if predictions.is_file() else 0
            known = self._made.get(folder)
            if known is None or known[0] != size:
                made = render_so_far(folder)
                known = size, {store.REPORT: made.html, **made.beside}
                self._made[folder] = known
            return known[1]
