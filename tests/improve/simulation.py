"""Improvements of a prompt whose true worth is known, run by the real search."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from harness.cases.prompts import prompt_of, texts_of, with_section, write_prompt
from harness.cases.suite import Prompt, Suite
from harness.core.records import Answer, Case, Document, Prediction
from harness.core.values import Json
from harness.improve.aims import Aims
from harness.improve.editors import Brief, Proposal
from harness.improve.found import Found
from harness.improve.guards import default_bounds
from harness.improve.ledger import Entry, open_session
from harness.improve.measured import Measured, measured
from harness.improve.search import Search
from harness.improve.versions import History

USER: Final = "Read it.\n{% for field in fields %}{{ field.description }}{% endfor %}{{ document }}"


@dataclass(frozen=True, slots=True)
class World:
    """How good the extractor is, and how steady."""

    documents: int
    fields: int = 10
    skill: float = 0.6
    """Share of the fields that the prompt at the start gets right."""
    flips: float = 0.05
    """Share of the fields that come out the other way at each asking."""

    def names(self) -> list[str]:
        return [f"f{number}" for number in range(self.fields)]

    def suite(self, folder: Path) -> Suite:
        """Return a suite of so many documents, and put its prompt on disk."""
        prompt = prompt_of("toy", {"user.md": USER}, folder / "prompts" / "toy")
        write_prompt(prompt, folder / "prompts" / "toy")
        properties: dict[str, Json] = {name: {"type": "string"} for name in self.names()}
        schema: Json = {"type": "object", "properties": properties}
        cases = tuple(self._case(number, schema) for number in range(self.documents))
        return Suite("toy", folder, folder, cases, {}, prompt=prompt)

    def _case(self, number: int, schema: Json) -> Case:
        truth: dict[str, Json] = dict.fromkeys(self.names(), "yes")
        document = Document(f"{number}.txt", f"{number:064}", f"Document number {number}.")
        return Case(f"d{number:03}", (document,), truth, schema)


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
    ) -> Measured:
        chosen = [c for c in self.suite.cases if cases is None or c.id in cases]
        skill = self.world.skill + sum(gains(texts_of(prompt).values()))
        said = [self._ask(case, prompt, replicate, skill) for case in chosen]
        return measured(replace(self.suite, cases=tuple(chosen)), said)

    def _ask(self, case: Case, prompt: Prompt, replicate: int, skill: float) -> Prediction:
        self.asked.append((prompt.sha256, replicate, case.id))
        difficulty = random.Random(f"{self.seed} {case.id}")
        luck = random.Random(f"{self.seed} {case.id} {prompt.sha256} {replicate}")
        answer: dict[str, Json] = {}
        for name in self.world.names():
            right = difficulty.random() < skill
            answer[name] = "yes" if right != (luck.random() < self.world.flips) else "no"
        return Prediction(case.id, Answer(answer), 0.0, replicate)


def gains(texts: Iterable[str]) -> list[float]:
    """Return what a prompt's sections are truly worth: they say so."""
    return [float(t.partition("worth ")[2]) for t in texts if t.startswith("worth ")]


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


def simulate(world: World, worths: tuple[float, ...], seed: int, folder: Path) -> Found:
    """Improve a toy prompt by edits of known worth."""
    suite = world.suite(folder)
    history = History(folder / "prompts" / "toy")
    start = history.current()
    session = open_session(history.ledger, {"version": start.sha256, "seed": seed})
    search = Search(suite, history, session, Aims(), _unheard)
    bounds = default_bounds(history.prompt(start))
    return search.run(SimulatedDesk(world, suite, seed), Worths(worths), start, bounds)


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


def _unheard(_: Entry) -> None:
    """Nobody watches a simulation."""
