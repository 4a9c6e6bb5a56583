"""Nobody decides anything in a reviewer's name but the reviewer, on a page of the server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.errors import HarnessError
from harness.review.web.entrance.people import (
    NamedTokens,
    Person,
    Role,
    invite,
    is_token,
    read_people,
    token_digest,
    trusted_header,
)
from harness.review.web.entrance.sessions import CSRF
from tests.review.conftest import Desk as Project
from tests.review.web.served import Tab, at_desk, service, with_tabs

BODY: dict[str, object] = {"request": "1", "case": "a", "do": "note", "path": ["total"], "why": "x"}


@pytest.fixture
def project(desk: Project) -> Project:
    desk.suite({"a": {"total": 5}, "b": {"total": 7}})
    return desk


def logs(project: Project) -> list[Path]:
    return sorted(project.root.glob("ground_truth/notes/review/*"))


def test_without_the_printed_token_nothing_is_read_or_written(project: Project) -> None:
    async def work(tab: Tab, _: Tab) -> list[int]:
        shell = await tab.enter("")
        wrong = await tab.enter("guess")
        read = await tab.status("/api/case?case=a")
        wrote, _found = await tab.post("/api/decide", BODY)
        return [shell, wrong, read, wrote]

    assert with_tabs(service(project), work) == [401, 403, 401, 401]
    assert logs(project) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({CSRF: "guess"}, 403),
        ({CSRF: ""}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_a_request_that_is_not_from_our_page_writes_nothing(
    project: Project, headers: dict[str, str], status: int
) -> None:
    async def work(tab: Tab, _: Tab) -> int:
        await tab.enter()
        return (await tab.post("/api/decide", dict(BODY), **headers))[0]

    assert with_tabs(service(project), work) == status
    assert logs(project) == []


def test_the_page_allows_no_script_but_its_own_and_its_cookie_no_other_site(
    project: Project,
) -> None:
    async def work(tab: Tab, _: Tab) -> tuple[str, str, str]:
        url = tab.server.make_url("/?token=secret")
        async with tab.http.get(url, allow_redirects=False) as answer:
            cookie = answer.headers["Set-Cookie"]
        async with tab.http.get(tab.server.make_url("/")) as answer:
            return cookie, answer.headers["Content-Security-Policy"], await answer.text()

    cookie, policy, text = with_tabs(service(project), work)
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in text
    assert " style=" not in text


def test_looking_writes_nothing_whatever_is_looked_at(project: Project) -> None:
    before = {p: p.stat().st_mtime_ns for p in project.root.rglob("*")}

    async def work(tab: Tab, _: Tab) -> None:
        await tab.enter()
        for path in ("suite", "queue", "board", "agreement", "conflicts"):
            await tab.get(f"/api/{path}")
        for path in ("case", "places"):
            await tab.get(f"/api/{path}", case="a")
        await tab.get("/api/history", case="a", path='["total"]')
        await tab.post("/api/hold", {"case": "a"})

    with_tabs(service(project), work)
    assert {p: p.stat().st_mtime_ns for p in project.root.rglob("*")} == before


def test_what_is_no_decision_is_refused_and_not_written(project: Project) -> None:
    bad = [
        {**BODY, "do": "base"},
        {**BODY, "by": "bob"},
        {**BODY, "case": "c"},
        {**BODY, "do": "set"},
        {**BODY, "do": "set", "literal": "NaN"},
        {**BODY, "do": "set", "literal": "{"},
        {**BODY, "do": "set", "literal": "[" * 100_000},
        {**BODY, "path": [1]},
    ]

    async def work(tab: Tab, _: Tab) -> list[int]:
        await tab.enter()
        found = [(await tab.post("/api/decide", one))[0] for one in bad]
        return [*found, (await tab.post("/api/decide", []))[0]]

    answers = with_tabs(service(project), work)
    assert [status for status in answers if status not in (409, 422)] == []
    assert logs(project) == []


# --- teams ---------------------------------------------------------------------------------------


def test_a_name_in_a_header_is_believed_from_trusted_addresses_only(project: Project) -> None:
    async def work(tab: Tab, _: Tab) -> tuple[int, str, int]:
        sent = {"X-Forwarded-User": "bob@x"}
        status = await tab.enter("", **sent)
        async with tab.http.get(tab.server.make_url("/api/suite"), headers=sent) as answer:
            person = (await answer.json())["person"]
        return status, person, await tab.status("/api/suite", **{"X-Forwarded-User": "eve"})

    trusted = trusted_header("X-Forwarded-User", ["127.0.0.1"], None)
    assert with_tabs(service(project), work, trusted) == (200, "bob@x", 401)

    async def refused(tab: Tab, _: Tab) -> int:
        return await tab.enter("", **{"X-Forwarded-User": "bob@x"})

    elsewhere = trusted_header("X-Forwarded-User", ["10.0.0.1"], None)
    assert with_tabs(service(project), refused, elsewhere) == 401


def test_a_proxys_own_name_is_answered_to_only_where_it_was_said(project: Project) -> None:
    async def work(tab: Tab, _: Tab) -> int:
        return await tab.enter("secret", Host="review.example.org")

    assert with_tabs(service(project), work) == 403
    assert with_tabs(service(project), work, hosts=["review.example.org"]) == 200


def test_a_token_is_kept_as_its_digest_and_lets_in_its_person_only(
    project: Project, tmp_path: Path
) -> None:
    file = tmp_path / "reviewers.toml"
    ann, bob = invite(file, "ann@x", Role.ANNOTATOR), invite(file, "bob", Role.AUDITOR)
    assert ann.split(":")[1] not in file.read_text("utf-8")
    assert file.stat().st_mode & 0o077 == 0
    people = read_people(file)
    assert set(people) == {Person("ann@x", Role.ANNOTATOR), Person("bob", Role.AUDITOR)}

    async def work(tab: Tab, other: Tab) -> list[object]:
        swapped = await tab.post("/api/enter", {"token": f"bob:{ann.split(':')[1]}"})
        entered = await tab.post("/api/enter", {"token": ann})
        await tab.enter("")
        await other.enter(bob)
        names = [(await each.get("/api/suite"))["person"] for each in (tab, other)]
        return [swapped[0], entered[0], *names]

    found = with_tabs(service(project), work, NamedTokens(file))
    assert found == [403, 200, "ann@x", "bob"]


def test_guessing_tokens_comes_to_an_end(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "reviewers.toml"
    file.write_text(f'["ann"]\nrole = "admin"\ntoken = "{token_digest("right")}"\n', "utf-8")

    async def work(tab: Tab, _: Tab) -> tuple[list[int], int]:
        guesses = [tab.post("/api/enter", {"token": f"nobody:{n}"}) for n in range(25)]
        statuses = [(await each)[0] for each in guesses]
        return statuses, (await tab.post("/api/enter", {"token": "ann:right"}))[0]

    statuses, right = with_tabs(service(project), work, NamedTokens(file))
    assert set(statuses) == {403}
    assert right == 403  # not within the minute


def test_all_that_is_wrong_with_a_file_of_people_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "reviewers.toml"
    file.write_text('["a"]\nrole = "boss"\n["b"]\ntokn = "x"\n["c"]\ntoken = "plain"\n', "utf-8")
    with pytest.raises(HarnessError) as caught:
        read_people(file)
    assert [problem.code for problem in caught.value.problems] == [
        "unknown-role",
        "unknown-key",
        "bad-token",
    ]
    file.write_text('["a"]\n', "utf-8")
    with pytest.raises(HarnessError, match="already"):
        invite(file, "a", Role.ADMIN)


def test_a_digest_is_of_one_token_only() -> None:
    assert is_token("right", token_digest("right"))
    assert not is_token("wrong", token_digest("right"))
    assert token_digest("right") != token_digest("right")


def test_an_annotator_neither_settles_nor_sees_what_is_held_out(project: Project) -> None:
    served = service(project)

    async def work(tab: Tab, other: Tab) -> list[object]:
        await asyncio.gather(tab.enter(), other.enter())
        row = (await tab.rows("a"))["total"]
        ask = {"path": row["slots"], "sees": row["head"]}
        await tab.decide("a", "set", literal="6", **ask)
        status, case = await tab.decide("a", "set", literal="8", **ask)
        conflict = next(r for r in case["diffs"] if r["path"] == "total")
        settle = {"path": row["slots"], "sees": conflict["head"], "literal": "8"}
        return [status, conflict["state"], (await tab.decide("a", "set", **settle))[0]]

    annotator = at_desk("ann", Role.ANNOTATOR)
    assert with_tabs(served, work, annotator) == [200, "conflict", 403]
