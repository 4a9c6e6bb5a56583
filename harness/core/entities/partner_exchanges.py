"""Exchanges of partners: a joint matching is improved until no exchange makes it better.

Better is what docs/scoring.md says: more pairs, then more alike ones, collection by collection,
those first that others refer to; then more values and references that agree (local search over
2-exchanges, as for quadratic assignment: Koopmans and Beckmann 1957, Burkard 1984).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from harness.core.alignment.assignment import assign
from harness.core.entities.collection import LIKENESS_STEPS, EntityPair
from harness.core.entities.entity_weights import EntityWeights
from harness.core.entities.joint_pairs import JointPairs
from harness.core.entities.reference_graph import NOBODY, Graph
from harness.core.fields.field import EXPECTED, PREDICTED

MOST_TRIALS: Final = 4_000
"""How many exchanges are tried before the matching is left as it is, and called approximate."""

TRIALS_OF_ONE: Final = 10
"""The same for each entity, where there are many."""

PartnerChange: TypeAlias = tuple[str, int, int | None]
"""A collection, an expected entity, and the partner it had."""


class PartnerExchanges:
    """Exchanges of partners in a joint matching all pairs of which agree."""

    def __init__(
        self,
        joint: JointPairs,
        weights: EntityWeights,
        graph: Graph,
        candidates: Mapping[str, Mapping[EntityPair, int]],
    ) -> None:
        self._joint = joint
        self._weights = weights
        self._graph = graph
        self._candidates = candidates
        self._order = joint.order()
        self._changes: list[PartnerChange] = []
        """What was changed since the last exchange that was kept."""
        self._trials = 0
        self._most_trials = max(MOST_TRIALS, TRIALS_OF_ONE * graph.size)
        self._known_rows: dict[str, defaultdict[int, list[int]]] = {}
        """By collection and expected entity, those it may be."""
        self._rows: dict[str, dict[int, list[int]]] = {}
        self._columns: dict[str, dict[int, list[int]]] = {}
        """By collection and entity, those it may be, in canonical order."""

    def may_improve(self) -> bool:
        """Tell whether an exchange might make the matching better, without trying any.

        False where not all that may be one are weighed.
        """
        return self._weights.approximate.isdisjoint(self._order) and any(
            map(self._is_promising, self._open_keys())
        )

    def _is_promising(self, key: str) -> bool:
        others = self._others(key)
        if self._is_last(key):
            return self._may_gain(key, others)
        return any(self._has_better(key, i) for i in dict(others))

    def _others(self, key: str) -> list[EntityPair]:
        """Return the pairs of a collection that may be one and are not."""
        pairs = self._joint.pairs[key]
        return [pair for pair in self._candidates[key] if pairs.get(pair[0]) != pair[1]]

    def _open_keys(self) -> list[str]:
        return [k for k in self._order if len(self._candidates[k]) > len(self._joint.pairs[k])]

    def improve(self) -> None:
        """Exchange partners as long as that makes the matching better."""
        is_better, open_keys = True, self._open_keys()
        while is_better:
            is_better = False
            for key in open_keys:
                is_better = self._improve(key) or is_better
            if self._trials > self._most_trials:
                self._weights.approximate.update(open_keys)
                return

    def _improve(self, key: str) -> bool:
        """Make one collection better; tell whether that was possible."""
        others = self._others(key)
        if self._is_last(key):
            if not self._may_gain(key, others):
                return False
            rows, columns = zip(*self._candidates[key], strict=True)
            self._assign_again(key, {*rows}, {*columns})
            return self._keep_if_better()
        is_better = False
        for i in self._imperfect(key, others):
            for j in self._promising(key, i):
                self._trials += 1
                if self._trials > self._most_trials:
                    return True
                if self._exchange(key, i, j) and self._keep_if_better():
                    is_better = True
                    break
        return is_better

    def _may_gain(self, key: str, others: Sequence[EntityPair]) -> bool:
        """Tell whether an assignment can be worth more than the pairs there are.

        It cannot where no entity of one side has a better partner.
        """
        joint, some = self._joint, self._candidates[key]
        is_row_better = is_column_better = False
        for i, j in others:
            if joint.agree(key, i, j, final=True) is None:
                continue
            worth = some[i, j], self._agreeing(key, i, j)
            own, other = joint.pairs[key].get(i), joint.partners[key].get(j)
            for_row = own is None or worth > (some[i, own], self._agreeing(key, i, own))
            for_column = other is None or worth > (
                some[other, j],
                self._agreeing(key, other, j),
            )
            is_row_better = is_row_better or for_row
            is_column_better = is_column_better or for_column
            if is_row_better and is_column_better:
                return True
        return False

    def _is_last(self, key: str) -> bool:
        """Tell whether nobody refers to a collection: then its best pairs are an assignment."""
        columns = (each for other in self._order for each in self._graph.columns(other).values())
        return all(column.target != key for column in columns)

    def _imperfect(self, key: str, others: Iterable[EntityPair]) -> list[int]:
        """Return the expected entities that might do better, in canonical order."""
        some = [i for i in dict(others) if self._has_better(key, i)]
        if len(some) < 2:  # noqa: PLR2004  # no order
            return some
        places = self._weights.orders()[key][EXPECTED].places
        return sorted(some, key=places.__getitem__)

    def _has_better(self, key: str, i: int) -> bool:
        """Tell whether an expected entity might have a better partner."""
        return sum(self._has(key, i)) < self._most(key, i) and any(self._better(key, i))

    def _most(self, key: str, i: int) -> int:
        node = self._graph.node(key, EXPECTED, i)
        return len(self._weights.says(key, EXPECTED, i)) + len(self._graph.edges()[node])

    def _has(self, key: str, i: int) -> tuple[int, int]:
        """Return how many values and links of an expected entity agree; -1 where it is alone."""
        j = self._joint.pairs[key].get(i)
        if j is None:
            return -1, -1
        one, other = (
            self._graph.node(key, EXPECTED, i),
            self._graph.node(key, PREDICTED, j),
        )
        known = Counter(
            (label, partner)
            for label, at in self._graph.edges()[one]
            if (partner := self._partner(at)) is not None
        )
        links = (known & Counter(self._graph.edges()[other])).total()
        return self._weights.in_common(key, (i, j)), links

    def _partner(self, node: int) -> int | None:
        """Return the number of whom an expected entity, by its number, is paired with."""
        key, _, index = self._graph.entities()[node]
        j = self._joint.pairs[key].get(index)
        return None if j is None else self._graph.node(key, PREDICTED, j)

    def _promising(self, key: str, i: int) -> list[int]:
        """Return whom an expected entity might better be paired with, in canonical order."""
        some = [
            j
            for j, is_better in zip(self._row(key, i), self._better(key, i), strict=True)
            if is_better
        ]
        if len(some) < 2:  # noqa: PLR2004  # no order
            return some
        return sorted(some, key=self._weights.orders()[key][PREDICTED].places.__getitem__)

    def _row(self, key: str, i: int) -> list[int]:
        """Return those that an expected entity may be."""
        if key not in self._known_rows:
            rows = self._known_rows[key] = defaultdict(list)
            for n, j in self._candidates[key]:
                rows[n].append(j)
        return self._known_rows[key][i]

    def _better(self, key: str, i: int) -> Iterator[bool]:
        """Yield of each that an expected entity may be whether it might be a better partner.

        More links that agree may pair more of those at their other ends.
        """
        (values, links), some = self._has(key, i), self._candidates[key]
        own = self._joint.pairs[key].get(i)
        worth = -1 if own is None else some[i, own]
        kinds = self._kinds(self._graph.node(key, EXPECTED, i))
        for j in self._row(key, i):
            most = (kinds & self._kinds(self._graph.node(key, PREDICTED, j))).total()
            shared = self._weights.in_common(key, (i, j))
            is_more = some[i, j] > worth or most > links or shared + most > values + links
            yield j != own and is_more

    def _kinds(self, node: int) -> Counter[int]:
        return Counter(label for label, _ in self._graph.edges()[node])

    def _may_be(self, key: str) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
        """Return by side and entity those it may be, in canonical order."""
        if key not in self._rows:
            left, right = (order.places for order in self._weights.orders()[key])
            rows, columns = self._rows, self._columns
            rows[key], columns[key] = defaultdict(list), defaultdict(list)
            for i, j in sorted(self._candidates[key], key=lambda p: (left[p[0]], right[p[1]])):
                rows[key][i].append(j)
                columns[key][j].append(i)
        return self._rows[key], self._columns[key]

    def _exchange(self, key: str, i: int, j: int) -> bool:
        """Pair two entities, then those they were paired with, and whoever refers to them anew.

        False, and nothing is changed, where that costs the collection a pair.
        """
        pairs, partners = self._joint.pairs[key], self._joint.partners[key]
        before = len(pairs)
        old, other = pairs.get(i), partners.get(j)
        if other is not None:
            self._set(key, other, None)
        self._set(key, i, j)
        rows, columns = self._may_be(key)
        if other is not None:
            free = [n for n in rows[other] if n not in partners]
            if free:
                self._set(key, other, old if old in free else free[0])
        if old is not None and old not in partners:
            waiting = [n for n in columns[old] if n not in pairs]
            if waiting:
                self._set(key, waiting[0], old)
        self._drop(key, before)
        if len(pairs) < before:
            self._put({(at, n): partner for at, n, partner in reversed(self._changes)})
            return False
        self._follow(key)
        return True

    def _set(self, key: str, i: int, j: int | None) -> None:
        pairs, partners = self._joint.pairs[key], self._joint.partners[key]
        old = pairs.pop(i, None)
        self._changes.append((key, i, old))
        if old is not None:
            del partners[old]
        if j is not None:
            pairs[i], partners[j] = j, i

    def _follow(self, key: str) -> None:
        """Pair those anew that refer to entities whose partners were changed."""
        for referring in self._order[self._order.index(key) + 1 :]:
            for target in sorted(self._joint.targets(referring) - {referring}):
                self._assign_again(referring, *self._referring(referring, target))
            self._drop(referring, 0)

    def _changed(self, key: str) -> tuple[set[int], set[int]]:
        """Return by side the entities of a collection whose partners were changed."""
        pairs = self._joint.pairs[key]
        before = {i: j for changed, i, j in reversed(self._changes) if changed == key}
        left = {i for i, j in before.items() if pairs.get(i) != j}
        return left, {j for i in left for j in (before[i], pairs.get(i)) if j is not None}

    def _referring(self, key: str, target: str) -> tuple[set[int], set[int]]:
        """Return by side who in a collection refers to entities whose partners were changed."""
        ends = [
            {n for at in some for n in who.get(at, ())}
            for side, some in enumerate(self._changed(target))
            for who in (self._graph.referrers(key, side, target),)
        ]
        return ends[0], ends[1]

    def _drop(self, key: str, fewest: int) -> None:
        """Take out pairs of a collection that agree no longer, until all do or too few are left."""
        pairs, partners = self._joint.pairs[key], self._joint.partners[key]
        is_changed = True
        while is_changed and len(pairs) >= fewest:
            rows, columns = self._referring(key, key)
            rows |= self._changed(key)[0]
            rows |= {i for j in columns if (i := partners.get(j)) is not None}
            broken = [
                i
                for i in rows
                if i in pairs and self._joint.agree(key, i, pairs[i], final=True) is None
            ]
            for i in broken:
                self._set(key, i, None)
            is_changed = bool(broken)

    def _assign_again(self, key: str, rows: set[int], columns: set[int]) -> None:
        """Pair some entities of a collection anew, as is best while all others stay as they are."""
        pairs, partners, some = self._joint.pairs[key], self._joint.partners[key], {}
        mine, theirs = self._may_be(key)
        rows = rows | {i for j in columns if (i := partners.get(j)) is not None}
        columns = columns | {j for i in rows if (j := pairs.get(i)) is not None}
        fitting = self._joint.fitting
        met = {(i, j) for i in rows for j in fitting(key, EXPECTED, i, mine.get(i, ()))}
        met |= {(i, j) for j in columns for i in fitting(key, PREDICTED, j, theirs.get(j, ()))}
        for i, j in met:
            is_free = (i in rows or i not in pairs) and (j in columns or j not in partners)
            if is_free and self._joint.agree(key, i, j, final=True) is not None:
                some[i, j] = self._agreeing(key, i, j)
        base = 1 + sum(some.values())
        more = (1 + LIKENESS_STEPS * len(some)) * base
        left, right = self._weights.orders()[key]
        edges: dict[int, list[EntityPair]] = defaultdict(list)
        for at, to, i, j in sorted((left.places[i], right.places[j], i, j) for i, j in some):
            edges[at].append((to, more + self._candidates[key][i, j] * base + some[i, j]))
        chosen = {left.indexes[at]: right.indexes[to] for at, to in assign(edges).items()}
        for i in rows:
            if i in pairs and chosen.get(i) != pairs[i]:
                self._set(key, i, None)
        for i, j in chosen.items():
            if pairs.get(i) != j:
                self._set(key, i, j)

    def _agreeing(self, key: str, i: int, j: int) -> int:
        """Return how many values and references of a pair agree."""
        columns = self._graph.columns(key)
        ends = self._joint.collections[key].rule.unordered or ()
        swap: dict[str, str] = {}
        if len(ends) == 2 and self._joint.agree(key, i, j, final=True):  # noqa: PLR2004  # two ends
            swap = {ends[0]: ends[1], ends[1]: ends[0]}
        agreeing = self._weights.in_common(key, (i, j))
        for name, column in columns.items():
            other = columns.get(swap.get(name, name))
            if other is None or not (left := column.sides[0][i]):
                continue
            known = self._joint.pairs.get(column.target, {})
            right = Counter(at for at in other.sides[1][j] if at != NOBODY)
            agreeing += (Counter(known[at] for at in left if at in known) & right).total()
        return agreeing

    def _keep_if_better(self) -> bool:
        """Keep what was changed if that makes the matching better, else take it back."""
        changes, self._changes = self._changes, []
        if not changes:
            return False
        old = {(key, i): j for key, i, j in reversed(changes)}
        new = {(key, i): self._joint.pairs[key].get(i) for key, i in old}
        if old == new:
            return False
        touched = self._touched({*self._nodes(old), *self._nodes(new)})
        after = self._value(new, touched)
        self._put(old)
        if after > self._value(old, touched):
            self._put(new)
            return True
        return False

    def _put(self, partners: Mapping[tuple[str, int], int | None]) -> None:
        for key, i in partners:
            self._set(key, i, None)
        for (key, i), j in partners.items():
            self._set(key, i, j)
        self._changes.clear()

    def _nodes(self, partners: Mapping[tuple[str, int], int | None]) -> Iterator[int]:
        for (key, i), j in partners.items():
            yield self._graph.node(key, EXPECTED, i)
            if j is not None:
                yield self._graph.node(key, PREDICTED, j)

    def _touched(self, nodes: Iterable[int]) -> list[tuple[str, int, int]]:
        """Return some entities and those that refer to them, by collection, side and index."""
        edges = self._graph.edges()
        some = dict.fromkeys(nodes)
        some |= dict.fromkeys(at for n in some for label, at in edges[n] if label < 0)
        return [self._graph.entities()[n] for n in some]

    def _value(
        self,
        partners: Mapping[tuple[str, int], int | None],
        touched: Sequence[tuple[str, int, int]],
    ) -> list[int]:
        """Return what the matching is worth where exchanges touched it, the weightiest first."""
        worths = {key: [0, 0] for key in self._order}
        for (key, i), j in partners.items():
            if j is not None:
                worths[key][0] += 1
                worths[key][1] += self._candidates[key][i, j]
        rows = {
            (key, n if side == EXPECTED else self._joint.partners[key].get(n))
            for key, side, n in touched
        }
        met = [(key, i, self._joint.pairs[key].get(i)) for key, i in rows if i is not None]
        agreeing = sum(self._agreeing(key, i, j) for key, i, j in met if j is not None)
        return [*(each for key in self._order for each in worths[key]), agreeing]
