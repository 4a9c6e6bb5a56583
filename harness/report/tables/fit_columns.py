"""Fit a table into a window: fold headings, drop columns, cut texts."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len, set_cell_size

GAP: Final = 2
_NARROWEST: Final = 8
"""Cells below which a column of texts says nothing."""
_TIGHT: Final = 10
_EASY: Final = 18
"""Cells for which columns are left out rather than texts cut further."""
_SHORT: Final = 16
"""Cells up to which texts are kept whole as long as that can be: outcomes, days, names."""
_WIDEST: Final = 60
_AT_A_WORD: Final = 10
"""Characters that may be given up to end at a word."""
_BEFORE: Final = 3
"""Where texts differ late, a third of the width shows what comes before."""
MORE: Final = "\u2026"
_WORD_BEGINS: Final = re.compile(
    r"(?<=[-_/\].:}])(?<!\d\.)(?=[^\W_])|(?=[\[{])|(?<=[a-z])(?=[A-Z])"
)
"""Where a part of a path or of an id begins; no number is split at its decimal point."""
_WORD_ENDS: Final = re.compile(r"(?<=[^\W_])(?=[-_/\[.:])(?!\.\d)")


@dataclass(frozen=True, slots=True)
class FittingColumn:
    """One column of texts to be fitted."""

    heading: str
    cells: tuple[str, ...]
    right: bool
    """Numbers: they stand at the right and are never cut."""
    rank: int
    """Columns of the highest rank go first where there is no room; 0 never goes."""
    twin: bool
    """The texts of all twins of a row are cut alike, round their first difference."""
    tail: bool = False
    """The end of a text tells more than its beginning."""


def fit(columns: Sequence[FittingColumn], width: int) -> Iterator[str]:
    """Yield the lines of a table that is at most so many cells wide, and what was left out."""
    columns_kept = list(columns)
    while _least(columns_kept, _EASY) > width and any(column.rank for column in columns_kept):
        last = max(columns_kept, key=lambda column: (column.rank, columns.index(column)))
        columns_kept.remove(last)
    widths = _widths(columns_kept, width)
    heads = [_folded(c.heading, size) for c, size in zip(columns_kept, widths, strict=True)]
    tall = max(map(len, heads))
    for line in range(tall):
        words = [
            head[line - tall + len(head)] if line >= tall - len(head) else "" for head in heads
        ]
        yield _line(columns_kept, words, widths)
    for number in range(len(columns[0].cells)):
        yield _line(columns_kept, _cut_row(columns_kept, number, widths), widths)
    gone = [column.heading for column in columns if column not in columns_kept]
    if gone:
        yield from textwrap.wrap(f"no room for: {', '.join(gone)}", width, break_long_words=False)


def _least(columns: Sequence[FittingColumn], text: int) -> int:
    """Return the cells a table needs where a column of texts has at least so many."""
    return sum(_narrowest(column, text) for column in columns) + GAP * (len(columns) - 1)


def _natural(column: FittingColumn) -> int:
    widest = max(map(cell_len, (*column.cells, *column.heading.split())), default=0)
    return widest if column.right else min(max(widest, cell_len(column.heading)), _WIDEST)


def _narrowest(column: FittingColumn, text: int) -> int:
    least = max(map(cell_len, column.heading.split()), default=0)
    natural = _natural(column)
    if column.right or (natural <= _SHORT and text > _NARROWEST):
        return natural
    return max(min(natural, text), least)


def _widths(columns: Sequence[FittingColumn], width: int) -> list[int]:
    """Return the columns' widths: texts share what numbers leave, as far as they need it."""
    texts = next((t for t in (_EASY, _TIGHT) if _least(columns, t) <= width), _NARROWEST)
    widths = [_narrowest(column, texts) for column in columns]
    left = width - sum(widths) - GAP * (len(columns) - 1)
    while left > 0:
        short = [at for at, column in enumerate(columns) if widths[at] < _natural(column)]
        if not short:
            break
        for at in sorted(short, key=lambda at: widths[at])[:left]:
            widths[at] += 1
            left -= 1
    return widths


def _folded(heading: str, width: int) -> list[str]:
    return textwrap.wrap(heading, width, break_long_words=False) or [""]


def _cut_row(columns: Sequence[FittingColumn], number: int, widths: Sequence[int]) -> list[str]:
    twins = [c.cells[number] for c in columns if c.twin]
    start = first_difference(twins)
    return [
        column.cells[number]
        if column.right
        else cut_at(column.cells[number], size, start if column.twin else _end(column, number))
        for column, size in zip(columns, widths, strict=True)
    ]


def _end(column: FittingColumn, number: int) -> int:
    return len(column.cells[number]) if column.tail else 0


def first_difference(texts: Collection[str]) -> int:
    """Return the place from which texts differ; 0 where there are fewer than two, or all are equal.

    >>> first_difference(["12 rue A", "12 rue B"]), first_difference(["same", "same"])
    (7, 0)
    """
    if len(set(texts)) < 2:  # noqa: PLR2004  # nothing to differ from
        return 0
    shortest = min(map(len, texts))
    columns = zip(*texts, strict=False)
    return next((at for at, met in enumerate(columns) if len(set(met)) > 1), shortest)


def cut_at(text: str, width: int, place: int = 0) -> str:
    """Return a text in at most so many cells in which a place can be seen, cut between words.

    Where no blank is near, parts of paths and ids are words.

    >>> cut_at("Pressure relief valve, brass, 15 mm", 20)
    'Pressure relief…'
    >>> cut_at("Pressure relief valve, brass, 15 mm", 20, 30)
    '…brass, 15 mm'
    >>> cut_at("transaction.payment_method", 22, 26), cut_at("20261130-161441-receipts", 20)
    ('…payment_method', '20261130-161441…')
    """
    if cell_len(text) <= width:
        return text
    start = 0
    if place > width - _AT_A_WORD // 2:
        start = max(0, min(place - width // _BEFORE, len(text) - width + 1))
        start = _word_begins(text, start, min(start + _AT_A_WORD, place))
    head = MORE if start else ""
    rest = text[start:]
    if cell_len(head + rest) <= width:
        return head + rest
    rest = set_cell_size(rest, width - len(head) - 1)
    return f"{head}{rest[: _word_ends(rest)].rstrip()}{MORE}"


def _word_begins(text: str, start: int, end: int) -> int:
    """Return where the first word after `start` begins; `start` where none does before `end`."""
    blank = text.find(" ", start, end)
    if blank >= 0:
        return blank + 1
    part = _WORD_BEGINS.search(text, start)
    return part.start() if part and part.start() <= end else start


def _word_ends(text: str) -> int:
    """Return where the last word that is whole ends; the end of the text where none is near."""
    near = max(1, len(text) - _AT_A_WORD)
    blank = text.rfind(" ", near)
    if blank > 0:
        return blank
    return max((end.start() for end in _WORD_ENDS.finditer(text, near)), default=len(text))


def _line(columns: Sequence[FittingColumn], cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        " " * (size - cell_len(cell)) + cell
        if column.right
        else cell + " " * (size - cell_len(cell))
        for column, cell, size in zip(columns, cells, widths, strict=True)
    )
    return (" " * GAP).join(padded).rstrip()


def wrapped(text: str, width: int | None, indent: int = 0) -> Iterator[str]:
    """Yield a text in lines of at most so many characters; whole where there is no window."""
    if width is None:
        yield text
        return
    yield from textwrap.wrap(
        text,
        max(width, indent + _NARROWEST),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]
