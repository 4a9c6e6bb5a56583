"""Cases and suites small enough to write down."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

from harness.cases.suite import Limits, Suite
from harness.core.records import Answer, Case, Document, Failure, FailureKind
from harness.core.values import Json
from harness.extract.build import Extractor
from harness.extract.reply.read_reply import read_reply


def document(name: str, text: str, folder: Path | None = None) -> Document:
    location = ""
    if folder is not None:
        (folder / name).write_text(text, encoding="utf-8")
        location = str(folder / name)
    return Document(name, hashlib.sha256(text.encode()).hexdigest(), text, location)


def case(case_id: str, *documents: Document) -> Case:
    return Case(case_id, documents or (document("a.txt", "rent 900"),), truth=None)


def suite(folder: Path, *cases: Case, limits: Limits | None = None) -> Suite:
    return Suite("rents", folder, folder, cases, {}, limits=limits or Limits())


def said(extractor: Extractor, one: Case) -> Answer | Failure:
    return asyncio.run(extractor.extract(one))


def answered(what: Answer | Failure) -> tuple[Json, tuple[str, ...]]:
    assert isinstance(what, Answer), what
    return what.value, what.repairs


def failed(what: Answer | Failure) -> tuple[FailureKind, str]:
    assert isinstance(what, Failure), what
    return what.kind, what.message


def value_in(reply: str | bytes) -> tuple[Json, tuple[str, ...]]:
    return answered(read_reply(reply, Limits()))


def failure_of(reply: str | bytes) -> tuple[FailureKind, str]:
    return failed(read_reply(reply, Limits()))
