"""Answers to other prompts: a truth is suspect only if it seems wrong under each of them.

An answer that stands in the document, where the truth does not, may be the prompt's doing. If
another prompt got another answer, nobody knows better than the truth; if all got the same, somebody
should look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from harness.core.comparators.own_functions import Functions
from harness.core.records import Answer, Case, Prediction
from harness.core.rules.field_rule import Rules
from harness.errors import HarnessError
from harness.improve.diagnosis.clusters import Analysis, Cluster, ClusterRow
from harness.improve.diagnosis.exams import sit
from harness.run.store import read_replicates, read_run, run_folders
from harness.run.stored.stored_run import RunDocument

_RUNS: Final = 5
"""Runs with other prompts that are looked at, the newest first."""
_FOLDERS: Final = 100
"""Run folders among which they are looked for."""


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """Rules and schema that answers are judged by."""

    rules: Rules
    functions: Functions


def weighed(folder: Path, analysis: Analysis, scale: ScoreScale) -> Analysis:
    """Return an analysis in which a truth is only suspect that seems wrong under other prompts too.

    Runs of the same suite and extractor beside the folder count, a prompt each.
    """
    named = {row.case_id for c in analysis.clusters for row in c.rows if row.is_suspect}
    cases = {exam.case.id: exam.case for exam in analysis.exams if exam.case.id in named}
    if not cases:
        return analysis
    answers = [_said(each, record, cases, scale) for each, record in _others(folder)]
    clusters = (_weighed(cluster, answers) for cluster in analysis.clusters)
    return replace(analysis, clusters=tuple(clusters))


def _others(folder: Path) -> Iterator[tuple[Path, RunDocument]]:
    """Yield the newest runs with other prompts, one for each prompt."""
    own = read_run(folder)
    prompts = {_prompt(own)}
    for other in run_folders(folder.resolve().parent)[:_FOLDERS]:
        with suppress(HarnessError):  # a folder that cannot be read has nothing to say
            record = read_run(other)
            same = all(record[key] == own[key] for key in ("suite", "extractor"))
            if same and _prompt(record) not in prompts and len(prompts) <= _RUNS:
                prompts.add(_prompt(record))
                yield other, record


def _prompt(record: RunDocument) -> str | None:
    return str(record["prompt"]["sha256"]) if record["prompt"] else None


OtherAnswer = Mapping[tuple[str, str], frozenset[str]]
"""What was said in a run, by case and place, in all replicates."""


def _said(
    folder: Path, record: RunDocument, cases: Mapping[str, Case], scale: ScoreScale
) -> OtherAnswer:
    """Return what a run has at every place of some cases, where it read the same documents."""
    same = [
        case
        for case in cases.values()
        if all(record["documents"].get(d.name) == d.sha256 for d in case.documents)
    ]
    by_place: dict[tuple[str, str], set[str]] = {}
    with suppress(HarnessError):  # as above
        predictions: Sequence[Prediction] = tuple(read_replicates(folder).values())
        for exam in sit(same, predictions, scale.rules, scale.functions).exams:
            for each in exam.records if isinstance(exam.output, Answer) else ():
                place = exam.case.id, str(each["path"])
                by_place.setdefault(place, set()).add(repr(each.get("predicted")))
    return {place: frozenset(values) for place, values in by_place.items()}


def _weighed(cluster: Cluster, answers: Sequence[OtherAnswer]) -> Cluster:
    rows = tuple(_row(row, answers) if row.is_suspect else row for row in cluster.rows)
    return replace(cluster, rows=rows)


def _row(row: ClusterRow, answers: Sequence[OtherAnswer]) -> ClusterRow:
    own = {repr(fault.record.get("predicted")) for fault in row.faults}
    known = [each[row.case_id, row.place] for each in answers if (row.case_id, row.place) in each]
    agrees = all(values == own for values in known)
    return replace(row, is_suspect=agrees, prompts=len(known) if agrees else 0)
