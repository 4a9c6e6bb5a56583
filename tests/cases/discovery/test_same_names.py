"""Two files or records of one name: paired by their folders, or refused; never the last one."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from harness.cases.scaffold.imports.import_suite import ImportOptions, import_suite
from harness.cases.scaffold.imports.read_export import read_export
from harness.cases.scaffold.init_suite import Wanted, init_suite
from harness.core.number_text import counted
from harness.core.records import Case
from harness.errors import HarnessError
from tests.cases.conftest import Project

SIZES = pytest.mark.parametrize("count", [3, 3000])
FOLDERS = pytest.mark.parametrize("count", [3, 300])
"""How many, where writing the files takes longest."""


def cases_of(project: Project, path: str) -> dict[str, Case]:
    return {case.id: case for case in project.load(path).cases}


def refusal(wanted: Wanted) -> str:
    with pytest.raises(HarnessError) as caught:
        init_suite(wanted)
    return str(caught.value)


def write_truths(project: Project, count: int) -> None:
    """Write `a.json` in as many folders, each with its own number."""
    project.write({f"gold/v{n}/a.json": json.dumps({"n": n}) for n in range(count)})


@SIZES
def test_nested_truths_without_documents_are_a_case_each(project: Project, count: int) -> None:
    write_truths(project, count)
    made = init_suite(Wanted(truths=Path("gold")))
    assert made.truths == count
    written = (project.root / "ground_truth/gold").iterdir()
    found = {path.stem: json.loads(path.read_bytes()) for path in written}
    assert found == {f"v{n}-a": {"n": n} for n in range(count)}


@FOLDERS
def test_answers_in_the_folders_of_their_truths_go_with_them(project: Project, count: int) -> None:
    write_truths(project, count)
    project.write({f"said/v{n}/a.json": json.dumps({"n": n}) for n in range(count)})
    init_suite(Wanted(truths=Path("gold"), answers=Path("said")))
    answers = sorted(p.stem for p in (project.root / "evals/gold/answers/said").iterdir())
    assert answers == sorted(f"v{n}-a" for n in range(count))


def test_answers_in_lines_go_by_the_names_of_documents(project: Project) -> None:
    lines = '{"file": "v1/a.txt", "n": 1}\n{"file": "a/v2/a", "n": 2}\n'
    project.write({"in/v1/a.txt": "1", "in/v2/a.txt": "2", "gold.jsonl": lines, "gpt.jsonl": lines})
    init_suite(Wanted(Path("in"), Path("gold.jsonl"), Path("gpt.jsonl")))
    assert {k: c.truth for k, c in cases_of(project, "evals/in").items()} == {
        "v1-a": {"n": 1},
        "v2-a": {"n": 2},
    }
    said = (project.root / "evals/in/answers/gpt.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in said] == ["v1-a", "v2-a"]


def test_one_truth_is_never_that_of_two_documents(project: Project) -> None:
    project.write({"in/v1/a.txt": "1", "in/v2/a.txt": "2", "in/b.txt": "3"})
    project.write({"gold/a.json": '{"n": 1}', "gold/b.json": '{"n": 3}'})
    made = init_suite(Wanted(Path("in"), Path("gold")))
    assert [note.what for note in made.notes] == [
        "2 documents without a ground truth: v1-a, v2-a",
        "1 ground truth without a document, left out: a.json",
    ]


def test_a_truth_that_could_be_of_two_documents_is_told_how_to_name_one(project: Project) -> None:
    project.write({"in/v1/a.txt": "1", "in/v2/a.txt": "2", "gold/a.json": '{"n": 1}'})
    told = refusal(Wanted(Path("in"), Path("gold")))
    assert "a.json could be of 2 documents: name the folder, too, v1/a.json" in told


def test_an_id_that_names_two_documents_is_the_truth_of_neither(project: Project) -> None:
    project.write({"in/v1/a.txt": "1", "in/v2/a.txt": "2", "in/b.txt": "3"})
    project.write({"gold.csv": "id,n\na,1\nb,3\n"})
    made = init_suite(Wanted(Path("in"), Path("gold.csv")))
    assert made.truths == 1
    assert [note.what for note in made.notes] == [
        "2 documents without a ground truth",
        "1 ground truth without a document, left out",
    ]


@SIZES
def test_two_records_of_one_document_are_refused(project: Project, count: int) -> None:
    project.write({f"in/d{n}.txt": str(n) for n in range(count)})
    lines = [f"d{n}.txt,{n}\nold/d{n}.pdf,{n + 1}\n" for n in range(count)]
    project.write({"gold.csv": "id,n\n" + "".join(lines)})
    told = refusal(Wanted(Path("in"), Path("gold.csv")))
    assert f"{counted(count, 'case')} with a second truth: 'd0', 'd1', " in told
    assert "'d0.txt' and 'old/d0.pdf' both name 'd0'" in told
    assert not (project.root / "evals").exists()


def test_two_truths_whose_names_differ_by_unicode_form_only_are_refused(project: Project) -> None:
    suite: dict[str, str | bytes] = {
        f"ground_truth/notes/{name}.json": '{"total": 5}'
        for name in (unicodedata.normalize("NFC", "é"), unicodedata.normalize("NFD", "é"))
    }
    project.suite()
    project.write(suite)
    if len(list((project.root / "ground_truth/notes").iterdir())) < 3:
        pytest.skip("this file system has one name for both")
    assert "1 name with a second file: 'é'" in project.refusal()


def test_folders_that_make_one_id_are_refused(project: Project) -> None:
    project.write({f"gold/{p}.json": "{}" for p in ("v1/a", "v2/a", "v1-a")})
    assert "1 name with a second truth: 'v1-a'" in refusal(Wanted(truths=Path("gold")))


@FOLDERS
def test_two_results_of_a_service_about_one_document_are_refused(
    project: Project, count: int
) -> None:
    result = json.dumps({"analyzeResult": {"documents": [{"fields": {}}]}})
    for n in range(count):
        project.write({f"azure/i{n}.json": result, f"azure/i{n}.pdf.json": result})
    with pytest.raises(HarnessError, match=r"with a second result: 'i0', 'i1"):
        read_export(Path("azure"), None)


def test_results_of_a_service_in_folders_stay_apart(project: Project) -> None:
    result = json.dumps({"analyzeResult": {"documents": [{"fields": {}}]}})
    project.write({"azure/v1/i.pdf.json": result, "azure/v2/i.json": result})
    _, found = read_export(Path("azure"), None)
    assert list(found.answers["azure"]) == ["v1-i", "v2-i"]


@SIZES
def test_items_about_one_file_stay_cases_of_their_own(project: Project, count: int) -> None:
    items = [{"input": "scans/a.pdf", "expectedOutput": {"n": n}} for n in range(count)]
    project.write({"items.json": json.dumps(items)})
    _, found = read_export(Path("items.json"), None)
    assert [dict(truth) for truth in found.truths.values() if isinstance(truth, dict)] == [
        {"n": n} for n in range(count)
    ]
    assert set(found.files.values()) == {"scans/a.pdf"}


def test_files_of_a_data_set_are_found_in_their_folders(project: Project) -> None:
    lines = [{"file_name": f"v{n}/r.txt", "ground_truth": {"n": n}} for n in (1, 2)]
    project.write({"set/metadata.jsonl": "\n".join(map(json.dumps, lines))})
    project.write({"set/v1/r.txt": "one", "set/v2/r.txt": "two"})
    import_suite(ImportOptions(Path("set")))
    cases = cases_of(project, "evals/set")
    assert {k: (c.documents[0].text, c.truth) for k, c in cases.items()} == {
        "r": ("one", {"n": 1}),
        "r-2": ("two", {"n": 2}),
    }


def test_answers_to_one_test_by_other_prompts_or_again_stay_apart(project: Project) -> None:
    results = [
        {"vars": {"q": "x"}, "provider": "p", "promptIdx": prompt, "response": {"output": said}}
        for prompt, said in ((0, "a"), (1, "b"), (1, "c"))
    ]
    project.write({"out.json": json.dumps({"results": {"results": results}})})
    _, found = read_export(Path("out.json"), "promptfoo")
    said = {name: [a.value for a in cases.values()] for name, cases in found.answers.items()}
    assert said == {"p prompt 1": ["a"], "p prompt 2": ["b"]}
    assert "1 further answer to a test left out: the first counts" in found.notes


@FOLDERS
def test_truths_given_as_documents_are_refused_with_what_to_do(
    project: Project, count: int
) -> None:
    project.write({f"truths/a{n}.json": '{"n": 1}' for n in range(count)})
    told = refusal(Wanted(Path("truths")))
    assert f"truths: holds {counted(count, 'JSON file')} and no document" in told
    assert "or without documents: harness init --truths truths" in told
    project.write({"docs/a0.txt": "1"})
    other = refusal(Wanted(Path("truths"), Path("docs")))
    assert "hint: the other way round? harness init docs --truths truths" in other


def test_a_project_without_any_mark_takes_documents_to_be_labelled(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / "bare"
    (bare / "docs").mkdir(parents=True)
    (bare / "docs/a.txt").write_text("x", "utf-8")
    monkeypatch.chdir(bare)
    init_suite(Wanted(Path("docs")))
    assert [case.id for case in project.load("evals").cases] == ["a"]
