"""A shared run's board in a table of a PostgreSQL database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

from harness.run.asking.sharing.lease_board import QUESTION_LEASE
from harness.run.history.database import DatabaseRow, DatabaseServer

DATABASE_SCHEMES: Final = ("postgresql://", "postgresql+psycopg://")
"""How the address of a board in a database begins."""
_MAKE: Final = """
CREATE TABLE IF NOT EXISTS harness_shared_run (
  board TEXT NOT NULL, question TEXT NOT NULL, owner TEXT NOT NULL,
  lease_ends TIMESTAMPTZ NOT NULL, answer TEXT,
  PRIMARY KEY (board, question))"""
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(7206140317)"
"""Of processes that make the table at once, all but one would fail in PostgreSQL's catalogue."""
_ENDS: Final = "clock_timestamp() + make_interval(secs => :seconds)"
_TAKE: Final = f"""
INSERT INTO harness_shared_run AS known (board, question, owner, lease_ends)
VALUES (:board, :key, :owner, {_ENDS})
ON CONFLICT (board, question) DO UPDATE SET owner = :owner, lease_ends = {_ENDS}
WHERE known.answer IS NULL AND known.lease_ends < clock_timestamp()
RETURNING owner"""  # noqa: S608  # two texts of ours
_READ: Final = """
SELECT answer FROM harness_shared_run
WHERE board = :board AND question = :key AND answer IS NOT NULL"""
_PUT: Final = """
INSERT INTO harness_shared_run AS known (board, question, owner, lease_ends, answer)
VALUES (:board, :key, :owner, clock_timestamp(), :answer)
ON CONFLICT (board, question) DO UPDATE SET owner = :owner, answer = :answer
WHERE known.answer IS NULL"""
_RELEASE: Final = """
DELETE FROM harness_shared_run
WHERE board = :board AND question = :key AND owner = :owner AND answer IS NULL"""
_RENEW: Final = f"""
UPDATE harness_shared_run SET lease_ends = {_ENDS}
WHERE board = :board AND question = :key AND owner = :owner AND answer IS NULL"""  # noqa: S608


class DatabaseBoard:
    """Rows of the table `harness_shared_run`. The server's clock is the only one that is asked.

    Of two answers to one question, given because a lease ran out too early, the first one stays.
    """

    def __init__(self, address: str, seconds: float = QUESTION_LEASE) -> None:
        """Use a database's table, made where there is none.

        Args:
            address: such as `postgresql://user@host/database#NAME`; processes with the same NAME
                share a run. Without one the name is empty.
            seconds: how long a lease outlives the last sign of its process.

        Raises:
            UsageError: the address is none, or the extra `db` is not installed.
            HarnessError: the server cannot be reached, or refuses.
        """
        url, _, name = address.partition("#")
        self._server, self._name, self._seconds = (
            DatabaseServer(url, "--share"),
            unquote(name),
            seconds,
        )
        self.owner = uuid.uuid4().hex
        with self._server.transaction() as session:
            session.read(_ONE_AT_A_TIME, {})
            session.write(_MAKE)

    def take(self, key: str) -> bool:
        """Insert the lease, or take over one that ran out: one statement, so one process does."""
        with self._server.transaction() as session:
            return bool(session.read(_TAKE, self._row(key)))

    def answer(self, key: str) -> str | None:
        """Return the row's answer."""
        with self._server.transaction() as session:
            rows = session.read(_READ, self._row(key))
        return str(rows[0]["answer"]) if rows else None

    def put(self, key: str, answer: str) -> str:
        """Write the answer unless there is one; nobody leases a question that has one."""
        with self._server.transaction() as session:
            session.write(_PUT, [{**self._row(key), "answer": answer}])
            rows = session.read(_READ, self._row(key))
        return str(rows[0]["answer"]) if rows else answer

    def release(self, key: str) -> None:
        """Delete the row if it is ours and without an answer."""
        with self._server.transaction() as session:
            session.write(_RELEASE, [self._row(key)])

    def renew(self, keys: Sequence[str]) -> None:
        """Move the end of the leases that are still ours."""
        if keys:
            with self._server.transaction() as session:
                session.write(_RENEW, [self._row(key) for key in keys])

    def close(self) -> None:
        """Give the connections back."""
        self._server.close()

    def _row(self, key: str) -> DatabaseRow:
        return {"board": self._name, "key": key, "owner": self.owner, "seconds": self._seconds}
