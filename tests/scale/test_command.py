"""`harness score` on files that are streamed."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

import harness.scale
from harness.cli.main import main
from tests.scale.files import Files, invoices, line


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    monkeypatch.chdir(tmp_path)
    truths, said = invoices(30)
    return Files(tmp_path).write("\n".join(truths), "\n".join(said[:-1]))


def score(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["score", *arguments])


def test_asked_to_stream_it_prints_the_document_without_cases(files: Files) -> None:
    said = score("truths.jsonl", "said.jsonl", "--workers", "1", "--format", "json")
    assert said.exit_code == 4
    assert said.stderr == (
        "warning: 'inv-00029': there is no prediction for this truth [no_recording]\n"
        "incomplete: some cases are not in the score\n"
    )
    document = json.loads(said.stdout)
    shape = resources.files("harness.run").joinpath("eval-results.schema.json").read_text("utf-8")
    Draft202012Validator(json.loads(shape)).validate(document)
    results, _ = files.in_memory(schema=None)
    assert document["cases"] == []
    assert document["aggregate"] == json.loads(json.dumps(results["aggregate"]))
    assert document["aggregate"]["eval_count"] == 29


def test_text_shows_the_figures_of_memory(files: Files) -> None:
    whole = score(*map(str, files.both)).stdout
    streamed = score("truths.jsonl", "said.jsonl", "--workers", "1")
    assert streamed.exit_code == 4
    for about in ("INCOMPLETE", "macro F1", "micro F1", "errors"):
        lines = [each for each in whole.splitlines() if each.startswith(about)]
        assert lines[0] in streamed.stdout


def test_a_large_file_is_streamed_unasked(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    assert json.loads(score(*map(str, files.both), "--format", "json").stdout)["cases"]
    monkeypatch.setattr(harness.scale, "LARGE", 1_000)
    assert not json.loads(score(*map(str, files.both), "--format", "json").stdout)["cases"]


def test_out_writes_a_record_of_each_case(files: Files) -> None:
    said = score("truths.jsonl", "said.jsonl", "--out", "cases.jsonl", "--workers", "1")
    assert said.exit_code == 4
    lines = (files.folder / "cases.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(each)["id"] for each in lines[:2]] == ["inv-00000", "inv-00001"]
    assert len(lines) == 30


def test_cases_nobody_answered_make_it_incomplete(files: Files) -> None:
    failed = {"status": "failed", "kind": "transport", "message": "-"}
    files.write(line("a", 1), json.dumps({"case_id": "a", "said": failed}))
    said = score("truths.jsonl", "said.jsonl", "-j", "1")
    assert said.exit_code == 4
    assert "incomplete: some cases are not in the score" in said.stderr


def test_bad_lines_are_told_with_their_place_and_only_jsonl_is_streamed(files: Files) -> None:
    files.write('{"id": "a", "value": 1}\nnonsense', "")
    said = score("truths.jsonl", "said.jsonl", "-j", "1")
    assert said.exit_code == 3
    assert said.stderr.startswith("truths.jsonl:2: is not JSON")
    (files.folder / "one.json").write_text("{}")
    said = score("one.json", "one.json", "-j", "1")
    assert said.exit_code == 2
    assert "streamed are JSONL, CSV and Parquet files only" in said.stderr
