"""DOCX: paragraphs, headings, lists and tables in the order of the document.

Read from the XML itself: the usual library passes over text in content controls, in insertions and
in text boxes, which is text that stands on the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET  # `open_office` refuses document types

from harness.cases.documents.office.archive import OfficeFile
from harness.cases.documents.pages import BREAK, PageLimits, Pages, broken, too_much, warning
from harness.core.number_text import counted
from harness.errors import Problem

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH_TEXT: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_GONE: Final = frozenset({f"{_W}del", f"{_W}moveFrom", _FALLBACK})
"""What was deleted or moved away, and what is shown only where a drawing cannot be."""
_MARKS: Final = {f"{_W}tab": "\t", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_DEEPEST: Final = 200
_MOST_COLUMNS: Final = 63
"""Of a table in Word."""
_TICKED, _UNTICKED = "☒", "☐"
_SYMBOLS: Final = {
    "wingdings": {0x6F: "☐", 0xA8: "☐", 0x78: "☒", 0xFD: "☒", 0xFE: "☑", 0xFB: "✗", 0xFC: "✓"},
    "wingdings 2": {0xA3: "☐", 0x2A: "☐", 0x51: "☒", 0x53: "☒", 0x52: "☑", 0x4F: "✗", 0x50: "✓"},
}
"""Boxes and ticks of fonts whose characters have no letters."""

Element = ET.Element


def read(office: OfficeFile, file: Path, bounds: PageLimits) -> Pages:
    """Return the text of a DOCX file's parts. Raises HarnessError if there is none to read."""
    if office.main is None:
        raise broken(file, "a Word document", "it has no main part")
    around = {
        kind: _texts(office, file, kind) for kind in ("header", "footer", "footnotes", "endnotes")
    }
    root = _parsed(office.parts[office.main], file)
    if root.find(f"{_W}body") is None:
        raise broken(file, "a Word document", f"{office.main} has no body that Word would show")
    body = _blocks(root, file)
    blocks = [
        *around["header"],
        *body,
        *around["footnotes"],
        *around["endnotes"],
        *around["footer"],
    ]
    text = "\n".join(blocks).replace(f"\n{BREAK}\n", BREAK).strip("\n")
    if len(text) > bounds.characters:
        what = f"holds more than {bounds.characters:,} characters"
        raise too_much(file, what, "document_bytes")
    if text.count(BREAK) >= bounds.pages:
        what = f"has more than {bounds.pages:,} pages"
        raise too_much(file, what, "pages")
    return Pages(text, warnings=tuple(_left_out(root, file)))


def _left_out(root: Element, file: Path) -> Iterator[Problem]:
    """Yield a warning about files inside the document that Word shows when it opens it."""
    if count := sum(1 for _ in root.iter(f"{_W}altChunk")):
        what = f"holds {counted(count, 'file')} that Word shows and that we do not read (altChunk)"
        yield warning(file, what, "left-out", "open it in Word and save it again")


def _texts(office: OfficeFile, file: Path, kind: str) -> list[str]:
    """Return what stands in the parts of one kind; headers that say the same are one."""
    texts: dict[str, None] = {}
    for name in sorted(office.parts):
        is_named = name.startswith(f"word/{kind}") and name.count("/") == 1
        if is_named or office.types.get(name, "").endswith(f".{kind}+xml"):
            root = _parsed(office.parts[name], file)
            text = "\n".join(b for b in _blocks(root, file) if b != BREAK)
            if text.strip():
                texts[text] = None
    return list(texts)


def _parsed(data: bytes, file: Path) -> Element:
    try:
        return ET.fromstring(data)  # noqa: S314  # as above
    except ET.ParseError as error:
        raise broken(file, "a Word document", error) from None


def _blocks(root: Element, file: Path) -> list[str]:
    try:
        return list(_blocks_in(root, 0))
    except RecursionError:
        raise broken(file, "a Word document", "it is nested too deeply") from None


def _blocks_in(element: Element, depth: int) -> Iterator[str]:
    """Yield paragraphs and rows of tables, and BREAK where a page ends."""
    if depth > _DEEPEST:
        raise RecursionError
    for child in element:
        if child.tag == f"{_W}p":
            yield from _paragraph(child)
        elif child.tag == f"{_W}tbl":
            yield from _rows(child, depth)
        elif child.tag not in _GONE:
            yield from _blocks_in(child, depth + 1)


