"""A suite that is right loads into what the runner needs."""

from __future__ import annotations

import hashlib
from pathlib import Path

from harness.cases.load import load_suites
from harness.cases.suite import Callable, Command, RecordedAnswers
from tests.cases.conftest import Project

FULL = """\
name: invoices
description: Ten invoices.
documents: documents
schema: schema.json
prompt: ../../prompts/invoices.md
extractors:
  gpt: {kind: recorded, answers: answers/gpt, rename: {sum: total}}
  mine: {kind: command, command: [python, x.py, "{document}"], seconds: 30}
  f: {kind: python, function: "mod:fn"}
rules:
  total: {compare: number, relative: 0.005}
tags: {a: [scan, no]}
split: {dev: [a], holdout: ["007"]}
target_f1: 0.9
empty: one
limits: {document_bytes: 1000}
"""


def _full(project: Project) -> None:
    project.write(
        {
            "evals/inv/suite.yaml": FULL,
            "evals/inv/documents/007.txt": "seven",
            "evals/inv/documents/a.txt": "Total 5",
            "evals/inv/schema.json": '{"properties": {"total": {"type": "number"}}}',
            "evals/inv/answers/gpt/a.json": "{}",
            "prompts/invoices.md": "Read {{ document }}",
            "ground_truth/invoices/a.json": '{"total": 5}',
            "ground_truth/invoices/007.json": '{"total": 7}',
        }
    )


def test_a_full_suite_loads(project: Project) -> None:
    _full(project)
    suite = project.load()
    folder = project.root / "evals/inv"
    assert (suite.name, suite.folder, suite.project) == ("invoices", folder, project.root)
    assert [c.id for c in suite.cases] == ["007", "a"]
    seven, a = suite.cases
    assert (a.truth, a.tags, a.split) == ({"total": 5}, ("scan", "no"), "dev")
    assert (seven.tags, seven.split) == ((), "holdout")
    assert a.schema == {"properties": {"total": {"type": "number"}}}
    assert a.documents[0].name == "documents/a.txt"
    assert a.documents[0].sha256 == hashlib.sha256(b"Total 5").hexdigest()
    assert a.documents[0].location == str(folder / "documents/a.txt")
    assert suite.extractors == {
        "gpt": RecordedAnswers(folder / "answers/gpt", {"sum": "total"}),
        "mine": Command(("python", "x.py", "{document}"), 30.0, folder),
        "f": Callable("mod:fn", 120.0, folder),
    }
    assert suite.prompt is not None
    assert (suite.prompt.name, suite.prompt.sections[0].text) == ("invoices", "Read {{ document }}")
    assert suite.rules["total"].relative == 0.005
    assert (suite.target_f1, suite.empty, suite.limits.document_bytes) == (0.9, "one", 1000)
    assert suite.warnings == ()
    assert suite.truth_files["a"] == project.root / "ground_truth/invoices/a.json"


def test_a_folder_without_a_suite_file_is_paired_by_name(project: Project) -> None:
    project.write(
        {
            "evals/x/documents/a.txt": "a",
            "evals/x/documents/b.md": "b",
            "evals/x/documents/.DS_Store": b"\0",
            "evals/x/documents/a.txt~": "old",
            "evals/x/ground_truth/a.json": '{"v": 1}',
            "evals/x/ground_truth/b.json": '{"v": 2}',
            "evals/x/schemas/a.json": "{}",
            "evals/x/schemas/b.json": '{"type": "object"}',
        }
    )
    suite = project.load()
    assert [(c.id, c.truth, c.schema) for c in suite.cases] == [
        ("a", {"v": 1}, {}),
        ("b", {"v": 2}, {"type": "object"}),
    ]
    assert suite.extractors == {}


def test_all_suites_of_a_folder_are_loaded_in_order(project: Project) -> None:
    project.suite()
    _full(project)
    project.write({"evals/README.md": "", "evals/empty/x": "", "evals/.hidden/suite.yaml": "?"})
    assert [s.name for s in load_suites(Path("evals"))] == ["invoices", "notes"]


def test_a_suite_is_named_by_its_folder_or_by_its_file(project: Project) -> None:
    project.suite()
    by_file = project.load("evals/notes/suite.yaml")
    assert by_file == project.load("evals/notes") == project.load("evals/notes/")


