"""Causes of errors: each error of a suite has exactly one, and each cause its cost in F1 points.

A cause is what one cure would mend: a case without an answer, items of a list that were not found,
a way of writing values, a renamed key, one label taken for another; what is left belongs to its
field.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from harness.core.comparators.comparator import as_text
from harness.core.counts import Counts, Ratio
from harness.core.differ.case_result import CaseResult
from harness.core.differ.tagging.near_misses import accepting_rule, near_misses
from harness.core.differ.tagging.value_differences import format_fault
from harness.core.fields.verdict_ledger import CODE, FIELD, PLACE_EXPECTED, PLACE_PREDICTED, Verdict
from harness.core.outcomes import (
    ABSTENTION,
    CONVENTIONS,
    HALLUCINATION,
    OMISSION,
    FieldDiff,
    Outcome,
    Tag,
)
from harness.core.reading.text import fold
from harness.core.scores.scorecard import VACUOUS, Empty
from harness.core.values import INDEX, Path, Steps


class CauseKind(StrEnum):
    """Kinds of cause, by the sort of cure they need."""

    NO_ANSWER = "no_answer"
    MISSING_ITEMS = "missing_items"
    EXTRA_ITEMS = "extra_items"
    DUPLICATE_ITEMS = "duplicate_items"
    NEAR_MISSES = "near_misses"
    FORMAT = "format"
    RENAMED_KEY = "renamed_key"
    MISPLACED = "misplaced"
    LABELS = "labels"
    FIELD = "field"
    VACUOUS = "vacuous"


class CauseKey(NamedTuple):
    """Key that tells one cause from another."""

    kind: CauseKind
    subject: str
    """Kind of failure, name of a list, `FormatFault` or field; empty for vacuous cases."""
    detail: str = ""
    """Where a moved value stood, `expected` and `predicted` label with an arrow between, or the
    setting of a rule that would take near misses for the same; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause over all cases."""

    key: CauseKey
    counts: Counts
    """Its errors; none is correct."""
    items: int
    """List items that are missing or extra, of near misses the pairs; 0 for other kinds."""
    cases: int
    """Cases with at least one of its errors."""
    fields: tuple[str, ...]
    """Fields with its errors, the one with most first."""
    micro_f1_lost: float
    """Its share of the micro F1 that is lost: false positives and negatives, over what F1 is a
    fraction of. These add up to 1 - micro F1."""
    macro_f1_lost: float
    """The same for macro F1: the mean over cases of its share in each."""
    micro_f1_cured: float
    """Micro F1 if this cause alone were cured."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The causes of a suite's errors, and which error belongs to which."""

    causes: tuple[Cause, ...]
    """The one that costs most micro F1 first."""
    members: tuple[tuple[int | None, ...], ...]
    """For each case, in the order given, and each of its diffs the place of its cause in `causes`;
    None for a diff that is correct."""


JudgedCase: TypeAlias = tuple[CaseResult, str | None]
"""A scored case, and the kind of its failure if it got no answer."""

LABEL_ARROW: Final = " \u2192 "
_SCALARS: Final = (str, int, float, bool)
_CLOSED: Final = ("enum", "boolean")
_FEWEST_LABELS: Final = 2
"""Times one label must be taken for another to be a cause of its own."""
_MOVES: Final = {Tag.RENAMED_KEY: CauseKind.RENAMED_KEY, Tag.MISPLACED: CauseKind.MISPLACED}


def rank_causes(judged: Sequence[JudgedCase], empty: Empty = "skip") -> Ranking:
    """Return the causes of all errors of scored cases, the costliest first.

    Every error belongs to exactly one cause, so that what the causes cost adds up to what is lost.

    >>> from harness import score
    >>> missed = score({"parts": [{"id": 1}, {"id": 2}]}, {"parts": [{"id": 1}]})
    >>> found = rank_causes([(missed, None)])
    >>> [(str(c.key.kind), c.key.subject, round(c.micro_f1_lost, 3)) for c in found.causes]
    [('missing_items', 'parts[]', 0.333)]
    """
    errors_by_case = [_errors_of(result, failure) for result, failure in judged]
    often = Counter(error.key for errors in errors_by_case for error in errors.values())
    errors_by_case = [
        {at: _folded(error, result.diffs[at], often) for at, error in errors.items()}
        for (result, _), errors in zip(judged, errors_by_case, strict=True)
    ]
    causes = _costs([result for result, _ in judged], errors_by_case, empty)
    place = {cause.key: number for number, cause in enumerate(causes)}
    members = tuple(
        _members(len(result.diffs), errors, place)
        for (result, _), errors in zip(judged, errors_by_case, strict=True)
    )
    return Ranking(causes, members)


