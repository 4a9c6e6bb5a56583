"""Decision requests of a page, checked before anything is written."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.cases.decisions.case_history import SlotList
from harness.cases.decisions.decision import Act, Decision, Slots
from harness.cases.decisions.field_reviews import FieldState
from harness.cases.files.strict_json import parse_json
from harness.core.values import FieldPath, Json, show
from harness.errors import Problem, UsageError
from harness.report.embedded.utf16_offsets import DocumentOffsets
from harness.review.reviewed_case import ReviewedCase, ReviewedField
from harness.review.web.field_form import (
    FieldForm,
    field_form,
    item_fields,
    item_form,
    read_item,
    read_value,
)
from harness.review.web.screens.case_screen import CaseScreen

_LONGEST: Final = 1_000_000
_MOST_SECONDS: Final = 600.0


class DecisionRequest(BaseModel):
    """The body of a decision."""

    model_config = ConfigDict(extra="forbid", strict=True)

    request: str = Field(max_length=64)
    case: str
    do: Literal["approve", "set", "add", "remove", "dispute", "withdraw", "defer", "note"]
    path: list[str] = Field(default_factory=list)
    fields: list[tuple[list[str], str]] = Field(default_factory=list)
    sees: str | None = None
    of: str | None = None
    after: str | None = None
    literal: str | None = Field(None, max_length=_LONGEST)
    """The value as JSON."""
    text: str | None = Field(None, max_length=_LONGEST)
    """A passage to be read as a value, instead of `literal`."""
    texts: dict[str, str] | None = None
    """What was typed into the fields of a new list item, instead of `literal`."""
    gone: bool = False
    why: str = Field("", max_length=10_000)
    evidence: tuple[int, int, int] | None = None
    """Document, start and end in UTF-16 units."""
    shows_rows: bool = True
    """The page shows the case, and wants what the decision changed of it."""
    knows: str | None = None
    """The version of the rows that the page has: those that differ from it are sent back."""
    seconds: float | None = Field(None, ge=0)


def parse_request(body: object) -> DecisionRequest:
    """Return a decision's body. Raises UsageError for one that is none."""
    try:
        return DecisionRequest.model_validate_json(json.dumps(body))
    except ValidationError as error:
        first = error.errors()[0]
        what = f"{show(first['loc'])}: {first['msg'].lower()}"
        raise UsageError(Problem(what, "bad-request")) from None


def decision_of(request: DecisionRequest, screen: CaseScreen) -> Decision:
    """Return the decision a body asks for.

    Raises UsageError where its value cannot be one, or the case has no such place: nothing that
    the page does not show can be overwritten.
    """
    case, path = screen.case, tuple(request.path)
    _refuse_unknown(request, screen)
    has_value = request.do in ("set", "add") and not request.gone
    passage = None
    if request.evidence is not None:
        passage = DocumentOffsets(case.case.documents).passage(*request.evidence)
    field = case.field(path)
    return Decision(
        id="",
        at="",
        by="",
        case=request.case,
        do=Act(request.do),
        path=path,
        fields=tuple((tuple(at), digest) for at, digest in request.fields),
        to=_value(request, case) if has_value else None,
        gone=request.gone and request.do == "set",
        sees=request.sees,
        of=request.of,
        after=request.after,
        why=request.why,
        saw=_saw(field, screen) if field is not None else None,
        evidence=None if passage is None else [*passage],
        blind=screen.viewer.is_blind or screen.is_held_out,
        seconds=None if request.seconds is None else min(request.seconds, _MOST_SECONDS),
    )


def _refuse_unknown(request: DecisionRequest, screen: CaseScreen) -> None:
    """Raise UsageError where a decision is about what the case neither has nor had."""
    case, path = screen.case, tuple(request.path)
    fields = {field.slots: field for field in case.fields}
    match request.do:
        case "approve":
            unknown = [at for at, _ in request.fields if not _is_place(tuple(at), fields, case)]
            is_known = bool(request.fields) and not unknown
        case "withdraw":
            made = case.history.by_id.get(request.of or "")
            is_own = made is not None and made.by == screen.viewer.name
            is_known = is_own and request.of not in case.history.withdrawn
        case "add":
            field = fields.get(path[:-1])
            is_list = field.is_list if field is not None else _was_place(path[:-1], case)
            is_known = bool(path) and bool(path[-1]) and is_list
        case "remove":
            _, held = case.history.node(path[:-1])
            is_item = isinstance(held, SlotList) and path[-1:] != () and path[-1] in held.items
            is_known = is_item or _was_place(path, case)
        case _:
            is_known = path in case.history.conflicts or _is_place(path, fields, case)
    if not is_known:
        hint = "it may have changed meanwhile: look at the case again"
        raise UsageError(
            Problem("the case has nothing to decide on there", "unknown-place", hint=hint)
        )


def _is_place(path: Slots, fields: Collection[Slots], case: ReviewedCase) -> bool:
    return path in fields or _was_place(path, case)


def _was_place(path: Slots, case: ReviewedCase) -> bool:
    """Tell whether a place is in an item that somebody removed meanwhile, or joined to another."""
    node = case.history.root
    for size, step in enumerate(path, start=1):
        if path[:size] in case.history.twins:
            return True
        if isinstance(node, SlotList):
            if step in node.removed:
                return True
            node = node.items.get(step)
        else:
            node = node.get(step) if isinstance(node, dict) else None
    return False


def _saw(field: ReviewedField, screen: CaseScreen) -> Json:
    if screen.is_held_out or (screen.viewer.is_blind and not screen.is_decided(field)):
        return None
    shown: list[Json] = [
        {"run": each.run, "value": each.value} for each in field.runs if each.is_present
    ]
    return shown or None


def _value(request: DecisionRequest, case: ReviewedCase) -> Json:
    if request.literal is not None:
        return parse_json(request.literal, Path("value"))
    if request.texts is not None and request.do == "add":
        path, held = _list_of(request, case)
        return read_item(request.texts, item_fields(case.case.schema, path, held))
    if request.text is None:
        raise UsageError(Problem("a value is wanted", "bad-request"))
    return read_value(request.text, _form(request, case))


def _form(request: DecisionRequest, case: ReviewedCase) -> FieldForm:
    schema, slots = case.case.schema, tuple(request.path)
    if request.do == "add":
        return item_form(schema, *_list_of(request, case))
    field = case.field(slots)
    return field_form(schema, case.history.path_of(slots), None if field is None else field.value)


def _list_of(request: DecisionRequest, case: ReviewedCase) -> tuple[FieldPath, Json]:
    """Return the path and the value of the list an item is added to."""
    slots = tuple(request.path)[:-1]
    field = case.field(slots)
    return case.history.path_of(slots), None if field is None else field.value


def is_settling(request: DecisionRequest, case: ReviewedCase) -> bool:
    """Tell whether a decision takes a side in a conflict."""
    path = tuple(request.path)
    touched = [f for f in case.fields if f.slots[: len(path)] == path]
    doubtful = any(field.state is FieldState.CONFLICT for field in touched)
    return request.do in ("set", "add", "remove") and doubtful
