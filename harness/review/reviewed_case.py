"""Reviewed case: the fields of a case with their states, and the values of each run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.cases.decisions.case_history import CaseHistory
from harness.cases.decisions.decision import Decision, Slots
from harness.cases.decisions.field_reviews import FieldReview, FieldState
from harness.core.differ.case_result import CaseResult
from harness.core.differ.plan import Plan
from harness.core.explain.explanation import Location, answered, truth_places
from harness.core.outcomes import Outcome
from harness.core.records import Answer, Case, Failure
from harness.core.values import Json, show


@dataclass(frozen=True, slots=True)
class RunAnswer:
    """Output of one run for the case."""

    run: str
    extractor: str
    output: Answer | Failure
    result: CaseResult | None
    """Compared with the truth or draft as it is now; None where nobody answered."""
    counted: CaseResult | None
    """The same as it is scored: without what nobody reviewed. None where nothing is left."""


@dataclass(frozen=True, slots=True)
class RunValue:
    """Value of one run for a field."""

    run: str
    is_present: bool
    value: Json
    outcome: Outcome | None
    """None where it agrees that there is nothing, and for lists."""
    path: str
    """Where it stands in the run's answer; of a list, or of nothing, where it would stand."""
    confidence: float | None
    """From the extractor, in [0, 1]; None where it gave none."""


@dataclass(frozen=True, slots=True)
class ExtraItem:
    """A list item that a run has and the truth has not."""

    run: str
    list: str
    """Path of the list in the truth, as it is shown."""
    slots: Slots
    """The list's place: an item is added as one of its slots."""
    value: Json
    path: str
    """Path of the item in the run's answer."""
    after: str
    """The truth's item that it stands behind in the run's answer; empty where that is none."""


@dataclass(frozen=True, slots=True)
class ReviewedField:
    """A field to decide on."""

    path: str
    name: str
    """Indexes folded: `lines[].amount`."""
    slots: Slots
    """What decisions call it: the same after other items are added or removed."""
    is_list: bool
    """Not a value: whether the list has these items and no others."""
    is_present: bool
    value: Json
    """None for what is absent; a list's value for a list."""
    state: FieldState
    is_reviewed: bool
    """It counts when answers are scored."""
    approved: tuple[tuple[str, str], ...]
    """Who approved it as it is, and when (ISO 8601)."""
    digest: str
    """What an approval of it has to name."""
    head: str | None
    """What an edit of it has to name as seen; None where nobody edited it yet."""
    conflict: tuple[Decision, ...]
    """The edits that did not see each other: the first is in the truth."""
    dispute: Decision | None
    is_deferred: bool
    notes: tuple[Decision, ...]
    runs: tuple[RunValue, ...]

    @property
    def is_unanimous(self) -> bool:
        """All runs say what the truth says."""
        agree = (value.outcome in (None, Outcome.CORRECT) for value in self.runs)
        return bool(self.runs) and all(agree)


@dataclass(frozen=True, slots=True)
class ReviewedCase:
    """A case, its decisions, and the runs' answers."""

    case: Case
    """As the suite has it; `truth` below is what the decisions make of it."""
    truth: Json
    is_labelled: bool
    """False where there is neither a truth nor a draft yet."""
    history: CaseHistory
    document: str
    """Digest of the case's documents: what approvals are bound to."""
    fields: tuple[ReviewedField, ...]
    answers: tuple[RunAnswer, ...]
    extras: tuple[ExtraItem, ...]
    plan: Plan
    hand_edits: tuple[Decision, ...]
    """Edits of the truth file that are in no log yet; the next decision writes them down."""

    @property
    def id(self) -> str:
        """The case's id."""
        return self.case.id

    @property
    def reviewed(self) -> tuple[int, int]:
        """Number of fields that are reviewed, and of all fields."""
        return sum(field.is_reviewed for field in self.fields), len(self.fields)

    def field(self, slots: Slots) -> ReviewedField | None:
        """Return the field at a place."""
        return next((field for field in self.fields if field.slots == slots), None)

    def texts(self) -> Mapping[str, str] | None:
        """Return the documents' texts by name; None where not all of them are at hand."""
        texts = {document.name: document.text for document in self.case.documents}
        return texts if texts and all(texts.values()) else None

    def evidence(self) -> dict[str, tuple[Location, ...]]:
        """Return where each value of the truth stands in the documents, by path.

        Values that stand nowhere have no place; looking takes a while in long documents.
        """
        return truth_places(answered(self.plan, self.truth, self.truth, self.texts()))

    def run_evidence(self, run: str) -> dict[str, tuple[Location, ...]]:
        """Return where each value of a run's answer stands, by its path in the answer."""
        for answer in self.answers:
            if answer.run == run and isinstance(answer.output, Answer):
                value = answer.output.value
                return truth_places(answered(self.plan, value, value, self.texts()))
        return {}


def reviewed_field(
    review: FieldReview, history: CaseHistory, values: Sequence[RunValue], at: Mapping[str, str]
) -> ReviewedField:
    """Return a field for the reviewer. `at` is when each decision was made, by its id."""
    slots = review.slots
    return ReviewedField(
        path=show(review.field.path),
        name=review.field.name or "$",
        slots=slots,
        is_list=review.field.is_list,
        is_present=review.field.is_present,
        value=review.value,
        state=review.state,
        is_reviewed=review.is_reviewed,
        approved=tuple((each.by, at.get(each.decision, "")) for each in review.approvals),
        digest=history.digest(slots),
        head=history.head(slots),
        conflict=history.conflict(slots),
        dispute=history.disputes.get(slots),
        is_deferred=slots in history.deferred,
        notes=tuple(history.notes.get(slots, ())),
        runs=tuple(values),
    )
