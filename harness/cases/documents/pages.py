"""Pages: the result of every format's reader, and the error for a file that cannot be read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Final, NamedTuple

from harness.cases.files.places import at
from harness.core.records import Document
from harness.errors import HarnessError, Problem

BREAK: Final = "\f"
"""Stands between pages, as it does for printers."""
EXTRA: Final = "pip install 'extraction-harness[documents]'"


@dataclass(frozen=True, slots=True)
class PageLimits:
    """Limits on reading a document, beyond which it is refused."""

    characters: int
    pages: int


class PageBox(NamedTuple):
    """A rectangle on a page as a reader sees it, in parts of its width and height, from the top."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Pages:
    """A document's text, and its pages that are to be looked at."""

    text: str
    image_pages: tuple[int, ...] = ()
    """1-based; pages with a little text beside an image keep it."""
    warnings: tuple[Problem, ...] = ()
    """What is odd about the file."""
    kind: str = "text"
    """What the file is: a `DocumentKind`, or `docx` or `xlsx` of Office files."""


def join_pages(pages: Iterable[str]) -> str:
    r"""Return pages as one text; a page's own form feeds would be taken for breaks.

    >>> join_pages(["one", "two\x0cstill two"])
    'one\x0ctwo still two'
    """
    return BREAK.join(page.replace(BREAK, " ") for page in pages)


def spans_by_page(
    document: Document, spans: Iterable[tuple[int, int]]
) -> Mapping[int, dict[tuple[int, int], tuple[int, int]]]:
    """Return by page the spans of the text that begin on it, each with its place in the page."""
    starts = [0, *accumulate(len(page) + 1 for page in document.pages)]
    on_pages: dict[int, dict[tuple[int, int], tuple[int, int]]] = {}
    for start, end in sorted(set(spans)):
        page = bisect_right(starts, start)
        if page <= len(document.pages):
            low, last = starts[page - 1], starts[page] - 1
            on_pages.setdefault(page, {})[start, end] = start - low, min(end, last) - low
    return on_pages


def broken(file: Path, kind: str, reason: object) -> HarnessError:
    """Return the error for a file that is not what it seems to be."""
    detail = " ".join(str(reason).split()).strip("\"'.")
    hint = "open it in the program it comes from and save it again, or leave it out"
    what = f"cannot be read as {kind}: {detail}" if detail else f"cannot be read as {kind}"
    return HarnessError(Problem(what, "broken-document", at(file), hint))


def warning(file: Path, what: str, code: str, hint: str) -> Problem:
    """Return what is odd about a file that was read all the same."""
    return Problem(what, code, at(file), hint)


def locked(file: Path, kind: str) -> HarnessError:
    """Return the error for a file that needs a password."""
    hint = "save a copy without the password"
    what = f"is {kind} that needs a password"
    return HarnessError(Problem(what, "encrypted-document", at(file), hint))


def too_much(file: Path, what: str, setting: str) -> HarnessError:
    """Return the error for a file that holds more than is read."""
    hint = f"split it, or raise `limits: {{{setting}: ...}}` in suite.yaml"
    return HarnessError(Problem(what, "too-large", at(file), hint))


def lacking(file: Path, kind: str, package: str) -> HarnessError:
    """Return the error for a format whose reader is not installed."""
    what = f"{kind} documents are read by {package}, which is not installed"
    return HarnessError(Problem(what, "missing-package", at(file), f"install it: {EXTRA}"))
