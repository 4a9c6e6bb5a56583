"""Explanation of list pairing: how an item came to its partner, or why it has none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from harness.core.alignment.pair_worth import Worth, worth_of
from harness.core.differ.containers import ListField
from harness.core.differ.plan import Plan
from harness.core.explain.paired_items import (
    PairPlace,
    Range,
    filled,
    list_at,
    partners,
    places,
    rows_around,
)
from harness.core.fields.verdict_ledger import CODE, Ledger
from harness.core.outcomes import ABSTENTION, CORRECT, FORMAT_ONLY, HALLUCINATION, Tag
from harness.core.values import Json, is_blank, show, value_at_path

CANDIDATES: Final = 2_000
"""Most items of the other side that are compared to find the nearest one."""


@dataclass(frozen=True, slots=True)
class ItemPairing:
    """Pairing of one list item."""

    list: str
    """The list's path: in the truth, or for an item nobody expected in the prediction."""
    align: str
    """How the list's items are paired."""
    expected: int | None
    """The item's index in the truth; None where it is an extra one."""
    predicted: int | None
    """Its partner's index in the prediction; None where it has none."""
    reason: str
    """Why, in a sentence."""


def item_pairings(
    plan: Plan, values: tuple[Json, Json], ledger: Ledger, index: int
) -> tuple[ItemPairing, ...]:
    """Return how the list items on the way to a verdict were paired, outermost first.

    Ends with the first item that has no partner: nothing below it was paired.

    >>> truth, said = {"a": [{"n": 1, "m": 5}]}, {"a": [{"n": 9}, {"n": 1}]}
    >>> plan = Plan()
    >>> [p.reason for p in item_pairings(plan, (truth, said), plan.diff(truth, said), 0)]
    ['a[0] is paired with predicted item 1: 1 of 2 fields is right.']
    """
    pairings: list[ItemPairing] = []
    rows = rows_around(ledger, index)
    for place in places(ledger, index, rows):
        listed = list_at(plan.root, filled(place.steps, ledger.verdicts[index][2]))
        about = _Item(values, ledger, index, place, listed)
        pairings.append(about.unwrapped() or about.paired() or about.alone())
        if place.pair is None:
            break
    return tuple(pairings)


