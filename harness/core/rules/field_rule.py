"""Field rules: how values at a field are compared, aligned or left out of the score."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from harness.core.reading.similarity_measures import Similarity
from harness.core.rules.rule_settings import (
    UNREADABLE,
    Alignment,
    Blank,
    Precision,
    Reading,
    flaw,
    frozen,
    thawed,
)
from harness.core.values import Json
from harness.errors import HarnessError, Problem, did_you_mean


@dataclass(frozen=True, slots=True)
class FieldRule:
    """Rule of one field. None everywhere means: as the schema suggests.

    >>> from harness import score
    >>> score({"qty": 10}, {"qty": 11}, rules={"qty": FieldRule(absolute=1)}).f1
    1.0

    In a model of Pydantic it is called `Match`:

    >>> from typing import Annotated
    >>> from pydantic import BaseModel
    >>> class Order(BaseModel):
    ...     qty: Annotated[int, Match(absolute=1)]
    >>> score(Order(qty=10), {"qty": 11}, schema=Order).f1
    1.0
    """

    compare: str | None = None
    """Which comparator decides; by default the schema's type, format and enum choose it. A Python
    function of your own is named `module:function`."""
    threshold: float | None = None
    """Text, `set`, `bag`, own function: similarity in [0, 1] from which two values are the same.
    Lists: from which a pair of items with nothing equal is still a pair."""
    similarity: Similarity | None = None
    """How text similarity is measured. `ratio` (default): the whole texts, letter by letter.
    `token_sort`: the same with the words sorted, for names in either order. `token_set`: only the
    words of the shorter one need to be there, so a part, a whole and a dump of everything are all
    alike (`paid` and `not paid`). `partial`: the best place of the shorter text in the longer, so a
    single letter is alike to anything that has it. `wratio`: the best of these. `jaro_winkler`:
    beginnings count more, for short names."""
    bound: Literal[">=", ">"] | None = None
    """Whether a similarity of exactly the threshold is enough (`>=`, the default) or not (`>`)."""
    absolute: float | None = None
    """Numbers, money, angles: tolerance in the number's own unit, durations: in seconds; the larger
    of the two tolerances counts."""
    relative: float | None = None
    """Numbers, money, durations: tolerance as a share of the expected value. With neither
    tolerance whole numbers are the same if they are equal, fractions if they agree in 15
    significant digits, money to the cent."""
    decimal: Literal[".", ","] | None = None
    """Numbers written as text: the decimal mark. Undeclared, only what has one reading is read."""
    percent: bool | None = None
    """Numbers written as text: `15 %` means 0.15."""
    units: Mapping[str, float] | None = None
    """Numbers written as text: the units that may stand behind them, each with what it is worth in
    the unit of a bare number: `{kg: 1, g: 0.001}`. Others are then not read."""
    currency: str | None = None
    """Money: the currency (ISO 4217) of an amount that names none, or has a sign that several
    currencies share."""
    period: float | None = None
    """`circular`: where the scale begins again; 360 by default."""
    date_order: Literal["dmy", "mdy", "ymd"] | None = None
    """Dates written as `01/02/2024`: the order of the parts. Undeclared, they are ambiguous."""
    days: int | None = None
    """Dates: how many days apart still count as the same."""
    precision: Precision | None = None
    """Dates: compare only this much; by default both must be given to the same precision."""
    timezone: str | None = None
    """`datetime`: the offset (`+02:00`, `Z`) of times that name no zone. Undeclared, such a time
    equals none that has a zone."""
    delimiter: str | None = None
    """`set`, `bag`: what stands between items. Undeclared, a line end, semicolon, bar, comma or
    slash, whichever alone a text has."""
    synonyms: Mapping[str, tuple[str, ...]] | None = None
    """Enum members and booleans: other spellings that stand for them."""
    any_of: tuple[Reading, ...] | None = None
    """Further values that are right as well, for a case whose document can be read in several ways.
    The truth is judged first; an absent value is no reading."""
    align: Alignment | None = None
    """Lists: how items are paired; `best` by default."""
    key: tuple[str, ...] | None = None
    """Lists with `align: key`: the item fields that name an item."""
    id: str | None = None
    """Lists with `align: entity`: the item field that holds an entity's local name, `id` by
    default; it is never compared. The entities of a map go by their keys."""
    match: Mapping[str, float] | None = None
    """Lists and maps with `align: entity`: the fields two entities must agree in, each by its own
    rule, with its weight in choosing among several that do; `name + last_name` joins texts."""
    unknown: tuple[str, ...] | Literal["unreadable"] | None = None
    """Lists and maps with `align: entity`: criteria that match any value where one side leaves
    them out; by default dates and references. `unreadable`: these, and dates that cannot be read;
    also for one date, in the date's own rule."""
    unordered: tuple[str, ...] | None = None
    """Lists and maps with `align: entity`: two references that may stand in either order."""
    cumulative: bool | None = None
    """Lists of statements: judge also what they add up to, entities by id, `delete` taken back."""
    refers_to: str | None = None
    """The entity collection of the same object whose ids are the values here."""
    blank: tuple[Blank, ...] | None = None
    """What counts as absent here."""
    placeholders: tuple[str, ...] | None = None
    """Texts such as `N/A` that count as absent here; none by default."""
    weight: float | None = None
    """How much the field counts in the weighted F1; 1 by default. Counts are never weighted."""
    critical: bool | None = None
    """An error here breaks its case, whatever the score: broken cases are counted and named."""
    focus: bool | None = None
    """The field belongs to the focus score, the mean F1 of the fields you want to improve; the mean
    F1 of all others is its guard."""
    ignore: bool | None = None
    """Leave the field, and everything below it, out of numerator and denominator."""

    def __get_pydantic_json_schema__(
        self, core_schema: object, handler: Callable[[Any], dict[str, Any]]
    ) -> dict[str, Any]:
        """Add the rule to a Pydantic model's JSON Schema as `x-match`; Pydantic calls this."""
        schema = handler(core_schema)
        before = schema.get("x-match")
        mine = rule_as_json(self)
        return {**schema, "x-match": {**before, **mine} if isinstance(before, dict) else mine}

    def __hash__(self) -> int:
        """Hash by the settings that are plain values: mappings have no hash of their own."""
        return hash((self.compare, self.threshold, self.align, self.refers_to, self.ignore))

    def over(self, base: FieldRule) -> FieldRule:
        """Return this rule with what it leaves open filled in from `base`."""
        mine = {f.name: getattr(self, f.name) for f in fields(self)}
        return FieldRule(**{k: getattr(base, k) if v is None else v for k, v in mine.items()})


