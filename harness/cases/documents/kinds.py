"""What a file is, by its first bytes and by its name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["text", "html", "pdf", "office", "eml", "image", "tiff", "old"]

_MAGIC: Final[Mapping[bytes, Kind]] = MappingProxyType(
    {
        b"%PDF": "pdf",
        b"PK\x03\x04": "office",
        b"PK\x05\x06": "office",
        b"\xd0\xcf\x11\xe0": "old",
        b"II*\x00": "tiff",
        b"MM\x00*": "tiff",
    }
)
_ENDINGS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        ".pdf": "pdf",
        ".docx": "office",
        ".xlsx": "office",
        ".xlsm": "office",
        ".html": "html",
        ".htm": "html",
        ".xhtml": "html",
        ".eml": "eml",
        ".png": "image",
        ".jpg": "image",
        ".jpeg": "image",
        ".webp": "image",
        ".gif": "image",
    }
)


def kind_of(data: bytes, name: str) -> Kind:
    """Return what a file is: what its bytes say, or else what its name says.

    >>> kind_of(b"%PDF-1.7", "scan.txt"), kind_of(b"<p>", "page.HTML"), kind_of(b"a,b", "rows.csv")
    ('pdf', 'html', 'text')
    """
    if media_type(data) is not None:
        return "image"
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            return kind
    return _ENDINGS.get(PurePath(name).suffix.lower(), "text")


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
