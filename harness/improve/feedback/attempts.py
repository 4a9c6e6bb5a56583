"""Past attempts on a prompt, by cluster, so that nobody tries them again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.cases.prompts.prompt import FIELDS, texts_of
from harness.improve.diagnosis.clusters import Cluster
from harness.improve.feedback.bundle import PastAttempt
from harness.improve.versions.versions import PromptHistory
from harness.run.stored.stored_ledger import (
    CompareStep,
    GuardStep,
    LedgerStep,
    ProposeStep,
    VerdictStep,
)


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


@dataclass(slots=True)
class _Edit:
    """A proposal and what came of it, the last of each kind."""

    propose: ProposeStep
    version: str
    guard: GuardStep | None = None
    comparison: CompareStep | None = None
    """On all documents, or else on some."""
    decision: VerdictStep | None = None

    def add(self, step: LedgerStep) -> None:
        """Note a later step about the same version."""
        if step["step"] == "guard":
            self.guard = step
        elif step["step"] == "compare":
            self.comparison = step
        elif step["step"] == "screen":
            is_whole = self.comparison is not None and self.comparison["step"] == "compare"
            self.comparison = self.comparison if is_whole else step
        elif step["step"] == "keep" or step["step"] == "reject" or step["step"] == "undecided":
            self.decision = step


def _edits(entries: Iterable[LedgerStep]) -> list[_Edit]:
    """Return every proposal with what came of it; a version may be proposed more than once."""
    edits: list[_Edit] = []
    latest: dict[object, _Edit] = {}
    for entry in entries:
        if entry["step"] == "propose" and entry["version"] is not None:
            latest[entry["version"]] = _Edit(entry, entry["version"])
            edits.append(latest[entry["version"]])
        elif (edit := latest.get(entry.get("version"))) is not None:
            edit.add(entry)
    return edits


def _fields(edit: _Edit) -> set[str]:
    """Return the fields an edit spoke of, and those whose answers it changed."""
    names, comparison = edit.propose.get("sections", {}), edit.comparison
    own = {n.removeprefix(FIELDS).removesuffix(".md") for n in names if n.startswith(FIELDS)}
    is_whole = comparison is not None and comparison["step"] == "compare"
    return own | set(comparison["fields"] if comparison is not None and is_whole else ())


def _attempt(edit: _Edit, field: str, history: PromptHistory) -> PastAttempt:
    names = sorted(edit.propose.get("sections", {}))
    name = next((n for n in names if n == f"{FIELDS}{field}.md"), names[0] if names else "nothing")
    texts = texts_of(history.prompt(history.version(edit.version)))
    others = f" (and {len(names) - 1} other sections)" if len(names) > 1 else ""
    fixed, broken = _flips(edit.comparison, field)
    return PastAttempt(
        f"{name}: {' '.join(texts.get(name, 'taken away').split())}{others}",
        edit.comparison["delta"] if edit.comparison is not None else None,
        _verdict(edit),
        fixed,
        broken,
    )


def _flips(comparison: CompareStep | None, field: str) -> tuple[int | None, int | None]:
    """Return in how many documents a field became right and wrong; None where nobody looked."""
    if comparison is None:
        return None, None
    fixed, broken = comparison["fields"].get(field, (0, 0))
    return fixed, broken


def _verdict(edit: _Edit) -> str:
    if edit.guard is not None and edit.guard["refusals"]:
        return f"refused: {'; '.join(edit.guard['refusals'])}"
    if edit.decision is None:
        return "not finished"
    return f"{edit.decision['step']}: {edit.decision.get('reason', '')}"
