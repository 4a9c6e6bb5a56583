"""Running a suite from start to scored run folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from harness.cases.documents.document_files import shown_boxes
from harness.cases.files.places import at
from harness.cases.suite import Suite
from harness.core.records import Prediction
from harness.errors import HarnessError, Problem, UsageError, did_you_mean
from harness.extract.build import Extractor, build
from harness.extract.endpoint.api_keys import Finder, find_secret
from harness.extract.sending.calls import Calling
from harness.extract.sending.prices import Price
from harness.run import store
from harness.run.asking.orders import Orders, RunJob, RunWatch
from harness.run.asking.questions import questions
from harness.run.asking.resume import Earlier
from harness.run.asking.run_session import RunQuestions, RunTask, answers_safe, hold, price_for
from harness.run.clock import now
from harness.run.results.rescore import (
    ScoreOptions,
    begun_run,
    schema_names,
    score_run,
    set_headline,
    stored_thresholds,
)
from harness.run.results.results_document import ScoringSettings
from harness.run.selection import unlearnt
from harness.run.stored.stored_results import ResultsDocument
from harness.run.stored.stored_run import PriceRecord, RunDocument

_ASK: Final = "name one under `extractor:` in suite.yaml, or ask a model: --model NAME"
_NAME_BYTES: Final = 100


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """A job that was run, scored and stored."""

    folder: Path
    interrupted: bool
    """True where it was stopped: no further run is to be started, even if this one is complete."""
    predictions: tuple[Prediction, ...]
    warnings: tuple[str, ...]
    results: ResultsDocument


def prepare(
    suites: Sequence[Suite], names: Sequence[str], find: Finder = find_secret
) -> list[RunJob]:
    """Return the jobs to run: every suite with its extractors, or with those named.

    Extractors are built here, so that nothing is run or written if one of them cannot work; `find`
    finds their keys.
    Raises HarnessError with all their problems, UsageError for a name no suite has.
    """
    problems: list[Problem] = []
    jobs: list[RunJob] = []
    known = {name for suite in suites for name in suite.extractors}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(
            *(
                Problem(
                    f"no suite has an extractor {n!r}",
                    "unknown-extractor",
                    hint=did_you_mean(n, known) or _ASK,
                )
                for n in unknown
            )
        )
    for suite in suites:
        if not suite.extractors:
            hint = _ASK
            problems.append(
                Problem("the suite has no extractor", "no-extractor", at(suite.folder), hint)
            )
        for name, spec in suite.extractors.items():
            if not names or name in names:
                try:
                    jobs.append(_job(suite, name, build(spec, suite, find)))
                except HarnessError as error:
                    problems.extend(error.problems)
    if problems:
        raise HarnessError(*problems)
    return jobs


def _job(suite: Suite, name: str, extractor: Extractor | Calling) -> RunJob:
    """Return a job of the cases that the extractor has not learnt from."""
    others = unlearnt(suite, extractor)
    if suite.cases and not others.cases:
        what = f"{name!r} was trained on every case that is selected: nothing is left to ask"
        hint = "ask about cases it has not seen; harness train tests on a fifth of the documents"
        raise HarnessError(Problem(what, "learnt", at(suite.folder), hint))
    return RunJob(others, name, extractor, learnt=len(suite.cases) - len(others.cases))


def execute(job: RunJob, reports: Path, orders: Orders, watch: RunWatch) -> RunOutcome:
    """Run one job and score it. Every answer is on disk as it arrives.

    Raises HarnessError if the run folder cannot be written; nothing is asked then.
    """
    started = now()
    folder = store.create_folder(reports, run_name(started, job.suite.name, job.name))
    record = _record(job, started, folder)
    return _carried_out(job, Earlier(folder, record), orders, watch)


def resume(job: RunJob, run: Earlier, orders: Orders, watch: RunWatch) -> RunOutcome:
    """Go on with a run: ask what it holds no answer to, and score it with the suite of today.

    Raises HarnessError if another process is writing the run, or nothing can be written.
    """
    record: RunDocument = {**run.record, **_record(job, run.record["started"], run.folder)}
    record["resumed"] = [*run.record.get("resumed", []), now()]
    return _carried_out(job, replace(run, record=record), orders, watch)


def _carried_out(job: RunJob, run: Earlier, orders: Orders, watch: RunWatch) -> RunOutcome:
    """Store the questions, ask them and score the answers."""
    suite, folder = job.suite, run.folder
    record: RunDocument = {**run.record}
    asking = RunQuestions(tuple(questions(suite, job.name, job.words.replicates)), run.retry)

    def begin() -> None:
        store.write_json(folder / store.RUN, record)
        store.write_cases(folder, suite.cases, schema_names(suite.cases))
        store.write_stored_prompt(folder, suite.prompt)

    price = price_for(job, orders)
    record["price"] = _price(price) if price else None
    session = hold(job, RunTask(folder, asking, begin), orders, watch)
    functions, replicates = suite.comparators.functions, job.words.replicates
    results = score_run(
        replace(_settings(job), price=record["price"]),
        functions,
        suite.cases,
        session.predictions,
        ScoreOptions(replicates, stored_thresholds(record), suite.checks, shown_boxes),
    )
    record["finished"] = now()
    record["endpoint"] = job.extractor.shown() if isinstance(job.extractor, Calling) else None
    set_headline(record, results)
    with answers_safe(folder):
        store.write_results(folder, results)
        store.write_json(folder / store.RUN, record)
    predictions = tuple(session.predictions.values())
    return RunOutcome(folder, not session.finished, predictions, session.warnings, results)


def run_name(started: str, suite: str, extractor: str) -> str:
    """Return a folder name that sorts by time and says what ran.

    >>> run_name("2026-11-22T01:02:03.456+00:00", "in voices", "gpt/4o")
    '20261122-010203-in_voices-gpt_4o'
    """
    time = started.partition(".")[0].replace("-", "").replace(":", "").replace("T", "-")
    return "-".join([time, *map(_as_name, (suite, extractor))])


def _as_name(text: str) -> str:
    """Return a text as part of a file's name, cut to what file systems allow two of."""
    name = re.sub(r"[^\w.\-]", "_", text)
    return name.encode()[:_NAME_BYTES].decode(errors="ignore")


def _settings(job: RunJob) -> ScoringSettings:
    suite = job.suite
    return ScoringSettings(
        suite.name, suite.digest, suite.rules, job.name, suite.empty, suite.target_f1, suite.goals
    )


def _price(price: Price) -> PriceRecord:
    record: PriceRecord = {
        "input": price.input,
        "output": price.output,
        "cached": price.cached,
        "date": price.date,
        "model": price.model,
        "table": price.table,
    }
    if price.batch != 1:
        record["batch"] = price.batch
    return record


def _record(job: RunJob, started: str, folder: Path) -> RunDocument:
    prompt, kind = job.suite.prompt, job.suite.extractors[job.name].kind
    record = begun_run(job.suite, folder, started, (job.name, kind))
    record["prompt"] = {"name": prompt.name, "sha256": prompt.sha256} if prompt else None
    record["asked"] = job.words.as_json()
    return record
