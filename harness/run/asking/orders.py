"""Options of a run: caps, cache, batches, and the callbacks that follow its progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from harness.cases.suite import Suite
from harness.core.records import Prediction
from harness.extract.build import Extractor
from harness.extract.sending.budget import Caps
from harness.extract.sending.calls import Calling
from harness.extract.sending.pace import Ceilings
from harness.extract.sending.prices import Prices
from harness.run.selection import RunRequest


@dataclass(frozen=True, slots=True)
class BatchOrders:
    """Options of asking by batches."""

    submits: bool = True
    """What is to be asked goes into batches; False: it is asked one by one, and batches that were
    submitted earlier are collected."""
    wait: bool = False
    """Until every batch has ended."""
    poll: float = 30.0
    """Seconds between two looks at a batch."""


@dataclass(frozen=True, slots=True)
class Orders:
    """Limits and caps of a run, and its cache."""

    ceilings: Ceilings = field(default_factory=lambda: Ceilings(8))
    caps: Caps = field(default_factory=Caps)
    prices: Prices = field(default_factory=dict)
    """The user's own, by model; they go before those we ship."""
    cache: Path | Literal["project", "none"] = "project"
    """Where answers are kept for other runs: a file, the project's own, or nowhere."""
    seconds: float | None = None
    """Seconds after which no new question is begun; requests in flight are waited for."""
    batch: BatchOrders | None = None
    """Options of batches; None where questions are asked one by one."""
    share: str | None = None
    """A folder, or a database's address, over which several processes share the run."""
    answers: Path | None = None
    """A file that holds the answers to a batch file: nothing is asked."""


Why = Literal["interrupted", "time"]


@dataclass(frozen=True, slots=True)
class RunWatch:
    """Callbacks of a run's progress."""

    notify: Callable[[Prediction], None]
    """Called with each prediction as it arrives, before the next one is waited for."""
    stopping: Callable[[int, Why], None]
    """Called when nothing more is asked, with how many cases are still waited for, and why."""
    noted: Callable[[str], None] = lambda _said: None
    """Called with a sentence on what happens to a batch."""


UNWATCHED: Final = RunWatch(lambda _prediction: None, lambda _waiting, _why: None)
"""Callbacks that do nothing."""


@dataclass(frozen=True, slots=True)
class RunJob:
    """One suite to be run with one extractor."""

    suite: Suite
    """Of the cases selected."""
    name: str
    """The extractor's name in the suite."""
    extractor: Extractor | Calling
    words: RunRequest = RunRequest()  # noqa: RUF009  # frozen
    """Request of the command line, as a run stores it."""
    learnt: int = 0
    """Cases left out because the extractor was trained on them."""
