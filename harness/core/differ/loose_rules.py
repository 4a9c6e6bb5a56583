"""Loose rules: rules that accept wrong values, found by trying wrong values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Final

from harness.core.differ.plan import Plan
from harness.core.fields.field import Leaf
from harness.core.fields.scalar import Scalar, untyped_scalar
from harness.core.fields.typed_scalars import scalar_branches, typed_scalar
from harness.core.outcomes import CORRECT, FORMAT_ONLY
from harness.core.reading.dates import read_date
from harness.core.reading.numbers import read_number
from harness.core.rules.field_rule import FieldRule, branch_rule, parse_rule
from harness.core.rules.rule_settings import is_function, is_number
from harness.core.schema.resolving import is_scalar, shapes_of
from harness.core.schema.validity import members_of
from harness.core.values import Json, Path, is_blank
from harness.errors import HarnessError, Problem

_TRUTHS: Final = 200
"""Truths that are looked at; and the most values of each field."""
_VALUES: Final = 40
"""Values of each field that wrong ones are held against, spread over all that were met."""
_DUMPED: Final = 20
"""Other values that stand in an answer that lists everything."""
_GROUPS: Final = re.compile(r"(?<!\d)\d{1,3}(?:[-./]\d{1,3})+(?!\d)")
_BETWEEN: Final = re.compile(r"[-./]")
_TO_THE_RIGHT: Final = re.compile(r"([-./])(\d)(?=\d)")
_TO_THE_LEFT: Final = re.compile(r"(?<=\d)(\d)([-./])")
_FEW: Final = 3
"""Different values from which a field's own values are held against each other."""


@dataclass(slots=True)
class _Met:
    """A scalar field of the truths, and the values it has there."""

    leaf: Leaf
    values: dict[tuple[str, Json], Json] = field(default_factory=dict)
    present: int = 0
    """Values that are not blank, as a plain reader sees them."""
    absent: int = 0
    """How many of these a rule counts as absent."""


@dataclass(slots=True)
class _Tried:
    """Trials of one kind of wrong value, and how many were called right."""

    times: int = 0
    right: int = 0
    example: tuple[Json, Json] = (None, None)


def loose_rules(plan: Plan, truths: Iterable[Json]) -> dict[str, Problem]:
    """Return a warning by field for every rule under which wrong values are judged correct.

    Each field's true values are held against values that are wrong by any reading: other values of
    the field, another size or sign, another year, one letter, an answer that lists everything. A
    rule is loose where half of those that are wrong without the rule are right by it. So are rules
    by which every true value is absent, and pairing thresholds that any two items reach.

    >>> plan = Plan(rules={"by": {"threshold": 0}})
    >>> print(loose_rules(plan, [{"by": "Jane Roe"}])["by"].what)
    rules.by: 'zqx' is correct where the truth is 'Jane Roe'
    """
    fields: dict[str, _Met] = {}
    lists: dict[str, Path] = {}
    for truth in islice(truths, _TRUTHS):
        _collect(plan, truth, fields, lists)
    problems: dict[str, Problem] = {}
    for name, met in fields.items():
        problem = _problem_of(plan, name, met)
        if problem is not None:
            problems[name or "$"] = problem
    for name, path in lists.items():
        rule = _rule_at(plan, path)
        if rule.threshold is not None and _pairs_anything(rule):
            what = f"rules.{name}: `threshold: {rule.threshold:g}` pairs items that share nothing"
            hint = "raise it, or leave it out: items with something in common are paired anyway"
            problems[name] = Problem(what, "loose-rule", hint=hint)
    return problems


def _collect(plan: Plan, truth: Json, fields: dict[str, _Met], lists: dict[str, Path]) -> None:
    """Add the fields of a truth, and their values, as its own copy is judged."""
    for _, leaf, _, _, value, _ in plan.diff(truth, truth).verdicts:
        if not isinstance(leaf, Leaf):
            continue
        path = leaf.path
        for at, step in enumerate(path.steps):
            if step == 0 and isinstance(step, int):
                above = _above(path, at)
                lists.setdefault(above.name, above)
        if isinstance(value, (list, dict)) or is_blank(value) or leaf.rule.refers_to:
            continue
        met = fields.setdefault(path.name, _Met(leaf))
        met.present += 1
        if leaf.blank(value):
            met.absent += 1
        elif len(met.values) < _TRUTHS:
            met.values[type(value).__name__, value] = value


