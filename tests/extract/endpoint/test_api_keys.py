"""A key is found as people keep it, and blotted out however a server spells it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from harness.cases.suite import Endpoint
from harness.errors import HarnessError
from harness.extract.dialects.openai import OPENAI
from harness.extract.endpoint.api_keys import (
    Secret,
    find_secret,
    readable_by_others,
    without_keys,
)
from tests.posix import needs_posix

KEY = "AzureKey+0123456789/abc=="
SPELT = {
    "as it is": KEY,
    "a plus escaped, as .NET writes it": KEY.replace("+", "\\u002B"),
    "every letter escaped": "".join(f"\\u{ord(char):04x}" for char in KEY),
    "escaped twice": "".join(f"\\\\u{ord(char):04X}" for char in KEY),
    "slashes escaped": json.dumps(KEY).replace("/", "\\/"),
    "in an address": quote(KEY, safe=""),
    "some of it in an address": KEY.replace("+", "%2b"),
    "in HTML": KEY.replace("+", "&#43;"),
    "in HTML, by hex": KEY.replace("+", "&#x2B;").replace("/", "&#x2f;"),
    "in HTML, by name": KEY.replace("+", "&plus;").replace("/", "&sol;").replace("=", "&equals;"),
    "in HTML, twice": KEY.replace("+", "&amp;#43;"),
    "in an address in an address": quote(quote(KEY, safe=""), safe=""),
    "in a mail": KEY.replace("=", "=3D"),
    "as programs escape": KEY.replace("+", "\\x2b").replace("/", "\\057"),
    "as newer programs escape": KEY.replace("+", "\\u{2b}"),
    "escaped four times": KEY.replace("+", "\\" * 8 + "u002B"),
    "in hex": KEY.encode().hex(),
    "in hex, upper case": KEY.encode().hex().upper(),
    "cut off before its padding": KEY.rstrip("="),
    **{
        f"in base64 behind {n} bytes": base64.b64encode(b"x" * n + KEY.encode() + b"!").decode()
        for n in range(4)
    },
    "in base64 for addresses": base64.urlsafe_b64encode(f"user:{KEY}".encode()).decode(),
}


@pytest.mark.parametrize("spelling", SPELT)
@pytest.mark.parametrize("times", [1, 3_000])
def test_a_key_is_blotted_out_in_every_spelling(spelling: str, times: int) -> None:
    secret = Secret("authorization", "Bearer ", KEY)
    said = f"no such key: {SPELT[spelling]}! " * times
    for left in (secret.blot(said), secret.blot_bytes(said.encode()).decode()):
        assert left.count("[key]") == times
        assert not any(part in left for part in ("AzureKey", "0123456789", "QXp1cmVLZXk"))
        assert KEY not in json.dumps(left).encode().decode("unicode_escape")


@pytest.mark.parametrize(
    "written",
    [
        KEY,
        f"{KEY}\r\n",
        f"\ufeff{KEY}\r\n",
        f'"{KEY}"',
        f"OPENAI_API_KEY={KEY}",
        f"export OPENAI_API_KEY='{KEY}'\n",
    ],
)
def test_a_key_file_is_read_as_people_write_it(written: str, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(written.encode())
    found = find_secret(Endpoint("openai", "m", key_file=file), OPENAI)
    assert found is not None
    assert found.key == KEY


@pytest.mark.parametrize("written", [f'"{KEY}"', f"'{KEY}'", f" {KEY}\n"])
def test_a_key_in_the_environment_is_read_without_quotes(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", written)
    found = find_secret(Endpoint("openai", "m", key_env="MY_KEY"), OPENAI)
    assert found is not None
    assert found.key == KEY


@pytest.mark.parametrize(
    "written",
    [f"{KEY},", f"{KEY};", f"<{KEY}>", f'"{KEY}', "$MY_KEY", "sk-...", f'{{"key":"{KEY}"}}'],
)
@pytest.mark.parametrize("place", ["key_env", "key_file"])
def test_what_is_no_key_is_refused_and_not_shown(
    written: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", written)
    (tmp_path / "key").write_text(written)
    is_file = place == "key_file"
    spec = Endpoint(
        "openai",
        "m",
        key_env=None if is_file else "MY_KEY",
        key_file=tmp_path / "key" if is_file else None,
    )
    with pytest.raises(HarnessError) as error:
        find_secret(spec, OPENAI)
    assert "a mark that no key has" in str(error.value)
    assert KEY not in str(error.value)


@pytest.mark.parametrize(("mode", "is_open"), [(0o600, False), (0o640, True), (0o604, True)])
@needs_posix
def test_a_key_file_that_others_may_read_is_told(
    mode: int,
    is_open: bool,  # noqa: FBT001 - a parameter of the test
    tmp_path: Path,
) -> None:
    file = tmp_path / "key"
    file.write_text(KEY)
    file.chmod(mode)
    assert readable_by_others(file) is is_open


@pytest.mark.parametrize(
    "key",
    [
        "sk-proj-abc123def456ghi789",
        "AIzaSyA0123456789abcdefghijklmnop",
        "ghp_0123456789abcdefABCDEF",
        "hf_abcdefghijklmnopqrst",
        "xoxb-123456789012-abcdef",
        "AKIAIOSFODNN7EXAMPLE",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def_123",
    ],
)
@pytest.mark.parametrize("times", [1, 3_000])
def test_what_has_the_shape_of_a_key_is_blotted_out_of_what_programs_say(
    key: str, times: int
) -> None:
    said = f"refused: {key}, sorry. Authorization: Bearer {key}! " * times
    told = without_keys(said)
    assert key[:16] not in told
    assert told == "refused: [key], sorry. Authorization: Bearer [key]! " * times


def test_plain_words_are_no_keys() -> None:
    said = "task-force risk-averse: the bearer of it, Basic rent, sk-short, 3 of 5 fields"
    assert without_keys(said) == said
