"""What earlier sessions of a ledger did, as far as a new one has to know."""

from __future__ import annotations

from collections.abc import Sequence

from harness.improve.ledger import Entry
from harness.improve.steps import asked_of
from harness.improve.versions import History


def failed_looks(entries: Sequence[Entry], session: int) -> int:
    """Return how many claims of earlier sessions have failed since the last that held."""
    looks = 0
    for entry in entries:
        if entry["step"] == "claim" and entry.get("session") != session:
            looks = 0 if entry["holds"] else looks + 1
    return looks


def replicates_asked(history: History, session: int) -> dict[str, int]:
    """Return how often each prompt was asked in earlier sessions, so that fresh is fresh."""
    known = {v.sha256: v.prompt for v in history.versions().values()}
    found: dict[str, int] = {}
    for entry in history.ledger.entries():
        if entry["step"] == "run" and entry.get("session") != session:
            prompt, number = known.get(str(entry["version"]), ""), entry["replicate"]
            if isinstance(number, int):
                found[prompt] = max(number, found.get(prompt, 0))
        for prompt, times in asked_of(entry).items():
            found[prompt] = max(times, found.get(prompt, 0))
    return found
