"""Ensemble run: the answers of several runs of the same cases, merged and scored."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from pathlib import Path
from typing import Final, Literal

from harness.cases.schemas.known_fields import rules_of_schemas
from harness.confidence.ensemble.merge_answers import Member, merge_answers
from harness.confidence.ensemble.merged_entities import without_reference_criteria
from harness.confidence.tuning import folds
from harness.core.records import Answer, Case, Failure, FailureKind, Prediction
from harness.core.rules.field_rule import parse_rules
from harness.errors import HarnessError, Problem, UsageError, Where
from harness.run import store
from harness.run.asking.execute import run_name
from harness.run.clock import now
from harness.run.history.repeated_runs import require_each_once
from harness.run.results.own_comparators import stored_functions
from harness.run.results.rescore import rescore
from harness.run.results.score_cases import Scorer
from harness.run.selection import RunRequest, stored_words
from harness.run.stored.stored_results import ResultsDocument
from harness.run.stored.stored_run import AskedRecord, RunDocument

Weights = Literal["equal", "f1-oof"]
_LEAST: Final = 2
_SAME: Final = ("suite_digest", "schemas", "rules", "documents")
"""Keys of `run.json` in which members may not differ."""
_FOLDS: Final = 5
_LEAST_WEIGHT: Final = 0.01
"""Of a member that was never right elsewhere: it is heard, and outweighs nobody."""


@dataclass(frozen=True, slots=True)
class Voter:
    """A run that votes: all replicates of a run vote apart."""

    name: str
    run: RunDocument
    predictions: Mapping[str, Prediction]
    """By case."""
    f1: Mapping[str, float]
    """By case; of a case without an answer 0, of a vacuous or a missing one nothing."""


@dataclass(frozen=True, slots=True)
class MemberScore:
    """A member beside the merged run, both on the cases that the member has."""

    name: str
    cases: int
    """Cases it was asked about and did not miss, answered or failed."""
    f1: float | None
    """Its macro F1."""
    merged_f1: float | None
    """Macro F1 of the merged run on the same cases."""


@dataclass(frozen=True, slots=True)
class EnsembleRun:
    """A merged run, and what it stands beside."""

    folder: Path
    results: ResultsDocument
    members: tuple[MemberScore, ...]
    cases: int
    """Cases that are merged."""
    is_unanimous: bool
    """True where every value of every case has all votes: they tell nothing of anything."""

    @property
    def best(self) -> MemberScore:
        """The best single member of those that have the most cases: few cases prove little."""
        return max(self.members, key=lambda one: (one.cases, one.f1 or 0.0, one.name))


def ensemble(
    folders: Sequence[Path], name: str, reports: Path, weights: Weights, keep: float
) -> EnsembleRun:
    """Merge runs of the same cases into a run of its own and score it.

    A member that failed a case votes for nothing there, one that was never asked is left out. With
    `f1-oof` a member's vote weighs its mean F1 on documents other than the one that is voted on.

    Raises UsageError for fewer than two members, HarnessError where they asked different things.
    """
    require_each_once(folders, "votes")
    voters = [voter for folder in folders for voter in _voters(folder)]
    if len(voters) < _LEAST:
        hint = "name several runs, or one that asked with --repeat"
        raise UsageError(Problem("an ensemble needs two members", "one-member", hint=hint))
    _require_same(folders, voters)
    first = voters[0].run
    cases = list(store.read_cases(folders[0], first["schemas"]))
    within = rules_of_schemas(s for s in first["schemas"].values() if isinstance(s, Mapping))
    rules = without_reference_criteria(parse_rules(first["rules"]), within)
    scorer = Scorer(rules, stored_functions(folders[0], first))
    started = now()
    folder = store.create_folder(reports, run_name(started, first["suite"], name))
    record = _record(first, voters, (folder.name, name, started))
    store.write_json(folder / store.RUN, _placed(record, first, folders[0], folder))
    (folder / store.CASES).write_bytes((folders[0] / store.CASES).read_bytes())
    log = store.PredictionLog(folder)
    try:
        weighing = _weighing(voters, cases, weights)
        is_unanimous = True
        for case in cases:
            merged = _merged(case, voters, scorer, weighing[case.id], keep)
            log.append(merged)
            is_unanimous &= not isinstance(merged.output, Answer) or all(
                share == 1 for _, share in merged.output.confidences
            )
    finally:
        log.close()
    results = rescore(folder)
    finished = store.read_run(folder)
    finished["finished"] = now()
    store.write_json(folder / store.RUN, finished)
    members = tuple(_beside(voter, results) for voter in voters)
    return EnsembleRun(folder, results, members, len(cases), is_unanimous)


def _voters(folder: Path) -> list[Voter]:
    run, results = store.read_run(folder), store.read_results(folder)
    predictions = store.read_replicates(folder)
    numbers = sorted({number for _, number in predictions}) or [1]
    voters = []
    for number in numbers:
        f1 = {
            case["id"]: case["f1"]
            for case in results["cases"]
            if case["replicate"] == number and case["f1"] is not None
        }
        name = folder.name if len(numbers) == 1 else f"{folder.name};{number}"
        mine = {
            case: prediction
            for (case, replicate), prediction in predictions.items()
            if replicate == number
        }
        voters.append(Voter(name, run, mine, f1))
    return voters


def _beside(voter: Voter, results: ResultsDocument) -> MemberScore:
    """Return a member's score beside that of the merged run on the cases that the member has."""
    mine = {case for case, one in voter.predictions.items() if not _is_missing(one)}
    merged = [c["f1"] for c in results["cases"] if c["id"] in mine and c["f1"] is not None]
    return MemberScore(voter.name, len(mine), _mean(voter.f1.values()), _mean(merged))


