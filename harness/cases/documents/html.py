"""HTML: the text a browser would show, with its headings, lists, tables and links' words."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

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
    reader.feed(markup)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line: list[str] = []
        self._mark = ""
        self._unseen: list[str] = []
        """Open elements of which the first hides the others."""
        self._pre = 0
        self._cells = 0
        """Cells so far in the row that is open; -1 outside a row."""

    def text(self) -> str:
        """Return what has been seen."""
        self._end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Go into an element."""
        if self._unseen:
            if tag not in _VOID:
                self._unseen.append(tag)
            return
        said = dict(attrs)
        if tag in _UNSEEN or "hidden" in said or _HIDDEN.search(said.get("style") or ""):
            if tag not in _VOID:
                self._unseen.append(tag)
            return
        self._begin(tag, said)

    def _begin(self, tag: str, said: dict[str, str | None]) -> None:
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
        elif tag == "input" and said.get("type", "text") in ("text", "date", "number", None):
            self._line.append(said.get("value") or "")
        if tag == "li":
            self._mark = "- "
        elif re.fullmatch("h[1-6]", tag):
            self._mark = "#" * int(tag[1]) + " "

    def handle_endtag(self, tag: str) -> None:
        """Leave an element; one that was never open is passed over."""
        if self._unseen:
            if tag in self._unseen:
                del self._unseen[len(self._unseen) - 1 - self._unseen[::-1].index(tag) :]
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

    def handle_data(self, data: str) -> None:
        """Take text in."""
        if not self._unseen:
            self._line.append(data if self._pre else re.sub(r"\s+", " ", data))

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
