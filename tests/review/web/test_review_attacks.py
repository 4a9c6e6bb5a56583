"""Requests nobody's page sends: all are answered in words, and none of them writes anything."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from harness.core.values import Json
from harness.review.web.entrance.sessions import CSRF
from tests.review.conftest import Desk as Project
from tests.review.web.served import Tab, service, with_tabs

DEEP = "[" * 50_000 + "]" * 50_000
TRUTH: Json = {"total": 5, "city": "Oslo", "rows": [{"n": 1}, {"n": 2}]}
DECIDE = {"request": "r", "case": "a", "do": "set", "path": ["total"], "literal": "6"}


@pytest.fixture
def project(desk: Project) -> Project:
    desk.suite({"a": TRUTH, "b": {"total": 7}})
    desk.write("ground_truth/secret.json", '{"total": 1}')
    return desk


def contents(project: Project) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}


DECISIONS: dict[str, dict[str, Any]] = {
    "a case above the folder": {"case": "../secret"},
    "a case by its whole path": {"case": "/etc/passwd"},
    "a case with NUL": {"case": "a\x00"},
    "a case longer than a file's name": {"case": "a" * 100_000},
    "a case of another type": {"case": ["a"]},
    "half a surrogate pair as case": {"case": "\ud800"},
    "half a surrogate pair as reason": {"why": "\ud800"},
    "half a surrogate pair as value": {"literal": '"\\ud800"'},
    "half a surrogate pair as passage": {"literal": None, "text": "\ud800"},
    "NaN": {"literal": "NaN"},
    "a number beyond any": {"literal": "1e999"},
    "an integer of 5,000 digits": {"literal": "9" * 5_000},
    "a value 50,000 levels deep": {"literal": DEEP},
    "a place below a scalar": {"path": ["total", "x", "y"]},
    "a place in an item there is not": {"path": ["rows", "9", "n"]},
    "a field the truth cannot have": {"path": ["__proto__"]},
    "the whole truth": {"path": []},
    "a path of 3,000 steps": {"path": ["rows", "0"] * 1_500},
    "a whole list removed": {"do": "remove", "path": ["rows"]},
    "the truth removed": {"do": "remove", "path": []},
    "a field removed as if it were an item": {"do": "remove", "path": ["total"]},
    "an item added to a scalar": {"do": "add", "path": ["total", "x"]},
    "an item without a name": {"do": "add", "path": ["rows", ""]},
    "an approval of nothing": {"do": "approve"},
    "an approval of a field there is not": {"do": "approve", "fields": [[["nope"], "x"]]},
    "3,000 of them": {"do": "approve", "fields": [[[f"n{n}"], "x"] for n in range(3_000)]},
    "what nobody did taken back": {"do": "withdraw", "of": "20261130T000000000000-aaaaaaaa"},
    "nothing taken back": {"do": "withdraw"},
    "a dispute about nothing there is": {"do": "dispute", "path": ["nope"]},
    "another writer": {"by": "bob"},
    "another time": {"at": "2020-01-01T00:00:00Z"},
    "a number of seconds below none": {"seconds": -1},
}


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_that_cannot_be_is_refused_in_words_and_changes_no_file(
    project: Project, name: str
) -> None:
    before = contents(project)

    async def work(tab: Tab, _: Tab) -> tuple[int, Any]:
        await tab.enter()
        return await tab.post("/api/decide", {**DECIDE, **DECISIONS[name]})

    status, answer = with_tabs(service(project), work)
    assert status in (409, 422), answer
    assert answer["problems"]
    assert contents(project) == before


REQUESTS: dict[str, tuple[str, object]] = {
    "boxes of texts": ("boxes", {"case": "a", "document": 0, "page": 1, "spans": [["x", None], 3]}),
    "too many boxes": (
        "boxes",
        {"case": "a", "document": 0, "page": 1, "spans": [[0, 1]] * 30_000},
    ),
    "boxes of no page": ("boxes", {"case": "a", "document": 0, "page": 10**30, "spans": []}),
    "no object": ("hold", ["a"]),
    "a claim of no case": ("claim", {"why": {"x": 1}}),
    "a person without a name": ("person", {"x": 1}),
    "a name of 3,000 letters": ("person", {"name": "x" * 3_000, "role": "admin"}),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_that_cannot_be_is_refused_in_words(project: Project, name: str) -> None:
    before = contents(project)

    async def work(tab: Tab, _: Tab) -> tuple[int, Any]:
        await tab.enter()
        path, body = REQUESTS[name]
        return await tab.post(f"/api/{path}", body)

    status, answer = with_tabs(service(project), work)
    assert (status, bool(answer["problems"])) == (422, True)
    assert contents(project) == before


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/api/history", {"case": "a", "path": "[" * 2_500}, 422),
        ("/api/history", {"case": "a", "path": "7"}, 422),
        ("/api/case", {"case": "../secret"}, 422),
        ("/api/case", {"case": "a" * 4_000}, 422),
        ("/api/documents", {"case": "../secret"}, 422),
        ("/api/case", {}, 422),
        ("/api/queue", {"queue": "wurst"}, 422),
        ("/page.png", {"case": "a", "document": "9" * 30, "page": "1"}, 404),
        ("/page.png", {"case": "../secret", "document": "0", "page": "1"}, 404),
        ("/static/..%2f..%2fsecret.json", {}, 404),
        ("/static/%2e%2e/secret.json", {}, 404),
    ],
)
def test_what_cannot_be_looked_at_is_told_in_words(
    project: Project, path: str, query: dict[str, str], status: int
) -> None:
    async def work(tab: Tab, _: Tab) -> tuple[int, str]:
        await tab.enter()
        async with tab.http.get(tab.server.make_url(path), params=query) as answer:
            return answer.status, await answer.text()

    given, text = with_tabs(service(project), work)
    assert given == status
    assert "secret.json" not in text
    assert '"total"' not in text


def test_bytes_that_are_no_text_let_nobody_in(project: Project) -> None:
    async def work(tab: Tab, _: Tab) -> list[int]:
        answers = [(await tab.post("/api/enter", {"token": "\ud800"}))[0]]
        answers.append(await tab.status("/?token=%ff%fe%00"))
        await tab.enter()
        answers.append((await tab.post("/api/decide", DECIDE, **{"X-Harness-Review": "\udcff"}))[0])
        return answers

    assert with_tabs(service(project), work) == [422, 403, 403]


@pytest.mark.parametrize("charset", ["nonsense", "base64", "utf-16"])
def test_a_body_in_an_encoding_that_it_is_not_in_is_refused_in_words(
    project: Project, charset: str
) -> None:
    async def work(tab: Tab, _: Tab) -> tuple[int, Any]:
        await tab.enter()
        async with tab.http.post(
            tab.server.make_url("/api/decide"),
            data=b'{"odd": 1}!',
            headers={CSRF: tab.csrf, "Content-Type": f"application/json; charset={charset}"},
        ) as answer:
            return answer.status, await answer.json()

    status, answer = with_tabs(service(project), work)
    assert status == 422
    assert "the request is not JSON" in answer["problems"][0]


def test_a_body_that_is_too_large_is_refused_and_the_server_goes_on(project: Project) -> None:
    async def work(tab: Tab, _: Tab) -> list[int]:
        await tab.enter()
        async with tab.http.post(
            tab.server.make_url("/api/decide"),
            data=BytesIO(b'"' + b"x" * 5_000_000 + b'"'),
            headers={CSRF: tab.csrf, "Content-Type": "application/json"},
        ) as answer:
            return [answer.status, (await tab.post("/api/decide", DECIDE))[0]]

    assert with_tabs(service(project), work) == [413, 200]


@pytest.mark.parametrize("count", [3, 3_000])
def test_an_item_that_was_removed_meanwhile_can_still_be_spoken_of(
    project: Project, count: int
) -> None:
    rows: list[Json] = [{"n": number} for number in range(count)]
    desk_truth: Json = {"rows": rows}
    project.suite({"a": desk_truth})

    async def work(one: Tab, two: Tab) -> tuple[int, str]:
        await one.enter()
        await two.enter()
        seen = await two.rows("a")
        last = f"rows[{count - 1}].n"
        status, said = await one.decide("a", "remove", path=["rows", str(count - 1)])
        assert status == 200, said
        path, head = seen[last]["slots"], seen[last]["head"]
        status, found = await two.decide("a", "set", path=path, sees=head, literal="77")
        return status, next(row["state"] for row in found["diffs"] if row["path"] == last)

    assert with_tabs(service(project), work) == (200, "conflict")