def _is_missing(prediction: Prediction) -> bool:
    return isinstance(prediction.output, Failure) and prediction.output.kind.is_missing


def _require_same(folders: Sequence[Path], voters: Sequence[Voter]) -> None:
    """Raise HarnessError where members were asked different things."""
    first = voters[0].run
    for voter in voters[1:]:
        differing = [key for key in _SAME if voter.run[key] != first[key]]
        if differing:
            what = f"{voters[0].name} and {voter.name} differ in {', '.join(differing)}"
            hint = "rescore both with the suite of today: harness rescore RUN --suite SUITE"
            if voter.run["documents"].keys() != first["documents"].keys():
                hint = (
                    "they are of other cases: run both with the same --limit, --tag and documents"
                )
            raise HarnessError(Problem(what, "unlike-members", Where(folders[0].parent), hint))


def _record(first: RunDocument, voters: Sequence[Voter], of: tuple[str, str, str]) -> RunDocument:
    run_id, name, started = of
    return {
        "run_id": run_id,
        "started": started,
        "finished": None,
        "complete": False,
        "extractor": name,
        "extractor_kind": "ensemble",
        "prompt": None,
        "signature": {},
        "members": [voter.name for voter in voters],
        "asked": _asked(first),
        "endpoint": None,
        "price": None,
        "harness_version": first["harness_version"],
        "suite": first["suite"],
        "description": first["description"],
        "suite_digest": first["suite_digest"],
        "empty": first["empty"],
        "target_f1": first["target_f1"],
        "goals": first.get("goals"),
        "rules": first["rules"],
        "checks": first.get("checks", []),
        "documents": first["documents"],
        "schemas": first["schemas"],
        "comparators": first["comparators"],
    }


def _asked(first: RunDocument) -> AskedRecord:
    """Return which cases were asked about: those of the first member."""
    request = stored_words(first.get("asked", {}))
    return RunRequest(request.selection, drafts=request.drafts).as_json()


def _placed(record: RunDocument, first: RunDocument, source: Path, folder: Path) -> RunDocument:
    """Return a record with the places its first member was judged by, as they are found from it."""
    placed = record.copy()
    if (ruler := first.get("ruler")) is not None:  # a truth changed since is a change for it, too
        suite = _moved(ruler["folder"], source, folder)
        placed["ruler"] = {**ruler, "folder": suite, "ledger": None}
    if (own := first["comparators"]) is not None:
        placed["comparators"] = {**own, "folder": _moved(own["folder"], source, folder)}
    return placed


def _moved(place: str, source: Path, folder: Path) -> str:
    """Return a path that was written from one run folder, from another."""
    return Path(os.path.relpath((source / place).resolve(), folder.resolve())).as_posix()


def _weighing(
    voters: Sequence[Voter], cases: Sequence[Case], weights: Weights
) -> dict[str, list[float]]:
    """Return the weight of every voter for each case, never from the case itself."""
    if weights == "equal":
        return {case.id: [1.0] * len(voters) for case in cases}
    documents = sorted({case.group or case.id for case in cases})
    weight_lists: dict[str, list[float]] = {}
    for held_out in folds(documents, min(_FOLDS, len(documents)), 0):
        rest = [case.id for case in cases if (case.group or case.id) not in held_out]
        mine = [
            max(_LEAST_WEIGHT, _mean([v.f1[one] for one in rest if one in v.f1]) or 0.0)
            for v in voters
        ]
        weight_lists |= {case.id: mine for case in cases if (case.group or case.id) in held_out}
    return weight_lists


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return fsum(listed) / len(listed) if listed else None


def _merged(
    case: Case, voters: Sequence[Voter], scorer: Scorer, weights: Sequence[float], keep: float
) -> Prediction:
    members, silent = [], 0.0
    for voter, weight in zip(voters, weights, strict=True):
        reply = voter.predictions[case.id].output if case.id in voter.predictions else None
        if isinstance(reply, Answer):
            members.append(Member(reply.value, weight))
        elif isinstance(reply, Failure) and not reply.kind.is_missing:
            silent += weight
    if not members:
        kind = FailureKind.EMPTY if silent else FailureKind.NO_RECORDING
        return Prediction(case.id, Failure(kind, "no member has an answer"), 0.0)
    merged = merge_answers(scorer.plan(case.schema, case.rules), members, keep, silent)
    value = merged.value if merged.value is not None else {}
    answer = Answer(value, confidences=tuple(merged.shares.items()), confidence_source="votes")
    return Prediction(case.id, answer, 0.0)
