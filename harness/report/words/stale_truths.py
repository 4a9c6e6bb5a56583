"""A run whose truths or rules have changed since it was scored, in words."""

from __future__ import annotations

from harness.core import number_text
from harness.core.inert_text import inert
from harness.run.history.truth_changes import TruthChanges

_NAMED = 3
"""Cases that are named; the others are counted."""


def stale(changes: TruthChanges) -> str | None:
    """Return what has changed since a run was scored, as a sentence; None where nothing has."""
    if not changes.is_stale:
        return None
    parts: list[str] = []
    if changes.changed:
        what = "truth" if len(changes.changed) == 1 else "truths"
        has = "has" if len(changes.changed) == 1 else "have"
        its = "it" if len(changes.changed) == 1 else "them"
        also = f", or what is reviewed of {its}," if changes.reviews else ""
        parts.append(f"the {what} of {_names(changes.changed)}{also} {has} changed")
    if changes.rules:
        parts.append("the suite's rules have changed")
    if changes.gone:
        verb = "is no case" if len(changes.gone) == 1 else "are no cases"
        parts.append(f"{_names(changes.gone)} {verb} of the suite any more")
    if changes.added:
        has = "has" if len(changes.added) == 1 else "have"
        parts.append(f"{_names(changes.added)} {has} come into the suite, never asked about")
    return f"Since this run was scored {'; '.join(parts)}: its figures are of the old."


def old_documents(names: tuple[str, ...]) -> str | None:
    """Return which documents have changed since a run, as a sentence; None where none has.

    >>> old_documents(("documents/a.txt",))
    'documents/a.txt has changed since this run asked about it: its answers are about the old one'
    """
    if not names:
        return None
    has, it, one = ("has", "it", "one") if len(names) == 1 else ("have", "them", "ones")
    since = f"{has} changed since this run asked about {it}"
    return f"{_names(names)} {since}: its answers are about the old {one}"


def rescore_hint(changes: TruthChanges) -> str:
    """Return the command that brings the run up to what is on disk; it asks about new cases."""
    run, suite = inert(changes.run), inert(changes.suite)
    if changes.added:
        return f"harness run {suite} --resume {run}"
    return f"harness rescore {run} --suite {suite}"


def unchecked(changes: TruthChanges) -> str | None:
    """Return why nobody can tell whether a run is of today's truths; None where it was looked."""
    if changes.unchecked is None:
        return None
    why = inert(changes.unchecked)
    return f"whether truths or rules have changed since the run cannot be checked: {why}"


def _names(ids: tuple[str, ...]) -> str:
    shown = ", ".join(inert(key) for key in ids[:_NAMED])
    more = len(ids) - _NAMED
    return f"{shown} and {number_text.count(more)} more" if more > 0 else shown
