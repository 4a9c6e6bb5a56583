"""Object stores: files named by a URL (`s3://`, `gs://`, `az://`, `file://`), read and written."""

from __future__ import annotations

import importlib
import io
import re
import shutil
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, BinaryIO, Final

from harness.errors import HarnessError, Problem, UsageError, Where

_URL: Final = re.compile(r"([a-z][a-z0-9+]+):/{1,3}(?=[^/])")
_CHUNK: Final = 8 << 20


def is_remote(path: Path) -> bool:
    """Tell whether a path is the URL of an object.

    >>> is_remote(Path("s3://bucket/a.parquet")), is_remote(Path("data/a.parquet"))
    (True, False)
    """
    return _URL.match(path.as_posix()) is not None


def url_of(path: Path) -> str:
    """Return the URL that a path was made of; a path has one slash where a URL has two.

    >>> url_of(Path("s3://bucket/a.parquet")), url_of(Path("file:///tmp/a.parquet"))
    ('s3://bucket/a.parquet', 'file:///tmp/a.parquet')
    """
    scheme, _, rest = path.as_posix().partition(":")
    return f"{scheme}://{'/' if scheme == 'file' else ''}{rest.lstrip('/')}"


def local_path(path: Path) -> Path:
    """Return the path on this machine that a `file:` URL names; any other path as it is.

    >>> local_path(Path("file:///tmp/a")).as_posix(), local_path(Path("s3://b/a")).as_posix()
    ('/tmp/a', 's3:/b/a')
    """
    url = url_of(path) if is_remote(path) else ""
    return Path(url.removeprefix("file://")) if url.startswith("file:") else path


class ObjectFolder:
    """A bucket, or a part of one. Keys and regions come from the environment, as its tools do."""

    def __init__(self, path: Path) -> None:
        """Open the store at a URL.

        Raises HarnessError where obstore is not installed or the URL names no store.
        """
        self.path = path
        self._obstore = _obstore(path)
        self._errors = (self._obstore.exceptions.BaseError, ValueError, OSError)
        try:
            self._store = self._obstore.store.from_url(url_of(path))
        except self._errors as error:
            raise _unreadable(path, error) from None

    def names(self, pattern: str) -> list[str]:
        """Return the names of objects that a pattern means, sorted."""
        try:
            pages = list(self._obstore.list(self._store))
        except self._errors as error:
            raise _unreadable(self.path, error) from None
        names = [str(each["path"]) for page in pages for each in page]
        return sorted(name for name in names if "/" not in name and fnmatchcase(name, pattern))

    def open(self, name: str) -> BinaryIO:
        """Return an object as a file that is read by ranges.

        Raises UsageError where there is none.
        """
        try:
            return io.BufferedReader(_RangeReader(self._obstore.open_reader(self._store, name)))
        except (FileNotFoundError, self._obstore.exceptions.NotFoundError):
            url = f"{url_of(self.path)}/{name}"
            raise UsageError(Problem(f"{url!r} does not exist", "no-such-path")) from None
        except self._errors as error:
            raise _unreadable(self.path / name, error) from None

    def download(self, name: str, file: Path) -> None:
        """Copy an object into a file, piece by piece."""
        with self.open(name) as source, file.open("wb") as out:
            shutil.copyfileobj(source, out, _CHUNK)

    def upload(self, file: Path, name: str) -> None:
        """Copy a file into an object, piece by piece; it is there whole or not at all."""
        try:
            self._obstore.put(self._store, name, file)
        except self._errors as error:
            raise _unreadable(self.path / name, error) from None


class _RangeReader(io.RawIOBase):
    """An object's bytes, as Python's own files give them."""

    def __init__(self, source: Any) -> None:  # noqa: ANN401  # obstore's reader
        super().__init__()
        self._source = source

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return int(self._source.tell())

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(self._source.seek(offset, whence))

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  # a writable buffer
        data = bytes(self._source.read(len(buffer)))
        buffer[: len(data)] = data
        return len(data)


def objects_at(path: Path) -> Iterator[tuple[ObjectFolder, str]]:
    """Yield the objects that a URL means: one, or those a pattern in its last part matches.

    Raises UsageError where a pattern matches nothing.
    """
    folder = ObjectFolder(path.parent)
    if not any(mark in path.name for mark in "*?["):
        yield folder, path.name
        return
    names = folder.names(path.name)
    if not names:
        raise UsageError(Problem(f"{url_of(path)!r} matches nothing", "no-such-path"))
    for name in names:
        yield folder, name


def _obstore(path: Path) -> Any:  # noqa: ANN401  # the module
    try:
        importlib.import_module("obstore.store")
        return importlib.import_module("obstore")
    except ImportError:
        hint = "pip install 'extraction-harness[objects]'"
        what = "a URL of an object store needs obstore"
        raise HarnessError(Problem(what, "no-obstore", Where(path), hint)) from None


def _unreadable(path: Path, error: Exception) -> HarnessError:
    """Return what a store said, less all but its first line, which names no keys."""
    what = f"the object store says: {str(error).splitlines()[0][:200]}"
    hint = "keys and regions are read from the environment, as the store's own tools do"
    return HarnessError(Problem(what, "object-store", Where(Path(url_of(path))), hint))
