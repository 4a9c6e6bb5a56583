"""`splits.json` beside a suite: frozen splits (`dev`, `holdout`) by content of documents.

A split belongs to a document's bytes and not to its name, so that renaming a case, or listing it
anew, moves nothing between what a prompt is made on and what it is judged on.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.cases.files.places import at, refuse_link_out
from harness.cases.files.reading import read_text
from harness.cases.files.strict_json import parse_json
from harness.core.records import Case
from harness.core.values import Json, show
from harness.errors import HarnessError, Problem

SPLITS: Final = "splits.json"
DEV: Final = "dev"
HOLDOUT: Final = "holdout"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Frozen:
    """Content of a suite's splits file, by document."""

    splits: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """`dev` or `holdout` by document key."""
    seen_documents: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Documents that feedback showed or improve asked about, with their case: they can never be
    held out."""


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    document: str
    case: str
    split: Literal["dev", "holdout"] | None = None
    seen: bool = False


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    version: Literal[1]
    documents: list[_Line]


def split_keys(case: Case) -> tuple[str, ...]:
    """Return what a case's documents go by: their digests, or its id where it has none.

    >>> split_keys(Case("a", (), {}))
    ('case:a',)
    """
    return tuple(document.sha256 for document in case.documents) or (f"case:{case.id}",)


def read_frozen(folder: Path) -> Frozen:
    """Return what a suite's folder has frozen; nothing where it has no such file.

    Raises HarnessError if the file is not one of ours.
    """
    path = folder / SPLITS
    if not path.is_file():
        return Frozen()
    refuse_link_out(path)
    try:
        file = _File.model_validate(parse_json(read_text(path), path))
    except ValidationError as error:
        first = error.errors()[0]
        what = f"{show(first['loc'])}: {first['msg'].lower()}"
        hint = "the file is written by `harness split`: restore it"
        raise HarnessError(Problem(what, "bad-splits", at(path), hint)) from None
    splits = {line.document: line.split for line in file.documents if line.split}
    seen_documents = {line.document: line.case for line in file.documents if line.seen}
    return Frozen(MappingProxyType(splits), MappingProxyType(seen_documents))


def frozen_text(frozen: Frozen, cases: Iterable[Case], before: str | None = None) -> str:
    """Return the file's text, a line a document, in order of case.

    `before` is the file's old text: documents that no case has any more keep their lines.
    """
    names = (
        {line.document: line.case for line in _File.model_validate_json(before).documents}
        if (before)
        else {}
    )
    names |= frozen.seen_documents
    names |= {key: case.id for case in cases for key in split_keys(case)}
    known = sorted(
        {*frozen.splits, *frozen.seen_documents}, key=lambda key: (names.get(key, ""), key)
    )
    lines: list[Json] = [
        {
            "document": key,
            "case": names.get(key, ""),
            "split": frozen.splits.get(key),
            "seen": key in frozen.seen_documents,
        }
        for key in known
    ]
    listed = ",\n".join(f"  {json.dumps(line, ensure_ascii=False)}" for line in lines)
    return f'{{\n "version": {_VERSION},\n "documents": [\n{listed}\n ]\n}}\n'


def with_seen(frozen: Frozen, cases: Iterable[Case], keys: Collection[str]) -> Frozen:
    """Return splits in which documents are seen whose keys are known elsewhere, as in a ledger."""
    documents = {
        key: case.id
        for case in cases
        for key in split_keys(case)
        if key in keys and frozen.splits.get(key) != DEV
    }
    return replace(frozen, seen_documents=MappingProxyType({**documents, **frozen.seen_documents}))


def released(frozen: Frozen) -> Frozen:
    """Return splits in which nothing that was seen is held out: it is worked on from now on."""
    splits = {k: DEV if k in frozen.seen_documents else split for k, split in frozen.splits.items()}
    return replace(frozen, splits=MappingProxyType(splits))


def in_splits(cases: Iterable[Case], frozen: Frozen) -> tuple[Case, ...]:
    """Return cases with the splits of their documents.

    Raises HarnessError where the suite says otherwise, or holds out what was shown already.
    """
    selected: list[Case] = []
    problems: list[Problem] = []
    for case in cases:
        splits = {frozen.splits[key] for key in split_keys(case) if key in frozen.splits}
        problems.extend(_conflicts(case, splits, frozen))
        selected.append(replace(case, split=next(iter(splits), case.split)))
    if problems:
        raise HarnessError(*problems)
    return tuple(selected)


def _conflicts(case: Case, splits: set[str], frozen: Frozen) -> Iterator[Problem]:
    """Yield what is wrong with a case's split."""
    hint = f"{SPLITS} is frozen: take the case out of `split:`, or give it another document"
    release = "take it out of `split:`, and hold out documents that nobody has looked at"
    if len(splits) > 1:
        yield Problem(f"case {case.id!r} has documents of both splits", "two-splits")
    elif case.split and splits and case.split not in splits:
        what = f"case {case.id!r} is in split {next(iter(splits))!r} by {SPLITS}"
        yield Problem(f"{what}, not in {case.split!r}", "two-splits", hint=hint)
    if case.split == HOLDOUT and any(key in frozen.seen_documents for key in split_keys(case)):
        what = f"case {case.id!r} was seen by feedback or improve: it can never be held out"
        yield Problem(what, "seen-holdout", hint=release)


def assigned(cases: Iterable[Case], folder: Path) -> tuple[Case, ...]:
    """Return cases with the splits that their suite's folder has frozen. Raises HarnessError."""
    return in_splits(cases, read_frozen(folder))


def unassigned(cases: Sequence[Case], folder: Path) -> tuple[Problem, ...]:
    """Return warnings about frozen splits: cases in none, and held-out ones that were seen."""
    if not (folder / SPLITS).is_file():
        return ()
    problems: list[Problem] = []
    loose = [case.id for case in cases if case.split is None]
    if loose and any(case.split for case in cases):
        what = f"{len(loose)} cases are in no split, such as {loose[0]!r}"
        hint = f"assign them for good: harness split {folder.name}"
        problems.append(Problem(what, "no-split", at(folder / SPLITS), hint))
    seen_documents = read_frozen(folder).seen_documents
    for case in cases:
        if case.split == HOLDOUT and not seen_documents.keys().isdisjoint(split_keys(case)):
            what = f"case {case.id!r} is held out, and feedback or improve has seen it"
            hint = "it confirms nothing: harness split --release holds out another"
            problems.append(Problem(what, "seen-holdout", at(folder / SPLITS), hint))
    return tuple(problems)
