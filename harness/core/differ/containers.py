"""Container fields: objects, lists and fields without a schema, which pass values on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from harness.core.alignment.align import align
from harness.core.comparators.delimited import read_items
from harness.core.entities.reference_ids import LocalName
from harness.core.fields.field import (
    NEVER_BLANK,
    PREDICTED,
    Field,
    IgnoredField,
    ItemCells,
    Leaf,
    decoded,
    encoded_cells,
    has_leaf,
    is_said,
    misframe,
    misshape,
    reframe,
)
from harness.core.fields.scalar import Spare
from harness.core.fields.verdict_ledger import Ledger, SingleItem, one_sided
from harness.core.outcomes import ABSTENTION, CORRECT, FORMAT_ONLY, OMISSION, Tag
from harness.core.rules.field_rule import FieldRule
from harness.core.values import KEY, Json, Path, Steps, is_blank
from harness.errors import HarnessError, Problem

ObjectProperties: TypeAlias = tuple[tuple[str, Field, Json, Leaf | None], ...]
"""Key, field, what a missing key is passed as, and the field again if it is a plain scalar."""

_HOLDS: Final = frozenset({list, dict})
_MOST_ABSENT: Final = 300
"""Of an absent object with more fields below it than these, one abstention is told for all."""


class ObjectField:
    """An object whose schema names its properties."""

    __slots__ = (
        "_grow",
        "_leaves",
        "_names",
        "_vast",
        "branches",
        "choose",
        "fields",
        "known",
        "missing",
        "own",
        "path",
        "recursive",
        "rest",
        "unlinked",
    )

    def __init__(
        self,
        path: Path,
        own: Leaf,
        grow: Callable[[], Mapping[str, Field]],
        rest: Callable[[str], Field],
    ) -> None:
        self.path = path
        self.own = own
        """Stands for the object itself where its leaves cannot be told one by one."""
        self.rest = rest
        """From a key the schema does not name to its field."""
        self.missing: Json = None
        self.choose: Callable[[Mapping[str, Json]], ObjectField | None] | None = None
        """Unions: from a true object to what judges it, the branch that it satisfies."""
        self.branches: Callable[[], Sequence[ObjectField]] | None = None
        """Unions: what judges objects of every branch."""
        self.recursive = False
        """True where the object holds itself: then absent on both sides is one abstention."""
        self.fields: ObjectProperties | None = None
        """Compiled when first needed, since a schema may refer to itself."""
        self.known: Mapping[str, Field] = {}
        self.unlinked: frozenset[str] = frozenset()
        """The properties that are sure to hold no reference."""
        self._vast: bool | None = None
        self._grow = grow
        self._names: frozenset[str] = frozenset()
        self._leaves: Mapping[str, Leaf] = {}
        """The properties that are plain scalars."""

    def grown(self) -> ObjectProperties:
        """Return the properties' fields, compiling them the first time."""
        if self.fields is None:
            self.known = self._grow()
            self._names = frozenset(self.known)
            plain = {k: f for k, f in self.known.items() if isinstance(f, Leaf) and f.plain}
            self.fields = tuple((k, f, f.missing, plain.get(k)) for k, f in self.known.items())
            self.unlinked = frozenset(
                k
                for k, f in self.known.items()
                if isinstance(f, LocalName | IgnoredField)
                or (k in plain and plain[k].rule.refers_to is None)
            )
            self._leaves = plain
        return self.fields

    def diff(
        self,
        expected: Json,
        predicted: Json,
        at_expected: Steps,
        at_predicted: Steps,
        ledger: Ledger,
    ) -> None:
        """Judge every property, the schema's first."""
        if not isinstance(expected, dict) or not isinstance(predicted, dict):
            if not self._framed(expected, predicted, at_expected, ledger):
                return
            expected = expected if isinstance(expected, dict) else {}
            predicted = predicted if isinstance(predicted, dict) else {}
        if not expected and not predicted and (self.recursive or self.is_vast()):
            ledger.verdicts.append((ABSTENTION, self.own, at_expected, at_predicted, None, None))
            return
        if self.choose is not None and expected and (branch := self.choose(expected)) is not None:
            branch.diff(expected, predicted, at_expected, at_predicted, ledger)
            return
        self._named(expected, predicted, (at_expected, at_predicted), ledger)
        known = self._names
        if not (known.issuperset(expected) and known.issuperset(predicted)):
            for key in [*expected, *(key for key in predicted if key not in expected)]:
                if key not in known:
                    self._unnamed(key, (expected, predicted), (at_expected, at_predicted), ledger)

    def is_vast(self) -> bool:
        """Tell whether there are too many fields below to tell of each that it is absent."""
        if self._vast is None:
            waiting: list[Field] = [self]
            met = 0
            while waiting and met <= _MOST_ABSENT:
                field = waiting.pop()
                met += 1
                if isinstance(field, ObjectField) and not field.recursive:
                    waiting.extend(below for _, below, *_ in field.fields or field.grown())
            self._vast = met > _MOST_ABSENT
        return self._vast

    def _named(
        self,
        expected: Mapping[str, Json],
        predicted: Mapping[str, Json],
        at: tuple[Steps, Steps],
        ledger: Ledger,
    ) -> None:
        """Judge the schema's properties; most are equal or left out, told of without a call."""
        e_get, p_get, (at_expected, at_predicted) = expected.get, predicted.get, at
        write = ledger.verdicts.append
        for key, field, missing, leaf in self.fields or self.grown():
            value, answer = e_get(key, missing), p_get(key, missing)
            if leaf is not None and (answer is None or value == answer):
                kind = value.__class__
                same = answer is None or kind is answer.__class__
                if same and (
                    kind in NEVER_BLANK or (kind is str and "!" <= value < "\x7f")  # type: ignore[operator]  # a text
                ):
                    code = OMISSION if answer is None else CORRECT
                    write((code, leaf, at_expected, at_predicted, value, answer))
                    continue
            if leaf is not None and (quick := leaf.quick_code(value, answer)) is not None:
                write((quick, leaf, at_expected, at_predicted, value, answer))
                continue
            field.diff(value, answer, at_expected, at_predicted, ledger)

    def _unnamed(
        self,
        key: str,
        sides: tuple[Mapping[str, Json], Mapping[str, Json]],
        at: tuple[Steps, Steps],
        ledger: Ledger,
    ) -> None:
        field, (at_expected, at_predicted) = self.rest(key), at
        if field.path.steps[-1] is KEY:
            at_expected, at_predicted = (*at_expected, key), (*at_predicted, key)
        expected, predicted = (side.get(key, field.missing) for side in sides)
        field.diff(expected, predicted, at_expected, at_predicted, ledger)

    def _framed(self, expected: Json, predicted: Json, at: Steps, ledger: Ledger) -> bool:
        """Judge sides that are no objects; return True where both are objects or absent."""
        if not isinstance(expected, dict) and not is_blank(expected):
            self.own.diff(expected, predicted, at, at, ledger)
        elif isinstance(predicted, dict) or not has_leaf(predicted):
            return True
        elif not is_said(self, expected):
            self.own.diff(self.own.missing, predicted, at, at, ledger)
        else:
            misframe(self, (expected, predicted), at, ledger)
        return False

    def cells(self, value: Json, side: int, at: Steps, row: ItemCells) -> None:
        """Add the properties' cells."""
        if not isinstance(value, dict):
            _odd_cells(self, value, (side, at), row)
            return
        if self.choose is not None and self.branches is not None:
            chosen = self.choose(value) or self
            chosen.own_cells(value, side, at, row)
            if side == PREDICTED:
                _spare_cells([self, *self.branches()], value, at, row)
            return
        self.own_cells(value, side, at, row)

    def field_of(self, key: str) -> Field | None:
        """Return a key's field; None where it is the key's or other values' that decide on it."""
        self.grown()
        field = self.known.get(key) or self.rest(key)
        return None if self.choose is not None or field.path.steps[-1] is KEY else field

    def own_cells(self, value: Mapping[str, Json], side: int, at: Steps, row: ItemCells) -> None:
        """Add the properties' cells as the object's own fields read them."""
        self.grown()
        plain = self._leaves.get
        for key, child in value.items():
            leaf = plain(key)
            if leaf is not None and (known := leaf.known.get(child.__class__)) is not None:
                cell = known[child]
                if cell is not None:
                    row[(leaf, at) if at else leaf] = cell
                continue
            field = self.known.get(key) or self.rest(key)
            below = (*at, key) if field.path.steps[-1] is KEY else at
            field.cells(child, side, below, row)


