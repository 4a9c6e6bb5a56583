"""Make a feedback bundle of a studied run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from harness.cases.decisions.decision_log import read_logs
from harness.cases.discovery.splits import (
    DEV,
    HOLDOUT,
    SPLITS,
    Frozen,
    frozen_text,
    read_frozen,
    split_keys,
)
from harness.cases.prompts.descriptions import field_forms, field_notes
from harness.cases.prompts.prompt import section_path
from harness.cases.suite import Prompt, Suite
from harness.core.records import Case
from harness.improve.diagnosis.clusters import Analysis
from harness.improve.diagnosis.reach import is_convention, reach
from harness.improve.diagnosis.steering import marked_focus
from harness.improve.diagnosis.study import ALL_SPLITS, Study, StudyScope
from harness.improve.feedback.bundle import (
    MOST_CLUSTERS,
    USUAL,
    Bundle,
    BundleRoom,
    BundleSource,
    BundleText,
    ErrorReport,
    PastAttempt,
    ScoreState,
    sections_of,
)
from harness.improve.feedback.citations import Exams, examples, right, suspects
from harness.improve.make_split import claim_split
from harness.improve.trial.guards import default_bounds, prompt_tokens
from harness.run.selection import run_words
from harness.run.store import write_atomically
from harness.run.stored.stored_review import ReviewedFields

_EXAMPLES: Final = 4
_RIGHT: Final = 2
_SUSPECTS: Final = 3
_ATTEMPTS: Final = 3

Attempts = Mapping[str, Sequence[PastAttempt]]
"""What was tried before, by the id of a cluster."""


def bundle_of(studied: Study, wanted: StudyScope, attempts: Attempts | None = None) -> Bundle:
    """Return what is to be told of a run, with nothing of the cases that may not be shown."""
    clusters = studied.analysis.clusters
    texts = _texts(studied.suite)
    exams = {(exam.case.id, exam.replicate): exam for exam in studied.analysis.exams}
    schemas = {id(case.schema): case.schema for case in studied.cases}
    notes = {
        note.path: note.description for schema in schemas.values() for note in field_notes(schema)
    }
    standing = _standing(studied, wanted)
    top = wanted.top or _enough(studied.analysis, standing.target_f1)
    forms = {
        path: form for schema in schemas.values() for path, form in field_forms(schema).items()
    }
    reports = [_told(studied, rank, exams, texts) for rank in range(1, min(top, len(clusters)) + 1)]
    fields: set[str] = set()
    for number, each in enumerate(reports):
        if each.cluster.field in fields:
            reports[number] = replace(each, right=())
        fields.add(each.cluster.field)
    return Bundle(
        source=replace(_source(studied), version=wanted.version),
        standing=standing,
        split=studied.split,
        withheld=studied.withheld,
        left_out=wanted.without,
        claim=claim_split(_documents(studied.cases), held_out=studied.split != ALL_SPLITS),
        error_reports=tuple(_noted(each, notes, forms, attempts or {}) for each in reports),
        rest=clusters[top:],
        texts=texts,
        conventions=stated_conventions(studied.suite),
        room=_room(studied.suite, wanted),
    )


def stated_conventions(suite: Suite | None) -> tuple[str, ...]:
    """Return the sentences that people kept when they audited the truths, oldest first."""
    if suite is None or suite.truth_folder is None:
        return ()
    notes = (each.saw for each in read_logs(suite.truth_folder) if isinstance(each.saw, dict))
    sentences = (str(saw["sentence"]) for saw in notes if saw.get("sentence"))
    return tuple(dict.fromkeys(sentences))


def _room(suite: Suite | None, wanted: StudyScope) -> BundleRoom | None:
    if suite is None or suite.prompt is None:
        return None
    most = wanted.tokens or default_bounds(suite.prompt).tokens
    return BundleRoom(prompt_tokens(suite.prompt), most)


def _enough(analysis: Analysis, target: float | None) -> int:
    """Return how many clusters reach the target if they are cured, none being fewer than usual."""
    room, clusters = analysis.room, analysis.clusters
    top = USUAL
    while (
        target is not None
        and room.macro_f1 is not None
        and top < min(MOST_CLUSTERS, len(clusters))
        and room.macro_f1 + room.gain([each.fixes for each in clusters[:top]]) < target
    ):
        top += 1
    return top


def _noted(
    report: ErrorReport, notes: Mapping[str, str], forms: Mapping[str, str], attempts: Attempts
) -> ErrorReport:
    return replace(
        report,
        description=notes.get(report.cluster.field, ""),
        form=forms.get(report.cluster.field, ""),
        attempts=tuple(attempts.get(report.cluster.id, ()))[-_ATTEMPTS:],
    )


def _told(studied: Study, rank: int, exams: Exams, texts: Sequence[BundleText]) -> ErrorReport:
    room, clusters = studied.analysis.room, studied.analysis.clusters
    cluster = clusters[rank - 1]
    doubted = [row for row in cluster.rows if (row.case_id, row.place) in studied.disputed]
    sure = replace(cluster, rows=tuple(row for row in cluster.rows if row not in doubted))
    alike = sum(row.is_suspect for row in sure.rows) if is_convention(sure) else 0
    if alike:
        sure = replace(sure, rows=tuple(replace(row, is_suspect=False) for row in sure.rows))
    others = [other.fixes for other in clusters if other is not cluster]
    macro = room.macro_f1
    return ErrorReport(
        rank=rank,
        cluster=cluster,
        together=room.gain([each.fixes for each in clusters[:rank]]),
        without=None if macro is None else macro + room.gain(others),
        examples=examples(sure, exams, _EXAMPLES),
        right=right(cluster, exams, _RIGHT),
        canaries=cluster.canaries,
        suspects=suspects(sure, exams, _SUSPECTS),
        sections=sections_of(cluster.field, {text.name: text.text or "" for text in texts}),
        disputed=len(doubted),
        convention=alike,
    )


def _source(studied: Study) -> BundleSource:
    record, suite = studied.record, studied.suite
    prompt = suite.prompt if suite else None
    prompt_asked = record["prompt"]
    sha256 = prompt_asked["sha256"] if prompt_asked else None
    path = suite.folder.relative_to(suite.project).as_posix() if suite else None
    return BundleSource(
        run=studied.run,
        suite=record["suite"],
        suite_path=path,
        extractor=record["extractor"],
        prompt=prompt_asked["name"] if prompt_asked else None,
        prompt_sha256=sha256,
        is_current=prompt is not None and prompt.sha256 == sha256,
        renamed=tuple(_renamed(suite, record["extractor"])),
        again=tuple(run_words(record, path or f"evals/{record['suite']}")),
    )


def _renamed(suite: Suite | None, extractor: str) -> Iterable[tuple[str, str]]:
    """Return which keys the answers have by other names: the extractor's, then ours."""
    spec = suite.extractors.get(extractor) if suite else None
    return getattr(spec, "rename", {}).items()