def test_a_document_or_a_truth_selects_its_case(project: Project) -> None:
    _full(project)
    project.suite()
    for path in ("evals/inv/documents/a.txt", "ground_truth/invoices/a.json"):
        suite = project.load(path)
        assert (suite.name, [c.id for c in suite.cases]) == ("invoices", ["a"])


def test_one_case_loads_though_another_is_broken(project: Project) -> None:
    _full(project)
    project.write({"ground_truth/invoices/007.json": "{"})
    assert [c.id for c in project.load("evals/inv/documents/a.txt").cases] == ["a"]


def test_listed_cases_may_have_several_documents_and_files_of_their_own(project: Project) -> None:
    project.write(
        {
            "evals/s/suite.yaml": """\
documents: "in/*.txt"
tags: [all]
cases:
  - {id: x, documents: [in/1.txt, in/2.txt], ground_truth: truth/one.json, tags: [own], split: dev}
  - id: 3
    schema: other.json
""",
            "evals/s/in/1.txt": "1",
            "evals/s/in/2.txt": "2",
            "evals/s/in/3.txt": "3",
            "evals/s/other.json": '{"type": "object"}',
            "evals/s/truth/one.json": '{"n": 12}',
            "ground_truth/s/3.json": '{"n": 3}',
        }
    )
    three, x = project.load().cases
    assert [d.name for d in x.documents] == ["in/1.txt", "in/2.txt"]
    assert (x.truth, x.schema, x.tags, x.split) == ({"n": 12}, None, ("all", "own"), "dev")
    assert (three.id, three.schema) == ("3", {"type": "object"})


def test_answers_are_scored_without_their_documents(project: Project) -> None:
    project.write(
        {
            "evals/s/suite.yaml": "documents: []\nextractor: {kind: recorded, answers: a/gpt-3.5}",
            "evals/s/a/gpt-3.5/a.json": "{}",
            "ground_truth/s/a.json": '{"n": 1}',
        }
    )
    suite = project.load()
    assert [(c.id, c.documents) for c in suite.cases] == [("a", ())]
    assert list(suite.extractors) == ["gpt-3.5"]


def test_truths_and_schemas_are_found_by_a_path_with_the_id_in_it(project: Project) -> None:
    project.write(
        {
            "evals/s/suite.yaml": "ground_truth: labels/{id}/truth.json\nschema: sch/{id}.s.json",
            "evals/s/documents/a.b.txt": "x",
            "evals/s/labels/a.b/truth.json": '{"n": 1}',
            "evals/s/sch/a.b.s.json": '{"title": "s"}',
        }
    )
    (case,) = project.load().cases
    assert (case.id, case.truth, case.schema) == ("a.b", {"n": 1}, {"title": "s"})


def test_a_folder_of_truths_may_be_anywhere_in_the_project(project: Project) -> None:
    project.suite("ground_truth: ../../labels\n")
    project.write({"labels/a.json": '{"total": 6}'})
    assert project.load().cases[0].truth == {"total": 6}


def test_names_with_spaces_and_accents_in_either_unicode_form_are_paired(project: Project) -> None:
    project.write(
        {
            "evals/s/documents/Caf\u00e9 n\u00ba 1.txt": "x",
            "ground_truth/s/Cafe\u0301 n\u00ba 1.json": '{"n": 1}',
        }
    )
    assert [c.id for c in project.load().cases] == ["Caf\u00e9 n\u00ba 1"]


def test_line_ends_stay_and_a_byte_order_mark_goes(project: Project) -> None:
    project.suite()
    project.write(
        {
            "evals/notes/documents/a.txt": b"\xef\xbb\xbfone\r\ntwo\r\n",
            "ground_truth/notes/a.json": b'\xef\xbb\xbf{"total": 5}',
            "evals/notes/suite.yaml": b"\xef\xbb\xbfempty: zero\r\n",
        }
    )
    suite = project.load()
    (document,) = suite.cases[0].documents
    assert document.text == "one\r\ntwo\r\n"
    assert document.sha256 == hashlib.sha256(b"\xef\xbb\xbfone\r\ntwo\r\n").hexdigest()
    assert suite.empty == "zero"


def test_a_case_without_ground_truth_is_left_out_and_counted(project: Project) -> None:
    project.suite()
    project.write({"evals/notes/documents/b.txt": "b", "ground_truth/notes/c.json": "{}"})
    suite = project.load()
    assert ([c.id for c in suite.cases], suite.unscored) == (["a"], ("b",))
