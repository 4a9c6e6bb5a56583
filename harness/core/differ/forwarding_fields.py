"""Fields that pass judging on: tuple positions (`prefixItems`) and recursive schemas."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.core.fields.field import ABSENT, Field, ItemCells
from harness.core.fields.verdict_ledger import Ledger
from harness.core.values import Json, Path, Steps


class Positions:
    """The items of a tuple: each position has a field of its own."""

    __slots__ = ("fields", "missing", "path", "rest")

    def __init__(self, path: Path, fields: Sequence[Field], rest: Field) -> None:
        self.path = path
        self.fields = fields
        self.rest = rest
        """For the items behind the last position that has a schema."""
        self.missing: Json = ABSENT

    def diff(
        self,
        expected: Json,
        predicted: Json,
        at_expected: Steps,
        at_predicted: Steps,
        ledger: Ledger,
    ) -> None:
        """Judge one item; where it stands says by which schema."""
        position = at_expected[-1]
        field = self.at(position) if isinstance(position, int) else self.rest
        expected, predicted = (
            field.missing if side is ABSENT else side for side in (expected, predicted)
        )
        field.diff(expected, predicted, at_expected, at_predicted, ledger)

    def at(self, position: int) -> Field:
        """Return the field of the item at a position."""
        return self.fields[position] if position < len(self.fields) else self.rest

    def cells(self, value: Json, side: int, at: Steps, row: ItemCells) -> None:
        """Add the cells of an item seen by itself, whose position nobody knows."""
        self.rest.cells(value, side, at, row)


class Later:
    """A field of a schema that holds itself: compiled when a value first goes as deep."""

    __slots__ = ("_field", "_grow", "path")

    def __init__(self, path: Path, grow: Callable[[], Field]) -> None:
        self.path = path
        self._grow = grow
        self._field: Field | None = None

    @property
    def missing(self) -> Json:
        """Value that a missing key is passed as."""
        return self.grown().missing

    def grown(self) -> Field:
        """Return the field itself, compiling it the first time."""
        if self._field is None:
            self._field = self._grow()
        return self._field

    def diff(
        self,
        expected: Json,
        predicted: Json,
        at_expected: Steps,
        at_predicted: Steps,
        ledger: Ledger,
    ) -> None:
        """Judge as the field itself does."""
        self.grown().diff(expected, predicted, at_expected, at_predicted, ledger)

    def cells(self, value: Json, side: int, at: Steps, row: ItemCells) -> None:
        """Add the field's own cells."""
        self.grown().cells(value, side, at, row)
