"""How each step is written into the ledger, and what a new session reads of earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from harness.cases.prompts.prompt import changed_sections, texts_of
from harness.cases.suite import Prompt
from harness.core.values import Json
from harness.improve.trial.acceptance import Claim, Contrast, Noise, TrialVerdict
from harness.improve.trial.editor import Proposal, Reach
from harness.improve.trial.guards import GuardReport
from harness.improve.trial.objective import Objective
from harness.improve.versions.ledger import LedgerEntry
from harness.improve.versions.versions import PromptHistory, Version


def noise_step(noise: Noise, objective: Objective) -> dict[str, Json]:
    """Return what two askings of one prompt differ in."""
    found: dict[str, Json] = {"floor": noise.floor, "unsteady": {**noise.unsteady}}
    named: dict[str, Json] = {} if objective.by == "macro" else {"figure": objective.said}
    return {**found, "steady": noise.steady, **named}


def reach_step(found: Reach | None, why: str | None) -> dict[str, Json]:
    """Return how far curing mistakes can lead, and why that is not enough, if it is not."""
    return {**(asdict(found) if found is not None else {}), "stop": why}


def propose_step(
    history: PromptHistory, parent: Version, before: Prompt, proposal: Proposal
) -> dict[str, Json]:
    """Keep a proposed version, and return what is written of it."""
    version = history.record(proposal.prompt, parent)
    digests = {section.name: section.sha256 for section in proposal.prompt.sections}
    changed = changed_sections(before, proposal.prompt)
    old = texts_of(before)
    return {
        "parent": parent.sha256,
        "version": version.sha256,
        "prompt": version.prompt,
        "sections": {name: digests.get(name) for name in changed},
        "added": [name for name in changed if name not in old],
        "why": proposal.why,
        **({"meant": [*proposal.meant]} if proposal.meant else {}),
        **({"estimate": proposal.estimate} if proposal.estimate is not None else {}),
        "calls": proposal.calls,
        "usage": asdict(proposal.usage),
        "asked": {**proposal.asked},
        **({"refusals": [*proposal.refusals]} if proposal.refusals else {}),
    }


def guard_step(version: Version, found: GuardReport) -> dict[str, Json]:
    """Return what the guards said."""
    return {
        "version": version.sha256,
        "refusals": [*found.refusals],
        "tokens_before": found.tokens_before,
        "tokens_after": found.tokens_after,
    }


def compare_step(
    base: Version, new: Version, seen: Contrast, verdict: TrialVerdict
) -> dict[str, Json]:
    """Return two versions side by side."""
    return {
        "base": base.sha256,
        "version": new.sha256,
        "delta": seen.delta,
        **({"figure": seen.shift.name, "guard": seen.shift.guard} if seen.shift else {}),
        "p": verdict.p,
        "loss": seen.loss,
        "documents": len(seen.cases),
        "coverage": seen.coverage,
        "fixed": seen.fixed,
        "broken": seen.worse,
        "fields": {flip.field: [flip.fixed, flip.broken] for flip in seen.flips},
    }


def claim_step(base: Version, new: Version, made: Claim, look: int) -> dict[str, Json]:
    """Return what may be said of two versions, and on what it stands."""
    return {
        "base": base.sha256,
        "version": new.sha256,
        "holds": made.holds,
        "rung": int(made.rung),
        "delta": made.delta,
        "interval": [made.interval.low, made.interval.high] if made.interval else None,
        "p": made.p,
        "alpha": made.alpha,
        "look": look,
        "reason": made.reason,
    }


def asked_of(entry: LedgerEntry) -> dict[str, int]:
    """Return how often prompts were asked for a proposal, by digest."""
    found = entry.get("asked")
    known = found.items() if isinstance(found, dict) else ()
    return {prompt: times for prompt, times in known if isinstance(times, int)}


def refusals_of(entry: LedgerEntry) -> tuple[str, ...]:
    """Return why what an editor left is no prompt; empty if it is one."""
    found = entry.get("refusals")
    return tuple(map(str, found)) if isinstance(found, list) else ()


def cost_of(entry: LedgerEntry) -> tuple[int, float | None]:
    """Return the calls of a step and what they cost; None where nobody knows."""
    calls, usage = entry["calls"], entry["usage"]
    assert isinstance(calls, int)  # noqa: S101  # we wrote it
    assert isinstance(usage, dict)  # noqa: S101  # we wrote it
    usd = usage["usd"]
    return calls, usd if isinstance(usd, int | float) else None


def failed_looks(entries: Sequence[LedgerEntry], session: int) -> int:
    """Return how many claims of earlier sessions have failed since the last that held."""
    looks = 0
    for entry in entries:
        if entry["step"] == "claim" and entry.get("session") != session:
            looks = 0 if entry["holds"] else looks + 1
    return looks


def replicates_asked(history: PromptHistory, session: int) -> dict[str, int]:
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
