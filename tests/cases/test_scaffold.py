"""A suite made out of folders: complete and loadable, or nothing at all."""

# ruff: noqa: E501  # messages are quoted whole

from __future__ import annotations

from pathlib import Path

import pytest
from inline_snapshot import snapshot

from harness.cases import scaffold
from harness.cases.scaffold import init_suite
from harness.errors import HarnessError, Problem
from tests.cases.conftest import Project


def _files(root: Path) -> list[str]:
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*"))


def _sources(project: Project) -> None:
    project.write(
        {
            "in/documents/a b.txt": b"\xef\xbb\xbfTotal 5\r\n",
            "in/documents/c.txt": "no truth",
            "in/documents/.DS_Store": b"\0",
            "in/ground_truth/a b.json": '{"total":  5.0}',
            "in/ground_truth/orphan.json": "{}",
        }
    )


def _refusal(*said: str | None) -> str:
    documents, truths, evals, name = said
    with pytest.raises(HarnessError) as caught:
        init_suite(Path(documents or ""), Path(truths) if truths else None, Path(evals or ""), name)
    return str(caught.value)


@pytest.mark.parametrize("truths", [None, Path("in/ground_truth")])
def test_a_new_suite_loads(project: Project, truths: Path | None) -> None:
    _sources(project)
    written = init_suite(Path("in/documents"), truths, Path("evals"), "notes")
    assert [p.relative_to(project.root).as_posix() for p in written] == [
        "evals/notes/suite.yaml",
        "evals/notes/schema.json",
        "evals/notes/documents/a b.txt",
        "evals/notes/documents/c.txt",
        "ground_truth/notes/a b.json",
    ]
    copied = project.root / "evals/notes/documents/a b.txt"
    assert copied.read_bytes() == b"\xef\xbb\xbfTotal 5\r\n"
    suite = project.load()
    assert (suite.name, [c.truth for c in suite.cases]) == ("notes", [{"total": 5.0}])
    assert suite.unscored == ("c",)


def test_the_suite_file_explains_itself(project: Project) -> None:
    _sources(project)
    init_suite(Path("in/documents"), None, Path("evals"), None)
    assert Path("evals/in/suite.yaml").read_text() == snapshot("""\
# yaml-language-server: $schema=https://extraction-harness.readthedocs.io/suite.schema.json
# A suite: documents, what should be read out of them, and how answers are compared with that.
# All keys may be left out; those behind a # are examples.
name: in
# description: what these documents are, and where the ground truth comes from

# Documents are the files in `documents`; the ground truth of documents/x.txt is
# ../../ground_truth/in/x.json

# The shape of an answer. It was inferred from the ground truth: read it, and correct it.
# It goes to the model, so no value of the ground truth is in it. Where a field takes one of a
# closed list of values, add the whole list as `enum`, from the field's definition.
schema: schema.json

# Who answers. One of:
# extractor: {kind: recorded, answers: answers/my-model}
# extractor: {kind: command, command: [python, extract.py, "{document}"]}
# extractor: {kind: python, function: "my_module:extract"}

# How a field is compared, where its type in the schema does not say it well enough:
# rules:
#   "line_items[].amount": {compare: number, relative: 0.005}

# The F1 to reach:
# target_f1: 0.9
""")


def test_truths_may_lie_beside_their_documents(project: Project) -> None:
    project.write({"notes/a.md": "a", "notes/a.json": '{"n": 1}', "notes/b.json": "{}"})
    written = init_suite(Path("notes"), None, Path("evals"), None)
    assert [p.name for p in written] == ["suite.yaml", "schema.json", "a.md", "a.json"]


def test_a_project_without_a_mark_gets_its_ground_truth_beside_evals(
    tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scaffold, "find_root", lambda _: None)
    project.write({"in/a.txt": "a", "in/a.json": '{"n": 1}'})
    init_suite(Path("in"), None, tmp_path / "new/evals", "true")
    assert (tmp_path / "new/ground_truth/true/a.json").exists()
    assert project.load(str(tmp_path / "new/evals")).name == "true"


def test_files_in_their_place_stay_there(project: Project) -> None:
    project.write({"evals/n/documents/a.txt": "a", "ground_truth/n/a.json": '{"n": 1}'})
    written = init_suite(Path("evals/n/documents"), Path("ground_truth/n"), Path("evals"), None)
    assert [p.name for p in written] == ["suite.yaml", "schema.json"]


def test_nothing_is_overwritten_and_nothing_half_written(project: Project) -> None:
    _sources(project)
    project.write({"evals/notes/suite.yaml": "mine", "ground_truth/notes/a b.json": "mine"})
    before = _files(project.root)
    assert _refusal("in/documents", None, "evals", "notes") == snapshot("""\
evals/notes/suite.yaml: exists already [exists]
ground_truth/notes/a b.json: exists already [exists]\
""")
    assert _files(project.root) == before
    assert Path("evals/notes/suite.yaml").read_text() == "mine"


def test_every_file_that_cannot_be_taken_over_is_told(project: Project) -> None:
    _sources(project)
    project.write(
        {
            "in/documents/x.pdf": b"%PDF",
            "in/documents/c.md": "c",
            "in/ground_truth/c.json": "{'a': 1}",
        }
    )
    before = _files(project.root)
    assert _refusal("in/documents", None, "evals", None) == snapshot("""\
in/documents/c.txt: has the name of c.md: a case's name is its document's [duplicate-case]
  hint: rename one of them
in/documents/x.pdf: cannot be read as a PDF: Failed to load document (PDFium: Data format error) [broken-document]
  hint: open it in the program it comes from and save it again, or leave it out
in/ground_truth/c.json:1: is not JSON: expecting property name enclosed in double quotes (column 2) [bad-json]
  hint: JSON strings stand in double quotes\
""")
    assert _files(project.root) == before


def test_a_failure_half_way_takes_everything_back(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    _sources(project)
    before = _files(project.root)

    def fail(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(scaffold, "load_suites", fail)
    assert _refusal("in/documents", None, "evals", "notes") == (
        "evals/notes: cannot be written: No space left on device [unwritable]"
    )
    assert _files(project.root) == before

    def refuse(_: Path) -> None:
        raise HarnessError(Problem("no", "no"))

    monkeypatch.setattr(scaffold, "load_suites", refuse)
    assert _refusal("in/documents", None, "evals", "notes") == "no [no]"
    assert _files(project.root) == before


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (("gone", None, "evals", None), "'gone' does not exist [no-such-path]"),
        (("in/documents/c.txt", None, "evals", None), "'in/documents/c.txt' is not a folder"),
        (("in/documents", "gone", "evals", None), "'gone' does not exist [no-such-path]"),
        (("in/documents", None, "evals", "../x"), "'../x' cannot be a suite's name [bad-value]"),
        (("in/documents", "evals", "evals", None), "in/documents: no document has a ground truth"),
    ],
)
def test_folders_and_names_are_checked(
    project: Project, said: tuple[str | None, ...], message: str
) -> None:
    _sources(project)
    Path("evals").mkdir()
    assert _refusal(*said).startswith(message)
