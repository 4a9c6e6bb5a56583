"""Objective of an improvement: the figure that has to rise, and those that must not fall for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from harness.core.statistics.field_figures import FieldFigure
from harness.run.stored.stored_ledger import ObjectiveRecord

FigureName: TypeAlias = Literal["macro", "micro", "weighted", "focus", "floor"]


@dataclass(frozen=True, slots=True)
class Objective:
    """The figure an improvement raises."""

    by: FigureName = "macro"
    focus: tuple[str, ...] = ()
    """Fields in focus; empty for those that rules mark."""

    @property
    def said(self) -> str:
        """Name of the figure."""
        return _NAMES[self.by]

    def as_record(self) -> ObjectiveRecord:
        """Return it as the ledger keeps it."""
        return {"by": self.by, "focus": [*self.focus]}

    def figure(self, marked: Collection[str], weights: Mapping[str, float]) -> FieldFigure | None:
        """Return the figure of fields; None for macro F1, which is a mean over documents."""
        match self.by:
            case "macro":
                return None
            case "micro":
                return FieldFigure("pooled")
            case "weighted":
                return FieldFigure("mean", tuple(sorted(weights.items())))
            case "floor":
                return FieldFigure("floor")
            case "focus":
                fields = sorted(self.focus or marked)
                return FieldFigure("mean", tuple((name, 1.0) for name in fields), 0.0)

    def guard(self, marked: Collection[str]) -> FieldFigure | None:
        """Return the figure of all other fields, which must not fall; None without a focus."""
        if self.by != "focus":
            return None
        return FieldFigure("mean", tuple((name, 0.0) for name in sorted(self.focus or marked)))


_NAMES: Mapping[FigureName, str] = {
    "macro": "macro F1",
    "micro": "micro F1",
    "weighted": "F1 of fields by weight",
    "focus": "focus F1",
    "floor": "lowest F1 of a field",
}

MACRO = Objective()
