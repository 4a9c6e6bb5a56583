"""Scoring the predictions stored in a run folder, at the end of a run and again on demand."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from harness.cases.digest import canonical
from harness.cases.files.strict_json import without_garbage_collection
from harness.cases.schemas.field_checks import FieldCheck, parse_check
from harness.cases.suite import Suite
from harness.core.comparators.own_functions import NO_FUNCTIONS, Functions
from harness.core.records import Case, Failure, FailureKind, Prediction
from harness.core.rules.field_rule import parse_rules, rules_as_json
from harness.errors import HarnessError, Problem, Where
from harness.run import store
from harness.run.clock import now
from harness.run.history.truth_changes import ruler_record
from harness.run.results.own_comparators import stored_functions
from harness.run.results.places.document_homes import with_files
from harness.run.results.places.place_figures import BoxLocator
from harness.run.results.reasons.misread_reasons import add_reasons
from harness.run.results.results_document import VERSION, ScoringSettings, results_document
from harness.run.results.score_cases import (
    ScoredCase,
    Scorer,
    are_answered,
    check_records,
    review_record,
)
from harness.run.results.threshold_file import Thresholds, read_thresholds, require_fingerprint
from harness.run.results.withholding import withheld_record, withhold
from harness.run.selection import selected, stored_words, suite_of_cases
from harness.run.stored.stored_results import ResultsDocument, WithheldRecord
from harness.run.stored.stored_run import RunDocument, WholeSuiteRecord


def rescore(
    folder: Path,
    suite: Suite | None = None,
    thresholds: Thresholds | None = None,
    locate: BoxLocator | None = None,
) -> ResultsDocument:
    """Score a run's stored predictions again and return the new results document.

    Cases, schemas and rules are those the run stored, or those of `suite` as it is today, which
    are then stored in their place. The folder's results are replaced; its predictions are never
    touched. Raises HarnessError where a comparator of the user's own is gone, or has changed since
    the run and no suite is given.

    Values under `thresholds` are withheld, and so they are whenever the run is scored again;
    without, those the run was last scored with hold. `locate` is as in `ScoreOptions`.
    """
    record = store.read_run(folder)
    predictions = store.read_replicates(folder)
    words = stored_words(record.get("asked", {}))
    if suite is None:
        cases = with_files(store.read_cases(folder, record["schemas"]), folder, record)
        functions = stored_functions(folder, record)
    else:
        suite = _asked_part(selected(suite, words.selection), record)
        cases, functions = list(suite.cases), suite.comparators.functions
        asked_about = record["documents"]
        record = {**record, **of_suite(suite, folder)}
        today = record["documents"]
        record["documents"] = {name: asked_about.get(name, today[name]) for name in today}
    thresholds = thresholds or stored_thresholds(record)
    marked = ScoreOptions(words.replicates, thresholds, stored_checks(record), locate)
    results = score_run(_settings(record), functions, cases, predictions, marked)
    store.write_results(folder, results)
    if suite is not None:
        store.write_cases(folder, cases, schema_names(cases))
    set_headline(record, results)
    record["rescored"] = now()
    if thresholds is not None:
        record["thresholds"] = thresholds.model_dump(mode="json")
    store.write_json(folder / store.RUN, record)
    return results


def _asked_part(suite: Suite, record: RunDocument) -> Suite:
    """Return a suite without the cases that a run leaves out: its extractor was trained on them."""
    ruler = record.get("ruler")
    if not ruler or "left_out" not in ruler:
        return suite
    left_out = ruler["left_out"]
    if left_out is None:
        return replace(suite_of_cases(suite, ruler["cases"]), left_out=None)
    gone = set(left_out)
    others = [case.id for case in suite.cases if case.id not in gone]
    return replace(suite_of_cases(suite, others), left_out=tuple(left_out))


def score_so_far(folder: Path) -> tuple[RunDocument, ResultsDocument]:
    """Score what a run at work has been told so far, and write nothing.

    Raises HarnessError where comparators of the user's own would judge: their code is run by
    whoever asked for it, not by who looks.
    """
    record = store.read_run(folder)
    if record["comparators"]:
        what = "the run is at work, and comparators of your own judge it once it has ended"
        raise HarnessError(Problem(what, "not-scored-yet", Where(folder)))
    predictions = store.read_replicates(folder)
    cases = list(store.read_cases(folder, record["schemas"]))
    replicates = stored_words(record.get("asked", {})).replicates
    marked = ScoreOptions(replicates, checks=stored_checks(record))
    results = score_run(_settings(record), NO_FUNCTIONS, cases, predictions, marked)
    set_headline(record, results)
    return record, results


def _settings(record: RunDocument) -> ScoringSettings:
    rules, digest = parse_rules(record["rules"]), record["suite_digest"]
    of = digest, rules, record["extractor"], record["empty"], record["target_f1"]
    return ScoringSettings(record["suite"], *of, record.get("goals"), record.get("price"))


def thresholds_for(folder: Path, file: Path) -> Thresholds:
    """Return the thresholds of a file for a run.

    Raises HarnessError where they were tuned on the answers of something else.
    """
    thresholds = read_thresholds(file)
    require_fingerprint(thresholds, store.read_run(folder), file)
    return thresholds


def accept_everything(folder: Path) -> None:
    """Forget the thresholds of a run: its next scoring withholds nothing."""
    store.write_json(folder / store.RUN, {**store.read_run(folder), "thresholds": None})


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """Options of scoring: number of replicates, and thresholds that withhold values."""

    replicates: int = 1
    thresholds: Thresholds | None = None
    checks: Sequence[FieldCheck] = ()
    """Checks that every answer must satisfy, whatever the truth."""
    locate: BoxLocator | None = None
    """Reads boxes off documents' files, where answers state some; None: no box is compared."""


