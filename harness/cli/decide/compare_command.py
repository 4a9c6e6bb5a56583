"""`harness compare`: what changed between runs, and what may be claimed of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from harness.cli.options import OptionsCommand, form_option, out_option
from harness.cli.run_argument import RUN

if TYPE_CHECKING:
    from harness.run.comparison.compare import Comparison
    from harness.run.comparison.side import Arm

WORSE: Final = 1
UNDECIDED: Final = 5
_LISTED: Final = 20
"""Flips of each kind that text and Markdown show; the page shows `_ON_PAGE`, JSON shows all."""
_ON_PAGE: Final = 500


@click.command("compare", cls=OptionsCommand)
@click.argument("base", type=RUN)
@click.argument("new", type=RUN, nargs=-1)
@form_option(
    "text",
    "markdown",
    "json",
    "html",
    about="html writes a page, the flips of both runs side by side.",
)
@out_option("Write to this file.  [default: standard output; html: beside the folder of NEW]")
@click.option(
    "--margin",
    type=click.FloatRange(min=0, max=1),
    default=0.01,
    show_default=True,
    help="A difference of macro F1 that you do not mind.",
)
@click.option(
    "--allow-unlike",
    is_flag=True,
    help="Compare the cases both have, though suites, rules or conventions differ.",
)
def command(said: Mapping[str, Any]) -> None:
    """Compare runs of one suite: BASE with each NEW (default: last).

    A run is its folder, a part of its name, or `last`.

    Cases are paired by id. Macro F1 decides: better or worse where an exact sign-flip test over
    documents says so (p at most 0.05), equal where the 95 % interval lies within the margin.

    Exit codes: 0 better or equal, 1 worse, 2 usage, 3 your files are wrong or the runs asked
    different questions, 5 undecided. Of several NEW the worst counts.
    """
    from harness.cli.diagnostics import warn_of_old_truths
    from harness.run.comparison.compare import compare_arms
    from harness.run.comparison.side import read_arm
    from harness.run.comparison.verdict import Terms

    base, new, form, out = said["base"], said["new"], said["form"], said["out"]
    new = new or (_newest(base),)
    terms = Terms(said["margin"], said["allow_unlike"])
    base_arm, news = read_arm(base), [read_arm(folder) for folder in new]
    found = compare_arms(base_arm, news, terms)
    warn_of_old_truths(base, *new)
    names = _names(base_arm, news)
    if form == "html":
        last = new[-1].resolve()
        out = out or last.parent / f"compare-{base.resolve().name}-{last.name}.html"
        _write(out, _html(list(zip(found, names, new, strict=True)), base, out))
    elif form == "text" and out is None:
        _print(found, names)
    else:
        _write(out, "".join(f"{line}\n" for line in _lines(found, names, form)))
    sys.exit(_exit_code(found))


def _newest(base: Path) -> Path:
    """Return the last run. Raises UsageError if that is the one to compare with."""
    from harness.errors import Problem, UsageError

    last = RUN.convert("last", None, None)
    if last.resolve() == base.resolve():
        hint = "name an earlier run as BASE; harness history lists them"
        raise UsageError(Problem(f"{last.name} is the last run itself", "same-run", hint=hint))
    return last


def _html(
    compared: Sequence[tuple[Comparison, tuple[str, str], Path]], base: Path, out: Path
) -> str:
    from harness.report.comparison.comparison_page import render_comparison, sheet
    from harness.report.comparison.comparison_view import page

    return render_comparison(
        [sheet(page(each, pair, _ON_PAGE), base, new, out) for each, pair, new in compared]
    )


def _exit_code(found: Sequence[Comparison]) -> int:
    from harness.run.comparison.verdict import Verdict

    verdicts = {each.verdict for each in found}
    if Verdict.WORSE in verdicts:
        return WORSE
    return UNDECIDED if Verdict.UNDECIDED in verdicts else 0


def _names(base: Arm, news: Sequence[Arm]) -> list[tuple[str, str]]:
    from harness.report.words.comparison_claims import labels

    first, *others = labels(base, news)
    return [(first, other) for other in others]


def _write(out: Path | None, text: str) -> None:
    if out is None:
        click.echo(text, nl=False)
        return
    from harness.run.store import write_atomically

    write_atomically(out, text)
    click.echo(out)


def _lines(
    found: Sequence[Comparison], names: Sequence[tuple[str, str]], form: str
) -> Iterable[str]:
    from harness.report.comparison.comparison_text import (
        bounded,
        markdown_lines,
        overview_lines,
        text_lines,
    )
    from harness.report.comparison.comparison_view import page
    from harness.report.tables import as_markdown, as_text

    if form == "json":
        from harness.run.comparison.comparison_document import comparison_document

        document = {"comparisons": [comparison_document(each) for each in found]}
        yield json.dumps(document, ensure_ascii=True, indent=1)
        return
    pages = [page(each, pair, _LISTED) for each, pair in zip(found, names, strict=True)]
    if form == "markdown":
        told = chain.from_iterable(map(markdown_lines, pages))
        yield from bounded(chain(overview_lines(pages, as_markdown, None), told))
    else:
        yield from overview_lines(pages, as_text, None)
        yield from chain.from_iterable(text_lines(each, None) for each in pages)


def _print(found: Sequence[Comparison], names: Sequence[tuple[str, str]]) -> None:
    """Print to a terminal or a pipe, the sentence that says it all in bold."""
    from rich.console import Console
    from rich.text import Text

    from harness.report.comparison.comparison_text import overview_lines, text_lines
    from harness.report.comparison.comparison_view import page
    from harness.report.tables import as_text
    from harness.report.terminal import print_lines

    console = Console()
    width = console.width if console.is_terminal else None
    pages = [page(each, pair, _LISTED) for each, pair in zip(found, names, strict=True)]
    print_lines(console, map(Text, overview_lines(pages, as_text, width)))
    for number, each in enumerate(pages):
        lines = [Text(line) for line in text_lines(each, width)]
        lines[2].stylize("bold")
        print_lines(console, [*([Text()] if number else []), *lines])
