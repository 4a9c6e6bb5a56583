"""`harness init`: a suite that can be checked at once, or nothing at all."""

from __future__ import annotations

from tests.cli.conftest import Project

FILES = {"in/letters/a.txt": "Total 5", "in/letters/a.json": '{"total": 5}'}


def test_a_new_suite_can_be_checked_and_after_one_line_more_run(project: Project) -> None:
    project.write(FILES)
    said = project.harness("init", "in/letters")
    assert (said.code, said.err) == (0, "")
    assert said.out == (
        "evals/letters/suite.yaml   the suite\n"
        "evals/letters/schema.json  the shape of an answer: correct it\n"
        "prompts/letters/           what a model is told: yours to change\n"
        "evals/letters/documents/   1 document\n"
        "ground_truth/letters/      1 truth\n"
        "no extractor yet: ask a model (--model), or name one in evals/letters/suite.yaml\n"
    )
    assert said.next == ("harness check", "harness run --model NAME")
    assert all((project.root / line.split()[0]).exists() for line in said.out.splitlines()[:5])
    assert project.harness("check").out.startswith("letters: 1 case; no extractor\n")

    suite = project.root / "evals/letters/suite.yaml"
    recorded = "\nextractor: {kind: recorded, answers: answers}\n"
    suite.write_text(suite.read_text(encoding="utf-8") + recorded, encoding="utf-8")
    project.write({"evals/letters/answers/a.json": '{"total": 5}'})
    assert "micro F1    100 % (2/2)" in project.harness("run").out


def test_names_and_folders_can_be_chosen(project: Project) -> None:
    project.write({"docs/a.txt": "x", "labels/a.json": '{"x": 1}'})
    options = ("--truths", "labels", "--name", "post", "--evals", "exams")
    said = project.harness("init", "docs", *options)
    assert said.code == 0
    assert said.next[0] == "harness check exams"
    assert (project.root / "exams/post/suite.yaml").is_file()


def test_nothing_is_overwritten_and_nothing_half_written(project: Project) -> None:
    project.write({**FILES, "evals/letters/schema.json": "{}"})
    before = project.tree()
    said = project.harness("init", "in/letters")
    assert (said.code, said.out) == (3, "")
    assert said.err == "evals/letters/schema.json: exists already [exists]\n"
    assert project.tree() == before


def test_a_truth_that_is_not_json_stops_it_before_anything_is_written(project: Project) -> None:
    project.write({**FILES, "in/letters/a.json": "{"})
    before = project.tree()
    said = project.harness("init", "in/letters")
    assert (said.code, said.out) == (3, "")
    assert "in/letters/a.json:1: is not JSON" in said.err
    assert project.tree() == before


def test_a_file_where_the_suites_should_go_is_told(project: Project) -> None:
    project.write({**FILES, "taken": ""})
    before = project.tree()
    said = project.harness("init", "in/letters", "--evals", "taken/evals")
    assert (said.code, said.out) == (3, "")
    assert "cannot be written: Not a directory [unwritable]" in said.err
    assert project.tree() == before


def test_a_folder_that_is_not_there_is_a_usage_error(project: Project) -> None:
    said = project.harness("init", "nowhere")
    assert (said.code, said.out) == (2, "")
    assert said.err == "'nowhere' does not exist [no-such-path]\n"


def test_documents_without_truths_become_a_suite_to_be_labelled(project: Project) -> None:
    project.write({"in/a.txt": "1", "in/b.txt": "2"})
    said = project.harness("init", "in")
    assert said.code == 0
    assert said.err == (
        "warning: no ground truth found: a suite to be labelled [no-truth]\n"
        "  hint: if there are truths: --truths FOLDER or FILE\n"
    )
    assert "evals/in/documents/  2 documents" in said.out
    assert said.next == (
        "harness check",
        "harness run --model NAME",
        "harness review evals/in",
    )
    assert project.harness("check").code == 0


def test_answers_at_hand_can_be_run_and_scored_at_once(project: Project) -> None:
    project.write({**FILES, "gpt/a.txt": 'Sure: {"total": 5}'})
    said = project.harness("init", "in/letters", "--answers", "gpt")
    assert (said.code, said.err) == (0, "")
    assert said.next == ("harness check", "harness run")
    assert project.harness("check").out.startswith("letters: 1 case; gpt\n")
    assert "micro F1    100 % (2/2)" in project.harness("run").out


def test_nothing_at_all_is_a_usage_error_that_says_what_is_needed(project: Project) -> None:
    said = project.harness("init")
    assert (said.code, said.out) == (2, "")
    assert "harness init DOCUMENTS, or harness init --truths FILE --answers FILE" in said.err


def test_a_folder_called_ground_truth_gives_its_suite_no_name_that_hides_the_project(
    project: Project,
) -> None:
    project.write({"receipts/ground_truth/a.json": '{"x": 1}', "receipts/said/a.json": '{"x": 1}'})
    options = ("--truths", "receipts/ground_truth", "--answers", "receipts/said")
    assert "evals/receipts/suite.yaml" in project.harness("init", *options).out
    assert (
        "evals/ground_truth/suite.yaml"
        in project.harness("init", *options, "--name", "ground_truth").out
    )
    assert project.harness("check").out == "ground_truth: 1 case; said\nreceipts: 1 case; said\n"
