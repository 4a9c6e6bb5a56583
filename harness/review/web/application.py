"""Review server: routes, and who may call them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache, partial
from http import HTTPStatus
from importlib import resources
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment

from harness.errors import HarnessError, Problem, UsageError
from harness.report.rendering.html_page import asset, template_environment
from harness.review.web.desk_service import DeskService
from harness.review.web.entrance.people import Person, Role
from harness.review.web.entrance.sessions import Session, Sessions, is_our_page
from harness.view.guard import guard_with, refusal_of_strangers

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_BODY: Final = 4_000_000
_REPORT_STYLES: Final = ("page.css", "overview.css", "case.css", "trends.css", "narrow.css")
_STYLES: Final = ("review.css",)
_REPORT_SCRIPTS: Final = (
    "dom.js",
    "difference.js",
    "values.js",
    "paper.js",
    "sheet.js",
    "single_keys.js",
)
_SCRIPTS: Final = (
    "state.js",
    "server.js",
    "rows.js",
    "edit.js",
    "pages.js",
    "screen.js",
    "queue.js",
    "settle.js",
    "board.js",
    "people.js",
    "review_keys.js",
    "review_route.js",
)


@dataclass(frozen=True, slots=True)
class Entrance:
    """Authentication of people who come in."""

    sessions: Sessions
    hosts: Collection[str] = ()
    """What a proxy in front is called by; nothing where there is none."""


def review_application(service: DeskService, entrance: Entrance) -> web.Application:
    """Return the server of one suite under review."""
    sessions = entrance.sessions

    def refusal(request: web.Request) -> web.Response | None:
        return refusal_of_strangers(request, entrance.hosts) or _refusal(request, sessions)

    guard = guard_with(refusal, {"Content-Security-Policy": _POLICY})
    app = web.Application(middlewares=[guard], client_max_size=_BODY)
    page = _Page(service, sessions)
    app.router.add_get("/", page.shell)
    app.router.add_get("/static/{name}", _static)
    app.router.add_post("/api/enter", page.enter)
    for name, read in service.reads().items():
        app.router.add_get(f"/api/{name}", page.answering(partial(service.alone, read)))
    for name, write in service.writes().items():
        app.router.add_post(f"/api/{name}", page.answering(partial(service.alone, write)))
    app.router.add_post("/api/boxes", page.answering(service.boxes))
    app.router.add_get("/page.png", page.picture)
    return app


def _refusal(request: web.Request, sessions: Sessions) -> web.Response | None:
    """Return the answer to who is not here, and to pages that are not ours."""
    is_open = request.path in ("/", "/api/enter") or request.path.startswith("/static/")
    session = sessions.of(request)
    if session is None and not is_open:
        return _problems(HTTPStatus.UNAUTHORIZED, "open the address that the server printed")
    if request.method in ("GET", "HEAD"):
        return None
    if request.method != "POST":
        return _problems(HTTPStatus.METHOD_NOT_ALLOWED, "only GET and POST are answered")
    if request.content_type != "application/json":
        return _problems(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "only JSON is read")
    if request.path != "/api/enter" and (session is None or not is_our_page(request, session)):
        return _problems(HTTPStatus.FORBIDDEN, "the request is not from a page of this server")
    return None


def _problems(status: HTTPStatus, *messages: str) -> web.Response:
    return web.json_response({"problems": messages}, status=status)


@dataclass(frozen=True, slots=True)
class _Page:
    service: DeskService
    sessions: Sessions

    async def shell(self, request: web.Request) -> web.Response:
        """The page everything is shown in; it asks for a token where nobody is known."""
        token = request.query.get("token")
        if token is not None:
            session = await asyncio.to_thread(self.sessions.enter, token)
            answer = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": "/"})
            if session is None:
                return _html(self._entrance(is_wrong=True), HTTPStatus.FORBIDDEN)
            self.sessions.keep(request, answer, session)
            return answer
        known = self.sessions.of(request)
        session = known or self.sessions.enter_by_header(request)
        if session is None:
            return _html(self._entrance(is_wrong=False), HTTPStatus.UNAUTHORIZED)
        answer = _html(self._shell(session))
        if known is None:
            self.sessions.keep(request, answer, session)
        return answer

    def _entrance(self, *, is_wrong: bool) -> str:
        way = self.sessions.door.way
        words = {"way": way, "is_wrong": is_wrong, "suite": self.service.name}
        return _template("enter.html.j2", words)

    def _shell(self, session: Session) -> str:
        person, has_file = session.person, self.service.people_file is not None
        words = {
            "csrf": session.csrf,
            "person": person.name,
            "suite": self.service.name,
            "is_admin": has_file and person.role.may(Role.ADMIN),
        }
        return _template("review.html.j2", words)

    async def enter(self, request: web.Request) -> web.Response:
        """Let in whose token was typed."""
        try:
            body = await _body(request)
        except UsageError as error:
            return _problems(HTTPStatus.UNPROCESSABLE_ENTITY, *_lines(error))
        token = body.get("token") if isinstance(body, dict) else None
        session = None
        if isinstance(token, str):
            session = await asyncio.to_thread(self.sessions.enter, token)
        if session is None:
            return _problems(HTTPStatus.FORBIDDEN, "nobody has this token")
        answer = web.json_response({})
        self.sessions.keep(request, answer, session)
        return answer

    def answering(
        self, make: Callable[[Person, Any], Any]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Return a handler that works in a thread and says what is wrong."""

        async def handler(request: web.Request) -> web.StreamResponse:
            session = self.sessions.of(request)
            assert session is not None  # noqa: S101  # the guard lets nobody else through
            try:
                request_body = (
                    await _body(request) if request.method == "POST" else dict(request.query)
                )
                result = await asyncio.to_thread(make, session.person, request_body)
            except UsageError as error:
                return _problems(HTTPStatus.UNPROCESSABLE_ENTITY, *_lines(error))
            except PermissionError as error:
                return _problems(HTTPStatus.FORBIDDEN, str(error))
            except HarnessError as error:
                return _problems(HTTPStatus.CONFLICT, *_lines(error))
            except OSError as error:
                what = f"the operating system says: {error.strerror or error}"
                return _problems(HTTPStatus.INSUFFICIENT_STORAGE, what)
            return web.json_response(text=json.dumps(result, ensure_ascii=False))

        return handler

    async def picture(self, request: web.Request) -> web.Response:
        """A page of a document as it looks."""
        session = self.sessions.of(request)
        assert session is not None  # noqa: S101  # as above
        try:
            document, number = self.service.document(session.person, dict(request.query))
            image = await asyncio.to_thread(self.service.picture, document, number)
        except (HarnessError, PermissionError):
            raise web.HTTPNotFound from None
        headers = {"Cache-Control": "private, max-age=3600"}
        return web.Response(body=image.data, content_type=image.media_type, headers=headers)


