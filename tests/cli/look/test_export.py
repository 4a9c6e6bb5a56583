"""`harness export` as a user runs it."""

from __future__ import annotations

import importlib

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
