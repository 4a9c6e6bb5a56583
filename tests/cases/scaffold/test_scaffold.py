"""A suite made out of folders: complete and loadable, or nothing at all."""

# messages are quoted whole

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from harness.cases.scaffold import init_suite as scaffold
from harness.cases.scaffold.init_suite import NewSuite, Wanted
from harness.errors import HarnessError
from harness.extract.endpoint.rendering import Renderer
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


def init_suite(documents: Path, truths: Path | None, evals: Path, name: str | None) -> NewSuite:
    return scaffold.init_suite(Wanted(documents, truths, evals=evals, name=name))


def _refusal(*said: str | None) -> str:
    documents, truths, evals, name = said
    with pytest.raises(HarnessError) as caught:
        init_suite(Path(documents or ""), Path(truths) if truths else None, Path(evals or ""), name)
    return str(caught.value)


@pytest.mark.parametrize("truths", [None, Path("in/ground_truth")])
def test_a_new_suite_loads(project: Project, truths: Path | None) -> None:
    _sources(project)
    made = init_suite(Path("in/documents"), truths, Path("evals"), "notes")
    assert [p.relative_to(project.root).as_posix() for p in made.written] == [
        "evals/notes/suite.yaml",
        "evals/notes/schema.json",
        "prompts/notes/user.md",
        "evals/notes/documents/a b.txt",
        "evals/notes/documents/c.txt",
        "ground_truth/notes/a b.json",
    ]
    assert [note.what for note in made.notes] == [
        "1 document without a ground truth: c",
        "1 ground truth without a document, left out: orphan.json",
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

# What a model is told, word for word: a template, and yours to change.
prompt: ../../prompts/in

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
    assert [p.name for p in written.written] == [
        "suite.yaml",
        "schema.json",
        "user.md",
        "a.md",
        "a.json",
    ]


def test_a_project_without_a_mark_gets_its_ground_truth_beside_evals(
    tmp_path: Path, project: Project
) -> None:
    project.write({"in/a.txt": "a", "in/a.json": '{"n": 1}'})
    init_suite(Path("in"), None, tmp_path / "new/evals", "true")
    assert (tmp_path / "new/ground_truth/true/a.json").exists()
    assert project.load(str(tmp_path / "new/evals")).name == "true"


def test_files_in_their_place_stay_there(project: Project) -> None:
    project.write({"evals/n/documents/a.txt": "a", "ground_truth/n/a.json": '{"n": 1}'})
    written = init_suite(Path("evals/n/documents"), Path("ground_truth/n"), Path("evals"), None)
    assert [p.name for p in written.written] == ["suite.yaml", "schema.json", "user.md"]


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


def test_a_file_that_cannot_be_taken_over_is_one_line_and_the_rest_goes_on(
    project: Project,
) -> None:
    _sources(project)
    project.write(
        {
            "in/documents/x.pdf": b"%PDF",
            "in/documents/c.md": "c",
            "in/documents/nul.txt": b"a\0b",
            "in/ground_truth/c.json": "{'a': 1}",
        }
    )
    made = init_suite(Path("in/documents"), None, Path("evals"), None)
    assert [f"{n.where.file.name if n.where else ''}: {n.code}" for n in made.notes] == [
        "c.txt: duplicate-case",
        "nul.txt: not-text",
        "x.pdf: broken-document",
        "c.json: bad-json",
        ": no-truth",
        ": orphan-truth",
    ]
    assert (made.documents, made.truths) == (2, 1)
    assert sorted(p.name for p in Path("evals/in/documents").iterdir()) == ["a b.txt", "c.md"]


@pytest.mark.parametrize("count", [3, 300])
def test_files_with_one_fault_are_one_line_with_their_number(project: Project, count: int) -> None:
    project.write({"in/a.txt": "a", "in/a.json": "{}"})
    project.write({f"in/bad{n}.txt": b"x" * n + b"\0" for n in range(count)})
    made = init_suite(Path("in"), None, Path("evals"), None)
    assert len(made.notes) == 1
    assert made.notes[0].what.startswith(f"is not text: {count} files: bad0.txt, ")


def test_a_suite_of_bad_files_only_is_refused_with_why(project: Project) -> None:
    project.write({"in/a.txt": b"\0"})
    assert _refusal("in", None, "evals", None).splitlines()[-1] == (
        "in: no document that can be read [no-cases]"
    )
    assert not Path("evals").exists()


def test_a_file_that_cannot_be_written_whole_takes_everything_back(project: Project) -> None:
    resource = pytest.importorskip("resource")
    _sources(project)
    project.write({"in/documents/z.txt": "Total 5 " * 50_000, "in/ground_truth/z.json": "{}"})
    before = _files(project.root)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        refusal = _refusal("in/documents", None, "evals", "notes")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert refusal == "evals/notes: cannot be written: File too large [unwritable]"
    assert _files(project.root) == before


def test_a_suite_that_does_not_load_takes_everything_back(project: Project) -> None:
    _sources(project)
    project.write({"schema.json": '{"type": "object", "x-match": {"nonsense": 1}}'})
    before = _files(project.root)
    wanted = Wanted(Path("in/documents"), schema="schema.json", name="notes")
    with pytest.raises(HarnessError) as caught:
        scaffold.init_suite(wanted)
    assert "nonsense" in str(caught.value)
    assert _files(project.root) == before


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (("gone", None, "evals", None), "'gone' does not exist [no-such-path]"),
        (
            ("in/documents/c.txt", None, "evals", None),
            "'in/documents/c.txt' is not a folder of documents",
        ),
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


def test_any_number_of_folders_with_truths_beside_documents_become_suites(project: Project) -> None:
    for name, value in (("d3", 3), ("d4", 4), ("d5", 5)):
        project.write({f"{name}/inv-01.txt": name, f"{name}/inv-01.json": f'{{"n": {value}}}'})
        init_suite(Path(name), None, Path("evals"), None)
        assert project.load(f"evals/{name}").cases[0].truth == {"n": value}


def test_truths_of_other_suites_are_not_taken_for_documents_of_the_same_name(
    project: Project,
) -> None:
    project.write({"ground_truth/d3/inv-01.json": '{"n": 3}', "d4/inv-01.txt": "x"})
    made = init_suite(Path("d4"), None, Path("evals"), None)
    assert made.truths == 0
    assert [note.code for note in made.notes] == ["no-truth"]


def test_nested_folders_become_one_suite_whose_names_stay_apart(project: Project) -> None:
    project.write(
        {
            "in/v1/a.txt": "1",
            "in/v2/a.txt": "2",
            "in/v2/b.txt": "3",
            "gold/v1/a.json": '{"n": 1}',
            "gold/v2/a.json": '{"n": 2}',
            "gold/deep/b.txt.json": '{"n": 3}',
        }
    )
    made = init_suite(Path("in"), Path("gold"), Path("evals"), None)
    assert not made.notes
    cases = project.load("evals/in").cases
    assert {c.id: (c.documents[0].text, c.truth) for c in cases} == {
        "v1-a": ("1", {"n": 1}),
        "v2-a": ("2", {"n": 2}),
        "b": ("3", {"n": 3}),
    }


def test_the_document_is_taken_rather_than_its_text_beside_it(project: Project) -> None:
    project.write(
        {
            "in/a.txt": "text",
            "in/a.html": "<p>a page with enough on it</p>",
            "in/a.json": '{"n": 1}',
        }
    )
    made = init_suite(Path("in"), None, Path("evals"), None)
    assert [note.what for note in made.notes] == ["left out: a.html has the same name"]
    assert Path("evals/in/documents/a.html").exists()


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("gold.jsonl", '{"file": "a.pdf.txt", "n": 1}\n{"file": "zz", "n": 2}\n'),
        ("gold.json", '{"a.pdf": {"n": 1}, "zz": {"n": 2}}'),
        ("gold.csv", "id,n\na.pdf,1\nzz,2\n"),
    ],
)
def test_truths_may_be_one_file_of_records(project: Project, file: str, content: str) -> None:
    project.write({"in/a.pdf.txt": "1", "in/b.txt": "2", f"in/{file}": content})
    made = init_suite(Path("in"), Path("in") / file, Path("evals"), None)
    assert (made.documents, made.truths) == (2, 1)
    assert [note.what for note in made.notes] == [
        "1 document without a ground truth",
        "1 ground truth without a document, left out",
    ]
    assert project.load("evals/in").cases[0].truth == {"n": 1}


