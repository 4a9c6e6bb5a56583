"""What was tried on a prompt before, by cluster, so that nobody tries it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from harness.cases.prompts.prompt import FIELDS, texts_of
from harness.core.values import Json
from harness.improve.diagnosis.clusters import Cluster
from harness.improve.feedback.bundle import PastAttempt
from harness.improve.versions.ledger import LedgerEntry
from harness.improve.versions.versions import PromptHistory

_DECISIONS: Final = ("keep", "reject", "undecided")


def attempts_on(
    clusters: Iterable[Cluster], history: PromptHistory
) -> dict[str, Sequence[PastAttempt]]:
    """Return the edits a prompt's ledger tells of, the latest last, by the id of a cluster.

    An edit was tried on a cluster if it changed the section of its field, or if answers to the
    field changed with it.
    """
    known = [(each, _fields(each)) for each in _edits(history.ledger.entries())]
    return {
        cluster.id: [
            _attempt(each, cluster.field, history)
            for each, fields in known
            if cluster.field in fields
        ]
        for cluster in clusters
    }


def _edits(entries: Iterable[LedgerEntry]) -> list[dict[str, LedgerEntry]]:
    """Return every proposal with what came of it; a version may be proposed more than once."""
    found: list[dict[str, LedgerEntry]] = []
    latest: dict[str, dict[str, LedgerEntry]] = {}
    for entry in entries:
        version, step = entry.get("version"), str(entry["step"])
        if not isinstance(version, str):
            continue
        if step == "propose":
            latest[version] = {}
            found.append(latest[version])
        if version in latest:
            latest[version]["decision" if step in _DECISIONS else step] = entry
    return found


def _fields(steps: Mapping[str, LedgerEntry]) -> set[str]:
    """Return the fields an edit spoke of, and those whose answers it changed."""
    sections, flips = steps["propose"].get("sections"), steps.get("compare", {}).get("fields")
    names = sections if isinstance(sections, dict) else {}
    own = {n.removeprefix(FIELDS).removesuffix(".md") for n in names if n.startswith(FIELDS)}
    return own | set(flips if isinstance(flips, dict) else ())


def _attempt(steps: Mapping[str, LedgerEntry], field: str, history: PromptHistory) -> PastAttempt:
    proposed = steps["propose"]
    sections = proposed.get("sections")
    names = sorted(sections) if isinstance(sections, dict) else []
    name = next((n for n in names if n == f"{FIELDS}{field}.md"), names[0] if names else "nothing")
    texts = texts_of(history.prompt(history.version(str(proposed["version"]))))
    others = f" (and {len(names) - 1} other sections)" if len(names) > 1 else ""
    measured: Mapping[str, Json] = steps.get("compare") or steps.get("screen") or {}
    delta = measured.get("delta")
    fixed, broken = _flips(measured, field)
    return PastAttempt(
        f"{name}: {' '.join(texts.get(name, 'taken away').split())}{others}",
        delta if isinstance(delta, int | float) else None,
        _verdict(steps),
        fixed,
        broken,
    )


def _flips(measured: Mapping[str, Json], field: str) -> tuple[int | None, int | None]:
    """Return in how many documents a field became right and wrong; None where nobody looked."""
    fields = measured.get("fields")
    if not isinstance(fields, dict):
        return None, None
    flips = fields.get(field)
    fixed, broken = [n for n in flips if isinstance(n, int)] if isinstance(flips, list) else (0, 0)
    return fixed, broken


def _verdict(steps: Mapping[str, LedgerEntry]) -> str:
    refusals = steps.get("guard", {}).get("refusals")
    if isinstance(refusals, list) and refusals:
        return f"refused: {'; '.join(map(str, refusals))}"
    decided = steps.get("decision")
    return f"{decided['step']}: {decided.get('reason', '')}" if decided else "not finished"