Match = FieldRule
"""A rule as it stands in a Pydantic model: `Annotated[str, Match(compare="identifier")]`."""

Rules: TypeAlias = Mapping[str, FieldRule]
"""Field (`line_items[].amount`) to rule. A `*` stands for any key, `**` for any number of steps."""

NO_RULES: Final[Rules] = MappingProxyType({})


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
        if not isinstance(name, str):
            what = f"rules: a field's name is a text, and {name!r} is none"
            problems.append(Problem(what, "bad-rule"))
            continue
        try:
            given = rule_as_json(settings) if isinstance(settings, FieldRule) else settings
            rules[normal_field(name)] = parse_rule(given, name)
        except HarnessError as error:
            problems.extend(error.problems)
    if problems:
        raise HarnessError(*problems)
    return MappingProxyType(rules)


def overlaid(rules: Rules, by: Rules) -> Rules:
    """Return rules with others laid over them: what those leave open stays as it was.

    For what one case says of itself, over what its suite says.

    >>> suite = parse_rules({"by": {"compare": "text"}})
    >>> overlaid(suite, parse_rules({"by": {"any_of": ["Jane Roe"]}}))["by"].compare
    'text'
    """
    laid = {name: rule.over(rules[name]) if name in rules else rule for name, rule in by.items()}
    return MappingProxyType({**rules, **laid})


def normal_field(name: str) -> str:
    """Normalize a field's name: list steps as `[]`, map keys as `{}`.

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
        wrong = flaw(key, value)
        if wrong:
            problems.append(Problem(f"{where}.{key}: {wrong[0]}", "bad-rule", hint=wrong[1]))
        else:
            read[key] = frozen(key, value)
    rule = FieldRule(**read) if not problems else FieldRule()  # type: ignore[arg-type]  # checked by `flaw`
    problems.extend(Problem(f"{where}: {what}", "bad-rule") for what in _at_odds(rule))
    if problems:
        raise HarnessError(*problems)
    return rule


_OF_VALUES: Final = frozenset(
    (
        *("compare", "threshold", "similarity", "bound", "absolute", "relative", "decimal"),
        *("percent", "units", "currency", "period", "date_order", "days", "precision"),
        *("timezone", "delimiter", "synonyms", "any_of"),
    )
)
"""The settings that say how two values are compared; all others are about the field as a whole."""


def branch_rule(option: Mapping[str, Json], name: str) -> FieldRule:
    """Return the rule in one branch of a field that may be one of several scalars.

    Raises HarnessError for settings that one branch cannot say of a whole field.

    >>> branch_rule({"type": "string", "x-match": {"compare": "identifier"}}, "no").compare
    'identifier'
    """
    match = option.get("x-match")
    if match is None:
        return FieldRule()
    rule = parse_rule(match, name)
    if lost := sorted(rule_as_json(rule).keys() - _OF_VALUES):
        what = f"x-match of {name}: {lost[0]!r} stands in one branch of a union"
        raise HarnessError(Problem(what, "bad-rule", hint="write it beside `anyOf`"))
    return rule


def _at_odds(rule: FieldRule) -> Iterator[str]:
    """Yield what in a rule does not go together."""
    if rule.align == "key" and not rule.key:
        yield "`align: key` needs a `key`"
    if rule.key and rule.align not in (None, "key"):
        yield "`key` goes with `align: key`"
    if rule.align == "entity" and not rule.match:
        yield "`align: entity` needs a `match`"
    if rule.unknown == UNREADABLE and rule.compare not in (None, "date", "datetime"):
        yield "`unknown: unreadable` goes with dates"
    listed = rule.unknown != UNREADABLE and rule.unknown
    if rule.align != "entity" and (rule.match or rule.id or listed or rule.unordered):
        yield "`id`, `match`, `unknown` and `unordered` go with `align: entity`"
    if rule.unordered and len(rule.unordered) != 2:  # noqa: PLR2004  # two ends
        yield "`unordered` must name two fields"
    if rule.compare == "date" and rule.precision in ("hour", "minute", "second"):
        yield f"`precision: {rule.precision}` goes with `compare: datetime`"


def rules_as_json(rules: Rules) -> dict[str, Json]:
    """Return rules as `parse_rules` reads them, settings in name order, unset ones left out."""
    return {name: rule_as_json(rule) for name, rule in sorted(rules.items())}


def rule_as_json(rule: FieldRule) -> dict[str, Json]:
    """Return one rule as `parse_rule` reads it."""
    settings = {field.name: getattr(rule, field.name) for field in fields(rule)}
    return {name: thawed(value) for name, value in sorted(settings.items()) if value is not None}
