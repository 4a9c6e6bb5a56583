"""`harness check`: what is wrong, without running anything."""

from __future__ import annotations

import json

import pytest
from inline_snapshot import snapshot

from harness.core.number_text import count
from tests.cli.conftest import Project


def test_sound_suites_are_listed_and_nothing_is_written(project: Project) -> None:
    project.suite()
    project.suite("x", name="alpha")
    before = project.tree()
    said = project.harness("check")
    assert (said.code, said.err) == (0, "")
    assert said.out == snapshot("""\
alpha: 1 case; good
notes: 3 cases; good
suite  format  documents  characters  median  least  least in         scans  empty
alpha  text            1          10      10     10  documents/x.txt      0      0
notes  text            3          30      10     10  documents/a.txt      0      0
""")
    assert project.tree() == before


def test_no_extractor_is_asked_anything(project: Project) -> None:
    project.suite()
    project.extractors(touch="{kind: command, command: [touch, touched]}")
    assert project.harness("check", "evals/notes").code == 0
    assert not list(project.root.rglob("touched"))


def test_a_suite_without_an_extractor_can_be_checked(project: Project) -> None:
    project.suite()
    project.write({"evals/notes/suite.yaml": ""})
    said = project.harness("check")
    assert (said.code, said.out.splitlines()[0]) == (0, "notes: 3 cases; no extractor")


def test_warnings_are_told_and_counted_and_leave_the_exit_code_alone(project: Project) -> None:
    project.suite()
    project.write({"ground_truth/notes/b.json": "{}"})
    said = project.harness("check")
    assert said.code == 0
    assert said.out.startswith("notes: 3 cases; good\n")
    assert said.out.endswith("\n1 warning\n")
    assert "[empty-truth]" in said.err


def test_an_extractor_that_cannot_work_is_an_error(project: Project) -> None:
    project.suite()
    project.extractors(gone="{kind: command, command: [no-such-program-anywhere]}")
    said = project.harness("check")
    assert (said.code, said.out) == (3, "")
    assert said.err == (
        "evals/notes/suite.yaml: no program 'no-such-program-anywhere' [no-program]\n"
        "  hint: install it, or give its path\n"
    )


def test_all_problems_of_all_suites_come_at_once_and_are_counted(project: Project) -> None:
    project.suite()
    project.suite("x", name="alpha")
    project.write({"ground_truth/alpha/x.json": "{", "ground_truth/notes/a.json": "nope"})
    said = project.harness("check")
    assert (said.code, said.out) == (3, "")
    assert "ground_truth/alpha/x.json:1: is not JSON" in said.err
    assert "ground_truth/notes/a.json:1: is not JSON" in said.err
    assert said.err.endswith("\n2 problems\n")


def test_a_path_that_is_not_there_gets_the_nearest_name(project: Project) -> None:
    project.suite()
    said = project.harness("check", "eval")
    assert (said.code, said.out) == (2, "")
    assert said.err == "'eval' does not exist [no-such-path]\n  hint: did you mean 'evals'?\n"


def test_a_folder_without_a_suite_says_what_a_suite_is(project: Project) -> None:
    said = project.harness("check", ".")
    assert (said.code, said.out) == (2, "")
    assert "holds no suite [no-suite]\n  hint: a suite is a folder with" in said.err


def test_recordings_that_are_missing_and_those_nobody_asks_for_are_told(project: Project) -> None:
    project.suite()
    answers = project.root / "evals/notes/answers/good"
    (answers / "a.json").rename(answers / "aa.json")
    said = project.harness("check")
    assert said.code == 0
    assert said.err == (
        "warning: evals/notes/suite.yaml: 'good' has no recorded answer for a [no-recording]\n"
        "warning: evals/notes/suite.yaml: no case asks for the recorded answers aa of 'good' "
        "[unused-recording]\n"
    )
    said = project.harness("check", "evals/notes/documents/b.txt")
    assert said.err == "", "one case asks for one recording"


@pytest.mark.parametrize("size", [3, 3_000])
def test_rules_that_would_accept_near_misses_of_the_last_run_are_proposed(
    project: Project, size: int
) -> None:
    project.suite("a")
    names = [f"Nike {n} Works" for n in range(size)]
    project.write({"ground_truth/notes/a.json": json.dumps({"names": names})})
    project.answer("a", json.dumps({"names": [f"NIKE-{n}, Works" for n in range(size)]}))
    assert "near miss" not in project.harness("check").out, "nothing was run yet"
    assert project.harness("run", "-q").code == 0
    proposed = [line for line in project.harness("check").out.splitlines() if "near miss" in line]
    line = (
        "notes: the rule names[]: {compare: identifier} would accept"
        f" {count(size)} near misses of the last run"
    )
    assert proposed == [line]
    rule = "rules:\n  names[]: {compare: identifier}\n"
    suite = "extractors:\n  good: {kind: recorded, answers: answers/good}\n"
    project.write({"evals/notes/suite.yaml": suite + rule})
    assert "near miss" not in project.harness("check").out
    assert project.harness("run", "-q").code == 0
    assert "near miss" not in project.harness("check").out


def test_a_last_run_that_cannot_be_read_keeps_no_suite_from_being_checked(project: Project) -> None:
    project.suite()
    assert project.harness("run", "-q").code == 0
    (results,) = project.root.glob("reports/*/eval-results.json")
    results.write_text("{", encoding="utf-8")
    assert project.harness("check").code == 0
