"""HTML: the text a browser would show, with its headings, lists, tables and links' words."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from harness.cases.documents.web.markup import Tag, pieces

_UNSEEN: Final = frozenset(
    {"script", "style", "template", "noscript", "svg", "math", "head", "object", "iframe"}
)
_BLOCKS: Final = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "caption", "dd", "details", "div"),
        *("dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4"),
        *("h5", "h6", "header", "hr", "html", "legend", "li", "main", "nav", "ol", "option", "p"),
        *("pre", "section", "summary", "table", "tbody", "tfoot", "thead", "title", "tr", "ul"),
    }
)
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_DECLARED: Final = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_LOOKED: Final = 2_048


def declared_encoding(data: bytes) -> str | None:
    """Return the encoding a page says it is in, if it says so near its beginning.

    >>> declared_encoding(b'<meta charset="windows-1252">')
    'windows-1252'
    """
    found = _DECLARED.search(data[:_LOOKED])
    return found[1].decode("ascii") if found else None


def visible_text(markup: str) -> str:
    """Return the text of a page that a reader sees.

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


class _Reader:
    """What has been seen so far. The one thing here that changes: it lives for one page."""

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
        """Cells so far in the row that is open."""

    def text(self) -> str:
        """Return what has been seen."""
        self._end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip("\n")

    def enter(self, tag: Tag) -> None:
        """Go into an element."""
        said = tag.attributes() if tag.inside.strip() else {}
        is_hidden = "hidden" in said or _HIDDEN.search(said.get("style", ""))
        if self._unseen or tag.name in _UNSEEN or is_hidden:
            if tag.name not in _VOID:
                self._unseen.append(tag.name)
                self._open[tag.name] += 1
            return
        self._begin(tag.name, said)

    def _begin(self, tag: str, said: dict[str, str]) -> None:
        if tag in ("td", "th"):
            self._line.append(" | " if self._cells > 0 else "")
            self._cells += 1
            return
        if tag in _BLOCKS and self._cells < 1:
            self._end_line()
        elif tag in _BLOCKS or tag == "br":
            self._line.append(" " if self._cells > 0 else "\n")
        if tag == "tr":
            self._end_line()
            self._cells = 0
        elif tag == "pre":
            self._pre += 1
        elif tag == "img" and said.get("alt"):
            self._line.append(f"[image: {said['alt']}]")
        elif tag == "input" and said.get("type", "text") in ("text", "date", "number"):
            self._line.append(said.get("value", ""))
        if tag == "li":
            self._mark = "- "
        elif re.fullmatch("h[1-6]", tag):
            self._mark = "#" * int(tag[1]) + " "

    def leave(self, tag: str) -> None:
        """Leave an element; one that was never open is passed over."""
        if self._unseen:
            while self._open[tag]:
                closed = self._unseen.pop()
                self._open[closed] -= 1
                if closed == tag:
                    break
            return
        if tag in ("tr", "table"):
            self._end_line()
            self._cells = 0
        elif tag == "pre":
            self._end_line()
            self._pre = max(0, self._pre - 1)
        elif tag in _BLOCKS and self._cells < 1:
            self._end_line()
            if re.fullmatch("h[1-6]|p|table|ul|ol", tag):
                self._mark = ""

    def take(self, text: str) -> None:
        """Take text in."""
        if not self._unseen:
            self._line.append(text if self._pre else re.sub(r"\s+", " ", text))

    def _end_line(self) -> None:
        said = "".join(self._line)
        if not self._pre:
            said = "\n".join(" ".join(part.split()) for part in said.split("\n")).strip()
        said = said.strip("\n")
        row = self._cells > 0 and said.strip(" |")
        if said.strip(" |") or (said and not self._cells):
            self._lines.append(f"| {said} |" if row else self._mark + said)
            self._mark = ""
        self._line.clear()
