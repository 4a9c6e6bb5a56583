"""No key is written by an improvement, in whatever spelling it comes back, into whatever file."""

from __future__ import annotations

import asyncio
import base64
import json
import shlex
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import CliRunner

from harness.cli.main import main
from harness.extract.endpoint.api_keys import Secret
from harness.extract.endpoint.connection import Connection
from harness.extract.transport import Request
from tests.extract.server.behaviour import Asked, Behaviour
from tests.extract.server.serving import serving
from tests.improve.toy import answer, write_project

KEY = "toy+Key/0123456789abcDEF=="
"""What the environment says; by its shape it is none."""
SHAPED = "sk-live-9f8e7d6c5b4a39281706"
"""What nobody told us of, and is one by its shape."""
SPELLINGS = {
    "as it is": KEY,
    "escaped as JSON": json.dumps(KEY).replace("+", "\\u002B").replace("/", "\\/"),
    "in base64": base64.b64encode(f"key: {KEY}".encode()).decode(),
    "in an address": quote(KEY, safe=""),
    "by its shape": f"use {SHAPED} now",
    "behind Bearer": "Authorization: Bearer abcDEF0123456789xyz",
}
FOUND = {
    KEY,
    quote(KEY, safe=""),
    KEY.replace("+", "\\u002B"),
    base64.b64encode(KEY.encode()).decode()[4:24],
    base64.b64encode(f"key: {KEY}".encode()).decode()[8:28],
    SHAPED,
    "abcDEF0123456789xyz",
}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOY_KEY", KEY)


def leaks(project: Path) -> list[str]:
    """Return the files of a project that hold a key in any spelling, raw or in parts of it."""
    found = []
    for path in sorted(project.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        found += [
            f"{path.relative_to(project)}: {each}" for each in FOUND if each.encode() in content
        ]
    return found


def improved(folder: Path, program: str, *options: str) -> tuple[Path, str]:
    """Improve with a program as the agent; return the project and what was said."""
    script = folder / "agent.py"
    script.write_text(program, encoding="utf-8")
    engine = f"command:{shlex.join([sys.executable, str(script)])} {{task}}"
    with serving(Behaviour(answer=answer)) as server:
        suite = write_project(folder / "project", 9, server.url)
        words = ["improve", str(suite), "--engine", engine, "--target=0.99", *options]
        done = CliRunner().invoke(main, words)
    return folder / "project", done.output


@pytest.mark.parametrize("how", SPELLINGS)
def test_an_agent_that_says_a_key_leaves_none(tmp_path: Path, how: str) -> None:
    program = f"""\
import sys
from pathlib import Path
fields = Path("prompts/toy/fields")
fields.mkdir(exist_ok=True)
(fields / "when.md").write_text("Written as YYYY-MM-DD.")
print({SPELLINGS[how]!r})
print({SPELLINGS[how]!r}, file=sys.stderr)
"""
    project, said = improved(tmp_path, program)
    assert "propose" in said, said
    assert leaks(project) == []
    assert not any(each in said for each in FOUND)


@pytest.mark.parametrize("how", SPELLINGS)
def test_an_agent_that_fails_with_a_key_on_its_lips_leaves_none(tmp_path: Path, how: str) -> None:
    project, said = improved(tmp_path, f"raise SystemExit({SPELLINGS[how]!r})")
    assert "agent-failed" in said, said
    assert leaks(project) == []
    assert not any(each in said for each in FOUND)


@pytest.mark.parametrize("how", SPELLINGS)
def test_an_edit_that_holds_a_key_is_refused_and_kept_nowhere(tmp_path: Path, how: str) -> None:
    program = f"""\
from pathlib import Path
fields = Path("prompts/toy/fields")
fields.mkdir(exist_ok=True)
(fields / "when.md").write_text("Written as YYYY-MM-DD. " + {SPELLINGS[how]!r})
"""
    project, said = improved(tmp_path, program)
    assert "holds a key, or what looks like one" in said, said
    assert leaks(project) == []
    assert not any(each in said for each in FOUND)


@pytest.mark.parametrize("how", SPELLINGS)
def test_a_model_that_writes_a_key_into_a_description_leaves_none(tmp_path: Path, how: str) -> None:
    def telling(asked: Asked) -> str:
        if "You improve the descriptions" not in asked.text:
            return answer(asked)
        text = f"Written as YYYY-MM-DD. {SPELLINGS[how]}"
        return json.dumps({"when": text, "currency": f"An ISO 4217 code {SPELLINGS[how]}"})

    with serving(Behaviour(answer=telling)) as server:
        suite = write_project(tmp_path / "project", 9, server.url)
        done = CliRunner().invoke(main, ["improve", str(suite), "--target=0.99"])
    prompts = tmp_path / "project" / "prompts"
    assert leaks(prompts) == []
    assert not any(each in done.output for each in FOUND)
    known = [
        each for each in leaks(tmp_path / "project") if SHAPED not in each and "xyz" not in each
    ]
    assert known == [], "what was answered is kept as it came, but for our own key"


def test_a_key_in_a_document_goes_into_no_prompt_and_no_ledger(tmp_path: Path) -> None:
    with serving(Behaviour(answer=answer)) as server:
        suite = write_project(tmp_path / "project", 9, server.url)
        for file in (suite / "documents").iterdir():
            file.write_text(f"{file.read_text()}Note: {KEY} and {SHAPED}.\n")
        CliRunner().invoke(main, ["improve", str(suite), "--target=0.99"])
    assert leaks(tmp_path / "project" / "prompts") == []


def _event(text: str) -> str:
    chunk = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}
    return f"data: {json.dumps(chunk)}\n\n"


@pytest.mark.parametrize("pieces", [2, 5, len(KEY)])
def test_a_key_that_comes_in_pieces_of_a_stream_is_blotted_once_it_is_whole(pieces: int) -> None:
    said = json.dumps({"note": f"use {KEY}"})
    size = -(-len(said) // pieces)
    parts = [said[start : start + size] for start in range(0, len(said), size)]
    last = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    stream = "".join(map(_event, parts)) + f"data: {json.dumps(last)}\n\ndata: [DONE]\n\n"
    assert KEY not in stream

    async def streamed(request: web.Request) -> web.Response:
        del request
        return web.Response(text=stream, content_type="text/event-stream")

    async def received() -> bytes:
        app = web.Application()
        app.router.add_post("/", streamed)
        async with TestServer(app) as server:
            origin = str(server.make_url("")).rstrip("/")
            connection = Connection(origin, Secret("authorization", "Bearer ", KEY), 10.0, 10**6)
            try:
                return (await connection.send(Request(f"{origin}/", (), b"{}"))).body
            finally:
                await connection.close()

    body = asyncio.run(received())
    answered = json.loads(body)["choices"][0]["message"]["content"]
    assert json.loads(answered) == {"note": "use [key]"}