def _members(
    diffs: int, errors: Mapping[int, _Error], place: Mapping[CauseKey, int]
) -> tuple[int | None, ...]:
    members: list[int | None] = [None] * diffs
    for at, error in errors.items():
        members[at] = place[error.key]
    return tuple(members)


_Item: TypeAlias = tuple[str, Steps]
"""A list's name, and the indexes down to one of its items."""


class _Error(NamedTuple):
    """Case, field and outcome of one error."""

    key: CauseKey
    item: _Item | None = None
    """The list item that stands on one side only."""


_Errors: TypeAlias = Mapping[int, _Error]
"""By place among the diffs of a case."""


def _folded(error: _Error, diff: FieldDiff, often: Mapping[CauseKey, int]) -> _Error:
    """Return the field as the cause of a label that was taken for another only once."""
    if error.key.kind is CauseKind.LABELS and often[error.key] < _FEWEST_LABELS:
        return _Error(CauseKey(CauseKind.FIELD, diff.field))
    return error


def _errors_of(result: CaseResult, failure: str | None) -> _Errors:
    """Return where every error of a case belongs."""
    diffs = result.diffs
    correct = Outcome.CORRECT
    wrong = [at for at, diff in enumerate(diffs) if diff.outcome is not correct]
    if failure is not None:
        return dict.fromkeys(wrong, _Error(CauseKey(CauseKind.NO_ANSWER, failure)))
    if not wrong:
        return {}
    verdicts = [verdict for verdict in result.ledger.verdicts if verdict[CODE] != ABSTENTION]
    errors = _one_sided(diffs, verdicts, wrong)
    errors |= _nearly(diffs, verdicts, errors)
    errors |= _moved(diffs, verdicts, [at for at in wrong if at not in errors])
    return errors | {at: _Error(_own_cause(diffs[at])) for at in wrong if at not in errors}


def _own_cause(diff: FieldDiff) -> CauseKey:
    """Return what one error is by itself: a form, a label taken for another, or its field."""
    if diff.outcome is Outcome.FORMAT_ERROR:
        return CauseKey(
            CauseKind.FORMAT,
            format_fault(diff.expected, diff.predicted, diff.comparator, diff.tags).value,
        )
    labels = diff.expected, diff.predicted
    is_label = diff.outcome is Outcome.WRONG_VALUE and diff.comparator in _CLOSED
    if is_label and all(isinstance(label, _SCALARS) for label in labels):
        pair_of_labels = LABEL_ARROW.join(as_text(label) or "" for label in labels)
        return CauseKey(CauseKind.LABELS, diff.field, pair_of_labels)
    return CauseKey(CauseKind.FIELD, diff.field)


def _one_sided(
    diffs: Sequence[FieldDiff], verdicts: Sequence[Verdict], wrong: Sequence[int]
) -> dict[int, _Error]:
    """Return the errors that are part of a list item which stands on one side only.

    The item is the outermost one of which nothing has a counterpart.
    """
    errors: dict[int, _Error] = {}
    for tag, kind in _SIDES.items():
        tagged = {at for at in wrong if tag in diffs[at].tags}
        if not tagged:
            continue
        places = _places(verdicts, _INDEXES[tag])
        partnered = {item for at, items in places.items() if at not in tagged for item in items}
        for at in tagged:
            item = next((item for item in places[at] if item not in partnered), None)
            if item is not None:
                again = Tag.DUPLICATE in diffs[at].tags
                one = CauseKey(CauseKind.DUPLICATE_ITEMS if again else kind, item[0])
                errors[at] = _Error(one, item)
    return errors


