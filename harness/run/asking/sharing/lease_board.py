"""Lease board of a shared run: which process asks a question, and the answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

QUESTION_LEASE: Final = 60.0
"""Seconds a lease lasts without being renewed by its process."""


class LeaseBoard(Protocol):
    """Board on which processes see who asks what, and the answers. Called from any thread."""

    owner: str
    """This process's name on the board."""

    def take(self, key: str) -> bool:
        """Return True if the question is ours now; False where it is leased or answered."""
        ...

    def answer(self, key: str) -> str | None:
        """Return what was answered, as it was put; None where nothing was yet."""
        ...

    def put(self, key: str, answer: str) -> str:
        """Keep an answer for all, and end the lease; return the one that was there first."""
        ...

    def release(self, key: str) -> None:
        """Give up a lease without an answer."""
        ...

    def renew(self, keys: Sequence[str]) -> None:
        """Renew the leases on questions that are still being asked."""
        ...

    def close(self) -> None:
        """Give back what the board holds open."""
        ...
