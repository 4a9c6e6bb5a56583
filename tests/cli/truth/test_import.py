"""`harness import`: a suite that can be checked and run at once, or answers into one."""

from __future__ import annotations

import json
import re

from tests.cases.scaffold.imports import exports
from tests.cli.conftest import Project


def test_an_export_with_answers_can_be_run_and_scored_at_once(project: Project) -> None:
    project.write({"results.json": json.dumps(exports.PROMPTFOO)})
    said = project.harness("import", "results.json")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("an export of promptfoo\nevals/results/suite.yaml ")
    checked = project.harness("check").out
    assert checked.startswith("results: 1 case; openai:gpt-4o-mini, anthropic:claude\n")
    ran = project.harness("run")
    assert ran.code == 0
    assert "macro F1    100 %" in ran.out
    assert "macro F1    0 %" in ran.out


def test_files_of_a_data_set_folder_become_documents(project: Project) -> None:
    lines = "\n".join(map(json.dumps, exports.HUGGINGFACE))
    project.write({"set/metadata.jsonl": lines, "set/r1.txt": "5", "set/r2.txt": "6"})
    assert project.harness("import", "set").code == 0
    assert project.harness("check").out.startswith("set: 2 cases; no extractor\n")
    assert sorted(p.name for p in (project.root / "evals/set/documents").iterdir()) == [
        "r1.txt",
        "r2.txt",
    ]


def test_documents_that_an_export_only_names_are_found_in_a_folder_or_told(
    project: Project,
) -> None:
    project.write(
        {"tasks.json": json.dumps(exports.LABEL_STUDIO), "scans/scan-7.png.txt": "Bolt Ltd"}
    )
    project.write({"scans/scan-7.txt": "Bolt Ltd"})
    told = project.harness("import", "tasks.json", "--name", "bare")
    assert "1 document not in the export: --documents FOLDER" in told.err
    said = project.harness("import", "tasks.json", "--documents", "scans")
    assert said.code == 0
    assert project.harness("check", "evals/tasks").out.startswith("tasks: 2 cases; ner-1\n")


def test_results_of_a_service_go_into_a_suite_with_confidences_and_places(
    project: Project,
) -> None:
    truth = {"VendorName": "ACME", "InvoiceTotal": 12.5, "Items": [{"Quantity": 2}]}
    project.write(
        {
            "in/inv-01.txt": "ACME",
            "in/inv-01.json": json.dumps(truth),
            "azure/inv-01.pdf.json": json.dumps(exports.AZURE),
        }
    )
    assert project.harness("init", "in").code == 0
    said = project.harness("import", "azure", "--suite", "evals/in")
    assert (said.code, said.err) == (0, "")
    assert "  azure: {kind: recorded, answers: answers/azure.jsonl}\n" in said.out
    suite = project.root / "evals/in/suite.yaml"
    line = "extractors:\n  azure: {kind: recorded, answers: answers/azure.jsonl}\n"
    suite.write_text(suite.read_text("utf-8") + line, "utf-8")
    assert (project.root / "evals/in/answers/azure.places.json").is_file()
    assert project.harness("check").out.startswith("in: 1 case; azure\n")
    assert "macro F1    100 %" in project.harness("run").out
    stored = next(project.root.glob("reports/*/predictions.jsonl")).read_text("utf-8")
    assert '"VendorName",0.93' in stored
    assert "evals/in/suite.yaml is left as it is; add to it:\nextractors:\n" in said.out
    before = suite.read_bytes()
    second = project.harness("import", "azure", "--suite", "evals/in", "--name", "later")
    assert "add below its `extractors:`\n  later: {kind" in second.out
    assert suite.read_bytes() == before
    told = project.harness("explain", "last", "inv-01", "VendorName")
    assert re.search(r"\nservice saw page 1, polygon [\d. ]+\n", told.out)
    assert "service saw" not in project.harness("explain", "last", "inv-01", "Items[0]").out
    whole = json.loads(project.harness("explain", "last", "inv-01", "$", "--format", "json").out)
    assert whole["service_places"]["VendorName"].startswith("page 1, polygon ")
    again = project.harness("import", "azure", "--suite", "evals/in")
    assert (again.code, "exists already" in again.err) == (3, True)


def test_results_of_a_service_alone_say_how_they_get_into_a_suite(project: Project) -> None:
    project.write({"azure/a.json": json.dumps(exports.AZURE)})
    said = project.harness("import", "azure")
    assert said.code == 2
    assert "harness import ... --suite evals/NAME" in said.err


def test_an_unknown_tool_is_refused_with_the_nearest_known(project: Project) -> None:
    project.write({"x.json": "[]"})
    said = project.harness("import", "x.json", "--from", "promptfo")
    assert (said.code, "did you mean 'promptfoo'?" in said.err) == (2, True)
