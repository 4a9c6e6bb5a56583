"""Seen documents: those used by feedback or an improvement, which cannot confirm its result."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Final

from harness.cases.discovery.splits import read_frozen
from harness.cases.suite import Suite
from harness.errors import HarnessError
from harness.run.stored.stored_run import RunDocument

_HISTORY: Final = ".history"
_LEDGER: Final = "ledger.jsonl"


def ledger_of(suite: Suite, folder: Path) -> str | None:
    """Return where the ledger of a suite's prompt is, from a run's folder; None without a prompt.

    It need not be there: it is written by the first improvement.
    """
    if suite.prompt is None or suite.prompt.path is None:
        return None
    path = suite.prompt.path
    ledger = path.parent / _HISTORY / (path.name if path.is_dir() else path.stem) / _LEDGER
    return PurePath(os.path.relpath(ledger, folder.resolve())).as_posix()


def seen_documents(folder: Path, record: RunDocument) -> frozenset[str] | None:
    """Return the keys of all documents that feedback or an improvement has seen since.

    They are read from the suite's `splits.json` and the ledger of the run's prompt as they are
    now, whatever the run's own split said. None where these cannot be found: then nobody can say.
    """
    stored = record.get("ruler")
    if not stored:
        return None
    home = (folder.resolve() / stored["folder"]).resolve()
    if not home.is_dir():
        return None
    try:
        known = set(read_frozen(home).seen_documents)
    except HarnessError:
        return None
    ledger = stored.get("ledger")
    if ledger is not None:
        known |= _asked((folder.resolve() / ledger).resolve())
    return frozenset(known)


def _asked(ledger: Path) -> set[str]:
    """Return what the sessions of a ledger asked about; lines that cannot be read say nothing."""
    keys: set[str] = set()
    suite: object = None
    lines = ledger.read_bytes().split(b"\n") if ledger.is_file() else []
    for line in lines:
        with suppress(ValueError, RecursionError):
            entry = json.loads(line)
            if not isinstance(entry, dict):
                continue
            if entry.get("step") == "start":
                suite = entry.get("suite")
                keys.update(map(str, entry.get("documents") or ()))
            elif entry.get("step") == "run" and isinstance(entry.get("asked"), list):
                keys.update(f"case:{suite}/{case}" for case in entry["asked"])
    return keys
