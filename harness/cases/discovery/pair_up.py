"""Pairing of documents with their ground truth."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from harness.cases.discovery.find_files import (
    ById,
    documents_by_id,
    schemas_by_id,
    truth_folders,
    truths_by_id,
)
from harness.cases.files.findings import Findings
from harness.cases.files.places import FilePlace, at, near_name, nfc, shown_path
from harness.cases.suite_file.suite_keys import EVERY_CASE, CaseFile
from harness.cases.suite_file.suite_settings import SuiteSettings
from harness.errors import HarnessError, Problem, Where, did_you_mean

_LONGEST_ID: Final = 200
_UNSPEAKABLE: Final = re.compile(r"[/\\\0-\x1f]")
_RENAME: Final = (
    'rename one of them, or choose with a pattern such as `documents: "documents/*.txt"`'
)


@dataclass(frozen=True, slots=True)
class DocumentPair:
    """A case before its files are read."""

    id: str
    documents: tuple[Path, ...]
    truth: Path | None
    """None where nobody said yet what is right."""
    schema: Path | None
    tags: tuple[str, ...]
    split: str | None
    group: str | None


@dataclass(frozen=True, slots=True)
class DocumentPairing:
    """All cases of a suite, and what was left over."""

    pairs: tuple[DocumentPair, ...]
    """In id order."""
    unlabelled: tuple[DocumentPair, ...]
    """Those without ground truth, in id order."""
    no_truth: Mapping[str, Problem]
    """The warning that one of these is left out, by id."""
    warnings: tuple[Problem, ...]

    def chosen(self, also: Container[str]) -> tuple[DocumentPair, ...]:
        """Return the pairs that are cases: those with a truth, and those that are named.

        All are where none has a truth.
        """
        more = [p for p in self.unlabelled if not self.pairs or p.id in also]
        return tuple(sorted((*self.pairs, *more), key=lambda pair: pair.id))


@dataclass(frozen=True, slots=True)
class _Sources:
    """The files a suite has, before they are put together."""

    documents: Mapping[str, tuple[Path, ...]] | None
    truths: ById
    schemas: ById | Path | None


def pair_up(settings: SuiteSettings, place: FilePlace, findings: Findings) -> DocumentPairing:
    """Find every case's files. Errors go to the findings, oddities to the warnings."""
    before = len(findings.problems)
    sources = _Sources(
        documents_by_id(settings, place, findings),
        truths_by_id(settings, place, findings),
        schemas_by_id(settings, place, findings),
    )
    if settings.content.cases is None:
        ids = sources.truths if sources.documents is None else sources.documents
        cases = [CaseFile(id=i) for i in ids]
    else:
        cases = settings.content.cases
    _check_ids(cases, settings, findings)
    labels = _labels(cases, settings, findings)
    pairs: dict[str, DocumentPair] = {}
    for number, case in enumerate(cases):
        own = Findings()
        parts = own.attempt(partial(_parts, case, sources, place))
        if own.problems:
            findings.add(own.problems, settings.where("cases", number))
        if parts is not None:
            pairs[nfc(case.id)] = _pair(case, parts, labels)
    ready = tuple(p for _, p in sorted(pairs.items()) if p.truth is not None)
    unlabelled = tuple(p for _, p in sorted(pairs.items()) if p.truth is None)
    odd = list(_orphans(sources, cases, settings))
    if not ready and len(findings.problems) == before:
        problem = _no_cases(settings, place, sources)
        is_fresh = bool(unlabelled) and not sources.truths
        (odd.append if is_fresh else lambda p: findings.add([p]))(problem)
    no_truth = dict(_no_truth([p.id for p in unlabelled], sources, settings, place))
    return DocumentPairing(ready, unlabelled, no_truth, tuple(odd))


@dataclass(frozen=True, slots=True)
class _Parts:
    documents: tuple[Path, ...]
    truth: Path | None
    schema: Path | None


def _parts(case: CaseFile, sources: _Sources, place: FilePlace) -> _Parts:
    """Return a case's files. Raises HarnessError with all that are missing."""
    findings = Findings()
    documents = findings.attempt(partial(_case_documents, case, sources, place))
    schema = findings.attempt(partial(_case_schema, case, sources.schemas, place))
    truth = sources.truths.get(nfc(case.id))
    if case.ground_truth is not None:
        truth = findings.attempt(partial(place.find, case.ground_truth, "ground truth"))
    findings.stop()
    return _Parts(documents or (), truth, schema)


def _case_schema(case: CaseFile, schemas: ById | Path | None, place: FilePlace) -> Path | None:
    if case.schema_ is not None:
        return place.find(case.schema_, "schema")
    if not isinstance(schemas, Mapping):
        return schemas
    if nfc(case.id) not in schemas:
        hint = near_name(case.id, schemas)
        what = f"case {case.id!r} has no schema of its own"
        raise HarnessError(Problem(what, "missing-file", hint=hint))
    return schemas[nfc(case.id)]


def _case_documents(case: CaseFile, sources: _Sources, place: FilePlace) -> tuple[Path, ...]:
    if case.documents is not None:
        return tuple(place.find(text, "document") for text in case.documents)
    if sources.documents is None:
        return ()
    documents = sources.documents.get(nfc(case.id), ())
    if len(documents) > 1:
        names = " and ".join(repr(place.name_of(p)) for p in documents)
        raise HarnessError(
            Problem(f"two documents for case {case.id!r}: {names}", "duplicate-case", hint=_RENAME)
        )
    if not documents:
        hint = did_you_mean(case.id, sources.documents) if sources.documents else None
        raise HarnessError(Problem(f"case {case.id!r} has no document", "missing-file", hint=hint))
    return documents


