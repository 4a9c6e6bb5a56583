"""A comparison as lines: for people and for files, and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from harness.core import number_text
from harness.core.inert_text import inert
from harness.report.comparison.comparison_view import Flips, Page, flips_table, overview_table
from harness.report.fit_columns import wrapped
from harness.report.tables import Writer, as_markdown, as_text, unmarked

_MARGIN: Final = 13
"""Width of the first column, which says what a line is about."""
COMMENT: Final = 60_000
"""Characters of a comment that code hosts take (65,536), with some to spare."""


def overview_lines(pages: Sequence[Page], writer: Writer, width: int | None) -> Iterator[str]:
    """Yield a table of several runs compared with one base; nothing of a single one."""
    if len(pages) > 1:
        yield from writer(overview_table(pages), width)
        yield ""


def text_lines(page: Page, width: int | None) -> Iterator[str]:
    """Yield the lines of a comparison; `width` is a terminal's, None where there is none."""
    yield f"{inert(page.suite)} · {inert(page.base)} → {inert(page.new)} · {page.cases}"
    yield ""
    yield from wrapped(inert(page.lead), width)
    yield ""
    yield from as_text(page.scores, width)
    yield ""
    for about, said in page.facts:
        yield from wrapped(f"{about:<{_MARGIN}}{inert(said)}", width, _MARGIN)
    for _, table in page.tables:
        yield ""
        yield from as_text(table, width)
    for flips in page.flips:
        yield ""
        yield f"{flips.word} ({number_text.count(flips.number)})"
        yield from (f"  {line}" for line in as_text(flips_table(page, flips), width and width - 2))
        yield from _rest(flips)


def markdown_lines(page: Page) -> Iterator[str]:
    """Yield the same as Markdown in which no text can act as markup."""
    yield f"## {_safe(page.suite)}: {_safe(page.base)} → {_safe(page.new)}"
    yield ""
    yield f"**{_safe(page.lead)}** {page.cases}."
    yield ""
    yield from as_markdown(page.scores)
    yield ""
    for about, said in page.facts:
        yield f"- {about}: {_safe(said)}"
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
