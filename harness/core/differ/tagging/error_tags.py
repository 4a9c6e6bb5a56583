"""Error tags: why a field went wrong. Tags explain an error and never change a score."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Literal

from rapidfuzz import fuzz

from harness.core.comparators.comparator import as_text
from harness.core.differ.tagging.near_misses import near_misses
from harness.core.differ.tagging.row_swaps import row_swaps
from harness.core.differ.tagging.value_differences import (
    ADDED,
    LEFT_OUT,
    TextDifference,
    is_opposite,
    is_same_key,
    is_telling,
    scale_factor,
    text_difference,
)
from harness.core.entities.reference_ids import Link
from harness.core.fields.verdict_ledger import (
    CODE,
    FIELD,
    PLACE_EXPECTED,
    PLACE_PREDICTED,
    VALUE_EXPECTED,
    VALUE_PREDICTED,
    Ledger,
    Verdict,
)
from harness.core.outcomes import (
    ABSTENTION,
    CORRECT,
    FORMAT_ERROR,
    FORMAT_ONLY,
    HALLUCINATION,
    OMISSION,
    Tag,
)
from harness.core.reading.dates import is_ambiguous
from harness.core.reading.text import fold
from harness.core.values import Json, Path

_PLACEHOLDERS: Final = frozenset(
    (
        *("n/a", "na", "n.a.", "none", "null", "nil", "unknown", "unspecified", "undefined"),
        *("missing", "tbd", "tba", "string", "?", "-", "--", "---", "...", "\u2026", "yyyy-mm-dd"),
        *("not specified", "not stated", "not provided", "not available", "not applicable"),
        *("not given", "not found"),
    )
)
"""Texts that stand for no value; they are values all the same unless a rule lists them."""

_LONG: Final = 3
"""Characters from which two equal values are hardly so by chance."""
_MOST_KEYS: Final = 30
"""Under more keys than these, a value that stands there says nothing of any one of them."""


def tags_of(ledger: Ledger) -> dict[int, tuple[Tag, ...]]:
    """Return the tags of every verdict that has any, by the verdict's index."""
    tags_by_index: dict[int, list[Tag]] = defaultdict(list)
    for index, tag in ledger.marks.items():
        tags_by_index[index].append(tag)
    wrong = [
        (index, verdict)
        for index, verdict in enumerate(ledger.verdicts)
        if verdict[CODE] not in (CORRECT, ABSTENTION)
    ]
    if not wrong:
        return {}
    chosen = _chosen(ledger)
    for index, verdict in wrong:
        tags = _own_tags(verdict)
        tags_by_index[index].extend(
            t for t in tags if t is not Tag.PLACEHOLDER or not chosen(verdict)
        )
    swaps = ((index, Tag.ROW_SWAP) for index in row_swaps(ledger, wrong))
    near = (
        (index, Tag.NEAR_MISS)
        for pair in near_misses(wrong, _apart(ledger, wrong))
        for index in pair
    )
    for index, tag in (*near, *swaps, *_duplicates(ledger), *_moves(ledger, wrong)):
        tags_by_index[index].append(tag)
    return {
        index: tuple(dict.fromkeys(tags))
        for index, tags in tags_by_index.items()
        if tags and ledger.verdicts[index][0] not in (CORRECT, ABSTENTION)
    }


def _inside(ledger: Ledger) -> set[int]:
    """Return the verdicts that stand inside of a list item without a counterpart."""
    return {
        index
        for single in (*ledger.missing, *ledger.spare)
        for index in range(single.start, single.end)
        if len(ledger.verdicts[index][PLACE_EXPECTED]) > len(single.place)
    }


def _apart(ledger: Ledger, wrong: Iterable[tuple[int, Verdict]]) -> set[int]:
    """Return the verdicts that no text of the other side can nearly be.

    They stand inside of an item without a counterpart, or in a map whose values go by their keys.
    """
    keyed = (
        index
        for index, verdict in wrong
        if verdict[FIELD].path.name.endswith("{}") and index not in ledger.marks
    )
    return _inside(ledger).union(keyed)