def _nearly(
    diffs: Sequence[FieldDiff], verdicts: Sequence[Verdict], alone: _Errors
) -> dict[int, _Error]:
    """Return texts of lists that almost are one on the other side, by the rule that accepts them.

    `alone` are the items that stand on one side only.
    """
    errors: dict[int, _Error] = {}
    wrong = [(at, verdicts[at]) for at in alone if Tag.NEAR_MISS in diffs[at].tags]
    for one, other in near_misses(sorted(wrong, key=lambda each: each[0])):
        sides = [alone[at] for at in (one, other)]
        if any(side.item is None or side.item[0] != diffs[one].field for side in sides):
            continue
        rule = accepting_rule(str(diffs[one].expected), str(diffs[other].predicted))
        key = CauseKey(CauseKind.NEAR_MISSES, diffs[one].field, rule)
        errors[one], errors[other] = _Error(key, sides[0].item), _Error(key)
    return errors


_SIDES: Final = {
    Tag.MISSING_ITEM: CauseKind.MISSING_ITEMS,
    Tag.EXTRA_ITEM: CauseKind.EXTRA_ITEMS,
}
_INDEXES: Final = {Tag.MISSING_ITEM: (2, HALLUCINATION), Tag.EXTRA_ITEM: (3, OMISSION)}
"""By tag: which part of a verdict tells where its side stands, and the code without that side."""


def _places(verdicts: Sequence[Verdict], side: tuple[int, int]) -> dict[int, tuple[_Item, ...]]:
    """Return the items of one side that each verdict stands in, outermost first."""
    part, absent = side
    lists: dict[int, tuple[tuple[int, str], ...]] = {}
    items_by_index = {}
    for at, verdict in enumerate(verdicts):
        if verdict[CODE] == absent:
            continue
        path = verdict[FIELD].path
        if id(path) not in lists:
            lists[id(path)] = tuple(_lists_of(path))
        holes = verdict[PLACE_EXPECTED] if part == 2 else verdict[PLACE_PREDICTED]  # noqa: PLR2004  # places in a verdict
        items_by_index[at] = tuple((name, holes[:depth]) for depth, name in lists[id(path)])
    return items_by_index


