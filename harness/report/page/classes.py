"""Fields with a closed set of answers, entities and their attributes: the tables beside F1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from harness.core import number_text
from harness.run.stored.stored_results import (
    AttributeRecord,
    ClassificationRecord,
    ClassRecord,
    EntitiesRecord,
    ItemScores,
    ResultsDocument,
)

_MOST: Final = 12
"""Labels drawn in a matrix; a larger one is not read by eye."""
_MOST_CLASSES: Final = 30
_SHADES: Final = 4


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One label."""

    label: str
    precision: str
    recall: str
    f1: str
    support: str


@dataclass(frozen=True, slots=True)
class ConfusionCell:
    """Cell of a confusion matrix."""

    count: str
    """Empty where never."""
    shade: int
    is_right: bool


@dataclass(frozen=True, slots=True)
class Confusion:
    """Confusion matrix on the page; the last label may stand for absent."""

    labels: tuple[str | None, ...]
    rows: tuple[tuple[ConfusionCell, ...], ...]


@dataclass(frozen=True, slots=True)
class LabelTable:
    """One field with a closed set of answers."""

    field: str
    kind: str
    right: str
    figures: tuple[tuple[str, str], ...]
    warning: str | None
    classes: tuple[ClassRow, ...]
    more: int
    """Classes that are not listed."""
    confusion: Confusion | None


def classified(results: ResultsDocument) -> dict[str, LabelTable]:
    """Return the fields with a closed set of answers, by name."""
    return {record["field"]: _classified(record) for record in results.get("classification") or ()}


def _classified(record: ClassificationRecord) -> LabelTable:
    named = (
        ("accuracy", record.get("accuracy")),
        ("macro F1 over classes", record.get("macro_f1")),
        ("always saying the most frequent class", record.get("baseline_f1")),
    )
    figures = [(name, number_text.percent(share)) for name, share in named if share]
    right = record.get("right")
    if right:
        figures[:1] = [("right", number_text.ratio(right["hits"], right["of"]))]
    classes = sorted(record.get("classes", []), key=lambda one: (-one["support"], one["label"]))
    return LabelTable(
        field=record["field"],
        kind=record.get("kind", ""),
        right=figures[0][1] if figures else number_text.UNDEFINED,
        figures=tuple(figures),
        warning=record.get("warning"),
        classes=tuple(map(_class, classes[:_MOST_CLASSES])),
        more=max(0, len(classes) - _MOST_CLASSES),
        confusion=_confusion(record.get("labels", []), record.get("matrix")),
    )


def _class(one: ClassRecord) -> ClassRow:
    return ClassRow(
        label=str(one["label"]),
        precision=number_text.percent(one["precision"]),
        recall=number_text.percent(one["recall"]),
        f1=number_text.percent(one["f1"]),
        support=number_text.count(one["support"]),
    )


def _confusion(
    labels: Sequence[str | None], matrix: Sequence[Sequence[int]] | None
) -> Confusion | None:
    if not matrix or len(labels) < 2 or len(labels) > _MOST:  # noqa: PLR2004  # one is no choice
        return None
    places = range(len(labels))
    most = max(matrix[row][at] for row in places for at in places if row != at)
    rows = (
        tuple(_taken(matrix[row][at], most, is_right=row == at) for at in places) for row in places
    )
    return Confusion(tuple(labels), tuple(rows))


def _taken(number: int, most: int, *, is_right: bool) -> ConfusionCell:
    shade = -(-number * _SHADES // most) if most and not is_right else 0
    return ConfusionCell(number_text.count(number) if number else "", shade, is_right)


@dataclass(frozen=True, slots=True)
class EntityRow:
    """One list of things."""

    name: str
    paired: str
    extra: str
    missing: str
    precision: str
    recall: str
    f1: str


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """Scores of one attribute of entities that were matched."""

    name: str
    coded: str
    agreement: str
    macro_f1: str


@dataclass(frozen=True, slots=True)
class Things:
    """Entities, and how well the ones that were found are described."""

    entities: tuple[EntityRow, ...]
    attributes: tuple[AttributeRow, ...]


def things(results: ResultsDocument) -> Things:
    """Return the tables of entities and attributes, worst first; empty where there are none."""
    entities: EntitiesRecord = results.get("entities") or {"pooled": None, "types": []}
    types = sorted(entities["types"], key=lambda one: (_or_all(one["f1"]), one["field"]))
    rows = [_entity(one["field"], one) for one in types]
    if len(rows) > 1 and entities["pooled"]:
        rows.append(_entity("all together", entities["pooled"]))
    attributes = sorted(
        results.get("attributes") or (), key=lambda one: (_or_all(one["agreement"]), one["field"])
    )
    return Things(tuple(rows), tuple(map(_attribute, attributes)))


def _or_all(share: float | None) -> float:
    """Return a share to sort by, worst first: what is undefined is no trouble."""
    return 1 if share is None else share


def _entity(name: str, one: ItemScores) -> EntityRow:
    return EntityRow(
        name=name,
        paired=number_text.count(one["paired"]),
        extra=number_text.count(one["extra"]),
        missing=number_text.count(one["missing"]),
        precision=number_text.percent(one["precision"]),
        recall=number_text.percent(one["recall"]),
        f1=number_text.percent(one["f1"]),
    )


def _attribute(one: AttributeRecord) -> AttributeRow:
    return AttributeRow(
        name=one["field"],
        coded=number_text.count(one["coded"]),
        agreement=number_text.percent(one["agreement"]),
        macro_f1=number_text.percent(one.get("macro_f1")),
    )
