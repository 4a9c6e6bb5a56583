"""Reports of run folders: read what is stored, render it, and write the page into the folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from harness.cases.discovery.current_ruler import RulerDigests
from harness.cases.documents.kinds import is_paged
from harness.cases.files.strict_json import without_garbage_collection
from harness.core.records import Case
from harness.errors import HarnessError, Problem
from harness.report.embedded.long_texts import CaseSources, DocumentSource, KeptPages
from harness.report.history.history_table import runs_of
from harness.report.history.index_page import IndexEntry, render_index
from harness.report.history.trend_page import render_trends
from harness.report.page.past_runs import past_runs
from harness.report.rendering.html_page import RenderedPage, compile_templates, render
from harness.report.words.stale_truths import old_documents, rescore_hint, stale
from harness.run import store
from harness.run.history.document_changes import document_changes
from harness.run.history.history_row import past_of
from harness.run.history.run_index import RunHistory
from harness.run.history.truth_changes import truth_changes
from harness.run.results.rescore import score_so_far
from harness.run.stored.stored_results import CaseRecord, ResultsDocument
from harness.run.stored.stored_run import RunDocument

_PAST: Final = 40
"""Run folders looked into for past runs, the newest first."""


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A run's report, and what it was made from."""

    page: Path
    run: RunDocument
    results: ResultsDocument


class PageImages(Protocol):
    """Draws pages of documents beside a report, by a process that a report knows nothing of."""

    def keep(self, case: Case, judged: Iterable[CaseRecord]) -> Mapping[int, KeptPages]:
        """Return what is kept of a case's documents, by their number."""


def get_ready() -> None:
    """Load what a report is made with; a run has time for it while it waits for answers."""
    compile_templates()


def since_scored(folder: Path) -> str:
    """Return what has changed of a run's suite on disk since; empty for nothing."""
    record = store.read_run(folder)
    changes = truth_changes(folder, record)
    parts = []
    if changes and (sentence := stale(changes)):
        parts.append(f"{sentence} {rescore_hint(changes)}")
    if sentence := old_documents(document_changes(folder, record)):
        parts.append(f"{sentence}.")
    return " ".join(parts)


def render_so_far(folder: Path) -> RenderedPage:
    """Return the report of a run at work, of what it was told so far; nothing is written."""
    run, results = score_so_far(folder)
    return _rendered(folder, run, results, ("", _sources(folder, run)))


@without_garbage_collection()
def write_report(
    folder: Path,
    since: str = "",
    pages: PageImages | None = None,
    results: ResultsDocument | None = None,
) -> WrittenReport:
    """Render a run's `report.html` from what its folder holds.

    `since` says what has changed since it was scored, as `since_scored` does; `pages` draws the
    pages of its documents beside it. `results` are what `eval-results.json` says, where whoever
    scored the run has it at hand; None has the file read.
    """
    run = store.read_run(folder)
    if results is None:
        results = store.read_results(folder)
    path = folder / store.REPORT
    sources = _sources(folder, run)
    if pages is not None:
        _with_pages(sources, store.read_cases(folder, run["schemas"]), results, pages)
    _write(path, _rendered(folder, run, results, (since, sources)))
    return WrittenReport(path, run, results)


def _rendered(
    folder: Path,
    run: RunDocument,
    results: ResultsDocument,
    texts: tuple[str, Mapping[str, CaseSources]],
) -> RenderedPage:
    since, sources = texts
    return render(run, results, sources, past_runs(run, results, _others(folder)), since)


def _with_pages(
    sources: Mapping[str, CaseSources],
    cases: Iterable[Case],
    results: ResultsDocument,
    pages: PageImages,
) -> None:
    """Add to documents the images of their pages, which are drawn."""
    judged: dict[str, list[CaseRecord]] = {}
    for each in results["cases"]:
        judged.setdefault(each["id"], []).append(each)
    for case in cases:
        for number, page in pages.keep(case, judged.get(case.id, ())).items():
            sources[case.id]["documents"][number]["pictures"] = page


def _write(path: Path, rendered: RenderedPage) -> None:
    """Write the page once all that it leads to is there."""
    for place, text in rendered.beside.items():
        aside = path.parent / place
        aside.parent.mkdir(exist_ok=True)
        store.write_atomically(aside, text)
    store.write_atomically(path, rendered.html)


def _others(folder: Path) -> Iterator[RunDocument]:
    """Yield the records of the runs beside this one; one that cannot be read is passed over."""
    for other in store.run_folders(folder.absolute().parent)[:_PAST]:
        if other.name != folder.name:
            try:
                yield store.read_run(other)
            except HarnessError:
                continue


def _sources(folder: Path, run: RunDocument) -> dict[str, CaseSources]:
    """Return every case's documents and raw replies."""
    predictions = store.read_replicates(folder)
    cases = {case.id: case for case in store.read_cases(folder, run["schemas"])}
    replies: dict[str, dict[int, str | None]] = {case_id: {} for case_id in cases}
    for (case_id, replicate), prediction in predictions.items():
        if case_id in replies:
            replies[case_id][replicate] = prediction.output.raw
    return {
        case.id: {"documents": _documents(case), "replies": replies[case.id]}
        for case in cases.values()
    }


def _documents(case: Case) -> list[DocumentSource]:
    return [
        {
            "name": document.name,
            "text": document.text or None,
            "note": "" if document.text else "the run folder does not hold this text",
            "has_pages": is_paged(document.name),
        }
        for document in case.documents
    ]


def stale_runs(reports: Path) -> dict[str, str]:
    """Return what has changed since each run was scored, by run, where anything has."""
    known: dict[Path, RulerDigests] = {}
    sentences: dict[str, str] = {}
    for folder in store.run_folders(reports):
        with suppress(HarnessError):
            run = store.read_run(folder)
            changes = truth_changes(folder, run, known)
            if changes is not None and (sentence := stale(changes)):
                sentences[str(run["run_id"])] = sentence
    return sentences


def write_index(reports: Path) -> Path:
    """Render `index.html` of a reports folder, which names runs that cannot be read, and the trend.

    Returns the index; `history.html` lies beside it.
    """
    entries, problems = index_entries(reports)
    path = reports / "index.html"
    page = render_index(entries, list(map(str, problems)), stale_runs(reports))
    store.write_atomically(path, page)
    past = sorted(
        (past_of(entry["run"]) for entry in entries),
        key=lambda one: (one.started, one.run_id),
    )
    store.write_atomically(
        reports / "history.html",
        render_trends(runs_of(RunHistory(tuple(past), {}, ())), field_courses(entries)),
    )
    return path


def field_courses(entries: Iterable[IndexEntry]) -> dict[str, dict[str, float | None]]:
    """Return the F1 of every field by run, of the runs that keep it in their headline."""
    return {
        entry["run"]["run_id"]: dict(fields)
        for entry in entries
        if entry["results"] is not None and (fields := entry["results"].get("fields"))
    }


def index_entries(reports: Path) -> tuple[list[IndexEntry], Sequence[Problem]]:
    """Return the headline every scored run keeps, and what is wrong with runs left out."""
    runs: list[IndexEntry] = []
    problems: list[Problem] = []
    for folder in store.run_folders(reports):
        try:
            run = store.read_run(folder)
        except HarnessError as error:
            problems.extend(error.problems)
            continue
        runs.append({"run": run, "results": run.get("headline")})
    return runs, problems
