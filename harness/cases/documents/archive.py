"""Office files are ZIP archives of XML: opened with care for what strangers put into them."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from harness.cases.documents.pages import Bounds, broken, locked, too_much

_TIMES: Final = 10
"""Markup may be so many times the characters a document may have."""
_MOST_PARTS: Final = 10_000
_TYPES: Final = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))


def parts(data: bytes, file: Path, bounds: Bounds) -> Mapping[str, bytes]:
    """Return the XML parts of an Office file by name.

    Raises HarnessError for a damaged file, a password, too much to unpack, and for a document type,
    which no Office file has: it could make text that never ends.
    """
    left = bounds.characters * _TIMES
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_PARTS:
                raise too_much(file, f"holds {len(entries):,} parts", "document_bytes")
            for entry in entries:
                if entry.flag_bits & 1:
                    raise locked(file, "an Office file")
                if not entry.filename.endswith((".xml", ".rels")):
                    continue
                left -= entry.file_size
                if left < 0:
                    what = f"unpacks to more than {bounds.characters * _TIMES:,} bytes of markup"
                    raise too_much(file, what, "document_bytes")
                found[entry.filename] = archive.read(entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        # the last is zipfile's word for a compression it does not know
        raise broken(file, "an Office file", error) from None
    for name, content in found.items():
        if any(kind in content for kind in _TYPES):
            raise broken(file, "an Office file", f"{name} declares a document type")
    return found
