"""HTML: the text a browser would show, with its headings, lists, tables and links' words."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from harness.cases.documents.web.encodings import codec_of
from harness.cases.documents.web.markup import MarkupTag, pieces

_UNSEEN: Final = frozenset(
    {
        *(
            "script",
            "style",
            "template",
            "noscript",
            "head",
            "object",
            "iframe",
            "title",
            "datalist",
        ),
        *("annotation", "annotation-xml", "defs", "symbol", "desc", "metadata"),  # MathML, SVG
    }
)
_BLOCKS: Final = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "caption", "dd", "details", "div"),
        *("dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4"),
        *("h5", "h6", "header", "hr", "html", "legend", "li", "main", "nav", "ol", "option", "p"),
        *("pre", "section", "summary", "table", "tbody", "text", "tfoot", "thead", "tr", "ul"),
    }
)
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_DECLARED: Final = re.compile(
    rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]+encoding\s*=\s*[\"']([\w.:-]+)",
    re.IGNORECASE,
)
_LOOKED: Final = 2_048
_MOST_COLUMNS, _MOST_ROWS = 1_000, 65_534
"""That a cell may span, in the HTML standard."""
_MOST_SPANS: Final = 1_000_000
"""Rows and columns that the cells of a page may span together."""
_WITH_ATTRIBUTES: Final = frozenset({"td", "th", "img", "input", "select", "option"})
_ENDS_OPTION: Final = frozenset({"option", "optgroup", "select"})
"""Elements whose beginning or end is the end of an option."""
_TELLING: Final = re.compile("hidden|style", re.IGNORECASE)
"""What stands in every tag whose attributes hide it."""
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_UNMARKED: Final = _HEADINGS | {"p", "table", "ul", "ol"}
"""Elements whose end is the end of a heading's or an item's mark."""
_TEXT_INPUTS: Final = frozenset({"text", "date", "number", "email", "tel", "url", "month", "time"})


def declared_encoding(data: bytes) -> str | None:
    """Return the encoding a page says it is in, if it says so near its beginning.

    One that says so in ASCII and means UTF-16 is UTF-8, as it is for browsers.

    >>> declared_encoding(b'<meta charset="windows-1252">')
    'windows-1252'
    >>> declared_encoding(b"<meta charset=utf-16>")
    'utf-8'
    """
    match = _DECLARED.search(data[:_LOOKED])
    if match is None:
        return None
    label = (match[1] or match[2]).decode("ascii", "replace")
    return "utf-8" if (codec_of(label) or "").startswith(("utf-16", "utf-32")) else label


def visible_text(markup: str) -> str:
    """Return the text of a page that a reader sees. Raises ValueError where cells span too much.

    >>> print(visible_text("<h1>Offer</h1><script>x</script><ul><li>One<li>Two</ul>"))
    # Offer
    - One
    - Two
    """
    reader = _Reader()
    for piece in pieces(markup):
        if isinstance(piece, str):
            reader.take(piece)
        elif piece.closes:
            reader.leave(piece.name)
        else:
            reader.enter(piece)
    return reader.text()


@dataclass(slots=True)
class _Choice:
    """State of a list to choose from: what is chosen is seen, without it the first option."""

    has_default: bool
    chosen: bool = False
    first: list[str] = field(default_factory=list)
    options: int = 0

    @property
    def shown(self) -> str:
        """Text of the first option, where nothing else is chosen."""
        return "" if self.chosen or not self.has_default else "".join(self.first)


class _Reader:
    """State of reading one page; mutable, and used for that page only."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._mark = ""
        self._unseen: list[str] = []
        """Open elements of which the first hides the others."""
        self._open: Counter[str] = Counter()
        """How many of each name are among them."""
        self._pre = 0
        self._cells = 0
        """Columns so far in the row that is open."""
        self._after = 0
        """Columns that the last cell takes besides its own."""
        self._spans = 0
        """Rows and columns that cells spanned so far."""
        self._tables: list[dict[int, int]] = []
        """Of each open table, how many more rows a cell above takes of a column."""
        self._pending: dict[int, int] = {}
        """The same for the row that is open: cells in it that span further rows."""
        self._choice: _Choice | None = None

    def text(self) -> str:
        """Return what has been seen."""
        self._end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip("\n")

    def enter(self, tag: MarkupTag) -> None:
        """Go into an element."""
        self._end_option(tag.name)
        is_read = tag.name in _WITH_ATTRIBUTES or _TELLING.search(tag.inside) is not None
        attributes = tag.attributes() if is_read else {}
        is_hidden = "hidden" in attributes or _HIDDEN.search(attributes.get("style", ""))
        if self._unseen or tag.name in _UNSEEN or is_hidden or self._is_unchosen(tag, attributes):
            if tag.name not in _VOID:
                self._unseen.append(tag.name)
                self._open[tag.name] += 1
            return
        self._begin(tag.name, attributes)

    def _is_unchosen(self, tag: MarkupTag, attributes: dict[str, str]) -> bool:
        """Tell whether an element is an option that is not chosen."""
        if tag.name == "select":
            self._choice = _Choice("multiple" not in attributes)
        if tag.name != "option" or self._choice is None:
            return False
        is_chosen = "selected" in attributes
        self._choice.options += 1
        self._choice.chosen |= is_chosen
        return not is_chosen

    def _end_option(self, tag: str) -> None:
        if tag in _ENDS_OPTION and self._unseen == ["option"]:
            self._unseen.clear()
            self._open.clear()

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("td", "th"):
            self._begin_cell(attributes)
            return
        if tag in _BLOCKS and self._cells < 1:
            self._end_line()
        elif tag in _BLOCKS or tag == "br":
            self._line.append(" " if self._cells > 0 else "\n")
        if tag in ("tr", "table"):
            self._begin_row(tag)
        elif tag == "pre":
            self._pre += 1
        elif tag in ("img", "input"):
            self._line.append(_shown(tag, attributes))
        if tag == "li":
            self._mark = "- "
        elif tag in _HEADINGS:
            self._mark = "#" * int(tag[1]) + " "

    def _begin_row(self, tag: str) -> None:
        self._end_row()
        if tag == "table":
            self._tables.append({})

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        """Begin a cell after those that reach into its row from above, and take its columns."""
        above = self._tables[-1] if self._tables else {}
        while self._cells in above:
            self._next_column()
        self._next_column()
        first, width = self._cells - 1, _number(attributes.get("colspan"), _MOST_COLUMNS)
        height = _number(attributes.get("rowspan"), _MOST_ROWS)
        self._spend(width - 1)
        self._after += width - 1
        if height > 1:
            self._pending.update(dict.fromkeys(range(first, first + width), height))

    def _next_column(self) -> None:
        self._line.append(" | " * (self._after + (self._cells > 0)))
        self._cells += 1 + self._after
        self._after = 0

    def _end_row(self) -> None:
        """End a row; what spans several of them takes a column of the next ones."""
        if self._cells:
            self._line.append(" | " * self._after)
            if self._tables:
                above = self._tables[-1]
                self._spend(len(above) + len(self._pending))
                left = {c: n - 1 for c, n in (above | self._pending).items() if n > 1}
                self._tables[-1] = left
            self._pending = {}
        self._end_line()
        self._cells = self._after = 0

    def _spend(self, columns: int) -> None:
        self._spans += columns
        if self._spans > _MOST_SPANS:
            what = f"its cells span more than {_MOST_SPANS:,} rows and columns"
            raise ValueError(what)

    def leave(self, tag: str) -> None:
        """Leave an element; one that was never open is passed over."""
        self._end_option(tag)
        if tag == "select" and self._choice is not None and not self._unseen:
            self._line.append(self._choice.shown)
            self._choice = None
        if self._unseen:
            while self._open[tag]:
                closed = self._unseen.pop()
                self._open[closed] -= 1
                if closed == tag:
                    break
            return
        if tag in ("tr", "table"):
            self._end_row()
            if tag == "table" and self._tables:
                self._tables.pop()
        elif tag == "pre":
            self._end_line()
            self._pre = max(0, self._pre - 1)
        elif tag in _BLOCKS and self._cells < 1:
            self._end_line()
            if tag in _UNMARKED:
                self._mark = ""

    def take(self, text: str) -> None:
        """Take text in."""
        if self._unseen == ["option"] and self._choice is not None and self._choice.options == 1:
            self._choice.first.append(text)
        if not self._unseen:
            self._line.append(text if self._pre else re.sub(r"\s+", " ", text))

    def _end_line(self) -> None:
        if not self._line:
            return
        line = "".join(self._line)
        if not self._pre:
            line = "\n".join(" ".join(part.split()) for part in line.split("\n")).strip()
        line = line.strip("\n")
        row = self._cells > 0 and line.strip(" |")
        if line.strip(" |") or (line and not self._cells):
            self._lines.append(f"| {line} |" if row else self._mark + line)
            self._mark = ""
        self._line.clear()


def _shown(tag: str, attributes: dict[str, str]) -> str:
    """Return what a picture or a field of a form shows."""
    kind = attributes.get("type", "text").lower()
    if tag == "img":
        return f"[image: {attributes['alt']}]" if attributes.get("alt") else ""
    if kind in ("checkbox", "radio"):
        return "☒ " if "checked" in attributes else "☐ "
    return attributes.get("value", "") if kind in _TEXT_INPUTS else ""


def _number(attribute: str | None, most: int) -> int:
    """Return how many rows or columns a cell spans."""
    text = (attribute or "").strip()
    is_number = text.isascii() and text.isdigit() and len(text) < 10  # noqa: PLR2004  # fits
    return max(1, min(int(text), most)) if is_number else 1
