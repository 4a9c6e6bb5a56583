"""Reading a file's text: never too much of it, never something that is not text."""

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

_MAGIC: Final[Mapping[bytes, str]] = MappingProxyType(
    {
        b"%PDF": "a PDF",
        b"\x89PNG": "a PNG image",
        b"\xff\xd8\xff": "a JPEG image",
        b"GIF8": "a GIF image",
        b"II*\x00": "a TIFF image",
        b"MM\x00*": "a TIFF image",
        b"PK\x03\x04": "an Office or ZIP file",
        b"\xd0\xcf\x11\xe0": "an old Office file",
    }
)
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
    if data.startswith(tuple(_MAGIC)):
        raise _not_text(data, path, 0)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_text(data, path, error.start) from None
    if "\0" in text:
        raise _not_text(data, path, data.index(b"\0"))
    return text


def read_text(path: Path) -> str:
    """Return the text of a settings file. Raises HarnessError."""
    return decode(read_bytes(path, SETTINGS_BYTES), path)


def _not_text(data: bytes, path: Path, offset: int) -> HarnessError:
    known = next((name for magic, name in _MAGIC.items() if data.startswith(magic)), None)
    if known:
        return HarnessError(Problem(f"is {known}, not text", "not-text", at(path), _TEXT_ONLY))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        hint = "convert it: `iconv -f UTF-16 -t UTF-8`"
        return HarnessError(Problem("is UTF-16, not UTF-8", "not-text", at(path), hint))
    line = data.count(b"\n", 0, offset) + 1
    byte = data[offset]
    if byte == 0:
        what, hint = f"is not text: a NUL byte at offset {offset:,}", _TEXT_ONLY
    else:
        what = f"is not UTF-8 text: byte 0x{byte:02x} at offset {offset:,}"
        hint = "if it is text in an older encoding: `iconv -f WINDOWS-1252 -t UTF-8`"
    return HarnessError(Problem(what, "not-text", at(path, line), hint))