def _lines(error: HarnessError) -> list[str]:
    return [line for problem in error.problems for line in str(problem).split("\n")]


async def _body(request: web.Request) -> object:
    try:
        body = await request.json()
        json.dumps(body, ensure_ascii=False).encode()  # no half of a surrogate pair goes further
    except (ValueError, LookupError, RecursionError):  # LookupError: an encoding nobody knows
        raise UsageError(Problem("the request is not JSON", "bad-request")) from None
    else:
        return body


def _html(text: str, status: int = HTTPStatus.OK) -> web.Response:
    return web.Response(text=text, content_type="text/html", status=status)


async def _static(request: web.Request) -> web.Response:
    known: dict[str, tuple[str, Callable[[], str]]] = {
        "review.css": ("text/css", _style),
        "review.js": ("text/javascript", _script),
        "enter.js": ("text/javascript", partial(_own, "enter.js")),
        "icon.svg": ("image/svg+xml", partial(_own, "icon.svg")),
    }
    if request.match_info["name"] not in known:
        raise web.HTTPNotFound
    kind, make = known[request.match_info["name"]]
    return web.Response(text=make(), content_type=kind, charset="utf-8")


def _own(name: str) -> str:
    return resources.files("harness.review.web").joinpath("static", name).read_text("utf-8")


@cache
def _style() -> str:
    return "\n".join([*map(asset, _REPORT_STYLES), *map(_own, _STYLES)])


@cache
def _script() -> str:
    """Return the report's scripts and ours as one, which shares nothing with the page."""
    reused = {name: asset(name) for name in _REPORT_SCRIPTS}
    first = ("state.js",)
    own = [_own(name) for name in _SCRIPTS if name not in first]
    parts = [reused.pop("dom.js"), *map(_own, first), *reused.values(), *own]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


@cache
def _templates() -> Environment:
    return template_environment("harness.review.web")


def _template(name: str, words: Mapping[str, object]) -> str:
    return _templates().get_template(name).render(words)
