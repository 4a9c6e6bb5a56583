"""A run folder's report: read what is stored, render it, put it beside the rest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.core.records import Answer, Failure
from harness.report.html import render
from harness.report.index import render_index
from harness.run import store


def write_report(folder: Path) -> Path:
    """Render a run's `report.html` from what its folder holds, and return its path."""
    run, results = store.read_run(folder), store.read_results(folder)
    path = folder / store.REPORT
    store.write_atomically(path, render(run, results, _sources(folder, run)))
    return path


def _sources(folder: Path, run: dict[str, Any]) -> dict[str, Any]:
    """Return every case's documents and raw reply."""
    predictions = store.read_predictions(folder)
    sources: dict[str, Any] = {}
    for case in store.read_cases(folder, run["schemas"]):
        prediction = predictions.get(case.id)
        said: Answer | Failure | None = prediction.said if prediction else None
        sources[case.id] = {
            "documents": [
                {
                    "name": document.name,
                    "text": document.text or None,
                    "note": "" if document.text else "the run folder does not hold this text",
                }
                for document in case.documents
            ],
            "raw": said.raw if said else None,
        }
    return sources


def write_index(reports: Path) -> Path:
    """Render `index.html` of a reports folder: every run, newest first."""
    runs: list[Mapping[str, Any]] = []
    for folder in store.run_folders(reports):
        scored = (folder / store.RESULTS).is_file()
        results = store.read_results(folder) if scored else None
        runs.append({"run": store.read_run(folder), "results": results})
    path = reports / "index.html"
    store.write_atomically(path, render_index(runs))
    return path
