"""A model in a file: its server starts when asked, and ends whatever happens."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cases.suite import LocalModel, Parameters
from harness.core.records import Answer, FailureKind
from harness.core.values import Json
from harness.errors import HarnessError
from harness.extract.endpoint.connect import serve
from harness.extract.endpoint.local_server import LocalServer, fingerprint
from tests.extract.direct import Direct
from tests.extract.shapes import answered, case, document, failed, suite
from tests.patience import PATIENCE

REPOSITORY = Path(__file__).parents[3]
MODEL, PYTHON = os.environ.get("HARNESS_TEST_MODEL"), os.environ.get("HARNESS_TEST_MODEL_PYTHON")
SERVER = """\
import sys
from tests.extract.server.__main__ import main

port = sys.argv[sys.argv.index("--port") + 1]
sys.argv = ["server", "--port", port, "--modes", "json_object_schema"]
main()
"""
CRASH = "import sys\nsys.exit('no such tensor')\n"
OWNER = """\
import asyncio, os, signal, sys
from pathlib import Path
from harness.cases.suite import LocalModel
from harness.extract.endpoint.local_server import local_server
from harness.extract.transport import Request

async def main():
    server = local_server(LocalModel(Path(sys.argv[1]), python=sys.executable), 10_000)
    body = b'{"messages": [{"content": "ANSWER {}"}]}'
    await server.send(Request(server.base_url + "/chat/completions", (), body))
    print(server._process.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file, and a package in the place of llama.cpp's that serves it."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(REPOSITORY)]))
    package = tmp_path / "llama_cpp" / "server"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (package / "__main__.py").write_text(SERVER, "utf-8")
    path = tmp_path / "small.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    return path


def crashing(model: Path) -> None:
    (model.parent / "llama_cpp" / "server" / "__main__.py").write_text(CRASH, "utf-8")


def ended(pid: int) -> bool:
    """Wait for the end of a process that is not ours."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], PATIENCE)[0])
    finally:
        os.close(handle)


def test_the_server_starts_with_the_first_question_and_ends_when_closed(model: Path) -> None:
    client = serve(LocalModel(model, python=sys.executable), suite(model.parent))
    calls = Direct(client.transport)
    one = case("a", document("a.txt", 'ANSWER {"rent": 900}\n'))

    async def ask() -> int:
        server = client.transport
        assert isinstance(server, LocalServer)
        for number in (1, 2):
            schema: Json = {"type": "object", "title": str(number)}
            said = await client.extract_with(replace(one, schema=schema), calls)
            assert answered(said)[0] == {"rent": 900}
        process = server._process  # noqa: SLF001 - whether it has ended is the question
        assert process is not None
        assert process.returncode is None
        await server.close()
        return process.pid

    assert ended(asyncio.run(ask()))
    assert client.model == "small"


def test_a_server_that_does_not_start_says_why(model: Path) -> None:
    crashing(model)
    client = serve(LocalModel(model, python=sys.executable), suite(model.parent))

    async def ask() -> object:
        try:
            one = case("a", document("a.txt", "x"))
            return await client.extract_with(one, Direct(client.transport))
        finally:
            await client.transport.close()

    kind, message = failed(asyncio.run(ask()))  # type: ignore[arg-type]  # failed() checks it
    assert kind is FailureKind.TRANSPORT
    assert message == "the model's server ended with exit code 1: no such tensor"


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux")
def test_the_server_ends_when_its_owner_is_killed(model: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        owner.send_signal(signal.SIGKILL)
        assert ended(pid)


def test_a_missing_file_or_extra_is_said_before_anything_is_asked(model: Path) -> None:
    with pytest.raises(HarnessError, match=r"no model file none\.gguf \[missing-file\]"):
        serve(LocalModel(model.with_name("none.gguf")), suite(model.parent))
    with pytest.raises(HarnessError, match=r"extraction-harness\[local\]"):
        serve(LocalModel(model), suite(model.parent))


def test_models_of_one_size_are_told_apart(model: Path) -> None:
    other = model.with_name("other.gguf")
    other.write_bytes(b"GGUF" + bytes(99) + b"x")
    assert fingerprint(model) != fingerprint(other)


@pytest.mark.real_model
@pytest.mark.skipif(not (MODEL and PYTHON), reason="no HARNESS_TEST_MODEL, ..._MODEL_PYTHON")
def test_a_real_small_model_answers_in_the_form_it_is_asked_for(tmp_path: Path) -> None:
    schema: Json = {
        "type": "object",
        "required": ["tenant", "rent"],
        "properties": {"tenant": {"type": "string"}, "rent": {"type": "number"}},
    }
    text = "Lease. Tenant: Ada Byron. The rent is 900 pounds a month."
    one = replace(case("a", document("a.txt", text)), schema=schema)
    said = Parameters(0.0, seed=7, max_tokens=100, logprobs=True)
    spec = LocalModel(Path(MODEL or ""), 2_048, PYTHON, parameters=said)
    client = serve(spec, suite(tmp_path))

    async def ask() -> object:
        try:
            return await client.extract_with(one, Direct(client.transport))
        finally:
            await client.transport.close()

    answer = asyncio.run(ask())
    assert isinstance(answer, Answer), answer
    assert answer.value == {"tenant": "Ada Byron", "rent": 900}
    assert [name for name, _ in answer.confidences] == ["tenant", "rent"]
    assert client.ladder.takes == {"json_object_schema": 1}
