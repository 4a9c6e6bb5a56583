"""Labels of classified fields: enums, booleans and sets of them, expected and predicted."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from typing import Final, TypeAlias

from harness.core.comparators.comparator import Key
from harness.core.fields.verdict_ledger import (
    CODE,
    FIELD,
    PLACE_EXPECTED,
    PLACE_PREDICTED,
    VALUE_EXPECTED,
    JudgedField,
    Ledger,
    Verdict,
)
from harness.core.outcomes import ABSTENTION, CORRECT, HALLUCINATION, OMISSION
from harness.core.scores.classification import Classification
from harness.core.scores.confusion import ConfusionMatrix
from harness.core.scores.multilabel import Multilabel, multilabel
from harness.core.values import Json, Steps

_CLOSED: Final = ("enum", "boolean")
"""Comparators of fields whose answers are labels."""
_OPEN: Final = "by type"
"""The comparator of a field without a schema: of labels where all its truths are booleans."""
_LIST: Final = "[]"

_Pair: TypeAlias = tuple[Hashable, Hashable]
_Sets: TypeAlias = tuple[frozenset[Hashable], frozenset[Hashable]]
_Group: TypeAlias = tuple[str, Steps, Steps]


class Labels:
    """Gathers labels case by case, absent ones too, and says how each field was classified.

    A wrong format is a wrong label: it stands under the text that was given, in quotes if nothing
    else tells it from the label that was meant.
    """

    def __init__(self) -> None:
        self._leaves: dict[JudgedField, str | None] = {}
        self._not_closed: set[str] = set()
        self._pairs: defaultdict[str, Counter[_Pair]] = defaultdict(Counter)
        self._sets: defaultdict[str, list[_Sets]] = defaultdict(list)
        self._spelled: dict[tuple[str, Key], str] = {}

    def add(self, ledger: Ledger) -> None:
        """Enter the verdicts of one case."""
        groups: defaultdict[_Group, list[tuple[int, _Pair]]] = defaultdict(list)
        leaves = self._leaves
        for verdict in ledger.verdicts:
            leaf = verdict[FIELD]
            name = leaves[leaf] if leaf in leaves else self._met(leaf)
            if name is None:
                continue
            if leaf.scalar.name == _OPEN and not _may_be_closed(verdict):
                self._not_closed.add(name)
                leaves[leaf] = None
                continue
            pair = self._labels(name, verdict)
            if name.endswith(_LIST):
                groups[name, verdict[PLACE_EXPECTED][:-1], verdict[PLACE_PREDICTED][:-1]].append(
                    (verdict[CODE], pair)
                )
            else:
                self._pairs[name][pair] += 1
        for (name, *_), met in groups.items():
            self._sets[name].extend(_sets(met))

    def single(self) -> Mapping[str, Classification]:
        """Return the fields with one label each, by name."""
        return {
            name: Classification(ConfusionMatrix.of(pairs))
            for name, pairs in sorted(self._pairs.items())
            if name not in self._not_closed and any(one is not None for one, _ in pairs)
        }

    def multi(self) -> Mapping[str, Multilabel]:
        """Return the lists of labels, by name of the list; lists empty on both sides count."""
        tables: dict[str, Multilabel] = {}
        for name, sets in sorted(self._sets.items()):
            if name not in self._not_closed:
                field = name.removesuffix(_LIST)
                nothing: frozenset[Hashable] = frozenset()
                empty = [(nothing, nothing)] * self._pairs[field][None, None]
                expected, predicted = zip(*sets, *empty, strict=True)
                tables[field] = multilabel(expected, predicted)
        return tables

    def _met(self, leaf: JudgedField) -> str | None:
        closed = leaf.scalar.name in _CLOSED or leaf.scalar.name == _OPEN
        self._leaves[leaf] = (leaf.path.name or "$") if closed else None
        return self._leaves[leaf]

    def _labels(self, name: str, verdict: Verdict) -> _Pair:
        code, leaf, _, _, expected, predicted = verdict
        if code == ABSTENTION:
            return None, None
        one = None if code == HALLUCINATION else self._spelling(name, leaf, expected)
        if code == CORRECT:
            return one, one
        if code == OMISSION:
            return one, None
        other = self._spelling(name, leaf, predicted)
        return one, json.dumps(predicted, ensure_ascii=False) if one == other else other

    def _spelling(self, name: str, leaf: JudgedField, value: Json) -> str:
        """Return a label as it was spelled first: `USD` and `US$` may be one."""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        key = leaf.scalar.key(value)
        return text if key is None else self._spelled.setdefault((name, key), text)


def _may_be_closed(verdict: Verdict) -> bool:
    """Tell whether what is expected is a boolean, or nothing."""
    absent = verdict[CODE] in (HALLUCINATION, ABSTENTION)
    return absent or isinstance(verdict[VALUE_EXPECTED], bool | None)


def _sets(met: list[tuple[int, _Pair]]) -> list[_Sets]:
    """Return the sets of one item; of two, where a label is both omitted and made up.

    An item that is missing and another that is extra may stand at the same place.
    """
    expected = frozenset(one for _, (one, _) in met if one is not None)
    omitted = {one for code, (one, _) in met if code == OMISSION}
    made_up = {other for code, (_, other) in met if code == HALLUCINATION}
    predicted = {other for code, (_, other) in met if code != HALLUCINATION} | (made_up - omitted)
    elsewhere = frozenset(label for label in made_up & omitted if label is not None)
    label_sets = [(expected, frozenset(label for label in predicted if label is not None))]
    return [*label_sets, (frozenset(), elsewhere)] if elsewhere else label_sets
