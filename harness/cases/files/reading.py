"""Reading text files, with a limit on their size and an error for what is no UTF-8 text."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from harness.cases.files.places import at
from harness.errors import HarnessError, Problem

SETTINGS_BYTES: Final = 50_000_000
"""Size from which a suite file, schema, prompt or ground truth is refused."""

_ZIP: Final = b"PK\x03\x04"
_MAGIC: Final[Mapping[bytes, str]] = MappingProxyType(
    {
        b"%PDF": "a PDF",
        b"\x89PNG": "a PNG image",
        b"\xff\xd8\xff": "a JPEG image",
        b"GIF8": "a GIF image",
        b"II*\x00": "a TIFF image",
        b"MM\x00*": "a TIFF image",
        _ZIP: "an Office or ZIP file",
        b"\xd0\xcf\x11\xe0": "an old Office file",
    }
)
COMPRESSED: Final[Mapping[bytes, tuple[str, str]]] = MappingProxyType(
    {
        b"\x1f\x8b": ("is compressed by gzip", "unpack it: `gunzip`"),
        b"\xfd7zXZ": ("is compressed by xz", "unpack it: `unxz`"),
        b"\x28\xb5\x2f\xfd": ("is compressed by Zstandard", "unpack it: `unzstd`"),
    }
)
"""First bytes of compressed files: what they say, and the command that unpacks them."""
_UTF_16: Final = ("is UTF-16, not UTF-8", "convert it: `iconv -f UTF-16 -t UTF-8`")
_CONVERTED: Final = MappingProxyType({**COMPRESSED, b"\xff\xfe": _UTF_16, b"\xfe\xff": _UTF_16})
_OLDER_ENCODING: Final = "if it is text in an older encoding: `iconv -f WINDOWS-1252 -t UTF-8`"
_UNPACK: Final = "unpack it, and name the folder or file that was in it"
_TEXT_ONLY: Final = (
    "convert it to UTF-8 text, or leave it out with a pattern such as"
    ' `documents: "documents/*.txt"`'
)


def read_bytes(path: Path, limit: int) -> bytes:
    """Return a regular file's bytes. Raises HarnessError; a file over the limit is not opened."""
    try:
        status = os.stat(path)  # noqa: PTH116  # half the time of Path.stat, for thousands of files
        if not stat.S_ISREG(status.st_mode):
            raise HarnessError(Problem("is not a file", "not-a-file", where=at(path)))
        if status.st_size > limit:
            raise HarnessError(
                Problem(
                    f"holds {status.st_size:,} bytes, the limit is {limit:,}",
                    "too-large",
                    where=at(path),
                )
            )
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  # as above
            return file.read()
    except FileNotFoundError:
        what = "is a link to a file that is gone" if path.is_symlink() else "does not exist"
        raise HarnessError(Problem(what, "missing-file", where=at(path))) from None
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise HarnessError(Problem(what, "unreadable", where=at(path))) from None


def decode(data: bytes, path: Path) -> str:
    """Return bytes as text, without a byte-order mark. Raises HarnessError if they are not text."""
    _refuse_known(data, path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise HarnessError(not_utf8(error).at(at(path, line))) from None
    if "\0" in text:
        offset = data.index(b"\0")
        what = f"is not text: a NUL byte at offset {offset:,}"
        line = data.count(b"\n", 0, offset) + 1
        raise HarnessError(Problem(what, "not-text", at(path, line), _TEXT_ONLY))
    return text


def read_text(path: Path) -> str:
    """Return the text of a settings file. Raises HarnessError."""
    return decode(read_bytes(path, SETTINGS_BYTES), path)


def require_text(path: Path) -> None:
    """Raise HarnessError where a file's first bytes are those of something else than text."""
    with path.open("rb") as file:
        _refuse_known(file.read(8), path)


def not_utf8(error: UnicodeDecodeError, offset: int = 0) -> Problem:
    """Return a problem for bytes that are no UTF-8; `offset` is where they begin in their file."""
    byte = error.object[error.start]
    what = f"is not UTF-8 text: byte 0x{byte:02x} at offset {offset + error.start:,}"
    return Problem(what, "not-text", hint=_OLDER_ENCODING)


def _refuse_known(data: bytes, path: Path) -> None:
    """Raise HarnessError where first bytes are those of something else than UTF-8 text."""
    for magic, name in _MAGIC.items():
        if data.startswith(magic):
            is_archive = magic == _ZIP and path.suffix.lower() == ".zip"
            what, hint = ("a ZIP file", _UNPACK) if is_archive else (name, _TEXT_ONLY)
            raise HarnessError(Problem(f"is {what}, not text", "not-text", at(path), hint))
    for magic, (what, hint) in _CONVERTED.items():
        if data.startswith(magic):
            raise HarnessError(Problem(what, "not-text", at(path), hint))
