"""Leases: who works on a case, told to all others. Nobody is ever kept out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import Final

ROW_LEASE_SECONDS: Final = 15 * 60.0
"""How long a lease lasts after its holder did something."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One person works on a case."""

    person: str
    since: float
    """When the person last did something there, on the clock of the leases."""


@dataclass(frozen=True, slots=True)
class Takeover:
    """Somebody took a case over from a person who worked on it."""

    by: str
    why: str


@dataclass(slots=True)
class Leases:
    """The leases of one server; a new server knows none."""

    clock: Callable[[], float]
    _held: dict[str, Lease] = field(default_factory=dict)
    _lost: dict[tuple[str, str], Takeover] = field(default_factory=dict)

    def renew(self, case: str, person: str) -> None:
        """Note that a person does something in a case: the case is theirs unless another has it.

        Whoever works on a case has given up the one before.
        """
        if self.holder(case, person) is not None:
            return
        for other in [c for c, held in self._held.items() if held.person == person and c != case]:
            del self._held[other]
        self._held[case] = Lease(person, self.clock())
        self._lost.pop((case, person), None)

    def take_over(self, case: str, person: str, why: str) -> None:
        """Give a case to a person, and tell whoever had it why."""
        before = self.holder(case, person)
        if before is not None:
            self._lost[case, before.person] = Takeover(person, why)
            del self._held[case]
        self.renew(case, person)

    def holder(self, case: str, person: str) -> Lease | None:
        """Return the lease of somebody else on a case; None where it is free, or the person's."""
        held = self._held.get(case)
        is_over = held is None or self.clock() - held.since >= ROW_LEASE_SECONDS
        return None if held is None or is_over or held.person == person else held

    def minutes_left(self, lease: Lease) -> int:
        """Return how many minutes a lease still lasts, begun ones counted."""
        return max(1, ceil((lease.since + ROW_LEASE_SECONDS - self.clock()) / 60))

    def lost(self, case: str, person: str) -> Takeover | None:
        """Return who took a case over from a person, until that person does something there."""
        return self._lost.get((case, person))