def _above(path: Path, length: int) -> Path:
    """Return the path of the first steps of another."""
    nearest = Path((), "")
    for step in path.steps[:length]:
        nearest = nearest.key(step) if isinstance(step, str) else _folded(nearest, step)
    return nearest


def _folded(path: Path, step: int) -> Path:
    return path.item() if step == 0 else path.value()


def _rule_at(plan: Plan, path: Path) -> FieldRule:
    """Return a place's rule, the schema's `x-match` included."""
    rule = FieldRule()
    for _, each in plan.rules_for(path):
        rule = rule.over(each)
    match = plan.schema_at(path).get("x-match")
    return rule if match is None else rule.over(parse_rule(match, path.name))


def _problem_of(plan: Plan, name: str, met: _Met) -> Problem | None:
    """Return what is wrong with the rule of one field; None if nothing is."""
    rule, name = met.leaf.rule, name or "$"
    schema = plan.schema_at(met.leaf.path)
    schema = shapes_of(schema).get("scalar", schema)
    for option in scalar_branches(schema):
        rule = rule.over(branch_rule(option, name))
    if rule == FieldRule():
        return None
    if met.present and met.absent == met.present:
        what = f"rules.{name}: every value of the ground truth counts as absent"
        hint = "nothing is scored here: look at `placeholders` and `blank`, or write `ignore: true`"
        return Problem(what, "loose-rule", hint=hint)
    bare = typed_scalar(schema, FieldRule()) if is_scalar(schema) else untyped_scalar(FieldRule())
    values = _spread(list(met.values.values()))
    for kind, wrong in _kinds(rule, [*met.values.values()], members_of(schema)).items():
        tried = _try(met.leaf, bare, values, wrong)
        if tried.right and tried.right * 2 >= tried.times:
            truth, other = (_short(value) for value in tried.example)
            what = f"rules.{name}: {other} is correct where the truth is {truth}"
            return Problem(what, "loose-rule", hint=f"{kind}: {_remedy(rule)}")
    return None


