"""`harness prompt show` prints what would be sent, word for word."""

from __future__ import annotations

from tests.cases.documents.office import IMAGE
from tests.cli.conftest import Project

HOSTILE = "Total {{ 7 * 7 }}\x1b[31m <script>\u202e"


def test_what_would_be_sent_is_printed_by_role(project: Project) -> None:
    project.suite("a", "b")
    project.write(
        {
            "evals/notes/suite.yaml": "prompt: ask\n",
            "evals/notes/ask/system.md": "Be brief.\n",
            "evals/notes/ask/user.md": "Read {{ document }}\n",
            "evals/notes/ask/examples/b.json": '{"case": "b"}',
            "evals/notes/documents/a.txt": HOSTILE,
        }
    )
    said = project.harness("prompt", "show", "a")
    assert said.code == 0
    assert said.out == (
        "--- system ---\nBe brief.\n"
        "--- user ---\nRead Total 5 for b\n\n"
        '--- assistant ---\n{"total": 5, "name": "b"}\n'
        f"--- user ---\nRead {HOSTILE}\n"
    )
    assert said.err.startswith("prompt ask ")
    assert " · 4 messages, at most about " in said.err
    assert project.harness("prompt", "show", "evals/notes/documents/a.txt") == said


def test_an_image_is_a_line(project: Project) -> None:
    project.suite("a")
    project.write({"evals/notes/documents/b.png": IMAGE, "ground_truth/notes/b.json": "{}"})
    said = project.harness("prompt", "show", "b", "--suite", "evals/notes")
    assert said.out.endswith(
        f"[page 1 of documents/b.png: see the image]\n[image/png, {len(IMAGE)} bytes]\n"
    )
    assert said.err.startswith("no prompt · 1 message, at most about 1,7")


def test_a_case_nobody_has_is_refused_with_the_nearest(project: Project) -> None:
    project.suite("invoice-1", "invoice-2")
    said = project.harness("prompt", "show", "invoise-1")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "there is no case 'invoise-1' [unknown-case]\n  hint: did you mean 'invoice-1'?\n"
    )


def test_a_case_of_two_suites_is_not_guessed(project: Project) -> None:
    project.suite("a", name="notes")
    project.suite("a", name="letters")
    said = project.harness("prompt", "show", "a")
    assert (said.code, said.out) == (2, "")
    assert "several suites have a case 'a' [many-cases]" in said.err
    assert "--suite" in said.err
    assert project.harness("prompt", "show", "a", "--suite", "evals/letters").code == 0