def _lists_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lists a path goes through, outermost first: number of holes down to it, and name.

    >>> list(_lists_of(Path((), "").key("rooms").item().key("beds").item()))
    [(1, 'rooms[]'), (2, 'rooms[].beds[]')]
    """
    holes = 0
    for end, step in enumerate(path.steps, 1):
        if isinstance(step, str):
            continue
        holes += 1
        if step == INDEX:
            yield holes, _named(path.steps[:end])


def _moved(
    diffs: Sequence[FieldDiff], verdicts: Sequence[Verdict], wrong: Sequence[int]
) -> dict[int, _Error]:
    """Return the values that stand under another key or at another path, both errors of each."""
    errors: dict[int, _Error] = {}
    stray: defaultdict[tuple[Tag, str], list[int]] = defaultdict(list)
    for at in wrong:
        if diffs[at].outcome is Outcome.HALLUCINATION:
            for tag in _MOVES.keys() & set(diffs[at].tags):
                stray[tag, fold(as_text(diffs[at].predicted) or "")].append(at)
    for at in wrong if stray else ():
        if diffs[at].outcome is not Outcome.OMISSION:
            continue
        for tag in _MOVES.keys() & set(diffs[at].tags):
            others = stray.get((tag, fold(as_text(diffs[at].expected) or "")))
            if others and at not in errors:
                other = others.pop(0)
                names = _moved_names(verdicts[at][1].path, verdicts[other][1].path)
                errors[at] = errors[other] = _Error(CauseKey(_MOVES[tag], *names))
    return errors


def _moved_names(one: Path, other: Path) -> tuple[str, str]:
    """Return two paths without the end they share: a moved object is one cause, not many."""
    first, second = list(one.steps), list(other.steps)
    while len(first) > 1 and len(second) > 1 and first[-1] == second[-1]:
        first.pop()
        second.pop()
    return _named(first), _named(second)


def _named(steps: Sequence[str | int]) -> str:
    down = Path((), "")
    for step in steps:
        if isinstance(step, str):
            down = down.key(step)
        else:
            down = down.item() if step == INDEX else down.value()
    return down.name or "$"


def _costs(
    results: Sequence[CaseResult], errors_by_case: Sequence[_Errors], empty: Empty
) -> tuple[Cause, ...]:
    """Return the causes with what they cost."""
    total = sum((result.counts for result in results), Counts())
    averaged = sum(bool(result.counts.total) or VACUOUS[empty] is not None for result in results)
    sums: defaultdict[CauseKey, _Sum] = defaultdict(_Sum)
    for number, (result, errors) in enumerate(zip(results, errors_by_case, strict=True)):
        for key, mine in _by_key(errors).items():
            sums[key].add(number, [result.diffs[at] for at in mine], result.counts.f1.of)
            sums[key].items |= {(number, errors[at].item) for at in mine if errors[at].item}
        if not result.counts.total and VACUOUS[empty] == 0.0:
            sums[CauseKey(CauseKind.VACUOUS, "")].add(number, [], 0)
    causes = (each.cause(key, total, averaged) for key, each in sums.items())
    return tuple(sorted(causes, key=_rank))


def _rank(cause: Cause) -> tuple[float, float, int, CauseKey]:
    micro, macro = round(cause.micro_f1_lost, 12), round(cause.macro_f1_lost, 12)
    return -micro, -macro, -cause.counts.total, cause.key


def _by_key(errors: _Errors) -> dict[CauseKey, list[int]]:
    indexes: dict[CauseKey, list[int]] = {}
    for at, error in errors.items():
        indexes.setdefault(error.key, []).append(at)
    return indexes


_CHARGES: Final = CONVENTIONS["standard"]


class _Sum:
    """Sum over the errors of one cause."""

    def __init__(self) -> None:
        self.outcomes: Counter[Outcome] = Counter()
        self.fields: Counter[str] = Counter()
        self.items: set[tuple[int, _Item | None]] = set()
        self.cases: set[int] = set()
        self.equal = 0
        self.macro: list[float] = []

    def add(self, case: int, diffs: Sequence[FieldDiff], whole: int) -> None:
        """Enter the errors of one case; `whole` is what its F1 is a fraction of.

        0 stands for a vacuous case that counts as zero: all of it is lost.
        """
        self.cases.add(case)
        self.outcomes.update(diff.outcome for diff in diffs)
        self.fields.update(diff.field for diff in diffs)
        self.equal += sum(diff.value_equal for diff in diffs)
        charged = sum(_CHARGES[diff.outcome].fp + _CHARGES[diff.outcome].fn for diff in diffs)
        self.macro.append(charged / whole if whole else 1.0)

    def cause(self, key: CauseKey, total: Counts, averaged: int) -> Cause:
        """Return the cause; `averaged` is how many cases macro F1 is a mean of."""
        counts = Counts(
            omission=self.outcomes[Outcome.OMISSION],
            hallucination=self.outcomes[Outcome.HALLUCINATION],
            format_error=self.outcomes[Outcome.FORMAT_ERROR],
            wrong_value=self.outcomes[Outcome.WRONG_VALUE],
            value_equal=self.equal,
        )
        charged, whole = counts.false_positives + counts.false_negatives, total.f1.of
        cured = Ratio(
            2 * (total.true_positives + counts.expected), whole + 2 * counts.expected - charged
        )
        return Cause(
            key=key,
            counts=counts,
            items=len(self.items),
            cases=len(self.cases),
            fields=tuple(name for name, _ in sorted(self.fields.items(), key=_most_first)),
            micro_f1_lost=charged / whole if whole else 0.0,
            macro_f1_lost=math.fsum(self.macro) / averaged if averaged else 0.0,
            micro_f1_cured=1.0 if cured.value is None else cured.value,
        )


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]
