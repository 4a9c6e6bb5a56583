"""`harness score`: two files, two folders, or two lists of lines; no suite needed."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from harness.core.rules import Rules
    from harness.core.values import Json
    from harness.errors import Problem
    from harness.scale.pools import Lost


@click.command("score")
@click.argument("expected", type=click.Path(path_type=Path))
@click.argument("predicted", type=click.Path(path_type=Path))
@click.option("--schema", type=click.Path(path_type=Path), help="JSON Schema of the answers.")
@click.option("--rules", type=click.Path(path_type=Path), help="YAML or JSON: field to settings.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json prints the eval-results document.",
)
@click.option(
    "-j",
    "--workers",
    type=click.IntRange(min=1),
    help="Stream JSONL files through so many processes.  [default: all cores, from 10 MB on]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Stream JSONL files, and write a record of each case to this file.",
)
@click.option(
    "--closest",
    is_flag=True,
    help="Print the truth with its list items in the prediction's order, and no score.",
)
def command(  # noqa: PLR0913  # one for each option
    *,
    expected: Path,
    predicted: Path,
    schema: Path | None,
    rules: Path | None,
    form: str,
    workers: int | None,
    out: Path | None,
    closest: bool,
) -> None:
    """Score PREDICTED against EXPECTED.

    Both are JSON files, folders paired by file stem, or JSONL files of {"id": …, "value": …} lines.
    JSONL files that are streamed may be of any size; their results do not list the cases.
    """
    from harness.cases.places import at
    from harness.cli.messages import warn
    from harness.run.pairs import score_files

    files, plan, lost = (expected, predicted), (_schema(schema), _rules(rules)), None
    if closest:
        _print_closest(files, plan)
        return
    if _is_streamed(files, asked=workers is not None or out is not None):
        results, warnings, lost = _streamed(files, plan, workers, out)
    else:
        results, warnings = score_files(*files, *plan)
    for warning in warnings:
        warn(warning.at(at(rules)) if rules else warning)
    _print(results, form)
    if lost is not None:
        _finish(results, lost)


def _print_closest(files: tuple[Path, Path], plan: tuple[Json, Rules]) -> None:
    """Print the truth of two files; of more, lines as JSONL files hold them."""
    from harness.run.pairs import LINES, closest_files

    truths = closest_files(*files, *plan)
    if files[0].is_file() and files[0].suffix not in LINES:
        click.echo(_json(next(iter(truths.values())), indent=1))
        return
    for key, value in truths.items():
        click.echo(_json({"id": key, "value": value}, indent=None))


def _is_streamed(files: tuple[Path, Path], *, asked: bool) -> bool:
    """Tell whether files are too large to be held, or the user wants them streamed."""
    from harness.errors import Problem, UsageError
    from harness.run.pairs import LINES
    from harness.scale import LARGE

    lines = all(path.suffix in LINES for path in files)
    if asked and not lines:
        what = "--workers and --out are for two JSONL files"
        raise UsageError(Problem(what, "unlike-paths"))
    return asked or (lines and files[0].is_file() and files[0].stat().st_size > LARGE)


def _streamed(
    files: tuple[Path, Path], plan: tuple[Json, Rules], workers: int | None, out: Path | None
) -> tuple[Mapping[str, Json], tuple[Problem, ...], tuple[Lost, ...]]:
    from rich.console import Console
    from rich.progress import Progress

    from harness.scale.stream import How, score_lines

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("scoring", total=None)

        def told(done: int, cases: int) -> None:
            bar.update(task, completed=done, total=cases)

        found = score_lines(files, plan, How(workers, out), told)
    return found.results, found.warnings, found.lost


def _finish(results: Mapping[str, Json], lost: tuple[Lost, ...]) -> None:
    """Exit with 4 where something was left out."""
    from harness.cli.messages import INCOMPLETE, warn

    for shard in lost:
        warn(shard)
    if not results["complete"]:
        click.echo("incomplete: some cases are not in the score", err=True)
        sys.exit(INCOMPLETE)


def _print(results: Mapping[str, Json], form: str) -> None:
    if form == "json":
        click.echo(_json(results, indent=1))
        return
    from rich.console import Console

    from harness.report.terminal import scored

    scored(Console(), results)


def _json(results: Mapping[str, Json] | Json, indent: int | None) -> str:
    """Return a document as JSON that standard output can encode."""
    text = json.dumps(results, ensure_ascii=False, indent=indent)
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return json.dumps(results, indent=indent)
    return text


def _schema(path: Path | None) -> Json:
    if path is None:
        return None
    from harness.cases.schemas import read_schema

    return read_schema(path).value


def _rules(path: Path | None) -> Rules:
    """Return the rules a file holds. Raises HarnessError with the line of every wrong one."""
    from harness.core.rules import NO_RULES, parse_rule, parse_rules

    if path is None:
        return NO_RULES
    from harness.cases.findings import Findings
    from harness.cases.places import at
    from harness.cases.reading import read_text
    from harness.cases.strict_json import line_of
    from harness.cases.strict_yaml import parse_yaml

    found, findings = parse_yaml(read_text(path), path), Findings()
    value = {} if found.value is None else found.value
    if not isinstance(value, dict):
        findings.attempt(partial(parse_rules, value), at(path, 1))
        findings.stop()
        return NO_RULES
    for name, rule in value.items():
        findings.attempt(partial(parse_rule, rule, name), at(path, line_of(found.lines, (name,))))
    findings.stop()
    return parse_rules(value)
