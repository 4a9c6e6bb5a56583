"""Documents that have changed on disk since a run asked about them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from harness.run.stored.stored_run import RunDocument


def document_changes(folder: Path, record: RunDocument) -> tuple[str, ...]:
    """Return the names of a run's documents that hold something else now, in order.

    Only files that were written, moved or copied since the run began are read: a suite may have
    gigabytes of them. What is not there any more is no change.
    """
    ruler = record.get("ruler")
    if not ruler:
        return ()
    home = (folder.resolve() / ruler["folder"]).resolve()
    began = datetime.fromisoformat(record["started"]).timestamp()
    return tuple(
        name
        for name, digest in sorted(record["documents"].items())
        if _is_other(home / name, digest, began)
    )


def _is_other(file: Path, digest: str, began: float) -> bool:
    try:
        stat = file.stat()
        if max(stat.st_mtime, stat.st_ctime) < began or not file.is_file():
            return False
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() != digest
    except OSError:
        return False
