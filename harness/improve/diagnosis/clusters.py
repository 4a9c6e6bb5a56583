"""Error clusters: errors that one edit of a prompt could cure, ranked by the F1 to be won."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from harness.core.outcomes import Outcome, Tag
from harness.core.records import Answer
from harness.core.scores.scorecard import Empty
from harness.improve.diagnosis.exams import Exam
from harness.improve.diagnosis.faults import WHOLE, Fault, faults_of
from harness.improve.diagnosis.headroom import Fixes, Headroom
from harness.improve.diagnosis.signatures import ErrorSignature

PRIORITY: Final = (
    Outcome.OMISSION,
    Outcome.WRONG_VALUE,
    Outcome.FORMAT_ERROR,
    Outcome.HALLUCINATION,
)
"""Which of two clusters with equal headroom comes first (seed 004)."""


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """One place of one case that is wrong, over all replicates."""

    case_id: str
    place: str
    """The path of the field, of the item, or `$` for a whole answer."""
    wrong: int
    """Replicates in which this mistake is made here."""
    of: int
    """Replicates of the case."""
    faults: tuple[Fault, ...]
    """Those of the first of them: several for an item, or for a case without an answer."""
    is_suspect: bool
    """In every replicate the same value is said; it stands in the document, and the truth's does
    not."""
    prompts: int = 0
    """Other prompts that got the same suspect answer here."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Errors of one field that are one mistake."""

    id: str
    """Stable over runs: a digest of field, outcome and signature."""
    field: str
    outcome: Outcome
    signature: ErrorSignature
    rows: tuple[ClusterRow, ...]
    """By case and path."""
    errors: int
    """Over all replicates, both ends of a misplaced value included."""
    headroom: float
    """How much macro F1 would rise if this cluster alone were gone."""
    fixes: Mapping[int, Fixes]
    """Its errors by the number of the exam."""
    canaries: tuple[str, ...]
    """Ids of cases in which the field is right, in every replicate."""

    @property
    def cases(self) -> tuple[str, ...]:
        """Ids of the cases it is found in."""
        return tuple(dict.fromkeys(row.case_id for row in self.rows))


@dataclass(frozen=True, slots=True)
class Analysis:
    """Error analysis of a run."""

    exams: tuple[Exam, ...]
    room: Headroom
    clusters: tuple[Cluster, ...]
    """The one that would win the most first; every error is in exactly one."""


def analyse(exams: Sequence[Exam], empty: Empty = "skip") -> Analysis:
    """Put every error of some exams into its cluster, and rank the clusters."""
    room = Headroom(tuple(exam.result.counts for exam in exams), empty)
    groups: dict[tuple[str, Outcome, ErrorSignature], list[tuple[int, Fault]]] = defaultdict(list)
    faults_by_exam = [faults_of(exam) for exam in exams]
    for number, faults in enumerate(faults_by_exam):
        for fault in faults:
            blame = fault.blame
            groups[blame.field, blame.outcome, blame.signature].append((number, fault))
    replicates = Counter(exam.case.id for exam in exams)
    right = _right(exams, faults_by_exam)
    clusters = [
        _cluster(faults, room, replicates, right.get(field, frozenset()))
        for (field, _, _), faults in groups.items()
    ]
    return Analysis(tuple(exams), room, tuple(sorted(clusters, key=_rank)))


def _rank(cluster: Cluster) -> tuple[float, int, int, str, str]:
    priority = PRIORITY.index(cluster.outcome)
    signature = f"{cluster.signature.mistake} {cluster.signature.detail}"
    return -round(cluster.headroom, 12), priority, -len(cluster.rows), cluster.field, signature


def _cluster(
    faults: Sequence[tuple[int, Fault]],
    room: Headroom,
    replicates: Mapping[str, int],
    right: Iterable[str],
) -> Cluster:
    fixes: dict[int, Counter[Outcome]] = defaultdict(Counter)
    for number, fault in faults:
        fixes[number][fault.outcome] += 1
    first = faults[0][1].blame
    rows = _rows([fault for _, fault in faults], replicates)
    key = f"{first.field}\0{first.outcome}\0{first.signature.mistake}\0{first.signature.detail}"
    return Cluster(
        id=hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()[:8],
        field=first.field,
        outcome=first.outcome,
        signature=first.signature,
        rows=rows,
        errors=len(faults),
        headroom=room.gain([fixes]),
        fixes=fixes,
        canaries=tuple(sorted(set(right) - {row.case_id for row in rows})),
    )


def _rows(faults: Sequence[Fault], replicates: Mapping[str, int]) -> tuple[ClusterRow, ...]:
    by_place: dict[tuple[str, str], list[Fault]] = defaultdict(list)
    for fault in faults:
        by_place[fault.case_id, fault.blame.place].append(fault)
    return tuple(
        _row(in_place, replicates[case_id]) for (case_id, _), in_place in sorted(by_place.items())
    )


def _row(faults: Sequence[Fault], of: int) -> ClusterRow:
    first = faults[0]
    wrong = len({fault.replicate for fault in faults})
    answers = {repr(fault.record.get("predicted")) for fault in faults}
    doubtful = all(Tag.SUSPECT_GROUND_TRUTH in f.record.get("tags", ()) for f in faults)
    suspect = doubtful and wrong == of and len(answers) == 1
    shown = tuple(f for f in faults if f.replicate == first.replicate)
    return ClusterRow(first.case_id, first.blame.place, wrong, of, shown, suspect)


def _right(
    exams: Sequence[Exam], faults_by_exam: Sequence[Sequence[Fault]]
) -> dict[str, frozenset[str]]:
    """Return by field the cases in which it is right in every replicate; by list, its items."""
    cases_by_field: dict[str, set[str]] = defaultdict(set)
    wrong: dict[str, set[str]] = defaultdict(set)
    for exam, faults in zip(exams, faults_by_exam, strict=True):
        case = exam.case.id
        for fault in faults:
            wrong[fault.blame.field].add(case)
        for record in exam.records:
            right = record["outcome"] == Outcome.CORRECT.value
            (cases_by_field if right else wrong)[str(record["field"])].add(case)
        for name, (paired, extra, missing) in exam.result.items.items():
            (cases_by_field if paired and not extra + missing else wrong)[f"{name}[]"].add(case)
        (cases_by_field if isinstance(exam.output, Answer) else wrong)[WHOLE].add(case)
    return {field: frozenset(cases - wrong[field]) for field, cases in cases_by_field.items()}
