"""Case screen: a case as the review page gets it, with its rows, states and values of runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from harness.cases.decisions.case_history import CaseHistory, SlotList, plain_decision
from harness.cases.decisions.decision import NO_DRAFTER, Act, Decision, Slots, value_digest
from harness.cases.decisions.field_reviews import FieldState
from harness.cases.decisions.truth_fields import ignored_fields
from harness.cases.documents.document_files import has_page_images
from harness.core import number_text
from harness.core.explain.explanation import Location
from harness.core.outcomes import Outcome
from harness.core.records import Failure
from harness.core.values import FieldPath, Json, show
from harness.report.embedded.utf16_offsets import DocumentOffsets
from harness.review.reviewed_case import ExtraItem, ReviewedCase, ReviewedField, RunAnswer, RunValue
from harness.review.web.field_form import FieldForm, field_form, item_fields, item_form

ScreenRow: TypeAlias = dict[str, Json]
RunPlaces: TypeAlias = dict[tuple[str, str], Mapping[str, tuple[Location, ...]]]
"""Where the values of answers stand, by case and run."""

_MOST: Final = 9
"""Proposals of a field that a digit takes."""
_MOST_IGNORED: Final = 500
_LONGEST_TEXT: Final = 5_000_000
"""Characters of a document that a page is given."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Person who looks, and what they may see."""

    name: str
    is_blind: bool
    """Answers of runs, and other people's words, are hidden until the person has decided."""


