"""Compiled templates, kept beside the templates as Python keeps its own modules."""

from __future__ import annotations

import marshal
import os
import sys
from contextlib import suppress
from importlib.metadata import version
from importlib.util import MAGIC_NUMBER
from pathlib import Path

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class Compiled(BytecodeCache):
    """Keeps what can be kept; where nothing may be written, templates are compiled each time.

    A file is used only for the very text, Jinja and Python it was compiled from and by.
    """

    def __init__(self, folder: Path) -> None:
        """Keep compiled templates in a folder, which must be there."""
        self._folder = folder
        self._by = f"{version('jinja2')} {MAGIC_NUMBER.hex()}"

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket with what was kept, if it is of the same text."""
        with suppress(OSError, EOFError, ValueError, TypeError):
            head, _, code = self._file(bucket).read_bytes().partition(b"\n")
            if head == self._head(bucket):
                bucket.code = marshal.loads(code)  # noqa: S302  # as trusted as the package itself

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the bucket if that is possible."""
        file = self._file(bucket)
        aside = file.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            aside.write_bytes(self._head(bucket) + b"\n" + marshal.dumps(bucket.code))
            aside.replace(file)

    def _file(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}.{sys.implementation.cache_tag}"

    def _head(self, bucket: Bucket) -> bytes:
        return f"{self._by} {bucket.checksum}".encode()


def compiled_beside(templates: Path) -> Compiled | None:
    """Return where the templates of a folder are kept compiled; None if nothing is to be kept."""
    if sys.dont_write_bytecode:
        return None
    folder = templates / "__pycache__"
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
        return Compiled(folder)
    return None
