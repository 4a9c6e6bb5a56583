"""Field rules: how values at a field are compared, aligned or left out of the score."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, TypeGuard

from harness.core.values import Json
from harness.errors import HarnessError, Problem, did_you_mean

Comparator: TypeAlias = Literal["exact", "text", "number", "date", "enum", "boolean", "identifier"]
Alignment: TypeAlias = Literal["best", "key", "position", "sequence", "entity"]
Similarity: TypeAlias = Literal["ratio", "token_set", "partial", "wratio", "jaro_winkler"]
Blank: TypeAlias = Literal["missing", "null", "empty_string"]

BLANK: Final[tuple[Blank, ...]] = ("missing", "null", "empty_string")
"""What counts as an absent scalar by default; white space only is an empty string. A missing key is
absent always, and so are empty lists and objects: they hold no field."""


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What a user says about one field. None everywhere means: as the schema suggests."""

    compare: Comparator | None = None
    """Which comparator decides; by default the schema's type, format and enum choose it."""
    threshold: float | None = None
    """Text: similarity in [0, 1] from which two texts are the same. Lists: from which a pair of
    items with nothing equal is still a pair."""
    similarity: Similarity | None = None
    """How text similarity is measured; `ratio` by default."""
    bound: Literal[">=", ">"] | None = None
    """Whether a similarity of exactly the threshold is enough (`>=`, the default) or not (`>`)."""
    absolute: float | None = None
    """Numbers: tolerance in the number's own unit; the larger of the two tolerances counts."""
    relative: float | None = None
    """Numbers: tolerance as a share of the expected value; 1e-9 by default."""
    decimal: Literal[".", ","] | None = None
    """Numbers written as text: the decimal mark. Undeclared, only what has one reading is read."""
    percent: bool | None = None
    """Numbers written as text: `15 %` means 0.15."""
    date_order: Literal["dmy", "mdy", "ymd"] | None = None
    """Dates written as `01/02/2024`: the order of the parts. Undeclared, they are ambiguous."""
    days: int | None = None
    """Dates: how many days apart still count as the same."""
    precision: Literal["day", "month", "year"] | None = None
    """Dates: compare only this much; by default both must be given to the same precision."""
    synonyms: Mapping[str, tuple[str, ...]] | None = None
    """Enum members and booleans: other spellings that stand for them."""
    align: Alignment | None = None
    """Lists: how items are paired; `best` by default."""
    key: tuple[str, ...] | None = None
    """Lists with `align: key`: the item fields that name an item."""
    id: str | None = None
    """Lists with `align: entity`: the item field that holds an entity's local name, `id` by
    default; it is never compared."""
    match: Mapping[str, float] | None = None
    """Lists with `align: entity`: the item fields two entities must agree in, each by its own
    rule, with its weight in choosing among several that do; `name + last_name` joins texts."""
    unknown: tuple[str, ...] | None = None
    """Lists with `align: entity`: criteria that match any value where one side leaves them out;
    by default dates and references."""
    unordered: tuple[str, ...] | None = None
    """Lists with `align: entity`: two references that may stand in either order."""
    cumulative: bool | None = None
    """Lists of statements: judge also what they add up to, entities by id, `delete` taken back."""
    refers_to: str | None = None
    """The entity collection of the same object whose ids are the values here."""
    blank: tuple[Blank, ...] | None = None
    """What counts as absent here."""
    placeholders: tuple[str, ...] | None = None
    """Texts such as `N/A` that count as absent here; none by default."""
    ignore: bool | None = None
    """Leave the field, and everything below it, out of numerator and denominator."""

    def over(self, base: FieldRule) -> FieldRule:
        """Return this rule with what it leaves open filled in from `base`."""
        mine = {f.name: getattr(self, f.name) for f in fields(self)}
        return FieldRule(**{k: getattr(base, k) if v is None else v for k, v in mine.items()})


Rules: TypeAlias = Mapping[str, FieldRule]
"""Field (`line_items[].amount`) to rule. A `*` stands for any key, `**` for any number of steps."""

NO_RULES: Final[Rules] = MappingProxyType({})

_CHOICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "compare": ("exact", "text", "number", "date", "enum", "boolean", "identifier"),
        "similarity": ("ratio", "token_set", "partial", "wratio", "jaro_winkler"),
        "bound": (">=", ">"),
        "decimal": (".", ","),
        "date_order": ("dmy", "mdy", "ymd"),
        "precision": ("day", "month", "year"),
        "align": ("best", "key", "position", "sequence", "entity"),
    }
)


def parse_rules(value: object) -> Rules:
    """Read rules as a user writes them: a mapping of field to settings.

    Raises HarnessError with every problem found, each naming the field and setting.

    >>> parse_rules({"rows[*].sku": {"compare": "identifier"}})["rows[].sku"].compare
    'identifier'
    >>> parse_rules({"total": {"relativ": 0.01}})
    Traceback (most recent call last):
    harness.errors.HarnessError: rules.total: unknown setting 'relativ' [unknown-key]
      hint: did you mean 'relative'?
    """
    if not isinstance(value, Mapping):
        raise HarnessError(Problem("rules must map fields to settings", "bad-rule"))
    problems: list[Problem] = []
    rules: dict[str, FieldRule] = {}
    for name, settings in value.items():
        try:
            rules[normal_field(str(name))] = (
                settings if isinstance(settings, FieldRule) else parse_rule(settings, str(name))
            )
        except HarnessError as error:
            problems.extend(error.problems)
    if problems:
        raise HarnessError(*problems)
    return MappingProxyType(rules)


