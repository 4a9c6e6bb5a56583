"""From a run folder to a bundle: what to work on next, and all there is to know about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from harness.cases.descriptions import field_notes
from harness.cases.digest import canonical
from harness.cases.prompts import section_path
from harness.cases.splits import (
    DEV,
    HOLDOUT,
    SPLITS,
    Frozen,
    frozen_text,
    keys_of,
    read_frozen,
)
from harness.cases.suite import Prompt, Suite
from harness.core.records import Case
from harness.core.rules import parse_rules
from harness.core.scorecard import Empty
from harness.errors import HarnessError, Problem, UsageError, Where, did_you_mean
from harness.improve.bundle import Attempt, Bundle, Room, Source, Standing, Text, Told, sections_of
from harness.improve.citing import Exams, examples, right, suspects
from harness.improve.clusters import Analysis, analyse
from harness.improve.disputes import open_places
from harness.improve.exams import Sitting, sit
from harness.improve.guards import default_bounds, prompt_tokens
from harness.improve.hindsight import Scale, weighed
from harness.improve.reach import is_convention, reach
from harness.improve.splits import claim
from harness.run.own import stored_functions
from harness.run.store import read_cases, read_replicates, read_run, write_atomically

ALL: Final = "all"
"""What is shown of a suite that has no splits."""
_EXAMPLES: Final = 4
_RIGHT: Final = 2
_SUSPECTS: Final = 3
_ATTEMPTS: Final = 3

Attempts = Mapping[str, Sequence[Attempt]]
"""What was tried before, by the id of a cluster."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a bundle is to hold."""

    top: int = 5
    """Clusters that are shown in full."""
    split: str = DEV
    without: tuple[str, ...] = ()
    """Ids of cases to leave out, so that an edit can be judged on what it never saw."""
    target_f1: float | None = None
    """None: the suite's own, if it has one."""
    version: str | None = None
    """What the prompt is kept under, so that an edit can be checked against it."""
    tokens: int | None = None
    """The most the prompt's texts may come to; None for the usual cap."""


@dataclass(frozen=True, slots=True)
class Studied:
    """A run as far as it may be looked at."""

    run: str
    record: Mapping[str, Any]
    suite: Suite | None
    split: str
    cases: tuple[Case, ...]
    """Those that may be shown."""
    withheld: int
    sitting: Sitting
    analysis: Analysis
    disputed: frozenset[tuple[str, str]] = frozenset()
    """Case and path of truths that are in doubt: nobody should learn from them."""
    changed: tuple[str, ...] = ()
    """Ids of cases whose truth is another one than when the run was made."""


def study(folder: Path, suite: Suite | None, wanted: Wanted) -> Studied:
    """Judge a run's answers to the cases that may be looked at, and cluster their errors.

    Truths, rules and splits are the suite's as they are now, or the run's own without a suite.

    Raises HarnessError if the folder holds no run or none of its cases may be shown, UsageError
    for the holdout, for an unknown case, and for the suite of another run.
    """
    record = read_run(folder)
    if suite is not None and suite.name != record["suite"]:
        what = f"the run is of suite {record['suite']!r}, not of {suite.name!r}"
        raise UsageError(Problem(what, "other-suite", Where(folder)))
    stored = () if suite else read_cases(folder, record["schemas"])
    cases = tuple(suite.cases if suite else stored)
    split, shown = _shown(cases, wanted)
    if not shown:
        what = f"no case of split {split!r} is left to be shown"
        raise HarnessError(Problem(what, "nothing-to-show", Where(folder)))
    rules = suite.rules if suite else parse_rules(record["rules"])
    empty: Empty = suite.empty if suite else record["empty"]
    functions = suite.comparators.functions if suite else stored_functions(folder, record)
    sitting = sit(shown, read_replicates(folder).values(), rules, functions)
    there = {case.id for case in shown}.union(wanted.without)
    withheld = sum(case.id not in there for case in cases)
    found = weighed(folder, analyse(sitting.exams, empty), Scale(rules, functions))
    disputed = open_places(suite) if suite else frozenset()
    changed = _changed(folder, record, shown) if suite else ()
    return Studied(
        str(folder), record, suite, split, shown, withheld, sitting, found, disputed, changed
    )


