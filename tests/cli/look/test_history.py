"""`harness history`: past runs, the index that finds them, and a team's database."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from typing import Any

import pytest

from tests.cli.conftest import Project
from tests.posix import needs_posix

HOSTILE = "<img src=x onerror=alert(1)>\u202e{{ 7*7 }}"


def ran(project: Project, reply: str = '{"total": 5, "name": "a"}') -> None:
    project.suite("a")
    project.answer("a", reply)
    assert project.harness("run", "-q").code == 0


def rows(project: Project, *options: str) -> list[dict[str, Any]]:
    said = project.harness("history", *options, "--format", "json")
    assert (said.code, said.err) == (0, "")
    found: list[dict[str, Any]] = json.loads(said.out)
    return found


def test_runs_are_listed_newest_first_with_how_they_changed(project: Project) -> None:
    ran(project, '{"total": 7, "name": "a"}')
    ran(project)
    found = rows(project)
    assert [(row["f1"], row["change"], row["ruler"]) for row in found] == [
        (1.0, 0.5, "A"),
        (0.5, None, "A"),
    ]
    assert [row["f1"] for row in rows(project, "--field", "total")] == [1.0, 0.0]


def test_another_truth_is_another_ruler_and_no_change_is_claimed(project: Project) -> None:
    ran(project)
    project.suite("a", "b")
    assert project.harness("run", "-q").code == 0
    assert [(row["ruler"], row["change"]) for row in rows(project)] == [("B", None), ("A", None)]
    said = project.harness("history")
    assert "note: notes was measured with 2 rulers (A, B)" in said.out
    assert "history.html" in said.out


@pytest.mark.parametrize("damage", ["deleted", "garbage", "another version", "another table"])
def test_the_index_heals(project: Project, damage: str) -> None:
    ran(project)
    before = rows(project)
    index = project.root / "reports" / "index.sqlite"
    assert index.is_file()
    if damage == "deleted":
        index.unlink()
    elif damage == "garbage":
        index.write_bytes(b"not a database " * 1000)
    else:
        connection = sqlite3.connect(index)
        if damage == "another version":
            connection.execute("UPDATE harness_version SET version = 99")
        else:
            connection.execute("DROP TABLE harness_runs")
            connection.execute("CREATE TABLE harness_runs (other TEXT)")
        connection.commit()
        connection.close()
    assert rows(project) == before


def test_a_run_that_is_gone_is_forgotten_and_one_that_changed_is_read_again(
    project: Project,
) -> None:
    ran(project, '{"total": 7, "name": "a"}')
    ran(project)
    first, second = sorted((project.root / "reports").glob("*/run.json"))
    assert len(rows(project)) == 2
    shutil.rmtree(first.parent)
    record = json.loads(second.read_text("utf-8"))
    record["extractor"] = HOSTILE
    second.write_text(json.dumps(record), "utf-8")
    assert [row["extractor"] for row in rows(project)] == [HOSTILE]


def test_a_broken_run_is_a_warning_and_the_others_are_shown(project: Project) -> None:
    ran(project)
    broken = project.root / "reports" / "20200101-000000-broken"
    broken.mkdir()
    (broken / "run.json").write_text("{", "utf-8")
    said = project.harness("history", "--format", "json")
    assert said.code == 0
    assert len(json.loads(said.out)) == 1
    assert re.search(r"warning: .*run\.json:1: is not JSON", said.err)


def test_the_page_runs_nothing_it_was_given(project: Project) -> None:
    ran(project)
    [path] = (project.root / "reports").glob("*/run.json")
    record = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(record | {"extractor": HOSTILE, "suite": HOSTILE}), "utf-8")
    said = project.harness("history")
    assert "\u202e" not in said.out
    page = (project.root / "reports" / "history.html").read_text("utf-8")
    assert "<img" not in page
    assert "\u202e" not in page
    assert "{{ 7*7 }}" in page
    assert "script-src &#39;none&#39;" in page


def test_names_that_no_run_has_are_refused(project: Project) -> None:
    said = project.harness("history")
    assert (said.code, "there is no folder 'reports' [no-reports]" in said.err) == (2, True)
    (project.root / "reports").mkdir()
    said = project.harness("history")
    assert (said.code, "no run in reports [no-run]" in said.err) == (2, True)
    ran(project)
    said = project.harness("history", "--field", "totl")
    assert said.code == 2
    assert "did you mean 'total'?" in said.err
    said = project.harness("history", "--suite", "notse")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "no run in reports is of a suite 'notse' [no-run]\n  hint: did you mean 'notes'?\n"
    )


def test_a_team_sees_the_runs_of_every_machine(project: Project, database: str) -> None:
    ran(project, '{"total": 7, "name": "a"}')
    assert len(rows(project, "--db", database)) == 1
    shutil.move(project.root / "reports", project.root / "another-machine")
    ran(project)
    assert len(rows(project)) == 1
    found = rows(project, "--db", database)
    assert [row["f1"] for row in found] == [1.0, 0.5]
    assert rows(project, "--db", database) == found
    assert [row["f1"] for row in rows(project, "--db", database, "--field", "total")] == [1.0, 0.0]


def test_a_server_that_is_not_there_is_named_without_its_password(project: Project) -> None:
    pytest.importorskip("sqlalchemy")
    ran(project)
    url = "postgresql://someone:secret-word@127.0.0.1:1/nothing"
    said = project.harness("history", "--db", url)
    assert said.code == 3
    assert "someone" in said.err
    assert "secret-word" not in said.err + said.out
    said = project.harness("history", "--db", "no url: secret-word")
    assert said.code == 2
    assert "[bad-url]" in said.err
    assert "secret-word" not in said.err


@needs_posix
def test_a_folder_that_must_not_be_written_is_read_all_the_same(project: Project) -> None:
    ran(project)
    reports = project.root / "reports"
    before = project.tree()
    reports.chmod(0o555)
    try:
        if os.access(reports, os.W_OK):
            pytest.skip("root may write everywhere")
        assert len(rows(project)) == 1
        assert project.harness("history").code == 0
    finally:
        reports.chmod(0o755)
    assert project.tree() == before
