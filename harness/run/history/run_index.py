"""Past runs: an index over run folders, which stay the truth.

The index is a SQLite file beside the run folders. It is brought up to date before it is read, and
made anew where it is missing, damaged or of another version. A team's database has the same tables.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from harness.errors import HarnessError, Problem
from harness.run import store
from harness.run.history.database import DatabaseRow, DatabaseSession, sqlite_file
from harness.run.history.history_row import Past, PastField, read_past

INDEX_FILE: Final = "index.sqlite"
INDEX_VERSION: Final = 3
"""Of the tables; an index of another version is made anew."""

SessionOpener = Callable[[], AbstractContextManager[DatabaseSession]]


_TYPES: Final = {"str": "TEXT", "int": "INTEGER", "float": "DOUBLE PRECISION"}


def _table(name: str, of: type[Past | PastField], key: str) -> str:
    columns = [f"{f.name} {_TYPES[str(f.type).removesuffix(' | None')]}" for f in fields(of)]
    return f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(columns)}, PRIMARY KEY ({key}))"


def _insert(name: str, of: type[Past | PastField]) -> str:
    columns = [f.name for f in fields(of)]
    return (
        f"INSERT INTO {name} ({', '.join(columns)}) "  # noqa: S608  # names of our own
        f"VALUES ({', '.join(f':{column}' for column in columns)})"
    )


_RUNS: Final = "harness_runs"
_FIELDS: Final = "harness_fields"
_TABLES: Final = (
    _table(_RUNS, Past, "uid"),
    _table(_FIELDS, PastField, "uid, field"),
    "CREATE TABLE IF NOT EXISTS harness_folders (folder TEXT PRIMARY KEY, uid TEXT, stamp TEXT)",
    "CREATE TABLE IF NOT EXISTS harness_version (version INTEGER)",
)


def _probe(name: str, of: type[Past | PastField]) -> str:
    return f"SELECT {', '.join(f.name for f in fields(of))} FROM {name} LIMIT 0"  # noqa: S608


_PROBE_RUNS: Final = _probe(_RUNS, Past)
_PROBE_FIELDS: Final = _probe(_FIELDS, PastField)
_INSERT_RUN: Final = _insert(_RUNS, Past)
_INSERT_FIELD: Final = _insert(_FIELDS, PastField)


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Filter of runs; None takes all."""

    suite: str | None = None
    extractor: str | None = None
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class RunHistory:
    """Indexed runs, oldest first, and folders that could not be read."""

    runs: tuple[Past, ...]
    fields: Mapping[str, tuple[PastField, ...]]
    """By the run's uid."""
    problems: tuple[Problem, ...]


def read_history(
    reports: Path, wanted: HistoryFilter, team: SessionOpener | None = None
) -> RunHistory:
    """Return past runs: those under `reports`, or, with `team`, those of everybody.

    What `reports` has that the team's database has not, or has otherwise, is written there first.
    """
    with _kept_in(reports) as place:
        problems = _refresh(reports, place / INDEX_FILE)
        with sqlite_file(place / INDEX_FILE) as local:
            if team is None:
                return _select(local, wanted, problems)
            mine = local.read(f"SELECT * FROM {_RUNS}", {})  # noqa: S608  # a name of our own
            my_fields = local.read(f"SELECT * FROM {_FIELDS}", {})  # noqa: S608  # as above
    with team() as session:
        _publish(session, mine, my_fields)
        return _select(session, wanted, problems)


@contextmanager
def _kept_in(reports: Path) -> Iterator[Path]:
    """Yield where the index is: beside the runs, or for now elsewhere if nothing may be written."""
    reports.mkdir(parents=True, exist_ok=True)
    if os.access(reports, os.W_OK):
        yield reports
        return
    with TemporaryDirectory() as folder:
        yield Path(folder)


def _refresh(reports: Path, path: Path) -> tuple[Problem, ...]:
    """Bring the index up to date, anew if it cannot be used."""
    try:
        with sqlite_file(path) as session:
            if _version(session) == INDEX_VERSION:
                return _update(session, reports)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
            what = "another program keeps the index locked"
            raise HarnessError(Problem(f"{path}: {what}", "index-locked")) from None
    for leftover in (path, *path.parent.glob(f"{INDEX_FILE}-*")):
        leftover.unlink(missing_ok=True)
    with sqlite_file(path) as session:
        _version(session)
        return _update(session, reports)


def _version(session: DatabaseSession) -> int:
    """Return the version of a database's tables, which are made where there are none."""
    for sql in _TABLES:
        session.write(sql)
    rows = session.read("SELECT version FROM harness_version", {})
    if not rows:
        session.write("INSERT INTO harness_version VALUES (:version)", [{"version": INDEX_VERSION}])
        return INDEX_VERSION
    return int(rows[0]["version"])


