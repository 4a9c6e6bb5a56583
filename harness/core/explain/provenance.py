"""Provenance of a field's settings: the rule, the schema, or the default that each comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from harness.core.differ.aligned_maps import MapEntry
from harness.core.differ.containers import ListField
from harness.core.differ.plan import Plan
from harness.core.fields.field import Field, Leaf
from harness.core.reading.numbers import SIGNIFICANT_DIGITS
from harness.core.rules.field_rule import FieldRule, Rules, parse_rule, rules_as_json
from harness.core.rules.rule_names import KEY_FIELD
from harness.core.schema.resolving import positions_of
from harness.core.schema.validity import Schema, kinds_of
from harness.core.values import INDEX, Json, Path, Steps, json_type


class OriginKind(StrEnum):
    """Sources of settings, the one that beats all others first."""

    RULE = "rule"
    PATTERN = "pattern"
    X_MATCH = "x-match"
    SCHEMA = "schema"
    VALUE = "value"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Origin:
    """Source of a setting."""

    kind: OriginKind
    name: str = ""
    """The rule's name as matched, the schema's keyword (`format: date`), or the JSON type of the
    expected value; empty where there is no more to say."""

    def __str__(self) -> str:
        return _WORDS[self.kind].format(self.name)


_WORDS: Final[Mapping[OriginKind, str]] = MappingProxyType(
    {
        OriginKind.RULE: "rule `{}`",
        OriginKind.PATTERN: "rule `{}`, a pattern",
        OriginKind.X_MATCH: "x-match in the schema",
        OriginKind.SCHEMA: "the schema's `{}`",
        OriginKind.VALUE: "the expected value's JSON type: {}",
        OriginKind.DEFAULT: "the default",
    }
)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting that is in force, and where it comes from."""

    name: str
    value: Json
    origin: Origin


@dataclass(frozen=True, slots=True)
class Provenance:
    """Settings by which a field is judged, each with its source."""

    comparator: Setting | None
    """The comparator; None where no scalar is compared (lists, ignored fields, local names)."""
    settings: tuple[Setting, ...]
    """Everything else in force, in the order of `FieldRule`."""


def provenance(plan: Plan, field: Field, at: Steps = (), expected: Json = None) -> Provenance:
    """Return how a field of a plan is judged and where that was said.

    `at` fills the holes of its path, where they are known. `expected` is the value at hand: it
    decides where nothing else names a comparator. None: none is at hand.

    >>> from harness.core.rules.field_rule import parse_rules
    >>> plan = Plan({"type": "number"}, parse_rules({"**": {"absolute": 0.5}}))
    >>> found = provenance(plan, plan.root)
    >>> found.comparator.value, str(found.comparator.origin)
    ('number', "the schema's `type: number`")
    >>> [(s.name, s.value, str(s.origin)) for s in found.settings]
    [('absolute', 0.5, 'rule `**`, a pattern')]
    """
    sources, schema = _sources(plan, field.path, at), plan.schema_at(field.path, at)
    rule = _rule_of(field, sources)
    inherited = [
        (origin, FieldRule(weight=named.weight, critical=named.critical, focus=named.focus))
        for above in _above(field.path)
        for origin, named in _sources(plan, above, at)
    ]
    settings = {s.name: s for s in _said(rule, [*sources, *inherited], schema)}
    comparator = None
    if isinstance(field, Leaf):
        comparator = settings.pop("compare", None) or _chosen(field, schema, settings, expected)
        is_whole = kinds_of(schema) - {"null"} == {"integer"}
        defaults = () if is_whole else _scalar_defaults(str(comparator.value), rule)
    else:
        defaults = _list_defaults(rule, field) if isinstance(field, ListField) else ()
    for name, value in defaults:
        settings.setdefault(name, Setting(name, value, Origin(OriginKind.DEFAULT)))
    return Provenance(comparator, tuple(settings.values()))


