"""The suites that come with the project say what their READMEs promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from harness.cases.load import load_suites
from harness.core.records import FailureKind
from harness.report.folder import write_report
from harness.review.audit.audit_record import audit_truths
from harness.review.reviewed_suite import ReviewedSuite
from harness.run.asking.execute import execute, prepare
from harness.run.asking.orders import UNWATCHED, Orders
from tests.run.stored_examples import stored_results
from tests.run.test_results_schema import VALIDATOR

ROOT = Path(__file__).parents[2]
BASICS, REVENUES = ROOT / "evals" / "basics", ROOT / "evals" / "revenues"
BY_HAND = ("careful", "sloppy")
"""Extractors whose replies were written to be wrong in a known way."""


class Promise(NamedTuple):
    """One row of a table in the README of `basics`."""

    extractor: str
    case: str
    path: str
    outcome: str
    tag: str
    lenient: str


def promises() -> Iterator[Promise]:
    """Yield what the tables below `## careful` and `## sloppy` say."""
    extractor = ""
    for line in (BASICS / "README.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            extractor = line.lstrip("# ")
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if extractor in BY_HAND and len(cells) == 6 and "`" in cells[1]:
            case, path, _, outcome, tag, lenient = cells
            yield Promise(extractor, case, path.strip("`"), outcome, tag, lenient)


def run(suite: Path, reports: Path) -> dict[str, dict[str, Any]]:
    """Return the results of a suite's extractors by name."""
    found = {}
    for job in prepare(load_suites(suite), ()):
        done = execute(job, reports, Orders(), UNWATCHED)
        found[job.name] = stored_results(done.folder)
    return found


