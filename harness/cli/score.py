"""`harness score`: two files, two folders, or two lists of lines; no suite needed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from harness.core.rules import Rules
    from harness.core.values import Json


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
def command(
    expected: Path, predicted: Path, schema: Path | None, rules: Path | None, form: str
) -> None:
    """Score PREDICTED against EXPECTED.

    Both are JSON files, folders paired by file stem, or JSONL files of {"id": …, "value": …} lines.
    """
    from harness.run.pairs import score_files

    results, unused = score_files(expected, predicted, _schema(schema), _rules(rules))
    for name in unused:
        click.echo(f"warning: {name!r} is predicted but not expected; it is not scored", err=True)
    if form == "json":
        json.dump(results, sys.stdout, ensure_ascii=False, indent=1)
        click.echo()
        return
    from rich.console import Console

    from harness.report.terminal import scored

    scored(Console(), results)


def _schema(path: Path | None) -> Json:
    if path is None:
        return None
    from harness.cases.schemas import read_schema

    return read_schema(path).value


def _rules(path: Path | None) -> Rules:
    from harness.core.rules import NO_RULES, parse_rules

    if path is None:
        return NO_RULES
    from harness.cases.places import at
    from harness.cases.reading import read_text
    from harness.cases.strict_yaml import parse_yaml
    from harness.errors import HarnessError

    found = parse_yaml(read_text(path), path)
    try:
        return parse_rules(found.value or {})
    except HarnessError as error:
        raise HarnessError(*(problem.at(at(path)) for problem in error.problems)) from None
