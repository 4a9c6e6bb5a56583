"""The empty answer: how many fields of a truth it omits, and how many it rightly leaves out.

Both are known from the truth alone, so nothing is paired and no verdict is written.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from harness.core.counts import Counts
from harness.core.differ.aligned_maps import MapField
from harness.core.differ.containers import Dynamic, ListField, ObjectField, refuse_alignment
from harness.core.differ.entity_scope import EntityScope
from harness.core.differ.forwarding_fields import Later, Positions
from harness.core.differ.plan import Plan
from harness.core.differ.statements import Statements
from harness.core.entities.reference_ids import LocalName
from harness.core.fields.field import NEVER_BLANK, Field, IgnoredField, Leaf
from harness.core.fields.verdict_ledger import CODE, Ledger
from harness.core.outcomes import ABSTENTION
from harness.core.values import Json, is_blank


class EmptyAnswer(NamedTuple):
    """Fields that an answer of nothing leaves out, wrongly and rightly."""

    expected: int
    abstentions: int


def empty_answer(plan: Plan, truth: Json, counts: Counts | None = None) -> EmptyAnswer:
    """Return how many fields `plan.diff(truth, None)` expects, and how many are absent.

    `counts` are those of any answer to this truth, where they are at hand: all answers to a truth
    have the same number of expected fields, so that its lists need no walk. Raises HarnessError
    where `diff` does.

    >>> truth = {"name": "x", "fax": None, "rows": [{"n": 1, "m": None}]}
    >>> empty_answer(Plan(), truth)
    EmptyAnswer(expected=2, abstentions=1)
    >>> empty_answer(Plan(), truth, Plan().score(truth, {"name": "y"}).counts)
    EmptyAnswer(expected=2, abstentions=1)
    """
    verdicts = _Verdicts(walks_lists=counts is None)
    try:
        verdicts.add_root(plan.root, truth)
    except (_OddFieldError, RecursionError):
        judged = Counts.of(verdict[CODE] for verdict in plan.diff(truth, None).verdicts)
        return EmptyAnswer(judged.expected, judged.true_negatives)
    expected = verdicts.expected if counts is None else counts.expected
    return EmptyAnswer(expected, verdicts.abstentions)


class _OddFieldError(Exception):
    """A field of a kind that only the differ itself judges."""


_HOLDS: Final[frozenset[type]] = frozenset({list, dict})
_SILENT: Final = (LocalName, IgnoredField)
"""Fields that write no verdict."""


class _Verdicts:
    """Counts what a field and all below it say where the answer has nothing."""

    __slots__ = ("abstentions", "expected", "walks_lists")

    def __init__(self, *, walks_lists: bool) -> None:
        self.expected = 0
        """Without what lists hold, where they are not walked."""
        self.abstentions = 0
        self.walks_lists = walks_lists

    def add_root(self, field: Field, value: Json) -> None:
        """Count a whole truth, whose answer is None and not what stands for a missing key."""
        if not value or value.__class__ not in _HOLDS:
            raise _OddFieldError
        self.add(field, value)

    def add(self, field: Field, value: Json) -> None:
        """Count one field, judged against what stands for a missing key."""
        kind = field.__class__
        if kind is Dynamic:
            self._dynamic(field, value)  # type: ignore[arg-type]  # seen above, four times
        elif kind is Leaf:
            self._leaf(field, value)  # type: ignore[arg-type]
        elif kind is ObjectField:
            self._object(field, value)  # type: ignore[arg-type]
        elif kind is ListField:
            self._list(field, value)  # type: ignore[arg-type]
        elif isinstance(field, EntityScope | Statements):
            self.add(field.field, value)
        elif isinstance(field, MapField) and isinstance(value, list):
            self.add(field.plain, value)
        elif isinstance(field, Later):
            self.add(field.grown(), value)
        elif not isinstance(field, _SILENT):
            raise _OddFieldError

    def _leaf(self, leaf: Leaf, value: Json) -> None:
        kind = value.__class__
        if kind in _HOLDS:
            raise _OddFieldError
        if leaf.plain:
            is_absent = kind not in NEVER_BLANK and is_blank(value)
        else:
            ledger = Ledger()
            leaf.diff(value, leaf.missing, (), (), ledger)
            is_absent = ledger.verdicts[0][CODE] == ABSTENTION
        if is_absent:
            self.abstentions += 1
        else:
            self.expected += 1

    def _dynamic(self, field: Dynamic, value: Json) -> None:
        if not value or value.__class__ not in _HOLDS:
            self._leaf(field.leaf, field.leaf.missing if value.__class__ in _HOLDS else value)
        elif isinstance(value, list):
            self._list(field.items(), value)
        elif field.shape is not None:
            self.add(field.shape, value)
        elif isinstance(value, dict):
            refuse_alignment(field.path, field.leaf.rule)
            known, plain = field.keys.get, field.leaves
            for key, held in value.items():
                kind = held.__class__
                if key in plain and (kind in NEVER_BLANK or (kind is str and "!" <= held < "\x7f")):  # type: ignore[operator]  # a text
                    self.expected += 1
                    continue
                below = known(key) or field.key(key)
                if below.__class__ is Dynamic and held.__class__ not in _HOLDS:
                    self._leaf(below.leaf, held)
                else:
                    self.add(below, held)

    def _object(self, field: ObjectField, value: Json) -> None:
        if not isinstance(value, dict):
            if not is_blank(value):
                raise _OddFieldError
            value = {}
        if not value and (field.recursive or field.is_vast()):
            self.abstentions += 1
        elif value and field.choose is not None and (branch := field.choose(value)) is not None:
            self._object(branch, value)
        else:
            for key, below, missing, leaf in field.fields or field.grown():
                held = value.get(key, missing)
                kind = held.__class__
                if leaf is not None and (
                    kind in NEVER_BLANK or (kind is str and "!" <= held < "\x7f")  # type: ignore[operator]  # a text
                ):
                    self.expected += 1
                elif leaf is not None and kind not in _HOLDS:
                    self._leaf(leaf, held)
                else:
                    self.add(below, held)
            for key in value.keys() - field.known.keys():
                self.add(field.rest(key), value[key])

    def _list(self, field: ListField, value: Json) -> None:
        if is_blank(value):
            self.abstentions += 1
        elif not isinstance(value, list):
            raise _OddFieldError
        elif self.walks_lists:
            abstentions, item = self.abstentions, field.item
            for position, held in enumerate(value):
                self.add(item.at(position) if isinstance(item, Positions) else item, held)
            self.abstentions = abstentions  # a missing item abstains from nothing
