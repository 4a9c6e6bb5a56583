"""A run folder out of files that were scored: report, compare, history and view work on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Final

from harness.cases.documents.document_files import shown_boxes
from harness.cases.files.places import find_project
from harness.cases.files.user_functions import Comparators
from harness.cases.suite import RecordedAnswers, Suite
from harness.core.records import Prediction
from harness.errors import Problem, UsageError
from harness.run import store
from harness.run.asking.execute import run_name
from harness.run.clock import now
from harness.run.results.rescore import (
    ScoreOptions,
    begun_run,
    schema_names,
    score_run,
    set_headline,
)
from harness.run.scored_files.score_files import ScoredCorpus
from harness.run.scored_files.standalone_rules import Ruler
from harness.run.stored.stored_run import RunDocument

_ID: Final = attrgetter("id")


@dataclass(frozen=True, slots=True)
class RunPlace:
    """Folder, name and extractor of a run of files."""

    suite: str
    extractor: str
    answers: Path
    """The file the answers are from."""
    folder: Path | None = None
    """The folder itself, which must be new or empty; None makes one below `reports`."""
    reports: Path = Path("reports")
    kind: str = "recorded"
    """The extractor's kind."""


def write_scored_run(corpus: ScoredCorpus, ruler: Ruler, place: RunPlace) -> Path:
    """Write a run folder of what was scored and return it; its report is for the caller to make.

    Raises UsageError where the folder holds something already, HarnessError where nothing can be
    written.
    """
    started = now()
    suite = _suite(corpus, ruler, place)
    name = run_name(started, place.suite, place.extractor)
    folder = place.folder or store.create_folder(place.reports, name)
    _make_empty(folder)
    settings = replace(corpus.settings, suite=place.suite, extractor=place.extractor)
    predictions = {
        (each.case.id, 1): each.prediction or Prediction(each.case.id, each.output, 0.0)
        for each in (*corpus.scored, *corpus.drafts)
    }
    options = ScoreOptions(1, corpus.thresholds, locate=shown_boxes)
    results = score_run(settings, ruler.functions, suite.cases, predictions, options)
    record = _record(suite, place, folder, started)
    record["finished"] = now()
    if corpus.thresholds is not None:
        record["thresholds"] = corpus.thresholds.model_dump(mode="json")
    set_headline(record, results)
    store.write_cases(folder, suite.cases, schema_names(suite.cases))
    log = store.PredictionLog(folder)
    for prediction in predictions.values():
        log.append(prediction)
    log.close()
    store.write_results(folder, results)
    store.write_json(folder / store.RUN, record)
    return folder


def _make_empty(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()):
        what = f"{str(folder)!r} holds something already"
        raise UsageError(Problem(what, "exists", hint="name a new folder"))
    folder.mkdir(parents=True, exist_ok=True)


def _suite(corpus: ScoredCorpus, ruler: Ruler, place: RunPlace) -> Suite:
    home = ruler.home or Path.cwd()
    return Suite(
        name=place.suite,
        folder=home,
        project=find_project(home),
        cases=tuple(sorted((e.case for e in (*corpus.scored, *corpus.drafts)), key=_ID)),
        extractors=MappingProxyType({place.extractor: RecordedAnswers(place.answers)}),
        description=corpus.about,
        rules=ruler.rules,
        comparators=Comparators(ruler.functions, MappingProxyType(dict(ruler.sources))),
        digest=corpus.settings.suite_digest,
    )


def _record(suite: Suite, place: RunPlace, folder: Path, started: str) -> RunDocument:
    record = begun_run(suite, folder, started, (place.extractor, place.kind))
    del record["ruler"]  # there is no suite on disk that could have changed
    return record