def _standing(studied: Study, wanted: StudyScope) -> ScoreState:
    analysis, exams = studied.analysis, studied.analysis.exams
    target = wanted.target_f1
    if target is None:
        target = studied.suite.target_f1 if studied.suite else studied.record["target_f1"]
    return ScoreState(
        macro_f1=analysis.room.macro_f1,
        target_f1=target,
        focus=wanted.focus or (marked_focus(studied.suite) if studied.suite else ()),
        documents=_documents(studied.cases),
        cases=len(studied.cases),
        replicates=max((exam.replicate for exam in exams), default=0),
        errors=sum(cluster.errors for cluster in analysis.clusters),
        clusters=len(analysis.clusters),
        unanswered=studied.sitting.unanswered,
        changed=studied.changed,
        most=_most(studied),
        reviewed=_reviewed(studied.cases),
    )


def _reviewed(cases: Iterable[Case]) -> ReviewedFields | None:
    """Return how many fields of the truths are reviewed; None where all are taken for right."""
    reviews = [case.review.fields for case in cases if case.review is not None]
    if not reviews:
        return None
    return {"reviewed": sum(own for own, _ in reviews), "of": sum(of for _, of in reviews)}


def _most(studied: Study) -> float | None:
    limits = reach(studied.suite, studied.analysis) if studied.suite else None
    return limits.most if limits else None


def _documents(cases: Iterable[Case]) -> int:
    return len({key for case in cases for key in split_keys(case)})


def _texts(suite: Suite | None) -> tuple[BundleText, ...]:
    if suite is None or suite.prompt is None:
        return ()
    return tuple(
        BundleText(section.name, _file(suite, suite.prompt, section.name), section.text)
        for section in suite.prompt.sections
    )


def _file(suite: Suite, prompt: Prompt, name: str) -> str:
    path = section_path(prompt, name)
    inside = path.is_relative_to(suite.project)
    return (path.relative_to(suite.project) if inside else path).as_posix()


def shown_cases(bundle: Bundle) -> frozenset[str]:
    """Return the ids of cases of which a bundle shows more than their name."""
    rows = (
        row
        for report in bundle.error_reports
        for row in (*report.examples, *report.right, *report.suspects)
    )
    return frozenset(row.case_id for row in rows)


def mark_seen(suite: Suite, bundle: Bundle) -> bool:
    """Note in a suite's splits file what a bundle shows: such documents are never held out.

    Returns whether anything was new. What is frozen as `dev` needs no note.
    """
    return mark_cases_seen(suite, shown_cases(bundle))


def mark_cases_seen(suite: Suite, shown: Collection[str]) -> bool:
    """Note in a suite's splits file that cases were looked at, and return whether any was new."""
    frozen = read_frozen(suite.folder)
    documents = {
        key: case.id
        for case in suite.cases
        if case.id in shown
        for key in split_keys(case)
        if key not in frozen.seen_documents and frozen.splits.get(key) != DEV
    }
    if documents:
        file = suite.folder / SPLITS
        before = file.read_text(encoding="utf-8") if file.is_file() else None
        after = Frozen(frozen.splits, MappingProxyType({**frozen.seen_documents, **documents}))
        write_atomically(file, frozen_text(after, suite.cases, before))
    return bool(documents)


def mark_documents_seen(cases: Iterable[Case], bundle: Bundle, folders: Iterable[Path]) -> None:
    """Note what a bundle shows in the splits files of all folders that hold it out.

    `cases` are the run's: its own suite is not at hand, and may be there under another name.
    """
    shown = shown_cases(bundle)
    keys = {key: case.id for case in cases if case.id in shown for key in split_keys(case)}
    for folder in folders:
        frozen = read_frozen(folder)
        held = {key: name for key, name in keys.items() if frozen.splits.get(key) == HOLDOUT}
        if held.keys() - frozen.seen_documents.keys():
            file = folder / SPLITS
            seen_documents = MappingProxyType({**held, **frozen.seen_documents})
            text = frozen_text(
                Frozen(frozen.splits, seen_documents), (), file.read_text(encoding="utf-8")
            )
            write_atomically(file, text)
