"""What a user can get wrong: where, what and why are told, and nothing is written.

Every message is `file:line: what [slug]`, most have a hint; the exit code says whose fault it is.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Never

import pytest

from tests.cli.conftest import Project
from tests.patience import PATIENCE
from tests.posix import IS_ROOT

SUITE = "evals/notes/suite.yaml"
GOOD = "extractor: {kind: recorded, answers: answers/good}\n"

Change = Callable[[Project], object]


def settings(text: str) -> Change:
    return lambda project: project.write({SUITE: GOOD + text})


def file(name: str, content: str | bytes) -> Change:
    return lambda project: project.write({name: content})


def without(*names: str) -> Change:
    def change(project: Project) -> None:
        for name in names:
            path = project.root / name
            path.rename(project.root.parent / path.name)

    return change


def linked(name: str, target: str, text: str = GOOD) -> Change:
    def change(project: Project) -> None:
        (project.root.parent / "outside").mkdir()
        (project.root.parent / "outside" / "secret.txt").write_text("secret")
        (project.root / name).symlink_to(target)
        project.write({SUITE: text})

    return change


def enormous(project: Project) -> None:
    os.truncate(project.root / "evals/notes/documents/b.txt", 200_000_000)


# name: what is done to a sound suite, the place, what is said, the slug, the hint
MISTAKES: dict[str, tuple[Change, str, str, str, str | None]] = {
    "a bracket that is never closed": (
        settings("tags: [a, b\nempty: zero\n"),
        f"{SUITE}:3",
        "is not YAML: did not find expected ',' or ']'",
        "bad-yaml",
        "a `[` is not closed",
    ),
    "an unknown key": (
        settings("docments: documents\n"),
        f"{SUITE}:2",
        "unknown key 'docments'",
        "unknown-key",
        "did you mean 'documents'?",
    ),
    "an unknown kind of extractor": (
        file(SUITE, "extractor: {kind: recordd, answers: x}\n"),
        f"{SUITE}:1",
        "unknown kind 'recordd'",
        "bad-value",
        "did you mean 'recorded'?",
    ),
    "a rule with an unknown setting": (
        settings("rules:\n  total:\n    relativ: 0.1\n"),
        f"{SUITE}:4",
        "unknown setting 'relativ'",
        "unknown-key",
        "did you mean 'relative'?",
    ),
    "documents that are not there": (
        settings("documents: document\n"),
        f"{SUITE}:2",
        "documents 'document' does not exist",
        "missing-file",
        "did you mean 'documents'?",
    ),
    "no folder of documents": (
        without("evals/notes/documents"),
        SUITE,
        "'documents' does not exist",
        "missing-file",
        None,
    ),
    "answers that are not there": (
        file(SUITE, "extractor: {kind: recorded, answers: answers/god}\n"),
        f"{SUITE}:1",
        "answers 'answers/god' does not exist",
        "missing-file",
        "did you mean 'good'?",
    ),
    "a schema that is not there": (
        settings("schema: shape.json\n"),
        f"{SUITE}:2",
        "schema 'shape.json' does not exist",
        "missing-file",
        None,
    ),
    "a prompt that is not there": (
        settings("prompt: prompt.md\n"),
        f"{SUITE}:2",
        "prompt 'prompt.md' does not exist",
        "missing-file",
        None,
    ),
    "a folder of ground truth that is not there": (
        settings("ground_truth: truths\n"),
        f"{SUITE}:2",
        "ground truth 'truths' does not exist",
        "missing-file",
        None,
    ),
    "a truth that is not JSON": (
        file("ground_truth/notes/b.json", '{\n "total": 5\n "name": "b"}'),
        "ground_truth/notes/b.json:3",
        "is not JSON: expecting ',' delimiter",
        "bad-json",
        None,
    ),
    "a truth that is empty": (
        file("ground_truth/notes/b.json", " \n"),
        "ground_truth/notes/b.json",
        "is empty, not JSON",
        "bad-json",
        None,
    ),
    "a truth with NaN": (
        file("ground_truth/notes/b.json", '{\n"total": NaN}'),
        "ground_truth/notes/b.json:2",
        "total: NaN is not JSON",
        "not-a-number",
        "write null",
    ),
    "a truth with a key twice": (
        file("ground_truth/notes/b.json", '{"a": 1,\n"a": 2}'),
        "ground_truth/notes/b.json:2",
        "a: the key is given twice, first in line 1",
        "duplicate-key",
        None,
    ),
    "a schema that is not one": (
        file("evals/notes/schema.json", '{\n"type": "objct"}'),
        "evals/notes/schema.json:2",
        'type: "objct" is not a type',
        "bad-schema",
        "did you mean 'object'?",
    ),
    "a schema that is a list": (
        file("evals/notes/schema.json", "[]"),
        "evals/notes/schema.json:1",
        "a schema must be a JSON object",
        "bad-schema",
        None,
    ),
    "a path that climbs out": (
        settings("documents: ../../../outside\n"),
        f"{SUITE}:2",
        "documents '../../../outside' leads outside the project",
        "outside-project",
        "copy what is needed into it",
    ),
    "an absolute path": (
        settings("prompt: /etc/passwd\n"),
        f"{SUITE}:2",
        "prompt '/etc/passwd' is an absolute path",
        "outside-project",
        "write it relative to the suite's folder",
    ),
    "a folder that is a link to the outside": (
        linked("evals/notes/more", "../../../outside", f"documents: more\n{GOOD}"),
        f"{SUITE}:1",
        "documents 'more' leads outside the project",
        "outside-project",
        None,
    ),
    "a document that is a link to the outside": (
        linked("evals/notes/documents/d.txt", "../../../../outside/secret.txt"),
        "evals/notes/documents/d.txt",
        "is a link that leads outside the project",
        "outside-project",
        None,
    ),
    "answers with two for one case": (
        file("evals/notes/answers/good/a.txt", "{}"),
        "evals/notes/answers/good/a.txt",
        "a second answer for case 'a'",
        "duplicate-answer",
        "keep one of the two",
    ),
    "a program that is not installed": (
        file(SUITE, "extractor: {kind: command, command: [no-such-program-anywhere]}\n"),
        SUITE,
        "no program 'no-such-program-anywhere'",
        "no-program",
        "install it",
    ),
    "a Python module that is not there": (
        file(SUITE, 'extractor: {kind: python, function: "no_such_module_anywhere:f"}\n'),
        SUITE,
        "no module named 'no_such_module_anywhere'",
        "no-module",
        None,
    ),
    "a Python module that does not compile": (
        lambda project: project.write(
            {
                SUITE: 'extractor: {kind: python, function: "broken_for_harness:f"}\n',
                "evals/notes/broken_for_harness.py": "\ndef f(case:\n",
            }
        ),
        "evals/notes/broken_for_harness.py:2",
        "importing 'broken_for_harness' fails: SyntaxError",
        "import-fails",
        None,
    ),
    "no extractor": (
        file(SUITE, "empty: skip\n"),
        "evals/notes",
        "the suite has no extractor",
        "no-extractor",
        "name one under `extractor:`",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_and_nothing_is_written(project: Project, mistake: str) -> None:
    change, place, what, slug, hint = MISTAKES[mistake]
    project.suite()
    project.write({SUITE: GOOD})
    change(project)
    before = project.tree()
    said = project.harness("run")
    assert (said.code, said.out) == (3, "")
    line = next(line for line in said.err.splitlines() if what in line)
    assert re.match(rf"{re.escape(place)}(:\d+)?: ", line)
    assert line.endswith(f" [{slug}]")
    assert hint is None or hint in said.err
    assert slug == "no-extractor" or project.harness("check") == said
    assert project.tree() == before


UNREADABLE: dict[str, tuple[Change, str, str, str, str | None]] = {
    "a document that is no text": (
        file("evals/notes/documents/b.txt", b"\n\ncaf\xe9"),
        "evals/notes/documents/b.txt:3",
        "is not UTF-8 text: byte 0xe9",
        "not-text",
        "iconv",
    ),
    "a document that is a PDF": (
        file("evals/notes/documents/b.txt", b"%PDF-1.7\n\x00"),
        "evals/notes/documents/b.txt",
        "cannot be read as a PDF",
        "broken-document",
        "save it again",
    ),
    "a document of 200 MB": (
        enormous,
        "evals/notes/documents/b.txt",
        "holds 200,000,000 bytes, the limit is 20,000,000",
        "too-large",
        "raise `limits: {document_bytes: ...}`",
    ),
}


@pytest.mark.parametrize("mistake", UNREADABLE)
def test_a_document_that_cannot_be_read_is_an_error_of_the_check_and_costs_a_run_its_case(
    project: Project, mistake: str
) -> None:
    change, place, what, slug, hint = UNREADABLE[mistake]
    project.suite()
    project.write({SUITE: GOOD})
    change(project)
    before = project.tree()
    checked = project.harness("check")
    assert (checked.code, checked.out) == (3, "")
    line = next(line for line in checked.err.splitlines() if what in line)
    assert re.match(rf"{re.escape(place)}(:\d+)?: ", line)
    assert line.endswith(f" [{slug}]")
    assert hint is None or hint in checked.err
    assert project.tree() == before
    recorded = project.harness("run")
    assert recorded.code == 0, "answers that were recorded need no document"
    project.extractors(asked="{kind: command, command: [echo, '{}']}")
    ran = project.harness("run")
    assert ran.code == 4
    assert f"warning: {line}" in ran.err
    assert "b: unreadable" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rnu",), "No such command 'rnu'"),
        (("run", "--concurency", "2"), "No such option '--concurency'"),
        (("run", "-j", "0"), "Invalid value for '-j' / '--concurrency'"),
        (("score", "a.json"), "'a.json' does not exist [no-such-path]"),
        (("score", "a.json", "b.json", "--format", "xml"), "'xml' is not one of 'text', 'json'"),
        (("run", "nowhere"), "'nowhere' does not exist [no-such-path]"),
        (("explain", "a"), "say a case and a path in it"),
        (("run", "pyproject.toml"), "not the document or ground truth of any case [not-a-case]"),
    ],
)
def test_a_wrong_command_line_exits_with_2(
    project: Project, arguments: tuple[str, ...], said: str
) -> None:
    project.suite()
    before = project.tree()
    told = project.harness(*arguments)
    assert (told.code, told.out) == (2, "")
    assert said in told.err
    assert project.tree() == before


@pytest.mark.parametrize("kind", ["a file", "below a file", "a link to nowhere"])
def test_a_reports_folder_that_cannot_be_written_is_told_before_anyone_is_asked(
    project: Project, kind: str
) -> None:
    project.suite()
    project.extractors(touch="{kind: command, command: [touch, touched]}")
    arguments = []
    if kind == "a file":
        project.write({"reports": "not a folder"})
    elif kind == "below a file":
        project.write({"taken": ""})
        arguments = ["--reports", "taken/reports"]
    else:
        (project.root / "reports").symlink_to("/nowhere/at/all")
    before = project.tree()
    said = project.harness("run", *arguments)
    assert (said.code, said.out) == (3, "")
    assert re.fullmatch(
        r"(taken/)?reports: no run folder can be made: [a-z ]+ \[unwritable\]\n"
        r"  hint: choose another folder with --reports\n",
        said.err,
    )
    assert project.tree() == before


def test_a_file_given_for_the_reports_folder_is_a_usage_error(project: Project) -> None:
    project.suite()
    project.write({"taken": ""})
    before = project.tree()
    said = project.harness("run", "--reports", "taken")
    assert (said.code, said.out) == (2, "")
    assert "Directory 'taken' is a file" in said.err
    assert project.tree() == before


@pytest.mark.skipif(IS_ROOT, reason="root may write everywhere")
def test_a_reports_folder_without_permission_is_told(project: Project) -> None:
    project.suite()
    (project.root / "reports").mkdir(mode=0o500)
    said = project.harness("run")
    assert (said.code, said.out) == (3, "")
    assert said.err.startswith("reports: no run folder can be made: permission denied [unwritable]")


def test_a_run_folder_that_cannot_be_written_to_is_told(project: Project) -> None:
    project.suite()
    assert project.harness("run", "-q").code == 0
    page = project.run_folder() / "report.html"
    page.unlink()
    page.mkdir()
    said = project.harness("report", project.run_folder())
    assert (said.code, said.out) == (3, "")
    assert said.err.endswith("is a directory [os-error]\n")
    assert not list(project.run_folder().glob(".*")), "no scratch file is left behind"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_behind_standard_output_is_told(project: Project) -> None:
    project.suite()
    with open("/dev/full", "w") as full:  # noqa: PTH123  # a device
        process = project.start("check", stdout=full.fileno())
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert err.startswith("the operating system says: no space left on device [os-error]\n")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("score", "ground_truth/notes", "evals/notes/answers/good", "--format", "json"),
        ("run",),
        ("check",),
    ],
)
def test_nobody_reading_standard_output_is_no_reason_for_a_traceback(
    project: Project, arguments: tuple[str, ...]
) -> None:
    project.suite()
    reader, writer = os.pipe()
    os.close(reader)
    process = project.start(*arguments, stdout=writer)
    os.close(writer)
    _, err = process.communicate(timeout=PATIENCE)
    assert err == ""
    if arguments == ("run",):
        assert len(project.results()["cases"]) == 3, "what was run is stored all the same"


def test_names_with_spaces_and_other_scripts_are_names_like_any(project: Project) -> None:
    project.suite("na\u00efve caf\u00e9 1", "\u5951\u7d04", name="mes notes \u00e9t\u00e9")
    said = project.harness("run")
    assert (said.code, said.err) == (0, "")
    assert "micro F1    100 % (8/8)" in said.out
    one = "evals/mes notes \u00e9t\u00e9/documents/na\u00efve caf\u00e9 1.txt"
    said = project.harness("run", "-q", "--reports", "o u t", one)
    assert said.code == 0
    assert (project.root / said.out.rstrip("\n")).is_file()


def test_windows_line_ends_and_byte_order_marks_change_nothing(project: Project) -> None:
    project.suite()
    project.write({SUITE: f"# a note\n{GOOD}", "evals/notes/schema.json": '{\n"type": "object"\n}'})
    for folder in ("evals", "ground_truth"):
        for path in (project.root / folder).rglob("*.*"):
            path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n") + b"\r\n")
    said = project.harness("run")
    assert (said.code, said.err) == (0, "")
    assert "micro F1    100 % (12/12)" in said.out


def test_nan_in_a_reply_is_a_wrong_answer_and_never_stored_as_a_number(project: Project) -> None:
    project.suite("a")
    project.answer("a", '{"total": NaN, "name": "a"}')
    said = project.harness("run")
    assert (said.code, said.err) == (0, "")
    # Half of what is expected is right, the other half is no number: F1 = 2/4.
    assert project.results()["aggregate"]["micro"]["f1"] == 0.5

    def refuse(constant: str) -> Never:
        raise AssertionError(constant)

    for name in ("eval-results.json", "predictions.jsonl"):  # one line of one prediction
        stored = (project.run_folder() / name).read_text(encoding="utf-8")
        assert json.loads(stored, parse_constant=refuse)
