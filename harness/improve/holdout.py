"""The sealed look: two versions on documents that nobody has looked at, counted before it is taken.

Every look wears the seal: what is chosen by it is no confirmation any more. So the attempt is in
the ledger before the first call, and every report says how many there were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from harness.cases.digest import canonical
from harness.cases.load import with_prompt
from harness.cases.suite import Suite
from harness.core.stats import mean
from harness.core.values import Json
from harness.errors import HarnessError, Problem
from harness.improve.acceptance import Claim, confirm, contrast
from harness.improve.desk import Asker, folder_name
from harness.improve.improvement import held_out, prompt_path
from harness.improve.ledger import Entry, Lock
from harness.improve.measured import Measured, measured
from harness.improve.steps import claim_step
from harness.improve.versions import History, Version
from harness.run.orders import Orders, Watch


@dataclass(frozen=True, slots=True)
class Sides:
    """Which versions are looked at, and with whom."""

    base: Version
    new: Version
    extractor: str
    replicates: int = 1


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look has shown."""

    look: int
    """Which one of this holdout, from 1."""
    base_f1: float | None
    new_f1: float | None
    documents: int
    claim: Claim


def look(suite: Suite, sides: Sides, orders: Orders, watch: Watch) -> Looked:
    """Take a look at the holdout, and write down that it was taken.

    A look that was cut off before anything was shown is finished, and not counted again. Raises
    HarnessError where nothing is held out.
    """
    history = History(prompt_path(suite))
    held = held_out(suite)
    if not held.cases:
        hint = "freeze one before the next edit: harness split"
        raise HarnessError(Problem("nothing is held out", "no-holdout", hint=hint))
    with Lock(history.folder / ".lock"):
        number = _announce(history, held, sides)
        folder = suite.project / "reports" / f"holdout-{history.name}-{number}"
        asker = Asker(sides.extractor, folder, orders, watch)
        base = [_asked(history, suite, asker, sides.base, r) for r in _askings(sides)]
        new = [_asked(history, suite, asker, sides.new, r) for r in _askings(sides)]
        made = confirm(base, new, number)
        said = claim_step(sides.base, sides.new, made, number)
        runs: list[Json] = [run.as_json() for run in (*base, *new)]
        history.ledger.append({"step": "verdict", **said, "runs": runs})
    seen = contrast(base, new).cases
    return Looked(number, _mean(base, seen), _mean(new, seen), len(held.cases), made)


def _askings(sides: Sides) -> range:
    return range(1, sides.replicates + 1)


def _asked(
    history: History, whole: Suite, asker: Asker, version: Version, replicate: int
) -> Measured:
    prompt = history.prompt(version)
    suite = held_out(with_prompt(whole, prompt))
    said = asker.ask(suite, replicate)
    return measured(suite, said, folder_name(prompt, replicate))


def _mean(runs: list[Measured], cases: Sequence[str]) -> float | None:
    """Return macro F1 over the cases that count in the claim: one figure, one set of documents."""
    marks = [run.marks[case].f1 for run in runs for case in cases]
    return mean([1.0 if f1 is None else f1 for f1 in marks])


def looks(entries: list[Entry], holdout: str) -> list[Entry]:
    """Return the looks at a holdout that were begun."""
    return [e for e in entries if e["step"] == "holdout" and e["holdout"] == holdout]


def digest_of(held: Suite) -> str:
    """Return what a holdout is known by: its documents, whatever is said about them."""
    documents: list[Json] = [[case.id, *(d.sha256 for d in case.documents)] for case in held.cases]
    return sha256(canonical(documents).encode()).hexdigest()


def _announce(history: History, held: Suite, sides: Sides) -> int:
    """Write down that a look is taken, unless one that was cut off is the same."""
    entries, name = history.ledger.entries(), digest_of(held)
    about: Entry = {
        "holdout": name,
        "base": sides.base.sha256,
        "version": sides.new.sha256,
        "extractor": sides.extractor,
        "replicates": sides.replicates,
    }
    before = looks(entries, name)
    number = len(before) + 1
    last = entries[-1] if entries else {}
    if last.get("step") == "holdout" and all(last.get(k) == v for k, v in about.items()):
        return number - 1
    history.ledger.append({"step": "holdout", "look": number, **about})
    return number
