"""`harness import`: exports of other tools, and results of services, as a suite or its answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.next_commands import tell_next
from harness.cli.options import OptionsCommand, takes_options
from harness.cli.runs_suite import EVALS

if TYPE_CHECKING:
    from harness.cases.scaffold.imports.import_suite import ImportOptions
    from harness.core.values import Json

_FOLDER = click.Path(path_type=Path, file_okay=False)


@dataclass(frozen=True, slots=True)
class ImportCommandOptions:
    """Options of `harness import`; None for what is left to it."""

    source: Path
    form: str | None
    documents: Path | None
    suite: Path | None
    schema: str | None
    name: str | None
    evals: Path


@click.command("import", cls=OptionsCommand)
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "form",
    metavar="TOOL",
    help="label-studio, argilla, doccano, promptfoo, inspect, langfuse, langsmith, braintrust, "
    "huggingface, llamaextract, azure, textract or google.  [default: told by its shape]",
)
@click.option("--documents", type=_FOLDER, help="Folder of the documents that the export names.")
@click.option(
    "--suite", type=_FOLDER, help="Write the answers into this suite, and make no new one."
)
@click.option("--schema", metavar="SCHEMA", help="JSON Schema file, or module:Model of Pydantic.")
@click.option("--name", help="Name of the suite, or of the answers.  [default: the export's]")
@click.option("--evals", type=_FOLDER, default=EVALS, show_default=True, help="Where it goes.")
@takes_options(ImportCommandOptions)
def command(options: ImportCommandOptions) -> None:
    """Make a suite of SOURCE: what another tool has exported, a file or a folder.

    Truths, texts and answers of models come along. What can be read in several ways is told.
    Results of services that read documents hold answers only: add them to a suite with --suite.
    """
    from harness.cases.scaffold.imports.import_suite import ImportOptions, import_suite
    from harness.cases.scaffold.imports.read_export import FORMATS
    from harness.cli.diagnostics import warn
    from harness.cli.start.init_command import after_init, new_suite_lines
    from harness.core.inert_text import inert
    from harness.errors import Problem, UsageError, did_you_mean

    form = options.form
    if form is not None and form not in FORMATS:
        hint = did_you_mean(form, FORMATS)
        raise UsageError(Problem(f"no export of {form!r} is known", "unknown-export", hint=hint))
    export = ImportOptions(
        source=options.source,
        form=form,
        documents=options.documents,
        schema=options.schema,
        name=options.name,
        evals=options.evals,
    )
    if options.suite is not None:
        _add(export, options.suite)
        return
    imported_name, made = import_suite(export)
    for note in made.notes:
        warn(note)
    click.echo(f"an export of {imported_name}")
    for line in new_suite_lines(made):
        click.echo(inert(line))
    tell_next(*after_init(made, options.evals))


def _where_it_goes(settings: Json) -> str:
    """Return where an extractor is written in a suite file, as the line above it."""
    keys = settings.keys() if isinstance(settings, dict) else ()
    if "extractors" in keys:
        return "add below its `extractors:`"
    if "extractor" in keys:
        return "make its `extractor` one of several, each by a name:\nextractors:"
    return "add to it:\nextractors:"


def _add(export: ImportOptions, suite: Path) -> None:
    """Write answers into a suite, and say what its file needs."""
    from harness.cases.files.places import SUITE_FILES, shown_path
    from harness.cases.files.reading import read_text
    from harness.cases.files.strict_yaml import parse_yaml
    from harness.cases.scaffold.imports.import_suite import add_answers
    from harness.core.inert_text import inert
    from harness.core.number_text import counted

    added = add_answers(export, suite)
    for each in added:
        line = f"{shown_path(each.file)}  {counted(each.cases, 'answer')} of {each.form}"
        click.echo(inert(line))
    file = next(path for name in SUITE_FILES if (path := suite.resolve() / name).is_file())
    line = _where_it_goes(parse_yaml(read_text(file), file).value)
    click.echo(f"\n{shown_path(file)} is left as it is; {line}")
    for each in added:
        click.echo(inert(f"  {each.line}"))
    names = [word for each in added for word in ("-e", each.name)]
    tell_next(["harness", "run", str(shown_path(suite.resolve())), *names])
