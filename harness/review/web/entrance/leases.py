"""Who has a case open: told to others as a hint. Nobody is ever kept out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

_SECONDS: Final = 45.0
"""A page says every 15 seconds that it is still there."""


@dataclass(slots=True)
class Leases:
    """People by the case they have open."""

    clock: Callable[[], float]
    _held: dict[str, dict[str, float]] = field(default_factory=dict)

    def hold(self, case: str, person: str) -> None:
        """Note that a person has a case open, and no other."""
        for held in self._held.values():
            held.pop(person, None)
        self._held.setdefault(case, {})[person] = self.clock()

    def holders(self, case: str, person: str) -> list[str]:
        """Return who else has a case open, in order of name."""
        now = self.clock()
        held = self._held.get(case, {})
        return sorted(n for n, at in held.items() if n != person and now - at < _SECONDS)
