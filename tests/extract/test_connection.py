"""What a server that breaks HTTP is said to have done."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from harness.extract.connection import Connection
from harness.extract.transport import Request, Unreached


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
            connection = Connection(origin, None, 20.0, 1_000_000)
            try:
                await connection.send(Request(f"{origin}/v1", (), b"{}"))
            except Unreached as error:
                return error.message
            finally:
                await connection.close()
            return ""

        said = asyncio.run(ask())
        thread.join()
    assert said.startswith("what came is no whole HTTP response: ")
    assert "\n" not in said
    assert "400" not in said
