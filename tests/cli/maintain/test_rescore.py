"""`harness report` and `harness rescore`: everything again, from the run folder alone."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.cli.conftest import Project


def a_run(project: Project) -> None:
    """Leave a run with every kind of case: right, wrong, failed, hallucinated, never answered."""
    project.suite("a", "b", "c", "d", "e", "\u00e9 x")
    schema = '{"properties": {"total": {"type": "integer"}}}'
    settings = (
        "description: five notes\n"
        "schema: schema.json\n"
        "target_f1: 0.9\n"
        "empty: one\n"
        "tags: {a: [short], b: [short, odd]}\n"
        "rules: {name: {compare: text, threshold: 0.9}}\n"
        "extractors: {good: {kind: recorded, answers: answers/good}}\n"
    )
    project.write({"evals/notes/suite.yaml": settings, "evals/notes/schema.json": schema})
    project.answer("b", 'Sure! {"total": "5", "name": "Total", "more": "Total 5"}')
    project.answer("c", "no")
    (project.root / "evals/notes/answers/good/d.json").unlink()
    project.write({"ground_truth/notes/e.json": "{}", "evals/notes/answers/good/e.json": "{}"})
    assert project.harness("run", "-q").code == 4


def forget_sources(project: Project) -> None:
    for folder in ("evals", "ground_truth"):
        shutil.rmtree(project.root / folder)


def test_rescoring_needs_nothing_but_the_run_folder_and_finds_the_same(project: Project) -> None:
    a_run(project)
    forget_sources(project)
    folder = project.run_folder()
    before = project.tree()
    said = project.harness("rescore", folder)
    assert said.code == 4, "the run is as incomplete as it was"
    assert "INCOMPLETE  5 of 6 answered" in said.out
    assert said.err == "incomplete: some cases were never answered; see the report\n"
    after = project.tree()
    record = f"reports/{folder.name}/run.json"
    rescored = json.loads(str(after[record], "utf-8"))  # type: ignore[arg-type]  # a file's bytes
    del rescored["rescored"]
    assert rescored == json.loads(str(before[record], "utf-8"))  # type: ignore[arg-type]  # as above
    assert after | {record: b""} == before | {record: b""}


def test_results_that_were_lost_are_made_again(project: Project) -> None:
    a_run(project)
    forget_sources(project)
    folder = project.run_folder()
    before = project.tree()
    for name in ("eval-results.json", "report.html"):
        (folder / name).unlink()
    assert project.harness("rescore", folder).code == 4
    after = project.tree()
    for name in ("eval-results.json", "report.html"):
        assert after[f"reports/{folder.name}/{name}"] == before[f"reports/{folder.name}/{name}"]


def test_a_complete_run_rescores_with_exit_code_0(project: Project) -> None:
    project.suite()
    assert project.harness("run", "-q").code == 0
    forget_sources(project)
    said = project.harness("rescore", project.run_folder())
    assert (said.code, said.err) == (0, "")
    assert "micro F1    100 % (12/12)" in said.out


def test_the_report_can_be_made_again_from_the_run_folder_alone(project: Project) -> None:
    a_run(project)
    forget_sources(project)
    before = project.tree()
    page = project.run_folder() / "report.html"
    page.unlink()
    said = project.harness("report", project.run_folder())
    assert (said.code, said.out) == (0, f"{page}\n")
    assert said.err == (
        "warning: whether truths or rules have changed since the run cannot be checked: "
        "evals/notes is not there\n"
    )
    assert project.tree() == before


def test_todays_truths_can_be_put_to_yesterdays_answers(project: Project) -> None:
    project.suite()
    assert project.harness("run", "-q").code == 0
    project.write({"ground_truth/notes/a.json": '{"total": 6, "name": "a"}'})
    said = project.harness("rescore", project.run_folder(), "--suite", "evals/notes")
    assert said.code == 0
    # 5 of 6 fields are right, one is wrong: F1 = 10/12.
    assert "micro F1    83.3 % (10/12)" in said.out
    stored = (project.run_folder() / "predictions.jsonl").read_text(encoding="utf-8")
    assert stored.count('"total":5') == 3


def test_a_run_is_rescored_by_its_own_suite_and_by_no_other(project: Project) -> None:
    project.suite()
    project.suite("x", name="alpha")
    assert project.harness("run", "evals/notes", "-q").code == 0
    before = project.tree()
    said = project.harness("rescore", project.run_folder(), "--suite", "evals/alpha")
    assert said.code == 2, "its answers would count as never given, and its truths be lost"
    what = "the run is of suite 'notes', which 'evals/alpha' does not hold [other-suite]"
    assert said.err.startswith(what)
    assert project.tree() == before
    assert project.harness("rescore", project.run_folder(), "--suite", "evals").code == 0


def test_a_document_too_long_to_be_kept_changes_nothing_when_rescored(project: Project) -> None:
    project.suite("a")
    text = "Total 5 for a\n" + "x" * 2_000_000
    project.write({"evals/notes/documents/a.txt": text})
    project.answer("a", '{"total": 5, "name": "b", "more": "Total 5"}')
    assert project.harness("run", "-q").code == 0
    results = (project.run_folder() / "eval-results.json").read_bytes()
    assert project.harness("rescore", project.run_folder()).code == 0
    assert (project.run_folder() / "eval-results.json").read_bytes() == results
    assert b"grounded" not in results, "nobody can look again in a text that is not kept"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("run.json", None, ": this is no run folder [no-run]"),
        ("run.json", "{", "/run.json:1: is not JSON: "),
        ("run.json", "[]", "/run.json: must hold a JSON object [bad-run]"),
        ("run.json", "{}", "/run.json:1: suite: field required [bad-run]"),
        ("run.json", "\xff", "/run.json: "),
        ("cases.jsonl", None, "/cases.jsonl: the file is missing from the run [bad-run]"),
        ("cases.jsonl", '{"id": "a"', "/cases.jsonl:1: is not JSON: "),
        ("cases.jsonl", '{"id": "a"}\n', "/cases.jsonl:1: truth: field required"),
        ("cases.jsonl", "5\n", "/cases.jsonl:1: must hold a JSON object"),
        ("predictions.jsonl", '{"case_id": "a"\n', "/predictions.jsonl:1: is not JSON: "),
        ("predictions.jsonl", '{"case_id": "a"}\n', "/predictions.jsonl:1: not a stored pred"),
    ],
)
def test_a_damaged_run_folder_is_named_and_left_as_it_is(
    project: Project, name: str, content: str | None, message: str
) -> None:
    project.suite()
    assert project.harness("run", "-q").code == 0
    folder = project.run_folder()
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content.encode("latin-1"))
    before = project.tree()
    for command in ("report", "rescore"):
        said = project.harness(command, folder)
        assert (said.code, said.out) == (3, "")
        assert said.err.startswith(str(folder))
        assert message in said.err
    assert project.tree() == before


@pytest.mark.parametrize("command", ["report", "rescore"])
def test_an_empty_folder_is_no_run_folder(project: Project, command: str) -> None:
    (project.root / "empty").mkdir()
    said = project.harness(command, "empty")
    assert (said.code, said.out) == (3, "")
    assert said.err == (
        "empty: this is no run folder [no-run]\n"
        "  hint: a run folder lies under reports/ and holds run.json\n"
    )


@pytest.mark.parametrize("content", [None, "{}", "[]", "{", '{"cases": 5}'])
def test_results_that_are_not_results_are_told_by_report_and_replaced_by_rescore(
    project: Project, content: str | None
) -> None:
    project.suite()
    assert project.harness("run", "-q").code == 0
    results = project.run_folder() / "eval-results.json"
    sound = results.read_bytes()
    if content is None:
        results.unlink()
    else:
        results.write_text(content)
    said = project.harness("report", project.run_folder())
    assert (said.code, said.out) == (3, "")
    assert "[bad-run]" in said.err or "hint: score it first: harness rescore" in said.err
    assert project.harness("rescore", project.run_folder()).code == 0
    assert results.read_bytes() == sound


@pytest.mark.parametrize("torn", ['{"case_id":"c","sa', "\xff", '{"case_id":"c","said":{}'])
def test_a_last_line_that_was_cut_off_is_left_out(project: Project, torn: str) -> None:
    project.suite()
    assert project.harness("run", "-q", "-j", "1").code == 0
    predictions = project.run_folder() / "predictions.jsonl"
    *whole, _ = predictions.read_bytes().splitlines(keepends=True)
    predictions.write_bytes(b"".join(whole) + torn.encode("latin-1"))
    kept = predictions.read_bytes()
    said = project.harness("rescore", project.run_folder())
    assert said.code == 4
    assert "INCOMPLETE  2 of 3 answered" in said.out
    assert predictions.read_bytes() == kept, "predictions are never touched"


def test_a_schema_the_run_lost_is_not_taken_for_no_schema(project: Project) -> None:
    a_run(project)
    folder = project.run_folder()
    record = project.stored("run.json") | {"schemas": {}}
    (folder / "run.json").write_text(json.dumps(record))
    said = project.harness("rescore", folder)
    assert (said.code, said.out) == (3, "")
    assert "/cases.jsonl:1: names a schema that run.json does not hold: " in said.err
