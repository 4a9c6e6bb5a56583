"""Rows that a page has already: after a decision it is sent those that changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from secrets import token_hex
from typing import Final

from harness.core.values import Json
from harness.review.web.screens.case_screen import ScreenRow

_VERSION: Final = 8
"""Bytes of a version: a server that was started anew gives none of an earlier one's."""


@dataclass(frozen=True, slots=True)
class _Sent:
    case: Json
    version: str
    rows: list[Json]


@dataclass(slots=True)
class SentRows:
    """The case that each person was sent last, under a version that is given once."""

    _last: dict[str, _Sent] = field(default_factory=dict)

    def whole(self, person: str, state: ScreenRow) -> ScreenRow:
        """Return a case's state with all its rows, and the version they have from now on."""
        rows = state["diffs"]
        assert isinstance(rows, list)  # noqa: S101  # CaseScreen.state makes it
        made = self._last[person] = _Sent(state["id"], token_hex(_VERSION), rows)
        return {**state, "version": made.version}

    def changed(self, person: str, state: ScreenRow, known: str | None) -> ScreenRow:
        """Return a case's state with the rows that differ from those of the version `known`.

        `since` is that version then. All rows are sent, without `since`, where the page knows
        another version than the last one, and where rows came, went or moved.
        """
        before = self._last.get(person)
        made = self.whole(person, state)
        if before is None or (before.case, before.version) != (state["id"], known):
            return made
        rows = self._last[person].rows
        if list(map(_slots, before.rows)) != list(map(_slots, rows)):
            return made
        pairs = zip(before.rows, rows, strict=True)
        return {**made, "since": known, "diffs": [row for old, row in pairs if old != row]}


def _slots(row: Json) -> Json:
    return row["slots"] if isinstance(row, dict) else None
