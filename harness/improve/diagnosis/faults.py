"""Faults: every error of an exam, under the one mistake that explains it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz

from harness.core.comparators.comparator import as_text
from harness.core.differ.tagging.near_misses import accepting_rule, near_misses
from harness.core.differ.tagging.value_differences import is_same_key, is_telling
from harness.core.explain.paired_items import (
    PairPlace,
    filled,
    list_at,
    places,
    rows_around,
)
from harness.core.fields.verdict_ledger import (
    CODE,
    FIELD,
    PLACE_EXPECTED,
    VALUE_EXPECTED,
    VALUE_PREDICTED,
    Verdict,
)
from harness.core.outcomes import ABSTENTION, CORRECT, HALLUCINATION, OMISSION, Outcome, Tag
from harness.core.reading.text import fold
from harness.core.records import Answer, Failure
from harness.core.values import INDEX, KEY, Json, show, show_key, value_at_path
from harness.improve.diagnosis.exams import Exam
from harness.improve.diagnosis.mistakes import Mistake
from harness.improve.diagnosis.signatures import (
    Around,
    ErrorSignature,
    first_of,
    invented_value,
    wrong_value,
)
from harness.improve.markdown_data import coded
from harness.run.stored.stored_results import DiffRecord

WHOLE: Final = "$"
"""The field of errors that are about the whole answer."""
_SPELLED: Final = "spelled in another way"
_ANOTHER: Final = "another one"


@dataclass(frozen=True, slots=True)
class Blame:
    """Description of an error; errors with the same one on the same place are one row."""

    field: str
    """What a prompt would have to speak of: the field, or for whole items their list."""
    outcome: Outcome
    """That of the expected side, where a value has gone elsewhere."""
    signature: ErrorSignature
    place: str
    """The path of the field, of the item, or `$`."""
    item: Json = None
    """The whole item that one side lacks; None where it is not about an item."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One error."""

    case_id: str
    replicate: int
    outcome: Outcome
    record: DiffRecord
    """The verdict as `eval-results.json` has it: path, values, tags, evidence."""
    blame: Blame
    index: int = 0
    """The verdict's in the exam's ledger; 0 where there was no answer."""


def faults_of(exam: Exam) -> tuple[Fault, ...]:
    """Return every error of an exam, in the order of its verdicts."""
    if isinstance(exam.output, Failure):
        return tuple(_unanswered(exam, exam.output))
    return tuple(_Reader(exam).faults())


def _unanswered(exam: Exam, failure: Failure) -> Iterator[Fault]:
    signature = ErrorSignature(Mistake.NO_ANSWER, failure.kind.value)
    blame = Blame(WHOLE, Outcome.OMISSION, signature, WHOLE)
    for record in exam.records:
        outcome = Outcome(record["outcome"])
        yield Fault(exam.case.id, exam.replicate, outcome, record, blame)


