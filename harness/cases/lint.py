"""What is odd about a suite as a whole, though it runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from harness.cases.fields import unused_rules
from harness.cases.places import at
from harness.cases.rule_files import idle_rule_files
from harness.cases.settings import Settings
from harness.core.records import Case
from harness.core.rules import normal_field
from harness.core.values import Json, is_blank
from harness.errors import Problem


def lint_cases(cases: Iterable[Case], truth_files: Mapping[str, Path]) -> Iterator[Problem]:
    """Yield warnings about empty truths, and about documents and ids that look alike."""
    ids: dict[str, str] = {}
    documents: dict[str, tuple[str, str]] = {}
    for case in cases:
        if _is_hollow(case.truth):
            what = "expects nothing: no value is present"
            yield Problem(what, "empty-truth", at(truth_files[case.id]))
        first = ids.setdefault(case.id.casefold(), case.id)
        if first != case.id:
            what = f"cases {first!r} and {case.id!r} differ only in upper and lower case"
            hint = "some file systems take them for one"
            yield Problem(what, "similar-cases", at(truth_files[case.id]), hint)
        for document in case.documents:
            name, owner = documents.setdefault(document.sha256, (document.name, case.id))
            if owner != case.id:
                what = f"has the same content as {name}, which is in another case"
                yield Problem(what, "duplicate-document", at(Path(document.location)))


def lint_rules(
    settings: Settings, cases: Iterable[Case], truth_files: Mapping[str, Path]
) -> Iterator[Problem]:
    """Yield a warning for every rule that means no field, and for files of rules of no case."""
    truths = set(truth_files.values())
    for folder in sorted({truth.parent for truth in truths}):
        yield from idle_rule_files(folder, {truth for truth in truths if truth.parent == folder})
    if not settings.rules:
        return
    schemas = {id(c.schema): c.schema for c in cases if isinstance(c.schema, dict)}
    unused = unused_rules(settings.rules, schemas.values(), (c.truth for c in cases))
    written = {normal_field(name): name for name in settings.said.rules}
    for name, problem in unused.items():
        yield problem.at(settings.where("rules", written[name]))


def _is_hollow(value: Json) -> bool:
    """Tell whether nothing in a value is present."""
    if isinstance(value, dict):
        return all(map(_is_hollow, value.values()))
    return all(map(_is_hollow, value)) if isinstance(value, list) else is_blank(value)
