"""Gates in words: which, met or not, by how much, and with the fraction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, assert_never

from harness.core import number_text
from harness.report.words.stale_truths import old_documents, rescore_hint, stale, unchecked
from harness.run.gates import (
    DOLLARS,
    SECONDS,
    BaselineGate,
    CompletenessGate,
    CriticalGate,
    Current,
    DemandGate,
    Gate,
    Labelled,
)

_NAMED = 3
"""Cases that are named; the others are counted."""


_KINDS: Final[Mapping[type, str]] = MappingProxyType(
    {
        CompletenessGate: "complete",
        Current: "current",
        Labelled: "labelled",
        DemandGate: "reached",
        CriticalGate: "intact",
        BaselineGate: "kept",
    }
)


def gate_kind(gate: Gate) -> str:
    """Return what a gate is called in JSON: pipelines go by it, whatever our classes are called."""
    return _KINDS[type(gate)]


def told(gate: Gate) -> str:
    """Return a gate as a sentence without a full stop."""
    match gate:
        case CompletenessGate():
            return _complete(gate)
        case Current():
            return _current(gate)
        case Labelled():
            return _labelled(gate)
        case DemandGate():
            return _reached(gate)
        case CriticalGate():
            return _intact(gate)
        case BaselineGate():
            return _kept(gate)
        case _:
            assert_never(gate)


def _complete(gate: CompletenessGate) -> str:
    noun = "case" if gate.replicates == 1 else "answer"
    cases = number_text.counted(gate.cases, noun)
    if gate.replicates > 1:
        of = number_text.counted(-(-gate.cases // gate.replicates), "case")
        cases = f"{cases} ({of}, each asked {gate.replicates} times)"
    if gate.is_met:
        if gate.failed:
            failed = number_text.count(gate.failed)
            return (
                f"complete: of {cases} {failed} without a usable answer, scored as one of nothing"
            )
        return f"complete: all of {cases} {'answered' if noun == 'case' else 'there'}"
    missing = number_text.count(gate.missing)
    why = "never answered" if noun == "case" else "never came"
    return f"incomplete: {missing} of {cases} {why}, nothing passes"


def _current(gate: Current) -> str:
    sentence = stale(gate.changes)
    documents = old_documents(gate.documents)
    if sentence is None and documents:
        return f"of other documents, nothing passes: {documents}; ask again: harness run"
    if sentence is None:
        return unchecked(gate.changes) or "current: truths and rules are those on disk"
    again = f"to score it by what is on disk: {rescore_hint(gate.changes)}"
    also = f"; {documents}" if documents else ""
    return f"scored by an old truth, nothing passes: {sentence.removesuffix('.')}{also}; {again}"


def _labelled(gate: Labelled) -> str:
    share = f"{number_text.count(gate.reviewed)} of {number_text.count(gate.fields)}"
    cases = number_text.counted(gate.cases, "case")
    if not gate.is_met:
        return f"no field of any of {cases} is reviewed: there is nothing to judge"
    drafts = f", {number_text.count(gate.unlabelled)} of {cases} not scored"
    sentence = f"{share} fields reviewed{drafts if gate.unlabelled else ''}"
    if gate.circular:
        own = number_text.counted(gate.circular, "truth")
        sentence += f"; {own} drafted by this extractor and approved as drafted: no more than L1"
    return sentence


def _reached(gate: DemandGate) -> str:
    if gate.demand.measure == SECONDS:
        return _at_most(gate, "how long answers took", number_text.seconds, "are allowed")
    if gate.demand.measure == DOLLARS:
        return _at_most(gate, "what every answer costs", number_text.money, "is allowed")
    goal = number_text.goal(gate.demand.least)
    if gate.found is None:
        return f"{gate.name} is undefined, {goal} asked: there is nothing to judge"
    shown = number_text.percent(gate.found)
    if gate.fraction is not None:
        shown = number_text.ratio(gate.fraction.hits, gate.fraction.of)
    if gate.is_met:
        return f"{gate.name} {shown}, at least {goal} asked"
    short = number_text.points(gate.demand.least - gate.found)
    more = len(gate.under) - 1
    rest = (
        f", and {number_text.count(more)} more {'is' if more == 1 else 'are'}" if more > 0 else ""
    )
    return f"{gate.name} {shown} is {short} points under {goal}{rest}"


def _at_most(gate: DemandGate, unknown: str, write: Callable[[float], str], allowed: str) -> str:
    """Return how a measure that is to be small came out."""
    most = write(gate.demand.least)
    if gate.found is None:
        return f"nobody knows {unknown}, {most} asked: there is nothing to judge"
    if gate.is_met:
        return f"{gate.name} {write(gate.found)}, at most {most} asked"
    value = write(gate.found)
    just = "just over " if value == most else ""  # what is not reached never looks as if it were
    return f"{gate.name} {just}{value}, and at most {most} {allowed}"


def _intact(gate: CriticalGate) -> str:
    fields = ", ".join(gate.fields)
    if gate.is_met:
        return (
            f"critical fields right in all of {number_text.counted(gate.cases, 'case')}: {fields}"
        )
    named = ", ".join(gate.broken[:_NAMED])
    more = gate.wrong - min(len(gate.broken), _NAMED)
    rest = f" and {number_text.count(more)} more" if more > 0 else ""
    wrong = number_text.ratio(gate.wrong, gate.cases)
    return f"critical fields ({fields}) wrong in {wrong} of the cases: {named}{rest}"


def _kept(gate: BaselineGate) -> str:
    most = number_text.points(gate.most)
    if gate.delta is None:
        return f"no case in common with {gate.baseline}: a regression cannot be ruled out"
    moved = f"macro F1 {number_text.percent(gate.base)} → {number_text.percent(gate.new)}"
    sure = f"interval {number_text.gains(gate.interval)}, p {number_text.p_value(gate.p_value)}"
    if gate.is_met:
        return f"{moved} from {gate.baseline}, at most {most} points lost asked ({sure})"
    lost = number_text.points(-gate.delta)
    return f"{moved} from {gate.baseline}: {lost} points lost, {most} allowed ({sure})"
