"""The fault server misbehaves as it was told to, and a connection says what came of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import pytest

from harness.extract.endpoint.api_keys import Secret
from harness.extract.endpoint.connection import Connection
from harness.extract.transport import Request, Response, TransportError
from tests.extract.server.behaviour import Behaviour, Fault
from tests.extract.server.serving import Served, serving
from tests.patience import PATIENCE

KEY = Secret("authorization", "Bearer ", "sk-secret/123")


def request(server: Served, text: str = "rent 900", path: str = "/chat/completions") -> Request:
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]})
    return Request(server.url + path, (("content-type", "application/json"),), body.encode())


def sent(
    server: Served, requests: Sequence[Request], seconds: float = PATIENCE, most: int = 100_000
) -> list[Response | TransportError]:
    """Return what came of requests that are sent at once."""

    async def one(connection: Connection, each: Request) -> Response | TransportError:
        try:
            return await connection.send(each)
        except TransportError as unreached:
            return unreached

    async def everything() -> list[Response | TransportError]:
        connection = Connection(server.origin, KEY, seconds, most)
        try:
            return await asyncio.gather(*(one(connection, each) for each in requests))
        finally:
            await connection.close()

    return asyncio.run(everything())


def came(server: Served, one: Request, seconds: float = PATIENCE) -> Response:
    (found,) = sent(server, [one], seconds)
    assert isinstance(found, Response), found
    return found


def failed(server: Served, one: Request, seconds: float = PATIENCE) -> TransportError:
    (found,) = sent(server, [one], seconds)
    assert isinstance(found, TransportError), found
    return found


def test_a_good_answer_is_the_line_the_document_gives() -> None:
    with serving() as server:
        received = came(server, request(server, 'Rent 900\nANSWER {"rent": 900}\n'))
        message = json.loads(received.body)["choices"][0]["message"]
        assert (received.status, message["content"]) == (200, '{"rent": 900}')
        assert received.headers["content-type"] == "application/json"
        assert server.last.headers["authorization"] == KEY.value


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.RATE_LIMIT, 429),
        (Fault.BARE_RATE_LIMIT, 429),
        (Fault.QUOTA, 429),
        (Fault.SERVER_ERROR, 500),
        (Fault.UNAVAILABLE, 503),
        (Fault.UNAUTHORISED, 401),
        (Fault.BAD_REQUEST, 400),
        (Fault.REDIRECT, 307),
        (Fault.TRUNCATED_JSON, 200),
        (Fault.CONTENT_TYPE, 200),
        (Fault.EMPTY_CHOICES, 200),
        (Fault.DRIP, 200),
    ],
)
def test_a_fault_that_is_a_response_is_received_with_its_status(fault: Fault, status: int) -> None:
    with serving(Behaviour(script=(fault,), drip_seconds=0.001)) as server:
        received = came(server, request(server))
        assert received.status == status
        assert ("retry-after" in received.headers) == (fault is Fault.RATE_LIMIT)
        assert server.counts.faults[fault] == 1


@pytest.mark.parametrize(
    ("fault", "kind", "seconds"),
    [(Fault.CUT, "cut", PATIENCE), (Fault.CUT_BODY, "cut", PATIENCE), (Fault.HANG, "timeout", 0.1)],
)
def test_a_fault_that_is_no_response_is_unreached(fault: Fault, kind: str, seconds: float) -> None:
    with serving(Behaviour(script=(fault,))) as server:
        assert failed(server, request(server), seconds).kind == kind
        assert server.counts.answered.total() == 0


def test_a_server_that_is_not_there_is_unreached() -> None:
    with serving() as server:
        pass
    assert failed(server, request(server)).kind == "connect"


def test_a_key_that_the_server_echoes_is_blotted_out() -> None:
    with serving(Behaviour(key="another")) as server:
        received = came(server, request(server))
        assert json.loads(received.body)["error"]["message"] == "Incorrect API key provided: [key]."


def test_the_key_goes_to_no_other_server() -> None:
    with serving() as server, serving() as other:
        came(server, request(other))
        assert "authorization" not in other.last.headers


def test_no_more_of_a_body_is_read_than_allowed() -> None:
    with serving(Behaviour(script=(Fault.HUGE,))) as server:
        (received,) = sent(server, [request(server)])
        assert isinstance(received, Response)
        assert (len(received.body), received.is_whole) == (65_536, False)
        assert received.size is not None
        assert 100_000 < received.size < 1_000_000


def test_faults_depend_on_content_and_count_not_on_order() -> None:
    behaviour = Behaviour(faults={Fault.SERVER_ERROR: 0.5}, seed=3)
    asked = [str(number) for number in range(20)]
    found = []
    for order in (asked, asked[::-1]):
        with serving(behaviour) as server:
            received = sent(server, [request(server, text) for text in order])
            statuses = [each.status for each in received if isinstance(each, Response)]
            found.append(dict(zip(order, statuses, strict=True)))
    assert found[0] == found[1]
    assert {200, 500} == set(found[0].values())


def test_only_so_many_requests_are_admitted_in_a_second() -> None:
    with serving(Behaviour(per_second=3, retry_after="2", clock=lambda: 0.0)) as server:
        received = sent(server, [request(server, str(number)) for number in range(5)])
        codes = sorted(each.status for each in received if isinstance(each, Response))
        assert codes == [200, 200, 200, 429, 429]


def test_counts_tell_calls_from_answers_and_reading_them_changes_nothing() -> None:
    with serving(Behaviour(script=(Fault.SERVER_ERROR,))) as server:
        for _ in range(3):
            came(server, request(server))
        shown = server.counts.shown()
        assert list(shown["calls"].values()) == [3]
        assert list(shown["answered"].values()) == [2]
        assert server.counts.shown() == shown
        assert shown["peak"] == 1
