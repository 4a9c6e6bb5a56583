"""A team's database with the decisions of reviewers, for queries; the files stay the truth.

The rows can be made again from the files at any time: `harness_review_events` has a row for each
decision, `harness_review_fields` one for each field as all decisions leave it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.cases.decisions.case_fold import fold_case
from harness.cases.decisions.decision import Decision, read_decision
from harness.core.values import Json, show
from harness.errors import HarnessError, Problem, Where
from harness.review.reviewed_case import ReviewedField
from harness.review.reviewed_suite import ReviewedSuite
from harness.run.history.database import DatabaseRow, DatabaseSession

_VERSION: Final = 1
"""Of the tables."""
_EVENTS: Final = {
    "suite": "TEXT",
    "id": "TEXT",
    "at": "TEXT",
    "person": "TEXT",
    "case_id": "TEXT",
    "act": "TEXT",
    "path": "TEXT",
    "fields": "INTEGER",
    "seconds": "DOUBLE PRECISION",
    "blind": "INTEGER",
    "withdrawn": "INTEGER",
    "line": "TEXT",
}
_FIELDS: Final = {
    "suite": "TEXT",
    "case_id": "TEXT",
    "path": "TEXT",
    "field": "TEXT",
    "is_list": "INTEGER",
    "state": "TEXT",
    "reviewed": "INTEGER",
    "approved_by": "TEXT",
    "value": "TEXT",
    "as_of": "TEXT",
}


def _table(name: str, columns: dict[str, str], key: str) -> str:
    listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    return f"CREATE TABLE IF NOT EXISTS {name} ({listed}, PRIMARY KEY ({key}))"


def _insert(name: str, columns: Iterable[str]) -> str:
    listed = list(columns)
    values = ", ".join(f":{column}" for column in listed)
    return f"INSERT INTO {name} ({', '.join(listed)}) VALUES ({values})"  # noqa: S608  # our names


_TABLES: Final = (
    _table("harness_review_events", _EVENTS, "suite, id"),
    _table("harness_review_fields", _FIELDS, "suite, case_id, path, is_list"),
    "CREATE TABLE IF NOT EXISTS harness_review_version (version INTEGER)",
)
_KNOWN_IDS: Final = "SELECT id, withdrawn FROM harness_review_events WHERE suite = :suite"
_OF_SUITE: Final = "SELECT line FROM harness_review_events WHERE suite = :suite ORDER BY id"
_WITHDRAWN: Final = (
    "UPDATE harness_review_events SET withdrawn = 1 WHERE suite = :suite AND id = :id"
)
_ADD_EVENT: Final = _insert("harness_review_events", _EVENTS)
_ADD_FIELD: Final = _insert("harness_review_fields", _FIELDS)
_NO_FIELDS: Final = "DELETE FROM harness_review_fields WHERE suite = :suite"
_NO_EVENTS: Final = "DELETE FROM harness_review_events WHERE suite = :suite"


@dataclass(frozen=True, slots=True)
class PublishedReviews:
    """Result of publishing a suite's decisions."""

    events: int
    """Decisions that the files have."""
    new: int
    """Of them, those that the database did not have."""
    unknown: int
    """Decisions of the database that the files do not have: somebody else published them."""
    fields: int | None
    """Fields that were written; None where the files do not know all decisions there are."""


def publish_reviews(
    suite: ReviewedSuite, session: DatabaseSession, *, rebuild: bool = False
) -> PublishedReviews:
    """Write what the files say about a suite into a database, and delete nothing of others.

    The fields' rows are written by whoever knows all decisions. With `rebuild` all rows of the
    suite are made anew of the files. Raises HarnessError for tables of another version.
    """
    _check_version(session)
    key: DatabaseRow = {"suite": suite.suite.name}
    if rebuild:
        session.write(_NO_EVENTS, [key])
    known = {str(row["id"]): bool(row["withdrawn"]) for row in session.read(_KNOWN_IDS, key)}
    rows = {str(row["id"]): row for row in _event_rows(suite)}
    fresh = [row for name, row in rows.items() if name not in known]
    if fresh:
        session.write(_ADD_EVENT, fresh)
    taken_back = [
        {**key, "id": name}
        for name, row in rows.items()
        if row["withdrawn"] and not known.get(name)
    ]
    if taken_back:
        session.write(_WITHDRAWN, taken_back)
    unknown = len(known.keys() - rows.keys())
    if unknown:
        return PublishedReviews(len(rows), len(fresh), unknown, None)
    session.write(_NO_FIELDS, [key])
    fields = list(_field_rows(suite))
    if fields:
        session.write(_ADD_FIELD, fields)
    return PublishedReviews(len(rows), len(fresh), 0, len(fields))


def published_decisions(session: DatabaseSession, suite: str) -> list[Decision]:
    """Return the decisions of a suite that a database has, in the order of `read_logs`."""
    _check_version(session)
    rows = session.read(_OF_SUITE, {"suite": suite})
    return [read_decision(str(row["line"]), Where(Path("database"))) for row in rows]


def _check_version(session: DatabaseSession) -> None:
    for sql in _TABLES:
        session.write(sql)
    version = session.read("SELECT version FROM harness_review_version", {})
    if not version:
        session.write("INSERT INTO harness_review_version VALUES (:version)", [{"version": 1}])
    elif int(version[0]["version"]) != _VERSION:
        what = f"the database has review tables of version {version[0]['version']}, not {_VERSION}"
        raise HarnessError(Problem(what, "database-version", hint="use one version of harness"))


def _event_rows(suite: ReviewedSuite) -> Iterator[DatabaseRow]:
    by_case: dict[str, list[Decision]] = {}
    for each in suite.decisions:
        by_case.setdefault(each.case, []).append(each)
    for made in by_case.values():
        history = fold_case(made)
        for each in made:
            yield {
                "suite": suite.suite.name,
                "id": each.id,
                "at": each.at,
                "person": each.by,
                "case_id": each.case,
                "act": each.do.value,
                "path": show(history.path_of(each.path)),
                "fields": max(1, len(each.fields)),
                "seconds": each.seconds,
                "blind": int(each.blind),
                "withdrawn": int(each.id in history.withdrawn),
                "line": _without_nul(each.line().strip()),
            }


def _field_rows(suite: ReviewedSuite) -> Iterator[DatabaseRow]:
    last = max((each.id for each in suite.decisions), default="")
    for case_id in suite.case_ids:
        reviewed = suite.case(case_id)
        for each in reviewed.fields if reviewed.is_labelled else ():
            yield _field_row(suite.suite.name, case_id, each, last)


def _field_row(suite: str, case: str, field: ReviewedField, last: str) -> DatabaseRow:
    return {
        "suite": suite,
        "case_id": case,
        "path": field.path,
        "field": field.name,
        "is_list": int(field.is_list),
        "state": field.state.value,
        "reviewed": int(field.is_reviewed),
        "approved_by": _text([by for by, _ in field.approved]),
        "value": None if field.is_list or not field.is_present else _text(field.value),
        "as_of": last,
    }


def _text(value: Json) -> str:
    return _without_nul(json.dumps(value, ensure_ascii=False))


def _without_nul(text: str) -> str:
    r"""Return JSON text that a database takes: PostgreSQL refuses a lone surrogate in UTF-8.

    >>> _without_nul('"a\ud800"')
    '"a\\ud800"'
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(json.loads(text))
    return text
