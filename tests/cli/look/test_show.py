"""`harness show`: tables of a stored run, for people and for pipes."""

from __future__ import annotations

import csv
import io
import json

from tests.cli.conftest import Project

HOSTILE = "<script>|`=cmd` \u202e[x](javascript:1)\n@all"


def ran(project: Project) -> None:
    """Run `notes`: case a has a wrong total, case b a hostile name in place of its own."""
    project.suite("a", "b")
    project.answer("a", '{"total": 7, "name": "a"}')
    project.answer("b", json.dumps({"total": "5", "name": HOSTILE}))
    assert project.harness("run", "-q").code == 0


def test_fields_that_cost_most_come_first(project: Project) -> None:
    ran(project)
    said = project.harness("show")
    assert (said.code, said.err) == (0, "")
    head, *rows = said.out.splitlines()
    assert head.split()[:3] == ["field", "expected", "correct"]
    assert [row.split()[:3] for row in rows] == [["total", "2", "0"], ["name", "2", "1"]]


def test_cases_are_listed_worst_first(project: Project) -> None:
    ran(project)
    found = json.loads(project.harness("show", "last", "--by", "case", "--format", "json").out)
    assert [(row["case"], row["f1"], row["failure"]) for row in found] == [
        ("b", 0.0, None),
        ("a", 0.5, None),
    ]


def test_verdicts_can_be_limited(project: Project) -> None:
    ran(project)
    for asked, paths in {
        ("--errors", "wrong_value"): ["a total", "b name"],
        ("--errors", "format_error"): ["b total"],
        ("--errors", "any", "--case", "b"): ["b total", "b name"],
        ("--field", "name"): ["a name", "b name"],
    }.items():
        rows = json.loads(project.harness("show", "last", *asked, "--format", "json").out)
        assert [f"{row['case']} {row['path']}" for row in rows] == paths


def test_csv_holds_values_as_json_and_no_formula(project: Project) -> None:
    ran(project)
    said = project.harness("show", "last", "--errors", "any", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(said.out)))
    assert [json.loads(row["predicted"]) for row in rows] == [7, "5", HOSTILE]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_markdown_and_text_do_not_act(project: Project) -> None:
    ran(project)
    for form in ("markdown", "text"):
        out = project.harness("show", "last", "--errors", "any", "--format", form).out
        assert "\u202e" not in out
        assert "\x1b" not in out
    markdown = project.harness("show", "last", "--errors", "any", "--format", "markdown").out
    assert "<script>" not in markdown
    assert "@all" not in markdown
    assert all(line.startswith("|") for line in markdown.splitlines())


def test_a_run_goes_by_a_part_of_its_name(project: Project) -> None:
    ran(project)
    assert project.harness("show", "notes-good").code == 0
    project.write({"evals/notes/answers/good/a.json": '{"total": 77}'})
    assert project.harness("run", "-q").code == 0
    first, newest = sorted((project.root / "reports").glob("*notes-good*/"))
    said = project.harness("show", "notes-good", "--format", "json")
    assert said.out == project.harness("show", newest, "--format", "json").out, "the newest of two"
    assert said.out != project.harness("show", first, "--format", "json").out
    said = project.harness("show", "note-god")
    assert said.code == 2
    assert "no run in reports is called 'note-god' [no-run]" in said.err
    assert "did you mean 'notes-good'?" in said.err
    names = sorted(path.name for path in (project.root / "reports").glob("*-good*/"))
    said = project.harness("show", names[0].replace("good", "goood"))
    assert f"did you mean '{names[0]}'?" in said.err
    assert "known: 2" in project.harness("show", "zzz").err
    said = project.harness("show", "reports/none")
    assert (said.code, "this is no run folder [no-run]" in said.err) == (3, True)


def test_unknown_names_are_refused_with_the_nearest(project: Project) -> None:
    ran(project)
    said = project.harness("show", "last", "--field", "totl", "--case", "c")
    assert said.code == 2
    assert "the run has no field 'totl' [unknown-field]" in said.err
    assert "did you mean 'total'?" in said.err
    assert "the run has no case 'c' [unknown-case]" in said.err
    said = project.harness("show", "last", "--tag", "scal")
    assert (said.code, "did you mean 'scale'?" in said.err) == (2, True)


def test_a_mistyped_command_names_the_nearest(project: Project) -> None:
    said = project.harness("shwo")
    assert said.code == 2
    assert "No such command 'shwo'; did you mean 'show'?" in said.err


def test_there_is_nothing_to_show_before_the_first_run(project: Project) -> None:
    said = project.harness("show")
    assert said.code == 2
    assert "no runs in reports [no-run]" in said.err
    assert "make one: harness run" in said.err


def test_verdicts_say_how_many_replicates_agree(project: Project) -> None:
    project.suite("a", "b")
    ran(project)
    assert project.harness("run", "-q", "--repeat", "2").code == 0
    said = project.harness("show", "last", "--case", "a", "--field", "total")
    head, *rows = said.out.splitlines()
    assert head.split() == [
        "case", "replicate", "path", "outcome", "expected", "predicted", "sure", "tags",
    ]  # fmt: skip
    assert [row.split()[1] for row in rows] == ["1", "2"]
    assert all("1 by votes" in row for row in rows)
    asked = ("show", "last", "--field", "total", "--format")
    found = json.loads(project.harness(*asked, "json").out)
    assert [row["confidences"] for row in found] == [{"votes": 1.0}] * 4
    assert '"{""votes"": 1.0}"' in project.harness(*asked, "csv").out
    assert '"{""votes"": 1.0}"' in project.harness("export", "last", "--format", "csv").out
