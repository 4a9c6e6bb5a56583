"""Answer cache: replies that were paid for, kept for later runs of a project.

One SQLite file that any number of processes share. It lies in the project, not in the user's cache
folder: what lies there may be deleted at any time by anybody, and these answers cost money.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from harness.errors import HarnessError, Problem, Where
from harness.extract.transport import Response

CACHE_FOLDER: Final = ".harness"
FILE: Final = "cache.sqlite3"
_VERSION: Final = 1
_WAIT_SECONDS: Final = 60.0
"""How long a write of another process is waited for."""
_HURRY_MS: Final = 20
"""How long a write waits where a program must not stand still for it."""
_ATTEMPTS: Final = 100
_TABLE: Final = """
create table if not exists answers (
    key text not null, replicate integer not null,
    status integer not null, headers text not null, body blob not null, seconds real not null,
    url text not null, kept_at text not null,
    primary key (key, replicate)
)
"""
_CLAIMS: Final = """
create table if not exists claims (
    key text not null, replicate integer not null, owner text not null, until real not null,
    primary key (key, replicate)
)
"""
LEASE_SECONDS: Final = 30.0
"""How long a claim holds that is not renewed: its process may have ended without a word."""


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """Cached answers of one endpoint."""

    url: str
    answers: int
    size: int
    """Bytes of replies."""
    first: str
    """When the oldest was kept, ISO 8601 in UTC."""
    last: str


class Cache:
    """The answers of a project, by the digest of all that can change them."""

    def __init__(self, path: Path) -> None:
        """Open the cache, or make it. Raises HarnessError if the file is no cache of ours."""
        self.path = path
        with _said(path):
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True)
                if path.parent.name == CACHE_FOLDER:
                    (path.parent / ".gitignore").write_text("*\n", encoding="utf-8", newline="\n")
            self._database = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
            self._prepare()

    def hurry(self, *, on: bool = True) -> None:
        """Wait for other processes' writes no longer than an event loop may stand still, or do."""
        wait = _HURRY_MS if on else round(1_000 * _WAIT_SECONDS)
        self._database.execute(f"pragma busy_timeout = {wait}")

    def find(self, key: str, replicate: int) -> Response | None:
        """Return a reply that was kept; None if there is none."""
        with _said(self.path):
            try:
                row = self._row(key, replicate)
            except sqlite3.OperationalError as error:
                if not is_locked(error):
                    raise
                self.hurry(on=False)  # to ask again what is kept would cost more than to wait
                row = self._row(key, replicate)
                self.hurry()
        if row is None:
            return None
        status, headers, body, seconds = row
        return Response(status, json.loads(headers), bytes(body), seconds)

    def _row(self, key: str, replicate: int) -> Any:  # noqa: ANN401  # as SQLite has it
        return self._database.execute(
            "select status, headers, body, seconds from answers where key = ? and replicate = ?",
            (key, replicate),
        ).fetchone()

    def keep(self, question: tuple[str, int], url: str, received: Response, at: str) -> None:
        """Keep a reply for good: once this returns, no crash of ours can lose it.

        Raises sqlite3.Error if it cannot be written.
        """
        self._database.execute(
            "insert or replace into answers values (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *question,
                received.status,
                json.dumps(dict(received.headers)),
                received.body,
                received.seconds,
                url,
                at,
            ),
        )

    def claim(self, question: tuple[str, int], owner: str, now: float) -> bool:
        """Claim or renew the right to ask a question; return False while another has it.

        `owner` is as `owner_name` makes it, `now` seconds since 1970. A process that has ended
        holds no claim, one of another machine none that it does not renew. Raises sqlite3.Error if
        the file cannot be written.
        """
        row = self._database.execute(
            "select owner from claims where key = ? and replicate = ?", question
        ).fetchone()
        if row is not None and _has_ended(row[0]):
            self.release(question, row[0])
        return bool(
            self._database.execute(
                "insert into claims values (?, ?, ?, ?) on conflict (key, replicate) do update "
                "set owner = excluded.owner, until = excluded.until "
                "where owner = excluded.owner or until < ?",
                (*question, owner, now + LEASE_SECONDS, now),
            ).rowcount
        )

    def release(self, question: tuple[str, int], owner: str) -> None:
        """Give a claim back. Raises sqlite3.Error if the file cannot be written."""
        self._database.execute(
            "delete from claims where key = ? and replicate = ? and owner = ?", (*question, owner)
        )

    def held(self) -> list[CacheEntry]:
        """Return what is held, by endpoint."""
        with _said(self.path):
            rows = self._database.execute(
                "select url, count(*), sum(length(body)), min(kept_at), max(kept_at) "
                "from answers group by url order by url"
            ).fetchall()
        return [CacheEntry(*row) for row in rows]

    def prune(self, before: str, url: str | None = None) -> int:
        """Drop what was kept before a time, of one endpoint or of all; return how many."""
        with _said(self.path):
            dropped = self._database.execute(
                "delete from answers where kept_at < ? and (? is null or url = ?)",
                (before, url, url),
            ).rowcount
            if dropped:
                self._database.execute("vacuum")
        return int(dropped)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _prepare(self) -> None:
        """Make the table, and let readers and a writer work at once.

        SQLite does not wait for the lock that changing the mode needs, so we do.
        """
        for attempt in range(_ATTEMPTS):
            try:
                self._database.execute("pragma journal_mode = wal")
                self._database.execute("pragma synchronous = normal")
                (version,) = self._database.execute("pragma user_version").fetchone()
                if version == 0:
                    self._database.execute(_TABLE)
                    self._database.execute(f"pragma user_version = {_VERSION}")
                if version <= _VERSION:
                    self._database.execute(_CLAIMS)
                break
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or attempt == _ATTEMPTS - 1:
                    raise
                time.sleep(_WAIT_SECONDS / 10 / _ATTEMPTS)
        else:  # pragma: no cover - the last attempt raises or breaks
            return
        if version > _VERSION:
            hint = "use the version of harness that made it, or another file: HARNESS_CACHE=..."
            what = "the cache was made by a later version"
            raise HarnessError(Problem(what, "bad-cache", Where(self.path), hint))


def is_locked(error: sqlite3.Error) -> bool:
    """Tell whether another process was writing: what failed will do in a moment."""
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


def owner_name() -> str:
    """Return a name for a run's claims: its machine, its process, and what no other run has."""
    return f"{platform.node()}/{os.getpid()}/{uuid4().hex}"


def _has_ended(owner: str) -> bool:
    """Tell whether the process of a claim is known to have ended; only of this machine it is."""
    node, _, rest = owner.rpartition("/")[0].rpartition("/")
    if os.name != "posix" or node != platform.node() or not rest.isdecimal():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """Return the message of an error of SQLite or the operating system."""
    try:
        yield
    except sqlite3.Error as error:
        hint = "use another file: HARNESS_CACHE=FILE, or none: --no-cache"
        what = f"the cache cannot be used: {error}"
        raise HarnessError(Problem(what, "bad-cache", Where(path), hint)) from None
    except OSError as error:
        what = f"the cache cannot be made: {(error.strerror or str(error)).lower()}"
        hint = "use another place: HARNESS_CACHE=FILE, or none: --no-cache"
        raise HarnessError(Problem(what, "bad-cache", Where(path), hint)) from None