def _changed(folder: Path, record: Mapping[str, Any], cases: Iterable[Case]) -> tuple[str, ...]:
    """Return the ids of cases whose truth was another one when the run was made."""
    asked = {case.id: case.truth for case in read_cases(folder, record["schemas"])}
    return tuple(
        case.id
        for case in cases
        if case.id in asked and canonical(asked[case.id]) != canonical(case.truth)
    )


def _shown(cases: Sequence[Case], wanted: Wanted) -> tuple[str, tuple[Case, ...]]:
    """Return the split and those of its cases that are not left out."""
    if wanted.split == HOLDOUT:
        hint = "what is looked at is no holdout any more; the sealed look is `harness holdout`"
        raise UsageError(Problem("the holdout is never shown", "sealed", hint=hint))
    known = {case.id for case in cases}
    unknown = [
        Problem(f"there is no case {name!r}", "unknown-case", hint=did_you_mean(name, known))
        for name in wanted.without
        if name not in known
    ]
    if unknown:
        raise UsageError(*unknown)
    splits = {case.split for case in cases if case.split is not None}
    if splits and wanted.split not in splits:
        near = did_you_mean(wanted.split, splits - {HOLDOUT})
        raise UsageError(Problem(f"there is no split {wanted.split!r}", "unknown-split", hint=near))
    there = (case for case in cases if case.id not in wanted.without)
    shown = tuple(case for case in there if not splits or case.split == wanted.split)
    return wanted.split if splits else ALL, shown


def bundle_of(studied: Studied, wanted: Wanted, attempts: Attempts | None = None) -> Bundle:
    """Return what is to be told of a run, with nothing of the cases that may not be shown."""
    clusters = studied.analysis.clusters
    texts = _texts(studied.suite)
    exams = {(exam.case.id, exam.replicate): exam for exam in studied.analysis.exams}
    schemas = {id(case.schema): case.schema for case in studied.cases}
    notes = {
        note.path: note.description for schema in schemas.values() for note in field_notes(schema)
    }
    told = [
        _told(studied, rank, exams, texts) for rank in range(1, min(wanted.top, len(clusters)) + 1)
    ]
    fields: set[str] = set()
    for number, each in enumerate(told):
        if each.cluster.field in fields:
            told[number] = replace(each, right=())
        fields.add(each.cluster.field)
    return Bundle(
        source=replace(_source(studied), version=wanted.version),
        standing=_standing(studied, wanted),
        split=studied.split,
        withheld=studied.withheld,
        left_out=wanted.without,
        claim=claim(_documents(studied.cases), held_out=studied.split != ALL),
        told=tuple(_noted(each, notes, attempts or {}) for each in told),
        rest=clusters[wanted.top :],
        texts=texts,
        room=_room(studied.suite, wanted),
    )


def _room(suite: Suite | None, wanted: Wanted) -> Room | None:
    if suite is None or suite.prompt is None:
        return None
    most = wanted.tokens or default_bounds(suite.prompt).tokens
    return Room(prompt_tokens(suite.prompt), most)


def _noted(told: Told, notes: Mapping[str, str], attempts: Attempts) -> Told:
    return replace(
        told,
        description=notes.get(told.cluster.field, ""),
        attempts=tuple(attempts.get(told.cluster.id, ()))[-_ATTEMPTS:],
    )


