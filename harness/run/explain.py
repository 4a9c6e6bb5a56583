"""Explaining the verdicts of a stored run, from what its folder holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.core.differ.review_mask import are_reviewed
from harness.core.explain.explanation import (
    ExplainableCase,
    Explanation,
    answered,
    explain,
    find,
    summed,
    with_tags,
)
from harness.core.explain.field_inventory import FieldKind, inventory
from harness.core.fields.verdict_ledger import FIELD, PLACE_EXPECTED
from harness.core.outcomes import Tag
from harness.core.records import Answer, Case, Failure, Prediction
from harness.core.rules.field_rule import normal_field, parse_rules
from harness.errors import HarnessError, Problem, UsageError, Where, did_you_mean
from harness.run.results.own_comparators import stored_functions
from harness.run.results.score_cases import Scorer
from harness.run.store import (
    RUN,
    read_cases,
    read_predictions,
    read_results,
    read_run,
    run_folders,
)
from harness.run.stored.stored_results import VALUE_SIDES, DiffRecord, ResultsDocument
from harness.run.stored.stored_run import RunDocument

_FEW: Final = 12
"""Names that are listed where none is near."""


@dataclass(frozen=True, slots=True)
class PathExplanation:
    """Explanation of one path of one case."""

    suite: str
    extractor: str
    case: str
    subject: str
    """The path, or the field, that was asked about."""
    notes: tuple[str, ...]
    """What a reader should know about the case first."""
    verdicts: tuple[Explanation, ...]
    """At least one; several where a field was asked about."""
    texts: Mapping[str, str]
    """The documents by name, as far as the run keeps them."""


def explain_run(folder: Path, case_id: str, path: str, *, of_sum: bool = False) -> PathExplanation:
    """Explain what stands at a path, or at every path of a field, of a case of a stored run.

    With `of_sum`, of what the case's statements add up to: the sum stands as its first statement.

    Raises HarnessError if the folder holds no scored run or the case was never answered,
    UsageError with the nearest names if there is no such case or path.
    """
    record, results = _read(folder)
    case = _case(folder, record, case_id)
    prediction = read_predictions(folder).get(case_id)
    scored = _answered(folder, record, case, prediction)
    diffs: list[DiffRecord] = next((c["diffs"] for c in results["cases"] if c["id"] == case_id), [])
    if of_sum:
        scored, diffs = _summed(scored, folder), []
    indexes = find(scored, path) or find(scored, normal_field(path))
    if not indexes:
        raise UsageError(_unknown_path(scored, path))
    verdicts = tuple(_explained(scored, index, diffs) for index in indexes)
    left = () if of_sum else _unreviewed(case, scored, indexes)
    judged = tuple(v for n, v in zip(indexes, verdicts, strict=True) if n not in left)
    notes = tuple(_notes(scored, prediction, judged, None if of_sum else diffs))
    notes += (_UNREVIEWED[len(left) == len(indexes)],) if left else ()
    texts = {document.name: document.text for document in case.documents}
    suite, extractor = record["suite"], record["extractor"]
    return PathExplanation(suite, extractor, case_id, path, notes, verdicts, texts)


def _read(folder: Path) -> tuple[RunDocument, ResultsDocument]:
    if not (folder / RUN).is_file():
        names = [run.name for run in run_folders(folder.parent)]
        hint = _nearest(folder.name, names) or "a run folder lies under reports/ and holds run.json"
        raise HarnessError(Problem("this is no run folder", "no-run", Where(folder), hint))
    return read_run(folder), read_results(folder)


def _case(folder: Path, record: RunDocument, case_id: str) -> Case:
    known: list[str] = []
    for case in read_cases(folder, record["schemas"]):
        if case.id == case_id:
            return case
        known.append(case.id)
    what = f"the run has no case {case_id!r}"
    raise UsageError(Problem(what, "unknown-case", hint=_nearest(case_id, known)))


def _answered(
    folder: Path, record: RunDocument, case: Case, prediction: Prediction | None
) -> ExplainableCase:
    reply = prediction.output if prediction else None
    if reply is None or (isinstance(reply, Failure) and reply.kind.is_missing):
        what = f"case {case.id!r} was never answered: nothing in it was judged"
        raise HarnessError(Problem(what, "no-answer", Where(folder)))
    scorer = Scorer(parse_rules(record["rules"]), stored_functions(folder, record))
    plan = scorer.plan(case.schema, case.rules)
    value = reply.value if isinstance(reply, Answer) else None
    texts = {document.name: document.text for document in case.documents}
    return answered(plan, case.truth, value, texts if texts and all(texts.values()) else None)


def _summed(case: ExplainableCase, folder: Path) -> ExplainableCase:
    summed_case = summed(case)
    if summed_case is None:
        what = "no rule says `cumulative`: the case has no statements that add up"
        raise UsageError(Problem(what, "no-sum", Where(folder)))
    return summed_case


def _explained(case: ExplainableCase, index: int, diffs: Sequence[DiffRecord]) -> Explanation:
    """Explain a verdict, with the tags that were stored about it."""
    explanation = explain(case, index)
    stored = _stored(explanation, diffs)
    tags = stored.get("tags", []) if stored else []
    return with_tags(explanation, [tag for tag in Tag if tag.value in tags])


def _stored(explanation: Explanation, diffs: Sequence[DiffRecord]) -> DiffRecord | None:
    """Return the stored record of a verdict; None where the results tell of no such one."""
    wanted = explanation.path, explanation.field, explanation.outcome
    sides = explanation.expected, explanation.predicted
    values = [None if side is None else (side.value,) for side in sides]
    for diff in diffs:
        same = (diff["path"], diff["field"], diff["outcome"]) == wanted
        stored = [(diff[key],) if key in diff else None for key in VALUE_SIDES]
        if same and stored == values:
            return diff
    return None


def _unreviewed(case: Case, scored: ExplainableCase, indexes: Sequence[int]) -> tuple[int, ...]:
    """Return the verdicts that are in no score: nobody vouches for their truth."""
    if case.review is None:
        return ()
    counted = list(are_reviewed(scored.result.ledger, case.review))
    return tuple(index for index in indexes if not counted[index])


_UNREVIEWED: Final = {
    True: "Nobody has reviewed the truth here: it is in no score, whatever is charged below.",
    False: "Of some of these nobody has reviewed the truth: they are in no score.",
}


def _notes(
    case: ExplainableCase,
    prediction: Prediction | None,
    verdicts: Sequence[Explanation],
    diffs: Sequence[DiffRecord] | None,
) -> list[str]:
    """Return what a reader should know first; `diffs` are the stored ones, None of a sum."""
    notes: list[str] = []
    if prediction is not None and isinstance(prediction.output, Failure):
        reply = prediction.output
        notes.append(f"The case has no answer ({reply.kind.value}): all it expects is missing.")
    if diffs is None:
        notes.append("This is what the statements add up to, shown as if it were the first one.")
    elif any(v.outcome is not None and _stored(v, diffs) is None for v in verdicts):
        notes.append(
            "The stored results say something else: they were scored on another suite, or by "
            "another version. What follows is what the run's own truths and rules give now."
        )
    if case.sources is None:
        notes.append("The run keeps no text, or not every text, of its documents.")
    notes.extend(
        f"The list {name} is so long that its pairs may not be the best there are."
        for name in case.result.approximate
    )
    return notes


def _unknown_path(case: ExplainableCase, path: str) -> Problem:
    """Return what is wrong with a path: it is ignored, or there is none like it."""
    field = normal_field(path)
    for entry in inventory(case.plan, [case.expected, case.predicted]):
        if entry.kind in (FieldKind.IGNORED, FieldKind.LOCAL_NAME) and _is_within(
            field, entry.field
        ):
            origins = [str(s.origin) for s in entry.provenance.settings if s.name == "ignore"]
            by = f" by {origins[0]}" if origins else ": it is the id of an entity"
            what = f"{path!r} is not judged{by}"
            return Problem(what, "ignored-field")
    ledger = case.result.ledger
    fields = {verdict[FIELD].path.name or "$" for verdict in ledger.verdicts}
    paths = {verdict[FIELD].path.fill(verdict[PLACE_EXPECTED]) for verdict in ledger.verdicts}
    hint = did_you_mean(path, paths | fields)
    what = f"the case has no field at {path!r}"
    known = hint if hint and hint.startswith("did") else _nearest(path, sorted(fields))
    return Problem(what, "unknown-path", hint=known)


def _is_within(field: str, outer: str) -> bool:
    return field == outer or field.startswith((f"{outer}.", f"{outer}[", f"{outer}{{"))


def _nearest(name: str, known: Sequence[str]) -> str | None:
    """Return a hint with the nearest name, or with a few names where none is near."""
    hint = did_you_mean(name, known)
    if hint is None or hint.startswith("did") or len(known) <= _FEW:
        return hint
    return f"{len(known)} are known, such as {', '.join(known[:_FEW])}"
