"""Entity matching: pairs of entities that agree, references between them included."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from harness.core.alignment.assignment import assign
from harness.core.entities.collection import LIKENESS_STEPS, Collection, EntityPair
from harness.core.entities.entity_weights import EntityWeights
from harness.core.entities.joint_pairs import JointPairs
from harness.core.entities.neighbourhoods import Surroundings, components
from harness.core.entities.partner_exchanges import PartnerExchanges
from harness.core.entities.reference_graph import NOBODY, Graph
from harness.core.entities.repeated_ids import settle_repeated_ids
from harness.core.fields.field import EXPECTED, PREDICTED

MOST_WEIGHED: Final = 200_000
"""How many pairs are weighed to settle namesakes one by one; from then on, many at a time."""

ROUNDS: Final = 8
"""How often a matching is begun again without the pairs whose references came to nothing."""


class Matching:
    """The matching of all collections of one scope."""

    def __init__(
        self,
        collections: Mapping[str, Collection],
        known: tuple[Graph, EntityWeights] | None = None,
    ) -> None:
        """Weigh the pairs; `known` are the links and weights of mirrored collections."""
        if known is None:
            settle_repeated_ids(collections)
            graph = Graph(collections)
            known = graph, EntityWeights(collections, graph)
            self._is_other_first: bool | None = None
            """Whether choices are to be made from the other side; found when there are any."""
        else:
            self._is_other_first = False
        self._collections = collections
        self._graph, self._weights = known
        self._every = {**self._weights.candidates}
        """The pairs that may be one, with those whose references came to nothing."""
        self.joint = JointPairs(collections, self._graph, self._weights)
        self._weighed = 0
        """How many pairs were weighed, each time that one of several namesakes was chosen."""

    @property
    def approximate(self) -> set[str]:
        """The collections of which not all pairs were weighed."""
        return self._weights.approximate

    def settle(self) -> None:
        """Match until nothing is left to match, and every reference of a pair is matched itself.

        What is settled before pairs have to be chosen is the same in any order; choices are made in
        the entities' canonical order, and from the side that comes first in it, so that ids, places
        in the lists, and which side is the truth have no part in them.
        """
        if not self._settle_in_turn():
            mirror = self._mirrored()
            mirror.settle()
            self.joint.take(mirror.joint)

    def _mirrored(self) -> Matching:
        """Return the matching of the same collections from the other side, nothing settled."""
        collections = {key: one.mirrored() for key, one in self._collections.items()}
        graph = Graph(collections, self._graph)
        turned = {k: {(j, i): w for (i, j), w in some.items()} for k, some in self._every.items()}
        return Matching(
            collections, (graph, EntityWeights(collections, graph, self._weights, turned))
        )

    def _settle_in_turn(self) -> bool:
        """Match until nothing is left; False where choices are to be made from the other side."""
        candidates = self._weights.candidates
        for last in (*[False] * ROUNDS, True):
            self.joint.begin()
            while self.joint.narrow():
                if self._settle_certain():
                    continue
                if self._is_second():
                    return False
                self._settle_choice()
            broken = self.joint.drop_broken()
            if last or not broken:
                break
            gone = set(broken)
            for key in {key for key, _ in broken}:
                candidates[key] = {p: w for p, w in candidates[key].items() if (key, p) not in gone}
        exchanges = PartnerExchanges(self.joint, self._weights, self._graph, self._every)
        if exchanges.may_improve():
            if self._is_second():
                return False
            exchanges.improve()
        return True

    def _is_second(self) -> bool:
        """Tell whether the truth comes after the prediction in canonical order."""
        if self._is_other_first is None:
            self._is_other_first = self._comes_second()
        return self._is_other_first

    def _comes_second(self) -> bool:
        """Compare what both sides say and how it is linked, what tells soonest first."""
        sides = [one.sides() for one in self._collections.values()]
        for expected, predicted in sides:
            if len(expected) != len(predicted):
                return len(expected) > len(predicted)
        for one in self._collections.values():
            left, right = (sorted(one.contents(side)) for side in (EXPECTED, PREDICTED))
            if left != right:
                return left > right
        orders = self._weights.orders().values()
        looks = [[sorted(order.ranks) for order in both] for both in zip(*orders, strict=True)]
        return looks[EXPECTED] > looks[PREDICTED]

    def _settle_choice(self) -> None:
        """Settle what alone looks the same, else what is best."""
        around = self._surroundings()
        if not self._settle_alike(around):
            self._settle_best(around)

    def _settle_certain(self) -> bool:
        """Settle the pairs that are each other's only candidate."""
        is_changed = False
        for key, some in self.joint.open.items():
            rows = Counter(i for i, _ in some)
            columns = Counter(j for _, j in some)
            for i, j in some:
                if rows[i] == 1 and columns[j] == 1:
                    self.joint.settle_pair(key, i, j)
                    is_changed = True
        return is_changed

    def _settle_alike(self, around: Surroundings) -> bool:
        """Settle the pairs that alone look the same from furthest away, if none is more alike.

        Those that look the same only from near are settled one beside the other: what is linked to
        them may belong to others.
        """
        top = {key: _best(some) for key, some in self.joint.open.items()}
        for colours in reversed(around.rounds[1:]):
            linked: set[int] = set()
            is_changed = False
            for key in self.joint.open:
                alike = self._alone_alike(key, colours, top[key])
                if colours is around.rounds[-1]:
                    for i, j in alike:
                        self.joint.settle_pair(key, i, j)
                elif alike:
                    places = self._weights.orders()[key][EXPECTED].places
                    alike.sort(key=lambda pair: places[pair[0]])
                    self._settle_unlinked(key, alike, around, linked)
                is_changed = is_changed or bool(alike)
            if is_changed:
                return True
        return False

    def _alone_alike(
        self, key: str, colours: Sequence[int], top: tuple[dict[int, int], dict[int, int]]
    ) -> list[EntityPair]:
        """Return the open pairs that alone have their colour, if neither has a better one."""
        (rows, columns), some = top, self.joint.open[key]
        ones, others = self._by_colour(key, colours, (rows, columns))
        met = [(i, others.get(colour)) for colour, i in ones.items()]
        return [
            (i, j)
            for i, j in met
            if i is not None and j is not None and some.get((i, j)) == rows[i] == columns[j]
        ]

    def _by_colour(
        self, key: str, colours: Sequence[int], both: tuple[Iterable[int], Iterable[int]]
    ) -> tuple[dict[int, int | None], dict[int, int | None]]:
        """Return by side the one open entity of each colour; None where several have it."""
        sides: tuple[dict[int, int | None], dict[int, int | None]] = {}, {}
        for side, entities in enumerate(both):
            for index in entities:
                colour = colours[self._graph.node(key, side, index)]
                sides[side][colour] = None if colour in sides[side] else index
        return sides

    def _settle_best(self, around: Surroundings) -> None:
        """Settle the best assignment of the first collection that still has candidates.

        Ties go to those whose surroundings are more alike, then to those that share more values.
        Of several that look the same or are linked, one is settled at a time: its links tell the
        others apart.
        """
        key = next(key for key in self.joint.order() if self.joint.open[key])
        left, right = self._weights.orders()[key]
        some = self.joint.open[key]
        ties = self._ties(key, around)
        base = 1 + max(ties.values()) * len(ties)
        more = (1 + LIKENESS_STEPS * len(some)) * base
        edges: dict[int, list[EntityPair]] = defaultdict(list)
        for at, to, i, j in sorted((left.places[i], right.places[j], i, j) for i, j in some):
            edges[at].append((to, more + some[i, j] * base + ties[i, j]))
        last = around.rounds[-1]
        common = Counter(last[self._graph.node(key, EXPECTED, left.indexes[at])] for at in edges)
        self._weighed += len(some)
        is_coarse = key in self.approximate or self._weighed > MOST_WEIGHED
        self._weights.approximate.update([key] if is_coarse else ())
        chosen: list[EntityPair] = []
        is_doubted = False
        for at, to in assign(edges).items():
            i, j = left.indexes[at], right.indexes[to]
            node = self._graph.node(key, EXPECTED, i)
            doubtful = common[last[node]] > 1 and not around.is_alone(node)
            if is_coarse or not (doubtful and is_doubted):
                chosen.append((i, j))
            is_doubted = is_doubted or doubtful
        self._settle_unlinked(key, chosen, around, set())

    def _settle_unlinked(
        self, key: str, pairs: Sequence[EntityPair], around: Surroundings, linked: set[int]
    ) -> None:
        """Settle pairs that are linked to none settled before them: those tell the others apart.

        `linked` are those that pairs settled so far are linked to, by number.
        """
        for i, j in pairs:
            ends = self._graph.node(key, EXPECTED, i), self._graph.node(key, PREDICTED, j)
            if linked.isdisjoint(ends):
                self.joint.settle_pair(key, i, j)
                linked.update(*map(around.neighbours, ends))

    def _ties(self, key: str, around: Surroundings) -> dict[EntityPair, int]:
        """Return what decides between pairs of equal worth, by pair.

        What two entities say and whom they are linked to counts alike: each agreement is one.
        """
        ties: dict[EntityPair, EntityPair] = {}
        for i, j in self.joint.open[key]:
            one, other = self._graph.node(key, EXPECTED, i), self._graph.node(key, PREDICTED, j)
            alike = self._weights.in_common(key, (i, j)) + around.common(one, other)
            ties[i, j] = alike, around.changes(one, other)
        most = max(changes for _, changes in ties.values())
        base = 1 + most * len(ties)
        return {pair: alike * base + most - changes for pair, (alike, changes) in ties.items()}

    def _likeliest(self, key: str) -> list[EntityPair]:
        """Return the open pairs neither side of which has a better one."""
        some = self.joint.open[key]
        rows, columns = _best(some)
        tied = [(i, j) for (i, j), worth in some.items() if worth == rows[i] == columns[j]]
        common = {pair: self._weights.in_common(key, pair) for pair in tied}
        rows, columns = _best(common)
        return [(i, j) for (i, j), shared in common.items() if shared == rows[i] == columns[j]]

    def _surroundings(self) -> Surroundings:
        """Return how all that is open looks; settled pairs look like each other only.

        Colours are numbers of entities, or for those of a collection that nothing tells apart of
        the collection; what is neither open nor settled has no part in it.
        """
        node, size = self._graph.node, self._graph.size
        start, possible = [NOBODY] * size, [NOBODY] * size
        unknown: list[int] = []
        for number, (key, pairs) in enumerate(self.joint.pairs.items()):
            for i, j in pairs.items():
                one, other = node(key, EXPECTED, i), node(key, PREDICTED, j)
                start[one] = start[other] = possible[one] = possible[other] = one
            for i, j in self.joint.open[key]:
                for n in (node(key, EXPECTED, i), node(key, PREDICTED, j)):
                    if start[n] == NOBODY:
                        start[n] = possible[n] = size + number
                        unknown.append(n)
            for (i, j), at in components(self._likeliest(key)):
                one, other = node(key, EXPECTED, i), node(key, PREDICTED, j)
                start[one] = start[other] = node(key, PREDICTED, at)
        edges = self._graph.edges()
        near = {n: [(label, at) for label, at in edges[n] if start[at] != NOBODY] for n in unknown}
        around = Surroundings(start, near, possible)
        if around.is_cut:
            self._weights.approximate.update(key for key, some in self.joint.open.items() if some)
        return around


def _best(some: Mapping[EntityPair, int]) -> tuple[dict[int, int], dict[int, int]]:
    """Return the most that each entity's pairs are worth, by side."""
    rows: dict[int, int] = {}
    columns: dict[int, int] = {}
    for (i, j), worth in some.items():
        rows[i] = max(rows.get(i, 0), worth)
        columns[j] = max(columns.get(j, 0), worth)
    return rows, columns
