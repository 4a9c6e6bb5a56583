"""The next command that is told: what it may not repeat."""

from __future__ import annotations

import pytest

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
