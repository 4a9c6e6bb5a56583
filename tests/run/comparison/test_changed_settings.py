"""What differs between runs besides their answers, and nothing of secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cases.prompts.prompt import prompt_of
from harness.run import store
from harness.run.comparison.changed_settings import changed_settings, changed_texts
from tests.report.records import Record, run


def asked(folder: Path, text: str, *, kept: bool = True) -> Record:
    """Return the record of a run with a prompt; its folder keeps the text."""
    prompt = prompt_of("figures", {"user.md": text})
    folder.mkdir()
    if kept:
        store.write_stored_prompt(folder, prompt)
    return run() | {"run_id": folder.name, "prompt": {"name": "figures", "sha256": prompt.sha256}}


def test_only_settings_that_differ_are_named_a_value_for_each_run() -> None:
    runs = [run() | {"empty": empty, "asked": {"limit": limit}}
            for empty, limit in (("skip", 3), ("skip", 4), ("skip", None))]  # fmt: skip
    (found,) = changed_settings(runs)
    assert (found.name, found.values) == ("asked.limit", ("3", "4", ""))


@pytest.mark.parametrize(
    "name", ["api_key", "apikey", "x-api-key", "client_secret", "password", "Authorization",
             "cookie", "access_token", "bearer"],
)  # fmt: skip
def test_a_secret_is_never_shown(name: str) -> None:
    one, two = (run() | {"endpoint": {"extra": {name: f"sk-{n}", "top_k": n}}} for n in (1, 2))
    assert [found.name for found in changed_settings([one, two])] == ["endpoint.extra.top_k"]


@pytest.mark.parametrize(
    "key", ["sk-very-secret-1234", "ghp_0123456789abcdef", "AIzaSy0123456789abcdefghijk"]
)
def test_a_secret_in_an_address_or_a_text_is_not_shown(key: str, tmp_path: Path) -> None:
    one, two = (run() | {"endpoint": {"base_url": f"https://me:pw{n}@host/{n}"}} for n in (1, 2))
    (found,) = changed_settings([one, two])
    assert found.values == ('"https://[not shown]@host/1"', '"https://[not shown]@host/2"')
    folders = [tmp_path / "a", tmp_path / "b"]
    runs = [asked(folders[0], "Say."), asked(folders[1], f"Say {key}.")]
    (changed,) = changed_texts(folders, runs)
    assert key not in "\n".join(changed.lines)
    assert changed.lines[1:] == ("-Say.", "+Say [not shown].")


def test_a_prompt_that_changed_is_shown_line_by_line_each_version_once(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a", "b", "c", "d")]
    texts = (
        "Read it.\nAnswer.",
        "Read it.\nAnswer in JSON.",
        "Read it.\nAnswer.",
        "Read it.\nAnswer in JSON.",
    )
    runs = [asked(folder, text) for folder, text in zip(folders, texts, strict=True)]
    (found,) = changed_texts(folders, runs)
    assert (found.title, found.base, found.new) == ("Prompt, user.md", 0, 1)
    assert found.lines == ("@@ -1,2 +1,2 @@", " Read it.", "-Answer.", "+Answer in JSON.")


def test_a_prompt_whose_text_was_not_kept_is_said_to_differ(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    runs = [asked(folders[0], "Read.", kept=False), asked(folders[1], "Read it.")]
    (found,) = changed_texts(folders, runs)
    assert not found.is_kept
    assert found.lines == ("The prompts differ, and a did not keep its text.",)


def test_a_schema_that_changed_is_shown(tmp_path: Path) -> None:
    one, two = (run() | {"schemas": {name: {"type": name}}} for name in ("array", "object"))
    (found,) = changed_texts([tmp_path, tmp_path], [one, two])
    assert found.title == "Schema"
    assert '-  "type": "array"' in found.lines or '- "type": "array"' in found.lines


def test_a_damaged_prompt_file_is_no_text(tmp_path: Path) -> None:
    record = asked(tmp_path / "a", "Read.")
    digest = record["prompt"]["sha256"]
    for text in ("", "5", "[]", '{"sha256": "other", "sections": {}}', f'{{"sha256": "{digest}"}}'):
        (tmp_path / "a" / store.PROMPT).write_text(text)
        assert store.read_stored_prompt(tmp_path / "a", digest) is None