def stored_checks(record: RunDocument) -> tuple[FieldCheck, ...]:
    """Return the checks of the suite that a run is of. Raises HarnessError for a text that is none.

    Those of a run of an earlier version are not known.
    """
    return tuple(map(parse_check, record.get("checks", [])))


def stored_thresholds(record: RunDocument) -> Thresholds | None:
    """Return the thresholds a run was last scored with; None where nothing is withheld."""
    stored = record.get("thresholds")
    return Thresholds.model_validate(stored) if stored else None


@without_garbage_collection()
def score_run(
    settings: ScoringSettings,
    functions: Functions,
    cases: Sequence[Case],
    predictions: Mapping[tuple[str, int], Prediction],
    options: ScoreOptions,
) -> ResultsDocument:
    """Return the results document of predictions by case id and replicate.

    Each case has so many replicates; one without a prediction is missing. Cases of which nobody
    reviewed any field are not scored.
    """
    scorer = Scorer(settings.rules, functions)
    drafts = [case for case in cases if not case.is_labelled]
    never = Failure(FailureKind.INTERRUPTED, "the run ended before this case was asked")
    scored: list[ScoredCase] = []
    for case in (case for case in cases if case.is_labelled):
        mine: list[ScoredCase] = []
        for replicate in range(1, options.replicates + 1):
            prediction = predictions.get((case.id, replicate))
            one = scorer.score(case, prediction.output if prediction else never)
            mine.append(replace(one, replicate=replicate, prediction=prediction))
        scored += scorer.voted(mine)
    answered = [each.case for each in scored if each.result is not None]
    floor = scorer.null_floor(answered)
    record: WithheldRecord | None = None
    if options.thresholds is not None:
        withheld = [withhold(each, scorer, options.thresholds) for each in scored]
        scored = [each.after for each in withheld]
        record = withheld_record(withheld, options.thresholds, settings.empty)
    results = results_document(settings, scored, floor, options.locate)
    add_reasons(results["cases"], scored, lambda case: scorer.plan(case.schema, case.rules))
    are_drafted = are_answered(drafts, predictions, options.replicates)
    results["complete"] = results["complete"] and are_drafted
    results["withheld"], results["reviewed"] = record, review_record(cases, scorer)
    results["checks"] = (
        check_records(options.checks, predictions.values()) if options.checks else None
    )
    return results


def set_headline(record: RunDocument, results: ResultsDocument) -> None:
    """Write into `run.json` what an overview needs of a run, so that it leaves the rest unread."""
    reviews = results.get("reviewed")
    record["complete"] = results["complete"]
    record["signature"] = {**results["signature"]}
    record["headline"] = {
        "aggregate": results["aggregate"],
        "complete": results["complete"],
        "replicates": results["replicates"],
        "target_f1": results["target_f1"],
        "fields": {field["field"]: field["f1"] for field in results["fields"]},
        "reviewed": reviews["fields"] if reviews else None,
    }


def of_suite(suite: Suite, folder: Path) -> WholeSuiteRecord:
    """Return what `run.json` keeps of a suite, so that it can be scored again without it."""
    names = schema_names(suite.cases)
    schemas = {id(case.schema): case.schema for case in suite.cases}
    own = suite.comparators.sha256
    return {
        "suite": suite.name,
        "description": suite.description,
        "suite_digest": suite.digest,
        "empty": suite.empty,
        "target_f1": suite.target_f1,
        "goals": suite.goals,
        "rules": rules_as_json(suite.rules),
        "documents": {d.name: d.sha256 for case in suite.cases for d in case.documents},
        "schemas": {name: schemas[key] for key, name in names.items()},
        "comparators": {
            "folder": PurePath(os.path.relpath(suite.folder, folder.resolve())).as_posix(),
            "sha256": dict(own),
        }
        if own
        else None,
        "ruler": ruler_record(suite, folder),
        "checks": [check.text for check in suite.checks],
    }


def begun_run(suite: Suite, folder: Path, started: str, extractor: tuple[str, str]) -> RunDocument:
    """Return `run.json` of a run that has just begun, by an extractor's name and kind."""
    name, kind = extractor
    return {
        "run_id": folder.name,
        "harness_version": VERSION,
        "started": started,
        "finished": None,
        "complete": False,
        "extractor": name,
        "extractor_kind": kind,
        "prompt": None,
        "signature": {},
        **of_suite(suite, folder),
    }


def schema_names(cases: Sequence[Case]) -> dict[int, str]:
    """Return what the schemas of cases are stored under, by their identity."""
    schemas = {id(case.schema): case.schema for case in cases if case.schema is not None}
    return {
        key: hashlib.sha256(canonical(schema).encode()).hexdigest()[:16]
        for key, schema in schemas.items()
    }
