"""Proposals for a convention: a rule, an accepted reading, a sentence for a prompt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.cases.files.strict_yaml import parse_yaml
from harness.cases.files.whole_file import whole_file
from harness.cases.schemas.rule_files import CASE_RULES, case_rules
from harness.core.differ.tagging.near_misses import accepting_rule
from harness.core.values import Json
from harness.errors import Problem, UsageError
from harness.review.audit.truth_audit import AuditQuestion, SuspectPlace

_LONGEST: Final = 200
"""Characters of a value in a sentence."""


@dataclass(frozen=True, slots=True)
class ConventionProposal:
    """Three ways to settle a question for good; one that cannot is empty."""

    rule: str
    """For `rules` of the suite: what takes both ways of writing for the same, in all cases."""
    reading: str
    """For the case's own rules: what was said is right as well, in this case."""
    sentence: str
    """For the prompt: what the truth wants."""


def convention_proposal(question: AuditQuestion) -> ConventionProposal:
    """Return what a person may do about a question that they called a convention."""
    values = [each for each in question.places if each.kind == "value"]
    rules = {_rule(each) for each in values}
    rule = rules.pop() if len(rules) == 1 else ""
    readings = list({_json(each.answer): each.answer for each in values}.values())
    return ConventionProposal(
        rule=f"{_json(question.field)}: {{{rule}}}" if rule else "",
        reading=f"{_json(question.field)}: {{any_of: {_json(readings)}}}" if readings else "",
        sentence=_sentence(question),
    )


def write_reading(question: AuditQuestion, truth: Path) -> Path:
    """Add what was said to the accepted readings of a case, and return the file of its rules.

    Raises UsageError where the case's rules say something of the field already, or where nothing
    was said that could be accepted.
    """
    proposed = convention_proposal(question).reading
    file = truth.with_name(f"{truth.stem}{CASE_RULES}")
    if not proposed:
        what = f"a question of the kind {question.kind!r} has no reading that could be accepted"
        raise UsageError(Problem(what, "no-reading", hint="say it in the prompt"))
    if question.field in case_rules(truth):
        what = f"{file} says something of {question.field!r} already"
        raise UsageError(Problem(what, "known-rule", hint=f"add to it: {proposed}"))
    before = file.read_text(encoding="utf-8") if file.is_file() else ""
    text = f"{before.rstrip()}\n{proposed}\n".lstrip()
    parse_yaml(text, file)
    with whole_file(file) as scratch:
        scratch.write_text(text, encoding="utf-8", newline="\n")
    case_rules(truth)  # whoever reads it next finds it well
    return file


def _rule(place: SuspectPlace) -> str:
    both = place.truth, place.answer
    if isinstance(both[0], str) and isinstance(both[1], str):
        return accepting_rule(both[0], both[1])
    return ""


def _sentence(question: AuditQuestion) -> str:
    first: SuspectPlace = question.places[0]
    field, truth, answer = question.field, _json(first.truth), _json(first.answer)
    match question.kind:
        case "missing_item":
            return f"`{field}`: leave out items such as {answer}."
        case "extra_item":
            return f"`{field}`: list items such as {truth}, too."
        case "absent" if first.truth is None:
            return f"`{field}`: leave it out where the document gives no more than {answer}."
        case "absent":
            return f"`{field}`: write {truth} rather than leaving it out."
        case _:
            return f"`{field}`: write {truth}, not {answer}."


def _json(value: Json | Sequence[Json]) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST or isinstance(value, list) else f"{text[:_LONGEST]}…"
