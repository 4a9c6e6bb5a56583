"""A review server of a small suite, asked over real HTTP as its own page asks it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from aiohttp.test_utils import BaseTestServer, TestServer

from harness.core.values import Json
from harness.review.web.application import Entrance, review_application
from harness.review.web.desk_service import DeskService
from harness.review.web.entrance.leases import Leases
from harness.review.web.entrance.people import Desk, Door, Person, Role
from harness.review.web.entrance.sessions import CSRF, Sessions
from tests.review.conftest import Desk as Project

TOKEN = "secret"  # noqa: S105  # of a test
Found = TypeVar("Found")


def at_desk(name: str = "ann", role: Role = Role.ADMIN) -> Door:
    return Desk(Person(name, role), TOKEN)


@dataclass(slots=True)
class Tab:
    """A browser tab: a session, and the token of the page in it."""

    http: aiohttp.ClientSession
    server: BaseTestServer
    csrf: str = ""

    async def enter(self, token: str = TOKEN, **headers: str) -> int:
        """Open the printed address; return the page's status."""
        async with self.http.get(
            self.server.make_url("/"), params={"token": token} if token else {}, headers=headers
        ) as answer:
            found = re.search(r'name="csrf" content="([^"]+)"', await answer.text())
            self.csrf = found[1] if found else ""
            return answer.status

    async def get(self, path: str, /, **query: str) -> dict[str, Any]:
        async with self.http.get(self.server.make_url(path), params=query) as answer:
            found: dict[str, Any] = await answer.json()
            return found

    async def status(self, path: str, /, **headers: str) -> int:
        async with self.http.get(self.server.make_url(path), headers=headers) as answer:
            return answer.status

    async def post(self, path: str, body: object, **headers: str) -> tuple[int, Any]:
        sent = {CSRF: self.csrf, **headers}
        url = self.server.make_url(path)
        async with self.http.post(url, json=body, headers=sent) as answer:
            text = await answer.text()
            return answer.status, await answer.json() if text.startswith("{") else text

    async def decide(self, case: str, do: str, **more: Json) -> tuple[int, Any]:
        """Tell a decision; return the status and the case, or what is wrong."""
        body = {"request": f"r{next(_REQUESTS)}", "case": case, "do": do, **more}
        status, found = await self.post("/api/decide", body)
        return status, found.get("case", found)

    async def rows(self, case: str) -> dict[str, Any]:
        """Return the rows of a case by path; lists end in `[]`."""
        found = await self.get("/api/case", case=case)
        return rows_of(found)


_REQUESTS = count()


def rows_of(case: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{row['path']}{'[]' if row['list'] else ''}": row for row in case["diffs"]}


def service(
    project: Project,
    runs: Sequence[Path] = (),
    *,
    is_blind: bool = False,
    people: Path | None = None,
    expected: Mapping[str, float] | None = None,
) -> DeskService:
    ticks = count()
    leases = Leases(lambda: float(next(ticks)))
    return DeskService(project.open(*runs), leases, is_blind, "worst", people, expected or {})


def with_tabs(
    served: DeskService,
    work: Callable[[Tab, Tab], Awaitable[Found]],
    door: Door | None = None,
    hosts: Sequence[str] = (),
) -> Found:
    """Return what two tabs of two browsers do on a server."""

    async def run() -> Found:
        sessions = Sessions(door or at_desk(), lambda: 0.0)
        app = review_application(served, Entrance(sessions, hosts))
        async with TestServer(app, host="127.0.0.1") as server:
            jars = [aiohttp.CookieJar(unsafe=True) for _ in range(2)]
            async with (
                aiohttp.ClientSession(cookie_jar=jars[0]) as one,
                aiohttp.ClientSession(cookie_jar=jars[1]) as two,
            ):
                return await work(Tab(one, server), Tab(two, server))

    return asyncio.run(run())
