"""Improvements of a prompt whose true worth is known, run by the real search."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Final

from harness.cases.prompts.prompt import prompt_of, texts_of, with_section, write_prompt
from harness.cases.suite import Prompt, Suite
from harness.core.outcomes import Outcome
from harness.core.records import Case, Document, Usage
from harness.core.values import Json
from harness.improve.search.improvement_session import held_out, visible_changes
from harness.improve.search.search import Search, SearchOutcome
from harness.improve.trial.acceptance import Claim, confirm
from harness.improve.trial.editor import Brief, Proposal
from harness.improve.trial.guards import default_bounds
from harness.improve.trial.limits import Aims
from harness.improve.trial.measurement import LOSS, CaseMark, Measurement
from harness.improve.versions.ledger import open_session
from harness.improve.versions.versions import PromptHistory
from harness.run.stored.stored_ledger import LedgerStep

USER: Final = "Read it.\n{% for field in fields %}{{ field.description }}{% endfor %}{{ document }}"


@dataclass(frozen=True, slots=True)
class World:
    """How good the extractor is, how steady, and whom an edit helps."""

    documents: int
    """Those an edit is searched on."""
    fields: int = 10
    skill: float = 0.6
    """Share of the fields that the prompt at the start gets right."""
    flips: float = 0.05
    """Share of the fields that come out the other way at each asking."""
    taste: float = 0.0
    """By how much more an edit is worth to one document, and less to another."""
    fitted: float = 0.0
    """How much oftener an edit suits than hurts a document its writer saw: 1 is always."""
    held: int = 0
    """Documents that are held out: nobody sees them, and an edit suits half of them."""

    def names(self) -> list[str]:
        return [f"f{number}" for number in range(self.fields)]

    def suite(self, folder: Path) -> Suite:
        """Return a suite of so many documents, and put its prompt on disk."""
        prompt = prompt_of("toy", {"user.md": USER}, folder / "prompts" / "toy")
        write_prompt(prompt, folder / "prompts" / "toy")
        properties: dict[str, Json] = {name: {"type": "string"} for name in self.names()}
        schema: Json = {"type": "object", "properties": properties}
        cases = tuple(self._case(n, schema) for n in range(self.documents + self.held))
        return Suite("toy", folder, folder, cases, {}, prompt=prompt)

    def _case(self, number: int, schema: Json) -> Case:
        truth: dict[str, Json] = dict.fromkeys(self.names(), "yes")
        document = Document(f"{number}.txt", f"{number:064}", f"Document number {number}.")
        split = "holdout" if number >= self.documents else None
        return Case(f"d{number:03}", (document,), truth, schema, split=split)


@dataclass
class SimulatedDesk:
    """Asks an extractor that gets a field right where the prompt's skill reaches its difficulty."""

    world: World
    suite: Suite
    seed: int
    asked: list[tuple[str, int, str]] = field(default_factory=list)
    """Every question: version, replicate and case."""

    def measure(
        self, prompt: Prompt, replicate: int, cases: tuple[str, ...] | None = None
    ) -> Measurement:
        chosen = [c for c in self.suite.cases if cases is None or c.id in cases]
        self.asked += [(prompt.sha256, replicate, case.id) for case in chosen]
        marks = {case.id: self._mark(self.say(case, prompt, replicate)) for case in chosen}
        asked = tuple(marks)
        return Measurement(marks, asked, usage=Usage(), calls=len(asked))

    def say(self, case: Case, prompt: Prompt, replicate: int) -> dict[str, bool]:
        """Return which fields an asking gets right."""
        luck = random.Random(f"{self.seed} {case.id} {prompt.sha256} {replicate}")
        rights = zip(self.world.names(), self._rights(case, prompt), strict=True)
        return {name: right != (luck.random() < self.world.flips) for name, right in rights}

    def _mark(self, said: dict[str, bool]) -> CaseMark:
        """Return what scoring an answer comes to, at a tenth of its price; a test compares them."""
        wrong = {name: 1 for name, right in said.items() if not right}
        f1 = (len(said) - len(wrong)) / len(said)
        return CaseMark(f1, len(wrong) * LOSS[Outcome.WRONG_VALUE], wrong)

    def _rights(self, case: Case, prompt: Prompt) -> list[bool]:
        """Return what the extractor gets right but for its flips."""
        difficulty = random.Random(f"{self.seed} {case.id}")
        skill = self.world.skill + self._gain(case, prompt)
        return [difficulty.random() < skill for _ in range(self.world.fields)]

    def _gain(self, case: Case, prompt: Prompt) -> float:
        """Return what a prompt's sections are worth to one document: what they say, and taste."""
        seen = 0.0 if case.split == "holdout" else self.world.fitted
        gain = 0.0
        for name, text in texts_of(prompt).items():
            if text.startswith("worth "):
                luck = random.Random(f"{self.seed} {case.id} {name} {text}")
                suits = luck.random() < (1 + seen) / 2
                gain += float(text.partition("worth ")[2])
                gain += self.world.taste if suits else -self.world.taste
        return gain

    def truly(self, prompt: Prompt) -> float:
        """Return the macro F1 that a prompt has on these very documents, on average of askings."""
        rights = [sum(self._rights(case, prompt)) for case in self.suite.cases]
        return fmean(rights) / self.world.fields * (1 - 2 * self.world.flips) + self.world.flips


