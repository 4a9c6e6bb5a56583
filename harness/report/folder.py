"""A run folder's report: read what is stored, render it, put it beside the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.core.records import Answer, Failure
from harness.report.html import render
from harness.report.index import render_index
from harness.run import store


@dataclass(frozen=True, slots=True)
class Reported:
    """A run's report, and what it was made from."""

    page: Path
    run: dict[str, Any]
    results: dict[str, Any]


def write_report(folder: Path) -> Reported:
    """Render a run's `report.html` from what its folder holds."""
    run, results = store.read_run(folder), store.read_results(folder)
    path = folder / store.REPORT
    store.write_atomically(path, render(run, results, _sources(folder, run)))
    return Reported(path, run, results)


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
    """Render `index.html` of a reports folder from the headline every scored run keeps."""
    runs: list[Mapping[str, Any]] = []
    for folder in store.run_folders(reports):
        run = store.read_run(folder)
        runs.append({"run": run, "results": run.get("headline")})
    path = reports / "index.html"
    store.write_atomically(path, render_index(runs))
    return path
