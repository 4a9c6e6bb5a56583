"""Exports of annotation tools: Label Studio, Argilla, doccano."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from harness.cases.scaffold.imports.export_content import (
    ExportContent,
    ExportRecord,
    ReadAnswer,
    as_object,
    case_id,
    exported_file_id,
    is_link,
    items_of,
    objects_of,
    single_or_list,
    unique_ids,
)
from harness.core.number_text import counted
from harness.core.values import Json

_PLAIN: Final = ("number", "rating", "datetime")
_LABELS: Final = (
    "labels", "rectanglelabels", "polygonlabels", "hypertextlabels", "paragraphlabels",
)  # fmt: skip
_TEXT_KEYS: Final = ("text", "document", "content", "body")

Fields = dict[str, list[Json]]


def label_studio(records: Sequence[ExportRecord]) -> ExportContent:
    """Read tasks as `JSON` exports them: regions with a label are fields, and so are controls.

    Of several annotations the one marked as ground truth is taken, else the last that was not
    cancelled.
    """
    texts: dict[str, str] = {}
    files: dict[str, str] = {}
    truths: dict[str, Fields] = {}
    answers: dict[str, dict[str, Fields]] = {}
    several = 0
    ids = unique_ids(_task_id(task) for task in records)
    for key, task in zip(ids, records, strict=True):
        text = document_text(as_object(task.get("data")))
        if text is not None and is_link(text):
            files[key] = text
        elif text is not None:
            texts[key] = text
        valid = [a for a in objects_of(task.get("annotations")) if not a.get("was_cancelled")]
        several += len(valid) > 1
        if valid:
            chosen = next((a for a in valid if a.get("ground_truth")), valid[-1])
            truths[key] = _fields(objects_of(chosen.get("result")), text or "")
        for prediction in objects_of(task.get("predictions")):
            name = str(prediction.get("model_version") or "predictions")
            fields = _fields(objects_of(prediction.get("result")), text or "")
            answers.setdefault(name, {})[key] = fields
    notes = []
    if several:
        note = "the one marked as ground truth is taken, else the last"
        notes.append(f"{counted(several, 'task')} with several annotations: {note}")
    return _labelled(truths, answers, (texts, files), notes)


def _labelled(
    truths: Mapping[str, Fields],
    answers_of_case: Mapping[str, Mapping[str, Fields]],
    documents: tuple[Mapping[str, str], Mapping[str, str]],
    notes: Iterable[str],
) -> ExportContent:
    """Return what fields with any number of values come to, lists being lists in every case."""
    everything = {("", key): fields for key, fields in truths.items()}
    everything |= {
        (name, key): f for name, cases in answers_of_case.items() for key, f in cases.items()
    }
    flat = single_or_list({f"{name}\0{key}": fields for (name, key), fields in everything.items()})
    answers = {
        name: {key: ReadAnswer(flat[f"{name}\0{key}"]) for key in cases}
        for name, cases in answers_of_case.items()
    }
    whole = {key: flat[f"\0{key}"] for key in truths}
    return ExportContent(whole, *documents, answers, tuple(notes))


def _task_id(task: ExportRecord) -> str:
    data = as_object(task.get("data"))
    link = next((str(v) for v in data.values() if isinstance(v, str) and is_link(v)), None)
    return exported_file_id(link) if link else case_id(task.get("id", "case"))


def document_text(data: Mapping[str, Json]) -> str | None:
    """Return the document among named texts: by its usual names, else the longest text."""
    for name in _TEXT_KEYS:
        if isinstance(text := data.get(name), str):
            return text
    texts = [value for value in data.values() if isinstance(value, str)]
    return max(texts, key=len, default=None)


def _fields(regions: Sequence[ExportRecord], text: str) -> Fields:
    """Return the values of an annotation by label, or by the name of its control."""
    labels = {str(r.get("id")): name for r in regions for name in _labels(r)[:1]}
    fields_of_case: Fields = {}
    for region in regions:
        value = as_object(region.get("value"))
        control = str(region.get("from_name", "field"))
        names = _labels(region)
        if "start" in value and names and not control.startswith("$"):
            spoken = value.get("text") or _cut(text, value)
            for name in names:
                fields_of_case.setdefault(name, []).append(spoken)
        elif isinstance(value.get("text"), list) or region.get("type") == "textarea":
            name = labels.get(str(region.get("id")), control)
            texts = value.get("text")
            fields_of_case.setdefault(name, []).extend(
                texts if isinstance(texts, list) else [texts]
            )
        elif isinstance(value.get("choices"), list):
            fields_of_case.setdefault(control, []).extend(items_of(value["choices"]))
        else:
            plain = [value[name] for name in _PLAIN if name in value]
            if plain:
                fields_of_case.setdefault(control, []).extend(plain)
    return {name: values for name, values in fields_of_case.items() if values}


def _labels(region: ExportRecord) -> list[str]:
    value = as_object(region.get("value"))
    for name in _LABELS:
        if isinstance(value.get(name), list):
            return [str(label) for label in items_of(value[name])]
    return []


def _cut(text: str, value: Mapping[str, Json]) -> Json:
    start, end = value.get("start"), value.get("end")
    return text[start:end] if isinstance(start, int) and isinstance(end, int) else None


def argilla(records: Sequence[ExportRecord]) -> ExportContent:
    """Read records: responses are truths, what most say counting; suggestions are answers."""
    texts: dict[str, str] = {}
    truths: dict[str, Json] = {}
    answers: dict[str, dict[str, ReadAnswer]] = {}
    divided = 0
    ids = unique_ids(case_id(record.get("id", "case")) for record in records)
    for key, record in zip(ids, records, strict=True):
        text = document_text(as_object(record.get("fields")))
        if text is not None:
            texts[key] = text
        fields: dict[str, Json] = {}
        for name, responses in as_object(record.get("responses")).items():
            given = [r.get("value") for r in objects_of(responses)]
            if given:
                most = Counter(map(repr, given)).most_common(1)[0][0]
                divided += len(set(map(repr, given))) > 1
                fields[name] = _spans(next(v for v in given if repr(v) == most), text)
        if fields:
            truths[key] = fields
        for name, suggestion in as_object(record.get("suggestions")).items():
            one = as_object(suggestion)
            agent = str(one.get("agent") or "suggestions")
            before = answers.setdefault(agent, {}).get(key, ReadAnswer({}))
            sure = one.get("score")
            known = {name: float(sure)} if isinstance(sure, int | float) else {}
            value = as_object(before.value) | {name: _spans(one.get("value"), text)}
            answers[agent][key] = ReadAnswer(value, {**before.confidences, **known})
    notes = []
    if divided:
        notes.append(f"{counted(divided, 'answer')} that people differ in: what most say is taken")
    return ExportContent(truths, texts, {}, answers, tuple(notes))


def _spans(value: Json, text: str | None) -> Json:
    """Return spans as their texts by label; any other value as it is."""
    spans = objects_of(value)
    if not spans or not all({"start", "end", "label"} <= span.keys() for span in spans):
        return value
    by_field: dict[str, Json] = {}
    for span in spans:
        listed = items_of(by_field.setdefault(str(span["label"]), []))
        listed.append(span.get("text") or _cut(text or "", span))
    return by_field


def doccano(records: Sequence[ExportRecord]) -> ExportContent:
    """Read JSONL of sequence labelling, classification and sequence to sequence.

    Spans become lists of texts by label; other labels are the field `label`.
    """
    texts: dict[str, str] = {}
    truths: dict[str, Fields] = {}
    related = 0
    ids = unique_ids(case_id(record.get("id", n + 1)) for n, record in enumerate(records))
    for key, record in zip(ids, records, strict=True):
        text = str(record.get("text") or record.get("data") or "")
        texts[key] = text
        related += bool(record.get("relations"))
        fields: Fields = {}
        for span in _doccano_spans(record):
            start, end, name = span
            fields.setdefault(name, []).append(text[start:end])
        if not fields:
            labels = items_of(record.get("label") or record.get("labels") or record.get("cats"))
            if labels:
                fields["label"] = labels
        truths[key] = fields
    notes = ["relations between spans are left out"] if related else []
    return _labelled(truths, {}, (texts, {}), notes)


def _doccano_spans(record: ExportRecord) -> list[tuple[int, int, str]]:
    spans: list[tuple[int, int, str]] = []
    for one in items_of(record.get("label") or record.get("labels")):
        match one:
            case [int(start), int(end), str(name)]:
                spans.append((start, end, name))
            case _:
                pass
    for entity in objects_of(record.get("entities")):
        begin, stop = entity.get("start_offset"), entity.get("end_offset")
        if isinstance(begin, int) and isinstance(stop, int):
            spans.append((begin, stop, str(entity.get("label"))))
    return spans