def _spare_cells(
    branches: Sequence[ObjectField], value: Mapping[str, Json], at: Steps, row: ItemCells
) -> None:
    """Add what a prediction holds as every branch reads it: the truth says which of them counts."""
    for branch in branches:
        cells: ItemCells = {}
        branch.own_cells(value, PREDICTED, at, cells)
        for column, cell in cells.items():
            if column not in row:
                row[column] = cell if isinstance(cell, Spare) else Spare(cell)


def _odd_cells(field: ObjectField, value: Json, place: tuple[int, Steps], row: ItemCells) -> None:
    """Add the cells of what is no object: its own, and loose ones of an object sent as text.

    Its own tell that the place has another shape than an object, whose lists are no lists here.
    """
    side, at = place
    field.own.cells(value, side, at, row)
    if side == PREDICTED:
        encoded_cells(field, value, at, row)


class ListField:
    """A list: items are paired first, then judged field by field."""

    __slots__ = ("item", "missing", "own", "path", "rule")

    def __init__(self, path: Path, item: Field, own: Leaf, rule: FieldRule) -> None:
        self.path = path
        self.item = item
        self.own = own
        """Stands for the list itself where it is absent on both sides, or no list."""
        self.rule = rule
        self.missing: Json = None

    def diff(
        self,
        expected: Json,
        predicted: Json,
        at_expected: Steps,
        at_predicted: Steps,
        ledger: Ledger,
    ) -> None:
        """Pair the items, judge the pairs, and tell of the rest."""
        absent = is_blank(expected)
        if not absent and not isinstance(expected, list):
            self.own.diff(expected, predicted, at_expected, at_predicted, ledger)
        elif not is_said(self, predicted):
            if absent:
                silent = ABSTENTION, self.own, at_expected, at_predicted, None, None
                ledger.verdicts.append(silent)
            else:
                self._items(expected, [], (at_expected, at_predicted), ledger)
        elif isinstance(predicted, list):
            self._items(expected, predicted, (at_expected, at_predicted), ledger)
        elif not is_said(self, expected):
            self.own.diff(self.own.missing, predicted, at_expected, at_predicted, ledger)
        elif (value := decoded(predicted, list)) is not None:
            reframe(self, (expected, value), at_expected, ledger, Tag.ENCODED)
        else:
            self._unwrapped(expected, predicted, at_expected, ledger)

    def _unwrapped(self, expected: Json, predicted: Json, at: Steps, ledger: Ledger) -> None:
        items = expected if isinstance(expected, list) else []
        present = [(i, item) for i, item in enumerate(items) if is_said(self.item, item, (i,))]
        if len(present) == 1 and isinstance(predicted, dict) == isinstance(present[0][1], dict):
            (position, item), *_ = present
            reframe(self.item, (item, predicted), (*at, position), ledger, Tag.UNWRAPPED)
        elif (items_of_text := self._delimited(items, predicted)) is not None:
            reframe(self, (expected, items_of_text), at, ledger, Tag.ENCODED)
        else:
            misshape(self, (expected, predicted), at, ledger)

    def _delimited(self, expected: Sequence[Json], predicted: Json) -> Json:
        """Return the items of a text that holds those expected between delimiters, and no others.

        None for any other text: what stands between two commas may be one item or two.
        """
        items = read_items(predicted) if isinstance(predicted, str) else None
        if items is None or len(items) < 2:  # noqa: PLR2004  # no list
            return None
        pieces, scratch = list[Json](items), Ledger()
        self.diff([*expected], pieces, (), (), scratch)
        right = all(code in (CORRECT, FORMAT_ONLY) for code, *_ in scratch.verdicts)
        return pieces if right else None

    def _items(self, e: Json, p: Json, at: tuple[Steps, Steps], ledger: Ledger) -> None:
        expected = e if isinstance(e, list) else []
        predicted = p if isinstance(p, list) else []
        both = expected and predicted
        partner = dict(align(self, expected, predicted, ledger)) if both else {}
        (at_expected, at_predicted), verdicts, judge = at, ledger.verdicts, self.item.diff
        nothing = self.item.missing
        missing = extra = 0
        for i, item in enumerate(expected):
            start = len(verdicts)
            j = partner.get(i)
            if j is None:
                judge(item, nothing, (*at_expected, i), (*at_predicted, i), ledger)
                one_sided(start, Tag.MISSING_ITEM, ledger)
                single = SingleItem(start, len(verdicts), self.path, at_expected, (*at_expected, i))
                ledger.missing.append(single)
                missing += len(verdicts) > start or has_leaf(item)
            else:
                judge(item, predicted[j], (*at_expected, i), (*at_predicted, j), ledger)
                ledger.rows.append((start, len(verdicts)))
                ledger.row_lists.append(self.path.name)
        paired = set(partner.values())
        for j, item in enumerate(predicted):
            if j not in paired:
                start = len(verdicts)
                judge(nothing, item, (*at_expected, j), (*at_predicted, j), ledger)
                one_sided(start, Tag.EXTRA_ITEM, ledger)
                place = (*at_predicted, j)
                ledger.spare.append(SingleItem(start, len(verdicts), self.path, at_expected, place))
                extra += len(verdicts) > start or has_leaf(item)
        ledger.lists.append((self.path.name, len(partner), missing, extra))
        if self.rule.align == "entity":
            lost = ((*at_expected, i) for i in range(len(expected)) if i not in partner)
            made = ((*at_predicted, j) for j in range(len(predicted)) if j not in paired)
            for side, places in zip(ledger.unmatched, (lost, made), strict=True):
                side.update((self.path.name, place) for place in places)

    def cells(self, value: Json, side: int, at: Steps, row: ItemCells) -> None:
        """Add the list as a whole: it is aligned by its own items."""
        if not isinstance(value, list):
            self.own.cells(value, side, at, row)
        elif is_said(self, value):
            row[(self, at) if at else self] = value


