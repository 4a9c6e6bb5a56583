"""Disputes: doubts about the ground truth, noted beside it and settled by people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.cases.decisions.dispute_file import DISPUTES
from harness.cases.digest import canonical
from harness.cases.files.places import refuse_link_out
from harness.cases.files.reading import read_text
from harness.cases.suite import Suite
from harness.core.explain.explanation import Side
from harness.core.values import FieldPath, Json, show
from harness.errors import HarnessError, Problem, UsageError, Where
from harness.run.explain import PathExplanation


class Dispute(BaseModel):
    """One doubt, as it is stored: a line of `disputes.jsonl`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    version: int = 1
    case: str
    path: str
    truth: Any = None
    """What the truth said there; null where `has_truth` is false."""
    has_truth: bool = True
    predicted: Any = None
    has_prediction: bool = True
    evidence: list[str] = []
    """Where the predicted value stands: `document:line:column`."""
    run: str
    extractor: str
    why: str = ""
    at: str


@dataclass(frozen=True, slots=True)
class DisputeState:
    """A dispute and what has become of it."""

    dispute: Dispute
    is_open: bool
    """The truth still says what was disputed."""
    now: Json
    """What the truth says there today; None where it has nothing."""


def dispute_of(explanation: PathExplanation, run: str, why: str, at: str) -> Dispute:
    """Return a dispute of what stands at one path.

    A path has two verdicts where an expected and a predicted item of a list were not paired: what
    was expected there is an omission, and what was predicted there is made up.

    Raises UsageError where a field was named that stands at several places.
    """
    places = list(dict.fromkeys(verdict.path for verdict in explanation.verdicts))
    if len(places) > 1:
        paths = ", ".join(places[:_FEW])
        what = f"{explanation.subject!r} stands at {len(places)} places"
        raise UsageError(Problem(what, "many-places", hint=f"name one of them: {paths}"))
    expected = next((v.expected for v in explanation.verdicts if v.expected is not None), None)
    predicted = next((v.predicted for v in explanation.verdicts if v.predicted is not None), None)
    return Dispute(
        case=explanation.case,
        path=places[0],
        truth=_value(expected),
        has_truth=expected is not None,
        predicted=_value(predicted),
        has_prediction=predicted is not None,
        evidence=list(_evidence(predicted)),
        run=run,
        extractor=explanation.extractor,
        why=why,
        at=at,
    )


_FEW: Final = 5


def _value(side: Side | None) -> Json:
    return None if side is None else side.value


def _evidence(predicted: Side | None) -> Iterator[str]:
    places = predicted.evidence if predicted else None
    for place in places or ():
        yield f"{place.document}:{place.line}:{place.column}"


def file_of(suite: Suite, case: str) -> Path:
    """Return the file that disputes of a case are kept in: beside its truth."""
    return suite.truth_files[case].parent / DISPUTES


def add(suite: Suite, dispute: Dispute) -> bool:
    """Append a dispute to its file; return False where the same is open already."""
    known = (each for each in dispute_states(suite) if each.is_open)
    key = dispute.case, dispute.path, repr(dispute.predicted)
    if any((d.case, d.path, repr(d.predicted)) == key for d in (k.dispute for k in known)):
        return False
    file = file_of(suite, dispute.case)
    line = json.dumps(dispute.model_dump(), ensure_ascii=True, separators=(",", ":"))
    whole = not file.is_file() or file.read_bytes().endswith(b"\n") or not file.stat().st_size
    with file.open("a", encoding="utf-8", newline="\n") as out:
        out.write(f"{line}\n" if whole else f"\n{line}\n")
    return True


def dispute_states(suite: Suite) -> tuple[DisputeState, ...]:
    """Return every dispute about a suite's cases, in order of file and line.

    Raises HarnessError for a line that is no dispute.
    """
    truths = {case.id: case.truth for case in suite.cases}
    files = sorted({file_of(suite, case) for case in truths})
    return tuple(
        _standing(dispute, truths[dispute.case])
        for file in files
        for dispute in _read(file)
        if dispute.case in truths
    )


def _read(file: Path) -> Iterator[Dispute]:
    refuse_link_out(file)
    lines = read_text(file).splitlines() if file.is_file() else ()
    for number, line in enumerate(lines, start=1):
        try:
            yield Dispute.model_validate_json(line)
        except ValidationError as error:
            what = f"not a dispute: {error.errors()[0]['msg'].lower()}"
            hint = "the file is only ever added to: restore the line"
            raise HarnessError(Problem(what, "bad-dispute", Where(file, number), hint)) from None


def _standing(dispute: Dispute, truth: Json) -> DisputeState:
    places = dict(_places(truth, ()))
    now = places.get(dispute.path)
    same = canonical(now) == canonical(dispute.truth)
    same = same and (dispute.path in places or not dispute.has_truth)
    return DisputeState(dispute, same, now)


def _places(value: Json, path: FieldPath) -> Iterator[tuple[str, Json]]:
    """Yield every value of a truth with its path, containers included."""
    yield show(path), value
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _places(below, (*path, key))
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from _places(below, (*path, number))


def open_places(suite: Suite) -> frozenset[tuple[str, str]]:
    """Return case and path of every open dispute."""
    places_found = (each.dispute for each in dispute_states(suite) if each.is_open)
    return frozenset((dispute.case, dispute.path) for dispute in places_found)
