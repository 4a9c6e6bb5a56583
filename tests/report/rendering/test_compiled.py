"""Templates that were compiled before are used again, and nothing depends on it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from harness.report.rendering.html_page import compiled_beside


def shown(folder: Path) -> str:
    """Return a template filled in by an environment of its own, as each process has one."""
    cache = compiled_beside(folder)
    templates = Environment(loader=FileSystemLoader(folder), autoescape=True, bytecode_cache=cache)
    return templates.get_template("page.j2").render(name="<b>")


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "page.j2").write_text("Hello {{ name }}", "utf-8")
    return tmp_path


def kept(folder: Path) -> list[Path]:
    return list((folder / "__pycache__").glob("*"))


def test_a_template_is_compiled_once_and_again_when_it_changes(templates: Path) -> None:
    assert shown(templates) == "Hello &lt;b&gt;"
    (file,) = kept(templates)
    before = file.read_bytes()
    assert shown(templates) == "Hello &lt;b&gt;"
    assert file.read_bytes() == before
    (templates / "page.j2").write_text("Bye {{ name }}", "utf-8")
    assert shown(templates) == "Bye &lt;b&gt;"


@pytest.mark.parametrize("rubbish", [b"", b"j2", b"no bytecode at all" * 9])
def test_a_damaged_file_is_compiled_anew(templates: Path, rubbish: bytes) -> None:
    shown(templates)
    (file,) = kept(templates)
    file.write_bytes(rubbish)
    assert shown(templates) == "Hello &lt;b&gt;"


def test_where_nothing_can_be_kept_a_template_is_filled_in_all_the_same(templates: Path) -> None:
    (templates / "__pycache__").write_text("a file where the folder would be", "utf-8")
    assert shown(templates) == "Hello &lt;b&gt;"


def test_nothing_is_kept_where_python_keeps_nothing(
    templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert shown(templates) == "Hello &lt;b&gt;"
    assert not (templates / "__pycache__").exists()
