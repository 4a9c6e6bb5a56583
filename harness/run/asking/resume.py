"""Resuming a run: stored predictions that still count, and questions that have to be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.core.records import Answer, Failure, FailureKind, Prediction
from harness.run.asking.questions import CaseQuestion
from harness.run.stored.stored_run import RunDocument

PredictionsByName = Mapping[tuple[str, int], Prediction]
"""Predictions by case id and replicate."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier run that is resumed."""

    folder: Path
    record: RunDocument
    """What its `run.json` says."""
    retry: bool = False
    """Refusals, cut-off and unreadable replies are asked again."""


@dataclass(frozen=True, slots=True)
class ResumeState:
    """State of a run before it goes on."""

    predictions: dict[tuple[str, int], Prediction]
    """Stored predictions whose question is the same today."""
    ask: tuple[CaseQuestion, ...]
    never: int = 0
    """How many of those to ask were never answered."""
    changed: int = 0
    """How many were answered, but to another question."""
    again: int = 0
    """How many failed and are given another chance."""


def standing(
    questions: Sequence[CaseQuestion], stored: PredictionsByName, *, retry: bool
) -> ResumeState:
    """Return the stored predictions that still count, and the questions to ask.

    With `retry`, refusals, cut-off and unreadable replies are asked again, afresh.
    """
    latest: dict[tuple[str, int], Prediction] = {}
    ask: list[CaseQuestion] = []
    never = changed = again = 0
    for each in questions:
        prediction = stored.get(each.name)
        if prediction is None or (
            isinstance(prediction.output, Failure) and prediction.output.kind.is_missing
        ):
            never += 1
            # What was received and could not be an answer would be none today, either.
            reply = prediction.output if prediction is not None else None
            is_void = isinstance(reply, Failure) and reply.kind is FailureKind.TRANSPORT
            ask.append(replace(each, afresh=is_void))
        elif each.input_sha256 is None or prediction.input_sha256 != each.input_sha256:
            changed += 1
            ask.append(each)
        elif retry and not isinstance(prediction.output, Answer):
            again += 1
            ask.append(replace(each, afresh=True))
        else:
            latest[each.name] = prediction
    return ResumeState(latest, tuple(ask), never, changed, again)
