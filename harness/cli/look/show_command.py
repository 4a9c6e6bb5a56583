"""`harness show`: what a run found, as tables that pipe well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.cli.next_commands import name_of_run, tell_next
from harness.cli.options import TABLES, OptionsCommand, form_option, takes_options
from harness.cli.run_argument import run_argument

if TYPE_CHECKING:
    from harness.report.tables.result_tables import VerdictFilter
    from harness.report.tables.table import Table
    from harness.run.stored.stored_results import ResultsDocument

_ERRORS: Final = ("omission", "hallucination", "format_error", "wrong_value")


@dataclass(frozen=True, slots=True)
class ShowOptions:
    """Options of `harness show`."""

    run: Path
    by: str | None
    case: tuple[str, ...]
    field: tuple[str, ...]
    errors: tuple[str, ...]
    tag: tuple[str, ...]
    form: str


@click.command("show", cls=OptionsCommand)
@run_argument
@click.option(
    "--by",
    type=click.Choice(["field", "case", "tag", "verdict", "cost"]),
    help="A row for each of these; cost: what each field took.  "
    "[default: field; verdict where verdicts are asked for]",
)
@click.option("--case", multiple=True, metavar="ID", help="Only verdicts of this case.")
@click.option(
    "--field",
    multiple=True,
    metavar="FIELD",
    help="Only verdicts of this field (`rooms[].area`) or path (`rooms[0].area`).",
)
@click.option(
    "--errors",
    type=click.Choice([*_ERRORS, "any"]),
    multiple=True,
    help="Only verdicts of this kind.",
)
@click.option(
    "--tag", multiple=True, metavar="TAG", help="Only verdicts with this tag (`scale`, `row_swap`)."
)
@form_option(*TABLES, about="Values of documents are written as JSON in each of them.")
@takes_options(ShowOptions)
def command(options: ShowOptions) -> None:
    """Print tables of RUN.

    RUN is a folder, a part of a name, `last` (the default), `last~1` before it, or `last:NAME`.

    Without options a row for each field, those that cost the most F1 first. With --case, --field,
    --errors or --tag a row for each verdict. Texts are cut on a terminal only.
    """
    from harness.cli.diagnostics import note_broken, note_reviewed, warn_of_old_truths, window_width
    from harness.report.tables.result_tables import VerdictFilter
    from harness.report.tables.table import WRITERS
    from harness.run.store import read_results, read_run

    run, by = options.run, options.by
    errors = _ERRORS if "any" in options.errors else options.errors
    wanted = VerdictFilter(options.case, options.field, errors, options.tag)
    is_limited = wanted != VerdictFilter()
    if by is None:
        by = "verdict" if is_limited else "field"
    elif by != "verdict" and is_limited:
        raise click.UsageError(f"--by {by} cannot be limited to some verdicts")
    read_run(run)  # a folder that holds none is told apart from a run without results
    results = read_results(run)
    _check_names(results, wanted)
    warn_of_old_truths(run)
    note_reviewed(results)
    note_broken(results)
    width = window_width()
    for line in WRITERS[options.form](_table(results, by, wanted), width):
        click.echo(line)
    if options.form == "text":
        tell_next(*_after(run, results, by, wanted))


def _after(
    run: Path, results: ResultsDocument, by: str, wanted: VerdictFilter
) -> Iterator[Sequence[str]]:
    """Yield what comes after tables: why the first wrong value shown is wrong, or all of them."""
    from harness.report.tables.result_tables import verdicts_table

    if by != "verdict":
        yield ["harness", "show", name_of_run(run), "--errors", "any"]
        return
    rows = (row for row in verdicts_table(results, wanted).rows if row["outcome"] in _ERRORS)
    first = next(rows, None)
    if first is not None:
        where = [str(first["case"]), str(first["path"])]
        yield [
            "harness",
            "explain",
            name_of_run(run),
            *(("--",) if where[0][:1] == "-" else ()),
            *where,
        ]


def _table(results: ResultsDocument, by: str, wanted: VerdictFilter) -> Table:
    from harness.errors import Problem, UsageError
    from harness.report.tables import result_tables

    if by == "verdict":
        return result_tables.verdicts_table(results, wanted)
    if by == "cost":
        costs = results.get("field_costs")
        if costs is None:
            what = "nobody counted what these answers took"
            hint = "endpoints that are asked count it; older runs: harness rescore RUN"
            raise UsageError(Problem(what, "no-cost", hint=hint))
        return result_tables.costs_table(costs)
    tables = {
        "field": result_tables.fields_table,
        "case": result_tables.cases_table,
        "tag": result_tables.tags_table,
    }
    return tables[by](results)


def _check_names(results: ResultsDocument, wanted: VerdictFilter) -> None:
    """Refuse names the run does not know: an empty table would look like good news."""
    from harness.core.outcomes import Tag
    from harness.errors import Problem, UsageError, did_you_mean

    known = {"case": {case["id"] for case in results["cases"]}}
    known["field"] = {field["field"] for field in results["fields"]}
    known["tag"] = {tag.value for tag in Tag}
    problems = []
    for what, names in (("case", wanted.cases), ("field", wanted.fields), ("tag", wanted.tags)):
        for name in names:
            if name not in known[what] and not (what == "field" and _is_path(results, name)):
                problem = (
                    f"there is no tag {name!r}"
                    if what == "tag"
                    else f"the run has no {what} {name!r}"
                )
                hint = did_you_mean(name, known[what])
                problems.append(Problem(problem, f"unknown-{what}", hint=hint))
    if problems:
        raise UsageError(*problems)


def _is_path(results: ResultsDocument, name: str) -> bool:
    return any(diff["path"] == name for case in results["cases"] for diff in case["diffs"])
