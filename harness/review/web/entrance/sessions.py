"""Browser sessions: a cookie says who, a token in a header says that one of our pages asks.

The cookie is SameSite=Strict and out of reach for scripts. A page of another origin can neither
send it nor read the token, so that no other page can decide anything in a reviewer's name.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from secrets import token_urlsafe
from typing import Final

from aiohttp import web

from harness.review.web.entrance.people import Door, Person

CSRF: Final = "X-Harness-Review"
"""Header that every request which changes something carries."""
_SECRET: Final = 24
_MOST: Final = 1_000
"""Sessions that are kept; the oldest go first."""
_TRIES: Final = 20
"""Wrong tokens in a window, from everybody together, until all are refused."""
_WINDOW: Final = 60.0


@dataclass(frozen=True, slots=True)
class Session:
    """One browser of one person."""

    id: str
    csrf: str
    person: Person


@dataclass(slots=True)
class Sessions:
    """Sessions of people, in memory only: a new server asks them to sign in again."""

    door: Door
    clock: Callable[[], float]
    """Seconds that only ever grow."""
    is_secure: bool = False
    """People come through a proxy that speaks HTTPS."""
    _open: dict[str, Session] = field(default_factory=dict)
    _wrong: list[float] = field(default_factory=list)

    def of(self, request: web.Request) -> Session | None:
        """Return the session of a request, if the proxy still says the same person."""
        session = self._open.get(request.cookies.get(_cookie(request), ""))
        if session is None:
            return None
        if self.door.way != "header":
            person = self.door.today(session.person)
            return None if person is None else replace(session, person=person)
        name = self.door.by_headers(request.headers, request.remote)
        return session if session.person == name else None

    def enter(self, token: str) -> Session | None:
        """Return a new session for whose token it is; None for nobody's, or too many wrong ones."""
        now = self.clock()
        self._wrong[:] = [moment for moment in self._wrong if now - moment < _WINDOW]
        if len(self._wrong) >= _TRIES:
            return None
        person = self.door.by_token(token)
        if person is None:
            self._wrong.append(now)
            return None
        return self._new(person)

    def enter_by_header(self, request: web.Request) -> Session | None:
        """Return a new session for the person a trusted proxy names."""
        person = self.door.by_headers(request.headers, request.remote)
        return None if person is None else self._new(person)

    def _new(self, person: Person) -> Session:
        session = Session(token_urlsafe(_SECRET), token_urlsafe(_SECRET), person)
        self._open[session.id] = session
        while len(self._open) > _MOST:
            del self._open[next(iter(self._open))]
        return session

    def keep(self, request: web.Request, answer: web.StreamResponse, session: Session) -> None:
        """Have the browser keep the session."""
        answer.set_cookie(
            _cookie(request),
            session.id,
            httponly=True,
            samesite="Strict",
            secure=self.is_secure,
            path="/",
        )


def is_our_page(request: web.Request, session: Session) -> bool:
    """Tell whether one of our own pages asks, for this session."""
    given = request.headers.get(CSRF, "")
    return hmac.compare_digest(given.encode(errors="replace"), session.csrf.encode())


def _cookie(request: web.Request) -> str:
    """Return the cookie's name: browsers share cookies between the ports of a host."""
    name = request.transport.get_extra_info("sockname") if request.transport else None
    return f"harness-review-{name[1] if name else 0}"
