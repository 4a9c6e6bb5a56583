"""Rule lookup: a field's own rule, those of patterns, and marks inherited from its containers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from harness.core.rules.field_rule import FieldRule, Rules
from harness.core.rules.named_fields import near_field
from harness.core.rules.rule_names import RuleName, field_steps
from harness.core.values import Path


class Marks:
    """The marks met so far on the way down a schema, by the path that has them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str | int, ...], FieldRule] = {}

    def on(self, path: Path, rule: FieldRule) -> FieldRule:
        """Return a field's rule with the marks of what holds it, unless it has its own.

        What holds a field is asked before the field itself.

        >>> marks, vendor = Marks(), Path((), "").key("vendor")
        >>> _ = marks.on(vendor, FieldRule(weight=2))
        >>> marks.on(vendor.key("id"), FieldRule()).weight
        2
        """
        above = self._known.get(path.steps[:-1]) if path.steps else None
        whole = rule if above is None else rule.over(above)
        own = FieldRule(
            weight=whole.weight, critical=whole.critical, focus=whole.focus, ignore=whole.ignore
        )
        if own != _NONE:
            self._known[path.steps] = own
        return whole


_NONE: Final = FieldRule()


class Matcher:
    """From a field's name to the suite's rule for it; exact names beat patterns."""

    def __init__(self, rules: Rules, *, is_watched: bool = False) -> None:
        """Hold rules ready; fields that are asked for are remembered where they are watched."""
        listed = {f"{n}[]": r for n, r in rules.items() if r.refers_to and not n.endswith("[]")}
        self._exact = {n: rule for n, rule in {**listed, **rules}.items() if "*" not in n}
        patterns = [name for name in rules if "*" in name]
        patterns.sort(key=lambda name: ("**" in name, name.count("*"), -len(name), name))
        self._patterns = [(RuleName.of(name), rules[name]) for name in patterns]
        self._names = patterns
        self._none = FieldRule()
        self._spared = [name for name, rule in self._exact.items() if rule.ignore is False]
        self._given = [name for name in rules if "*" not in name]
        self._watched = is_watched or bool(self._given)
        self.met: set[str] = set()
        """The fields that were asked for so far, where a rule might mean none of them."""

    def idle(self) -> Iterator[tuple[str, str]]:
        """Yield each rule that no field met so far goes by, with one of nearly its name that does.

        Fields that have a rule of their own are not what another rule means.

        >>> from harness.core.rules.field_rule import parse_rules
        >>> matcher = Matcher(parse_rules({"totl": {"absolute": 1}}))
        >>> _ = matcher("total")
        >>> list(matcher.idle())
        [('totl', 'total')]
        """
        met = set(map(field_steps, self.met)) if self._given else ()
        known = [name for name in self.met if name and name not in self._exact]
        for name in self._given:
            if field_steps(name) not in met and (near := near_field(name, known)):
                yield name, near

    def keys_below(self, path: Path) -> list[str]:
        """Return the properties of an object that rules make entity collections."""
        entities = [name for name, rule in self._exact.items() if rule.align == "entity"]
        keys = [re.split(r"[.\[\]{}]+", name)[-1] for name in entities]
        return [k for k, name in zip(keys, entities, strict=True) if path.key(k).name == name]

    def spares(self, name: str) -> bool:
        """Tell whether a rule for something below a field says that it is not ignored.

        >>> from harness.core.rules.field_rule import parse_rules
        >>> matcher = Matcher(parse_rules({"a": {"ignore": True}, "a[].c": {"ignore": False}}))
        >>> matcher.spares("a"), matcher.spares("a[].b")
        (True, False)
        """
        steps = field_steps(name)
        below = (field_steps(other) for other in self._spared)
        return any(len(one) > len(steps) and one[: len(steps)] == steps for one in below)

    def own(self, name: str) -> FieldRule:
        """Return the rule that has a field's very name; patterns are left out."""
        return self._exact.get(name or "$", self._none)

    def named(self, name: str) -> list[tuple[str, FieldRule]]:
        """Return the rules a field goes by with their names, the one that beats all first."""
        name_or_root = name or "$"
        exact = [(name_or_root, self._exact[name_or_root])] if name_or_root in self._exact else []
        known = zip(self._names, self._patterns, strict=True)
        steps = field_steps(name)
        return exact + [(pattern, rule) for pattern, (n, rule) in known if n.means(steps)]

    def __call__(self, name: str) -> FieldRule:
        """Return the rule for a field: its own, over those of the patterns that mean it."""
        rule = self._exact.get(name or "$", self._none)
        steps = field_steps(name) if self._patterns else ()
        if self._watched:
            self.met.add(name)
        for pattern, general in self._patterns:
            if pattern.means(steps):
                rule = rule.over(general)
        return rule
