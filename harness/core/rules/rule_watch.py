"""Rules that do nothing: fields and names that no document has, told once each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from harness.core.rules.field_rule import FieldRule
from harness.core.rules.matcher import Matcher
from harness.core.rules.named_fields import named_fields, near_key, unborne, values_at
from harness.core.rules.references import of_schema
from harness.core.rules.rule_names import (
    ANY_KEY,
    ITEM,
    KEY_FIELD,
    VALUE_FIELD,
    FieldSteps,
    field_of,
    field_steps,
)
from harness.core.values import Json

_OF_MAPS: Final = (KEY_FIELD, VALUE_FIELD)
"""What an entry of a map has that is no key of an object."""


class RuleWatch:
    """The rules of a plan, held against the documents that it scores.

    `declared` returns the keys that the schema declares at a field.
    """

    def __init__(self, rules: Matcher, declared: Callable[[FieldSteps], Collection[str]]) -> None:
        self._rules = rules
        self._declared = declared
        self._naming: dict[str, FieldRule] = {}
        """By list, the rules whose inner names were held against no items yet."""
        self._told: set[str] = set()
        self._looked_at = 0
        """How many fields had been met when rules were last held against them."""

    def add(self, name: str, rule: FieldRule) -> None:
        """Watch the names inside the rule of a field; patterns are no one field's rule."""
        if rule.align and name not in self._told and any(named_fields(rule)):
            self._naming[name] = rule

    def told_of(self, expected: Json, predicted: Json) -> Iterable[str]:
        """Return what is wrong with rules, as far as the documents so far tell.

        A rule, or a name inside it, may be for a field that only other documents have: it is told
        of where a field nearly has its name. Names inside the rule of a list are held against the
        first items that it has.
        """
        if len(self._rules.met) == self._looked_at:
            return ()
        self._looked_at = len(self._rules.met)
        return [*self._idle_rules(), *self._unborne_names(expected, predicted)]

    def _idle_rules(self) -> Iterator[str]:
        for name, near in self._rules.idle():
            if name not in self._told:
                self._told.add(name)
                yield f"rules.{name}: no field goes by that name; did you mean {near!r}?"

    def _unborne_names(self, expected: Json, predicted: Json) -> Iterator[str]:
        for name, rule in tuple(self._naming.items()):
            lists = [(*field_steps(name or "$"), step) for step in (ITEM, ANY_KEY)]
            sides = ((side, steps) for side in (expected, predicted) for steps in lists)
            items = [i for side, steps in sides for i in values_at(side, steps)]
            if not any(isinstance(item, dict) for item in items):
                continue
            del self._naming[name]
            self._told.add(name)
            whole = (*field_steps(name or "$"), ITEM)
            for setting, each in named_fields(rule):
                *above, key = field_steps(each)
                met = (True for item in items for _ in values_at(item, (*above, key)))
                if each in _OF_MAPS or self._declares(name, (*above, key)) or any(met):
                    continue
                around = (value for item in items for value in values_at(item, tuple(above)))
                keys = {key for value in around if isinstance(value, dict) for key in value}
                near = near_key(key, keys.union(self._declared((*whole, *above))))
                if near is not None:
                    yield self._unborne(name or "$", setting, each, field_of((*above, near)))

    def _unborne(self, rule: str, setting: str, name: str, near: str) -> str:
        problem = unborne(rule, setting, name, [near])
        is_own = self._rules.own(rule).align
        what = problem.what if is_own else of_schema(rule, problem.what)
        return f"{what}; did you mean {near!r}?"

    def _declares(self, name: str, steps: FieldSteps) -> bool:
        """Tell whether the schema names a field of a list's items; `[]` and `{}` need no name."""
        whole = (*field_steps(name or "$"), ITEM)
        return all(
            step in (ITEM, ANY_KEY) or step in self._declared((*whole, *steps[:at]))
            for at, step in enumerate(steps)
        )