def _pair(case: CaseFile, parts: _Parts, labels: _Labels) -> DocumentPair:
    case_id = nfc(case.id)
    tags = (*labels.tags.get(EVERY_CASE, ()), *labels.tags.get(case_id, ()), *case.tags)
    return DocumentPair(
        case_id,
        parts.documents,
        parts.truth,
        parts.schema,
        tuple(dict.fromkeys(tags)),
        case.split or labels.split.get(case_id),
        case.group or labels.group.get(case_id),
    )


def _check_ids(cases: Iterable[CaseFile], settings: SuiteSettings, findings: Findings) -> None:
    ids: set[str] = set()
    for number, case in enumerate(cases):
        wrong: list[Problem] = []
        if nfc(case.id) in ids:
            wrong.append(Problem(f"two cases are called {case.id!r}", "duplicate-case"))
        ids.add(nfc(case.id))
        odd = _UNSPEAKABLE.search(case.id) or len(case.id) > _LONGEST_ID
        if odd or case.id.strip(" .") != case.id:
            hint = "ids become file names: no slash, no control character, no dot or space around"
            wrong.append(Problem(f"{case.id!r} cannot be a case's id", "bad-id", hint=hint))
        if wrong:
            findings.add(wrong, settings.where("cases", number, "id"))


@dataclass(frozen=True, slots=True)
class _Labels:
    tags: Mapping[str, list[str]]
    split: Mapping[str, str]
    group: Mapping[str, str]


def _labels(cases: Iterable[CaseFile], settings: SuiteSettings, findings: Findings) -> _Labels:
    ids = {nfc(case.id) for case in cases}

    def known(case_id: str, where: Where) -> str:
        if nfc(case_id) not in ids and ids:
            what = f"there is no case {case_id!r}"
            findings.add([Problem(what, "unknown-case", where, near_name(nfc(case_id), ids))])
        return nfc(case_id)

    tags = {
        i if i == EVERY_CASE else known(i, settings.where("tags", i)): given
        for i, given in settings.content.tags.items()
    }
    parts: dict[str, dict[str, str]] = {}
    for kind, named in (("split", settings.content.split), ("group", settings.content.group)):
        own = {nfc(case.id): getattr(case, kind) for case in cases}
        cases_of_label = parts.setdefault(kind, {})
        for name, listed in named.items():
            for number, given in enumerate(listed):
                where = settings.where(kind, name, number)
                case_id = known(given, where)
                first = own.get(case_id) or cases_of_label.setdefault(case_id, name)
                if first != name:
                    what = f"case {given!r} is in {kind} {first!r} already"
                    findings.add([Problem(what, f"two-{kind}s", where)])
    return _Labels(tags, parts["split"], parts["group"])


def _no_cases(settings: SuiteSettings, place: FilePlace, sources: _Sources) -> Problem:
    where = settings.where("cases")
    if sources.documents is not None and not sources.documents and not settings.content.cases:
        hint = "sub-folders are not searched: write a pattern such as `documents/**/*.txt`"
        return Problem("no documents found", "no-cases", where, hint)
    if not sources.truths:
        if settings.content.ground_truth is None:
            looked = " and ".join(str(shown_path(f)) for f in truth_folders(settings, place))
        else:
            looked = settings.content.ground_truth
        what = "no ground truth found: runs draft answers, and nothing is scored"
        hint = f"looked for `<case-id>.json` in {looked}; to make truths of drafts: harness review"
        return Problem(what, "no-cases", where, hint)
    hint = f"documents: {_some(sources.documents or ())}; ground truth: {_some(sources.truths)}"
    return Problem("no document has the name of a ground-truth file", "no-cases", where, hint)


def _some(names: Iterable[str]) -> str:
    first = sorted(names)
    return ", ".join(first[:3]) + (", ..." if len(first) > 3 else "")  # noqa: PLR2004  # a few


def _no_truth(
    unscored: Iterable[str], sources: _Sources, settings: SuiteSettings, place: FilePlace
) -> Iterable[tuple[str, Problem]]:
    """Yield the id of every case that cannot be scored, and the warning."""
    free = [i for i in sources.truths if i not in (sources.documents or {})]
    folder = shown_path(
        next((f for f in truth_folders(settings, place) if f.is_dir()), place.folder)
    )
    for case_id in unscored:
        paths = (sources.documents or {}).get(case_id, ())
        where = at(paths[0]) if paths else settings.where("cases")
        hint = did_you_mean(case_id, free) if free else None
        if not (hint and hint.startswith("did")):
            given = settings.content.ground_truth is not None
            ask = "harness run --drafts asks about it"
            hint = ask if given else f"add {folder / case_id}.json; {ask}"
        what = f"case {case_id!r} is left out: no ground truth"
        yield case_id, Problem(what, "no-truth", where, hint)


def _orphans(
    sources: _Sources, cases: Iterable[CaseFile], settings: SuiteSettings
) -> Iterable[Problem]:
    """Yield a warning for every truth nobody asks about, unless the suite lists its cases."""
    if settings.content.cases is not None:
        return
    known = {nfc(case.id) for case in cases}
    for case_id, path in sources.truths.items():
        if case_id not in known:
            what = f"there is no document {case_id!r}: the ground truth is not used"
            yield Problem(what, "orphan-truth", at(path))