def test_a_schema_may_be_a_file_or_a_model(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = "from pydantic import BaseModel\n\nclass Invoice(BaseModel):\n    n: int\n"
    project.write({"in/a.txt": "1", "in/a.json": '{"n": 1}', "models_of_mine.py": model})
    monkeypatch.syspath_prepend(str(project.root))
    wanted = Wanted(Path("in"), schema="models_of_mine:Invoice", name="m")
    made = scaffold.init_suite(wanted)
    assert not made.inferred
    assert '"title": "Invoice"' in Path("evals/m/schema.json").read_text("utf-8")
    scaffold.init_suite(Wanted(Path("in"), schema="evals/m/schema.json", name="f"))
    assert Path("evals/f/schema.json").read_bytes() == Path("evals/m/schema.json").read_bytes()
    with pytest.raises(HarnessError, match="has no function 'Invoicee'"):
        scaffold.init_suite(Wanted(Path("in"), schema="models_of_mine:Invoicee", name="x"))


def test_truths_and_answers_are_a_suite_without_documents(project: Project) -> None:
    project.write({"gold.csv": "id,n,s\na,1,x\nb,2,y\n", "gpt.csv": "id,n,s\na,1,x\nb,3,y\n"})
    made = scaffold.init_suite(Wanted(truths=Path("gold.csv"), answers=Path("gpt.csv")))
    assert made.runnable
    suite = project.load("evals/gold")
    assert [c.truth for c in suite.cases] == [{"n": 1, "s": "x"}, {"n": 2, "s": "y"}]
    assert list(suite.extractors) == ["gpt"]
    assert not Path("prompts").exists()


def test_the_prompt_says_what_was_asked_without_one(project: Project) -> None:
    _sources(project)
    init_suite(Path("in/documents"), None, Path("evals"), "notes")
    suite = project.load()
    plain = replace(suite, prompt=None)
    with_it, without = (Renderer(s).render(s.cases[0]).sha256 for s in (suite, plain))
    assert with_it == without