class _Reader:
    """Reads one exam's ledger."""

    def __init__(self, exam: Exam) -> None:
        assert isinstance(exam.output, Answer)  # noqa: S101  # failures have no ledger worth reading
        self.exam = exam
        self.value = exam.output.value
        self.ledger = exam.result.ledger
        judged = (i for i, v in enumerate(self.ledger.verdicts) if v[CODE] != ABSTENTION)
        self.records = dict(zip(judged, exam.records, strict=True))
        self.owners = self._owners()
        self.near = dict(self._near())
        """Of near misses in lists of texts, both ends: what a rule for them would be."""
        self.keys: dict[int, str] = {}
        """Of entries under another key, both ends."""

    def faults(self) -> Iterator[Fault]:
        moved = {**dict(self._rekeyed()), **dict(self._moved())}
        for index, record in self.records.items():
            verdict = self.ledger.verdicts[index]
            if verdict[CODE] == CORRECT:
                continue
            outcome = Outcome(record["outcome"])
            blame = self._blame(index, moved)
            yield Fault(self.exam.case.id, self.exam.replicate, outcome, record, blame, index)

    def _near(self) -> Iterator[tuple[int, str]]:
        verdicts = self.ledger.verdicts
        wrong = [(i, verdicts[i]) for i in self.records if Tag.NEAR_MISS in self._tags(i)]
        for one, other in near_misses(wrong):
            rule = accepting_rule(str(verdicts[one][4]), str(verdicts[other][5]))
            remark = f"; the rule {{{rule}}} would accept it" if rule else ""
            yield from ((one, remark), (other, remark))

    def _tags(self, index: int) -> tuple[Tag, ...]:
        return tuple(map(Tag, self.records[index].get("tags", ())))

    def _blame(self, index: int, moved: Mapping[int, int]) -> Blame:
        verdict, record, tags = self.ledger.verdicts[index], self.records[index], self._tags(index)
        field, outcome = self._field(index), Outcome(record["outcome"])
        if index in moved:
            about = moved[index]
            field = self._field(about)
            place = str(self.records[about]["path"])
            return Blame(field, Outcome.OMISSION, self._gone(about, moved), place)
        if Tag.NEAR_MISS in tags:
            near = ErrorSignature(Mistake.NEAR_MISS, self.near.get(index, ""))
            return Blame(field, outcome, near, str(record["path"]))
        whole = first_of(tags, Tag.MISSING_ITEM, Tag.DUPLICATE, Tag.EXTRA_ITEM)
        alone = self._alone(index) if whole else None
        if whole and alone:
            return self._whole_item(whole, alone, verdict)
        return Blame(field, outcome, self._signature(index, tags), str(record["path"]))

    def _signature(self, index: int, tags: tuple[Tag, ...]) -> ErrorSignature:
        verdict = self.ledger.verdicts[index]
        if verdict[CODE] == OMISSION:
            return ErrorSignature(self._absence(verdict))
        around = self._around(index, tags)
        if verdict[CODE] == HALLUCINATION:
            return invented_value(verdict[VALUE_PREDICTED], around)
        return wrong_value(verdict, around)

    def _alone(self, index: int) -> PairPlace | None:
        """Return the list in which an item on the way to a verdict has no partner."""
        item_places = places(self.ledger, index, rows_around(self.ledger, index))
        return next((place for place in item_places if place.pair is None), None)

    def _whole_item(self, tag: Tag, place: PairPlace, verdict: Verdict) -> Blame:
        """Blame an item that one side lacks."""
        code, _, at_expected, at_predicted, _, _ = verdict
        extra = code == HALLUCINATION
        at = at_predicted if extra else at_expected
        path = (*filled(place.steps, at), int(at[place.hole]))
        item = value_at_path(self.value if extra else self.exam.case.truth, path)
        if extra:
            mistake = Mistake.ITEM_TWICE if tag is Tag.DUPLICATE else Mistake.ITEM_EXTRA
        else:
            predicted_list = value_at_path(self.value, filled(place.steps, at_predicted))
            mistake = Mistake.ITEM_MISSING if predicted_list else Mistake.LIST_MISSING
        outcome = Outcome.HALLUCINATION if extra else Outcome.OMISSION
        shown = show((*filled(place.steps, at_expected), int(at_expected[place.hole])))
        return Blame(_name(place), outcome, ErrorSignature(mistake), shown, item)

    def _absence(self, verdict: Verdict) -> Mistake:
        """Tell a null from a blank from a key that is not there."""
        _, leaf, _, at_predicted, _, _ = verdict
        steps = filled(leaf.path.steps, at_predicted)
        parent = value_at_path(self.value, steps[:-1]) if steps else None
        if not isinstance(parent, dict) or steps[-1] not in parent:
            return Mistake.KEY_MISSING
        return Mistake.NULL if parent[str(steps[-1])] is None else Mistake.BLANK

    def _moved(self) -> Iterator[tuple[int, int]]:
        """Yield for both ends of a value that stands elsewhere the verdict that misses it."""
        waiting: dict[tuple[Tag, str], list[int]] = defaultdict(list)
        ends = [(i, tag, self._text(i)) for i in self.records if (tag := self._move(i))]
        for index, tag, text in ends:
            if self.ledger.verdicts[index][0] == HALLUCINATION:
                waiting[tag, text].append(index)
        for index, tag, text in ends:
            others = [i for i in waiting[tag, text] if self._field(i) != self._field(index)]
            if self.ledger.verdicts[index][0] == OMISSION and others:
                waiting[tag, text].remove(others[0])
                yield index, index
                yield others[0], index

    def _rekeyed(self) -> Iterator[tuple[int, int]]:
        """Yield for both ends of a map's entry under another key the verdict that misses it."""
        waiting: dict[object, list[tuple[int, str]]] = defaultdict(list)
        for index, key, slot in self._entries(HALLUCINATION):
            waiting[slot].append((index, key))
        for index, key, slot in self._entries(OMISSION):
            telling = is_telling(self.ledger.verdicts[index][4])
            near = [o for o in waiting[slot] if telling or is_same_key(key, o[1])]
            if near:
                nearest = max(near, key=lambda other: fuzz.ratio(key, other[1]))
                waiting[slot].remove(nearest)
                self.keys.update({index: key, nearest[0]: nearest[1]})
                yield index, index
                yield nearest[0], index

    def _entries(self, code: int) -> Iterator[tuple[int, str, object]]:
        """Yield values under keys that the other side's map does not have, with all but the key."""
        for index in self.records:
            verdict_code, leaf, at_expected, at_predicted, expected, predicted = (
                self.ledger.verdicts[index]
            )
            if verdict_code != code or KEY not in leaf.path.steps:
                continue
            steps = leaf.path.steps
            missed = code == OMISSION
            other, at = (
                (self.value, at_predicted) if missed else (self.exam.case.truth, at_expected)
            )
            hole = _new_key(other, steps, at)
            if hole is not None:
                text = fold(as_text(expected if missed else predicted) or "")
                bare = (*at_predicted[:hole], None, *at_predicted[hole + 1 :])
                yield index, str(at_predicted[hole]), (steps, bare, text)

    def _field(self, index: int) -> str:
        return self.ledger.verdicts[index][1].path.name or WHOLE

    def _move(self, index: int) -> Tag | None:
        return first_of(self._tags(index), Tag.RENAMED_KEY, Tag.MISPLACED)

    def _text(self, index: int) -> str:
        verdict = self.ledger.verdicts[index]
        value = (
            verdict[VALUE_PREDICTED] if verdict[CODE] == HALLUCINATION else verdict[VALUE_EXPECTED]
        )
        return fold(as_text(value) or "")

    def _gone(self, index: int, moved: Mapping[int, int]) -> ErrorSignature:
        """Tell where an expected value stands instead."""
        there = next((end for end, about in moved.items() if about == index != end), index)
        field = self._field(there)
        if self.ledger.verdicts[there][1] is self.ledger.verdicts[index][1]:
            alike = is_same_key(self.keys[index], self.keys[there])
            return ErrorSignature(Mistake.OTHER_KEY, _SPELLED if alike else _ANOTHER)
        renamed = self._move(index) is Tag.RENAMED_KEY
        return ErrorSignature(Mistake.RENAMED_KEY if renamed else Mistake.MISPLACED, coded(field))

    def _owners(self) -> Mapping[str, Sequence[Verdict]]:
        """Return the expected fields by what a reader sees of their value."""
        owners: dict[str, list[Verdict]] = defaultdict(list)
        for verdict in self.ledger.verdicts:
            if verdict[CODE] not in (HALLUCINATION, ABSTENTION) and is_telling(
                verdict[VALUE_EXPECTED]
            ):
                owners[fold(as_text(verdict[VALUE_EXPECTED]) or "")].append(verdict)
        return owners

    def _around(self, index: int, tags: tuple[Tag, ...]) -> Around:
        verdict, record = self.ledger.verdicts[index], self.records[index]
        code, leaf, at_expected, at_predicted, _, predicted = verdict
        at = at_predicted if code == HALLUCINATION else at_expected
        looked = self.exam.is_read and isinstance(predicted, str | int | float)
        looked = looked and not isinstance(predicted, bool)
        is_in_document = bool(record.get("evidence", {}).get("predicted")) if looked else None
        return Around(
            tags,
            self.exam.plan.schema_at(leaf.path, at),
            self._other_field(verdict),
            Tag.ROW_SWAP in tags and self._is_ordered(index),
            is_in_document,
        )

    def _other_field(self, verdict: Verdict) -> str | None:
        """Return the field whose value is said, that of the same item before any other."""
        _, leaf, at_expected, _, _, predicted = verdict
        if not is_telling(predicted):
            return None
        others = [
            v for v in self.owners.get(fold(as_text(predicted) or ""), ()) if v[FIELD] != leaf
        ]
        near = [v for v in others if v[PLACE_EXPECTED] == at_expected] or others
        return coded(near[0][1].path.name) if near else None

    def _is_ordered(self, index: int) -> bool:
        item_places = places(self.ledger, index, rows_around(self.ledger, index))
        if not item_places:
            return False
        steps = filled(item_places[-1].steps, self.ledger.verdicts[index][2])
        return list_at(self.exam.plan.root, steps).rule.align in ("position", "sequence")


def _new_key(value: Json, steps: Sequence[str | int], at: Sequence[object]) -> int | None:
    """Return which hole of a path is a key that a value's map does not have; None for no hole."""
    hole = 0
    here = value
    for step in steps:
        key = step if isinstance(step, str) else at[hole]
        if step == KEY and isinstance(here, dict) and key not in here:
            return hole
        if isinstance(here, list) and isinstance(key, int) and key < len(here):
            here = here[key]
        else:
            here = here.get(str(key)) if isinstance(here, dict) else None
        hole += not isinstance(step, str)
    return None


def _name(place: PairPlace) -> str:
    """Return a list's items as people say them: `rooms[]`."""
    shown = (
        show_key(step) if isinstance(step, str) else "[]" if step == INDEX else "{}"
        for step in place.steps
    )
    return "".join(shown).removeprefix(".") + "[]"
