"""A truth can be doubted, and only people change it; exports hold what may be looked at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from harness.cli.main import main
from tests.improve.projects import Notes

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "harness/improve/truths.schema.json").read_text("utf-8")
)


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    made = Notes(tmp_path)
    text = "7 paid in Bergen, not in Oslo\u202e."
    made.case("n0", text, {"total": 7, "city": "Turku"}, {"total": 7, "city": "Bergen"})
    made.case("n1", "8 paid in Rome.", {"total": 8, "city": "Rome"}, {"total": "8", "city": "Rome"})
    return made


def truth(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["truth", *arguments])


def dispute(notes: Notes, run: Path, *arguments: str) -> Result:
    return truth("dispute", str(run), *arguments, "--suite", str(notes.folder))


def test_a_dispute_is_noted_beside_the_truth_which_stays_as_it_is(notes: Notes) -> None:
    file = notes.folder / "ground_truth" / "n0.json"
    before = file.read_bytes()
    done = dispute(notes, notes.run(), "n0", "city", "--why", "the note says Bergen")
    assert done.exit_code == 0, done.output
    assert file.read_bytes() == before
    (line,) = (notes.folder / "ground_truth" / "disputes.jsonl").read_text("utf-8").splitlines()
    noted: dict[str, Any] = json.loads(line)
    assert (noted["case"], noted["path"]) == ("n0", "city")
    assert (noted["truth"], noted["predicted"]) == ("Turku", "Bergen")
    assert noted["evidence"] == ["documents/n0.txt:1:11"]
    assert noted["why"] == "the note says Bergen"


def test_the_same_dispute_is_noted_once(notes: Notes) -> None:
    run = notes.run()
    dispute(notes, run, "n0", "city")
    assert "open already" in dispute(notes, run, "n0", "city").output
    file = notes.folder / "ground_truth" / "disputes.jsonl"
    assert len(file.read_text("utf-8").splitlines()) == 1


def test_a_dispute_is_settled_by_editing_the_truth(notes: Notes) -> None:
    dispute(notes, notes.run(), "n0", "city", "--why", "see line 1")
    assert truth("list", str(notes.folder)).output.startswith("open    notes n0 city\n")
    notes.write({"evals/notes/ground_truth/n0.json": '{"total": 7, "city": "Bergen"}'})
    listed = truth("list", str(notes.folder)).output
    assert listed.startswith("settled notes n0 city\n")
    assert 'now        "Bergen"' in listed
    assert "why        see line 1" in listed
    assert truth("list", str(notes.folder), "--open").stdout == ""


def test_the_suite_loads_with_disputes_beside_its_truths(notes: Notes) -> None:
    dispute(notes, notes.run(), "n0", "city")
    assert [case.id for case in notes.suite().cases] == ["n0", "n1"]
    assert notes.suite().warnings == ()


def test_nobody_learns_from_a_disputed_truth(notes: Notes) -> None:
    run = notes.run()
    dispute(notes, run, "n0", "city")
    asked = ["feedback", str(run), "--suite", str(notes.folder)]
    assert CliRunner().invoke(main, asked).exit_code == 0
    text = (run / "feedback" / "TASK.md").read_text("utf-8")
    assert "Of 1 place the truth is disputed" in text
    assert "Turku" not in text


def test_a_field_at_several_places_is_disputed_at_one(notes: Notes) -> None:
    truth_of: Any = {"a": [{"n": 1}, {"n": 2}]}
    notes.case("n2", "text", truth_of, {"a": [{"n": 1}, {"n": 3}]})
    done = dispute(notes, notes.run(), "n2", "a[].n")
    assert done.exit_code == 2
    assert "name one of them: a[0].n, a[1].n" in done.stderr


def test_a_line_that_is_no_dispute_is_named(notes: Notes) -> None:
    notes.write({"evals/notes/ground_truth/disputes.jsonl": '{"case": "n0"}\n'})
    done = truth("list", str(notes.folder))
    assert done.exit_code == 3
    assert "disputes.jsonl:1: not a dispute" in done.stderr


def export(notes: Notes, run: Path, *arguments: str) -> dict[str, Any]:
    done = truth("export", str(run), "--suite", str(notes.folder), *arguments)
    assert done.exit_code == 0, done.output
    document: dict[str, Any] = json.loads(done.stdout)
    assert [e.message for e in Draft202012Validator(SCHEMA).iter_errors(document)] == []
    return document


def test_an_export_holds_truths_predictions_and_verdicts(notes: Notes) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    found = export(notes, notes.run(), "--all")
    (first, second) = found["cases"]
    assert (first["truth"], first["disputed"]) == ({"total": 7, "city": "Turku"}, [])
    assert second["predictions"][0]["answer"] == {"total": "8", "city": "Rome"}
    outcomes = {v["path"]: v["outcome"] for v in second["predictions"][0]["verdicts"]}
    assert outcomes == {"total": "format_error", "city": "correct"}
    assert second["documents"][0]["text"] == "8 paid in Rome."


def test_disputed_cases_are_exported_by_name_only(notes: Notes) -> None:
    run = notes.run()
    dispute(notes, run, "n0", "city")
    found = export(notes, run, "--all")
    assert ([c["id"] for c in found["cases"]], found["disputed"]) == (["n1"], ["n0"])
    (only,) = export(notes, run, "--case", "n0")["cases"]
    assert only["disputed"] == ["city"]
    states = {field["path"]: field["state"] for field in only["fields"]}
    assert states == {"total": "stated", "city": "disputed"}


def test_the_holdout_is_never_exported(notes: Notes) -> None:
    notes.write(
        {
            "evals/notes/suite.yaml": "name: notes\nextractor: {kind: recorded, answers: "
            "answers}\nsplit: {dev: [n0], holdout: [n1]}\n"
        }
    )
    run = notes.run()
    assert [c["id"] for c in export(notes, run, "--all")["cases"]] == ["n0"]
    done = truth("export", str(run), "--suite", str(notes.folder), "--case", "n1")
    assert (done.exit_code, "[sealed]" in done.stderr) == (2, True)


def test_an_export_goes_to_a_file_and_is_the_same_there(notes: Notes, tmp_path: Path) -> None:
    run = notes.run()
    asked = ("export", str(run), "--suite", str(notes.folder), "--all")
    file = tmp_path / "out.json"
    assert truth(*asked, "--out", str(file)).output == f"2 cases in {file}\n"
    assert json.loads(file.read_text("utf-8")) == json.loads(truth(*asked).stdout)


@pytest.mark.parametrize("arguments", [[], ["--all", "--case", "n0"]])
def test_an_export_is_asked_for_in_one_way(notes: Notes, arguments: list[str]) -> None:
    done = truth("export", str(notes.run()), "--suite", str(notes.folder), *arguments)
    assert done.exit_code == 2