def _chosen(ledger: Ledger) -> Callable[[Verdict], bool]:
    """Return whether a predicted text is one of the values that a field chooses from."""
    values: set[tuple[int, str]] = set()  # filled when first asked for, which is rarely

    def is_chosen(verdict: Verdict) -> bool:
        _, leaf, _, _, _, predicted = verdict
        if not isinstance(predicted, str):
            return False
        is_member = leaf.scalar.name == "enum" and verdict[CODE] != FORMAT_ERROR
        if not is_member and not values:
            values.update(
                (id(v[FIELD]), fold(v[VALUE_EXPECTED]))
                for v in ledger.verdicts
                if isinstance(v[VALUE_EXPECTED], str)
            )
        return is_member or (id(leaf), fold(predicted)) in values

    return is_chosen


def _own_tags(verdict: Verdict) -> Iterator[Tag]:
    """Yield what one verdict's two values tell by themselves."""
    code, leaf, _, _, expected, predicted = verdict
    if code == OMISSION:
        return
    if code != FORMAT_ONLY and isinstance(predicted, str) and fold(predicted) in _PLACEHOLDERS:
        yield Tag.PLACEHOLDER
    if code == HALLUCINATION:
        if not leaf.path.declared:
            yield Tag.INVENTED_KEY
        return
    if isinstance(expected, Link) or isinstance(predicted, Link):
        return  # ids are local names: how they are spelled tells nothing
    if isinstance(expected, str) and isinstance(predicted, str):
        yield from _text_tags(verdict, expected, predicted)
    if code != FORMAT_ONLY:
        yield from _number_tags(expected, predicted)


def _text_tags(verdict: Verdict, expected: str, predicted: str) -> Iterator[Tag]:
    if verdict[FIELD].scalar.comparator_of(expected).name not in ("date", "datetime"):
        difference = text_difference(expected, predicted)
        if difference in _TEXT_TAGS:
            yield _TEXT_TAGS[difference]
    elif is_ambiguous(predicted) and verdict[CODE] == FORMAT_ERROR:
        yield Tag.AMBIGUOUS_DATE


def _number_tags(expected: Json, predicted: Json) -> Iterator[Tag]:
    if is_opposite(expected, predicted):
        yield Tag.SIGN
    elif scale_factor(expected, predicted):
        yield Tag.SCALE


_TEXT_TAGS: Final = {
    TextDifference.CASE: Tag.CASE_ONLY,
    TextDifference.BROKEN_OFF: Tag.TRUNCATED,
    **dict.fromkeys(ADDED, Tag.SUPERSET),
    **dict.fromkeys(LEFT_OUT, Tag.SUBSET),
}


IndexedVerdicts = Sequence[tuple[int, Verdict]]


def _duplicates(ledger: Ledger) -> Iterator[tuple[int, Tag]]:
    """Find extra items that say again what another item of the prediction says."""
    extra = {i for i, tag in ledger.marks.items() if tag is Tag.EXTRA_ITEM}
    if not extra:
        return
    items: dict[tuple[str, object], dict[object, list[tuple[int, object, object]]]]
    items = defaultdict(lambda: defaultdict(list))
    for index, (code, leaf, _, at_predicted, _, predicted) in enumerate(ledger.verdicts):
        if code in (OMISSION, ABSTENTION) or not at_predicted or isinstance(predicted, list | dict):
            continue
        key = leaf.scalar.key(predicted)
        for depth in range(1, len(at_predicted) + 1):
            items[_list_of(leaf.path, depth), at_predicted[: depth - 1]][
                at_predicted[:depth]
            ].append((index, (leaf.path.name, at_predicted[depth:]), key))
    for rows in items.values():
        copies: dict[object, list[list[int]]] = defaultdict(list)
        for cells in rows.values():
            content = frozenset((where, key) for _, where, key in cells)
            copies[content].append([index for index, _, _ in cells])
        for twins in copies.values():
            if len(twins) > 1:
                yield from ((i, Tag.DUPLICATE) for twin in twins for i in twin if i in extra)


def _list_of(path: Path, depth: int) -> str:
    """Return the steps of a path up to its n-th hole: the list that hole is an index of."""
    depths, names = 0, []
    for step in path.steps:
        depths += not isinstance(step, str)
        if depths == depth:
            break
        names.append(str(step))
    return ".".join(names)


