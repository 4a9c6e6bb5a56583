"""A server that does one thing: it answers each request a fixed time after it arrived.

The fault server of the tests spends more time on a request than a good client does; on a machine
with two cores, what is then measured is the server. This one costs a fraction of that.

python -m benchmarks.lean 0.2      # prints the base URL
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import Final

LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
MARK: Final = "ANSWER "


def reply(body: bytes) -> bytes:
    """Answer with what stands behind the mark in the last message."""
    text = json.loads(body)["messages"][-1]["content"]
    answer = text.rpartition(MARK)[2].strip()
    message = {"role": "assistant", "content": answer}
    said = {
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": len(text) // 4, "completion_tokens": len(answer) // 4},
    }
    raw = json.dumps(said).encode()
    return HEAD % (len(raw), raw)


class Answering(asyncio.Protocol):
    """One connection; one request at a time, as clients of HTTP/1.1 send them."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where answers go."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer once a request is whole."""
        self._held += data
        head, end, body = self._held.partition(b"\r\n\r\n")
        found = LENGTH.search(head)
        if end and len(body) >= (int(found[1]) if found else 0):
            self._held = b""
            loop = asyncio.get_running_loop()
            loop.call_later(self._latency, self._answer, reply(body))

    def _answer(self, said: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(said)


async def serve(latency: float) -> None:
    """Serve until cancelled; the first line printed is the base URL."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(latency), "127.0.0.1", 0, backlog=1_024)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"http://127.0.0.1:{port}/v1\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
