"""Marks on fields that hold for everything below: weight, critical, focus."""

from __future__ import annotations

from typing import Final

from harness.core.rules import FieldRule
from harness.core.values import Path


class Marks:
    """The marks met so far on the way down a schema, by the path that has them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str | int, ...], FieldRule] = {}

    def on(self, path: Path, rule: FieldRule) -> FieldRule:
        """Return a field's rule with the marks of what holds it, unless it has its own.

        What holds a field is asked before the field itself.

        >>> marks, vendor = Marks(), Path((), "").key("vendor")
        >>> _ = marks.on(vendor, FieldRule(weight=2))
        >>> marks.on(vendor.key("id"), FieldRule()).weight
        2
        """
        above = self._known.get(path.steps[:-1]) if path.steps else None
        whole = rule if above is None else rule.over(above)
        own = FieldRule(weight=whole.weight, critical=whole.critical, focus=whole.focus)
        if own != _NONE:
            self._known[path.steps] = own
        return whole


_NONE: Final = FieldRule()
