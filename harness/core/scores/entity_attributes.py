"""Attribute scores of matched entities: one attribute over all matched pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.core.comparators.by_name import Key
from harness.core.counts import Ratio
from harness.core.fields.field import EXPECTED, PREDICTED
from harness.core.fields.verdict_ledger import Ledger
from harness.core.outcomes import CORRECT, HALLUCINATION, OMISSION
from harness.core.statistics.intervals import mean

Coding = tuple[Key, Key, bool]
"""Expected and predicted key of one attribute of one matched pair, None for absent, and whether
they are the same value in the right format."""


@dataclass(frozen=True, slots=True)
class AttributeScore:
    """One attribute over all matched pairs of entities."""

    coded: int
    """Pairs in which either side says anything; all pairs where "none" is a class."""
    agreement: Ratio
    """Pairs that agree, out of those coded."""
    class_macro_f1: float | None
    """Mean over classes of the class's F1; None where nothing is coded."""
    pooled: Ratio
    """2 TP / (2 TP + FP + FN) over all classes together."""


def codings(ledger: Ledger) -> Iterator[tuple[str, Coding]]:
    """Yield every attribute of every matched pair of entities, by field name."""
    owners: dict[str, tuple[str, int] | None] = {}
    for code, leaf, at_expected, at_predicted, expected, predicted in ledger.verdicts:
        name = leaf.path.name
        if name not in owners:
            owners[name] = _owner(name, ledger.collections)
        owner = owners[name]
        if owner is None:
            continue
        collection, holes = owner
        side, at = (PREDICTED, at_predicted) if code == HALLUCINATION else (EXPECTED, at_expected)
        if (collection, at[:holes]) in ledger.unmatched[side]:
            continue
        key = leaf.scalar.key
        one = None if code == HALLUCINATION else key(expected)
        other = None if code == OMISSION else key(predicted)
        yield name, (one, other, code == CORRECT)


def _owner(field: str, collections: Iterable[str]) -> tuple[str, int] | None:
    """Return the innermost collection a field is an attribute of, and how many holes its place has.

    >>> _owner("acts[].people[].name", ["acts", "acts[].people"])
    ('acts[].people', 2)
    >>> _owner("people{}.name", ["people"])
    ('people', 1)
    """
    around = [n for n in collections if field.startswith((f"{n}[]", f"{n}{{}}"))]
    if not around:
        return None
    owner = max(around, key=len)
    return owner, owner.count("[]") + owner.count("{}") + 1


def attribute_score(pairs: Iterable[Coding], *, none_is_class: bool = False) -> AttributeScore:
    """Score one attribute. With `none_is_class`, saying nothing is an answer like any other.

    >>> pairs = [("up", "up", True), ("up", "down", False), (None, None, False)]
    >>> score = attribute_score(pairs)
    >>> score.coded, score.agreement, score.pooled
    (2, Ratio(hits=1, of=2), Ratio(hits=2, of=4))
    >>> attribute_score(pairs, none_is_class=True).agreement
    Ratio(hits=2, of=3)
    """
    hits: Counter[Key] = Counter()
    expected: Counter[Key] = Counter()
    predicted: Counter[Key] = Counter()
    coded = agreed = 0
    for one, other, same in pairs:
        if one is None and other is None and not none_is_class:
            continue
        coded += 1
        same = same or (one is None and other is None)  # noqa: PLW2901  # both say "none"
        agreed += same
        if one is not None or none_is_class:
            expected[one] += 1
            hits[one] += same
        if other is not None or none_is_class:
            predicted[one if same else other] += 1
    classes = expected.keys() | predicted.keys()
    scores = [2 * hits[c] / (expected[c] + predicted[c]) for c in classes]
    total = expected.total() + predicted.total()
    pooled = Ratio(2 * hits.total(), total)
    return AttributeScore(coded, Ratio(agreed, coded), mean(sorted(scores)), pooled)
