"""References between rules: the entity collection that a rule's `refers_to` names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress

from harness.core.rules.field_rule import NO_RULES, FieldRule, Rules, parse_rule
from harness.core.rules.rule_names import ANY_KEY, ITEM, field_steps
from harness.core.values import Json
from harness.errors import HarnessError, Problem, did_you_mean


def lost_references(rules: Rules, within: Rules = NO_RULES) -> Iterator[tuple[str, Problem]]:
    """Yield each rule that refers to a collection which no `align: entity` rule declares.

    `within` are the rules that schemas hold as `x-match`.

    >>> from harness.core.rules.field_rule import parse_rules
    >>> said = {"p": {"align": "entity", "match": ["n"]}, "of": {"refers_to": "q"}}
    >>> [name for name, _ in lost_references(parse_rules(said))]
    ['of']
    """
    every = {**within, **rules}
    entities = (name for r in (within, rules) for name in r if r[name].align == "entity")
    known = {name.rpartition(".")[2] for name in entities}
    for name, rule in every.items():
        if rule.refers_to and rule.refers_to not in known:
            what = f"rules.{name}: refers to {rule.refers_to!r}, which has no `align: entity` rule"
            yield name, Problem(what, "bad-rule", hint=did_you_mean(rule.refers_to, known))


def misplaced_collections(rules: Rules) -> Iterator[tuple[str, Problem]]:
    """Yield each `align: entity` rule of what is no property, and so has no name to refer to.

    >>> from harness.core.rules.field_rule import parse_rules
    >>> said = {"$": {"align": "entity", "match": ["n"]}, "p": {"align": "entity", "match": ["n"]}}
    >>> [name for name, _ in misplaced_collections(parse_rules(said))]
    ['$']
    """
    for name, rule in rules.items():
        if rule.align == "entity" and (field_steps(name) or (ITEM,))[-1] in (ITEM, ANY_KEY):
            what = f"rules.{name}: `align: entity` is for a property of an object"
            yield name, Problem(what, "bad-rule", hint="references name the property")


def of_schema(name: str, what: str) -> str:
    """Return what is wrong with a rule that stands in a schema.

    >>> of_schema("boss", "rules.boss: refers to 'q'")
    "x-match of boss: refers to 'q'"
    """
    return what.replace(f"rules.{name}", f"x-match of {name}", 1)


def linking_rules(
    objects: Iterable[Mapping[str, Json]], resolve: Callable[[Json], Mapping[str, Json]]
) -> dict[str, FieldRule]:
    """Return the rules in a schema that declare collections or refer to them, by property.

    `objects` are all objects of the schema, `resolve` follows references. Rules that cannot be read
    are left out: compiling reports them.

    >>> people = {"type": "array", "x-match": {"align": "entity", "match": ["name"]}}
    >>> sorted(linking_rules([{"properties": {"people": people}}], lambda schema: schema))
    ['people']
    """
    rules: dict[str, FieldRule] = {}
    for here in objects:
        named = here.get("properties")
        for key, schema in named.items() if isinstance(named, dict) else ():
            with suppress(HarnessError):
                whole = resolve(schema)
                items = resolve(whole.get("items") or {})
                values = resolve(whole.get("additionalProperties") or {})
                for name, one in ((key, whole), (f"{key}[]", items), (f"{key}{{}}", values)):
                    rule = parse_rule(one.get("x-match", {}), name)
                    if rule.align == "entity" or rule.refers_to:
                        rules[name] = rule
    return rules
