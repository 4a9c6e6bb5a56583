"""Rules in files of their own: those of `harness score --rules`, and those of a single case."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from harness.cases.files.findings import Findings
from harness.cases.files.places import at, refuse_link_out
from harness.cases.files.reading import read_text
from harness.cases.files.strict_json import line_of_offset
from harness.cases.files.strict_yaml import parse_yaml
from harness.core.rules.field_rule import NO_RULES, Rules, parse_rule, parse_rules
from harness.errors import HarnessError, Problem

CASE_RULES: Final = ".rules.yaml"
"""What follows a case's id in the file of its own rules."""
_MISSPELT: Final = ".rules.yml"


def read_rules(file: Path) -> Rules:
    """Return the rules a file holds. Raises HarnessError with the line of every wrong one."""
    parsed, findings = parse_yaml(read_text(file), file), Findings()
    value = {} if parsed.value is None else parsed.value
    if not isinstance(value, dict):
        findings.attempt(partial(parse_rules, value), at(file, 1))
        findings.stop()
        return NO_RULES
    for name, rule in value.items():
        findings.attempt(
            partial(parse_rule, rule, name), at(file, line_of_offset(parsed.lines, (name,)))
        )
    findings.stop()
    return parse_rules(value)


def case_rules(truth: Path) -> Rules:
    """Return what a case says of its own fields, in a file beside its truth; nothing if none is.

    Raises HarnessError with the line of every wrong rule.
    """
    file = truth.with_name(f"{truth.stem}{CASE_RULES}")
    if not file.is_file():
        return NO_RULES
    refuse_link_out(file)
    rules = read_rules(file)
    lines = parse_yaml(read_text(file), file).lines
    hint = "say it under `rules:` in suite.yaml"
    problems = [
        Problem(
            f"{name}: `{key}` is of the field in all cases, and not for one of them to say",
            "rule-of-suite",
            at(file, line_of_offset(lines, (name,))),
            hint,
        )
        for name, rule in rules.items()
        for key in ("weight", "focus")
        if getattr(rule, key) is not None
    ]
    if problems:
        raise HarnessError(*problems)
    return rules


def idle_rule_files(folder: Path, truths: set[Path]) -> Iterator[Problem]:
    """Yield a warning for every file of rules in a folder of truths that no truth has."""
    for file in sorted(folder.glob("*.rules.y*ml")):
        name = file.name.removesuffix(CASE_RULES).removesuffix(_MISSPELT)
        if file.name.endswith(_MISSPELT):
            what = "rules of a case stand in a file that ends in `.yaml`: this one is not read"
            yield Problem(what, "unused-rules", at(file), f"rename it to {name}{CASE_RULES}")
        elif not any(truth.stem == name for truth in truths):
            what = f"there is no ground truth {name!r} beside it: the rules are not used"
            yield Problem(what, "unused-rules", at(file))
