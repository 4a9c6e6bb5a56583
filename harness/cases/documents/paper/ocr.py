"""Text read off images by Tesseract, a program of its own; kept, since it takes seconds."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.cases.documents.pages import broken
from harness.cases.files.places import at
from harness.errors import HarnessError, Problem

DOTS_PER_INCH: Final = 300
_SECONDS: Final = 120
_INSTALL: Final = (
    "install it (`apt install tesseract-ocr`, `brew install tesseract`), or send pages as images:"
    " `reading: {scans: images}`"
)


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
    if cached_file.is_file():
        return cached_file.read_text(encoding="utf-8")
    text = _read(program, image, language, file)
    cached_file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", dir=cached_file.parent, encoding="utf-8", newline="", delete=False
    ) as written:
        written.write(text)
    Path(written.name).replace(cached_file)
    return text


def _folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "harness" / "ocr"


def _read(program: str, image: bytes, language: str, file: Path) -> str:
    command = [program, "stdin", "stdout", "-l", language, "--dpi", str(DOTS_PER_INCH)]
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
    return done.stdout.decode("utf-8", "replace").replace("\f", "").strip("\n")
