"""Rules and places in files of their own: of a single case, or of `harness score --rules`."""

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
from harness.core.explain.places.stated_places import read_place
from harness.core.records import StatedPlaces
from harness.core.rules.field_rule import NO_RULES, Rules, parse_rule, parse_rules
from harness.core.values import Json, shown_paths
from harness.errors import HarnessError, Problem, did_you_mean

CASE_RULES: Final = ".rules.yaml"
"""What follows a case's id in the file of its own rules."""
CASE_PLACES: Final = ".places.yaml"
"""What follows a case's id in the file of the places of its truth's values."""


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


def case_places(truth: Path, value: Json) -> StatedPlaces:
    """Return where a truth's values stand, as a file beside it says; nothing if none is.

    Raises HarnessError with the line of every place that is none, or is of no value of the truth.
    """
    file = truth.with_name(f"{truth.stem}{CASE_PLACES}")
    if not file.is_file():
        return ()
    refuse_link_out(file)
    parsed = parse_yaml(read_text(file), file)
    listed = parsed.value if isinstance(parsed.value, dict) else {}
    paths = set(shown_paths(value))
    problems, places = [], []
    for path, stated_place in listed.items():
        place = read_place(stated_place)
        where = at(file, line_of_offset(parsed.lines, (path,)))
        if place is None:
            hint = "write {page: 1, box: [0.1, 0.2, 0.3, 0.25]}, in parts of the page"
            problems.append(Problem(f"{path}: not a place", "bad-place", where, hint))
        elif path not in paths:
            near = did_you_mean(path, paths)
            what = f"the truth has no value {path!r}"
            problems.append(Problem(what, "unused-place", where, near))
        else:
            places.append((path, place))
    if problems:
        raise HarnessError(*problems)
    return tuple(places)


def idle_case_files(folder: Path, truths: set[Path]) -> Iterator[Problem]:
    """Yield a warning for every file of rules or places in a folder that no truth there has."""
    for ending, what in ((CASE_RULES, "rules"), (CASE_PLACES, "places")):
        misspelt = ending.replace(".yaml", ".yml")
        for file in sorted([*folder.glob(f"*{ending}"), *folder.glob(f"*{misspelt}")]):
            name = file.name.removesuffix(ending).removesuffix(misspelt)
            code = f"unused-{what}"
            if file.name.endswith(misspelt):
                odd = f"{what} of a case stand in a file that ends in `.yaml`: this one is not read"
                yield Problem(odd, code, at(file), f"rename it to {name}{ending}")
            elif not any(truth.stem == name for truth in truths):
                odd = f"there is no ground truth {name!r} beside it: the {what} are not used"
                yield Problem(odd, code, at(file))
