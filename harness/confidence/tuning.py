"""Tuning thresholds: per field where there is enough, else shared, judged on documents not used."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Final

from harness.confidence.accept import (
    AcceptanceCounts,
    ThresholdOf,
    accepted_by,
    accepted_in,
    added_by_entry,
    figures_of,
    macro_interval,
    steps,
)
from harness.confidence.choose_threshold import (
    Discrimination,
    Goal,
    Strategy,
    candidates,
    choose,
    discrimination,
    steady,
    threshold_refusal,
)
from harness.confidence.observations import By, Observation, Observations, ValueKind
from harness.confidence.risk_control import base_risk, controlled_threshold, why_not
from harness.confidence.risk_curve import risk_curve
from harness.core.number_text import counted
from harness.core.statistics.logistic import logit, sigmoid
from harness.errors import HarnessError, Problem
from harness.run.results.threshold_file import (
    NEVER,
    CombinationRecord,
    EntryFigures,
    FieldThreshold,
    Promise,
    Thresholds,
)

_MORE_TO_TELL_BY: Final = (
    "ask more often (--repeat 5), or --source combined: the order of `harness route`, which also "
    "goes by the values around and by how often a field is wrong"
)
LEAST_VALUES: Final = 30
LEAST_ERRORS: Final = 10
LEAST_DOCUMENTS: Final = 20
"""What a field needs for a threshold of its own."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """Options of choosing thresholds."""

    goal: Goal
    by: By = "field"
    strategy: Strategy = "quantiles"
    folds: int = 5
    seed: int = 0


@dataclass(frozen=True, slots=True)
class ThresholdChoice:
    """Thresholds as one set of documents chose them."""

    shared: float | None
    own: Mapping[str, float | None]

    def of(self, entry: str) -> float | None:
        """Return the least confidence that is accepted for an entry."""
        return self.own.get(entry, self.shared)

    @property
    def accepts_nothing(self) -> bool:
        """True where no value of any entry is accepted."""
        return {self.shared, *self.own.values()} == {NEVER}


def tune(
    observed: Observations,
    tuning: Tuning,
    fingerprint: str,
    combined: CombinationRecord | None = None,
) -> Thresholds:
    """Return thresholds for a goal, with what they do in the sample and out of it.

    `combined` says how the confidences were made, where they are of several sources.

    Raises HarnessError where the confidences cannot carry a threshold, with the reason.
    """
    judged = observed.judged
    documents = sorted(observed.fields)
    met = discrimination(judged, tuning.seed)
    _require_tunable(observed, met, tuning)
    chosen = _chosen(observed, tuning)
    is_useless = chosen is not None and chosen.shared == NEVER
    if tuning.goal.kind == "risk" and (chosen is None or is_useless):
        what = f"{observed.source}: {why_not(observed, tuning.goal.level)}"
        raise HarnessError(Problem(what, "no-promise"))
    if chosen is None or {chosen.shared, *chosen.own.values()} <= {None, NEVER}:
        what = f"{observed.source}: no threshold reaches {tuning.goal}"
        raise HarnessError(Problem(what, "no-threshold"))
    promised = tuning.goal.kind == "risk"
    apart, unreached = out_of_fold(observed, tuning)
    return Thresholds(
        source=observed.source,
        fingerprint=fingerprint,
        by=tuning.by,
        goal=str(tuning.goal),
        strategy=tuning.strategy,
        documents=len(documents),
        shared=chosen.shared,
        fields=_entries(observed, chosen, added_by_entry(apart)),
        before=figures_of(accepted_by(observed, _everything).values()),
        at_half=figures_of(accepted_by(observed, lambda _: 0.5).values()),
        in_sample=figures_of(accepted_by(observed, chosen.of).values()),
        out_of_fold=figures_of(added_by_entry(apart).values()),
        out_of_fold_interval=macro_interval(apart),
        curve=risk_curve(observed, folds(documents, tuning.folds, tuning.seed)),
        unreached=unreached,
        folds=tuning.folds,
        auroc=met.auroc,
        auroc_interval=met.interval,
        promise=_promise(observed, tuning.goal.level) if promised else None,
        combined=combined,
    )


def _require_tunable(observed: Observations, met: Discrimination, tuning: Tuning) -> None:
    """Raise HarnessError where confidences cannot carry a threshold, with the reason."""
    why = threshold_refusal(met, tuning.goal)
    if why is None and len(observed.fields) < tuning.folds:
        why = f"{len(observed.fields)} documents cannot be divided into {tuning.folds} folds"
    if why is not None:
        what = f"{observed.source}: {why}"
        hint = _MORE_TO_TELL_BY if met.is_degenerate else None
        raise HarnessError(Problem(what, "no-threshold", hint=hint))


def _promise(observed: Observations, risk: float) -> Promise:
    return Promise(risk=risk, documents=len(observed.fields), base_risk=base_risk(observed))


def _everything(_: str) -> None:
    return None


def _nothing(_: str) -> float:
    return NEVER


def _chosen(observed: Observations, tuning: Tuning) -> ThresholdChoice | None:
    """Return the thresholds that documents choose; None where a risk cannot be controlled."""
    judged = observed.judged
    if tuning.goal.kind == "risk":
        tried = candidates(judged, tuning.strategy)
        control = controlled_threshold(observed, tuning.goal.level, tried)
        return None if control is None else ThresholdChoice(control, {})
    missed = _missed(observed.missed.items())
    by_entry = _by_entry(judged)
    if tuning.goal.kind == "f1" and tuning.strategy == "quantiles" and tuning.by != "suite":
        return _steady(observed, by_entry, tuning)
    shared = choose(judged, sum(missed.values()), tuning.goal, tuning.strategy)
    own: dict[str, float | None] = {}
    if tuning.by != "suite":
        for entry, values in by_entry.items():
            if _shortage(values) is None:
                own[entry] = choose(values, missed[entry], tuning.goal, tuning.strategy)
    if tuning.goal.kind == "precision":  # what cannot be had is not had by accepting everything
        shared = NEVER if shared is None else shared
        own = {entry: NEVER if least is None else least for entry, least in own.items()}
    return ThresholdChoice(shared, own)


def _steady(
    observed: Observations, by_entry: Mapping[str, Sequence[Observation]], tuning: Tuning
) -> ThresholdChoice:
    """Return thresholds for the highest mean F1 of fields, those of rare ones drawn to the shared.

    A field's own threshold counts as much as the expected values it was learnt from; the shared
    one as much as five.
    """
    missed: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (document, entry), number in observed.missed.items():
        missed[entry][document] = number
    shared = _shared(by_entry, missed, candidates(observed.judged, tuning.strategy))
    own: dict[str, float | None] = {}
    for entry, values in by_entry.items():
        if _shortage(values) is None:
            steadied = steady(values, missed[entry], tuning.seed)
            expected = sum(one.kind is not ValueKind.EXTRA for one in values)
            expected += sum(missed[entry].values())
            own[entry] = _between(shared, steadied, expected / (expected + _SHARED_COUNTS_AS))
    return ThresholdChoice(shared, own)


_SHARED_COUNTS_AS: Final = 5
_LEAST_CONFIDENCE: Final = 1e-4


def _between(shared: float | None, own: float | None, weight: float) -> float | None:
    """Return a threshold between two, on the scale of log-odds."""
    if own is None or shared is None:
        return shared if own is None else own
    low, high = logit(shared, _LEAST_CONFIDENCE), logit(own, _LEAST_CONFIDENCE)
    return sigmoid((1 - weight) * low + weight * high)


def _shared(
    by_entry: Mapping[str, Sequence[Observation]],
    missed: Mapping[str, Mapping[str, int]],
    tried: Sequence[float],
) -> float | None:
    """Return the one threshold of the highest mean F1 of fields; the middle of its plateau."""
    rows = [steps(each, sum(missed[entry].values()), tried) for entry, each in by_entry.items()]
    if not rows:
        return None
    means = [fsum(step.counts.f1 or 0.0 for step in column) for column in zip(*rows, strict=True)]
    first = means.index(max(means))
    last = first
    while last + 1 < len(means) and means[last + 1] == means[first]:
        last += 1
    return rows[0][(first + last) // 2].threshold


def _missed(items: Iterable[tuple[tuple[str, str], int]]) -> defaultdict[str, int]:
    missed_by_field: defaultdict[str, int] = defaultdict(int)
    for (_, entry), count in items:
        missed_by_field[entry] += count
    return missed_by_field


def _by_entry(values: Iterable[Observation]) -> dict[str, list[Observation]]:
    by_entry: defaultdict[str, list[Observation]] = defaultdict(list)
    for one in values:
        by_entry[one.entry].append(one)
    return dict(by_entry)


def _shortage(values: Sequence[Observation]) -> str | None:
    """Return what a field lacks for a threshold of its own; None where nothing."""
    errors = sum(one.kind is not ValueKind.RIGHT for one in values)
    documents = len({one.document for one in values})
    for number, least, noun in (
        (len(values), LEAST_VALUES, "value"),
        (errors, LEAST_ERRORS, "error"),
        (documents, LEAST_DOCUMENTS, "document"),
    ):
        if number < least:
            have = counted(number, noun)
            return f"{have}, {least} are needed for a threshold of its own"
    return None


def _entries(
    observed: Observations, chosen: ThresholdChoice, apart: Mapping[str, AcceptanceCounts]
) -> dict[str, FieldThreshold]:
    entries = {}
    for entry, values in sorted(_by_entry(observed.judged).items()):
        has_own = entry in chosen.own and chosen.own[entry] is not None
        entries[entry] = FieldThreshold(
            threshold=chosen.own[entry] if has_own else chosen.shared,
            status="measured" if has_own else "shared",
            why=None if has_own else _shortage(values),
            documents=len({one.document for one in values}),
            values=len(values),
            errors=sum(one.kind is not ValueKind.RIGHT for one in values),
            out_of_fold=_entry_figures(apart.get(entry, AcceptanceCounts())),
        )
    return entries


def _entry_figures(counts: AcceptanceCounts) -> EntryFigures:
    wrong = counts.wrong + counts.extra
    return EntryFigures(f1=counts.f1, accepted=counts.right + wrong, wrong=wrong, lost=counts.lost)


def out_of_fold(
    observed: Observations, tuning: Tuning
) -> tuple[dict[tuple[str, str], AcceptanceCounts], int]:
    """Return the counts of every document and entry, under thresholds the document did not choose.

    Of folds without which no threshold reaches the goal nothing is accepted; they are counted.
    """
    whole: dict[tuple[str, str], AcceptanceCounts] = {}
    unreached = 0
    for held_out in folds(sorted(observed.fields), tuning.folds, tuning.seed):
        rest = frozenset(observed.fields) - held_out
        chosen = _chosen(observed.within(rest), tuning)
        is_reached = chosen is not None and not chosen.accepts_nothing
        unreached += not is_reached
        threshold_of: ThresholdOf = chosen.of if chosen is not None and is_reached else _nothing
        whole |= accepted_in(observed.within(held_out), threshold_of)
    return whole, unreached


def folds(documents: Sequence[str], number: int, seed: int) -> list[frozenset[str]]:
    """Return the documents in so many parts of about equal size, the same for the same seed.

    >>> sorted(map(len, folds(["a", "b", "c", "d", "e"], 2, seed=0)))
    [2, 3]
    """
    shuffled = list(documents)
    random.Random(seed).shuffle(shuffled)
    return [frozenset(shuffled[n::number]) for n in range(number)]
