"""`harness init`: make a suite out of documents, truths and answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.next_commands import suite_words, tell_next
from harness.cli.options import OptionsCommand, takes_options
from harness.cli.runs_suite import EVALS

if TYPE_CHECKING:
    from harness.cases.scaffold.init_suite import NewSuite

_PATH = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class InitOptions:
    """Options of `harness init`; None for what is left to it."""

    documents: Path | None
    truths: Path | None
    answers: Path | None
    schema: str | None
    name: str | None
    sheets: tuple[str, ...]
    evals: Path


@click.command("init", cls=OptionsCommand)
@click.argument("documents", type=_PATH, required=False)
@click.option(
    "--truths",
    type=_PATH,
    help="Folder of ground truths, paired by file stem, or one file of them by id: JSON, JSONL, "
    "CSV, Parquet or Excel.  [default: found beside the documents]",
)
@click.option(
    "--answers",
    type=_PATH,
    help="Answers at hand, a folder or one file: they become the suite's first extractor.",
)
@click.option(
    "--schema",
    metavar="SCHEMA",
    help="JSON Schema file, or module:Model of Pydantic.  [default: inferred from the truths]",
)
@click.option("--name", help="The suite's name.  [default: the folder's]")
@click.option(
    "--sheet",
    "sheets",
    multiple=True,
    metavar="NAME",
    help="Sheet of an Excel file; twice: the truths', then the answers'.",
)
@click.option(
    "--evals",
    type=click.Path(path_type=Path, file_okay=False),
    default=EVALS,
    show_default=True,
    help="Where the suite goes.",
)
@takes_options(InitOptions)
def command(options: InitOptions) -> None:
    """Make a suite of the documents in a folder and their ground truths.

    Documents and truths are copied, a schema is inferred, suite.yaml and a prompt are written;
    nothing is ever overwritten. What cannot be used is told and left out. Documents without truths
    become a suite to be labelled; truths and answers are a suite without any document.
    """
    from harness.cases.scaffold.init_suite import Wanted, init_suite
    from harness.cli.diagnostics import warn
    from harness.core.inert_text import inert

    made = init_suite(
        Wanted(
            documents=options.documents,
            truths=options.truths,
            answers=options.answers,
            schema=options.schema,
            evals=options.evals,
            name=options.name,
            sheets=options.sheets,
        )
    )
    for note in made.notes:
        warn(note)
    for line in new_suite_lines(made):
        click.echo(inert(line))
    tell_next(*after_init(made, options.evals))


def after_init(made: NewSuite, evals: Path) -> list[list[str]]:
    """Return what comes after a new suite: its check, its first run, its truths."""
    from harness.cases.files.places import shown_path

    where = suite_words(evals)
    commands = [["harness", "check", *where]]
    if made.runnable:
        commands.append(["harness", "run", *where])
    elif made.documents:
        commands.append(["harness", "run", *where, "--model", "NAME"])
    if not made.truths:
        commands.append(["harness", "review", str(shown_path(made.suite.parent))])
    return commands


def new_suite_lines(made: NewSuite) -> Iterator[str]:
    """Yield what there is now, a line for each folder of copies."""
    from harness.cases.files.places import shown_path
    from harness.cli.start.check_command import document_lines
    from harness.core.number_text import counted

    lines = {str(shown_path(made.suite)): "the suite"}
    if made.schema is not None:
        about = "the shape of an answer" + (": correct it" if made.inferred else "")
        lines[str(shown_path(made.schema))] = about
    if made.prompt is not None:
        lines[f"{shown_path(made.prompt)}/"] = "what a model is told: yours to change"
    if made.documents:
        lines[f"{shown_path(made.folders['documents'])}/"] = counted(made.documents, "document")
    if made.truths:
        lines[f"{shown_path(made.folders['ground_truth'])}/"] = counted(made.truths, "truth")
    if made.runnable:
        lines[f"{shown_path(made.folders['answers'])}/"] = "answers at hand, the first extractor"
    width = max(map(len, lines)) + 2
    yield from (f"{path:<{width}}{about}" for path, about in lines.items())
    if any(d.kind != "text" for s in made.loaded for case in s.cases for d in case.documents):
        yield ""
        yield from document_lines(made.loaded, None, each=False)
    if not made.runnable:
        yield f"no extractor yet: ask a model (--model), or name one in {shown_path(made.suite)}"