@dataclass(frozen=True, slots=True)
class CaseScreen:
    """Makes the page's data out of one case."""

    case: ReviewedCase
    viewer: Viewer
    is_held_out: bool
    spoken: Mapping[Slots, Decision]
    """The viewer's last word on each field."""
    audited: frozenset[Slots] = frozenset()
    """Fields of the random audit that the viewer has not looked at alone yet."""

    def whole(self, holder: Json) -> ScreenRow:
        """Return everything about the case but where its values stand; `holder` works on it."""
        return {**self.state(), "documents": self.documents(), "holder": holder}

    def documents(self) -> list[Json]:
        """Return name, text, what is to be said of it, no file, whether it has pages, how many."""
        return [
            [
                d.name,
                d.text if len(d.text) <= _LONGEST_TEXT else None,
                "" if len(d.text) <= _LONGEST_TEXT else "The text is too long to be shown.",
                None,
                has_page_images(d),
                len(d.pages),
            ]
            for d in self.case.case.documents
        ]

    def state(self) -> ScreenRow:
        """Return the rows and what belongs to them: all that a decision can change."""
        last = self._last()
        undone = (last.path or next((p for p, _ in last.fields), ())) if last is not None else None
        decisions = self.case.history.decisions
        drafter = self.case.history.drafted_by
        return {
            "id": self.case.id,
            "rev": decisions[-1].id if decisions else "",
            "values": value_digest(self.case.truth),
            "diffs": [*self.rows()],
            "runs": [answer.extractor for answer in self.case.answers],
            "badges": [] if self.hides_runs else [*map(badge, self.case.answers)],
            "drafted": None if drafter == NO_DRAFTER else drafter,
            "heldOut": self.is_held_out,
            "blind": self.viewer.is_blind,
            "undo": None if last is None else last.id,
            "undone": None if undone is None else [*undone],
            **self._ignored(),
        }

    def _ignored(self) -> ScreenRow:
        """Return what no rule compares, path and value: there is nothing to decide on."""
        left = ignored_fields(self.case.plan, self.case.truth) if not self.viewer.is_blind else ()
        ignored: list[Json] = [[show(path), json_literal(value)] for path, value in left]
        return {"ignored": ignored[:_MOST_IGNORED], "ignoredInAll": len(ignored)}

    @property
    def hides_runs(self) -> bool:
        """No answer is shown, nor any score that would tell of one."""
        if self.is_held_out:
            return True
        return self.viewer.is_blind and not all(map(self.is_decided, self.case.fields))

    def is_decided(self, field: ReviewedField) -> bool:
        """Tell whether the viewer has nothing to do here any more."""
        if self.viewer.is_blind:
            return field.slots in self.spoken
        mine = any(by == self.viewer.name for by, _ in field.approved)
        return mine or field.state is FieldState.APPROVED

    def _is_value_hidden(self, field: ReviewedField) -> bool:
        """Tell whether not even the truth's value is shown: it may be another person's."""
        return self.viewer.is_blind and not field.is_list and not self.is_decided(field)

    def _last(self) -> Decision | None:
        """Return the viewer's last decision that can be taken back."""
        history = self.case.history
        for each in reversed(history.by_id.values()):
            if each.by != self.viewer.name or each.id in history.withdrawn:
                continue
            if each.do not in (Act.WITHDRAW, Act.BASE, Act.CLAIM):
                return each
        return None

    def rows(self) -> Iterable[ScreenRow]:
        """Yield the fields as rows, in the truth's order."""
        labels = labels_of(self.case.answers)
        extras: dict[Slots, list[ExtraItem]] = {}
        for extra in self.case.extras:
            extras.setdefault(extra.slots, []).append(extra)
        forms, sides = _Forms(self.case.case.schema), _Sides(self.case.history)
        paths = {field.slots: self.case.history.path_of(field.slots) for field in self.case.fields}
        for field in self.case.fields:
            path = paths[field.slots]
            form = forms.of(field, path)
            decided = self.is_decided(field)
            hidden = self.is_held_out or (self.viewer.is_blind and not decided)
            rows: list[ScreenRow] = []
            if not hidden:
                rows = _items(extras.get(field.slots, ()), labels)
                rows = rows if field.is_list else _said(field.runs, labels)
            shown = [] if self.viewer.is_blind else sides.of(field)
            yield {**self._row(field, path, form, rows), "sides": shown}

    def _row(
        self, field: ReviewedField, path: FieldPath, form: FieldForm, rows: list[ScreenRow]
    ) -> ScreenRow:
        stem, leaf = _split(path)
        is_hidden = self._is_value_hidden(field)
        state = self._state(field)
        listed = [number for number, step in enumerate(path) if isinstance(step, int)]
        count = len(field.value) if isinstance(field.value, list) else 0
        return {
            "slots": [*field.slots],
            "path": field.path,
            "stem": stem,
            "leaf": leaf,
            "list": field.is_list,
            "item": listed[-1] + 1 if listed else None,
            "items": self._items_of(field, path),
            "count": count,
            "ids": self._ids(field),
            "value": None if is_hidden else self._value(field),
            "hidden": is_hidden,
            "group": "needs"
            if is_hidden or field.slots in self.audited
            else self._group(field, form),
            "state": state,
            "reason": self._reason(field),
            "by": [
                by for by, _ in field.approved if by == self.viewer.name or not self.viewer.is_blind
            ],
            "digest": field.digest,
            "head": None if is_hidden else field.head,
            "gone": self.case.case.schema is not None and not form.takes_null,
            "form": {"type": form.type, "options": [*form.options]},
            "about": form.about,
            "said": [*rows[:_MOST]],
            "more": max(len(rows) - _MOST, 0),
            "notes": [
                {"by": each.by, "why": each.why}
                for each in field.notes
                if each.by == self.viewer.name or not self.viewer.is_blind
            ],
            "outcome": 0 if field.is_unanimous or not field.runs else 4,
            "evidence": {"expected": None, "predicted": None},
        }

    def _reason(self, field: ReviewedField) -> str:
        if field.slots in self.audited:
            return "random audit: look at it alone"
        return _reason(field, self.viewer.is_blind or self.is_held_out)

    def _value(self, field: ReviewedField) -> Json:
        """Return the value that is shown, as JSON text: in a conflict a blind viewer's own."""
        own = self.spoken.get(field.slots) if self.viewer.is_blind else None
        if own is not None and field.conflict and own.path == field.slots:
            return None if own.gone else json_literal(own.to)
        return json_literal(field.value) if field.is_present or field.value is not None else None

    def _ids(self, field: ReviewedField) -> Json:
        """Return the slots of a list's items in their order; none for what is no list."""
        _, node = self.case.history.node(field.slots) if field.is_list else (False, None)
        return [*node.items] if isinstance(node, SlotList) else []

    def _items_of(self, field: ReviewedField, path: FieldPath) -> Json:
        """Return the fields of a list's items; none for scalars, None for what is no list."""
        if not field.is_list:
            return None
        fields = item_fields(self.case.case.schema, path, field.value)
        return [{"name": e.name, "type": e.form.type, "options": [*e.form.options]} for e in fields]

    def _state(self, field: ReviewedField) -> str:
        if field.state is FieldState.CONFLICT and not self.viewer.is_blind:
            return "conflict"
        if self.is_decided(field):
            return "right"
        if field.state is FieldState.DISPUTED:
            return "disputed"
        return "deferred" if field.is_deferred else "open"

    def _group(self, field: ReviewedField, form: FieldForm) -> str:
        if field.is_list:
            return "lists"
        is_doubtful = field.state in (FieldState.CONFLICT, FieldState.DISPUTED)
        if is_doubtful or self._is_overlooked(field, form):
            return "needs"
        drafter = self.case.history.drafted_by
        others = [each for each in field.runs if each.run != drafter]
        if self.is_held_out or not others:
            return "needs" if field.is_present else "absent"
        if not field.is_unanimous:
            return "needs"
        return "agreed" if field.is_present else "absent"

    def _is_overlooked(self, field: ReviewedField, form: FieldForm) -> bool:
        """Tell whether nothing says that a field is absent but that nobody has looked.

        So is every field where there is neither a truth nor an answer, and a list without any row
        in a draft.
        """
        drafter = self.case.history.drafted_by
        is_bare = drafter == NO_DRAFTER or not self.case.is_labelled
        is_bare_list = drafter is not None and not field.is_present and form.type == "array"
        return is_bare_list or (is_bare and not field.runs)

    def places(self, known_places: RunPlaces) -> list[Json]:
        """Return where the values of every field stand: the truth's, and the runs'.

        `known_places` keeps those of the runs, which do not change.
        """
        offsets = DocumentOffsets(self.case.case.documents)
        known = self.case.texts() is not None
        truth = self.case.evidence() if known else {}
        runs: dict[str, Mapping[str, tuple[Location, ...]]] = {}
        if known and not self.hides_runs:
            for each in self.case.answers:
                key = self.case.id, each.run
                if key not in known_places:
                    known_places[key] = self.case.run_evidence(each.run)
                runs[each.run] = known_places[key]
        places: list[Json] = []
        for field in self.case.fields:
            if field.is_list:
                continue
            if self._is_value_hidden(field):
                places.append([[*field.slots], None, None])
                continue
            spans = [place for e in field.runs for place in runs.get(e.run, {}).get(e.path, ())]
            expected = offsets.flat(map(_span, truth.get(field.path, ()))) if known else None
            predicted = offsets.flat(dict.fromkeys(map(_span, spans))) if known else None
            places.append([[*field.slots], _flat(expected), _flat(predicted)])
        return places