def _told(studied: Studied, rank: int, exams: Exams, texts: Sequence[Text]) -> Told:
    room, clusters = studied.analysis.room, studied.analysis.clusters
    cluster = clusters[rank - 1]
    doubted = [row for row in cluster.rows if (row.case_id, row.place) in studied.disputed]
    sure = replace(cluster, rows=tuple(row for row in cluster.rows if row not in doubted))
    alike = sum(row.is_suspect for row in sure.rows) if is_convention(sure) else 0
    if alike:
        sure = replace(sure, rows=tuple(replace(row, is_suspect=False) for row in sure.rows))
    others = [other.fixes for other in clusters if other is not cluster]
    macro = room.macro_f1
    return Told(
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


def _source(studied: Studied) -> Source:
    record, suite = studied.record, studied.suite
    prompt = suite.prompt if suite else None
    asked = record["prompt"]
    sha256 = asked["sha256"] if asked else None
    return Source(
        run=studied.run,
        suite=record["suite"],
        suite_path=suite.folder.relative_to(suite.project).as_posix() if suite else None,
        extractor=record["extractor"],
        prompt=asked["name"] if asked else None,
        prompt_sha256=sha256,
        is_current=prompt is not None and prompt.sha256 == sha256,
        renamed=tuple(_renamed(suite, record["extractor"])),
    )


def _renamed(suite: Suite | None, extractor: str) -> Iterable[tuple[str, str]]:
    """Return which keys the answers have by other names: the extractor's, then ours."""
    spec = suite.extractors.get(extractor) if suite else None
    return getattr(spec, "rename", {}).items()


def _standing(studied: Studied, wanted: Wanted) -> Standing:
    found, exams = studied.analysis, studied.analysis.exams
    target = wanted.target_f1
    if target is None:
        target = studied.suite.target_f1 if studied.suite else studied.record["target_f1"]
    return Standing(
        macro_f1=found.room.macro_f1,
        target_f1=target,
        documents=_documents(studied.cases),
        cases=len(studied.cases),
        replicates=max((exam.replicate for exam in exams), default=0),
        errors=sum(cluster.errors for cluster in found.clusters),
        clusters=len(found.clusters),
        unanswered=studied.sitting.unanswered,
        changed=studied.changed,
        most=_most(studied),
    )


def _most(studied: Studied) -> float | None:
    found = reach(studied.suite, studied.analysis) if studied.suite else None
    return found.most if found else None


def _documents(cases: Iterable[Case]) -> int:
    return len({key for case in cases for key in keys_of(case)})


def _texts(suite: Suite | None) -> tuple[Text, ...]:
    if suite is None or suite.prompt is None:
        return ()
    return tuple(
        Text(section.name, _file(suite, suite.prompt, section.name), section.text)
        for section in suite.prompt.sections
    )


def _file(suite: Suite, prompt: Prompt, name: str) -> str:
    path = section_path(prompt, name)
    inside = path.is_relative_to(suite.project)
    return (path.relative_to(suite.project) if inside else path).as_posix()


def shown_cases(bundle: Bundle) -> frozenset[str]:
    """Return the ids of cases of which a bundle shows more than their name."""
    rows = (row for told in bundle.told for row in (*told.examples, *told.right, *told.suspects))
    return frozenset(row.case_id for row in rows)


def mark_seen(suite: Suite, bundle: Bundle) -> bool:
    """Note in a suite's splits file what a bundle shows: such documents are never held out.

    Returns whether anything was new. What is frozen as `dev` needs no note.
    """
    shown = shown_cases(bundle)
    frozen = read_frozen(suite.folder)
    seen = {
        key: case.id
        for case in suite.cases
        if case.id in shown
        for key in keys_of(case)
        if key not in frozen.seen and frozen.splits.get(key) != DEV
    }
    if seen:
        file = suite.folder / SPLITS
        before = file.read_text(encoding="utf-8") if file.is_file() else None
        after = Frozen(frozen.splits, MappingProxyType({**frozen.seen, **seen}))
        write_atomically(file, frozen_text(after, suite.cases, before))
    return bool(seen)
