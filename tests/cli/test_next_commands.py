"""The next command that is told: what it may not repeat."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli.main import main
from harness.cli.next_commands import tell_next


@pytest.mark.parametrize("more", [1, 3_000])
def test_keys_and_headers_that_were_typed_are_not_told_again(
    more: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_KEY", "hush-hush-word")
    words = [
        "harness",
        "improve",
        "--param",
        'headers={"x-gateway": "quiet"}',
        "--param=temperature=0",
    ]
    words += ["--param=headers.x=quiet", "hush-hush-word"]
    tell_next(*[words] * more)
    told = capsys.readouterr().err
    assert "quiet" not in told
    assert "hush-hush-word" not in told
    assert told.count("headers=...") == more
    assert told.count("--param=temperature=0") == more
    assert len(told.splitlines()) == more


@pytest.mark.parametrize("program", ["harness", "python -m harness", "harness.exe"])
def test_the_next_command_is_that_of_the_installed_program_however_it_was_started(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("truth.json", "answer.json"):
        (tmp_path / name).write_text('{"n": 1}', "utf-8")
    result = CliRunner().invoke(main, ["score", "truth.json", "answer.json"], prog_name=program)
    assert "next        harness score truth.json answer.json --report" in result.stderr
