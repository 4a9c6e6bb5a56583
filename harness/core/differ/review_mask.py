"""Review mask: a ledger without the verdicts on fields that nobody reviewed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.core.fields.verdict_ledger import CODE, Ledger, SingleItem
from harness.core.outcomes import HALLUCINATION, OMISSION
from harness.core.records import ITEMS, TruthReview
from harness.core.values import FieldPath, Steps


def reviewed_only(ledger: Ledger, review: TruthReview) -> Ledger:
    """Return a ledger's verdicts on reviewed fields; they leave numerator and denominator alike.

    An item that the truth has not counts where the list is known to be whole. What a case's
    statements add up to is not judged unless all is reviewed.

    >>> from harness.core.differ.plan import Plan
    >>> ledger = Plan().diff({"a": 1, "b": 2}, {"a": 1, "b": 3})
    >>> len(reviewed_only(ledger, TruthReview(frozenset({("a",)}), (1, 2))).verdicts)
    1
    """
    if review.covers(()):
        return ledger
    indexes = [index for index, is_kept in enumerate(are_reviewed(ledger, review)) if is_kept]
    place = {index: n for n, index in enumerate(indexes)}
    masked = Ledger()
    masked.verdicts = [ledger.verdicts[index] for index in indexes]
    masked.marks = {place[index]: tag for index, tag in ledger.marks.items() if index in place}
    masked.collections, masked.ignored = ledger.collections, ledger.ignored
    masked.approximate, masked.kept = ledger.approximate, ledger.kept
    masked.unmatched = ledger.unmatched
    masked.pairings = ledger.pairings
    starts = _starts(indexes, len(ledger.verdicts))
    _keep_rows(ledger, masked, starts)
    masked.missing = list(_moved(ledger.missing, starts))
    masked.spare = list(_moved(ledger.spare, starts))
    masked.lists = [*ledger.lists, *_left_out(ledger, starts)]
    return masked


def are_reviewed(ledger: Ledger, review: TruthReview) -> Iterator[bool]:
    """Tell of each verdict whether it counts.

    >>> from harness.core.differ.plan import Plan
    >>> ledger = Plan().diff({"a": 1, "b": 2}, {"a": 1, "b": 3})
    >>> list(are_reviewed(ledger, TruthReview(frozenset({("a",)}), (1, 2))))
    [True, False]
    """
    within: dict[int, SingleItem] = {}
    for single in ledger.spare:  # outer items come after those inside them
        within.update(dict.fromkeys(range(single.start, single.end), single))
    for index, (_, leaf, at, _, _, _) in enumerate(ledger.verdicts):
        extra = within.get(index)
        if extra is not None:
            path = _path(extra.list.steps, extra.expected)
            yield review.covers(path) or (*path, ITEMS) in review.reviewed
        else:
            yield review.covers(_path(leaf.path.steps, at))


def _path(steps: tuple[str | int, ...], at: Steps) -> FieldPath:
    holes = iter(at)
    return tuple(step if isinstance(step, str) else next(holes) for step in steps)


def _starts(indexes: list[int], size: int) -> list[int]:
    """Return how many verdicts are kept before each place."""
    starts, known = [], 0
    for index in range(size + 1):
        starts.append(known)
        if known < len(indexes) and indexes[known] == index:
            known += 1
    return starts


def _keep_rows(ledger: Ledger, masked: Ledger, starts: list[int]) -> None:
    for (start, end), name in zip(ledger.rows, ledger.row_lists, strict=True):
        if starts[start] < starts[end]:
            masked.rows.append((starts[start], starts[end]))
            masked.row_lists.append(name)


def _moved(singles: Iterable[SingleItem], starts: list[int]) -> Iterator[SingleItem]:
    for single in singles:
        start, end = starts[single.start], starts[single.end]
        if start < end:
            yield single._replace(start=start, end=end)


def _left_out(ledger: Ledger, starts: list[int]) -> Iterator[tuple[str, int, int, int]]:
    """Yield what has to be taken off the counts of lists for items nothing is kept of."""
    for (start, end), name in zip(ledger.rows, ledger.row_lists, strict=True):
        if start < end and starts[start] == starts[end]:
            yield name, -1, 0, 0
    for singles, code in ((ledger.missing, OMISSION), (ledger.spare, HALLUCINATION)):
        for single in singles:
            start, end = single.start, single.end
            is_there = any(verdict[CODE] == code for verdict in ledger.verdicts[start:end])
            if is_there and starts[start] == starts[end]:
                is_missing = code == OMISSION
                yield single.list.name, 0, -int(is_missing), -int(not is_missing)