@dataclass(frozen=True, slots=True)
class Worths:
    """An editor whose edits are worth what it is told, one after the other."""

    worths: tuple[float, ...]

    def propose(self, brief: Brief) -> Proposal | None:
        if brief.number > len(self.worths):
            return None
        name = f"fields/f{brief.number % 10}.md"
        text = f"worth {self.worths[brief.number - 1]:.4f}{' ' * (brief.number // 10)}"
        return Proposal(with_section(brief.prompt, name, text))

    def reach(self, _: Brief) -> None:
        """Nobody knows: a simulation reads no answers."""


@dataclass(frozen=True, slots=True)
class Improved:
    """What an improvement came to, and what is true."""

    found: SearchOutcome
    gain: float
    """Of the best prompt, on the documents it was searched on."""
    looked: Claim | None
    """The first look at the holdout with what was claimed; None where there was none."""


def simulate(world: World, worths: tuple[float, ...], seed: int, folder: Path) -> Improved:
    """Improve a toy prompt by edits of known worth, and look at the holdout if it is claimed."""
    suite = world.suite(folder)
    history = PromptHistory(folder / "prompts" / "toy")
    start = history.current()
    session = open_session(history.ledger, {"version": start.sha256, "seed": seed})
    search = Search(suite, history, session, Aims(), _unheard)
    desk = SimulatedDesk(world, visible_changes(suite), seed)
    before = history.prompt(start)
    found = search.run(desk, Worths(worths), start, default_bounds(before))
    after = history.prompt(found.best)
    looked = None
    if world.held and found.claim is not None and found.claim.holds:
        held = SimulatedDesk(world, held_out(suite), seed)
        sides = [[held.measure(prompt, number) for number in (1, 2)] for prompt in (before, after)]
        looked = confirm(sides[0], sides[1], 1)
    return Improved(found, desk.truly(after) - desk.truly(before), looked)


def differences(world: World, worth: float, times: int) -> list[float]:
    """Return differences of a document's F1 that an edit of some worth makes, of two askings each.

    They vary from document to document, since an edit helps some more than others, and by chance.
    """
    luck = random.Random(0)
    return [_difference(world, worth, luck) for _ in range(times)]


def _difference(world: World, worth: float, luck: random.Random) -> float:
    difficulties = [luck.random() for _ in range(world.fields)]

    def asked(skill: float) -> float:
        rights = [(d < skill) != (luck.random() < world.flips) for d in difficulties]
        return sum(rights) / world.fields

    before = asked(world.skill) + asked(world.skill)
    after = asked(world.skill + worth) + asked(world.skill + worth)
    return (after - before) / 2


def _unheard(_: LedgerStep) -> None:
    """Nobody watches a simulation."""
