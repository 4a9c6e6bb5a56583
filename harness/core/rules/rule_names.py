"""The language of rule names: which fields a rule's name means, `*` and `**` included.

Scoring and the warning about unused rules ask the same functions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from harness.core.values import show

ITEM: Final = "[]"
"""Step of a field from a list to its items."""
ANY_KEY: Final = "{}"
"""Step of a field from a free-key map to its values."""
KEY_FIELD: Final = "$key"
"""The field of an aligned map's entries that stands for their key."""
VALUE_FIELD: Final = "$value"
"""The field of an entity map's entries that stands for a value that is no object."""

FieldSteps: TypeAlias = tuple[str, ...]
"""A field taken apart: keys, `[]` and `{}`. () is the whole value."""

_STEP: Final = re.compile(
    r'(?P<fold>\[\]|\{\})|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|(?P<key>[^.\[\]{}]+)', re.DOTALL
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


def field_steps(name: str) -> FieldSteps:
    r"""Return a field's name, as people write it, taken apart.

    >>> field_steps("rows[].sku"), field_steps('prices{}["unit price"]'), field_steps("$")
    (('rows', '[]', 'sku'), ('prices', '{}', 'unit price'), ())
    """
    return () if name == "$" else tuple(step for step, _ in _steps(name))


def _steps(name: str) -> list[tuple[str, bool]]:
    """Return each step, and whether it was quoted: a quoted star is a key, not a wildcard."""
    steps = []
    for match in _STEP.finditer(name):
        quoted = match["quoted"]
        steps.append((match[0], False) if quoted is None else (_ESCAPED.sub(r"\1", quoted), True))
    return steps


def field_of(steps: FieldSteps) -> str:
    """Write a field the way people say it.

    >>> field_of(("rows", "[]", "unit price")), field_of(())
    ('rows[]["unit price"]', '$')
    """
    text = "".join(s if s in (ITEM, ANY_KEY) else _written(s) for s in steps)
    return text.removeprefix(".") or "$"


def _written(step: str) -> str:
    text = show((step,))
    return text if text.startswith("[") else f".{text}"


@dataclass(frozen=True, slots=True)
class RuleName:
    """A rule's name, ready to be held against fields.

    >>> RuleName.of("**.date").means(("a", "b", "[]", "date"))
    True
    >>> RuleName.of("rows[].*").means(("rows", "[]", "a", "b"))
    False
    >>> RuleName.of("total.**").means(("total",))
    True
    """

    steps: tuple[str | re.Pattern[str], ...]
    """Keys, `[]` and `{}`; a pattern where `*` stands in a key; `_MANY` for `**`."""

    @staticmethod
    def of(name: str) -> RuleName:
        """Return a rule's name taken apart: `*` is any one key, `**` any number of steps.

        >>> RuleName.of("net_*").means(("net_total",)), RuleName.of("net_*").means(("net", "a"))
        (True, False)
        """
        if name == "$":
            return RuleName(())
        return RuleName(tuple(s if quoted else _wild(s) for s, quoted in _steps(name)))

    def means(self, field: FieldSteps) -> bool:
        """Tell whether the name stands for a field; `**` stands for no step, too."""
        reached = {0}
        for step in self.steps:
            if step is _MANY:
                reached = set(range(min(reached), len(field) + 1))
            else:
                reached = {n + 1 for n in reached if n < len(field) and _fits(step, field[n])}
            if not reached:
                return False
        return len(field) in reached


_MANY: Final = "\0**"
"""`**` in a rule's name: any number of steps. No key of a field is written so."""


def _wild(step: str) -> str | re.Pattern[str]:
    """Return a step as it is held against keys: `*` is one letter or more of a key."""
    if step == "**":
        return _MANY
    if "*" not in step:
        return step
    return re.compile(".+".join(map(re.escape, re.split(r"\*+", step))), re.DOTALL)


def _fits(step: str | re.Pattern[str], key: str) -> bool:
    if isinstance(step, str):
        return step == key
    return key != ITEM and step.fullmatch(key) is not None
