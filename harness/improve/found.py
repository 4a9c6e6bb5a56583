"""What a search knows of each version, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.cases.suite import Prompt
from harness.improve.acceptance import Claim
from harness.improve.aims import Spent
from harness.improve.measured import Measured
from harness.improve.versions import Version


@dataclass
class Arm:
    """One version, and what is known of it."""

    prompt: Prompt
    version: Version
    runs: list[Measured] = field(default_factory=list)
    """All of them."""
    fair: list[Measured] = field(default_factory=list)
    """Those it was not chosen by."""

    @property
    def latest(self) -> Measured:
        """The run that an edit of it starts from."""
        return (self.runs or self.fair)[-1]

    @property
    def standing(self) -> tuple[Measured, ...]:
        """The runs that tell where it stands: those it was not chosen by, where there are any."""
        return tuple(self.fair or self.runs)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to."""

    reason: str
    """Why it is over."""
    start: Version
    best: Version
    claim: Claim | None
    """None where there is nothing better to claim, or no budget to make sure."""
    spent: Spent
