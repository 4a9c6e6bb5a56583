"""Stale runs: truths, rules or goals changed on disk since a run was scored."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePath

from harness.cases.discovery.current_ruler import (
    RulerDigests,
    current_digests,
    current_goals,
    digests_of,
)
from harness.cases.files.places import shown_path
from harness.cases.suite import Suite
from harness.core.rules.goal_tiers import WithGoals
from harness.errors import HarnessError
from harness.run.history.seen_documents import ledger_of
from harness.run.selection import selected_ids, stored_words
from harness.run.stored.stored_run import RulerRecord, RunDocument


@dataclass(frozen=True, slots=True)
class TruthChanges:
    """Changes on disk since a run was scored, of the cases that it selects."""

    run: str
    """The run's folder, as it can be typed."""
    suite: str
    """The suite's folder, likewise."""
    changed: tuple[str, ...] = ()
    """Ids of cases whose truth, schema or own rules are others now, in order."""
    reviews: bool = False
    """It may be what is reviewed of them that has changed."""
    gone: tuple[str, ...] = ()
    """Ids of cases that the suite does not have any more, in order."""
    rules: bool = False
    """The suite's rules are others now."""
    added: tuple[str, ...] = ()
    """Ids of cases that the suite has by now and the run was never asked about, in order."""
    unchecked: str | None = None
    """Why nobody can tell; None where it was looked."""

    @property
    def is_stale(self) -> bool:
        """True where the run's figures are not those of today's truths and rules."""
        return bool(self.changed or self.gone or self.rules or self.added)


def ruler_record(suite: Suite, folder: Path) -> RulerRecord:
    """Return what `run.json` keeps of what a suite judges by: digests, and where the suite is."""
    digests = digests_of(suite)
    return {
        "folder": PurePath(os.path.relpath(suite.folder, folder.resolve())).as_posix(),
        "rules": digests.rules,
        "cases": dict(digests.cases),
        "left_out": None if suite.left_out is None else list(suite.left_out),
        "ledger": ledger_of(suite, folder),
    }


def truth_changes(
    folder: Path, record: RunDocument, known: dict[Path, RulerDigests] | None = None
) -> TruthChanges | None:
    """Return what has changed since a run was scored; None where its record cannot say.

    `record` is the run's. `known` keeps what was read of a suite, for several runs of one.
    """
    stored = record.get("ruler")
    if not stored:
        return None
    home = (folder.resolve() / stored["folder"]).resolve()
    names = str(shown_path(folder)), str(shown_path(home))
    if not home.is_dir():
        return TruthChanges(*names, unchecked=f"{names[1]} is not there")
    try:
        digests = _read(home, str(record["suite"]), {} if known is None else known)
    except HarnessError as error:
        return TruthChanges(*names, unchecked=str(error.problems[0]).split("\n")[0])
    cases = stored["cases"]
    if not digests.cases:
        return TruthChanges(*names, unchecked=f"{names[1]} has no cases")
    known_keys = [key for key in sorted(cases) if key in digests.cases]
    changed = tuple(key for key in known_keys if digests.cases[key] != cases[key])
    return TruthChanges(
        *names,
        changed=changed,
        reviews=not digests.reviewed.isdisjoint(changed),
        gone=tuple(key for key in sorted(cases) if key not in digests.cases),
        added=_added(record, stored, digests),
        rules=digests.rules != stored["rules"],
    )


def goals_today(folder: Path, record: RunDocument) -> WithGoals | None:
    """Return what the suite of a run asks of scores by now; None where its file is not there.

    `record` is the run's.
    """
    stored = record.get("ruler")
    if not stored:
        return None
    try:
        return current_goals((folder.resolve() / stored["folder"]).resolve(), str(record["suite"]))
    except HarnessError:
        return None


def _added(record: RunDocument, stored: RulerRecord, digests: RulerDigests) -> tuple[str, ...]:
    """Return the cases that the run would ask about today and was not asked about.

    A run of the first few cases was never meant to be of all.
    """
    request, left_out = stored_words(record.get("asked", {})), stored.get("left_out")
    if left_out is None or request.selection.limit is not None:
        return ()
    known = stored["cases"].keys() | set(left_out)
    return tuple(
        key
        for key in selected_ids(digests.tags, request.selection)
        if key not in known and (request.drafts or key not in digests.drafts)
    )


def _read(home: Path, name: str, known: dict[Path, RulerDigests]) -> RulerDigests:
    if home not in known:
        known[home] = current_digests(home, name)
    return known[home]
