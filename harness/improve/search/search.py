"""The search for a better prompt: propose, guard, try, keep or reject; claim only what holds.

Every step goes through the session, so that the search can be killed at any moment and started
again: it takes from the ledger what was done, and goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from harness.cases.discovery.splits import HOLDOUT
from harness.cases.prompts.few_shot_examples import example_cases
from harness.cases.prompts.prompt import changed_sections, texts_of
from harness.cases.suite import Prompt, Suite
from harness.improve.diagnosis.reach import given_up, out_of_reach
from harness.improve.search.ledger_entries import (
    asked_of,
    claim_step,
    compare_step,
    failed_looks,
    guard_step,
    noise_step,
    propose_step,
    reach_step,
    replicates_asked,
)
from harness.improve.trial.acceptance import (
    Claim,
    Contrast,
    Noise,
    TrialVerdict,
    claim,
    contrast,
    judge,
    noise,
    replicates_needed,
)
from harness.improve.trial.editor import Attempt, Brief, Editor, Proposal, TrialDesk
from harness.improve.trial.edits import edited, only, parts, screen
from harness.improve.trial.guards import GuardLimits, check_guards
from harness.improve.trial.limits import Aims, Purse, Spent, affordable, reached
from harness.improve.trial.measurement import Measurement, measured_from
from harness.improve.versions.ledger import LedgerSession
from harness.improve.versions.versions import PromptHistory, Version
from harness.run.stored.stored_ledger import (
    LedgerStep,
    MoveStep,
    ProposeStep,
    ReachStep,
    RunStep,
    StopStep,
    VerdictStep,
)


@dataclass
class SearchArm:
    """One version, and what is known of it."""

    prompt: Prompt
    version: Version
    runs: list[Measurement] = field(default_factory=list)
    """All of them."""
    fair: list[Measurement] = field(default_factory=list)
    """Those it was not chosen by."""

    @property
    def latest(self) -> Measurement:
        """The run that an edit of it starts from."""
        return (self.runs or self.fair)[-1]

    @property
    def standing(self) -> tuple[Measurement, ...]:
        """The runs that tell where it stands: those it was not chosen by, where there are any."""
        return tuple(self.fair or self.runs)


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """Result of a search."""

    reason: str
    """Why it is over."""
    start: Version
    best: Version
    claim: Claim | None
    """None where there is nothing better to claim, or no budget to make sure."""
    spent: Spent


_TRIES: Final = 2
"""How often an editor may answer to one brief: once more after it is told what was refused."""

_Step = TypeVar("_Step", bound=LedgerStep)
ProgressCallback = Callable[[LedgerStep], None]
"""Called with every step, those taken from the ledger included."""


class Search:
    """One improvement of one prompt."""

    def __init__(
        self,
        suite: Suite,
        history: PromptHistory,
        session: LedgerSession,
        aims: Aims,
        notify: ProgressCallback,
    ) -> None:
        """Take the suite as a whole, for the guards; what is asked is the desk's business."""
        self._suite, self._history, self._session = suite, history, session
        self._aims, self._told = aims, notify
        self._spent = Spent()
        self._noise = Noise()
        self._replicates: dict[str, int] = replicates_asked(history, session.number)
        self._attempts: list[Attempt] = []
        self._tried: set[str] = set()
        self._waiting: list[Mapping[str, str | None]] = []
        self._idle = 0
        self._proposals = 0
        self._looked: tuple[object, ...] = ()

    def run(
        self, desk: TrialDesk, editor: Editor, start: Version, bounds: GuardLimits
    ) -> SearchOutcome:
        """Search until something stops it, and make sure of what was found."""
        self._desk, self._editor, self._bounds = desk, editor, bounds
        first = SearchArm(self._history.prompt(start), start)
        self._tried.add(first.prompt.sha256)
        reason = self._begin(first)
        best = first
        while reason is None and (reason := self._over(best)) is None:
            edit = self._next(best)
            if edit is None:
                reason = "no edit is left to try"
                break
            best = self._try(best, *edit)
        made = self._make_sure(first, best) if best is not first else None
        if made is not None and made.holds and self._aims.promote:
            self._promote(first, best)
        stop: StopStep = {"step": "stop", "reason": reason, "best": best.version.sha256}
        self._step("stop", lambda: stop)
        return SearchOutcome(reason, start, best.version, made, self._spent)

    def _step(self, kind: str, make: Callable[[], _Step]) -> _Step:
        entry = self._session.step(kind, make)
        self._told(entry)
        return entry

    def _begin(self, first: SearchArm) -> str | None:
        """Ask twice with the prompt as it is: what differs is noise."""
        for replicate in (1, 2):
            if not affordable(self._aims, self._spent, len(self._suite_cases())):
                return self._unpriced() or "the budget does not buy a first look"
            first.fair.append(self._measure(first, replicate))
        self._noise = noise(first.fair[0], first.fair[1], self._aims.objective)
        self._step("noise", lambda: noise_step(self._noise, self._aims.objective))
        return None

    def _suite_cases(self) -> tuple[str, ...]:
        return tuple(case.id for case in self._suite.cases if case.split != HOLDOUT)

    def _measure(
        self, arm: SearchArm, replicate: int, cases: tuple[str, ...] | None = None
    ) -> Measurement:
        """Ask about the cases, once and for all: the ledger keeps what came of it."""

        def ask() -> RunStep:
            measurement, aim = (
                self._desk.measure(arm.prompt, replicate, cases),
                self._aims.objective,
            )
            version = arm.version.sha256
            step: RunStep = {
                "step": "run",
                "version": version,
                "replicate": replicate,
                **measurement.as_record(),  # type: ignore[typeddict-item]  # it has no key of a step
            }
            if aim.by != "macro":
                step["figure"] = {"name": aim.said, "value": measurement.figure(aim)}
            return step

        measurement = measured_from(self._step("run", ask))
        self._spent = self._spent.plus(measurement.calls, measurement.usage.usd)
        self._replicates[arm.prompt.sha256] = max(
            replicate, self._replicates.get(arm.prompt.sha256, 0)
        )
        return measurement

    def _fresh(self, arm: SearchArm) -> Measurement:
        """Ask again with a prompt, as nobody has before."""
        return self._measure(arm, self._replicates.get(arm.prompt.sha256, 0) + 1)

    def _unpriced(self) -> str | None:
        if self._aims.max_usd is None or self._spent.usd is not None:
            return None
        return "an answer has no known price, so the cap in dollars cannot be kept"

    def _over(self, best: SearchArm) -> str | None:
        """Return why the search is over; None while it goes on."""
        if (unpriced := self._unpriced()) is not None:
            return unpriced
        if self._reached(best):
            return "the target is reached"
        if not self._waiting:
            if self._idle >= self._aims.patience:
                return f"{self._idle} proposals in a row came to nothing"
            if (vain := self._out_of_reach(best)) is not None:
                return vain
        if not self._spare(self._dear() + 1):
            return "the budget buys no further edit"
        return None

    def _out_of_reach(self, best: SearchArm) -> str | None:
        """Return why no edit can do what is wanted; asked when what is left may be less."""
        known = (best.version.sha256, given_up(self._attempts))
        if known == self._looked:
            return None
        self._looked = known

        def look() -> ReachStep:
            reach = self._editor.reach(self._brief(best))
            is_macro = self._aims.objective.by == "macro"  # what reach is counted in
            target = self._aims.target if is_macro else None
            why = reach and out_of_reach(reach, target, self._noise.floor if is_macro else 0.0)
            return reach_step(reach, why or None)

        why = self._step("reach", look)["stop"]
        return str(why) if why else None

    def _spare(self, calls: int) -> bool:
        """Tell whether so many calls leave enough to make sure of what was found."""
        return affordable(self._aims, self._spent, calls + self._reserved())

    def _reserved(self) -> int:
        """Return the calls it takes to make sure."""
        size = len(self._suite_cases())
        return 2 * size * replicates_needed(size, self._noise)

    def _dear(self) -> int:
        """Return the calls it takes to try an edit, at most."""
        return (1 if self._noise.steady else 2) * len(self._suite_cases())

    def _reached(self, best: SearchArm) -> bool:
        """Tell whether the target is reached by answers the prompt was not chosen by."""
        if not reached(self._aims, best.standing):
            return False
        if not best.fair and not self._noise.steady:
            if not self._spare(len(self._suite_cases())):
                return False
            best.fair.append(self._fresh(best))
        return reached(self._aims, best.standing)

    def _next(self, best: SearchArm) -> tuple[Prompt, Version] | None:
        """Return the next edit that the guards let through."""
        while self._waiting:
            prompt = edited(best.prompt, self._waiting.pop(0))
            if prompt.sha256 not in self._tried:
                version = self._propose(best, Proposal(prompt, "part of the edit before"))
                return prompt, version
        refusals: tuple[str, ...] = ()
        for _ in range(_TRIES):
            edit, refusals = self._ask_editor(best, refusals)
            if edit is None or not refusals:
                return edit
        self._idle += 1
        return self._next(best) if self._idle < self._aims.patience else None

    def _ask_editor(
        self, best: SearchArm, refusals: tuple[str, ...]
    ) -> tuple[tuple[Prompt, Version] | None, tuple[str, ...]]:
        """Return an edit and what the guards say to it; no edit where the editor has none."""
        self._proposals += 1
        brief = self._brief(best, refusals)

        def propose() -> ProposeStep:
            proposal = self._editor.propose(brief)
            if proposal is None:
                return {"step": "propose", "version": None}
            return propose_step(self._history, best.version, best.prompt, proposal)

        entry = self._step("propose", propose)
        if entry["version"] is None:
            return None, ()
        version = self._history.version(entry["version"])
        prompt = self._history.prompt(version)
        self._spent = self._spent.plus(entry["calls"], entry["usage"]["usd"])
        for sha256, times in asked_of(entry).items():
            self._replicates[sha256] = max(times, self._replicates.get(sha256, 0))
        report = check_guards(self._suite, best.prompt, prompt, self._bounds)
        if broken := entry.get("refusals"):
            report = replace(report, refusals=tuple(broken))
        if prompt.sha256 in self._tried and not report.refusals:
            report = replace(report, refusals=("this version was tried before",))
        self._step("guard", lambda: guard_step(version, report))
        if report.refusals:
            self._note(best.prompt, prompt, "refused", "; ".join(report.refusals))
        return (prompt, version), report.refusals

    def _brief(self, best: SearchArm, refusals: tuple[str, ...] = ()) -> Brief:
        purse = Purse(self._aims, self._spent, self._reserved() + self._dear())
        attempts, number = tuple(self._attempts), self._proposals
        runs, aim = best.standing, self._aims.objective
        return Brief(best.prompt, best.latest, number, attempts, refusals, runs, purse, aim)

    def _propose(self, best: SearchArm, proposal: Proposal) -> Version:
        entry = self._step(
            "propose",
            lambda: propose_step(self._history, best.version, best.prompt, proposal),
        )
        return self._history.version(str(entry["version"]))

    def _try(self, best: SearchArm, prompt: Prompt, version: Version) -> SearchArm:
        """Try an edit; return it if it is kept, or else what was best before."""
        self._tried.add(prompt.sha256)
        arm = SearchArm(prompt, version)
        change, verdict = self._compared(best, arm)
        decision: VerdictStep = {
            "step": verdict.decision,
            "version": version.sha256,
            "reason": verdict.reason,
        }
        self._step(verdict.decision, lambda: decision)
        self._note(best.prompt, prompt, verdict.decision, verdict.reason)
        if verdict.decision == "keep":
            self._idle = 0
            return arm
        if not self._waiting:
            self._idle += 1
        self._waiting = [*parts(best.prompt, prompt, change), *self._waiting]
        return best

    def _compared(self, best: SearchArm, arm: SearchArm) -> tuple[Contrast, TrialVerdict]:
        replicate = self._replicates.get(arm.prompt.sha256, 0) + 1
        left_out = {*example_cases(best.prompt), *example_cases(arm.prompt)}
        some, sides = screen(best.prompt, arm.prompt, best.latest), (best.version, arm.version)
        first = self._measure(arm, replicate, some) if some else None
        if first is not None:
            base = best.fair or best.runs
            screened = [only(run, first) for run in base]
            change = contrast(screened, [first], left_out, self._aims.objective)
            if change.fixed <= change.worse and change.delta <= 0:
                verdict = TrialVerdict("reject", "nothing gained where it was meant to help", None)
                self._step("screen", lambda: compare_step("screen", sides, change, verdict.p))
                return change, verdict
            rest = tuple(c for c in self._suite_cases() if c not in first.case_ids)
            arm.runs.append(first + self._measure(arm, replicate, rest))
        else:
            arm.runs.append(self._measure(arm, replicate))
        if not best.fair:
            best.fair.append(best.runs[-1] if self._noise.steady else self._fresh(best))
        change = contrast(best.fair, arm.runs, left_out, self._aims.objective)
        verdict = judge(change, self._noise)
        self._step("compare", lambda: compare_step("compare", sides, change, verdict.p))
        return change, verdict

    def _note(self, before: Prompt, after: Prompt, decision: str, reason: str) -> None:
        names, texts = changed_sections(before, after), texts_of(after)
        changed_texts = {name: texts[name] for name in names if name in texts}
        self._attempts.append(Attempt(names, decision, reason, changed_texts))

    def _make_sure(self, first: SearchArm, best: SearchArm) -> Claim | None:
        """Ask both sides afresh, and say what holds."""
        left_out = {*example_cases(first.prompt), *example_cases(best.prompt)}
        size = len(self._suite_cases()) - len(left_out)
        each = replicates_needed(size, self._noise)
        calls = 2 * each * len(self._suite_cases())
        if not affordable(self._aims, self._spent, calls):
            return None
        base: list[Measurement] = []
        new: list[Measurement] = []
        for _ in range(each):
            base.append(self._fresh(first))
            new.append(self._fresh(best))
        look = 1 + failed_looks(self._history.ledger.entries(), self._session.number)
        made = claim(base, new, left_out, look, self._aims.objective)
        sides = first.version, best.version
        self._step("claim", lambda: claim_step("claim", sides, made, look))
        return made

    def _promote(self, first: SearchArm, best: SearchArm) -> None:
        """Put the prompt in place, unless somebody has changed the one that was there."""
        move: MoveStep = {
            "step": "promote",
            "base": first.version.sha256,
            "version": best.version.sha256,
        }
        self._step("promote", lambda: move)
        if self._history.current() == first.version:
            self._history.restore(best.version)
