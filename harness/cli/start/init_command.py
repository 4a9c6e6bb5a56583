"""`harness init`: a suite out of what is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from harness.cli.suite_argument import EVALS


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
    default=EVALS,
    show_default=True,
    help="Where the suite goes.",
)
def command(documents: Path, truths: Path | None, name: str | None, evals: Path) -> None:
    """Make a suite of the documents in a folder and their ground truths.

    Documents and truths are copied, a schema is inferred, suite.yaml is written; nothing is ever
    overwritten, and nothing is written if anything is wrong.
    """
    from harness.cases.scaffold import init_suite
    from harness.core.inert_text import inert

    written = init_suite(documents, truths, evals, name)
    for line in _lines(written, evals):
        click.echo(inert(line))


def _lines(written: Sequence[Path], evals: Path) -> Iterator[str]:
    """Yield what there is now, a line for each folder of copies, and what to do next."""
    from harness.cases.files.places import shown
    from harness.core.number_text import counted

    suite, schema, *copies = written
    made = {
        str(shown(suite)): "the suite",
        str(shown(schema)): "the shape of an answer: correct it",
    }
    for folder, number in Counter(path.parent for path in copies).items():
        what = "document" if folder.parent == suite.parent else "truth"
        made[f"{shown(folder)}/"] = counted(number, what)
    width = max(map(len, made)) + 2
    yield from (f"{path:<{width}}{about}" for path, about in made.items())
    yield ""
    where = "" if evals == EVALS else f" {evals}"
    yield f"next: harness check{where}, then harness run{where} --model NAME,"
    yield f"or name your own extractor in {shown(suite)}"
