"""A run whose truths or rules have changed on disk since it was scored says so everywhere."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from harness.view.server import application
from tests.cli.conftest import Project

SETTINGS = """\
schema: schema.json
rules: {name: {compare: text}}
tags: {a: [short], b: [short], c: [long]}
extractors: {good: {kind: recorded, answers: answers/good}}
"""
SCHEMA = '{"properties": {"total": {"type": "integer"}, "name": {"type": "string"}}}'


@pytest.fixture
def suite(project: Project) -> Project:
    project.suite("a", "b", "c")
    project.write({"evals/notes/suite.yaml": SETTINGS, "evals/notes/schema.json": SCHEMA})
    return project


def scored(project: Project, *arguments: str) -> None:
    assert project.harness("run", "evals/notes", "-q", *arguments).code == 0


CHANGES = {
    "truth": ({"ground_truth/notes/a.json": '{"total": 6, "name": "a"}'}, "the truth of a has"),
    "unreadable truth": ({"ground_truth/notes/a.json": '{"total": '}, "the truth of a has"),
    "schema": ({"evals/notes/schema.json": '{"properties": {}}'}, "the truths of a, b, c have"),
    "rules": (
        {"evals/notes/suite.yaml": SETTINGS.replace("compare: text", "compare: exact")},
        "the suite's rules have",
    ),
    "own rules": (
        {"ground_truth/notes/b.rules.yaml": "name: {any_of: [x]}"},
        "the truth of b has",
    ),
    "policy for empty cases": (
        {"evals/notes/suite.yaml": f"empty: one\n{SETTINGS}"},
        "the suite's rules have",
    ),
}


@pytest.mark.parametrize("kind", sorted(CHANGES))
def test_each_kind_of_change_is_said_on_every_surface_and_no_gate_passes(
    suite: Project, kind: str
) -> None:
    scored(suite)
    assert suite.harness("gate", "last", "--fail-under", "macro=0.5").code == 0
    files, words = CHANGES[kind]
    suite.write(files)
    run = f"reports/{suite.run_folder().name}"
    hint = f"harness rescore {run} --suite evals/notes"
    for command in (("show", "last"), ("report", "last"), ("explain", "last", "a", "total")):
        said = suite.harness(*command)
        assert said.code == 0
        assert (
            f"warning: Since this run was scored {words} changed: its figures are of the old"
            in said.err
        )
        assert f"  hint: {hint}\n" in said.err
    gate = suite.harness("gate", "last", "--fail-under", "macro=0.5")
    assert gate.code == 1
    told = f"scored by an old truth, nothing passes: Since this run was scored {words} changed"
    assert f"gate not met: {told}" in gate.err
    assert f"figures are of the old; to score it by what is on disk: {hint}" in gate.err
    page = (suite.run_folder() / "report.html").read_text("utf-8")
    assert "<strong>Out of date.</strong>" in page
    assert words.replace("'", "&#39;") in page


def test_rescoring_ends_it(suite: Project) -> None:
    scored(suite)
    suite.write({"ground_truth/notes/a.json": '{"total": 6, "name": "a"}'})
    stored = suite.harness("rescore", "last")
    assert "warning: Since this run was scored the truth of a has changed" in stored.err, (
        "by what the run itself stored"
    )
    assert "scored by the truths and rules that the run stored, not by those of today" in stored.out
    said = suite.harness("rescore", "last", "--suite", "evals/notes")
    assert (said.code, said.err) == (0, "")
    assert suite.harness("show", "last").err == ""
    gate = suite.harness("gate", "last", "--format", "json", "--fail-under", "macro=0.5")
    current = next(g for g in json.loads(gate.out)["gates"] if g["gate"] == "current")
    assert current["met"] is True
    assert "Out of date" not in (suite.run_folder() / "report.html").read_text("utf-8")


def test_what_judges_nothing_makes_no_run_old(suite: Project) -> None:
    scored(suite)
    suite.write(
        {
            "evals/notes/suite.yaml": f"description: better\ntarget_f1: 0.1\n{SETTINGS}",
            "ground_truth/notes/a.json": '{\n "name": "a",\n "total": 5.0\n}\n',
        }
    )
    assert suite.harness("show", "last").err == ""
    assert suite.harness("gate", "last", "--fail-under", "macro=0.5").code == 0


@pytest.mark.parametrize("count", [1, 3000])
def test_documents_that_changed_since_they_were_read_are_told_of_everywhere(
    project: Project, count: int
) -> None:
    ids = [f"c{number:04}" for number in range(max(count, 3))]
    project.suite(*ids)
    scored(project)
    assert project.harness("show", "last").err == ""
    texts = {f"evals/notes/documents/{key}.txt": "another text" for key in ids[:count]}
    project.write(texts)
    which = "documents/c0000.txt has"
    if count > 1:
        which = (
            "documents/c0000.txt, documents/c0001.txt, documents/c0002.txt and 2\u202f997 more have"
        )
    assert f"gate not met: of other documents, nothing passes: {which} changed since" in (
        project.harness("gate", "last").err
    )
    for command in (("show", "last"), ("explain", "last", "c0000", "total")):
        said = project.harness(*command)
        assert said.code == 0
        assert f"warning: {which} changed since this run asked about" in said.err
        assert "[old-documents]\n  hint: ask again: harness run\n" in said.err


@pytest.mark.parametrize(
    "command",
    [
        ("export", "last", "--format", "junit"),
        ("export", "last", "--format", "csv"),
        ("tune", "last"),
        ("route", "last"),
        ("ensemble", "last", "last", "--name", "both"),
    ],
    ids=lambda command: "-".join(command[::3]),
)
def test_whatever_reads_figures_of_a_run_says_that_its_truths_are_old(
    suite: Project, command: tuple[str, ...]
) -> None:
    scored(suite)
    suite.write({"ground_truth/notes/a.json": '{"total": 6, "name": "a"}'})
    assert "Since this run was scored the truth of a has changed" in suite.harness(*command).err


@pytest.mark.parametrize(
    "arguments", [("--filter", "a"), ("--tag", "short"), ("--limit", "2")], ids=lambda a: a[0]
)
def test_a_run_over_a_part_is_old_by_its_own_cases_only(
    suite: Project, arguments: tuple[str, str]
) -> None:
    scored(suite, *arguments)
    suite.write({"ground_truth/notes/c.json": '{"total": 7}'})
    assert suite.harness("show", "last").err == ""
    suite.write({"ground_truth/notes/a.json": '{"total": 7}'})
    assert "the truth of a has changed" in suite.harness("show", "last").err


@pytest.mark.parametrize("count", [1, 3000])
def test_cases_added_since_are_told_on_every_surface_and_no_gate_passes(
    suite: Project, count: int
) -> None:
    scored(suite)
    for number in range(count):
        name = f"d{number:04}"
        suite.write({f"evals/notes/documents/{name}.txt": name})
        suite.write({f"ground_truth/notes/{name}.json": "{}"})
        suite.write({f"evals/notes/answers/good/{name}.json": "{}"})
    has = "d0000 has" if count == 1 else "d0000, d0001, d0002 and 2\u202f997 more have"
    words = f"{has} come into the suite, never asked about"
    run = suite.run_folder().name
    hint = f"harness run evals/notes --resume reports/{run}"
    for command in (("show", "last"), ("report", "last"), ("rescore", "last")):
        told = suite.harness(*command)
        assert f"warning: Since this run was scored {words}: its figures are of the old" in told.err
        assert f"  hint: {hint}\n" in told.err
    gate = suite.harness("gate", "last", "--fail-under", "macro=0.5")
    assert gate.code == 1
    assert "gate not met: scored by an old truth, nothing passes: Since this run was" in gate.err
    page = (suite.run_folder() / "report.html").read_text("utf-8")
    assert f"<strong>Out of date.</strong> Since this run was scored {words}" in page
    assert suite.harness(*hint.split()[1:]).code == 0, "the command that is named asks about them"
    assert suite.harness("gate", "last", "--fail-under", "macro=0.5").code == 0


def test_a_document_without_ground_truth_is_no_case_that_was_added(suite: Project) -> None:
    scored(suite)
    suite.write({"evals/notes/documents/d.txt": "d"})
    assert suite.harness("show", "last").err == ""
    assert suite.harness("gate", "last", "--fail-under", "macro=0.5").code == 0


def test_a_run_of_one_file_has_no_cases_added(suite: Project) -> None:
    assert suite.harness("run", "evals/notes/documents/a.txt", "-q").code == 0
    assert suite.harness("show", "last").err == ""
    assert suite.harness("rescore", "last", "--suite", "evals/notes").code == 0, "of the same file"
    assert suite.harness("gate", "last", "--fail-under", "macro=0.5").code == 0


@pytest.mark.parametrize(
    ("arguments", "is_meant"),
    [
        (("--filter", "*"), True),
        (("--filter", "a"), False),
        (("--tag", "short"), True),
        (("--tag", "long"), False),
        (("--limit", "3"), False),
    ],
    ids=str,
)
def test_an_added_case_is_told_of_a_run_over_a_part_that_would_have_it(
    suite: Project, arguments: tuple[str, ...], *, is_meant: bool
) -> None:
    scored(suite, *arguments)
    suite.write(
        {
            "evals/notes/suite.yaml": SETTINGS.replace("b: [short]", "b: [short], new: [short]"),
            "evals/notes/documents/new.txt": "d",
            "ground_truth/notes/new.json": "{}",
        }
    )
    told = suite.harness("show", "last").err
    assert ("new has come into the suite" in told) is is_meant
    assert is_meant or told == ""


def test_an_ensemble_of_runs_over_a_part_is_of_that_part(suite: Project) -> None:
    for _ in range(2):
        scored(suite, "--filter", "a")
    assert suite.harness("ensemble", "last", "last~1", "--name", "both").code == 0
    assert suite.harness("show", "last").err == ""
    assert suite.harness("rescore", "last", "--suite", "evals/notes").code == 0
    assert suite.harness("gate", "last", "--fail-under", "macro=0.5").code == 0


def test_ids_that_are_all_others_now_pass_no_gate(suite: Project) -> None:
    scored(suite)
    for name in "abc":
        for folder, suffix in (("evals/notes/documents", "txt"), ("ground_truth/notes", "json")):
            (suite.root / folder / f"{name}.{suffix}").rename(
                suite.root / folder / f"new-{name}.{suffix}"
            )
    suite.write({"evals/notes/suite.yaml": SETTINGS.replace("tags:", "#")})
    assert suite.harness("gate", "last", "--fail-under", "macro=0.5").code == 1


def test_a_document_that_changed_stays_changed_however_often_its_answer_is_scored(
    suite: Project,
) -> None:
    scored(suite)
    suite.write({"evals/notes/documents/a.txt": "another text"})
    suite.harness("rescore", "last", "--suite", "evals/notes")
    words = "documents/a.txt has changed since this run asked about it"
    assert f"gate not met: of other documents, nothing passes: {words}" in (
        suite.harness("gate", "last").err
    )
    assert words in (suite.run_folder() / "report.html").read_text("utf-8")
    assert suite.harness("run", "evals/notes", "--resume", "last", "-q").code == 0
    assert suite.harness("gate", "last").code == 0


def test_a_case_that_is_gone_is_told(suite: Project) -> None:
    scored(suite)
    (suite.root / "evals/notes/documents/b.txt").unlink()
    (suite.root / "ground_truth/notes/b.json").unlink()
    assert "b is no case of the suite any more" in suite.harness("show", "last").err
    assert suite.harness("gate", "last").code == 1


@pytest.mark.parametrize("lost", ["moved", "another", "broken", "emptied"])
def test_where_nobody_can_tell_it_is_said_and_everything_can_still_be_read(
    suite: Project, lost: str
) -> None:
    scored(suite)
    home = suite.root / "evals/notes"
    match lost:
        case "moved":
            shutil.move(home, suite.root / "elsewhere")
        case "another":
            suite.write({"evals/notes/suite.yaml": f"name: other\n{SETTINGS}"})
        case "broken":
            suite.write({"evals/notes/suite.yaml": "rules: ["})
        case _:
            shutil.rmtree(home / "documents")
    said = suite.harness("show", "last")
    assert said.code == 0
    assert said.err.startswith(
        "warning: whether truths or rules have changed since the run cannot be checked: "
    )
    assert "total" in said.out
    assert suite.harness("report", "last").code == 0
    assert suite.harness("gate", "last", "--fail-under", "macro=0.5").code == 0


def test_a_comparator_of_ones_own_is_a_rule(suite: Project) -> None:
    settings = SETTINGS.replace("compare: text", "compare: 'lab:same'")
    suite.write(
        {
            "evals/notes/suite.yaml": settings,
            "evals/notes/lab.py": "def same(expected, predicted):\n    return True\n",
        }
    )
    scored(suite)
    assert suite.harness("show", "last").err == ""
    suite.write({"evals/notes/lab.py": "def same(expected, predicted):\n    return False\n"})
    assert "the suite's rules have changed" in suite.harness("show", "last").err


@pytest.mark.parametrize("count", [3, 3000])
def test_of_many_changed_truths_three_are_named(project: Project, count: int) -> None:
    project.suite(*(f"c{number:04}" for number in range(count)))
    scored(project)
    for number in range(count):
        project.write({f"ground_truth/notes/c{number:04}.json": '{"total": 6}'})
    more = "" if count == 3 else " and 2\u202f997 more"
    assert f"the truths of c0000, c0001, c0002{more} have" in project.harness("show").err


def test_the_server_says_so_on_the_page_as_it_lies_and_in_its_list(suite: Project) -> None:
    scored(suite)

    async def pages(reports: Path) -> tuple[str, str]:
        async with TestClient(TestServer(application(reports), host="127.0.0.1")) as client:
            page = await client.get(f"/{suite.run_folder().name}/report.html")
            listed = await client.get("/")
            return await page.text(), await listed.text()

    for page in asyncio.run(pages(suite.root / "reports")):
        assert "Out of date" not in page
    before = (suite.run_folder() / "report.html").read_bytes()
    suite.write({"ground_truth/notes/a.json": '{"total": 6, "name": "a"}'})
    for page in asyncio.run(pages(suite.root / "reports")):
        assert "<strong" in page
        assert "Out of date.</strong> Since this run was scored the truth of a has" in page
    assert (suite.run_folder() / "report.html").read_bytes() == before, "it only reads"
    suite.write({"ground_truth/notes/a.json": '{"total": 5, "name": "a"}'})
    for page in asyncio.run(pages(suite.root / "reports")):
        assert "Out of date" not in page
