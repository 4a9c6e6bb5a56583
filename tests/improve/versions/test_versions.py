"""Every version a prompt ever had can come back, byte for byte."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from harness.cases.prompts.prompt import with_section
from harness.errors import HarnessError
from harness.improve.versions.versions import PromptHistory
from tests.posix import needs_posix


def written(folder: Path, files: dict[str, bytes]) -> PromptHistory:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return PromptHistory(folder)


@needs_posix
def test_going_back_restores_bytes_and_modes_and_takes_new_sections_away(tmp_path: Path) -> None:
    odd = "\ufeffRead {{ document }}\r\nGrüße \u202e\n".encode()
    history = written(tmp_path / "p", {"user.md": odd, "fields/a.md": b"A", "README.md": b"ours"})
    (history.path / "user.md").chmod(0o755)
    first = history.current()
    (history.path / "user.md").write_text("Other {{ document }}", encoding="utf-8")
    (history.path / "user.md").chmod(0o600)
    (history.path / "fields/a.md").unlink()
    written(history.path, {"fields/b.md": b"B"})
    assert history.current() != first
    history.restore(first)
    assert (history.path / "user.md").read_bytes() == odd
    assert stat.S_IMODE((history.path / "user.md").stat().st_mode) == 0o755
    assert not (history.path / "fields/b.md").exists()
    assert (history.path / "README.md").read_bytes() == b"ours"
    assert history.current() == first


def test_an_edit_leaves_the_bytes_of_untouched_sections_as_they_were(tmp_path: Path) -> None:
    history = written(tmp_path / "p", {"user.md": b"\xef\xbb\xbfRead {{ document }}\r\n"})
    start = history.current()
    edited = with_section(history.prompt(start), "fields/a.md", "In euros.")
    version = history.record(edited, start)
    history.restore(version)
    assert (history.path / "user.md").read_bytes() == b"\xef\xbb\xbfRead {{ document }}\r\n"
    assert (history.path / "fields/a.md").read_bytes() == b"In euros."
    assert history.prompt(version).sha256 == edited.sha256 == version.prompt


def test_a_prompt_of_one_file_has_its_history_beside_it(tmp_path: Path) -> None:
    (tmp_path / "p.md").write_bytes(b"Read {{ document }}")
    history = PromptHistory(tmp_path / "p.md")
    start = history.current()
    two = history.record(with_section(history.prompt(start), "fields/a.md", "A"), start)
    assert history.folder == tmp_path / ".history" / "p"
    with pytest.raises(HarnessError, match="does not fit into one file"):
        history.restore(two)
    (tmp_path / "p.md").write_bytes(b"")
    history.restore(start)
    assert (tmp_path / "p.md").read_bytes() == b"Read {{ document }}"


def test_a_version_is_found_by_the_beginning_of_its_digest_and_no_other_way(
    tmp_path: Path,
) -> None:
    history = written(tmp_path / "p", {"user.md": b"Read {{ document }}"})
    start = history.current()
    assert PromptHistory(history.path).find(start.prompt[:8]) == start
    assert history.find(start.sha256[:6]) == start
    for said in (start.prompt[:3], "zzzzzz", ""):
        with pytest.raises(HarnessError, match="no versions of p begin with"):
            history.find(said)


def test_a_damaged_version_is_not_put_in_place(tmp_path: Path) -> None:
    history = written(tmp_path / "p", {"user.md": b"Read {{ document }}"})
    start = history.current()
    kept = history.folder / "files" / start.files["user.md"].sha256
    kept.write_bytes(b"tampered")
    with pytest.raises(HarnessError, match="damaged"):
        history.restore(start)
    assert (history.path / "user.md").read_bytes() == b"Read {{ document }}"
