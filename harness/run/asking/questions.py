"""Questions of a run, and the digest of all that can change the answer to one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Final

from harness.cases.digest import canonical, document_digest
from harness.cases.suite import ExtractorSpec, RecordedAnswers, Suite
from harness.core.records import Case, Document
from harness.core.values import Json

_NO_MATTER: Final = frozenset({"seconds", "key_env", "key_file", "header_env", "header_file"})
"""Settings of an extractor that cannot change what an answer says."""


@dataclass(frozen=True, slots=True)
class CaseQuestion:
    """One question: a case, and which asking of it this is."""

    case: Case
    replicate: int
    input_sha256: str | None
    """Of everything that can change the answer; None where asking again costs nothing."""
    afresh: bool = False
    """True where a cached reply must not be used."""

    @property
    def name(self) -> tuple[str, int]:
        """Case id and replicate that its prediction is stored under."""
        return self.case.id, self.replicate


def questions(suite: Suite, extractor: str, replicates: int) -> list[CaseQuestion]:
    """Return what a run asks: every case, then every case once more for each further replicate."""
    digests = _digests(suite.extractors[extractor], suite)
    return [
        CaseQuestion(case, replicate, digest)
        for replicate in range(1, replicates + 1)
        for case, digest in zip(suite.cases, digests, strict=True)
    ]


def _digests(spec: ExtractorSpec, suite: Suite) -> list[str] | list[None]:
    if isinstance(spec, RecordedAnswers):
        return [None for _ in suite.cases]
    shared = _shared(spec, suite)
    schemas = {id(case.schema): case.schema for case in suite.cases}
    known = {key: _sha256(schema) for key, schema in schemas.items()}
    return [
        _sha256([shared, case.id, known[id(case.schema)], _documents(case.documents)])
        for case in suite.cases
    ]


def _shared(spec: ExtractorSpec, suite: Suite) -> Json:
    """Return what all cases share: extractor, prompt, examples, ways of reading documents."""
    examples: list[Json] = [
        [example.case_id, _documents(example.documents), example.answer]
        for example in suite.examples
    ]
    prompt = suite.prompt.sha256 if suite.prompt else None
    return _sha256([_plain(spec, suite.project), prompt, examples])


def _documents(documents: Iterable[Document]) -> Json:
    return [[document.name, document_digest(document)] for document in documents]


def _sha256(value: Json) -> str:
    return hashlib.sha256(canonical(value).encode(errors="surrogatepass")).hexdigest()


def _plain(value: object, project: Path) -> Json:
    """Return a record as JSON, the same wherever the project lies."""
    if is_dataclass(value):
        names = [each.name for each in fields(value) if each.name not in _NO_MATTER]
        return {name: _plain(getattr(value, name), project) for name in names}
    if isinstance(value, Mapping):
        return {str(key): _plain(item, project) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item, project) for item in value]
    if isinstance(value, Path):
        inside = value.is_relative_to(project)
        return value.relative_to(project).as_posix() if inside else value.as_posix()
    return value if isinstance(value, str | int | float | None) else repr(value)
