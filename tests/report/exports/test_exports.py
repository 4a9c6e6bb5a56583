"""Runs in the formats of other tools: every verdict is there, and nothing acts."""

from __future__ import annotations

import csv
import importlib
import json
import re
import xml.dom.minidom
from pathlib import Path
from typing import Any

import pytest

from harness.report.comparison.comparison_text import COMMENT, bounded
from harness.report.exports.comment import comment_lines
from harness.report.exports.github import github_lines
from harness.report.exports.junit import junit_lines
from harness.report.exports.verdict_rows import COLUMNS, csv_lines, verdict_rows, write_parquet
from tests.report.fixtures import HOSTILE, hostile
from tests.report.records import Record, case, diff, missing, results, run

FORMULAS = ("=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", '=HYPERLINK("x")')


def cases() -> list[Record]:
    wrong = [
        diff("a", "wrong_value", expected=1, predicted=None, tags=["scale"], similarity=0.5),
        diff("b", "omission", expected="x"),
        diff("c", "hallucination", predicted=[1]),
        diff("d", "correct", expected=2, predicted=2),
    ]
    failed = {"kind": "not_json", "message": "no JSON in it", "missing": False}
    return [
        case("right", [diff("a", "correct", expected=1, predicted=1)], seconds=1.5),
        case("wrong", wrong, replicate=2),
        case("failed", [diff("a", "omission", expected=1)], failure=failed),
        missing("gone", "transport", "no route"),
    ]


def parsed(run_record: Record, found: Record) -> Any:  # noqa: ANN401  # a DOM
    text = "\n".join(junit_lines(run_record, found))
    return xml.dom.minidom.parseString(text.encode()).documentElement  # noqa: S318  # our own


def test_a_case_is_a_test_that_passes_fails_breaks_or_is_skipped() -> None:
    suites = parsed(run(), results(cases(), complete=False))
    assert {k: suites.getAttribute(k) for k in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4", "failures": "1", "errors": "1", "skipped": "1",
    }  # fmt: skip
    tests = suites.getElementsByTagName("testcase")
    assert [t.getAttribute("name") for t in tests] == ["right", "wrong", "failed", "gone"]
    assert tests[0].getAttribute("time") == "1.500"
    (failure,) = suites.getElementsByTagName("failure")
    assert failure.getAttribute("message") == "F1 33.3 %: 3 of 4 fields wrong"
    assert failure.firstChild.data.splitlines() == [
        "a: wrong value, expected 1, got null",
        'b: omission, expected "x", got nothing',
        "c: hallucination, expected nothing, got [1]",
    ]
    assert suites.getElementsByTagName("error")[0].getAttribute("type") == "not_json"
    said = suites.getElementsByTagName("skipped")[0].getAttribute("message")
    assert said == "never answered: transport"


def test_junit_is_well_formed_whatever_stands_in_it() -> None:
    enemy = hostile()
    suites = parsed(enemy.run, enemy.results)
    names = [t.getAttribute("name") for t in suites.getElementsByTagName("testcase")]
    assert len(names) == len(HOSTILE) + 1
    odd = case("\x00\ufffe\ud800]]>", [diff("a\x1b", "omission", expected="\uffff\x08")])
    (test,) = parsed(run(), results([odd])).getElementsByTagName("testcase")
    assert "]]>" in test.getAttribute("name")


def test_csv_holds_every_verdict_and_a_row_for_what_was_never_answered() -> None:
    rows = list(csv.DictReader(csv_lines(run(), results(cases()))))
    assert [(r["case"], r["path"], r["outcome"], r["failure"]) for r in rows] == [
        ("right", "a", "correct", ""),
        ("wrong", "a", "wrong_value", ""),
        ("wrong", "b", "omission", ""),
        ("wrong", "c", "hallucination", ""),
        ("wrong", "d", "correct", ""),
        ("failed", "a", "omission", "not_json"),
        ("gone", "", "", "transport"),
    ]
    assert rows[1]["predicted"] == "null"
    assert rows[2]["predicted"] == ""
    assert json.loads(rows[3]["predicted"]) == [1]
    assert json.loads(rows[1]["tags"]) == ["scale"]
    assert rows[1]["replicate"] == "2"


@pytest.mark.parametrize("text", FORMULAS)
def test_no_csv_cell_begins_as_a_formula(text: str) -> None:
    verdict = diff(text, "wrong_value", text, expected=text, predicted=text, tags=[text])
    found: Record = {**results([case(text, [verdict])]), "suite": text, "extractor": text}
    record: Record = {**run(), "prompt": {"name": text}}
    (row,) = csv.DictReader(csv_lines(record, found))
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert json.loads(row["expected"]) == text


def test_rows_of_an_enemy_can_be_encoded() -> None:
    enemy = hostile()
    assert "\n".join(csv_lines(enemy.run, enemy.results)).encode()
    assert {tuple(row) for row in verdict_rows(enemy.run, enemy.results)} == {COLUMNS}


def test_parquet_holds_the_same_rows(tmp_path: Path) -> None:
    parquet: Any = importlib.import_module("pyarrow.parquet")
    enemy = hostile()
    for record, found in ((run(), results(cases())), (enemy.run, enemy.results)):
        path = tmp_path / "verdicts.parquet"
        write_parquet(path, record, found)
        assert parquet.read_table(path).to_pylist() == list(verdict_rows(record, found))
        assert [p.name for p in tmp_path.iterdir()] == ["verdicts.parquet"]


def test_annotations_are_one_command_a_line_whatever_stands_in_them() -> None:
    enemy = hostile()
    lines = list(github_lines(enemy.run, enemy.results))
    for line in lines:
        assert re.fullmatch(r"::(error|notice|warning) title=[^:,\r\n]*::[^\r\n]*", line)
        assert "\x1b" not in line
    assert lines[0].startswith("::error title=Incomplete run::")
    assert sum(line.startswith("::warning title=Field ") for line in lines) <= 10


def test_a_comment_names_what_lost_most_and_who_never_answered() -> None:
    text = "\n".join(comment_lines(run(complete=False), results(cases(), complete=False)))
    assert "**Incomplete.**" in text
    assert "- gone: transport" in text
    assert "- failed: not\\_json" in text
    assert "### Cases with errors" in text


def test_no_comment_acts_or_is_too_long() -> None:
    enemy = hostile()
    text = "\n".join(bounded(comment_lines(enemy.run, enemy.results)))
    assert len(text) < COMMENT + 100
    assert not re.search(r"<[a-z!/]", text)
    assert "\u202e" not in text
    assert not re.search(r"(?<!\\)\[[^\]]*(?<!\\)\]\(", text)