def _moves(ledger: Ledger, wrong: IndexedVerdicts) -> Iterator[tuple[int, Tag]]:
    """Find expected values that stand under another key or at another path of the prediction."""
    lost = list(_telling_texts(wrong, OMISSION, VALUE_EXPECTED))
    stray = list(_telling_texts(wrong, HALLUCINATION, VALUE_PREDICTED)) if lost else []
    both = {text for *_, text in lost} & {text for *_, text in stray}
    if not both:
        return
    known = {id(v[FIELD]) for v in ledger.verdicts if v[CODE] not in (HALLUCINATION, ABSTENTION)}
    wanted = Counter(
        fold(as_text(v[VALUE_EXPECTED]) or "")
        for v in ledger.verdicts
        if is_telling(v[VALUE_EXPECTED])
    )
    by_text: dict[str, dict[int, _Strays]] = defaultdict(dict)
    for index, verdict, text in stray:
        by_text[text].setdefault(id(verdict[FIELD]), _Strays(verdict[FIELD].path)).add(
            index, verdict
        )
    for index, verdict, text in lost:
        fields = by_text.get(text, {})
        if len(fields) > _MOST_KEYS:
            continue
        for strays in _by_likeness(verdict, fields):
            other = strays.nearest(verdict)
            if other is None:
                continue
            tag = _move(verdict, other[1], is_known=id(other[1][1]) in known)
            alike = verdict[FIELD].path.steps[-1:] == strays.path.steps[-1:]
            rare = _is_rare(verdict[VALUE_EXPECTED], text, wanted[text])
            if tag is Tag.MISPLACED and not (rare or (alike and wanted[text] == 1)):
                continue
            yield index, tag
            yield other[0], tag
            strays.take(other)
            break


def _telling_texts(
    wrong: IndexedVerdicts, code: int, part: Literal[4, 5]
) -> Iterator[tuple[int, Verdict, str]]:
    """Yield the verdicts of a code whose value tells something, with its folded text."""
    for index, verdict in wrong:
        value = verdict[part]
        if verdict[CODE] == code and is_telling(value):
            yield index, verdict, fold(as_text(value) or "")


class _Strays:
    """Hallucinations of one field that all have one value."""

    __slots__ = ("_by_place", "_in_order", "path")

    def __init__(self, path: Path) -> None:
        self.path = path
        self._in_order: deque[tuple[int, Verdict]] = deque()
        self._by_place: dict[object, tuple[int, Verdict]] = {}

    def add(self, index: int, verdict: Verdict) -> None:
        """Add one, in order of the verdicts."""
        self._in_order.append((index, verdict))
        self._by_place[verdict[PLACE_PREDICTED]] = index, verdict

    def nearest(self, lost: Verdict) -> tuple[int, Verdict] | None:
        """Return the one at the place of an omission, else the first; None if none is left."""
        same = self._by_place.get(lost[2])
        if same is not None:
            return same
        while self._in_order and self._in_order[0][1][3] not in self._by_place:
            self._in_order.popleft()
        return self._in_order[0] if self._in_order else None

    def take(self, stray: tuple[int, Verdict]) -> None:
        """Leave one out from now on."""
        del self._by_place[stray[1][3]]


def _move(lost: Verdict, stray: Verdict, *, is_known: bool) -> Tag:
    """Return what became of a value: its key has another name, or it stands somewhere else.

    A key that the truth has too is no new name of another one.
    """
    one, other = lost[1].path, stray[1].path
    same_place = one.steps[:-1] == other.steps[:-1] and lost[2] == stray[3]
    if not is_known and (_renamed(one, other) or (same_place and _is_long(lost[4]))):
        return Tag.RENAMED_KEY
    return Tag.MISPLACED


def _is_rare(value: Json, text: str, times: int) -> bool:
    """Tell whether a value that is found elsewhere can hardly be another one that is equal."""
    return times == 1 and (_is_long(value) or text.isalpha())


def _is_long(value: Json) -> bool:
    return len(as_text(value) or "") >= _LONG


def _by_likeness(verdict: Verdict, fields: dict[int, _Strays]) -> list[_Strays]:
    """Return the fields with a value, those whose names are most alike first."""
    leaf = verdict[FIELD]
    others = [strays for at, strays in fields.items() if at != id(leaf)]
    name = leaf.path.name
    return sorted(others, key=lambda strays: -fuzz.ratio(name, strays.path.name))


def _renamed(one: Path, other: Path) -> bool:
    """Tell whether two paths differ only in how their last key is spelled."""
    if one.steps[:-1] != other.steps[:-1] or not one.steps:
        return False
    return is_same_key(str(one.steps[-1]), str(other.steps[-1]))
