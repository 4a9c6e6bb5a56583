"""`harness explain`: why a verdict of a stored run is what it is, from stored data alone."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from harness.core.outcomes import Outcome
from tests.cli.conftest import REPOSITORY, Project
from tests.run.stored_examples import stored_results

UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def ran(project: Project, *reply: str) -> Path:
    """Run the suite `notes` of one case, and return the run folder."""
    project.suite("a")
    if reply:
        project.answer("a", *reply)
    assert project.harness("run", "-q").code in (0, 4)  # 4 where the reply is no answer
    return project.run_folder()


def explained(project: Project, run: Path, case: str, path: str) -> dict[str, Any]:
    said = project.harness("explain", run, case, path, "--format", "json")
    assert (said.code, said.err) == (0, "")
    found = json.loads(said.out)
    assert isinstance(found, dict)
    return found


def test_one_verdict_is_told_in_full(project: Project) -> None:
    run = ran(project, '{"total": "$50.00", "name": "a"}')
    shutil.rmtree(project.root / "evals")
    before = project.tree()
    said = project.harness("explain", run, "a", "total")
    assert (said.code, said.err) == (0, "")
    assert said.out == (
        "notes · good · a\n"
        "\n"
        "total: format error, charged FP + FN\n"
        "\n"
        "expected    5\n"
        'predicted   "$50.00"\n'
        "because     5 against 50: they differ by 45; whole numbers must be equal.\n"
        "            A number is expected, and the prediction is a string.\n"
        "tags        scale: The numbers differ by a factor of 10, 100, 1000, a million or a "
        "billion; one of them may be rounded to three digits.\n"
        "lenient     Wrong in lenient scores, too: the value is not the same.\n"
        "\n"
        "compared by number (the expected value's JSON type: integer)\n"
        "            significant_digits: 15 (the default)\n"
        'read        predicted "$50.00" → currency sign dropped → 50.00 → read as a number → 50\n'
        "similarity  0.1000\n"
        "stands at   expected  documents/a.txt:1:7  Total »5« for a\n"
        "            predicted nowhere in the documents\n"
    )
    assert project.tree() == before


def test_a_field_an_item_and_the_whole_are_told_briefly(project: Project) -> None:
    run = ran(project, '{"total": 5, "extra": [{"x": 1}, {"x": 2}]}')
    said = project.harness("explain", run, "a", "extra[].x")
    assert said.out == (
        "notes · good · a\n"
        "\n"
        "path        outcome        expected  predicted  tags\n"
        "extra[0].x  hallucination  absent    1          extra item, ungrounded\n"
        "extra[1].x  hallucination  absent    2          extra item, ungrounded\n"
    )
    assert project.harness("explain", run, "a", "extra[*].x").out == said.out
    assert project.harness("explain", run, "a", "extra").out == said.out
    assert len(project.harness("explain", run, "a", "$").out.splitlines()) == 3 + 4


def test_an_omission_and_a_hallucination_at_one_path_are_both_told_in_full(
    project: Project,
) -> None:
    project.suite("a")
    project.write({"ground_truth/notes/a.json": '{"rows": [{"x": 1}]}'})
    project.answer("a", '{"rows": [{"x": 2}]}')
    project.harness("run", "-q")
    said = project.harness("explain", project.run_folder(), "a", "rows[0].x")
    assert "rows[0].x: omission, charged FN\n" in said.out
    assert "\n\nrows[0].x: hallucination, charged FP\n" in said.out


def test_a_right_value_in_a_wrong_format_is_said_to_be_right_leniently(project: Project) -> None:
    run = ran(project, '{"total": "5", "name": "a"}')
    said = project.harness("explain", run, "a", "total")
    assert (
        "lenient     Correct in lenient scores: the value is right, its format is not." in said.out
    )


def test_json_gives_everything(project: Project) -> None:
    run = ran(project, '{"total": 6, "name": "a"}')
    found = explained(project, run, "a", "total")
    assert list(found) == ["suite", "extractor", "case", "notes", "verdicts", "service_places"]
    (verdict,) = found["verdicts"]
    assert verdict == {
        "path": "total",
        "field": "total",
        "outcome": "wrong_value",
        "charge": {"convention": "standard", "tp": 0, "fp": 1, "fn": 1},
        "expected": {
            "value": 5,
            "path": "total",
            "steps": [],
            "read": "5",
            "evidence": [
                {
                    "document": "documents/a.txt",
                    "start": 6,
                    "end": 7,
                    "line": 1,
                    "column": 7,
                    "similarity": None,
                }
            ],
        },
        "predicted": {"value": 6, "path": "total", "steps": [], "read": "6", "evidence": []},
        "grounds": ["5 against 6: they differ by 1; whole numbers must be equal."],
        "comparator": {
            "name": "compare",
            "value": "number",
            "from": "value",
            "said": "the expected value's JSON type: integer",
        },
        "settings": [
            {"name": "significant_digits", "value": 15, "from": "default", "said": "the default"}
        ],
        "similarity": pytest.approx(5 / 6),
        "value_equal": False,
        "tags": [],
        "items": [],
    }


def test_an_unknown_run_case_or_path_names_the_nearest(project: Project) -> None:
    run = ran(project)
    typo = run.with_name(run.name[:-1] + "x")
    said = project.harness("explain", typo, "a", "total")
    assert (said.code, said.out) == (3, "")
    assert "this is no run folder [no-run]" in said.err
    assert f"did you mean {run.name!r}?" in said.err
    said = project.harness("explain", run, "b", "total")
    assert (said.code, said.out) == (2, "")
    assert said.err == "the run has no case 'b' [unknown-case]\n  hint: known: a\n"
    said = project.harness("explain", run, "a", "totl")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "the case has no field at 'totl' [unknown-path]\n  hint: did you mean 'total'?\n"
    )


def test_without_a_near_name_only_some_are_listed(project: Project) -> None:
    project.suite(*(f"case-{number:02}" for number in range(20)))
    project.harness("run", "-q")
    said = project.harness("explain", project.run_folder(), "zzz", "total")
    assert "20 are known, such as case-00, case-01," in said.err
    assert "case-12" not in said.err


def test_an_ignored_field_says_who_left_it_out(project: Project) -> None:
    project.suite("a")
    project.extractors(good="{kind: recorded, answers: answers/good}")
    suite = project.root / "evals/notes/suite.yaml"
    suite.write_text(suite.read_text() + "rules:\n  tot*: {ignore: true}\n")
    project.harness("run", "-q")
    said = project.harness("explain", project.run_folder(), "a", "total")
    assert said.code == 2
    assert said.err == "'total' is not judged by rule `tot*`, a pattern [ignored-field]\n"


def test_a_case_without_an_answer_says_so_first(project: Project) -> None:
    run = ran(project, "I cannot do that.")
    said = project.harness("explain", run, "a", "total")
    assert said.code == 0
    assert said.out.splitlines()[1].startswith("note: The case has no answer (")
    assert "total: omission, charged FN" in said.out


def test_a_case_nobody_was_asked_about_cannot_be_explained(project: Project) -> None:
    run = ran(project)
    (run / "predictions.jsonl").write_text("")
    said = project.harness("explain", run, "a", "total")
    assert (said.code, said.out) == (3, "")
    assert "case 'a' was never answered: nothing in it was judged [no-answer]" in said.err


def test_results_of_other_rules_are_told_apart_from_what_the_run_stores(project: Project) -> None:
    run = ran(project, '{"total": 6, "name": "a"}')
    path = run / "eval-results.json"
    stored = path.read_text()
    path.write_text(re.sub(r'("outcome": ?)"wrong_value"', r'\1"correct"', stored))
    (note,) = explained(project, run, "a", "total")["notes"]
    assert note.startswith("The stored results say something else")


def test_an_abstention_is_explained_too(project: Project) -> None:
    run = ran(project)
    lines = (run / "cases.jsonl").read_text()
    (run / "cases.jsonl").write_text(lines.replace('"total":5', '"total":null'))
    log = (run / "predictions.jsonl").read_text()
    (run / "predictions.jsonl").write_text(log.replace('"total":5', '"total":null'))
    said = project.harness("explain", run, "a", "total")
    assert "total: abstention, charged nothing" in said.out
    assert "Absent on both sides" in said.out


@pytest.mark.parametrize("suite", ["basics", "revenues"])
def test_every_verdict_of_the_shipped_suites_explains_itself(project: Project, suite: str) -> None:
    reports = project.root / "reports"
    done = project.harness("run", REPOSITORY / "evals" / suite, "--reports", reports, "-q")
    assert done.code in (0, 4)
    seen: set[str] = set()
    for run in sorted(path.parent for path in reports.glob("*/run.json")):
        results = stored_results(run)
        for case in results["cases"]:
            if not case["diffs"]:
                continue
            found = explained(project, run, case["id"], "$")
            told = [v for v in found["verdicts"] if v["outcome"] != "abstention"]
            assert [(v["path"], v["outcome"], [t["tag"] for t in v["tags"]]) for v in told] == [
                (d["path"], d["outcome"], d.get("tags", [])) for d in case["diffs"]
            ]
            assert all(v["grounds"] and v["comparator"] for v in told)
            text = project.harness("explain", run, case["id"], case["diffs"][0]["path"])
            assert (text.code, text.err) == (0, "")
            seen |= {v["outcome"] for v in told}
            assert not [note for note in found["notes"] if "something else" in note]
    assert seen <= {outcome.value for outcome in Outcome}
    assert len(seen) > 2


def test_text_from_strangers_does_not_act(project: Project) -> None:
    hostile = "\x1b[31mred\x07\u202e[bold]x[/]\u200b"
    run = ran(project, json.dumps({"total": hostile, hostile: [hostile]}))
    for path in ("total", "$", hostile):
        for form in ("text", "json"):
            said = project.harness("explain", run, "a", path, "--format", form)
            assert UNSEEN.search(said.out + said.err) is None
    said = project.harness("explain", run, "a", "total")
    assert "\\u001b[31mred\\u0007\\u202e[bold]x[/]\\u200b" in said.out


def test_a_document_that_was_not_kept_is_not_looked_into(project: Project) -> None:
    run = ran(project)
    lines = (run / "cases.jsonl").read_text()
    (run / "cases.jsonl").write_text(re.sub(r'"text":"[^"]*"', '"text":null', lines))
    found = explained(project, run, "a", "total")
    assert found["verdicts"][0]["expected"]["evidence"] is None
    assert "keeps no text" in found["notes"][0]


def test_the_truth_is_printed_in_the_prediction_s_order(project: Project) -> None:
    truth = {"rows": [{"k": "a", "t": [1, 2]}, {"k": "b"}], "z": 1}
    said = {"rows": [{"k": "c"}, {"k": "b"}, {"k": "a", "t": [2]}]}
    project.write({"t.json": json.dumps(truth), "s.json": json.dumps(said)})
    done = project.harness("score", "t.json", "s.json", "--closest")
    assert (done.code, done.err) == (0, "")
    ordered = {"rows": [{"k": "b"}, {"k": "a", "t": [2, 1]}], "z": 1}
    assert json.dumps(json.loads(done.out)) == json.dumps(ordered)


def test_several_truths_are_printed_as_lines(project: Project) -> None:
    lines = (
        '{"id": "a", "value": [1, 2]}\n{"id": "b", "value": [1]}\n{"id": "c", "value": [3, 4]}\n'
    )
    said = '{"id": "a", "value": [2, 1]}\n{"id": "c", "raw": "sorry"}\n'
    project.write({"t.jsonl": lines, "s.jsonl": said})
    done = project.harness("score", "t.jsonl", "s.jsonl", "--closest")
    assert (done.code, done.err) == (0, "")
    assert [json.loads(line)["value"] for line in done.out.splitlines()] == [[2, 1], [1], [3, 4]]


def test_what_cannot_be_ordered_is_an_error_as_for_scores(project: Project) -> None:
    project.write({"t.json": "[1]"})
    done = project.harness("score", "t.json", "nothing.json", "--closest")
    assert (done.code, done.out) == (2, "")
    assert "[no-such-path]" in done.err
