"""The compiled plan's tree: what each field of the schema does with a pair of values.

Scoring walks this tree beside the two values and never looks at the schema again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import zip_longest
from typing import Final, Protocol, TypeAlias

from harness.core.ledger import (
    ABSTENTION,
    CORRECT,
    FORMAT_ERROR,
    FORMAT_ONLY,
    HALLUCINATION,
    OMISSION,
    WRONG_VALUE,
    Ledger,
    Steps,
)
from harness.core.leaves import Cell, Scalar
from harness.core.lists import align
from harness.core.outcomes import Tag
from harness.core.rules import FieldRule
from harness.core.values import Json, is_blank, show_key

INDEX: Final = 0
KEY: Final = 1
"""Holes in a path, filled by list indexes and by the keys of free-key maps."""

ABSENT: Final = type("Absent", (), {"__repr__": lambda _: "ABSENT"})()
"""A missing key, where a rule tells it from null."""

Row: TypeAlias = "dict[Column, Cell | list[Json]]"
"""The present cells of one item of a list; a nested list stands for itself."""
Column: TypeAlias = "Leaf | ListField | tuple[Leaf | ListField, Steps]"
"""A leaf or a list, with the map keys on the way to it where there are any."""


class Field(Protocol):
    """A place in the schema."""

    path: Path
    missing: object
    """What a missing key is passed as: None, or ABSENT where a rule tells the two apart."""

    def diff(self, e: Json, p: Json, eat: Steps, pat: Steps, ledger: Ledger) -> None:
        """Judge every field here and below: expected, predicted, and where each stands."""
        ...

    def cells(self, value: Json, side: int, at: Steps, row: Row) -> None:
        """Add the cells that stand here and below, blank ones left out."""
        ...


class Path:
    """Where a field stands, with holes for indexes and map keys."""

    __slots__ = ("_parts", "declared", "name", "steps")

    def __init__(self, steps: tuple[str | int, ...], name: str, *, declared: bool = True) -> None:
        self.steps = steps
        self.name = name
        """The field as people say it: `rooms[].area`; empty for the whole value."""
        self.declared = declared
        """False where the schema has properties and this is none of them."""
        self._parts: list[str] | None = None

    def key(self, key: str, *, declared: bool = True) -> Path:
        """Return the path of a key below this one."""
        shown = show_key(key)
        name = f"{self.name}{shown}" if self.name else shown.removeprefix(".")
        return Path((*self.steps, key), name, declared=declared and self.declared)

    def item(self) -> Path:
        """Return the path of a list's items."""
        return Path((*self.steps, INDEX), f"{self.name}[]", declared=self.declared)

    def value(self) -> Path:
        """Return the path of a free-key map's values."""
        return Path((*self.steps, KEY), f"{self.name}{{}}", declared=self.declared)

    def fill(self, at: Steps) -> str:
        """Return the full path as people say it, holes filled in order: `rooms[0].area`."""
        if not at:
            return self.name or "$"
        if self._parts is None:
            self._parts = self._split()
        filled: list[str] = []
        for part, step in zip_longest(self._parts, at):
            filled.append(part or "")
            if isinstance(step, int):
                filled.append(f"[{step}]")
            elif step is not None:
                filled.append(show_key(step))
        return "".join(filled).removeprefix(".")

    def _split(self) -> list[str]:
        """Return what stands before, between and after the holes."""
        parts = [""]
        for step in self.steps:
            if isinstance(step, str):
                parts[-1] += show_key(step)
            else:
                parts.append("")
        return parts


