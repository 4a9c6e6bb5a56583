"""Vendors' batch interfaces: what is made can be found again, and nothing else is taken for it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest

from harness.core.values import Json
from harness.extract.batches.anthropic_batches import AnthropicBatches
from harness.extract.batches.batch_api import BatchApi, Sought, UnsureError
from harness.extract.batches.batch_http import BatchApiError, BatchHttp
from harness.extract.batches.gemini_batches import GeminiBatches
from harness.extract.batches.openai_batches import OpenAiBatches, common_result
from harness.extract.endpoint.connection import Connection
from tests.extract.batches.batch_server import BatchServed, Faults, serving_batches

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
APIS: list[BatchApi] = [OpenAiBatches("/chat/completions"), AnthropicBatches(), GeminiBatches()]
NAMES = [api.name for api in APIS]


def http_to(served: BatchServed) -> BatchHttp:
    origin = served.url.removesuffix("/v1")
    connection = Connection(origin, None, 10.0, 10**6)
    path = "/models/m-1:generateContent"
    return BatchHttp(connection, served.url, (), path=path, pause=0.01)


def body(api: BatchApi, number: int) -> bytes:
    text = f"Question {number}\nANSWER {{}}"
    if api.name == "gemini":
        return json.dumps({"contents": [{"parts": [{"text": text}]}]}).encode()
    return json.dumps({"messages": [{"role": "user", "content": text}]}).encode()


def sought(number: int, known: frozenset[str] = frozenset()) -> Sought:
    return Sought(f"harness-{number}", frozenset({f"q{number}"}), BEGUN, known)


async def made(api: BatchApi, http: BatchHttp, count: int) -> list[str]:
    """Make so many batches of one line."""
    return [
        await api.submit(http, f"harness-{n}", api.line(f"q{n}", body(api, n)) + b"\n")
        for n in range(count)
    ]


@pytest.mark.parametrize("api", APIS, ids=NAMES)
def test_each_of_many_batches_is_found_on_whatever_page_it_is(api: BatchApi) -> None:
    async def found(served: BatchServed) -> None:
        http = http_to(served)
        ids = await made(api, http, 5)
        for batch in served.app.batches.values():
            served.app.finish(batch)
        assert [await api.find(http, sought(n)) for n in range(5)] == ids
        assert await api.find(http, sought(7)) is None
        await http.close()

    with serving_batches() as served:
        asyncio.run(found(served))


def test_a_batch_of_anthropic_at_work_may_be_it_and_known_ones_are_not() -> None:
    api = AnthropicBatches()

    async def looked(served: BatchServed) -> None:
        http = http_to(served)
        (batch,) = await made(api, http, 1)
        with pytest.raises(UnsureError, match=batch):
            await api.find(http, sought(0))
        assert await api.find(http, sought(0, frozenset({batch}))) is None
        two = Sought("harness-0", frozenset({"q0", "q1"}), BEGUN, frozenset())
        assert await api.find(http, two) is None  # of another size
        await http.close()

    with serving_batches(Faults(slow=10**6)) as served:
        asyncio.run(looked(served))


@pytest.mark.parametrize("api", APIS, ids=NAMES)
def test_a_submission_that_is_refused_is_told_apart_from_one_that_nobody_knows(
    api: BatchApi,
) -> None:
    async def refused(served: BatchServed, status: int) -> bool:
        served.app.faults.refuse = status
        http = http_to(served)
        try:
            with pytest.raises(BatchApiError) as raised:
                await made(api, http, 1)
        finally:
            await http.close()
        return raised.value.is_refusal

    with serving_batches() as served:
        told = {s: asyncio.run(refused(served, s)) for s in (400, 401, 404, 409, 413, 500, 503)}
    assert told == {400: True, 401: True, 404: True, 409: False, 413: True, 500: False, 503: False}


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ({"custom_id": "a", "response": {"status_code": 200, "body": {"choices": []}}}, 200),
        ({"custom_id": "a", "response": {"status_code": 200, "body": None}}, 500),
        ({"custom_id": "a", "response": {"status_code": 400, "body": {"error": "x"}}}, 400),
        ({"custom_id": "a", "response": None, "error": {"code": 429, "message": "x"}}, 429),
        ({"custom_id": "a", "response": None, "error": {"code": "x", "message": "x"}}, 500),
        ({"custom_id": "a"}, 500),
    ],
)
def test_a_line_without_an_answer_is_an_error_whatever_it_lacks(
    line: dict[str, object], status: int
) -> None:
    found = common_result(json.loads(json.dumps(line)))
    assert found is not None
    assert found.received is not None
    assert found.received.status == status


@pytest.mark.parametrize("line", [None, [], {}, {"custom_id": 1}, "text"])
def test_what_is_no_result_is_none(line: object) -> None:
    assert common_result(json.loads(json.dumps(line))) is None


@pytest.mark.parametrize("code", [8, "8", 429, "429"], ids=repr)
def test_a_line_of_gemini_is_known_by_its_metadata_and_a_code_in_any_spelling(
    code: int | str,
) -> None:
    result = GeminiBatches().result({"metadata": {"key": "a"}, "error": {"code": code}})
    assert result is not None
    assert result.received is not None
    assert (result.custom_id, result.received.status) == ("a", 429)


@pytest.mark.parametrize("status", [429, "429"], ids=repr)
def test_the_status_of_a_line_may_be_a_text(status: int | str) -> None:
    line: Json = {"custom_id": "a", "response": {"status_code": status, "body": {"error": "slow"}}}
    result = common_result(line)
    assert result is not None
    assert result.received is not None
    assert result.received.status == 429
