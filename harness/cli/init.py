"""`harness init`: a suite out of what is there."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("init")
@click.argument("documents", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--truths",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of ground truths, paired by file stem.  [default: found beside the documents]",
)
@click.option("--name", help="The suite's name.  [default: the folder's]")
@click.option(
    "--evals",
    type=click.Path(path_type=Path, file_okay=False),
    default="evals",
    show_default=True,
    help="Where the suite goes.",
)
def command(documents: Path, truths: Path | None, name: str | None, evals: Path) -> None:
    """Make a suite of the documents in a folder and their ground truths.

    Documents and truths are copied, a schema is inferred, suite.yaml is written; nothing is ever
    overwritten, and nothing is written if anything is wrong.
    """
    from harness.cases.init import init_suite

    for path in init_suite(documents, truths, evals, name):
        click.echo(path)
    click.echo(f"next: name an extractor in suite.yaml, then: harness check {evals}")