def _spread(values: Sequence[Json]) -> list[Json]:
    """Return at most so many values, evenly out of all."""
    if len(values) <= _VALUES:
        return list(values)
    return [values[n * len(values) // _VALUES] for n in range(_VALUES)]


def _kinds(
    rule: FieldRule, values: list[Json], members: Sequence[Json]
) -> Mapping[str, Callable[[Json], Iterable[Json]]]:
    """Return what gives wrong values for a true one, by what a reader may say of them."""
    own = rule.compare is not None and is_function(rule.compare)
    peers = [] if len(values) < _FEW or rule.precision else values
    kinds: dict[str, Callable[[Json], Iterable[Json]]] = {}
    if rule.any_of and len(values) > 1:
        kinds["one answer is right in every document"] = lambda _: rule.any_of or ()
    if not own:
        kinds |= {
            "any text passes": _texts,
            "numbers of another size pass": _numbers,
            "dates of another year pass": _dates,
            "other choices pass": lambda value: (m for m in members if m != value),
        }
    if rule.compare == "identifier" and _has_short_groups(values):
        kinds["parts that separators keep apart run together"] = _regrouped
    kinds["other values of the field pass"] = lambda value: _opposite(value, peers)
    kinds["an answer that lists everything passes"] = lambda value: _dump(value, values)
    if not own:
        kinds["a single letter passes"] = _letters
    return kinds


def _texts(value: Json) -> Iterator[Json]:
    if isinstance(value, str):
        yield from ("zqx", "###", "Qzw 7 vkj")
    if isinstance(value, bool):
        yield not value


def _letters(value: Json) -> Iterator[Json]:
    if isinstance(value, str) and len(value) > _FEW:
        yield value.strip()[:1]


def _numbers(value: Json) -> Iterator[Json]:
    number = read_number(value) if isinstance(value, str) else value
    if not is_number(number) or not number:
        return
    for other in (0, -number, number * 2, number * 10 + 3):
        yield str(other) if isinstance(value, str) else other


def _dates(value: Json) -> Iterator[Json]:
    reading = read_date(value) if isinstance(value, str) else None
    parts = reading if isinstance(reading, tuple) else ()
    try:
        day = date(*parts)
    except (TypeError, ValueError):
        return
    for days in (366, -366, 3_660):
        if 0 < day.toordinal() + days < date.max.toordinal():
            yield (day + timedelta(days)).isoformat()


def _has_short_groups(values: Iterable[Json]) -> bool:
    """Tell whether separators alone tell numbers apart: versions (`1.2.11`), sections (`1-12`).

    Groups of up to three digits, of which some values have the same number and other lengths.
    """
    lengths: dict[int, set[tuple[int, ...]]] = {}
    for value in values:
        groups = _GROUPS.search(value) if isinstance(value, str) else None
        if groups is not None:
            length = tuple(map(len, _BETWEEN.split(groups[0])))
            lengths.setdefault(len(length), set()).add(length)
    return any(len(each) > 1 for each in lengths.values())


def _regrouped(value: Json) -> Iterator[Json]:
    """Yield the value with a separator between digits moved by one digit."""
    groups = _GROUPS.search(value) if isinstance(value, str) else None
    if isinstance(value, str) and groups is not None:
        for moved in (p.sub(r"\2\1", groups[0], 1) for p in (_TO_THE_RIGHT, _TO_THE_LEFT)):
            if moved != groups[0]:
                yield value[: groups.start()] + moved + value[groups.end() :]


def _opposite(value: Json, values: list[Json]) -> Iterator[Json]:
    """Yield the value that stands half of all away when all are put in order."""
    alike = [one for one in values if is_number(one) == is_number(value)]
    ordered = sorted(alike, key=lambda one: (one if is_number(one) else 0, str(one)))
    if len(ordered) >= _FEW and value in ordered:
        yield ordered[(ordered.index(value) + len(ordered) // 2) % len(ordered)]


def _dump(value: Json, values: list[Json]) -> Iterator[Json]:
    """Yield answers that hold the value, several times as long: made-up ones, and all others."""
    if isinstance(value, str):
        others = [str(other) for other in values if other != value][:_DUMPED]
        filling = ["Zqx Corp", "Qzw Ltd"] * (1 + len(value) // 8)
        for dumped in ([*others, *filling, value], [filling[0], value, *filling[:-1]]):
            yield from (sign.join(dumped) for sign in (" ", ", "))


def _try(
    leaf: Leaf, bare: Scalar, values: Sequence[Json], wrong: Callable[[Json], Iterable[Json]]
) -> _Tried:
    """Hold wrong values against true ones; count those that are wrong without the rule only."""
    tried = _Tried()
    for value in values:
        for other in wrong(value):
            if leaf.blank(other) or bare.judge(value, other) in (CORRECT, FORMAT_ONLY):
                continue
            try:
                right = leaf.scalar.judge(value, other) == CORRECT
            except HarnessError:
                continue  # a function of the user's own that takes no such value
            tried.times += 1
            if right and not tried.right:
                tried.example = value, other
            tried.right += right
    return tried


_REMEDIES: Final = (
    ("any_of", "give `any_of` in the rules of the case it belongs to"),
    ("threshold", "raise `threshold`, or measure by `similarity: ratio`"),
    ("absolute", "make `absolute` smaller than the values differ"),
    ("relative", "make `relative` smaller"),
    ("days", "make `days` smaller"),
    ("synonyms", "look at `synonyms`"),
    ("compare", "look at `compare`"),
)


def _remedy(rule: FieldRule) -> str:
    named = (value for setting, value in _REMEDIES if getattr(rule, setting) is not None)
    return next(named, "look at the rule")


def _short(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:30]}...{text[-7:]}"  # noqa: PLR2004  # a line's worth


def _pairs_anything(rule: FieldRule) -> bool:
    """Tell whether two items that share nothing reach the threshold of a list's rule."""
    listed = FieldRule(threshold=rule.threshold, bound=rule.bound)
    plan = Plan(rules={"$": listed})
    one: Json = [{"a": "Jane Roe", "b": "Oslo", "c": 12}]
    other: Json = [{"a": "Zqx Corp", "b": "Lima", "c": -70}]
    return any(paired for _, paired, _, _ in plan.diff(one, other).lists)
