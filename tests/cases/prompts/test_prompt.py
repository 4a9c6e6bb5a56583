"""A prompt is read as a tree, checked on loading, and written back as it was."""

# ruff: noqa: E501  # messages are quoted whole

from __future__ import annotations

from pathlib import Path

import pytest
from inline_snapshot import snapshot

from harness.cases.files.places import FilePlace
from harness.cases.load import with_prompt
from harness.cases.prompts.prompt import (
    prompt_of,
    read_prompt_at,
    texts_of,
    with_section,
    write_prompt,
)
from harness.errors import HarnessError
from tests.cases.conftest import Project

SETTINGS = "prompt: ask\n"
SCHEMA = """{
  "properties": {
    "total": {"type": "number", "description": "What is to be paid.", "x-match": {"absolute": 1}},
    "rooms": {"items": {"properties": {"area": {"type": "number"}}}}
  }
}
"""


def prompted(project: Project, **texts: str) -> None:
    """Write the suite `notes` with a prompt folder; `/` in names is `__`, endings are left out."""
    project.suite(SETTINGS)
    project.write({"evals/notes/schema.json": SCHEMA})
    for name, text in {"user__md": "Read {{ document }}", **texts}.items():
        folders, _, ending = name.rpartition("__")
        project.write({f"evals/notes/ask/{folders.replace('__', '/')}.{ending}": text})


def test_a_tree_is_read_in_order_and_has_a_version(project: Project) -> None:
    prompted(project, system__md="Be brief.", fields__total__md="In euros.")
    prompt = project.load().prompt
    assert prompt is not None
    assert [section.name for section in prompt.sections] == [
        "fields/total.md",
        "system.md",
        "user.md",
    ]
    prompted(project, fields__total__md="In cents.")
    changed = project.load().prompt
    assert changed is not None
    assert changed.sha256 != prompt.sha256
    assert [
        a.sha256 == b.sha256 for a, b in zip(prompt.sections, changed.sections, strict=True)
    ] == [
        False,
        True,
        True,
    ]


def test_a_tree_is_written_back_as_it_was_read(project: Project, tmp_path: Path) -> None:
    prompted(project, fields__total__md="In euros.\r\n", system__md="é\n\n")
    prompt = project.load().prompt
    assert prompt is not None
    target = tmp_path / "copy"
    write_prompt(with_section(prompt, "fields/rooms[].area.md", "In m²."), target)
    (target / "notes.txt").write_text("mine")
    write_prompt(prompt, target)
    (target / "notes.txt").unlink()
    again = read_prompt_at(target, FilePlace(tmp_path, tmp_path))
    assert texts_of(again) == texts_of(prompt)
    assert again.sha256 == prompt.sha256


def test_a_single_file_is_the_folder_with_nothing_but_that_text(project: Project) -> None:
    prompted(project)
    folder = project.load().prompt
    project.write(
        {"evals/notes/suite.yaml": "prompt: ask.md", "evals/notes/ask.md": "Read {{ document }}"}
    )
    single = project.load().prompt
    assert folder is not None
    assert single is not None
    assert single.sha256 == folder.sha256
    assert project.load().digest


@pytest.mark.parametrize(
    "name", ["../user.md", "fields/../../x.md", "/etc/x.md", "user.txt", "fields/a\nb.md"]
)
def test_no_section_can_be_written_elsewhere(name: str) -> None:
    with pytest.raises(HarnessError, match="is no part of a prompt"):
        prompt_of("ask", {"user.md": "", name: "x"})


