"""Local server: serves a model file on this machine while it is asked."""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Final

from harness.cases.suite import LocalModel
from harness.errors import HarnessError, Problem
from harness.extract.endpoint.connection import Connection
from harness.extract.reply.excerpt import bytes_excerpt
from harness.extract.transport import Request, Response, TransportError

_GUARDED: Final = """\
import os, runpy, sys, threading

def watch():
    while os.read(0, 4096):
        pass
    os._exit(0)

threading.Thread(target=watch, daemon=True).start()
sys.argv[0] = "llama_cpp.server"
runpy.run_module("llama_cpp.server", run_name="__main__", alter_sys=True)
"""
"""The server, which ends when the pipe to us does: whatever ends us, it does not live on."""
_START_SECONDS: Final = 300.0
_POLL_SECONDS: Final = 0.2
_GRACE: Final = 5.0
_TAIL: Final = 2_000
_SAMPLE: Final = 4_000_000
_NEEDED: Final = ("llama_cpp", "fastapi", "uvicorn")


@dataclass(slots=True)
class LocalServer:
    """Sends requests to a server that it starts with the first one and ends when closed.

    One request at a time: the model computes on all cores.
    """

    spec: LocalModel
    base_url: str
    """What requests are addressed to, wherever the server turns out to be."""
    most_bytes: int
    _process: Process | None = None
    _connection: Connection | None = None
    _errors: IO[bytes] | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def send(self, request: Request) -> Response:
        """Return the response.

        Raises:
            TransportError: the server could not be started, or has ended.
        """
        async with self._turn:
            connection = self._connection or await self._start()
            path = request.url.removeprefix(self.base_url)
            return await connection.send(replace(request, url=f"{connection.origin}/v1{path}"))

    async def close(self) -> None:
        """End the server and wait for its end."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), _GRACE)
            except TimeoutError:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    async def _start(self) -> Connection:
        await self.close()
        port = _free_port()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the server
        self._process = await asyncio.create_subprocess_exec(
            *_command(self.spec, port),
            stdin=PIPE,
            stdout=DEVNULL,
            stderr=self._errors,
            start_new_session=True,  # Ctrl-C is for us: what is in flight is waited for
        )
        origin = f"http://127.0.0.1:{port}"
        connection = Connection(origin, None, self.spec.seconds, self.most_bytes)
        try:
            await self._wait(self._process, connection)
        except BaseException:
            await connection.close()
            await self.close()
            raise
        self._connection = connection
        return connection

    async def _wait(self, process: Process, connection: Connection) -> None:
        """Return when the server answers anything at all."""
        probe = Request(f"{connection.origin}/v1/models", (), b"")
        try:
            async with asyncio.timeout(_START_SECONDS):
                while process.returncode is None:
                    with suppress(TransportError):
                        await connection.send(probe)
                        return
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            raise TransportError(
                "connect", f"the model's server is not up: {self._said()}"
            ) from None
        message = f"the model's server ended with exit code {process.returncode}: {self._said()}"
        raise TransportError("connect", message)

    def _said(self) -> str:
        if self._errors is None:
            return ""
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - _TAIL))
        return bytes_excerpt(self._errors.read()).strip()


def local_server(spec: LocalModel, most_bytes: int) -> LocalServer:
    """Return the server of a model, not started yet.

    Raises:
        HarnessError: there is no such file, or the extra is not installed.
    """
    if not spec.path.is_file():
        hint = "any GGUF file of a model that follows instructions"
        raise HarnessError(Problem(f"no model file {spec.path.name}", "missing-file", hint=hint))
    if spec.python is None and any(find_spec(name) is None for name in _NEEDED):
        hint = "pip install 'extraction-harness[local]', or name an interpreter under `python`"
        what = "a local model needs llama-cpp-python with its server, which is not installed"
        raise HarnessError(Problem(what, "no-extra", hint=hint))
    return LocalServer(spec, f"http://localhost/{fingerprint(spec.path)}", most_bytes)


def fingerprint(path: Path) -> str:
    """Return a digest of a large file's size, beginning and end: models of one size differ there.

    Reading all of it would take longer than answering a question.
    """
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        digest.update(size.to_bytes(8))
        for start in (0, max(0, size - _SAMPLE)):
            stream.seek(start)
            digest.update(stream.read(_SAMPLE))
    return digest.hexdigest()[:16]


def _command(spec: LocalModel, port: int) -> list[str]:
    settings = {
        "model": str(spec.path),
        "host": "127.0.0.1",
        "port": str(port),
        "n_ctx": str(spec.context),
        "n_threads": str(os.cpu_count() or 1),
        "seed": str(spec.parameters.seed or 0),
        "interrupt_requests": "false",
        "logits_all": str(spec.parameters.logprobs).lower(),
    }
    options = [part for name, value in settings.items() for part in (f"--{name}", value)]
    return [spec.python or sys.executable, "-c", _GUARDED, *options]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
