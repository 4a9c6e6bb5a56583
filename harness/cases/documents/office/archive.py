"""Office files: ZIP archives of XML, opened safely where they come from strangers."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from xml.etree import ElementTree as ET  # document types are refused before anything is parsed

from harness.cases.documents.pages import PageLimits, broken, locked, too_much

_TIMES: Final = 10
"""Markup may be so many times the characters a document may have."""
_MOST_PARTS: Final = 10_000
_DOCTYPE: Final = "<!DOCTYPE"
_TYPES: Final = tuple(
    _DOCTYPE.encode(name) for name in ("ascii", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
)
_CONTENT_TYPES: Final = "[Content_Types].xml"
_COMPRESSIONS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""All that ECMA-376 allows; of others zipfile unpacks as much as they hold."""
_CHUNK: Final = 1 << 16
_STRICT: Final = b"http://purl.oclc.org/ooxml/"
_TRANSITIONAL: Final = {
    b"wordprocessingml/main": b"wordprocessingml/2006/main",
    b"spreadsheetml/main": b"spreadsheetml/2006/main",
    b"officeDocument/relationships": b"officeDocument/2006/relationships",
    b"drawingml/main": b"drawingml/2006/main",
}
"""ISO/IEC 29500 Strict names the same elements as Transitional in other namespaces."""

OfficeKind = Literal["document", "workbook"]


@dataclass(frozen=True, slots=True)
class OfficeFile:
    """The XML parts of an Office file."""

    parts: Mapping[str, bytes]
    """By name, without a leading slash; namespaces are those of Transitional files."""
    types: Mapping[str, str]
    """Content types of parts by name, where the file gives a part one of its own."""
    main: str | None
    """The part that the file begins with."""
    kind: OfficeKind | None
    """What the main part is; None for presentations and everything else."""

    def zipped(self) -> bytes:
        """Return the parts as an archive again, for a library that reads files."""
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as file:
            for name, content in self.parts.items():
                file.writestr(name, content)
        return written.getvalue()


def open_office(data: bytes, file: Path, bounds: PageLimits) -> OfficeFile:
    """Return an Office file's parts and which of them is the main one.

    Raises HarnessError for a damaged file, a password, too much to unpack, and for a document type,
    which no Office file has: it could make text that never ends.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _parts(archive, file, bounds)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        # NotImplementedError is zipfile's word for a compression it does not know
        raise broken(file, "an Office file", error) from None
    for name, content in parts.items():
        if any(kind in content for kind in _TYPES):
            raise broken(file, "an Office file", f"{name} declares a document type")
    parts = {name: _as_transitional(content) for name, content in parts.items()}
    types = _own_types(parts.get(_CONTENT_TYPES, b""))
    main = _main(parts, types)
    return OfficeFile(parts, types, main, _kind(parts[main]) if main is not None else None)


def _parts(archive: zipfile.ZipFile, file: Path, bounds: PageLimits) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > _MOST_PARTS:
        raise too_much(file, f"holds {len(entries):,} parts", "document_bytes")
    for entry in entries:
        if entry.flag_bits & 1:
            raise locked(file, "an Office file")
    left = bounds.characters * _TIMES
    parts: dict[str, bytes] = {}
    for entry in _wanted(archive, entries, left):
        content = _content(archive, entry, left)
        if content is None:
            what = f"unpacks to more than {bounds.characters * _TIMES:,} bytes of markup"
            raise too_much(file, what, "document_bytes")
        left -= len(content)
        parts[_name(entry)] = content
    return parts


def _wanted(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], most: int
) -> Iterator[zipfile.ZipInfo]:
    """Yield the entries that are XML by their name or by their content type."""
    declared: Mapping[str, str] = {}
    for entry in entries:
        if _name(entry) == _CONTENT_TYPES:
            content = _content(archive, entry, most)
            if content is not None and not any(kind in content for kind in _TYPES):
                declared = _own_types(content)
    for entry in entries:
        name = _name(entry)
        if name.lower().endswith((".xml", ".rels")) or declared.get(name, "").endswith("xml"):
            yield entry


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes | None:
    """Return what an entry holds, however long its header says that is; None if it is over."""
    if entry.compress_type not in _COMPRESSIONS:
        what = f"{entry.filename} is compressed in a way that Office files are not"
        raise NotImplementedError(what)
    if entry.file_size > most:
        return None
    written = bytearray()
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            written += chunk
            if len(written) > most:
                return None
    return bytes(written)


def _name(entry: zipfile.ZipInfo) -> str:
    return entry.filename.replace("\\", "/").lstrip("/")


def _as_transitional(content: bytes) -> bytes:
    if _STRICT not in content:
        return content
    for strict, transitional in _TRANSITIONAL.items():
        content = content.replace(
            _STRICT + strict, b"http://schemas.openxmlformats.org/" + transitional
        )
    return content


def _own_types(content: bytes) -> dict[str, str]:
    root = _root(content)
    if root is None:
        return {}
    return {
        each.get("PartName", "").lstrip("/"): each.get("ContentType", "")
        for each in root
        if each.tag.endswith("Override")
    }


def _main(parts: Mapping[str, bytes], types: Mapping[str, str]) -> str | None:
    """Return the part a file begins with: Word Online calls it `word/document2.xml`."""
    named = [*_related(parts.get("_rels/.rels", b""))]
    named += [name for name, kind in types.items() if kind.endswith(".main+xml")]
    named += ["word/document.xml", "xl/workbook.xml"]
    as_stored = {name.casefold(): name for name in parts}
    return next((as_stored[n.casefold()] for n in named if n.casefold() in as_stored), None)


def _related(content: bytes) -> Iterator[str]:
    for each in _root(content) or ():
        if each.get("Type", "").endswith("/officeDocument"):
            yield posixpath.normpath(each.get("Target", "").lstrip("/"))


def _root(content: bytes) -> ET.Element | None:
    try:
        return ET.fromstring(content)  # noqa: S314  # without a document type
    except (ET.ParseError, LookupError, ValueError):
        return None


def _kind(content: bytes) -> OfficeKind | None:
    """Return what a part is by its outermost element."""
    kinds: Mapping[str, OfficeKind] = {"document": "document", "workbook": "workbook"}
    try:
        for _, element in ET.iterparse(io.BytesIO(content), ("start",)):  # noqa: S314  # as above
            return kinds.get(element.tag.rpartition("}")[2])
    except (ET.ParseError, LookupError, ValueError):
        pass
    return None
