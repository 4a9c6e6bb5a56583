"""Which files are read as documents, and what is said of the others."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from tests.cases.conftest import Project
from tests.posix import IS_ROOT

DOCUMENT = "evals/notes/documents/a.txt"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"text\n\x00more", "is not text: a NUL byte at offset 5"),
        (b"ab\nd\xe9j\xe0", "is not UTF-8 text: byte 0xe9 at offset 4"),
        ("text".encode("utf-16"), "is UTF-16, not UTF-8"),
    ],
)
def test_what_is_not_text_is_named(project: Project, content: bytes, said: str) -> None:
    project.suite()
    project.write({DOCUMENT: content})
    first = project.refusal().splitlines()[0]
    assert f": {said} [not-text]" in first


def test_a_huge_file_is_refused_without_being_opened(project: Project) -> None:
    project.suite()
    os.truncate(DOCUMENT, 200_000_000)
    opened: list[str] = []
    watching = [True]  # a hook cannot be taken away again

    def hook(event: str, said: tuple[object, ...]) -> None:
        if watching and event == "open":
            opened.append(str(said[0]))

    sys.addaudithook(hook)
    assert project.refusal() == snapshot("""\
evals/notes/documents/a.txt: holds 200,000,000 bytes, the limit is 20,000,000 [too-large]
  hint: raise `limits: {document_bytes: ...}` in suite.yaml if it is meant to be read\
""")
    watching.clear()
    assert any(name.endswith("a.json") for name in opened)
    assert not any(name.endswith("a.txt") for name in opened)


def test_a_pipe_is_not_waited_for(project: Project) -> None:
    project.suite()
    project.write({"ground_truth/notes/p.json": "[1]"})
    os.mkfifo("evals/notes/documents/p.txt")
    assert project.refusal() == snapshot("evals/notes/documents/p.txt: is not a file [not-a-file]")


@pytest.mark.skipif(IS_ROOT, reason="root may read everything")
def test_a_file_nobody_may_read_is_told(project: Project) -> None:
    project.suite()
    Path(DOCUMENT).chmod(0)
    assert project.refusal() == f"{DOCUMENT}: cannot be read: Permission denied [unreadable]"


def test_a_name_that_is_not_utf_8_is_told(project: Project) -> None:
    project.suite()
    Path(os.fsdecode(b"evals/notes/documents/caf\xe9.txt")).touch()
    assert project.refusal() == snapshot("""\
evals/notes/documents: holds a file whose name is not UTF-8: caf\\xe9.txt [bad-name]
  hint: rename the file\
""")


def test_an_empty_document_is_a_document(project: Project) -> None:
    project.suite()
    project.write({DOCUMENT: b""})
    assert project.load().cases[0].documents[0].text == ""
