"""`harness compare`: what changed between runs, and what may be claimed of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.cli.next_commands import name_of_run, tell_next, typed_again
from harness.cli.options import OptionsCommand, form_option, out_option, takes_options
from harness.cli.run_argument import RUN_ARGUMENT

if TYPE_CHECKING:
    from harness.report.comparison.comparison_view import ComparisonView
    from harness.report.comparison.runs_view import RunsView
    from harness.run.comparison.compare import Comparison

WORSE: Final = 1
UNDECIDED: Final = 5
_LISTED: Final = 20
"""Flips of each kind that text and Markdown show; the page shows `_ON_PAGE`, JSON shows all."""
_ON_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """Options of `harness compare`."""

    base: Path
    new: tuple[Path, ...]
    form: str
    out: Path | None
    margin: float
    by: str
    target: float | None
    allow_unlike: bool


@click.command("compare", cls=OptionsCommand)
@click.argument("base", type=RUN_ARGUMENT)
@click.argument("new", type=RUN_ARGUMENT, nargs=-1)
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
    help="A difference of the figure that you do not mind.",
)
@click.option(
    "--by",
    default="macro",
    show_default=True,
    metavar="FIGURE",
    help="What decides: macro, micro, lenient, weighted, focus, guard, floor or field:NAME.",
)
@click.option(
    "--target",
    type=click.FloatRange(min=0, max=1),
    help="Macro F1 that is wanted.  [default: the suite's target_f1]",
)
@click.option(
    "--allow-unlike",
    is_flag=True,
    help="Compare the cases both have, though suites, rules or conventions differ.",
)
@takes_options(CompareOptions)
def command(options: CompareOptions) -> None:
    """Compare runs of one suite: BASE with each NEW (default: last).

    A run is a folder, a part of a name, `last`, `last~1` before it, or `last:NAME`. Several NEW are
    set side by side: which to choose by quality, cost and time, and every field and case in each.

    Cases are paired by id. Macro F1 decides, or the figure --by names: better or worse where an
    exact test over documents says so (p at most 0.05), equal where the 95 % interval lies within
    the margin. Which of several runs to choose goes by macro F1.

    Exit codes: 0 better or equal, 1 worse, 2 usage, 3 your files are wrong or the runs asked
    different questions, 5 undecided. Of several NEW the worst counts.
    """
    from harness.cli.diagnostics import warn_of_old_truths
    from harness.report.comparison.comparison_page import render_runs
    from harness.report.words.comparison_claims import labels
    from harness.run.comparison.compare import compare_arms
    from harness.run.comparison.side import read_arm
    from harness.run.comparison.verdict import Terms

    base, new, form, out = options.base, options.new, options.form, options.out
    new = new or (_newest(base),)
    terms = Terms(options.margin, options.allow_unlike, options.by)
    base_arm, news = read_arm(base), [read_arm(folder) for folder in new]
    comparisons = compare_arms(base_arm, news, terms)
    warn_of_old_truths(base, *new)
    compared = _Compared(comparisons, labels(base_arm, news), (base, *new), options.target)
    if form == "html":
        last = new[-1].resolve()
        out = out or last.parent / f"compare-{base.resolve().name}-{last.name}.html"
        _write(out, render_runs(comparisons, compared.names, compared.folders, out, options.target))
    elif form == "text" and out is None:
        _print(compared)
        tell_next(*_after(comparisons, base, new))
    else:
        _write(out, "".join(f"{line}\n" for line in _lines(compared, form)))
    sys.exit(_exit_code(comparisons))


@dataclass(frozen=True, slots=True)
class _Compared:
    """Runs compared with one base; names and folders are the base's first."""

    comparisons: Sequence[Comparison]
    names: Sequence[str]
    folders: Sequence[Path]
    target: float | None


def _newest(base: Path) -> Path:
    """Return the last run. Raises UsageError if that is the one to compare with."""
    from harness.errors import Problem, UsageError

    last = RUN_ARGUMENT.convert("last", None, None)
    if last.resolve() == base.resolve():
        hint = "name an earlier run as BASE; harness history lists them"
        raise UsageError(Problem(f"{last.name} is the last run itself", "same-run", hint=hint))
    return last


def _after(
    comparisons: Sequence[Comparison], base: Path, new: Sequence[Path]
) -> Iterator[Sequence[str]]:
    """Yield what comes after a comparison: its page, and the gate or what the newest got wrong."""
    yield typed_again("--format", "html", without="--format", value="text")
    name = name_of_run(new[-1])
    if _exit_code(comparisons) == 0:
        gate = ("--baseline", name_of_run(base), "--max-regression", "0.01")
        yield ["harness", "gate", name, *gate]
    else:
        yield ["harness", "show", name, "--errors", "any"]


def _exit_code(comparisons: Sequence[Comparison]) -> int:
    from harness.run.comparison.verdict import ComparisonVerdict

    verdicts = {each.verdict for each in comparisons}
    if ComparisonVerdict.WORSE in verdicts:
        return WORSE
    return UNDECIDED if ComparisonVerdict.UNDECIDED in verdicts else 0


def _write(out: Path | None, text: str) -> None:
    if out is None:
        click.echo(text, nl=False)
        return
    from harness.run.store import write_atomically

    write_atomically(out, text)
    click.echo(out)


def _lines(compared: _Compared, form: str) -> Iterable[str]:
    from harness.report.comparison.comparison_text import bounded, markdown_lines, runs_lines
    from harness.report.tables.table import as_markdown

    if form == "json":
        from harness.run.comparison.comparison_document import runs_document

        document = runs_document(compared.comparisons, compared.names, compared.target)
        yield json.dumps(document, ensure_ascii=True, indent=1)
        return
    pages, view = _shown(compared)
    if form == "markdown":
        printed_lines = chain.from_iterable(map(markdown_lines, pages))
        yield from bounded(chain(runs_lines(view, as_markdown, None), printed_lines))
    else:
        yield from _text(pages, view, None)


def _shown(compared: _Compared) -> tuple[list[ComparisonView], RunsView]:
    from harness.report.comparison.comparison_view import page
    from harness.report.comparison.runs_view import runs_view

    base, *others = compared.names
    pages = [
        page(each, (base, name), _LISTED)
        for each, name in zip(compared.comparisons, others, strict=True)
    ]
    return pages, runs_view(compared.comparisons, compared.names, compared.folders, compared.target)


def _text(pages: Sequence[ComparisonView], view: RunsView, width: int | None) -> Iterator[str]:
    """Yield two runs with all that flipped, several side by side and each in a sentence."""
    from harness.report.comparison.comparison_text import (
        changed_lines,
        choice_lines,
        pair_lines,
        runs_lines,
        text_lines,
    )
    from harness.report.tables.table import table_text

    if len(pages) == 1:
        yield from text_lines(pages[0], width)
        yield from choice_lines(view, width)
        yield from changed_lines(view, table_text, width)
        return
    yield from runs_lines(view, table_text, width)
    yield from pair_lines(pages, view, width)


def _print(compared: _Compared) -> None:
    """Print to a terminal or a pipe, the sentence that says it all in bold."""
    from rich.console import Console
    from rich.text import Text

    from harness.report.terminal import print_lines

    console = Console()
    width = console.width if console.is_terminal else None
    pages, view = _shown(compared)
    lines = [Text(line) for line in _text(pages, view, width)]
    lines[2].stylize("bold")
    print_lines(console, lines)