class _Item:
    """One item on the way to a verdict."""

    def __init__(
        self,
        values: tuple[Json, Json],
        ledger: Ledger,
        index: int,
        place: PairPlace,
        field: ListField,
    ) -> None:
        code, _, at_expected, at_predicted, _, _ = ledger.verdicts[index]
        self.values = values
        self.ledger = ledger
        self.index = index
        self.place = place
        self.field = field
        self.align = field.rule.align or "best"
        self.extra = code == HALLUCINATION and place.pair is None
        self.at = at_expected, at_predicted
        hole = place.hole
        self.own = int((at_predicted if self.extra else at_expected)[hole])
        self.partner = int(at_predicted[hole])
        self.list = show(filled(place.steps, at_predicted if self.extra else at_expected))

    def unwrapped(self) -> ItemPairing | None:
        """Explain a single value that stands for a list of one."""
        if self.place.pair or self.ledger.marks.get(self.index) is not Tag.UNWRAPPED:
            return None
        reason = f"The prediction has a single value for {self.list}, not a list."
        return ItemPairing(self.list, self.align, self.own, None, reason)

    def paired(self) -> ItemPairing | None:
        """Explain an item that has a partner."""
        if self.place.pair is None:
            return None
        reason = f"{self._named(self.own)} is paired with predicted item {self.partner}: "
        reason += f"{self._why(self.place.pair)}."
        return ItemPairing(self.list, self.align, self.own, self.partner, reason)

    def _named(self, index: int) -> str:
        return f"{'' if self.list == '$' else self.list}[{index}]"

    def _why(self, pair: Range) -> str:
        right = _right(self.ledger, pair)
        rule = self.field.rule
        if self.align == "position":
            return "they stand at the same position"
        if self.align == "entity":
            return f"they agree in {_listed(rule.match or ())}"
        if self.align == "key" and self._same_keys(pair):
            return f"both have the same {_listed(rule.key or ())}"
        if not right.startswith("0 "):
            return f"in the order of both, {right}" if self.align == "sequence" else right
        return f"{right}, but they are near enough for the threshold of {rule.threshold or 0:g}"

    def _same_keys(self, pair: Range) -> bool:
        names = {f"{self.field.path.name}[].{key}" for key in self.field.rule.key or ()}
        right = {
            leaf.path.name
            for code, leaf, *_ in self.ledger.verdicts[slice(*pair)]
            if code in (CORRECT, FORMAT_ONLY)
        }
        return names <= right

    def alone(self) -> ItemPairing:
        """Explain an item without a partner, naming the nearest item."""
        side = "predicted item" if self.extra else "expected item"
        reason = f"{self._named(self.own)}, the {side} {self.own}, has no partner: {self._lack()}."
        if self.extra:
            return ItemPairing(self.list, self.align, None, self.own, reason)
        return ItemPairing(self.list, self.align, self.own, None, reason)

    def _lists(self) -> tuple[Sequence[Json], Sequence[Json]]:
        """Return the list in the truth and the list in the prediction."""
        lists = []
        for value, at in zip(self.values, self.at, strict=True):
            listed = value_at_path(value, filled(self.place.steps, at))
            lists.append(listed if isinstance(listed, list) else [])
        return lists[0], lists[1]

    def _lack(self) -> str:
        """Say why an item has no partner."""
        expected, predicted = self._lists()
        others, who = (expected, "truth") if self.extra else (predicted, "prediction")
        if not others:
            return f"the {who} has no items here"
        if self.own >= len(predicted if self.extra else expected):
            return f"the {who} has another shape here"
        if self.align == "position":
            return f"the {who} has only {len(others)} of them"
        other = "expected" if self.extra else "predicted"
        keys = self.field.rule.key or ()
        own = (predicted if self.extra else expected)[self.own]
        if keys and not any(is_blank(value_at_path(own, tuple(key.split(".")))) for key in keys):
            return f"no {other} item that is left has the same {_listed(keys)}"
        nearest = self._nearest(expected, predicted)
        return self._refused(*nearest) if nearest else f"no {other} item has a field right"

    def _nearest(
        self, expected: Sequence[Json], predicted: Sequence[Json]
    ) -> tuple[int, Worth] | None:
        """Return the other side's item that has most in common; None where none has anything."""
        item, scratch = self.field.item, Ledger()
        own = (predicted if self.extra else expected)[self.own]
        others = (expected if self.extra else predicted)[:CANDIDATES]
        nearest: tuple[int, Worth] | None = None
        for other, value in enumerate(others):
            pair = (value, own) if self.extra else (own, value)
            worth = worth_of(item, *pair, scratch)
            if (worth.correct or worth.lenient) and (nearest is None or worth > nearest[1]):
                nearest = other, worth
        return nearest

    def _refused(self, other: int, worth: Worth) -> str:
        """Say why the nearest item is not the partner."""
        right = _shares(worth.correct + worth.lenient, worth.leaves)
        near = f"{'expected' if self.extra else 'predicted'} item {other} comes nearest ({right})"
        pairs = partners(self.ledger, self.place, self.index)
        taken = {j: (i, pair) for i, (j, pair) in pairs.items()} if not self.extra else pairs
        if other in taken:
            by, pair = taken[other]
            whose = "predicted" if self.extra else "expected"
            return (
                f"{near}, but is paired with {whose} item {by}, where {_right(self.ledger, pair)}"
            )
        rule = self.field.rule
        if self.align == "entity":
            return f"{near}, but does not agree in {_listed(rule.match or ())}"
        if self.align == "key":
            return f"{near}, but only one of the two has {_listed(rule.key or ())}"
        if self.align == "sequence":
            return f"{near}, but out of order with the other pairs"
        return f"{near}, but was not weighed: the list is very long"


def _right(ledger: Ledger, pair: Range) -> str:
    codes = [
        verdict[CODE] for verdict in ledger.verdicts[slice(*pair)] if verdict[CODE] != ABSTENTION
    ]
    return _shares(sum(code in (CORRECT, FORMAT_ONLY) for code in codes), len(codes))


def _shares(right: int, of: int) -> str:
    """Say how many fields are right.

    >>> _shares(1, 1), _shares(1, 4), _shares(3, 4)
    ('its only field is right', '1 of 4 fields is right', '3 of 4 fields are right')
    """
    if right == of == 1:
        return "its only field is right"
    return f"{right} of {of} fields {'is' if right == 1 else 'are'} right"


def _listed(names: Iterable[str]) -> str:
    """Write names one after the other.

    >>> _listed(["name", "born"])
    '`name` and `born`'
    """
    return " and ".join(f"`{name}`" for name in names)
