"""References between rules: the entity collection that a rule's `refers_to` names."""

from __future__ import annotations

from collections.abc import Iterator

from harness.core.rules.field_rule import NO_RULES, Rules
from harness.errors import Problem, did_you_mean


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
