"""Amount of text read from documents, by format: empty ones, nearly empty ones, and scans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Final

from harness.cases.files.findings import in_order
from harness.cases.files.places import at
from harness.core.number_text import count, counted
from harness.core.records import Document
from harness.errors import Problem

_FORMATS: Final = MappingProxyType(
    {
        "html": "HTML",
        "pdf": "PDF",
        "docx": "DOCX",
        "xlsx": "XLSX",
        "eml": "EML",
        "tiff": "TIFF",
    }
)
_HARDLY: Final = 16
"""Characters below which a document that is no plain text was hardly read."""
_SHARE: Final = 0.05
"""Of the median of its format, below which a document gave suspiciously little."""
_ENOUGH: Final = 5
"""Documents of a format for which there is a median to go by."""
_NAMED: Final = 5
"""Documents a warning is given for each; of more there is one for the rest."""
_LOOK: Final = "look at the file, or leave the case out"
_LOOK_WITHIN: Final = f"its text may be drawn or within an image: save it as PDF; {_LOOK}"
_LIST_HINT: Final = "harness check --documents lists every document"


@dataclass(frozen=True, slots=True)
class TextAmount:
    """Amount of text that one document gave."""

    name: str
    format: str
    pages: int
    characters: int
    """Without blanks."""
    image_pages: tuple[int, ...]

    @property
    def is_scan(self) -> bool:
        """Tell whether pages of it are images."""
        return bool(self.image_pages)


@dataclass(frozen=True, slots=True)
class FormatAmount:
    """Amount of text that the documents of one format gave."""

    format: str
    documents: int
    characters: int
    """Of all of them, without blanks."""
    median: float
    least: int
    least_in: str
    """The document that gave the least."""
    scans: int
    """Documents with pages that are images."""
    empty: int
    """Documents with neither text nor images."""


def text_amount(document: Document) -> TextAmount:
    """Return what one document gave.

    >>> text_amount(Document("a.pdf", "", "one two", kind="pdf"))
    TextAmount(name='a.pdf', format='PDF', pages=1, characters=6, image_pages=())
    """
    return TextAmount(
        document.name,
        _FORMATS.get(document.kind, document.kind),
        max(document.text.count("\f") + 1, *document.image_pages, 1),
        sum(map(len, document.text.split())),
        document.image_pages,
    )


def format_amounts(amounts: Sequence[TextAmount]) -> tuple[FormatAmount, ...]:
    """Return what documents gave by format, the format of most documents first."""
    by_format: dict[str, list[TextAmount]] = {}
    for amount in amounts:
        by_format.setdefault(amount.format, []).append(amount)
    lines = [_format_amount(name, some) for name, some in by_format.items()]
    return tuple(sorted(lines, key=lambda each: (-each.documents, each.format)))


def _format_amount(name: str, amounts: Sequence[TextAmount]) -> FormatAmount:
    least = min(amounts, key=lambda each: (each.characters, each.name))
    return FormatAmount(
        name,
        len(amounts),
        sum(each.characters for each in amounts),
        median(each.characters for each in amounts),
        least.characters,
        least.name,
        sum(each.is_scan for each in amounts),
        sum(not each.characters and not each.is_scan for each in amounts),
    )


def about_scans(amounts: Iterable[TextAmount]) -> Iterator[str]:
    """Yield what is said of documents whose pages are images; pictures are no scans."""
    scans = [each for each in amounts if each.is_scan and each.format != "image"]
    if not scans:
        return
    named = [f"{each.name} ({_pages(each)})" for each in scans[:_NAMED]]
    more = f" and {count(len(scans) - _NAMED)} more" if len(scans) > _NAMED else ""
    yield f"{counted(len(scans), 'scan')}: {', '.join(named)}{more}"
    yield (
        "  their pages are sent as images, and no evidence is found in them; "
        "`reading: {scans: ocr}` has them read"
    )


def _pages(amount: TextAmount) -> str:
    if len(amount.image_pages) == amount.pages:
        return "1 page" if amount.pages == 1 else f"all {count(amount.pages)} pages"
    return f"{count(len(amount.image_pages))} of {count(amount.pages)} pages"


def little_text(documents: Iterable[Document]) -> Iterator[Problem]:
    """Yield a warning for documents that are empty or gave suspiciously little text.

    Little is less than 16 characters, plain texts excepted, or than a twentieth of the median of
    their format in the suite. Of many there is one warning for all but the first.
    """
    known = [(d, text_amount(d)) for d in documents if d.kind and d.unreadable is None]
    medians = {
        each.format: each.median
        for each in format_amounts([amount for _, amount in known if not amount.is_scan])
        if each.documents >= _ENOUGH
    }
    empty, little = [], []
    for document, amount in known:
        if amount.is_scan:
            continue
        usual = medians.get(amount.format, 0)
        where = at(Path(document.location))
        hint = _LOOK if document.kind == "text" else _LOOK_WITHIN
        if not amount.characters:
            what = "is empty: a model would be asked about nothing"
            empty.append(Problem(what, "empty-document", where, hint))
        elif amount.characters < usual * _SHARE:
            what = (
                f"holds {counted(amount.characters, 'character')}, where {amount.format} documents"
                f" of the suite hold {count(round(usual))} (median)"
            )
            little.append(Problem(what, "little-text", where, hint))
        elif amount.characters < _HARDLY and document.kind != "text":
            what = f"holds hardly any text: {counted(amount.characters, 'character')}"
            little.append(Problem(what, "little-text", where, hint))
    yield from _folded(empty, "empty")
    yield from _folded(little, "nearly empty")


def _folded(problems: Sequence[Problem], state: str) -> Iterator[Problem]:
    """Yield the first problems, and one that stands for the rest."""
    in_turn = in_order(problems)
    yield from in_turn[:_NAMED]
    more = in_turn[_NAMED:]
    if len(more) == 1:
        yield more[0]
    elif more:
        what = f"is {state}, and so are {counted(len(more) - 1, 'more document')}"
        yield Problem(what, more[0].code, more[0].where, _LIST_HINT)