@pytest.fixture(scope="module")
def basics(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return run(BASICS, tmp_path_factory.mktemp("basics"))


@pytest.fixture(scope="module")
def revenues(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return run(REVENUES, tmp_path_factory.mktemp("revenues"))


def cases_of(results: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {case["id"]: case for case in results["cases"]}


def errors_of(results: dict[str, Any]) -> set[tuple[str, str, str]]:
    """Return case, path and outcome of every error in an answer."""
    return {
        (case["id"], diff["path"], diff["outcome"])
        for case in results["cases"]
        if case["failure"] is None
        for diff in case["diffs"]
        if diff["outcome"] != "correct"
    }


def test_the_tables_can_be_read() -> None:
    rows = list(promises())
    assert len(rows) == len(set(rows))
    assert sum(row.extractor == "careful" for row in rows) >= 7
    assert sum(row.extractor == "sloppy" for row in rows) >= 50


def test_what_went_wrong_is_what_the_readme_says_and_nothing_else(
    basics: dict[str, dict[str, Any]],
) -> None:
    promised = {(p.extractor, p.case, p.path, p.outcome) for p in promises()}
    found = {(name, *error) for name in BY_HAND for error in errors_of(basics[name])}
    assert found - promised == set(), "wrong, and not in the README"
    assert promised - found == set(), "in the README, and not wrong"


@pytest.mark.parametrize(
    "promise",
    tuple(promises()),
    ids=lambda promise: f"{promise.extractor} {promise.case} {promise.path}",
)
def test_each_error_has_the_tag_and_the_lenient_reading_of_its_row(
    basics: dict[str, dict[str, Any]], promise: Promise
) -> None:
    case = cases_of(basics[promise.extractor])[promise.case]
    (diff,) = (
        diff
        for diff in case["diffs"]
        if (diff["path"], diff["outcome"]) == (promise.path, promise.outcome)
    )
    assert promise.tag in ["", *diff.get("tags", [])]
    if promise.outcome == "format_error":
        assert diff.get("value_equal", False) is (promise.lenient == "value_equal")
    else:
        assert promise.lenient == ""
        assert "value_equal" not in diff


def test_what_looks_different_and_is_right_is_correct(basics: dict[str, dict[str, Any]]) -> None:
    text = (BASICS / "README.md").read_text(encoding="utf-8")
    table = text[text.index("## What is right although it looks different") :]
    rows = re.findall(r"^\| (careful|sloppy) \| ([\w-]+) \| (.+?) \|", table, flags=re.MULTILINE)
    assert len(rows) >= 10
    for extractor, case, named in rows:
        # The path of a hallucination is one of the reply, where rows may stand elsewhere.
        every = cases_of(basics[extractor])[case]["diffs"]
        diffs = [diff for diff in every if diff["outcome"] != "hallucination"]
        errors = {p.path for p in promises() if (p.extractor, p.case) == (extractor, case)}
        for path in re.findall(r"`(.+?)`", named):
            below = [
                diff for diff in diffs if re.match(rf"{re.escape(path)}($|[.\[])", diff["path"])
            ]
            assert any(diff["outcome"] == "correct" for diff in below), (case, path)
            wrong = {diff["path"] for diff in below if diff["outcome"] != "correct"}
            assert wrong <= errors, (case, path)


def test_the_one_prose_reply_is_a_failure_and_its_fields_omissions(
    basics: dict[str, dict[str, Any]],
) -> None:
    failed = {
        (name, case["id"]): case
        for name, results in basics.items()
        for case in results["cases"]
        if case["failure"]
    }
    assert set(failed) == {("sloppy", "lease")}
    lease = failed["sloppy", "lease"]
    assert lease["failure"]["kind"] == FailureKind.NOT_JSON
    assert {diff["outcome"] for diff in lease["diffs"]} == {"omission"}
    assert lease["counts"]["omission"] == lease["total_gt_fields"] > 0


def test_what_is_stored_keeps_the_schema_that_is_shipped(
    basics: dict[str, dict[str, Any]], revenues: dict[str, dict[str, Any]]
) -> None:
    for results in (*basics.values(), revenues["gpt-4o"], revenues["llama-3-70b"]):
        VALIDATOR.validate(results)


def test_basics_shows_every_outcome(basics: dict[str, dict[str, Any]]) -> None:
    counts = [results["aggregate"]["counts"] for results in basics.values()]
    outcomes = ("correct", "omission", "hallucination", "format_error", "wrong_value")
    assert all(any(each[outcome] for each in counts) for outcome in outcomes)
    assert all(results["complete"] for results in basics.values())


@pytest.mark.parametrize("suite", [BASICS, REVENUES], ids=lambda path: path.name)
def test_a_shipped_suite_loads_without_a_warning(suite: Path) -> None:
    (loaded,) = load_suites(suite)
    assert loaded.warnings == ()
    assert loaded.unscored == ()


def test_every_recorded_reply_of_revenues_is_answered_but_for_those_that_give_none(
    revenues: dict[str, dict[str, Any]],
) -> None:
    """The study recorded `n/a` where a model gave no answer; the README of the suite says so."""
    nothing = {
        (path.parent.name, path.stem)
        for path in (REVENUES / "answers").glob("*/*.txt")
        if path.read_text(encoding="utf-8").strip() == "n/a"
    }
    failed = {
        (name, case["id"])
        for name, results in revenues.items()
        for case in results["cases"]
        if case["failure"]
    }
    assert failed == nothing
    assert nothing, "there are some, so that a report shows what they look like"
    assert len(revenues) == 5
    assert all(results["complete"] for results in revenues.values())
    assert all(len(results["cases"]) == 16 for results in revenues.values())


def test_no_reply_of_revenues_is_kept_from_the_suite(revenues: dict[str, dict[str, Any]]) -> None:
    for name, results in revenues.items():
        replies = {path.stem for path in (REVENUES / "answers" / name).iterdir()}
        assert replies == {case["id"] for case in results["cases"]}


def test_what_the_readme_of_revenues_points_at_is_there(
    revenues: dict[str, dict[str, Any]],
) -> None:
    def f1(name: str, kind: str) -> float:
        aggregate = revenues[name]["aggregate"]
        part = aggregate["lenient"] if kind == "lenient" else aggregate
        found = part["micro"]["f1"]
        assert isinstance(found, float)
        return found

    for name in ("gpt-4o", "claude-3-opus"):
        assert f1(name, "strict") < 0.5, "numbers written as strings"
        assert f1(name, "lenient") > 0.9
    fields = {field["field"]: field for field in revenues["llama-3-70b"]["fields"]}
    duration = fields["revenues[].duration_months"]["counts"]
    assert (duration["correct"], duration["format_error"], duration["wrong_value"]) == (0, 0, 0)
    assert duration["omission"] == 47, "it never gives one"
    tags = [
        tag
        for case in revenues["command-r-plus"]["cases"]
        for diff in case["diffs"]
        if diff["field"] == "revenues[].revenue" and diff["outcome"] == "wrong_value"
        for tag in diff.get("tags", [])
    ]
    assert "scale" in tags, "the figure multiplied by its unit"


def test_a_small_model_reads_single_values_and_gives_up_a_long_table(
    basics: dict[str, dict[str, Any]],
) -> None:
    results = basics["small-model"]
    f1 = {field["field"]: field["f1"] for field in results["fields"]}
    assert f1["line_items[].amount"] == 1
    assert f1["parts[].part_no"] < 0.3
    wrong = [error for error in errors_of(results) if error[2] == "omission"]
    assert len(wrong) > 0.9 * len(errors_of(results)), "it leaves out, and does not make up"


def test_the_slip_in_orders_is_the_only_thing_an_audit_asks(tmp_path: Path) -> None:
    for job in prepare(load_suites(ROOT / "evals" / "orders"), ()):
        execute(job, tmp_path, Orders(), UNWATCHED)
    suite = ReviewedSuite.open(ROOT / "evals" / "orders", sorted(tmp_path.iterdir()))
    (asked,) = audit_truths(suite).questions
    (place,) = asked.places
    found = (asked.case, place.path, place.truth, place.answer, asked.guess)
    assert found == ("order-1042", "lines[0].quantity", 12, 21, "truth")
    assert (place.answer_stands, place.truth_stands) == (True, False)


@pytest.mark.parametrize("suite", ["basics", "families", "orders"])
def test_results_at_hand_and_results_read_from_the_folder_make_one_page(
    suite: str, tmp_path: Path
) -> None:
    for job in prepare(load_suites(ROOT / "evals" / suite), ()):
        done = execute(job, tmp_path, Orders(), UNWATCHED)
        at_hand = write_report(done.folder, results=done.results).page.read_bytes()
        assert write_report(done.folder).page.read_bytes() == at_hand
