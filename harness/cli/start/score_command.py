"""`harness score`: two files, two folders, or two lists of lines; no suite needed."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import OptionsCommand, form_option, out_option

if TYPE_CHECKING:
    from harness.errors import Problem
    from harness.run.scored_files.case_sets import Asked
    from harness.run.scored_files.standalone_rules import Ruler
    from harness.run.stored.stored_results import ResultsDocument
    from harness.scale.pools import Lost


@click.command("score", cls=OptionsCommand)
@click.argument("expected", type=click.Path(path_type=Path))
@click.argument("predicted", type=click.Path(path_type=Path))
@click.option("--schema", type=click.Path(path_type=Path), help="JSON Schema of the answers.")
@click.option("--rules", type=click.Path(path_type=Path), help="YAML or JSON: field to settings.")
@click.option(
    "--convention",
    "conventions",
    multiple=True,
    help="Score by this convention as well: guide-code, semeval-partial, anls, ... Repeatable.",
)
@form_option("text", "json", about="json prints the eval-results document.")
@click.option(
    "-j",
    "--workers",
    type=click.IntRange(min=1),
    help="Stream JSONL files through so many processes.  [default: all cores, from 10 MB on]",
)
@out_option("Stream JSONL files, and write a record of each case to this file.")
@click.option(
    "--cases",
    type=click.Choice(("auto", "one", "many")),
    default="auto",
    show_default=True,
    help="Whether each of two JSON files is one case, or an array or object of many.",
)
@click.option(
    "--closest",
    is_flag=True,
    help="Print the truth with its list items in the prediction's order, and no score.",
)
def command(said: Mapping[str, Any]) -> None:
    """Score PREDICTED against EXPECTED.

    Both are JSON files, folders paired by file stem, or JSONL files of {"id": …, "value": …} lines.
    JSON files that hold an array of records with ids, or an object keyed by id, are sets of cases.
    JSONL files that are streamed may be of any size; their results do not list the cases.

    A truth without a prediction is missing, as in a run: it is not scored, and the exit code is 4.
    """
    from harness.cases.files.places import at
    from harness.cli.diagnostics import warn
    from harness.run.scored_files.score_files import score_files

    files: tuple[Path, Path] = said["expected"], said["predicted"]
    lost: tuple[Lost, ...] = ()
    conventions, rules = said["conventions"], said["rules"]
    workers, out = said["workers"], said["out"]
    _check_conventions(conventions)
    ruler = _ruler(said["schema"], rules)
    if said["closest"]:
        _print_closest(files, ruler, said["cases"])
        return
    if _is_streamed(files, asked=workers is not None or out is not None):
        results, warnings, lost = _streamed(files, ruler, workers, out)
        _check_streamed(conventions, results)
    else:
        results, warnings = score_files(files, ruler, said["cases"])
    for warning in warnings:
        warn(warning.at(at(rules)) if rules and warning.code == "unused-rule" else warning)
    _print(results, said["form"], conventions)
    _finish(results, lost)


def _check_conventions(names: tuple[str, ...]) -> None:
    """Refuse a convention nobody has named."""
    if not names:
        return
    from harness.core.scores.conventions import ALL
    from harness.errors import Problem, UsageError, did_you_mean

    unknown = [name for name in names if name not in ALL]
    if unknown:
        problems = (
            Problem(f"no convention {n!r}", "unknown-convention", hint=did_you_mean(n, ALL))
            for n in unknown
        )
        raise UsageError(*problems)


def _check_streamed(names: tuple[str, ...], results: ResultsDocument) -> None:
    """Refuse a convention that counts alone do not give: streamed verdicts are gone."""
    from harness.errors import Problem, UsageError

    if lost := [name for name in names if name not in results["conventions"]]:
        what = f"streamed files are not scored by {', '.join(lost)}"
        hint = f"streamed are {', '.join(results['conventions'])}; score the files in parts"
        raise UsageError(Problem(what, "not-streamed", hint=hint))


def _ruler(schema: Path | None, rules: Path | None) -> Ruler:
    """Return what files are judged by; functions are imported from beside the rules."""
    from harness.core.rules.field_rule import NO_RULES
    from harness.run.scored_files.standalone_rules import ruler

    checked, said = None, NO_RULES
    if schema is not None:
        from harness.cases.schemas.json_schema import read_schema

        checked = read_schema(schema)
    if rules is not None:
        from harness.cases.schemas.rule_files import read_rules

        said = read_rules(rules)
    beside = rules or schema
    folder = beside.parent if beside else None
    return ruler(checked.value if checked else None, said, folder, checked)


def _print_closest(files: tuple[Path, Path], ruler: Ruler, cases: Asked) -> None:
    """Print the truth of one case; of a set of cases, lines as JSONL files hold them."""
    from harness.run.scored_files.score_files import closest_files

    truths = closest_files(files, ruler, cases)
    if files[0].is_file() and list(truths) == [files[0].stem]:
        click.echo(_json(next(iter(truths.values())), indent=1))
        return
    for key, value in truths.items():
        click.echo(_json({"id": key, "value": value}, indent=None))


def _is_streamed(files: tuple[Path, Path], *, asked: bool) -> bool:
    """Tell whether files are too large to be held, or the user wants them streamed."""
    from harness.errors import Problem, UsageError
    from harness.run.scored_files.score_files import LINES
    from harness.scale import LARGE

    lines = all(path.suffix in LINES for path in files)
    if asked and not lines:
        what = "--workers and --out are for two JSONL files"
        raise UsageError(Problem(what, "unlike-paths"))
    return asked or (lines and files[0].is_file() and files[0].stat().st_size > LARGE)


def _streamed(
    files: tuple[Path, Path], ruler: Ruler, workers: int | None, out: Path | None
) -> tuple[ResultsDocument, tuple[Problem, ...], tuple[Lost, ...]]:
    from rich.console import Console
    from rich.progress import Progress

    from harness.scale.stream import How, score_lines

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("scoring", total=None)

        def told(done: int, cases: int) -> None:
            bar.update(task, completed=done, total=cases)

        found = score_lines(files, ruler, How(workers, out), told)
    return found.results, found.warnings, found.lost


def _finish(results: ResultsDocument, lost: tuple[Lost, ...]) -> None:
    """Exit with 4 where something was left out."""
    from harness.cli.diagnostics import INCOMPLETE, warn

    for shard in lost:
        warn(shard)
    if not results["complete"]:
        click.echo("incomplete: some cases are not in the score", err=True)
        sys.exit(INCOMPLETE)


def _print(results: ResultsDocument, form: str, conventions: tuple[str, ...]) -> None:
    if form == "json":
        click.echo(_json(results, indent=1))
        return
    from rich.console import Console

    from harness.report.terminal import by_convention, scored

    console = Console()
    scored(console, results)
    if conventions:
        by_convention(console, results, conventions)


def _json(results: object, indent: int | None) -> str:
    """Return a document as JSON that standard output can encode."""
    text = json.dumps(results, ensure_ascii=False, indent=indent)
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return json.dumps(results, indent=indent)
    return text
