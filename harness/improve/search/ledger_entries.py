"""Ledger steps: how each is written, and what a new session reads of earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from harness.cases.prompts.prompt import changed_sections, texts_of
from harness.cases.suite import Prompt
from harness.extract.endpoint.api_keys import without_keys
from harness.improve.trial.acceptance import Claim, Contrast, Noise
from harness.improve.trial.editor import Proposal, Reach
from harness.improve.trial.edits import without_secrets
from harness.improve.trial.guards import GuardReport
from harness.improve.trial.objective import Objective
from harness.improve.versions.versions import PromptHistory, Version
from harness.run.results.cost import usage_record
from harness.run.stored.stored_ledger import (
    ClaimStep,
    CompareStep,
    GuardStep,
    LedgerStep,
    NoiseStep,
    ProposeStep,
    ReachStep,
)


def noise_step(noise: Noise, objective: Objective) -> NoiseStep:
    """Return what two askings of one prompt differ in."""
    step: NoiseStep = {
        "step": "noise",
        "floor": noise.floor,
        "unsteady": {**noise.unsteady},
        "steady": noise.steady,
    }
    if objective.by != "macro":
        step["figure"] = objective.said
    return step


def reach_step(reach: Reach | None, why: str | None) -> ReachStep:
    """Return how far curing mistakes can lead, and why that is not enough, if it is not."""
    if reach is None:
        return {"step": "reach", "stop": why}
    return {
        "step": "reach",
        "macro_f1": reach.macro_f1,
        "most": reach.most,
        "doubted": reach.doubted,
        "given_up": reach.given_up,
        "stop": why,
    }


def propose_step(
    history: PromptHistory, parent: Version, before: Prompt, proposal: Proposal
) -> ProposeStep:
    """Keep a proposed version, and return what is written of it: no key, in whatever spelling."""
    proposal = without_secrets(before, proposal)
    version = history.record(proposal.prompt, parent)
    digests = {section.name: section.sha256 for section in proposal.prompt.sections}
    changed = changed_sections(before, proposal.prompt)
    old = texts_of(before)
    step: ProposeStep = {
        "step": "propose",
        "parent": parent.sha256,
        "version": version.sha256,
        "prompt": version.prompt,
        "sections": {name: digests.get(name) for name in changed},
        "added": [name for name in changed if name not in old],
        "why": proposal.why,
        "calls": proposal.calls,
        "usage": usage_record(proposal.usage),
        "asked": {**proposal.question_counts},
    }
    if proposal.meant:
        step["meant"] = [*proposal.meant]
    if proposal.estimate is not None:
        step["estimate"], step["figure"] = proposal.estimate, proposal.figure
    if proposal.refusals:
        step["refusals"] = [*proposal.refusals]
    return step


def guard_step(version: Version, report: GuardReport) -> GuardStep:
    """Return what the guards refuse of a version."""
    return {
        "step": "guard",
        "version": version.sha256,
        "refusals": [*map(without_keys, report.refusals)],
        "tokens_before": report.tokens_before,
        "tokens_after": report.tokens_after,
    }


def compare_step(
    kind: Literal["screen", "compare"],
    sides: tuple[Version, Version],
    change: Contrast,
    p: float | None,
) -> CompareStep:
    """Return two versions side by side, the base first; `p` is None where nothing was tested."""
    base, new = sides
    step: CompareStep = {
        "step": kind,
        "base": base.sha256,
        "version": new.sha256,
        "delta": change.delta,
        "p": p,
        "loss": change.loss,
        "documents": len(change.cases),
        "coverage": change.coverage,
        "fixed": change.fixed,
        "broken": change.worse,
        "fields": {flip.field: [flip.fixed, flip.broken] for flip in change.flips},
    }
    if change.shift:
        step["figure"], step["guard"] = change.shift.name, change.shift.guard
    return step


def claim_step(
    kind: Literal["claim", "verdict"], sides: tuple[Version, Version], claim: Claim, look: int
) -> ClaimStep:
    """Return what may be claimed of two versions, and on what it stands."""
    base, new = sides
    return {
        "step": kind,
        "base": base.sha256,
        "version": new.sha256,
        "holds": claim.holds,
        "rung": int(claim.rung),
        "delta": claim.delta,
        "interval": [claim.interval.low, claim.interval.high] if claim.interval else None,
        "p": claim.p,
        "alpha": claim.alpha,
        "look": look,
        "reason": claim.reason,
    }


def asked_of(entry: LedgerStep) -> dict[str, int]:
    """Return how often prompts were asked for a proposal, by digest."""
    if entry["step"] != "propose" or entry["version"] is None:
        return {}
    return entry.get("asked", {})


def failed_looks(entries: Sequence[LedgerStep], session: int) -> int:
    """Return how many claims of earlier sessions have failed since the last that held."""
    looks = 0
    for entry in entries:
        if entry["step"] == "claim" and entry.get("session") != session:
            looks = 0 if entry["holds"] else looks + 1
    return looks


def replicates_asked(history: PromptHistory, session: int) -> dict[str, int]:
    """Return how often each prompt was asked in earlier sessions, so that fresh is fresh."""
    known = {v.sha256: v.prompt for v in history.versions().values()}
    replicates: dict[str, int] = {}
    for entry in history.ledger.entries():
        if entry["step"] == "run" and entry.get("session") != session:
            prompt = known.get(entry["version"], "")
            replicates[prompt] = max(entry["replicate"], replicates.get(prompt, 0))
        for prompt, times in asked_of(entry).items():
            replicates[prompt] = max(times, replicates.get(prompt, 0))
    return replicates
