"""`harness rules`: how every field of a suite is judged, and who said so."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.options import evals_argument, form_option

if TYPE_CHECKING:
    from harness.cases.suite import Suite
    from harness.core.explain.field_inventory import InventoryEntry
    from harness.core.records import Case
    from harness.errors import Problem


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The fields of all cases that share a schema."""

    cases: tuple[str, ...]
    entries: tuple[InventoryEntry, ...]


@click.command("rules")
@evals_argument
@form_option("text", "json")
def command(path: Path, form: str) -> None:
    """Show how every field is judged, and by whose rule, in the suites under PATH.

    PATH is a folder of suites, a suite or one case; by default evals.

    Fields are those of the schema, and those of the truths where it leaves them open. Rules that
    no field goes by come last.
    """
    from harness.cases.load import load_suites
    from harness.core.inert_text import inert

    compiled = [(each, _compiled(each), _unused(each)) for each in load_suites(path)]
    if form == "json":
        click.echo(json.dumps([_as_json(*each) for each in compiled], indent=1))
        return
    for number, each in enumerate(compiled):
        if number:
            click.echo()
        for line in _lines(*each):
            click.echo(inert(line))


def _compiled(suite: Suite) -> tuple[_Compiled, ...]:
    """Return the compiled plans of a suite, one for each schema."""
    from harness.core.explain.field_inventory import inventory
    from harness.run.results.score_cases import Scorer

    scorer = Scorer(suite.rules, suite.comparators.functions)
    groups: dict[int, list[Case]] = {}
    for case in suite.cases:
        groups.setdefault(id(scorer.plan(case.schema, case.rules)), []).append(case)
    return tuple(
        _Compiled(
            tuple(case.id for case in cases),
            inventory(scorer.plan(cases[0].schema, cases[0].rules), [case.truth for case in cases]),
        )
        for cases in groups.values()
    )


def _unused(suite: Suite) -> dict[str, Problem]:
    from harness.cases.schemas.known_fields import unused_rules

    schemas = [case.schema for case in suite.cases if isinstance(case.schema, dict)]
    return unused_rules(suite.rules, schemas, (case.truth for case in suite.cases))


def _as_json(
    suite: Suite, plans: Sequence[_Compiled], unused: dict[str, Problem]
) -> dict[str, object]:
    from harness.core.explain.as_json import entry_as_json

    return {
        "suite": suite.name,
        "plans": [
            {"cases": list(p.cases), "fields": [entry_as_json(e) for e in p.entries]} for p in plans
        ],
        "unused": sorted(unused),
    }


def _lines(suite: Suite, plans: Sequence[_Compiled], unused: dict[str, Problem]) -> Iterator[str]:
    from harness.core.number_text import counted

    for number, plan in enumerate(plans):
        if number:
            yield ""
        about = plan.cases[0] if len(plan.cases) == 1 else counted(len(plan.cases), "case")
        yield f"{suite.name} · {about}"
        yield ""
        width = max((len(entry.field) for entry in plan.entries), default=0)
        for entry in plan.entries:
            yield from _entry(entry, width)
    if unused:
        yield ""
        yield "rules that no field goes by"
        for name, problem in sorted(unused.items()):
            yield f"{name}  {problem.hint}" if problem.hint else name


def _entry(entry: InventoryEntry, width: int) -> Iterator[str]:
    """Yield a field's line, and a line for every further setting."""
    from harness.cli.look.explain_command import setting_line

    governed = entry.provenance
    lines_of_settings = [setting_line(setting) for setting in governed.settings]
    if governed.comparator is not None:
        lines_of_settings.insert(0, f"{governed.comparator.value} ({governed.comparator.origin})")
    else:
        lines_of_settings.insert(0, entry.kind.value)
    for number, text in enumerate(lines_of_settings):
        yield f"{'' if number else entry.field:<{width}}  {text}"
