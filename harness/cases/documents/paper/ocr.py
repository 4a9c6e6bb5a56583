"""OCR by Tesseract: text, and words with boxes, read off images; both are cached."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from harness.cases.documents.pages import PageBox, broken
from harness.cases.files.places import at
from harness.errors import HarnessError, Problem

DOTS_PER_INCH: Final = 300
_SECONDS: Final = 120
_COLUMNS: Final = 12
_PAGE: Final = "1"
_WORD: Final = "5"
"""Levels of rows in Tesseract's table."""
_INSTALL: Final = (
    "install it (`apt install tesseract-ocr`, `brew install tesseract`), or send pages as images:"
    " `reading: {scans: images}`"
)


class OcrWord(NamedTuple):
    """A word, and where it stands on its page."""

    text: str
    box: PageBox


def read_images(images: Sequence[bytes], language: str, file: Path) -> list[str]:
    """Return the text of images. Raises HarnessError if Tesseract is missing or fails."""
    program = shutil.which("tesseract")
    if program is None:
        what = "reading scanned pages needs the program tesseract, which is not installed"
        raise HarnessError(Problem(what, "missing-program", at(file), _INSTALL))
    return [_kept(program, image, language, file) for image in images]


def _kept(program: str, image: bytes, language: str, file: Path) -> str:
    """Return an image's text, read once for every program, language and image."""
    status = Path(program).stat()
    made = f"{program} {status.st_size} {status.st_mtime_ns} {language} ".encode()
    cached_file = _folder() / f"{hashlib.sha256(made + image).hexdigest()}.txt"
    if cached_file.is_file() and _words_file(image).is_file():
        return cached_file.read_text(encoding="utf-8")
    text, words = _read(program, image, language, file)
    _keep(_words_file(image), words)
    _keep(cached_file, text)
    return text


def read_words(image: bytes) -> list[OcrWord]:
    """Return the words of an image that was read here before, in order; nothing of any other."""
    file = _words_file(image)
    table = file.read_text(encoding="utf-8") if file.is_file() else ""
    rows = [line.split("\t") for line in table.splitlines()[1:]]
    rows = [row for row in rows if len(row) == _COLUMNS]
    sizes = [[int(side) for side in row[6:10]] for row in rows]
    whole = next((size for row, size in zip(rows, sizes, strict=True) if row[0] == _PAGE), None)
    if whole is None or not whole[2] or not whole[3]:
        return []
    wide, high = whole[2], whole[3]
    return [
        OcrWord(row[11], PageBox(x / wide, y / high, (x + width) / wide, (y + height) / high))
        for row, (x, y, width, height) in zip(rows, sizes, strict=True)
        if row[0] == _WORD and row[11].strip()
    ]


def _words_file(image: bytes) -> Path:
    return _folder() / f"{hashlib.sha256(image).hexdigest()}.tsv"


def _keep(cached_file: Path, text: str) -> None:
    cached_file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", dir=cached_file.parent, encoding="utf-8", newline="", delete=False
    ) as written:
        written.write(text)
    Path(written.name).replace(cached_file)


def _folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "harness" / "ocr"


def _read(program: str, image: bytes, language: str, file: Path) -> tuple[str, str]:
    """Return an image's text, and its words with their places as a table."""
    with tempfile.TemporaryDirectory() as folder:
        stem = Path(folder) / "page"
        options = ["-l", language, "--dpi", str(DOTS_PER_INCH), "txt", "tsv"]
        _recognise([program, "stdin", str(stem), *options], image, language, file)
        text, words = (
            stem.with_suffix(ending).read_text(encoding="utf-8", errors="replace")
            for ending in (".txt", ".tsv")
        )
    return text.replace("\f", "").strip("\n"), words


def _recognise(command: list[str], image: bytes, language: str, file: Path) -> None:
    one_thread = {**os.environ, "OMP_THREAD_LIMIT": "1"}  # its threads cost more than they bring
    try:
        done = subprocess.run(  # noqa: S603  # no shell, and the language is a plain word
            command, input=image, capture_output=True, timeout=_SECONDS, check=False, env=one_thread
        )
    except subprocess.TimeoutExpired:
        raise broken(file, "a scan", f"tesseract took more than {_SECONDS} s") from None
    message = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode and ".traineddata" in message:
        hint = "install it: `apt install tesseract-ocr-<language>`"
        what = f"Tesseract does not know the language {language!r}"
        raise HarnessError(Problem(what, "missing-program", at(file), hint))
    if done.returncode:
        raise broken(
            file, "a scan", f"tesseract says: {message.splitlines()[0] if message else ''}"
        )