def _above(path: Path) -> Iterator[Path]:
    """Yield the paths of what holds a field, nearest first."""
    for size in range(len(path.steps) - 1, -1, -1):
        above = Path((), "")
        for step in path.steps[:size]:
            if isinstance(step, str):
                above = above.key(step)
            else:
                above = above.item() if step == INDEX else above.value()
        yield above


def _sources(plan: Plan, path: Path, at: Steps) -> list[tuple[Origin, FieldRule]]:
    """Return every rule that speaks of a field, the one that beats all first."""
    sources = [
        (Origin(OriginKind.PATTERN if "*" in name else OriginKind.RULE, name), rule)
        for name, rule in plan.rules_for(path)
    ]
    schema = plan.schema_at(path, at)
    if "x-match" in schema:
        settings = parse_rule(schema["x-match"], path.name or "$")
        sources.append((Origin(OriginKind.X_MATCH), settings))
    return sources


def _rule_of(field: Field, sources: list[tuple[Origin, FieldRule]]) -> FieldRule:
    """Return the rule a field was compiled with; of fields that keep none, what was said."""
    rule = getattr(field, "rule", None)
    if isinstance(rule, FieldRule):
        return rule
    whole = FieldRule()
    for _, settings in sources:
        whole = whole.over(settings)
    return whole


def _said(
    rule: FieldRule, sources: list[tuple[Origin, FieldRule]], schema: Schema
) -> Iterator[Setting]:
    """Yield the settings of a rule, each with the first source that says it."""
    shown = _as_json(rule)
    for name in FieldRule.__dataclass_fields__:
        if name not in shown:
            continue
        by = (o for o, settings in sources if getattr(settings, name) == getattr(rule, name))
        is_tuple = positions_of(schema) is not None
        implied = (
            Origin(OriginKind.SCHEMA, "prefixItems") if is_tuple else Origin(OriginKind.DEFAULT)
        )
        yield Setting(name, shown[name], next(by, implied))


def _as_json(rule: FieldRule) -> dict[str, Json]:
    one: Rules = {"": rule}
    whole = rules_as_json(one)[""]
    return whole if isinstance(whole, dict) else {}


def _chosen(leaf: Leaf, schema: Schema, settings: Mapping[str, Setting], expected: Json) -> Setting:
    """Return the comparator of a leaf that no rule names one for, and what chose it."""
    name = leaf.scalar.name
    if leaf.rule.refers_to:
        return Setting("compare", name, settings["refers_to"].origin)
    if name == "by type":
        if expected is None or isinstance(expected, list | dict):
            return Setting("compare", name, Origin(OriginKind.DEFAULT))
        own = leaf.scalar.comparator_of(expected).name
        return Setting("compare", own, Origin(OriginKind.VALUE, json_type(expected)))
    return Setting("compare", name, Origin(OriginKind.SCHEMA, _keyword(schema, name)))


def _keyword(schema: Schema, comparator: str) -> str:
    """Return the keyword of a schema that chose a comparator, as it is written there."""
    for word in ("enum", "const"):
        if word in schema:
            return word
    named = schema.get("format")
    if isinstance(named, str) and comparator not in ("text", "number", "boolean"):
        return f"format: {named}"
    return f"type: {' or '.join(sorted(kinds_of(schema) - {'null'}))}"


def _scalar_defaults(comparator: str, rule: FieldRule) -> tuple[tuple[str, Json], ...]:
    """Return the defaults that decide where a scalar's rule leaves them open."""
    if comparator == "number" and rule.absolute is None and rule.relative is None:
        return (("significant_digits", SIGNIFICANT_DIGITS),)
    if comparator == "text" and rule.threshold is not None:
        return ("similarity", "ratio"), ("bound", ">=")
    return ()


def _list_defaults(rule: FieldRule, field: ListField) -> tuple[tuple[str, Json], ...]:
    if rule.align == "entity":
        return (("id", KEY_FIELD if isinstance(field.item, MapEntry) else "id"),)
    bound: tuple[tuple[str, Json], ...] = (("bound", ">="),) if rule.threshold is not None else ()
    return ("align", "best"), *bound