class Leaf:
    """A scalar field."""

    __slots__ = (
        "blank",
        "dynamic",
        "make",
        "missing",
        "path",
        "plain",
        "readers",
        "rule",
        "scalar",
    )

    def __init__(
        self, path: Path, scalar: Scalar, rule: FieldRule, make: Callable[[Path], Field]
    ) -> None:
        self.path = path
        self.scalar = scalar
        self.readers = scalar.key, scalar.cell
        self.rule = rule
        self.make = make
        """From this path to the field that takes over where the truth holds a container."""
        self.plain = rule.blank is None and not rule.placeholders
        self.blank = is_blank if self.plain else _blank_by(rule)
        self.missing = None if self.plain else ABSENT
        self.dynamic: Field | None = None

    def diff(self, e: Json, p: Json, eat: Steps, pat: Steps, ledger: Ledger) -> None:
        """Judge one pair of values."""
        kind, other = e.__class__, p.__class__
        if kind is list or kind is dict or ((other is list or other is dict) and p):
            self._containers(e, p, eat, pat, ledger)
            return
        if kind is other and e == p:
            text_or_null = kind is str or e is None
            code = ABSTENTION if text_or_null and self.blank(e) else CORRECT
        elif self.blank(e):
            code = ABSTENTION if self.blank(p) else HALLUCINATION
        elif self.blank(p):
            code = OMISSION
        else:
            code = self.scalar.judge(e, p)
        ledger.verdicts.append((code, self, eat, pat, e, p))

    def _containers(self, e: Json, p: Json, eat: Steps, pat: Steps, ledger: Ledger) -> None:
        """Judge where one side holds a list or an object and a scalar should stand."""
        if isinstance(e, list | dict) or self.blank(e):
            if self.dynamic is None:
                self.dynamic = self.make(self.path)
            self.dynamic.diff(e, p, eat, pat, ledger)
        elif isinstance(p, list) and len(p) == 1 and not isinstance(p[0], list | dict):
            reframe(self, (e, p[0]), eat, ledger, Tag.WRAPPED)
        else:
            ledger.verdicts.append((FORMAT_ERROR, self, eat, pat, e, p))

    def cells(self, value: Json, side: int, at: Steps, row: Row) -> None:
        """Add the value under this field."""
        cell = self.readers[side](value)
        if cell is not None and (self.plain or not self.blank(value)):
            row[(self, at) if at else self] = cell


def _blank_by(rule: FieldRule) -> Callable[[Json], bool]:
    """Return what counts as blank under a rule that narrows or widens it."""
    blank = frozenset(rule.blank if rule.blank is not None else ("missing", "null", "empty_string"))
    placeholders = frozenset(" ".join(p.split()).casefold() for p in rule.placeholders or ())

    def check(value: Json) -> bool:
        if value is ABSENT:
            return True
        if value is None:
            return "null" in blank
        if not isinstance(value, str):
            return isinstance(value, list | dict) and not value
        words = " ".join(value.split()).casefold()
        return words in placeholders or (not words and "empty_string" in blank)

    return check


_REFRAMED: Final = {CORRECT: FORMAT_ONLY, OMISSION: FORMAT_ERROR, WRONG_VALUE: FORMAT_ERROR}


def reframe(field: Field, pair: tuple[Json, Json], at: Steps, ledger: Ledger, tag: Tag) -> None:
    """Judge a pair whose frame is wrong (wrapped, unwrapped): nothing below can be correct."""
    start = len(ledger.verdicts)
    field.diff(*pair, at, at, ledger)
    for index in range(start, len(ledger.verdicts)):
        code, *rest = ledger.verdicts[index]
        ledger.verdicts[index] = (_REFRAMED.get(code, code), *rest)  # type: ignore[assignment]  # same shape
    ledger.mark(start, tag)


def misshape(field: Field, pair: tuple[Json, Json], at: Steps, ledger: Ledger) -> None:
    """Judge a prediction of another shape: every expected leaf below is a format error."""
    start = len(ledger.verdicts)
    field.diff(pair[0], None, at, at, ledger)
    for index in range(start, len(ledger.verdicts)):
        code, leaf, eat, pat, e, _ = ledger.verdicts[index]
        if code == OMISSION:
            ledger.verdicts[index] = (FORMAT_ERROR, leaf, eat, pat, e, pair[1])