def _update(session: DatabaseSession, reports: Path) -> tuple[Problem, ...]:
    for probe in (_PROBE_RUNS, _PROBE_FIELDS):  # fails at once where the tables are not ours
        session.read(probe, {})
    known = {row["folder"]: row for row in session.read("SELECT * FROM harness_folders", {})}
    problems: list[Problem] = []
    present = set()
    for folder in store.run_folders(reports):
        present.add(folder.name)
        stamp = _stamp(folder)
        old = known.get(folder.name)
        if old is not None and old["stamp"] == stamp:
            continue
        if old is not None:
            _forget(session, old)
        try:
            past, its_fields = read_past(folder)
        except HarnessError as error:
            problems.extend(error.problems)
            continue
        _forget(session, {"uid": past.uid, "folder": folder.name})
        _insert_run(session, past, its_fields)
        key_of_run = {"folder": folder.name, "uid": past.uid, "stamp": stamp}
        session.write("INSERT INTO harness_folders VALUES (:folder, :uid, :stamp)", [key_of_run])
    for name, row in known.items():
        if name not in present:
            _forget(session, row)
    return tuple(problems)


def _forget(session: DatabaseSession, row: DatabaseRow) -> None:
    values = {"uid": row["uid"], "folder": row["folder"]}
    session.write("DELETE FROM harness_folders WHERE folder = :folder", [values])
    session.write(f"DELETE FROM {_RUNS} WHERE uid = :uid", [values])  # noqa: S608  # our own name
    session.write(f"DELETE FROM {_FIELDS} WHERE uid = :uid", [values])  # noqa: S608  # as above


def _insert_run(session: DatabaseSession, past: Past, its_fields: Sequence[PastField]) -> None:
    session.write(_INSERT_RUN, [_row(past)])
    if its_fields:
        session.write(_INSERT_FIELD, [_row(field) for field in its_fields])


def _row(record: Past | PastField) -> dict[str, Any]:
    return {f.name: getattr(record, f.name) for f in fields(record)}


def _publish(
    session: DatabaseSession, mine: Sequence[DatabaseRow], my_fields: Sequence[DatabaseRow]
) -> None:
    """Write to a team's database what it lacks of ours; what others wrote is left alone."""
    version = _version(session)
    if version != INDEX_VERSION:
        what = f"the database has tables of version {version}, this harness writes {INDEX_VERSION}"
        raise HarnessError(Problem(what, "database-version", hint="use one version of harness"))
    sql = f"SELECT * FROM {_RUNS}"  # noqa: S608  # a name of our own
    theirs = {row["uid"]: row for row in session.read(sql, {})}
    changed = {row["uid"] for row in mine if theirs.get(row["uid"]) != row}
    for uid in sorted(changed):
        _forget(session, {"uid": uid, "folder": ""})
    runs = [row for row in mine if row["uid"] in changed]
    if runs:
        session.write(_INSERT_RUN, runs)
    published = [row for row in my_fields if row["uid"] in changed]
    if published:
        session.write(_INSERT_FIELD, published)


def _select(
    session: DatabaseSession, wanted: HistoryFilter, problems: tuple[Problem, ...]
) -> RunHistory:
    parameters = {"suite": wanted.suite, "extractor": wanted.extractor, "prompt": wanted.prompt}
    given = {name: value for name, value in parameters.items() if value is not None}
    where = " AND ".join(f"{name} = :{name}" for name in given) or "1 = 1"
    rows = session.read(
        f"SELECT * FROM {_RUNS} WHERE {where} ORDER BY started, uid",  # noqa: S608  # our names
        given,
    )
    runs = tuple(Past(**row) for row in rows)
    inside = f"SELECT uid FROM {_RUNS} WHERE {where}"  # noqa: S608  # as above
    sql = f"SELECT * FROM {_FIELDS} WHERE uid IN ({inside}) ORDER BY uid, field"  # noqa: S608
    by_run: dict[str, list[PastField]] = {}
    for row in session.read(sql, given):
        by_run.setdefault(row["uid"], []).append(PastField(**row))
    return RunHistory(runs, {uid: tuple(some) for uid, some in by_run.items()}, problems)


def _stamp(folder: Path) -> str:
    """Return what changes when a run's record or results do."""
    return " ".join(_sizes(folder / name) for name in (store.RUN, store.RESULTS))


def _sizes(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return "none"
    return f"{status.st_mtime_ns}:{status.st_size}"
