"""Document files of a stored run: where they lie today, beside the suite that was run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from harness.cases.files.places import at
from harness.core.records import Case, Document
from harness.errors import HarnessError, Problem
from harness.run.stored.stored_run import RunDocument


def with_file(document: Document, folder: Path, run: RunDocument) -> Document:
    """Return a stored document with the place of its file.

    Raises HarnessError where the run in `folder` does not say where its suite is. Whether the file
    is still the one that was read is seen by its digest, when it is opened.
    """
    ruler = run.get("ruler")
    if not ruler:
        what = "the run does not say where its documents lie"
        raise HarnessError(Problem(what, "no-documents", at(folder)))
    home = folder.resolve() / ruler["folder"]
    return replace(document, location=str((home / document.name).resolve()))


def with_files(cases: Iterable[Case], folder: Path, run: RunDocument) -> list[Case]:
    """Return stored cases whose documents have the place of their file, where the run says it."""
    if not run.get("ruler"):
        return list(cases)
    return [
        replace(case, documents=tuple(with_file(one, folder, run) for one in case.documents))
        for case in cases
    ]
