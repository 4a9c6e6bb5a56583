"""Read a `suite.yaml`: its settings, and every error in it with its line and a hint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from harness.cases.files.findings import Findings
from harness.cases.files.places import at, refuse_link_out
from harness.cases.files.reading import read_text
from harness.cases.files.strict_json import line_of_offset
from harness.cases.files.strict_yaml import Yaml, parse_yaml
from harness.cases.files.wording import shortened
from harness.cases.schemas.field_checks import FieldCheck, parse_check
from harness.cases.suite_file.suite_keys import EXTRACTORS, SuiteFile, keys_of, model_at
from harness.core.rules.field_rule import NO_RULES, Rules, normal_field, parse_rule, parse_rules
from harness.core.rules.goal_tiers import GoalsRecord, out_of_order
from harness.core.values import FieldPath, show
from harness.errors import HarnessError, Problem, Where, did_you_mean

_GOALS: Final = TypeAdapter(GoalsRecord)
_NO_LINES: Final[Mapping[FieldPath, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SuiteSettings:
    """Content of a suite file, with the lines it stands on."""

    file: Path
    """The suite's file, or its folder where there is no file."""
    content: SuiteFile
    rules: Rules = field(default_factory=lambda: NO_RULES)
    lines: Mapping[FieldPath, int] = field(default_factory=lambda: _NO_LINES)
    checks: tuple[FieldCheck, ...] = ()

    @property
    def goals(self) -> GoalsRecord | None:
        """The goals in tiers; None where there are none."""
        goals = self.content.goals
        if goals is None:
            return None
        return _GOALS.validate_python(goals.model_dump(exclude_none=True)) or None

    def where(self, *path: str | int) -> Where:
        """Return the line of a setting, or of the nearest one around it."""
        return at(self.file, line_of_offset(self.lines, path))


def _parsed(file: Path) -> Yaml:
    refuse_link_out(file)
    return parse_yaml(read_text(file), file)


def read_settings(file: Path, findings: Findings) -> SuiteSettings | None:
    """Return a suite file's settings less the wrong ones; None if none can be read."""
    yaml = findings.attempt(lambda: _parsed(file))
    if yaml is None:
        return None
    value = {} if yaml.value is None else yaml.value
    if not isinstance(value, dict):
        hint = f"known: {', '.join(sorted(keys_of(SuiteFile)))}"
        findings.add([Problem("must hold `key: value` lines", "bad-yaml", at(file, 1), hint)])
        return None
    given = {key: setting for key, setting in value.items() if setting is not None}
    try:
        suite_file = SuiteFile.model_validate(given)
    except ValidationError as error:
        wrong: set[str | int] = set()
        for detail in error.errors(include_url=False):
            path = _yaml_path(detail["loc"], yaml.lines)
            findings.add([worded(detail, path)], at(file, line_of_offset(yaml.lines, path)))
            wrong.update(detail["loc"][:1])
        suite_file = SuiteFile.model_validate({k: v for k, v in given.items() if k not in wrong})
    settings = SuiteSettings(file, suite_file, NO_RULES, yaml.lines)
    if suite_file.extractor and suite_file.extractors:
        what = "give `extractor` or `extractors`, not both"
        findings.add([Problem(what, "bad-value", settings.where("extractor"))])
    _check_goals(settings, findings)
    checks = tuple(_checks(settings, findings))
    return SuiteSettings(file, suite_file, _rules(settings, findings), yaml.lines, checks)


def _check_goals(settings: SuiteSettings, findings: Findings) -> None:
    """Tell of goals that contradict each other, each at its line."""
    goals, target = settings.goals, settings.content.target_f1
    for tier, name, what in out_of_order(goals or {}):
        where = settings.where("goals", tier, name)
        hint = "each tier asks for more than the one before"
        findings.add([Problem(what, "bad-goals", where, hint)])
    aim = (goals or {}).get("target", {}).get("macro")
    if target is not None and aim is not None and aim != target:
        what = f"target_f1 is {target:g} and goals.target.macro {aim:g}: they are the same goal"
        hint = "leave target_f1 out"
        findings.add([Problem(what, "bad-goals", settings.where("target_f1"), hint)])


def _checks(settings: SuiteSettings, findings: Findings) -> Iterator[FieldCheck]:
    """Yield the checks; what is wrong with one is told at its line."""
    for number, text in enumerate(settings.content.checks):
        check = findings.attempt(partial(parse_check, text), settings.where("checks", number))
        if check is not None:
            yield check


