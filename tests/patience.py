"""How long tests wait for what must happen. No test may depend on how fast a busy machine is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

PATIENCE: Final = 180.0
"""Seconds until something is taken to hang. Whatever comes about earlier ends the wait."""
MOMENT: Final = 0.3
"""Seconds in which something may go wrong. What is asserted holds, however long they are."""
LIMITS: Final = (0.2, 2.0, 20.0, PATIENCE)
"""Time limits to run into, shortest first: on a busy machine the first may end before all began."""
Found = TypeVar("Found")


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    becomes(is_so, wanted=True)


def becomes(look: Callable[[], Found], wanted: Found) -> None:
    """Wait until a look finds what is wanted: what is looked at may be drawn or written meanwhile.

    A look is one question, such as one script in a page: two in turn may see two states.
    """
    ends = time.monotonic() + PATIENCE
    while (found := look()) != wanted and time.monotonic() < ends:
        time.sleep(0.02)
    assert found == wanted, f"{found!r} is not {wanted!r}"