def _span(place: Location) -> tuple[str, int, int]:
    return place.document, place.start, place.end


def _flat(spans: list[int] | None) -> Json:
    return None if spans is None else [*spans]


def spoken_by(case: ReviewedCase, person: str) -> Mapping[Slots, Decision]:
    """Return a person's last word on each field, right or overruled; their own additions too."""
    spoken: dict[Slots, Decision] = {}
    places = [field.slots for field in case.fields if not field.is_list]
    for each in case.history.by_id.values():
        if each.by != person or each.id in case.history.withdrawn:
            continue
        if each.do is Act.APPROVE:
            spoken |= dict.fromkeys((at for at, _ in each.fields), each)
        elif each.do in (Act.SET, Act.ADD):
            size = len(each.path)
            spoken |= dict.fromkeys((at for at in places if at[:size] == each.path), each)
    return spoken


class _Forms:
    """Input forms by field; fields of a list's items share their form."""

    def __init__(self, schema: Json) -> None:
        self._schema = schema
        self._known: dict[tuple[str, bool], FieldForm] = {}

    def of(self, field: ReviewedField, path: FieldPath) -> FieldForm:
        key = field.name, field.is_list
        form = self._known.get(key)
        if form is None or not form.type:
            make = item_form if field.is_list else field_form
            form = self._known[key] = make(self._schema, path, field.value)
        return form


def _split(path: FieldPath) -> tuple[str, str]:
    """Return the branch a leaf is on, and the leaf."""
    if len(path) < 2:  # noqa: PLR2004  # a leaf of the root is on no branch
        return "", show(path)
    return show(path[:-1]), show(path[-1:])


def json_literal(value: Json) -> str:
    """Return a value as JSON text, which carries every digit."""
    return json.dumps(value, ensure_ascii=False)


