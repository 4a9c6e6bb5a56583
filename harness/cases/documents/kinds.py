"""File types, by first bytes and by file name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from harness.cases.files.reading import COMPRESSED

DocumentKind: TypeAlias = Literal[
    "text", "html", "pdf", "office", "eml", "image", "tiff", "old", "other"
]

_MAGIC: Final[Mapping[bytes, DocumentKind]] = MappingProxyType(
    {
        b"%PDF": "pdf",
        b"PK\x03\x04": "office",
        b"PK\x05\x06": "office",
        b"\xd0\xcf\x11\xe0": "old",
        b"II*\x00": "tiff",
        b"MM\x00*": "tiff",
    }
)
_REFUSED: Final[Mapping[bytes, tuple[str, str]]] = MappingProxyType(
    {
        b"{\\rtf": ("is RTF, which is not read", "save it as DOCX or PDF"),
        b"BM": ("is a BMP image, which models do not read", "convert it to PNG"),
        b"%!PS": ("is PostScript, which is not read", "convert it to PDF: `ps2pdf`"),
        **COMPRESSED,
        b"7z\xbc\xaf\x27\x1c": ("is a 7-Zip archive", "unpack it"),
        b"Rar!": ("is a RAR archive", "unpack it"),
        b"\x78\x9f\x3e\x22": ("is a TNEF attachment (winmail.dat)", "save the mail as EML"),
        b"SQLite format 3\0": ("is an SQLite database", "export what it holds as CSV"),
    }
)
_BOXES: Final[Mapping[bytes, str]] = MappingProxyType(
    {b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIC", b"avif": "AVIF"}
)
_OUTLOOK: Final = "__properties_version1.0".encode("utf-16-le")
_ENDINGS: Final[Mapping[str, DocumentKind]] = MappingProxyType(
    {
        ".pdf": "pdf",
        ".docx": "office",
        ".xlsx": "office",
        ".xlsm": "office",
        ".html": "html",
        ".htm": "html",
        ".xhtml": "html",
        ".eml": "eml",
        ".mht": "eml",
        ".mhtml": "eml",
        ".png": "image",
        ".jpg": "image",
        ".jpeg": "image",
        ".webp": "image",
        ".gif": "image",
    }
)


_KNOWN: Final = (*_MAGIC, *_REFUSED, b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")
"""First bytes that may say what a file is; `ftyp` after four more says it, too."""


def kind_of(data: bytes, name: str) -> DocumentKind:
    """Return what a file is: what its bytes say, or else what its name says.

    >>> kind_of(b"%PDF-1.7", "scan.txt"), kind_of(b"<p>", "page.HTML"), kind_of(b"a,b", "rows.csv")
    ('pdf', 'html', 'text')
    """
    if data.startswith(_KNOWN) or data[4:8] == b"ftyp":
        if media_type(data) is not None:
            return "image"
        if refusal(data) is not None:
            return "other"
        for magic, kind in _MAGIC.items():
            if data.startswith(magic):
                return kind
    return _ENDINGS.get(PurePath(name).suffix.lower(), "text")


def is_paged(name: str) -> bool:
    """Tell by a file's name whether its pages can be shown as they look: PDFs and images.

    >>> is_paged("a/Invoice.PDF"), is_paged("scan.jpeg"), is_paged("mail.eml")
    (True, True, False)
    """
    return kind_of(b"", name) in {"pdf", "image"}


def media_type(data: bytes) -> str | None:
    r"""Return the media type of an image that models read; None for anything else.

    >>> media_type(b"\xff\xd8\xff\xe0"), media_type(b"BM")
    ('image/jpeg', None)
    """
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return "image/webp" if data.startswith(b"RIFF") and data[8:12] == b"WEBP" else None


def refusal(data: bytes) -> tuple[str, str] | None:
    r"""Return the problem and the hint for a file of a known format that is not read.

    >>> refusal(b"{\\rtf1 Total 5}"), refusal(b"BMW 320d")
    (('is RTF, which is not read', 'save it as DOCX or PDF'), None)
    """
    if data.startswith(b"\xd0\xcf\x11\xe0") and _OUTLOOK in data:
        return (
            "is an Outlook message (MSG)",
            "save it as EML",
        )
    if data[4:8] == b"ftyp" and (name := _BOXES.get(data[8:12])):
        return f"is a {name} image, which models do not read", "convert it to PNG or JPEG"
    for magic, kind in _REFUSED.items():
        # `BM` may begin a text; the header of a bitmap has zeros where its file's size ends
        if data.startswith(magic) and (magic != b"BM" or data[6:10] == b"\0\0\0\0"):
            return kind
    return None