def _rows(table: Element, depth: int) -> Iterator[str]:
    """Yield a table's rows, merged cells followed by as many empty ones as they cover."""
    for row in _within(table, f"{_W}tr", f"{_W}tbl"):
        if row.find(f"{_W}trPr/{_W}del") is not None:
            continue
        cells = [""] * _number(row, f"{_W}trPr/{_W}gridBefore", 0)
        for cell in _within(row, f"{_W}tc", f"{_W}tr"):
            blocks = (b for b in _blocks_in(cell, depth + 1) if b != BREAK)
            cells.append(" ".join(" ".join(blocks).split()))
            cells += [""] * (_number(cell, f"{_W}tcPr/{_W}gridSpan", 1) - 1)
        if any(cells):
            yield f"| {' | '.join(cells)} |"


def _number(element: Element, path: str, default: int) -> int:
    """Return a number of columns that an element gives; the default if it gives none."""
    child = element.find(path)
    value = child.get(f"{_W}val", "") if child is not None else ""
    return min(int(value[:4]), _MOST_COLUMNS) if value.isascii() and value.isdigit() else default


def _within(element: Element, tag: str, stop: str) -> Iterator[Element]:
    """Yield the nearest elements of a name below, those of nested tables left out."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag != stop and child.tag not in _GONE:
            yield from _within(child, tag, stop)


def _paragraph(paragraph: Element) -> Iterator[str]:
    written: list[str] = []
    boxes: list[Element] = []
    _write(paragraph, written, boxes, 0)
    text = "".join(written)
    mark = _mark(paragraph)
    for number, part in enumerate(text.split(BREAK)):
        if number:
            yield BREAK
        if part.strip() or not number:
            yield mark + part.strip(" ") if part.strip() else ""
    for box in boxes:
        yield from _blocks_in(box, 0)


def _write(element: Element, written: list[str], boxes: list[Element], depth: int) -> None:
    """Add the text below an element; text boxes are paragraphs of their own and come after."""
    if depth > _DEEPEST:
        raise RecursionError
    for child in element:
        if child.tag in (f"{_W}t", _MATH_TEXT):
            written.append(child.text or "")
        elif child.tag in _MARKS:
            written.append(_MARKS[child.tag])
        elif child.tag == f"{_W}br":
            written.append(BREAK if child.get(f"{_W}type") == "page" else "\n")
        elif child.tag == f"{_W}sym":
            written.append(_symbol(child))
        elif child.tag == f"{_W}ffData":
            written.append(_form_field(child))
        elif child.tag == f"{_W}txbxContent":
            boxes.append(child)
        elif child.tag not in _GONE and not _is_hidden(child):
            _write(child, written, boxes, depth + 1)


def _symbol(symbol: Element) -> str:
    """Return a character that a document names by font and number."""
    font, written = symbol.get(f"{_W}font", "").lower(), symbol.get(f"{_W}char", "")
    try:
        code = int(written, 16)
    except ValueError:
        return ""
    if known := _SYMBOLS.get(font, {}).get(code & 0xFF):
        return known
    is_private = 0xE000 <= code <= 0xF8FF  # noqa: PLR2004  # Unicode's private use area
    return "" if is_private or not 0x20 <= code < 0xD800 else chr(code)  # noqa: PLR2004  # printed


def _form_field(data: Element) -> str:
    """Return the state of a form's check box or list; a text field's value stands in the text."""
    box = data.find(f"{_W}checkBox")
    if box is not None:
        state = box.find(f"{_W}checked")
        state = box.find(f"{_W}default") if state is None else state
        is_off = state is None or state.get(f"{_W}val", "1") in ("0", "false", "off")
        return _UNTICKED if is_off else _TICKED
    choices = [e.get(f"{_W}val", "") for e in data.findall(f"{_W}ddList/{_W}listEntry")]
    number = _number(data, f"{_W}ddList/{_W}result", 0)
    return choices[number] if number < len(choices) else ""


def _is_hidden(run: Element) -> bool:
    mark = run.find(f"{_W}rPr/{_W}vanish")
    return mark is not None and mark.get(f"{_W}val") not in ("0", "false", "off")


def _mark(paragraph: Element) -> str:
    """Return what stands before a paragraph: `## ` for a heading, `- ` for an item of a list."""
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    name = (style.get(f"{_W}val") or "").lower() if style is not None else ""
    if name == "title":
        return "# "
    if name.startswith("heading") and name.removeprefix("heading").isdigit():
        return "#" * min(6, int(name.removeprefix("heading"))) + " "
    if paragraph.find(f"{_W}pPr/{_W}numPr") is not None or name.startswith("list"):
        return "- "
    return ""
