"""`harness export` as a user runs it."""

from __future__ import annotations

import importlib
import json
import re
import sqlite3
from contextlib import closing

import pytest

from tests.cli.conftest import Project


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("csv", "run_id,suite,extractor,prompt,case,"),
        ("junit", '<?xml version="1.0" encoding="UTF-8"?>'),
        ("github", "::notice title=notes"),
        ("markdown", "## notes: good"),
    ],
)
def test_a_run_goes_to_standard_output_or_to_a_file(
    project: Project, form: str, start: str
) -> None:
    project.suite()
    assert project.harness("run", "-q").code == 0
    said = project.harness("export", "last", "--format", form)
    assert said.code == 0
    assert said.out.startswith(start)
    written = project.harness("export", "--format", form, "-o", "out.txt")
    assert written.out == "out.txt\n"
    assert (project.root / "out.txt").read_text("utf-8") == said.out.replace("\r\n", "\n")


def test_parquet_without_pyarrow_says_what_to_install(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.suite()
    assert project.harness("run", "-q").code == 0
    importing = importlib.import_module

    def without(name: str, package: str | None = None) -> object:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return importing(name, package)

    monkeypatch.setattr(importlib, "import_module", without)
    said = project.harness("export", "--format", "parquet")
    assert said.code == 3
    assert "pip install 'extraction-harness[parquet]'" in said.err


def test_a_format_must_be_named(project: Project) -> None:
    project.suite()
    assert project.harness("run", "-q").code == 0
    assert project.harness("export").code == 2


@pytest.mark.parametrize("times", [1, 3])
def test_no_surface_counts_answers_as_cases(project: Project, times: int) -> None:
    """Of four cases, one is wrong and one cannot be read: three answers each make no more cases."""
    project.suite(*"abcd")
    project.answer("a", "I cannot read this.")
    project.answer("b", json.dumps({"total": 6, "name": "b"}))
    project.harness("run", "-q", "--repeat", str(times))
    junit = project.harness("export", "last", "--format", "junit").out
    assert 'tests="4" failures="1" errors="1" skipped="0"' in junit
    assert junit.count("<testcase ") == 4
    comment = project.harness("export", "last", "--format", "markdown").out
    page = (project.run_folder() / "report.html").read_text("utf-8")
    assert {cause["cases"] for cause in project.results()["causes"]} == {1}
    if times == 1:
        assert "### No answer (1 case)" in comment
        assert "### Cases with errors (2)" in comment
    else:
        assert "### No answer (3 answers)" in comment
        assert re.search(r"^- a .*3.*: not.*json$", comment, re.MULTILINE)
        assert "### Answers with errors (6)" in comment
        assert "4 cases, 12 answers" in page
        assert "12 cases" not in page + comment + junit
    assert project.harness("history").code == 0
    with closing(sqlite3.connect(project.run_folder().parent / "index.sqlite")) as index:
        found = index.execute("SELECT cases, unanswered FROM harness_runs").fetchall()
    assert found == [(4, times)]
