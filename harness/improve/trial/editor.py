"""Editor protocol: what proposes a new prompt, whether model, agent, person or simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from harness.cases.suite import Prompt
from harness.core.records import Usage
from harness.improve.trial.limits import Purse
from harness.improve.trial.measurement import Measurement
from harness.improve.trial.objective import MACRO, Objective


@dataclass(frozen=True, slots=True)
class Attempt:
    """An edit that was tried or refused, so that nobody tries it again."""

    sections: tuple[str, ...]
    decision: str
    """`keep`, `reject`, `undecided` or `refused`."""
    reason: str
    texts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What the sections said; left out for those taken away."""


@dataclass(frozen=True, slots=True)
class Brief:
    """Input of an editor. Nothing of the holdout is in it."""

    prompt: Prompt
    """The best so far."""
    measured: Measurement
    """What it did on the documents that may be looked at."""
    number: int
    """Which proposal this is, from 1."""
    attempts: tuple[Attempt, ...] = ()
    """Earlier edits, the latest last."""
    refusals: tuple[str, ...] = ()
    """Why the last proposal was not even tried; empty the first time."""
    runs: tuple[Measurement, ...] = ()
    """All askings that tell where the prompt stands."""
    purse: Purse = Purse()  # noqa: RUF009  # frozen
    """What the proposal may cost."""
    objective: Objective = MACRO
    """Which figure is to rise."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A changed prompt."""

    prompt: Prompt
    why: str = ""
    calls: int = 0
    """Questions the editor asked of a model, or of the extractor."""
    usage: Usage = field(default_factory=Usage)
    question_counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """How often prompts were asked in finding this one, by digest: such answers are not fresh."""
    refusals: tuple[str, ...] = ()
    """Why what the editor left is no prompt; empty if it is one."""
    meant: tuple[str, ...] = ()
    """The clusters of mistakes it is to cure; empty where nobody knows."""
    estimate: float | None = None
    """Figure that curing all of them would win on these documents; None where nobody knows."""
    figure: str = MACRO.said
    """Name of that figure: the one that is to rise."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Score of a prompt, and its score with every mistake cured that may be."""

    macro_f1: float
    most: float
    doubted: int = 0
    """Clusters that no edit should cure: their truths are in doubt."""
    given_up: int = 0
    """Clusters of fields whose edits came to nothing."""


class Editor(Protocol):
    """Anything that proposes a change."""

    def propose(self, brief: Brief) -> Proposal | None:
        """Return a changed prompt; None where nothing comes to mind."""
        ...

    def reach(self, brief: Brief) -> Reach | None:
        """Return how far curing mistakes can still lead; None where nobody knows."""
        ...


class TrialDesk(Protocol):
    """Runner of trials of prompts."""

    def measure(
        self, prompt: Prompt, replicate: int, cases: tuple[str, ...] | None = None
    ) -> Measurement:
        """Ask about the cases that may be looked at, or about some, and return how it went.

        What was asked before, with this prompt and replicate, is not asked again.
        """
        ...
