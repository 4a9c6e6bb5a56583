"""Where a field stands: a path with holes for list indexes and the keys of free-key maps."""

from __future__ import annotations

from itertools import zip_longest
from typing import Final, TypeAlias

from harness.core.values import show_key

INDEX: Final = 0
KEY: Final = 1
"""Holes in a path, filled by list indexes and by the keys of free-key maps."""

Steps: TypeAlias = tuple[int | str, ...]
"""What fills the holes of a path, in order."""


class Path:
    """A field's place, the same for all values that stand there."""

    __slots__ = ("_parts", "declared", "name", "steps")

    def __init__(self, steps: tuple[str | int, ...], name: str, *, declared: bool = True) -> None:
        self.steps = steps
        self.name = name
        """The field as people say it: `rooms[].area`; empty for the whole value."""
        self.declared = declared
        """False where the schema has properties and this is none of them."""
        self._parts: list[str] | None = None

    def key(self, key: str, *, declared: bool = True) -> Path:
        """Return the path of a key below this one."""
        shown = show_key(key)
        name = f"{self.name}{shown}" if self.name else shown.removeprefix(".")
        return Path((*self.steps, key), name, declared=declared and self.declared)

    def item(self) -> Path:
        """Return the path of a list's items."""
        return Path((*self.steps, INDEX), f"{self.name}[]", declared=self.declared)

    def value(self) -> Path:
        """Return the path of a free-key map's values."""
        return Path((*self.steps, KEY), f"{self.name}{{}}", declared=self.declared)

    def fill(self, at: Steps) -> str:
        """Return the full path as people say it, holes filled in order.

        >>> Path((), "").key("rooms").item().key("area").fill((3,))
        'rooms[3].area'
        """
        if not at:
            return self.name or "$"
        if self._parts is None:
            self._parts = self._split()
        if len(at) == 1 and len(self._parts) == 2 and isinstance(at[0], int):  # noqa: PLR2004  # one hole
            return f"{self._parts[0]}[{at[0]}]{self._parts[1]}"
        filled: list[str] = []
        for part, step in zip_longest(self._parts, at):
            filled.append(part or "")
            if isinstance(step, int):
                filled.append(f"[{step}]")
            elif step is not None:
                filled.append(show_key(step))
        return "".join(filled).removeprefix(".")

    def _split(self) -> list[str]:
        """Return what stands before, between and after the holes."""
        parts = [""]
        for step in self.steps:
            if isinstance(step, str):
                parts[-1] += show_key(step)
            else:
                parts.append("")
        parts[0] = parts[0].removeprefix(".")
        return parts
