"""Results of services that read documents: LlamaExtract, Azure, Amazon Textract, Google.

Their confidences and places go with each value. Names of fields stay as the service has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from harness.cases.scaffold.imports.export_content import (
    ReadAnswer,
    as_object,
    items_of,
    objects_of,
)
from harness.core.values import FieldPath, Json, show

_PERCENT: Final = 100.0
_AZURE_VALUES: Final = (
    "valueString", "valueDate", "valueTime", "valueNumber", "valueInteger", "valueBoolean",
    "valuePhoneNumber", "valueCountryRegion", "valueSelectionMark", "valueSignature",
)  # fmt: skip


@dataclass(slots=True)
class _Gathered:
    """Confidences and places as values are walked."""

    confidences: dict[str, float] = field(default_factory=dict)
    places: dict[str, Json] = field(default_factory=dict)

    def note(self, path: FieldPath, sure: Json, place: Json, most: float = 1.0) -> None:
        if isinstance(sure, int | float) and not isinstance(sure, bool):
            self.confidences[show(path)] = min(1.0, max(0.0, sure / most))
        if place:
            self.places[show(path)] = place

    def answer(self, value: Json) -> ReadAnswer:
        return ReadAnswer(value, self.confidences, self.places)


def llama_extract(result: Mapping[str, Json]) -> ReadAnswer:
    """Read a result of LlamaExtract: `data`, and `field_metadata` in its shape."""
    about = as_object(result.get("extraction_metadata") or result.get("extract_metadata"))
    gathered = _Gathered()
    _llama(as_object(about.get("field_metadata")), (), gathered)
    return gathered.answer(result.get("data"))


def _llama(about: Json, path: FieldPath, gathered: _Gathered) -> None:
    if isinstance(about, list):
        for number, each in enumerate(about):
            _llama(each, (*path, number), gathered)
    elif isinstance(about, dict):
        if path and ("citation" in about or "confidence" in about):
            gathered.note(path, about.get("confidence"), about.get("citation"))
            return
        for key, below in about.items():
            if isinstance(below, dict | list):
                _llama(below, (*path, key), gathered)


def azure(result: Mapping[str, Json]) -> ReadAnswer:
    """Read an analysis of Azure Document Intelligence: the fields of its first document."""
    whole = as_object(result.get("analyzeResult")) or result
    documents = objects_of(whole.get("documents"))
    gathered = _Gathered()
    fields = as_object(documents[0].get("fields")) if documents else {}
    value = {name: _azure(as_object(each), (name,), gathered) for name, each in fields.items()}
    sizes = {page.get("pageNumber"): page for page in objects_of(whole.get("pages"))}
    for place in gathered.places.values():
        for region in objects_of(place):
            if page := sizes.get(region.get("pageNumber")):
                region["pageSize"] = [page.get("width"), page.get("height")]
    return gathered.answer(value)


def _azure(field: Mapping[str, Json], path: FieldPath, gathered: _Gathered) -> Json:
    if "valueArray" in field:
        items = objects_of(field["valueArray"])
        return [_azure(item, (*path, number), gathered) for number, item in enumerate(items)]
    if "valueObject" in field:
        inside = as_object(field["valueObject"])
        return {
            key: _azure(as_object(each), (*path, key), gathered) for key, each in inside.items()
        }
    gathered.note(path, field.get("confidence"), field.get("boundingRegions"))
    if "valueCurrency" in field:
        return as_object(field["valueCurrency"]).get("amount")
    for name in _AZURE_VALUES:
        if name in field:
            return field[name]
    return field.get("content")


def textract(result: Mapping[str, Json]) -> ReadAnswer:
    """Read AnalyzeExpense, or queries and forms of AnalyzeDocument; confidences are per cent."""
    gathered = _Gathered()
    expenses = objects_of(result.get("ExpenseDocuments"))
    if expenses:
        return gathered.answer(_expense(expenses[0], gathered))
    blocks = {str(block.get("Id")): block for block in objects_of(result.get("Blocks"))}
    value: dict[str, Json] = {}
    for block in blocks.values():
        if block.get("BlockType") == "QUERY":
            query = as_object(block.get("Query"))
            name = str(query.get("Alias") or query.get("Text"))
            answers = list(_related(block, "ANSWER", blocks))
            value[name] = answers[0].get("Text") if answers else None
            if answers:
                gathered.note(
                    (name,), answers[0].get("Confidence"), _geometry(answers[0]), _PERCENT
                )
        elif "KEY" in items_of(block.get("EntityTypes")):
            name = _words(block, blocks)
            held = next(_related(block, "VALUE", blocks), {})
            value[name] = _words(held, blocks) or None
            gathered.note((name,), block.get("Confidence"), _geometry(held), _PERCENT)
    return gathered.answer(value)


def _expense(expense: Mapping[str, Json], gathered: _Gathered) -> Json:
    value: dict[str, Json] = {}
    for each in objects_of(expense.get("SummaryFields")):
        name = str(as_object(each.get("Type")).get("Text"))
        if name not in value:
            value[name] = _detected(each, (name,), gathered)
    lines: list[Json] = []
    for group in objects_of(expense.get("LineItemGroups")):
        for item in objects_of(group.get("LineItems")):
            at = ("LineItems", len(lines))
            row: dict[str, Json] = {}
            for each in objects_of(item.get("LineItemExpenseFields")):
                name = str(as_object(each.get("Type")).get("Text"))
                row[name] = _detected(each, (*at, name), gathered)
            lines.append(row)
    return value | ({"LineItems": lines} if lines else {})


def _detected(each: Mapping[str, Json], path: FieldPath, gathered: _Gathered) -> Json:
    detection = as_object(each.get("ValueDetection"))
    gathered.note(path, detection.get("Confidence"), _geometry(detection), _PERCENT)
    return detection.get("Text")


def _geometry(block: Mapping[str, Json]) -> Json:
    box = as_object(block.get("Geometry")).get("BoundingBox")
    return {"page": block.get("Page", 1), "box": box} if box else None


def _related(
    block: Mapping[str, Json], kind: str, blocks: Mapping[str, Mapping[str, Json]]
) -> Iterator[Mapping[str, Json]]:
    for link in objects_of(block.get("Relationships")):
        if link.get("Type") == kind:
            yield from (blocks[str(i)] for i in items_of(link.get("Ids")) if str(i) in blocks)


def _words(block: Mapping[str, Json], blocks: Mapping[str, Mapping[str, Json]]) -> str:
    return " ".join(str(w.get("Text", "")) for w in _related(block, "CHILD", blocks)).strip()


def google(result: Mapping[str, Json]) -> ReadAnswer:
    """Read a document of Google Document AI: its entities, normalised where the service did."""
    document = as_object(result.get("document")) or result
    gathered = _Gathered()
    return gathered.answer(_entities(objects_of(document.get("entities")), (), gathered))


def _entities(entities: list[dict[str, Json]], path: FieldPath, gathered: _Gathered) -> Json:
    groups: dict[str, list[dict[str, Json]]] = {}
    for entity in entities:
        groups.setdefault(str(entity.get("type")).rpartition("/")[2], []).append(entity)
    value: dict[str, Json] = {}
    for name, group in groups.items():
        if len(group) == 1 and not group[0].get("properties"):
            value[name] = _entity(group[0], (*path, name), gathered)
        else:
            at = (*path, name)
            value[name] = [_entity(each, (*at, n), gathered) for n, each in enumerate(group)]
    return value


def _entity(entity: Mapping[str, Json], path: FieldPath, gathered: _Gathered) -> Json:
    inside = objects_of(entity.get("properties"))
    if inside:
        return _entities(inside, path, gathered)
    gathered.note(path, entity.get("confidence"), entity.get("pageAnchor"))
    normal = as_object(entity.get("normalizedValue"))
    if "moneyValue" in normal:
        money = as_object(normal["moneyValue"])
        units, nanos = money.get("units", 0), money.get("nanos", 0)
        if isinstance(units, int | str) and isinstance(nanos, int):
            return round(int(units) + nanos / 1e9, 9)
    if "dateValue" in normal:
        day = as_object(normal["dateValue"])
        year, month, date = (day.get(part) for part in ("year", "month", "day"))
        if isinstance(year, int) and isinstance(month, int) and isinstance(date, int):
            return f"{year:04}-{month:02}-{date:02}"
    for name in ("booleanValue", "integerValue", "floatValue"):
        if name in normal:
            return normal[name]
    return normal.get("text") or entity.get("mentionText")