def normal_field(name: str) -> str:
    """Write a field the way counts are kept: list steps as `[]`, map keys as `{}`.

    >>> normal_field("$.rows[*].tags[0]"), normal_field("inputs{*}.mass")
    ('rows[].tags[]', 'inputs{}.mass')
    """
    name = re.sub(r"\[(\*|\d+)\]", "[]", name.strip()).replace("{*}", "{}")
    return name.removeprefix("$").removeprefix(".") or "$"


def parse_rule(settings: object, name: str) -> FieldRule:
    """Read one field's settings. Raises HarnessError with every problem found.

    >>> parse_rule({"align": "key", "key": ["sku"]}, "rows").key
    ('sku',)
    """
    where = f"rules.{name}"
    if not isinstance(settings, Mapping):
        raise HarnessError(Problem(f"{where}: settings must be a mapping", "bad-rule"))
    known = [f.name for f in fields(FieldRule)]
    problems: list[Problem] = []
    read: dict[str, object] = {}
    for key, value in settings.items():
        if key not in known:
            hint = did_you_mean(str(key), known)
            problems.append(Problem(f"{where}: unknown setting {key!r}", "unknown-key", hint=hint))
            continue
        wrong = _wrong(key, value)
        if wrong:
            problems.append(Problem(f"{where}.{key}: {wrong}", "bad-rule", hint=_hint(key, value)))
        read[key] = _weights(value) if key == "match" else _frozen(value)
    rule = FieldRule(**read) if not problems else FieldRule()  # type: ignore[arg-type]  # checked by _wrong
    problems.extend(Problem(f"{where}: {what}", "bad-rule") for what in _at_odds(rule))
    if problems:
        raise HarnessError(*problems)
    return rule


def _at_odds(rule: FieldRule) -> Iterator[str]:
    """Yield what in a rule does not go together."""
    if rule.align == "key" and not rule.key:
        yield "`align: key` needs a `key`"
    if rule.key and rule.align not in (None, "key"):
        yield "`key` goes with `align: key`"
    if rule.align == "entity" and not rule.match:
        yield "`align: entity` needs a `match`"
    if rule.align != "entity" and (rule.match or rule.id or rule.unknown or rule.unordered):
        yield "`id`, `match`, `unknown` and `unordered` go with `align: entity`"
    if rule.unordered and len(rule.unordered) != 2:  # noqa: PLR2004  # two ends
        yield "`unordered` must name two fields"


def _hint(key: str, value: object) -> str | None:
    return did_you_mean(str(value), _CHOICES[key]) if key in _CHOICES else None


def _frozen(value: object) -> object:
    if isinstance(value, list | tuple):
        return tuple(map(str, value))
    if isinstance(value, Mapping):
        return MappingProxyType({str(k): _texts(v) for k, v in value.items()})
    return value


def _weights(value: object) -> Mapping[str, float]:
    """Return criteria with their weights; a plain list weighs each the same."""
    if isinstance(value, Mapping):
        return MappingProxyType({str(k): float(v) for k, v in value.items() if _is_number(v)})
    names = value if isinstance(value, list | tuple) else ()
    return MappingProxyType({str(name): 1.0 for name in names})


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)


def _wrong(key: str, value: object) -> str | None:  # noqa: PLR0911  # one answer a kind of setting
    if key in _CHOICES:
        return None if value in _CHOICES[key] else f"{value!r} is not one of its choices"
    if key == "threshold":
        return None if _is_number(value) and 0 <= value <= 1 else "must be a number from 0 to 1"
    if key in ("absolute", "relative"):
        return None if _is_number(value) and value >= 0 else "must be a number of at least 0"
    if key == "days":
        ok = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        return None if ok else "must be a whole number of at least 0"
    if key in ("percent", "ignore", "cumulative"):
        return None if isinstance(value, bool) else "must be true or false"
    if key == "synonyms":
        return None if isinstance(value, Mapping) else "must map a member to its other spellings"
    if key == "match":
        named = isinstance(value, list | tuple)
        weighed = isinstance(value, Mapping) and all(map(_is_weight, value.values()))
        return None if named or weighed else "must list fields, or map each to its weight"
    if key in ("id", "refers_to"):
        return None if isinstance(value, str) and value else "must be a name"
    if key == "blank":
        ok = isinstance(value, list | tuple) and all(v in BLANK for v in value)
        return None if ok else f"must be a list out of {', '.join(BLANK)}"
    return None if isinstance(value, list | tuple) else "must be a list"


def _is_weight(value: object) -> bool:
    return _is_number(value) and value >= 0


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def rules_as_json(rules: Rules) -> Json:
    """Return rules as `parse_rules` reads them, settings in name order, unset ones left out."""
    return {name: _rule_as_json(rule) for name, rule in sorted(rules.items())}


def _rule_as_json(rule: FieldRule) -> Json:
    out: dict[str, Json] = {}
    for field in sorted(fields(rule), key=lambda f: f.name):
        value = getattr(rule, field.name)
        if isinstance(value, Mapping):
            out[field.name] = {k: v if _is_number(v) else list(v) for k, v in value.items()}
        elif value is not None:
            out[field.name] = list(value) if isinstance(value, tuple) else value
    return out