def labels_of(answers: Sequence[RunAnswer]) -> Mapping[str, str]:
    """Return what runs are called: by extractor, or by name where one extractor has several."""
    named = [answer.extractor for answer in answers]
    return {a.run: a.extractor if named.count(a.extractor) == 1 else a.run for a in answers}


def _said(values: Sequence[RunValue], labels: Mapping[str, str]) -> list[ScreenRow]:
    return [
        {
            "who": labels[each.run],
            "value": json_literal(each.value) if each.is_present else None,
            "count": 1,
            "sure": "" if each.confidence is None else number_text.percent(each.confidence),
            "same": each.outcome in (None, Outcome.CORRECT),
        }
        for each in values
    ]


def _items(extras: Iterable[ExtraItem], labels: Mapping[str, str]) -> list[ScreenRow]:
    """Return items that runs have and the truth has not, those of several runs once."""
    by_value: dict[str, list[ExtraItem]] = {}
    for extra in extras:
        by_value.setdefault(json_literal(extra.value), []).append(extra)
    ranked = sorted(by_value.items(), key=lambda each: -len(each[1]))
    return [
        {
            "who": ", ".join(dict.fromkeys(labels[each.run] for each in alike)),
            "value": value,
            "count": len(alike),
            "sure": "",
            "same": False,
            "after": alike[0].after,
        }
        for value, alike in ranked
    ]


class _Sides:
    """Sides of conflicts by field; those of a whole that holds several stand at its first one."""

    def __init__(self, history: CaseHistory) -> None:
        self._history = history
        self._met: set[Slots] = set()

    def of(self, field: ReviewedField) -> list[Json]:
        """Return what was said of a field where people said different things, else nothing."""
        place = self._history.conflict_place(field.slots) if field.conflict else None
        if place is None or place in self._met:
            return []
        is_item = any(each.do is Act.REMOVE for each in field.conflict)
        if place == field.slots or is_item:
            return [self._side(each, field) for each in field.conflict]
        self._met.add(place)
        return [self._whole(each, place) for each in field.conflict]

    def _side(self, decision: Decision, field: ReviewedField) -> ScreenRow:
        """Return a side; who edited another field of the item left this one as it is."""
        is_removal = decision.do is Act.REMOVE
        value = decision.to if decision.path == field.slots else field.value
        return {
            "who": decision.by,
            "value": None if decision.gone or is_removal else json_literal(value),
            "removes": [*decision.path] if is_removal else None,
            "whole": None,
            "sees": self._history.head(decision.path) if is_removal else field.head,
            "count": 1,
            "sure": number_text.moment(decision.at),
            "same": False,
        }

    def _whole(self, decision: Decision, place: Slots) -> ScreenRow:
        """Return a side of a list, say, that one person edited and another put in other order."""
        is_all = decision.path == place
        value = decision.to if is_all else plain_decision(self._history.node(place)[1])
        return {
            "who": decision.by,
            "value": None if decision.gone else json_literal(value),
            "removes": None,
            "whole": [*place],
            "sees": self._history.head(place),
            "count": 1,
            "sure": number_text.moment(decision.at),
            "same": False,
        }


def _reason(field: ReviewedField, is_hidden: bool) -> str:  # noqa: FBT001
    if is_hidden:
        return ""
    if field.conflict:
        who = " and ".join(dict.fromkeys(each.by for each in field.conflict))
        return f"{who} said different things"
    if field.dispute is not None:
        why = f": {field.dispute.why}" if field.dispute.why else ""
        return f"disputed by {field.dispute.by}{why}"
    return ""


def badge(answer: RunAnswer) -> ScreenRow:
    """Return the score of a run on a case, in the figures of `harness score`."""
    result = answer.counted
    row: ScreenRow = {
        "run": answer.run,
        "label": answer.extractor,
        "f1": None,
        "why": "never answered",
    }
    if result is None:
        return row if answer.result is None else {**row, "why": "nothing reviewed yet"}
    counts = result.counts
    if result.f1 is None:
        return {**row, "why": "nothing expected, nothing predicted"}
    return {
        **row,
        "f1": number_text.percent(result.f1),
        "tp": counts.true_positives,
        "fp": counts.false_positives,
        "fn": counts.false_negatives,
        "why": answer.output.kind.value if isinstance(answer.output, Failure) else "",
    }
