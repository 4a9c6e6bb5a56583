"""Databases that can hold an index of runs: SQLite in a file, or a server through SQLAlchemy.

Both are spoken to in the same SQL: what SQLite and PostgreSQL understand alike, with `:names` for
values.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from harness.errors import HarnessError, Problem, UsageError

DatabaseRow: TypeAlias = Mapping[str, Any]
_PLAIN: Final = "postgresql://"
_DRIVER: Final = "postgresql+psycopg://"


class DatabaseSession(Protocol):
    """A transaction: all of it is kept, or none."""

    def write(self, sql: str, rows: Sequence[DatabaseRow] = ()) -> None:
        """Run a statement once for each row; once without values where there are none given."""
        ...

    def read(self, sql: str, values: DatabaseRow) -> list[DatabaseRow]:
        """Return what a query finds, columns by name."""
        ...


class _Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def write(self, sql: str, rows: Sequence[DatabaseRow] = ()) -> None:
        if rows:
            self._connection.executemany(sql, [dict(row) for row in rows])
        else:
            self._connection.execute(sql)

    def read(self, sql: str, values: DatabaseRow) -> list[DatabaseRow]:
        return [dict(row) for row in self._connection.execute(sql, dict(values))]


@contextmanager
def sqlite_file(path: Path) -> Iterator[DatabaseSession]:
    """Open a transaction on a file, which is made where there is none.

    Raises sqlite3.DatabaseError where the file holds something else, or is damaged.
    """
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN IMMEDIATE")  # so that two programs take turns from the start
        yield _Sqlite(connection)
        connection.execute("COMMIT")


class DatabaseServer:
    """A database server and its connections, for any number of transactions in any thread."""

    def __init__(self, url: str, option: str) -> None:
        """Prepare connections; none is made yet.

        Args:
            url: such as `postgresql://user@host/database`.
            option: the command line's option that named it, for messages.

        Raises:
            UsageError: the URL is none, or what speaks to that server is not installed.
        """
        try:
            import sqlalchemy as sa  # noqa: PLC0415  # an extra
        except ModuleNotFoundError:
            hint = "pip install 'extraction-harness[db]'"
            what = f"{option} needs SQLAlchemy"
            raise UsageError(Problem(what, "no-sqlalchemy", hint=hint)) from None
        plain = url.replace(_PLAIN, _DRIVER, 1) if url.startswith(_PLAIN) else url
        try:
            self._engine = sa.create_engine(plain, pool_pre_ping=True)
        except (sa.exc.ArgumentError, ModuleNotFoundError) as error:
            hint = (
                "write it as postgresql://user@host/database; the password may stand in PGPASSWORD"
            )
            what = f"{option}: {type(error).__name__}: cannot use this URL"
            raise UsageError(Problem(what, "bad-url", hint=hint)) from None
        self._text, self._errors = sa.text, sa.exc.SQLAlchemyError

    @contextmanager
    def transaction(self) -> Iterator[DatabaseSession]:
        """Open a transaction. Raises HarnessError if the server cannot be reached, or refuses."""
        try:
            with self._engine.begin() as connection:
                yield _Server(connection, self._text)
        except self._errors as error:
            reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            shown = self._engine.url.render_as_string(hide_password=True)
            raise HarnessError(Problem(f"{shown}: {reason}", "database")) from None

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


@contextmanager
def server(url: str) -> Iterator[DatabaseSession]:
    """Open a transaction on a database server, such as `postgresql://user@host/database`.

    Raises:
        UsageError: the URL is none, or what speaks to that server is not installed.
        HarnessError: the server cannot be reached, or refuses.
    """
    known = DatabaseServer(url, "--db")
    try:
        with known.transaction() as session:
            yield session
    finally:
        known.close()


class _Server:
    def __init__(self, connection: Any, text: Any) -> None:  # noqa: ANN401  # an extra's types
        self._connection = connection
        self._text = text

    def write(self, sql: str, rows: Sequence[DatabaseRow] = ()) -> None:
        self._connection.execute(self._text(sql), [dict(row) for row in rows] or None)

    def read(self, sql: str, values: DatabaseRow) -> list[DatabaseRow]:
        return [dict(row) for row in self._connection.execute(self._text(sql), values).mappings()]