def _rules(settings: SuiteSettings, findings: Findings) -> Rules:
    """Read the rules one by one, so that each problem has its line."""
    written = settings.content.rules
    before = len(findings.problems)
    names: dict[str, str] = {}
    for name, setting in written.items():
        first = names.setdefault(normal_field(name), name)
        if first != name:
            what = f"rules.{name}: the field has a rule already, {first!r}"
            findings.add([Problem(what, "duplicate-key", settings.where("rules", name))])
        try:
            parse_rule(setting, name)
        except HarnessError as error:
            for problem in error.problems:
                findings.add([problem], settings.where("rules", name, *_key(problem, setting)))
    return parse_rules(written) if len(findings.problems) == before else NO_RULES


def _key(problem: Problem, setting: object) -> tuple[str, ...]:
    """Return the key of a rule that a problem speaks of, if it names one."""
    keys = list(setting) if isinstance(setting, Mapping) else []
    head = problem.what.split(": ")[0]
    named = [k for k in keys if head.endswith(f".{k}") or problem.what.endswith(repr(k))]
    return tuple(named[:1])


def _yaml_path(loc: tuple[int | str, ...], lines: Mapping[FieldPath, int]) -> FieldPath:
    """Return the place in the file of an error: pydantic's, less what it adds of its own."""
    added = {"extractor": 1, "extractors": 2}.get(str(loc[0])) if loc else None
    path: FieldPath = ()
    for number, step in enumerate(loc):
        if number != added and (*path, step) in lines:
            path = (*path, step)
    return path


def worded(detail: ErrorDetails, path: FieldPath) -> Problem:
    """Say in our words what pydantic found wrong at a place."""
    loc = detail["loc"]
    inside = f" in {show(path)}" if path else ""
    match detail["type"]:
        case "extra_forbidden":
            model = model_at(loc[:-1])
            around = f" in {show(path[:-1])}" if path[:-1] else ""
            hint = did_you_mean(str(loc[-1]), keys_of(model) if model else ())
            return Problem(f"unknown key {str(loc[-1])!r}{around}", "unknown-key", hint=hint)
        case "missing":
            return Problem(f"key {str(loc[-1])!r} is missing{inside}", "missing-key")
        case "union_tag_not_found":
            hint = f"known kinds: {', '.join(EXTRACTORS)}"
            return Problem(f"key 'kind' is missing{inside}", "missing-key", hint=hint)
        case "union_tag_invalid":
            kind = detail.get("ctx", {}).get("tag", "")
            hint = did_you_mean(str(kind), EXTRACTORS)
            return Problem(f"{show(path)}: unknown kind {kind!r}", "bad-value", hint=hint)
        case _:
            return _bad_value(detail, path)


_WORDS: Final[Mapping[str, tuple[str, str | None]]] = MappingProxyType(
    {
        "string_type": ("must be text", "put it in quotes"),
        "string_too_short": ("must not be empty", None),
        "list_type": ("must be a list", "write `[a, b]`, or one `- item` a line"),
        "too_short": ("must not be empty", None),
        "dict_type": ("must be a mapping", "write `key: value` lines below it"),
        "model_type": ("must be a mapping", "write `key: value` lines below it"),
        "model_attributes_type": ("must be a mapping", "write `key: value` lines below it"),
        "float_type": ("must be a number", None),
        "int_type": ("must be a whole number", None),
        "greater_than": ("must be more than {gt}", None),
        "greater_than_equal": ("must be at least {ge}", None),
        "less_than_equal": ("must be at most {le}", None),
        "literal_error": ("must be {expected}", None),
    }
)
_PATTERNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "function": "must be `module:function`",
    }
)


def _bad_value(detail: ErrorDetails, path: FieldPath) -> Problem:
    words, hint = _WORDS.get(detail["type"], (detail["msg"], None))
    if detail["type"] == "string_pattern_mismatch":
        words = _PATTERNS.get(str(detail["loc"][-1]), words)
    bounds = {k: f"{v:g}" if isinstance(v, float) else v for k, v in detail.get("ctx", {}).items()}
    words = words.format_map(bounds)
    given = detail["input"]
    got = "" if isinstance(given, dict | list) else f", not {shortened(given)}"
    return Problem(f"{show(path)}: {words}{got}", "bad-value", hint=hint)
