"""Comparison text: lines for a terminal or a file, and Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from harness.core import number_text
from harness.core.inert_text import inert
from harness.report.comparison.comparison_view import ComparisonView, Flips, flips_table
from harness.report.comparison.runs_view import (
    RunsView,
    matrix_table,
    settings_table,
    standings_table,
)
from harness.report.tables.fit_columns import cut_at, wrapped
from harness.report.tables.table import Writer, as_markdown, table_text, unmarked
from harness.report.words.page_links import ready_command

_MARGIN: Final = 13
"""Width of the first column, which says what a line is about."""
_SEVERAL: Final = 3
_CASES: Final = 20
"""Cases that text and Markdown show of several runs."""
_LINES: Final = 40
"""Lines of a difference between texts that text and Markdown show."""
_INDENT: Final = 7
COMMENT: Final = 60_000
"""Characters of a comment that code hosts take (65,536), with some to spare."""


def runs_lines(view: RunsView, writer: Writer, width: int | None) -> Iterator[str]:
    """Yield several runs side by side, the answer first; nothing of two, which are a pair."""
    if len(view.runs) < _SEVERAL:
        return
    runs = number_text.counted(len(view.runs), "run")
    yield f"{_safe(view.suite)} · {runs} · {view.count}"
    yield ""
    for sentence in view.choice:
        yield from wrapped(_safe(sentence) if writer is as_markdown else inert(sentence), width)
        if writer is as_markdown:
            yield ""
    yield ""
    yield from writer(standings_table(view), width)
    yield ""
    yield from writer(matrix_table(view, "field", view.fields), width)
    moved = view.moved[:_CASES]
    if moved:
        yield ""
        yield from writer(matrix_table(view, "case", moved), width)
        number = sum(len(set(line.f1s)) > 1 for line in view.cases)
        if number > len(moved):
            differ = number_text.counted(number, "case")
            yield f"the first of {differ} that differ; all of them with --format html"
    yield from changed_lines(view, writer, width)


def choice_lines(view: RunsView, width: int | None) -> Iterator[str]:
    """Yield what two runs come to against what their answers take; nothing where none is known."""
    if view.scatters:
        yield ""
        for sentence in view.choice:
            yield from wrapped(inert(sentence), width)
        yield ""
        yield from table_text(standings_table(view), width)


def changed_lines(view: RunsView, writer: Writer, width: int | None) -> Iterator[str]:
    """Yield the settings and texts that differ between runs."""
    if view.settings:
        yield ""
        yield from writer(settings_table(view), width)
    for one in view.texts:
        yield ""
        base, new = view.runs[one.base].name, view.runs[one.new].name
        yield from wrapped(f"{inert(one.title)}: {inert(base)} → {inert(new)}", width)
        shown = one.lines[:_LINES]
        if writer is as_markdown:
            yield from ("", *(f"    {inert(line)}" for line in shown))
        else:
            yield from (
                cut_at(f"  {inert(line)}", width) if width else f"  {inert(line)}" for line in shown
            )
        if len(one.lines) > len(shown):
            more = number_text.counted(len(one.lines) - len(shown), "more line")
            yield f"  and {more}, all of them with --format html"


def pair_lines(pages: Sequence[ComparisonView], view: RunsView, width: int | None) -> Iterator[str]:
    """Yield each run against the base in a sentence, and how to see what flipped."""
    yield ""
    for place, each in enumerate(pages, start=1):
        letter = view.runs[place].letter
        yield from wrapped(f"{view.runs[0].letter} → {letter}  {inert(each.lead)}", width, _INDENT)
    yield ""
    pair = ready_command("harness", "compare", view.runs[0].run_id, view.runs[1].run_id)
    yield "what flipped between two"
    yield f"            {inert(pair)}"


def text_lines(page: ComparisonView, width: int | None) -> Iterator[str]:
    """Yield the lines of a comparison; `width` is a terminal's, None where there is none."""
    yield f"{inert(page.suite)} · {inert(page.base)} → {inert(page.new)} · {page.cases}"
    yield ""
    yield from wrapped(inert(page.lead), width)
    yield ""
    yield from table_text(page.scores, width)
    yield ""
    for about, words in page.facts:
        yield from wrapped(f"{about:<{_MARGIN}}{inert(words)}", width, _MARGIN)
    for _, table in page.tables:
        yield ""
        yield from table_text(table, width)
    for flips in page.flips:
        yield ""
        yield f"{flips.word} ({number_text.count(flips.number)})"
        yield from (
            f"  {line}" for line in table_text(flips_table(page, flips), width and width - 2)
        )
        yield from _rest(flips)


def markdown_lines(page: ComparisonView) -> Iterator[str]:
    """Yield the same as Markdown in which no text can act as markup."""
    yield f"## {_safe(page.suite)}: {_safe(page.base)} → {_safe(page.new)}"
    yield ""
    yield f"**{_safe(page.lead)}** {page.cases}."
    yield ""
    yield from as_markdown(page.scores)
    yield ""
    for about, words in page.facts:
        yield f"- {about}: {_safe(words)}"
    yield ""
    for title, table in page.tables:
        yield f"### {title}"
        yield ""
        yield from as_markdown(table)
        yield ""
    for flips in page.flips:
        yield f"### {flips.word.capitalize()} ({number_text.count(flips.number)})"
        yield ""
        yield from as_markdown(flips_table(page, flips))
        yield ""
        yield from _rest(flips)


def bounded(lines: Iterable[str], most: int = COMMENT) -> Iterator[str]:
    """Yield lines while they fit into so many characters, and say where some are left out.

    >>> list(bounded(["one", "two", "three"], 12))
    ['one', 'two', '', '_The rest is too long for a comment._']
    """
    length = 0
    for line in lines:
        length += len(line) + 1
        if length > most:
            yield ""
            yield "_The rest is too long for a comment._"
            return
        yield line


def _safe(text: str) -> str:
    return unmarked(inert(text))


def _rest(flips: Flips) -> Iterator[str]:
    if flips.more:
        yield f"and {number_text.count(flips.more)} more, all of them with --format json"
