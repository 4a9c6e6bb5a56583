"""Text from strangers: wherever it stands in a suite, it acts in no page and no terminal."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from tests.cli.conftest import REPOSITORY, Project
from tests.patience import PATIENCE

SCRIPT = "<script>alert(1)</script>"
IMAGE = "<img src=x onerror=alert(1)>"
ESCAPE = "\x1b[31mred\x1b]0;title\x07"
MARKUP = "[bold red]x[/] [/]"
EVERYTHING = f"{SCRIPT}{IMAGE}\"'><svg onload=alert(1)>{ESCAPE}{MARKUP}\u202e{{{{7*7}}}}"
NAME = IMAGE + "[bold red]"
"""What can be a file's name and a suite's: no slash."""


class Page(HTMLParser):
    """Everything in a page that could act."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.scripts: list[str] = []
        self.acting: list[str] = []
        self.policy = ""
        self._inside = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" and dict(attrs).get("type") != "application/json":
            self.scripts.append("")
            self._inside = True
        if tag == "meta" and dict(attrs).get("http-equiv") == "Content-Security-Policy":
            self.policy = dict(attrs).get("content") or ""
        if tag in ("img", "iframe", "object", "embed", "base"):
            self.acting.append(tag)
        self.acting += [f"{tag} {name}" for name, _ in attrs if name.startswith("on")]
        self.acting += [v for _, v in attrs if v and v.strip().lower().startswith("javascript:")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts[-1] += data


def hostile(project: Project) -> None:
    """Leave a suite in which every text tries something."""
    project.suite()
    said = json.dumps({"total": EVERYTHING, EVERYTHING: EVERYTHING}, ensure_ascii=True)
    good = "{kind: recorded, answers: answers/good}"
    text = json.dumps(EVERYTHING)
    extractor = json.dumps(MARKUP + IMAGE)
    project.write(
        {
            "evals/notes/suite.yaml": (
                f"name: {json.dumps(NAME)}\n"
                f"description: {text}\n"
                "ground_truth: ../../ground_truth/notes\n"
                f"prompt: {json.dumps(NAME + '.md')}\n"
                f"tags: {{a: [{text}]}}\n"
                f"extractors: {{{extractor}: {good}}}\n"
            ),
            f"evals/notes/{NAME}.md": f"{EVERYTHING}{{{{ document }}}}",
            f"evals/notes/documents/{NAME}.txt": f"before {EVERYTHING} after",
            f"ground_truth/notes/{NAME}.json": json.dumps({"total": EVERYTHING, "name": 5}),
            f"evals/notes/answers/good/{NAME}.txt": said,
            "evals/notes/answers/good/b.json": f"I cannot: {EVERYTHING}",
        }
    )


def test_pages_run_nothing_but_their_own_script(project: Project) -> None:
    hostile(project)
    said = project.harness("run")
    assert (said.code, said.err) == (0, "")
    for name in (project.run_folder() / "report.html", project.root / "reports/index.html"):
        page = Page(name.read_text(encoding="utf-8"))
        assert page.acting == []
        assert SCRIPT not in page.html
        assert IMAGE not in page.html
        assert "default-src 'none'" in page.policy
        for script in page.scripts:
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"script-src 'sha256-{digest}'" in page.policy


def test_no_escape_sequence_reaches_the_terminal(project: Project) -> None:
    hostile(project)
    for arguments in (
        ("run",),
        ("check",),
        ("score", "ground_truth/notes", "evals/notes/answers/good"),
    ):
        said = project.harness(*arguments)
        assert said.code == 0
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", said.out + said.err)


def test_rescoring_and_reporting_are_as_careful(project: Project) -> None:
    hostile(project)
    assert project.harness("run", "-q").code == 0
    for command in ("rescore", "report"):
        said = project.harness(command, project.run_folder())
        assert said.code == 0
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", said.out + said.err)


@pytest.mark.parametrize(
    "files",
    [
        {"ground_truth/notes/\x1b[31mx.json": "{", "evals/notes/documents/\x1b[31mx.txt": "x"},
        {"evals/notes/suite.yaml": '"\\e[31mname": x\n'},
        {"evals/notes/suite.yaml": '"name\\u202E": x\n'},
        {"evals/notes/suite.yaml": 'documents: "\\e]0;title\\a"\n'},
        {"ground_truth/notes/a.json": '{"\x7f\u202e": NaN}'},
        {"evals/\x1b[31m/suite.yaml": "name: [\n"},
    ],
)
def test_messages_about_hostile_names_are_inert(project: Project, files: dict[str, str]) -> None:
    project.suite()
    project.write(files)
    for command in ("run", "check"):
        said = project.harness(command)
        assert (said.code, said.out) == (3, "")
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", said.err)


def test_the_progress_bar_shows_names_as_they_are(project: Project) -> None:
    project.suite()
    project.write(
        {"evals/notes/suite.yaml": f"extractors: {{{json.dumps(MARKUP)}: "
                                   "{kind: recorded, answers: answers/good}}\n"}
    )  # fmt: skip
    ours, theirs = pytest.importorskip("pty").openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "run"],
        cwd=project.root,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "TERM": "xterm", "COLUMNS": "200"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 65536):
            shown += chunk
    except OSError:  # Linux says so when nobody holds the other end any more
        pass
    finally:
        os.close(ours)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert f"notes \u00b7 {MARKUP}" in shown.decode()
    assert "Traceback" not in shown.decode()