Properties: TypeAlias = tuple[tuple[str, Field, object, bool], ...]
"""Key, field, what a missing key is passed as, and whether it is a scalar without blank rules."""
_TELLING: Final = frozenset({str, int, float, bool})


class ObjectField:
    """An object whose schema names its properties."""

    __slots__ = (
        "_grow",
        "_leaves",
        "fields",
        "known",
        "missing",
        "own",
        "path",
        "recursive",
        "rest",
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
        self.missing = None
        self.recursive = False
        """True where the object holds itself: then absent on both sides is one abstention."""
        self.fields: Properties | None = None
        """Compiled when first needed, since a schema may refer to itself."""
        self.known: Mapping[str, Field] = {}
        self._grow = grow
        self._leaves: tuple[Mapping[str, tuple[Leaf, Callable[[Json], Cell]]], ...] = ()
        """By side: the properties that are plain scalars, each with what reads it."""

    def diff(self, e: Json, p: Json, eat: Steps, pat: Steps, ledger: Ledger) -> None:
        """Judge every property, the schema's first."""
        if e.__class__ is not dict or p.__class__ is not dict:
            if not self._framed(e, p, eat, ledger):
                return
            e = e if isinstance(e, dict) else {}
            p = p if isinstance(p, dict) else {}
        if self.recursive and not e and not p:
            ledger.verdicts.append((ABSTENTION, self.own, eat, pat, None, None))
            return
        e_get, p_get = e.get, p.get  # type: ignore[union-attr]  # objects from here on
        write = ledger.verdicts.append
        for key, field, missing, plain in self.fields or self.grown():
            value, said = e_get(key, missing), p_get(key, missing)  # type: ignore[call-overload]  # ABSENT is no Json
            kind = value.__class__
            if plain and kind is said.__class__ and value == said and kind in _TELLING:
                if kind is not str or (value and not value.isspace()):
                    write((CORRECT, field, eat, pat, value, said))  # type: ignore[arg-type]  # a Leaf
                    continue
            field.diff(value, said, eat, pat, ledger)
        known = self.known.keys()
        if not known >= e.keys():  # type: ignore[union-attr]
            for key in e:  # type: ignore[union-attr]
                if key not in known:
                    self._rest(key, e_get(key), p_get(key), (eat, pat), ledger)
        if not known >= p.keys():  # type: ignore[union-attr]
            for key in p:  # type: ignore[union-attr]
                if key not in known and key not in e:  # type: ignore[operator]
                    self._rest(key, None, p_get(key), (eat, pat), ledger)

    def grown(self) -> Properties:
        """Return the properties' fields, compiling them the first time."""
        if self.fields is None:
            self.known = self._grow()
            plain = {k: f for k, f in self.known.items() if isinstance(f, Leaf) and f.plain}
            self.fields = tuple((k, f, f.missing, k in plain) for k, f in self.known.items())
            self._leaves = tuple(
                {k: (leaf, leaf.readers[side]) for k, leaf in plain.items()} for side in (0, 1)
            )
        return self.fields

    def _rest(self, key: str, e: Json, p: Json, at: tuple[Steps, Steps], ledger: Ledger) -> None:
        field, (eat, pat) = self.rest(key), at
        if field.path.steps[-1] is KEY:
            eat, pat = (*eat, key), (*pat, key)
        field.diff(e, p, eat, pat, ledger)

    def _framed(self, e: Json, p: Json, at: Steps, ledger: Ledger) -> bool:
        """Judge sides that are no objects; return True where both are objects or absent."""
        if not isinstance(e, dict) and not is_blank(e):
            self.own.diff(e, p, at, at, ledger)
        elif isinstance(p, dict) or is_blank(p):
            return True
        elif is_blank(e):
            self.own.diff(None, p, at, at, ledger)
        elif isinstance(p, list) and len(p) == 1 and isinstance(p[0], dict):
            reframe(self, (e, p[0]), at, ledger, Tag.WRAPPED)
        else:
            misshape(self, (e, p), at, ledger)
        return False

    def cells(self, value: Json, side: int, at: Steps, row: Row) -> None:
        """Add the properties' cells."""
        if isinstance(value, dict):
            self.grown()
            leaves = self._leaves[side]
            for key, child in value.items():
                plain = leaves.get(key)
                if plain is not None:
                    cell = plain[1](child)
                    if cell is not None:
                        row[(plain[0], at) if at else plain[0]] = cell
                    continue
                field = self.known.get(key) or self.rest(key)
                below = (*at, key) if field.path.steps[-1] is KEY else at
                field.cells(child, side, below, row)


class ListField:
    """A list: items are paired first, then judged field by field."""

    __slots__ = ("item", "missing", "own", "path", "rule")

    def __init__(self, path: Path, item: Field, own: Leaf) -> None:
        self.path = path
        self.item = item
        self.own = own
        """Stands for the list itself where it is absent on both sides."""
        self.rule = own.rule
        self.missing = None

    def diff(self, e: Json, p: Json, eat: Steps, pat: Steps, ledger: Ledger) -> None:
        """Pair the items, judge the pairs, and tell of the rest."""
        if e.__class__ is list and p.__class__ is list and (e or p):
            self._items(e, p, eat, pat, ledger)  # type: ignore[arg-type]  # lists, by their class
        elif not isinstance(e, list) and not is_blank(e):
            self.own.diff(e, p, eat, pat, ledger)
        elif is_blank(e) and is_blank(p):
            ledger.verdicts.append((ABSTENTION, self.own, eat, pat, e, p))
        elif is_blank(p) and isinstance(e, list):
            self._items(e, [], eat, pat, ledger)
        elif isinstance(p, list):
            self._items([], p, eat, pat, ledger)
        elif is_blank(e):
            self.own.diff(None, p, eat, pat, ledger)
        else:
            self._unwrapped(e, p, eat, ledger)

    def _unwrapped(self, e: Json, p: Json, at: Steps, ledger: Ledger) -> None:
        present = [(i, item) for i, item in enumerate(e or []) if not is_blank(item)]  # type: ignore[arg-type]  # a list
        if len(present) == 1 and isinstance(p, dict) == isinstance(present[0][1], dict):
            reframe(self.item, (present[0][1], p), (*at, present[0][0]), ledger, Tag.UNWRAPPED)
        else:
            misshape(self, (e, p), at, ledger)

    def _items(self, e: list[Json], p: list[Json], eat: Steps, pat: Steps, ledger: Ledger) -> None:
        pairs = align(self, e, p, ledger) if e and p else ()
        partner = dict(pairs)
        verdicts, judge = ledger.verdicts, self.item.diff
        for i, item in enumerate(e):
            start = len(verdicts)
            j = partner.get(i)
            if j is None:
                judge(item, None, (*eat, i), (*pat, i), ledger)
                self._one_sided(start, Tag.MISSING_ITEM, ledger)
                continue
            judge(item, p[j], (*eat, i), (*pat, j), ledger)
            ledger.rows.append((start, len(verdicts)))
        paired = set(partner.values())
        for j, item in enumerate(p):
            if j not in paired:
                start = len(verdicts)
                judge(None, item, (*eat, j), (*pat, j), ledger)
                self._one_sided(start, Tag.EXTRA_ITEM, ledger)
        missing, extra = len(e) - len(partner), len(p) - len(partner)
        ledger.lists.append((self, len(partner), missing, extra))

    def _one_sided(self, start: int, tag: Tag, ledger: Ledger) -> None:
        """Keep what an unpaired item holds; what it leaves blank is no abstention."""
        verdicts = ledger.verdicts
        if any(v[0] == ABSTENTION for v in verdicts[start:]):
            verdicts[start:] = [v for v in verdicts[start:] if v[0] != ABSTENTION]
        ledger.mark(start, tag)

    def cells(self, value: Json, side: int, at: Steps, row: Row) -> None:
        """Add the list as a whole: it is aligned by its own items."""
        if isinstance(value, list) and value:
            row[(self, at) if at else self] = value


class Dynamic:
    """A field no schema speaks of: the values' own shapes decide."""

    __slots__ = ("_items", "keys", "leaf", "make", "missing", "path")

    def __init__(self, path: Path, leaf: Leaf, make: Callable[[Path], Field]) -> None:
        self.path = path
        self.leaf = leaf
        leaf.dynamic = self
        self.make = make
        """From a path below this one to its field."""
        self.missing = leaf.missing
        self.keys: dict[str, Field] = {}
        self._items: ListField | None = None

    def diff(self, e: Json, p: Json, eat: Steps, pat: Steps, ledger: Ledger) -> None:
        """Judge by the shape of the expected value, or of the predicted one where it is absent."""
        shape = p if _hollow(e) else e
        if isinstance(shape, list) and shape:
            self.items().diff(_or_none(e), p, eat, pat, ledger)
        elif not isinstance(shape, dict) or not shape:
            self.leaf.diff(_or_none(e), _or_none(p), eat, pat, ledger)
        elif isinstance(p, dict) or _hollow(p):
            both = e if isinstance(e, dict) else {}, p if isinstance(p, dict) else {}
            self._properties(*both, (eat, pat), ledger)
        elif isinstance(p, list) and len(p) == 1 and isinstance(p[0], dict):
            reframe(self, (e, p[0]), eat, ledger, Tag.WRAPPED)
        else:
            misshape(self, (e, p), eat, ledger)

    def _properties(
        self, e: dict[str, Json], p: dict[str, Json], at: tuple[Steps, Steps], ledger: Ledger
    ) -> None:
        for key, value in e.items():
            field = self.key(key)
            field.diff(value, p.get(key, field.missing), *at, ledger)  # type: ignore[arg-type]  # ABSENT is no Json
        for key, value in p.items():
            if key not in e:
                field = self.key(key)
                field.diff(field.missing, value, *at, ledger)  # type: ignore[arg-type]  # ABSENT is no Json

    def key(self, key: str) -> Field:
        """Return the field of a key, the same one every time."""
        field = self.keys.get(key)
        if field is None:
            field = self.keys[key] = self.make(self.path.key(key))
        return field

    def items(self) -> ListField:
        """Return the field that this one is where a list stands."""
        if self._items is None:
            self._items = ListField(self.path, self.make(self.path.item()), self.leaf)
        return self._items

    def cells(self, value: Json, side: int, at: Steps, row: Row) -> None:
        """Add the cells below, by the value's own shape."""
        if isinstance(value, dict):
            for key, child in value.items():
                self.key(key).cells(child, side, at, row)
        elif isinstance(value, list):
            self.items().cells(value, side, at, row)
        else:
            self.leaf.cells(value, side, at, row)


def _hollow(value: Json) -> bool:
    return value is None or value is ABSENT or (isinstance(value, list | dict) and not value)


def _or_none(value: Json) -> Json:
    return None if isinstance(value, list | dict) and not value else value


class Ignored:
    """A field a rule leaves out: nothing below is judged, what was expected is counted."""

    __slots__ = ("missing", "path")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.missing = None

    def diff(self, e: Json, p: Json, eat: Steps, pat: Steps, ledger: Ledger) -> None:  # noqa: ARG002  # a Field
        """Count the expected leaves as left out."""
        ledger.ignored += count_leaves(e)

    def cells(self, value: Json, side: int, at: Steps, row: Row) -> None:  # noqa: ARG002  # a Field
        """Add nothing: what is ignored pairs no items."""


def count_leaves(value: Json) -> int:
    """Count the present scalars in a value.

    >>> count_leaves({"a": [1, None, {"b": "x"}], "c": ""})
    2
    """
    if isinstance(value, dict):
        return sum(map(count_leaves, value.values()))
    if isinstance(value, list):
        return sum(map(count_leaves, value))
    return int(not is_blank(value))
