"""What a server that breaks HTTP is said to have done."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from harness.extract.endpoint.api_keys import Secret
from harness.extract.endpoint.connection import Connection
from harness.extract.transport import Request, Response, TransportError
from tests.extract.server.behaviour import Behaviour
from tests.extract.server.serving import Served, serving
from tests.patience import PATIENCE


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01 no HTTP at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"v" * 100_000 + b"\r\n\r\n",
    ],
)
def test_what_is_no_http_is_not_taken_for_a_status(sent: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(65_536)
                client.sendall(sent)

        thread = threading.Thread(target=answer)
        thread.start()
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"

        async def ask() -> str:
            connection = Connection(origin, None, PATIENCE, 1_000_000)
            try:
                await connection.send(Request(f"{origin}/v1", (), b"{}"))
            except TransportError as error:
                return error.message
            finally:
                await connection.close()
            return ""

        said = asyncio.run(ask())
        thread.join()
    assert said.startswith("what came is no whole HTTP response: ")
    assert "\n" not in said
    assert "400" not in said


@pytest.mark.parametrize("header", [None, "authorization", "x-api-key"])
def test_what_netrc_holds_goes_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, header: str | None
) -> None:
    (tmp_path / "netrc").write_text("default login me password netrc-secret\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serving() as server:
        received = ask(elsewhere(server), Secret(header, "", "sk-123456") if header else None)
        assert received.status == 200
        proofs = {"authorization", "x-api-key"} & server.last.headers.keys()
        assert {name: server.last.headers[name] for name in proofs} == (
            {header: "sk-123456"} if header else {}
        )


def test_a_proxy_is_for_servers_elsewhere_and_its_password_for_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving() as server:
        monkeypatch.setenv("http_proxy", server.origin.replace("http://", "me:pass%20word@"))
        assert ask("http://model.example", None).status == 200
        assert server.last.headers["host"] == "model.example"
        assert server.last.headers["proxy-authorization"].startswith("Basic ")
        assert ask(server.origin, None).status == 200
        assert "proxy-authorization" not in server.last.headers
        monkeypatch.setenv("no_proxy", "0.0.0.0")  # noqa: S104  # a host, not a place to listen
        assert ask(elsewhere(server), None).status == 200
        assert "proxy-authorization" not in server.last.headers


def elsewhere(server: Served) -> str:
    """Return another name for a server, by which nobody takes it for one on this machine."""
    return server.origin.replace("127.0.0.1", "0.0.0.0")  # noqa: S104  # as above


def ask(origin: str, secret: Secret | None) -> Response:
    async def once() -> Response:
        connection = Connection(origin, secret, PATIENCE, 1_000_000)
        body = b'{"model": "m", "messages": [{"role": "user", "content": "hello"}]}'
        try:
            return await connection.send(Request(f"{origin}/v1/chat/completions", (), body))
        finally:
            await connection.close()

    return asyncio.run(once())


@pytest.mark.parametrize("size", [3, 3_000])
def test_a_reply_that_is_longer_than_is_read_is_cut_and_many_short_texts_are_not(size: int) -> None:
    longest = 10 * size

    def received(answer: str) -> Response:
        with serving(Behaviour(answer=lambda _: answer)) as server:
            connection = Connection(server.origin, None, PATIENCE, 10_000_000, most_text=longest)

            async def send() -> Response:
                body = b'{"model": "m", "messages": [{"role": "user", "content": "a"}]}'
                try:
                    return await connection.send(
                        Request(f"{server.url}/chat/completions", (), body)
                    )
                finally:
                    await connection.close()

            return asyncio.run(send())

    cut = received("x" * (longest + 1))
    assert not cut.is_whole
    assert cut.size is not None
    assert cut.size > longest
    assert received("x" * longest).is_whole


def _refusal(origin: str) -> TransportError:
    async def ask() -> Response:
        connection = Connection(origin, None, PATIENCE, 1_000_000)
        try:
            return await connection.send(Request(f"{origin}/v1", (), b"{}"))
        finally:
            await connection.close()

    with pytest.raises(TransportError) as caught:
        asyncio.run(ask())
    return caught.value


def _https(folder: Path) -> ssl.SSLContext:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make a certificate that nobody trusts")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = ("-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost")
    command = [openssl, "req", *made, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@pytest.mark.parametrize("is_secure", [True, False])
def test_a_connection_that_tls_refuses_says_what_to_do(tmp_path: Path, is_secure: bool) -> None:  # noqa: FBT001
    context = _https(tmp_path) if is_secure else None
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # it prints
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        error = _refusal(f"https://localhost:{server.server_port}")
        server.shutdown()
        thread.join()
    assert error.kind == "tls"
    assert error.is_unsent
    expected = "self-signed certificate; if your own" if is_secure else "is its address http://?"
    assert expected in error.message
    assert f"localhost:{server.server_port}" in error.message