def test_all_mistakes_are_told_with_their_lines_before_anything_is_asked(project: Project) -> None:
    prompted(
        project,
        system__md="Fine.\n{% if schema %}\n",
        user__md="Read\n{{ documnt }} and {{ documnt }}\n{{ schem }}\n{% include 'x' %}",
        fields__totl__md="In euros.",
        sytem__md="",
        examples__one__json='{"case": "b",\n "answr": 1}',
    )
    assert project.refusal() == snapshot("""\
evals/notes/ask/sytem.md: 'sytem.md' is no part of a prompt [unknown-section]
  hint: did you mean 'system.md'?\
""")
    Path("evals/notes/ask/sytem.md").unlink()
    assert project.refusal() == snapshot("""\
evals/notes/ask/examples/one.json:2: unknown key 'answr' [unknown-key]
  hint: did you mean 'answer'?
evals/notes/ask/fields/totl.md: the schema has no field 'totl' [unknown-field]
  hint: did you mean 'total'?
evals/notes/ask/system.md:2: the template cannot be read: Unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if' [bad-template]
  hint: to have braces as they are, write `{% raw %}{{ … }}{% endraw %}`
evals/notes/ask/user.md:2: a prompt has no 'documnt' [unknown-variable]
  hint: did you mean 'document'?
evals/notes/ask/user.md:3: a prompt has no 'schem' [unknown-variable]
  hint: did you mean 'schema'?
evals/notes/ask/user.md:4: a prompt cannot include another file [bad-template]\
""")
    Path("evals/notes/ask/examples/one.json").write_text('{"case": "A"}')
    assert "there is no case 'A' [unknown-case]" in project.refusal()


def test_a_template_that_fails_on_a_case_is_told_with_its_line(project: Project) -> None:
    prompted(project, user__md="Read\n{% for page in documents[0].pags %}{% endfor %}")
    assert project.refusal() == snapshot(
        "evals/notes/ask/user.md:2: the template fails: there is no 'pags' here; did you mean 'pages'? [bad-template]"
    )
    prompted(project, user__md="Read\n\n{{ documents[1].text }}")
    assert project.refusal() == snapshot(
        "evals/notes/ask/user.md:3: the template fails: tuple object has no element 1 [bad-template]"
    )
    prompted(project, user__md="{{ document.__class__.__mro__ }}")
    assert project.refusal() == snapshot(
        "evals/notes/ask/user.md:1: the template fails: access to attribute '__class__' of 'str' object is unsafe [bad-template]"
    )
    prompted(project, user__md="{{ 'x' * 10 ** 12 }}")
    assert project.refusal() == snapshot(
        "evals/notes/ask/user.md:1: the template fails: the outcome would be too large [bad-template]"
    )


def test_a_candidate_is_checked_as_the_suites_own_prompt_is(project: Project) -> None:
    prompted(project)
    suite = project.load()
    assert suite.prompt is not None
    other = with_prompt(suite, with_section(suite.prompt, "examples/a.json", '{"case": "a"}'))
    assert [example.case_id for example in other.examples] == ["a"]
    assert other.digest != suite.digest
    with pytest.raises(HarnessError, match=r"user\.md:1: a prompt has no 'doc'"):
        with_prompt(suite, with_section(suite.prompt, "user.md", "{{ doc }}"))


@pytest.mark.parametrize(
    "text",
    [
        "Read {{ document }}",
        "Read {{ documents[0].pages[0] }}",
        "{% for d in documents %}{{ d.text | upper }}{% endfor %}",
        "{% if 'rent' in document %}rent{% endif %} Total {{ document.split('otal')[1] }}",
    ],
)
def test_a_prompt_that_shows_the_document_is_fine(project: Project, text: str) -> None:
    prompted(project, user__md=text)
    assert project.warnings() == ""


@pytest.mark.parametrize(
    "text",
    ["Read it.", "Read {{ documents[0].name }}", "Keys: {{ schema }}", "{# {{ document }} #} Go."],
)
def test_a_prompt_that_never_shows_the_document_is_told(project: Project, text: str) -> None:
    prompted(project, user__md=text)
    assert project.warnings() == snapshot("""\
evals/notes/ask/user.md: the prompt does not show the document [hidden-document]
  hint: say `{{ document }}` where its text is to stand\
""")


def test_a_document_that_only_the_system_text_shows_is_shown(project: Project) -> None:
    prompted(project, user__md="Go.", system__md="{{ document }}")
    assert project.warnings() == ""
