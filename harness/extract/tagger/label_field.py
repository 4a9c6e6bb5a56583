"""Label fields: the field of an answer that holds labels, read from truths, written to answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from harness.core.values import FieldPath, Json, show
from harness.errors import HarnessError, Problem

LINE: Final = "line"
"""Key under which an item may say the 1-based number of the line it labels."""
_FIELD: Final = re.compile(r"([^\[\]]+)(\[\])?(?:(?<=\])\.([^\[\].]+))?")


class LabelForm(StrEnum):
    """Forms of labelled fields."""

    LINES = "lines"
    """Every line of the document: `lines[].label`."""
    ONE = "one"
    """The document, with one label: `category`."""
    SET = "set"
    """The document, with any number of labels: `labels[]`."""


@dataclass(frozen=True, slots=True)
class LineLabel:
    """A label as an answer gives it."""

    line: int
    """0-based; always 0 where the document as a whole is labelled."""
    label: str
    path: FieldPath


@dataclass(frozen=True, slots=True)
class LabelField:
    """Field of an answer that holds labels.

    >>> LabelField.parse("lines[].label").form, LabelField.parse("topic").form
    (<LabelForm.LINES: 'lines'>, <LabelForm.ONE: 'one'>)
    """

    outer: tuple[str, ...]
    form: LabelForm
    key: str = ""
    """Of the label in an item; empty unless lines are labelled."""

    @classmethod
    def parse(cls, field: str) -> LabelField:
        """Return the field a user writes. Raises HarnessError for another spelling."""
        match = _FIELD.fullmatch(field)
        if match is None or not all(match[1].split(".")):
            hint = "lines[].label for lines, labels[] for a set of labels, category for one label"
            raise HarnessError(Problem(f"{field!r} is no label field", "bad-field", hint=hint))
        outer = tuple(match[1].split("."))
        if match[3]:
            return cls(outer, LabelForm.LINES, match[3])
        return cls(outer, LabelForm.SET if match[2] else LabelForm.ONE)

    def __str__(self) -> str:
        tail = {LabelForm.LINES: f"[].{self.key}", LabelForm.SET: "[]", LabelForm.ONE: ""}
        return ".".join(self.outer) + tail[self.form]

    def read(self, value: Json) -> tuple[LineLabel, ...]:
        """Return the labels in an answer; what has another shape holds none.

        >>> [one.line for one in LabelField.parse("x[].y").read({"x": [{"line": 3, "y": "a"}]})]
        [2]
        """
        for key in self.outer:
            value = value.get(key) if isinstance(value, dict) else None
        if self.form is LabelForm.ONE:
            return (LineLabel(0, value, self.outer),) if isinstance(value, str) else ()
        items = value if isinstance(value, list) else []
        if self.form is LabelForm.SET:
            return tuple(
                LineLabel(0, item, (*self.outer, at))
                for at, item in enumerate(items)
                if isinstance(item, str)
            )
        return tuple(
            LineLabel(number_of(item, at), label, (*self.outer, at, self.key))
            for at, item in enumerate(items)
            if isinstance(item, dict) and isinstance(label := item.get(self.key), str)
        )

    def is_numbered(self, value: Json) -> bool:
        """Tell whether the items of an answer say which line they label."""
        for key in self.outer:
            value = value.get(key) if isinstance(value, dict) else None
        return isinstance(value, list) and any(
            isinstance(item, dict) and isinstance(item.get(LINE), int) for item in value
        )

    def write(
        self, labels: Sequence[tuple[str, float]], *, numbered: bool
    ) -> tuple[Json, tuple[tuple[str, float], ...]]:
        """Return labels as an answer, and their probabilities by path.

        >>> LabelField.parse("tags[]").write([("a", 0.9)], numbered=False)
        ({'tags': ['a']}, (('tags[0]', 0.9),))
        """
        confidences: list[tuple[str, float]] = []
        items: list[Json] = []
        for at, (label, sure) in enumerate(labels):
            tail: FieldPath = (at, self.key) if self.form is LabelForm.LINES else (at,)
            tail = () if self.form is LabelForm.ONE else tail
            confidences.append((show((*self.outer, *tail)), round(sure, 6)))
            number: dict[str, Json] = {LINE: at + 1} if numbered else {}
            items.append({**number, self.key: label} if self.form is LabelForm.LINES else label)
        value: Json = items
        if self.form is LabelForm.ONE:
            value = items[0] if items else None
        for key in reversed(self.outer):
            value = {key: value}
        return value, tuple(confidences)


def number_of(item: Json, at: int) -> int:
    """Return the 0-based line an item labels: what it says, or else its place."""
    line = item.get(LINE) if isinstance(item, dict) else None
    return line - 1 if isinstance(line, int) and not isinstance(line, bool) else at
