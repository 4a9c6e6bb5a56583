"""Results of batches are read from disk: of any size in little memory, each of them once."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from harness.extract.batches.batch_http import BatchApiError, BatchHttp
from harness.extract.batches.openai_batches import OpenAiBatches, common_result
from harness.extract.batches.result_file import ResultFile
from harness.extract.endpoint.api_keys import Secret
from harness.extract.endpoint.connection import Connection

API = OpenAiBatches("/chat/completions")
KEY = "sk-0123456789abcdef0123456789"
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"


def result(number: int, text: str, status: int = 200) -> bytes:
    body = {"choices": [{"message": {"content": text}}]}
    response = {"status_code": status, "body": body}
    return json.dumps({"custom_id": f"q{number}", "response": response}).encode() + b"\n"


@contextmanager
def serving_results(count: int, text: str, broken: int) -> Iterator[str]:
    """Serve a file of results, small pieces at a time; the first so many connections break."""
    size = sum(len(result(n, text)) for n in range(count))

    def answer(listener: socket.socket) -> None:
        for turn in range(broken + 1):
            client, _ = listener.accept()
            with client, suppress(ConnectionError):  # who has seen enough hangs up
                client.recv(65_536)
                client.sendall(_HEAD % size)
                for n in range(count if turn == broken else count // 2):
                    line = result(n, text)
                    client.sendall(line[: len(line) // 2])
                    client.sendall(line[len(line) // 2 :])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer, args=(listener,))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def download(origin: str, file: Path, most_bytes: int = 10**6) -> None:
    connection = Connection(origin, Secret("authorization", "Bearer ", KEY), 60.0, most_bytes)
    http = BatchHttp(connection, f"{origin}/v1", (), pause=0.01)

    async def one() -> None:
        try:
            with file.open("w+b") as out:
                await http.download(http.url("/files/f/content"), out)
        finally:
            await http.close()

    asyncio.run(one())


@pytest.mark.parametrize("count", [3, 3_000])
def test_results_of_any_size_take_little_memory_and_each_is_read_once(
    tmp_path: Path, count: int
) -> None:
    text = f"{KEY} " + "x" * 20_000
    file = tmp_path / "results.jsonl"
    with serving_results(count, text, broken=1) as origin:
        tracemalloc.start()
        try:
            download(origin, file)
            with file.open("rb") as lines:
                results = ResultFile(lines, API.result)
                names = list(results)
                last = results.get(names[-1])
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert names == [f"q{n}" for n in range(count)]
    assert (results.unreadable, results.unlike) == (0, [])
    assert last is not None
    assert last.received is not None
    assert last.received.body.endswith(b'xx"}}]}')
    assert KEY.encode() not in file.read_bytes()
    assert file.stat().st_size > 20_000 * count
    assert peak < 8_000_000


def test_a_line_beyond_what_is_read_is_an_error_and_no_shorter_result(tmp_path: Path) -> None:
    with (
        serving_results(2, "x" * 300_000, broken=0) as origin,
        pytest.raises(BatchApiError, match="HTTP 200"),
    ):
        download(origin, tmp_path / "results.jsonl", most_bytes=100_000)


def test_the_first_result_of_an_id_counts_unless_only_a_later_one_is_an_answer() -> None:
    lines = [
        *(result(1, "one"), result(1, "another"), result(2, "busy", 429), result(2, "two")),
        *(b"no result\n", b"\n", b'{"custom_id": 7}\n', result(3, "three"), result(3, "three")),
    ]
    results = ResultFile(io.BytesIO(b"".join(lines)), common_result)
    texts = {}
    for name in results:
        each = results.get(name)
        assert each is not None
        assert each.received is not None
        texts[name] = json.loads(each.received.body)["choices"][0]["message"]["content"]
    assert texts == {"q1": "one", "q2": "two", "q3": "three"}
    assert (results.unreadable, results.unlike) == (2, ["q1"])
    assert results.get("q4") is None
