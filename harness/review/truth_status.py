"""Status of a suite's truths: reviewed fields, and the work of each person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from harness.cases.decisions.decision import EDITS, FILE_EDITOR
from harness.cases.decisions.field_reviews import FieldState
from harness.core.values import Json
from harness.review.reviewed_suite import ReviewedSuite


@dataclass(frozen=True, slots=True)
class FieldStatus:
    """One field over all cases."""

    name: str
    fields: int
    reviewed: int
    states: Counter[str]


@dataclass(frozen=True, slots=True)
class PersonStatus:
    """Work of one person, decisions that were taken back included."""

    name: str
    decisions: int
    approvals: int
    """Fields whose approval by the person still holds."""
    edits: int
    cases: int
    last: str
    """ISO 8601."""


@dataclass(frozen=True, slots=True)
class TruthStatus:
    """A suite's truths."""

    suite: str
    fields: tuple[FieldStatus, ...]
    people: tuple[PersonStatus, ...]
    without_truth: tuple[str, ...]
    """Ids of cases with neither truth nor draft."""
    unsettled: tuple[str, ...]
    """Ids of cases whose file was edited by hand since the last decision."""

    @property
    def reviewed(self) -> tuple[int, int]:
        """Number of fields that are reviewed, and of all fields."""
        return sum(f.reviewed for f in self.fields), sum(f.fields for f in self.fields)


def truth_status(suite: ReviewedSuite) -> TruthStatus:
    """Return the status of a suite's truths, fields with most left to do first."""
    fields: dict[str, FieldStatus] = {}
    holding: Counter[str] = Counter()
    bare, edited = [], []
    for case_id in suite.case_ids:
        case_reviewed = suite.case(case_id)
        if not case_reviewed.is_labelled:
            bare.append(case_id)
        if case_reviewed.hand_edits and suite.is_begun(case_id):
            edited.append(case_id)
        for each in case_reviewed.fields if case_reviewed.is_labelled else ():
            before = fields.get(each.name) or FieldStatus(each.name, 0, 0, Counter())
            states = before.states + Counter([each.state.value])
            reviewed = before.reviewed + each.is_reviewed
            fields[each.name] = FieldStatus(each.name, before.fields + 1, reviewed, states)
            holding.update(by for by, _ in each.approved)
    ordered = sorted(fields.values(), key=lambda f: (f.reviewed - f.fields, f.name))
    people = tuple(_person(suite, name, holding[name]) for name in suite.people)
    return TruthStatus(suite.suite.name, tuple(ordered), people, tuple(bare), tuple(edited))


def _person(suite: ReviewedSuite, name: str, approvals: int) -> PersonStatus:
    mine = [each for each in suite.decisions if each.by == name and name != FILE_EDITOR]
    edits = sum(each.do in EDITS for each in mine)
    cases = len({each.case for each in mine})
    return PersonStatus(name, len(mine), approvals, edits, cases, max(each.at for each in mine))


def status_document(status: TruthStatus) -> dict[str, Json]:
    """Return a status as JSON."""
    reviewed, of = status.reviewed
    return {
        "suite": status.suite,
        "reviewed": reviewed,
        "fields_in_all": of,
        "without_truth": list(status.without_truth),
        "edited_by_hand": list(status.unsettled),
        "fields": [
            {
                "field": field.name,
                "fields": field.fields,
                "reviewed": field.reviewed,
                **{state.value: field.states[state.value] for state in FieldState},
            }
            for field in status.fields
        ],
        "people": [
            {
                "person": person.name,
                "decisions": person.decisions,
                "approvals": person.approvals,
                "edits": person.edits,
                "cases": person.cases,
                "last": person.last,
            }
            for person in status.people
        ],
    }
