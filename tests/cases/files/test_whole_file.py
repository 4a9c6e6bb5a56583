"""A file is replaced whole, or stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cases.files.whole_file import whole_file


def test_the_file_is_what_was_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text("old")
    with whole_file(file) as scratch:
        scratch.write_text("new")
        assert file.read_text() == "old"
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a.json", "new")]


def test_an_error_half_way_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text("old")

    def write() -> None:
        with whole_file(file) as scratch:
            scratch.write_text("ha")
            raise ValueError("half")

    with pytest.raises(ValueError, match="half"):
        write()
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a.json", "old")]
