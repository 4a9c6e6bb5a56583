"""Sealed look: two versions on held-out documents; each look is counted before it is taken.

Every look wears the seal: what is chosen by it is no confirmation any more. So the attempt is in
the ledger before the first call, and every report says how many there were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.cases.discovery.splits import HOLDOUT, SPLITS, read_frozen
from harness.cases.files.places import at, reports_of
from harness.cases.load import with_prompt
from harness.cases.suite import Suite
from harness.errors import HarnessError, Problem
from harness.improve.search.improvement_session import (
    case_keys,
    held_out,
    keys_in_sessions,
    prompt_path,
)
from harness.improve.search.ledger_entries import claim_step
from harness.improve.trial.acceptance import Claim, confirm, contrast, figure_value
from harness.improve.trial.asking import Asker, folder_name
from harness.improve.trial.measurement import Measurement, measured
from harness.improve.trial.objective import MACRO, Objective
from harness.improve.versions.ledger import Lock, PromptLedger
from harness.improve.versions.versions import PromptHistory, Version
from harness.run.asking.orders import Orders, RunWatch
from harness.run.stored.stored_ledger import LedgerStep


@dataclass(frozen=True, slots=True)
class LookSides:
    """Versions that are looked at, and the extractor."""

    base: Version
    new: Version
    extractor: str
    replicates: int = 1


@dataclass(frozen=True, slots=True)
class LookResult:
    """Result of a look at the holdout."""

    look: int
    """Which one of the document that was looked at most often, from 1."""
    repeats: int
    """Cases that were looked at before."""
    figure: str
    """What the figure is called that was looked at: the one the improvement was judged by."""
    base_f1: float | None
    new_f1: float | None
    documents: int
    claim: Claim
    folder: Path
    """Where the answers are."""


def look(suite: Suite, sides: LookSides, orders: Orders, watch: RunWatch) -> LookResult:
    """Take a look at the holdout, and write down that it was taken.

    A look that was cut off before anything was shown is finished, and not counted again. Raises
    HarnessError where nothing is held out, where an improvement has asked about what is, or where
    a version is damaged: all of them are read before the look is counted, as its page shows them.
    """
    history = PromptHistory(prompt_path(suite))
    held = held_out(suite)
    if not held.cases:
        hint = "freeze one before the next edit: harness split"
        raise HarnessError(Problem("nothing is held out", "no-holdout", hint=hint))
    with Lock(history.folder / ".lock"):
        _refuse_seen(suite, held, history.ledger)
        prompts = history.prompts()
        both_sides = (prompts[each.sha256] for each in (sides.base, sides.new))
        suites = [held_out(with_prompt(suite, prompt)) for prompt in both_sides]
        number, looked_at = _announce(history, held, sides)
        serial = sum(e["step"] == HOLDOUT for e in history.ledger.entries())
        folder = reports_of(suite.folder) / f"holdout-{history.name}-{serial}"
        asker = Asker(sides.extractor, folder, orders, watch)
        base, new = ([_asked(asker, side, r) for r in _askings(sides)] for side in suites)
        objective = _judged_by(history.ledger)
        made = confirm(base, new, number, objective)
        verdict = claim_step("verdict", (sides.base, sides.new), made, number)
        verdict["runs"] = [run.as_record() for run in (*base, *new)]
        history.ledger.append(verdict)
    both = contrast(base, new).cases
    before, after = (figure_value(runs, both, objective) for runs in (base, new))
    count = len(held.cases)
    return LookResult(number, looked_at, objective.said, before, after, count, made, folder)


def _askings(sides: LookSides) -> range:
    return range(1, sides.replicates + 1)


def _asked(asker: Asker, suite: Suite, replicate: int) -> Measurement:
    assert suite.prompt is not None, "it was put there"  # noqa: S101
    predictions = asker.ask(suite, replicate)
    return measured(suite, predictions, folder_name(suite.prompt, replicate))


def _judged_by(ledger: PromptLedger) -> Objective:
    """Return the figure that the last improvement raised: what it claimed is what is confirmed."""
    starts = [entry for entry in ledger.entries() if entry["step"] == "start"]
    objective = starts[-1].get("objective") if starts else None
    return Objective(objective["by"], tuple(objective["focus"])) if objective else MACRO


def _refuse_seen(suite: Suite, held: Suite, ledger: PromptLedger) -> None:
    """Refuse to confirm on what the prompt was made from. Raises HarnessError with every case."""
    known = keys_in_sessions(ledger) | read_frozen(suite.folder).seen_documents.keys()
    hint = "it proves nothing here: harness split --release moves it to dev and holds out others"
    problems = [
        Problem(
            f"case {case.id!r} was seen by an improvement or feedback: it is no holdout",
            "seen-holdout",
            at(suite.folder / SPLITS),
            hint,
        )
        for case in held.cases
        if not known.isdisjoint(case_keys(held, case))
    ]
    if problems:
        raise HarnessError(*problems)


def _was_at(entry: LedgerStep, keys: set[str]) -> bool:
    """Tell whether a step is a look at a case; a look that does not say at what was at all."""
    if entry["step"] != "holdout":
        return False
    documents = entry.get("documents")
    return documents is None or not keys.isdisjoint(documents)


def _announce(history: PromptHistory, held: Suite, sides: LookSides) -> tuple[int, int]:
    """Write down that a look is taken, unless one that was cut off is the same.

    Returns the number of the look, and how many cases were looked at before.
    """
    about = {
        "documents": sorted({key for case in held.cases for key in case_keys(held, case)}),
        "base": sides.base.sha256,
        "version": sides.new.sha256,
        "extractor": sides.extractor,
        "replicates": sides.replicates,
    }
    entries = history.ledger.entries()
    last: Mapping[str, object] = entries[-1] if entries else {}
    is_cut_off = last.get("step") == HOLDOUT and all(last.get(k) == v for k, v in about.items())
    before = entries[:-1] if is_cut_off else entries
    keys = [case_keys(held, case) for case in held.cases]
    times = [sum(_was_at(entry, known) for entry in before) for known in keys]
    number = 1 + max(times)
    if not is_cut_off:
        history.ledger.append({"step": HOLDOUT, "look": number, **about})
    return number, sum(count > 0 for count in times)