class Dynamic:
    """A field no schema speaks of, or one of several shapes: the values' own shapes decide."""

    __slots__ = ("_items", "keys", "leaf", "leaves", "make", "missing", "path", "shape")

    def __init__(self, path: Path, leaf: Leaf, make: Callable[[Path], Field]) -> None:
        self.path = path
        self.leaf = leaf
        leaf.dynamic = self
        self.make = make
        """From a path below this one to its field."""
        self.missing = leaf.missing
        self.keys: dict[str, Field] = {}
        self.leaves: dict[str, Leaf] = {}
        """By key, what judges scalars where no rule says what is blank."""
        self._items: ListField | None = None
        self.shape: Field | None = None
        """What judges objects where the schema has a branch for them; None where it has none."""

    def diff(
        self,
        expected: Json,
        predicted: Json,
        at_expected: Steps,
        at_predicted: Steps,
        ledger: Ledger,
    ) -> None:
        """Judge by the shape of the expected value, or of the predicted one where it is absent."""
        absent = self.leaf.blank(expected)
        shape = predicted if absent else expected
        if isinstance(shape, list) and shape:
            self.items().diff(
                None if absent else expected, predicted, at_expected, at_predicted, ledger
            )
        elif not isinstance(shape, dict) or not shape:
            self.leaf.diff(
                self._unheld(expected), self._unheld(predicted), at_expected, at_predicted, ledger
            )
        elif isinstance(predicted, dict) or self.leaf.blank(predicted) or not has_leaf(predicted):
            self._properties(expected, predicted, (at_expected, at_predicted), ledger)
        elif not is_said(self, expected):
            self.diff(self.missing, predicted, at_expected, at_predicted, ledger)
        else:
            misframe(self, (expected, predicted), at_expected, ledger)

    def _unheld(self, value: Json) -> Json:
        """Return a value as a scalar: a list or object that is empty is missing."""
        return self.missing if isinstance(value, (list, dict)) and not value else value

    def _properties(self, e: Json, p: Json, at: tuple[Steps, Steps], ledger: Ledger) -> None:
        if self.shape is not None:
            self.shape.diff(e, p, *at, ledger)
            return
        if e and isinstance(e, dict):
            refuse_alignment(self.path, self.leaf.rule)
        expected = e if isinstance(e, dict) else {}
        predicted = p if isinstance(p, dict) else {}
        known, plain, (at_expected, at_predicted) = self.keys.get, self.leaves.get, at
        write, answer_to = ledger.verdicts.append, predicted.get
        for key, value in expected.items():
            leaf, answer, kind = plain(key), answer_to(key), value.__class__
            if leaf is None or kind in _HOLDS or answer.__class__ in _HOLDS:
                field = known(key) or self.key(key)
                answer = predicted.get(key, field.missing)
                field.diff(value, answer, at_expected, at_predicted, ledger)
            elif (answer is None or (kind is answer.__class__ and value == answer)) and (
                kind in NEVER_BLANK or (kind is str and "!" <= value < "\x7f")  # type: ignore[operator]  # a text
            ):
                code = OMISSION if answer is None else CORRECT
                write((code, leaf, at_expected, at_predicted, value, answer))
            elif (quick := leaf.quick_code(value, answer)) is not None:
                write((quick, leaf, at_expected, at_predicted, value, answer))
            else:
                leaf.diff(value, answer, at_expected, at_predicted, ledger)
        for key, value in predicted.items():
            if key not in expected:
                field = known(key) or self.key(key)
                field.diff(field.missing, value, at_expected, at_predicted, ledger)

    def key(self, key: str) -> Field:
        """Return the field of a key, the same one every time."""
        field = self.keys.get(key)
        if field is None:
            field = self.keys[key] = self.make(self.path.key(key))
            if isinstance(field, Dynamic) and field.leaf.plain:
                self.leaves[key] = field.leaf
        return field

    def field_of(self, key: str) -> Field | None:
        """Return a key's field; None where the schema has a branch for objects."""
        return None if self.shape is not None else self.key(key)

    def listed(self, field: ListField) -> None:
        """Judge lists by the schema's branch for them."""
        self._items = field

    def items(self) -> ListField:
        """Return the field that this one is where a list stands."""
        if self._items is None:
            item = self.make(self.path.item())
            self._items = ListField(self.path, item, self.leaf, self.leaf.rule)
        return self._items

    def cells(self, value: Json, side: int, at: Steps, row: ItemCells) -> None:
        """Add the cells below, by the value's own shape."""
        if isinstance(value, dict) and self.shape is not None:
            self.shape.cells(value, side, at, row)
        elif isinstance(value, dict):
            plain = self.leaves.get
            for key, child in value.items():
                leaf, kind = plain(key), child.__class__
                read = None if leaf is None else leaf.known.get(kind)
                if leaf is None or read is None or (kind is str and "{" <= child < "|"):  # type: ignore[operator]  # a text that begins with it
                    self.key(key).cells(child, side, at, row)
                    continue
                cell = read[child]
                if cell is not None:
                    row[(leaf, at) if at else leaf] = cell
        elif isinstance(value, list):
            self.items().cells(value, side, at, row)
        else:
            self.leaf.cells(value, side, at, row)
            if side == PREDICTED and isinstance(value, str) and value[:1] == "{":
                encoded_cells(self, value, at, row)


def refuse_alignment(path: Path, rule: FieldRule) -> None:
    """Raise HarnessError where a pattern makes an object a collection of entities."""
    if rule.align == "entity":
        name = path.name or "$"
        what = f"rules.{name}: `align: entity` is for lists, and this is an object"
        hint = "patterns pair lists only; for a map, whose keys a model invents, write a rule "
        hint += f"of its own: `{name}: {{align: entity, match: [...]}}`"
        raise HarnessError(Problem(what, "bad-rule", hint=hint))
