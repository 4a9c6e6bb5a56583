"""Threshold tuning on stored runs, and drift of thresholds on newer runs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from harness.confidence.accept import accepted_by, figures_of
from harness.confidence.choose_threshold import discrimination
from harness.confidence.combined import combined, combined_by
from harness.confidence.draft_values import DraftAnswer, breaches, draft_answers
from harness.confidence.observations import COMBINED, By, Observations, observe, sources_of
from harness.confidence.routing import ValuePlace, errors_by_case, place_of
from harness.confidence.tuning import LEAST_DOCUMENTS, Tuning, folds, tune
from harness.core.number_text import percent
from harness.core.statistics.combined_confidence import Combination
from harness.core.statistics.intervals import LEVEL
from harness.errors import HarnessError, Problem, UsageError, Where, did_you_mean
from harness.run import store
from harness.run.history.repeated_runs import require_each_once
from harness.run.results.threshold_file import (
    CombinationRecord,
    Thresholds,
    fingerprint_of,
    require_fingerprint,
)
from harness.run.stored.stored_run import RunDocument

_TOLERANCE: Final = 0.02
"""How much lower the share of right values may be before it is called drift."""


def tune_runs(folders: Sequence[Path], source: str | None, tuning: Tuning) -> Thresholds:
    """Return thresholds tuned on scored runs of one extractor.

    Raises HarnessError where the runs differ in what confidences mean, or cannot carry thresholds.
    """
    observed, runs = observe_runs(folders, source, tuning.by)
    prints = {fingerprint_of(run, observed.source) for run in runs}
    if len(prints) > 1:
        what = "these runs differ in extractor, model, prompt, schema, rules or replicates"
        hint = "tune on runs of one extractor; their documents may differ"
        raise HarnessError(Problem(what, "other-fingerprint", Where(folders[0].parent), hint))
    if observed.source != COMBINED:
        return tune(observed, tuning, prints.pop())
    parts = folds(sorted(observed.fields), tuning.folds, tuning.seed)
    by_signs = combined(observed, parts)
    require_gain(observed, by_signs.observed)
    record = _record(by_signs.combination, observed)
    return tune(by_signs.observed, tuning, prints.pop(), record)


def require_gain(observed: Observations, made: Observations) -> None:
    """Raise HarnessError where one source alone tells right values from wrong ones as well.

    A source is compared on the values that it says something of, `made` out of fold.
    """
    pairs = list(zip(observed.judged, made.judged, strict=True))
    for name in sorted({name for one in observed.judged for name in one.sources}):
        known = [(one, both) for one, both in pairs if name in one.sources]
        alone = discrimination([replace(v, confidence=v.sources[name]) for v, _ in known]).auroc
        whole = discrimination([both for _, both in known]).auroc
        if alone is not None and whole is not None and whole <= alone:
            what = (
                f"{COMBINED}: on documents that gave no weights it tells right values from wrong "
                f"ones no better than {name} alone: AUROC {whole:.3f}, alone {alone:.3f}"
            )
            hint = f"use that one: --source {name}"
            raise HarnessError(Problem(what, "no-gain", hint=hint))


def _record(made: Combination, observed: Observations) -> CombinationRecord:
    """Return a combination as it is stored, beside what each source does alone."""
    alone = {
        name: discrimination(
            [replace(v, confidence=v.sources[name]) for v in observed.judged if name in v.sources]
        ).auroc
        for name in made.sources
    }
    return CombinationRecord(
        sources=made.sources,
        weights=made.curve.weights,
        intercept=made.curve.intercept,
        field_errors=dict(made.field_errors),
        auroc=alone,
    )


def observe_runs(
    folders: Sequence[Path], source: str | None, by: By
) -> tuple[Observations, list[RunDocument]]:
    """Return the observations of scored runs, and what `run.json` of each says.

    Raises UsageError where no such confidences are stored, or several sources and none is named.
    """
    require_each_once(folders, "values")
    runs = [store.read_run(folder) for folder in folders]
    for folder, run in zip(folders, runs, strict=True):
        if run.get("thresholds"):
            what = "values are withheld from it already: what it says is not what was answered"
            hint = f"harness rescore {folder.name} --accept-all"
            raise HarnessError(Problem(what, "withheld", Where(folder), hint))
    results = [store.read_results(folder) for folder in folders]
    known = sources_of(results)
    if not known:
        hint = "ask for log-probabilities or stated confidences, or run with --repeat 5 for votes"
        raise UsageError(Problem("no answer has a confidence", "no-confidence", hint=hint))
    if source is None and len(known) > 1:
        hint = f"say which, as in --source {known[0]}, or --source {COMBINED} for all of them"
        what = f"there are confidences of several sources: {', '.join(known)}"
        raise UsageError(Problem(what, "many-sources", hint=hint))
    chosen = source or known[0]
    if chosen not in (*known, COMBINED):
        what = f"no answer has a confidence by {chosen!r}"
        raise UsageError(Problem(what, "no-source", hint=did_you_mean(chosen, (*known, COMBINED))))
    groups = _groups(folders, runs)
    return observe(results, chosen, by, groups), runs


def _groups(folders: Sequence[Path], runs: Sequence[RunDocument]) -> dict[str, str]:
    """Return the group of every case that has one."""
    return {
        case.id: case.group
        for folder, run in zip(folders, runs, strict=True)
        for case in store.read_cases(folder, run["schemas"])
        if case.group is not None
    }


def held_back(folder: Path, thresholds: Thresholds, file: Path) -> set[ValuePlace]:
    """Return the places of the values of a run that thresholds do not let through.

    Raises HarnessError where they were tuned on another extractor, model, prompt or schema.
    """
    run = store.read_run(folder)
    require_fingerprint(thresholds, run, file)
    by = None if thresholds.combined is None else thresholds.combined.combination()
    drafts = draft_answers(folder, run, None if by else thresholds.source)
    held: set[ValuePlace] = set()
    if not drafts or sources_of([store.read_results(folder)]):
        observed, _ = observe_runs([folder], thresholds.source, thresholds.by)
        observed = combined_by(observed, by) if by else observed
        for one in observed.judged:
            least = _least(thresholds, one.entry)
            if least is not None and one.confidence < least:
                held.add(place_of(one))
    for each in drafts:
        held |= _held_drafts(each, thresholds, by)
    return held


def _held_drafts(
    draft: DraftAnswer, thresholds: Thresholds, by: Combination | None
) -> set[ValuePlace]:
    sure = (
        by.probabilities(draft.values)
        if by
        else [one.confidences.get(thresholds.source) for one in draft.values]
    )
    return {
        (draft.case, draft.replicate, one.path)
        for one, label, level in zip(draft.values, draft.labels, sure, strict=True)
        if one.confidences and level is not None
        if (least := thresholds.of(one.field, label)) is not None and level < least
    }


@dataclass(frozen=True, slots=True)
class RoutedRun:
    """A run as routing sees it: values of scored answers, and drafts without any truth."""

    observed: Observations
    drafts: tuple[DraftAnswer, ...]


def observe_routed(folder: Path, source: str | None) -> RoutedRun:
    """Return the values of a run with all that is known of them before anybody looks.

    Raises UsageError where no answer has a confidence, scored or draft.
    """
    run = store.read_run(folder)
    drafts = tuple(draft_answers(folder, run, None if source == COMBINED else source))
    if drafts and not sources_of([store.read_results(folder)]):
        return RoutedRun(Observations(source or COMBINED, ()), drafts)
    observed, _ = observe_runs([folder], source or COMBINED, "field")
    broken = breaches(folder, run, observed)
    if broken:
        values = (replace(one, broken=broken.get(place_of(one), 0)) for one in observed.values)
        observed = replace(observed, values=tuple(values))
    return RoutedRun(observed, drafts)


def routed_cases(folders: Sequence[Path]) -> dict[str, float]:
    """Return the wrong values expected in each case of the first run that has confidences.

    Empty where none has.
    """
    for folder in folders:
        try:
            routed = observe_routed(folder, COMBINED)
        except HarnessError:  # no confidences, or values withheld already
            continue
        if routed.observed.judged or routed.drafts:
            return errors_by_case(routed.observed, routed.drafts)
    return {}


@dataclass(frozen=True, slots=True)
class Drift:
    """Drift: whether thresholds do on newer answers what they did when they were tuned."""

    text: str
    has_drifted: bool
    is_too_few: bool


def drift(folders: Sequence[Path], thresholds: Thresholds, file: Path) -> Drift:
    """Hold thresholds against newer runs: is as much of what they accept right?

    Raises HarnessError where a run is of another extractor, model, prompt, schema or rules.
    """
    observed, runs = observe_runs(folders, thresholds.source, thresholds.by)
    for run in runs:
        require_fingerprint(thresholds, run, file)
    if thresholds.combined is not None:
        observed = combined_by(observed, thresholds.combined.combination())
    now = figures_of(accepted_by(observed, lambda entry: _least(thresholds, entry)).values())
    then = thresholds.out_of_fold
    text = (
        f"accepted {percent(then.coverage)} → {percent(now.coverage)}, of these right "
        f"{percent(then.precision)} → {percent(now.precision)}, "
        f"on {len(observed.fields)} documents"
    )
    if len(observed.fields) < LEAST_DOCUMENTS:
        return Drift(
            f"{text}: too few, {LEAST_DOCUMENTS} are needed", has_drifted=False, is_too_few=True
        )
    worst = (then.precision or 0.0) - _TOLERANCE
    fallen = (_upper(observed, thresholds) or 1.0) < worst
    word = "drifted" if fallen else "holds"
    return Drift(f"{text}: {word}", has_drifted=fallen, is_too_few=False)


def _least(thresholds: Thresholds, entry: str) -> float | None:
    field, _, label = entry.partition("=")
    return thresholds.of(field, label or None)


def _upper(observed: Observations, thresholds: Thresholds) -> float | None:
    """Return the upper end of the share of accepted values that is right, over documents."""
    documents = sorted(observed.fields)
    by_document = [
        figures_of(
            accepted_by(
                observed.within(frozenset({name})), lambda entry: _least(thresholds, entry)
            ).values()
        )
        for name in documents
    ]
    draw = random.Random(0)
    shares = []
    for _ in range(400):
        drawn = draw.choices(by_document, k=len(by_document))
        accepted = sum(one.accepted for one in drawn)
        if accepted:
            shares.append(1 - sum(one.wrong for one in drawn) / accepted)
    shares.sort()
    return shares[int((1 + LEVEL) / 2 * len(shares)) - 1] if shares else None
