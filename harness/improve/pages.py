"""What a page about an improvement is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.cases.prompts.prompt import texts_of
from harness.improve.ledger import Entry
from harness.improve.versions import History


def last_session(entries: Sequence[Entry]) -> list[Entry]:
    """Return the steps of the last improvement, and everything that came after it."""
    starts = [number for number, entry in enumerate(entries) if entry["step"] == "start"]
    return list(entries[starts[-1] :]) if starts else []


def texts_by_version(history: History, entries: Sequence[Entry]) -> Mapping[str, Mapping[str, str]]:
    """Return the texts of every version that steps speak of."""
    named = {str(entry["version"]) for entry in entries if entry.get("version")}
    kept = history.versions()
    return {name: texts_of(history.prompt(kept[name])) for name in named if name in kept}
