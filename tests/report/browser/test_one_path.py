"""A hallucination has one path on every surface: that of the item its own was paired with."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, expect

import harness
from harness.cases.load import load_suites
from harness.cli.main import main
from harness.report.folder import write_report
from harness.run import store
from harness.run.asking.execute import execute, prepare
from harness.run.asking.orders import UNWATCHED, Orders
from tests.patience import becomes
from tests.report.browser.opened import CHROMIUM, new_tab, ready


def both(size: int) -> tuple[Any, Any]:
    """Return a truth and an answer in the reverse order, with a note made up in the first row."""
    truth = [{"sku": f"S{number}", "qty": number} for number in range(size)]
    answer: list[dict[str, object]] = [{**row} for row in reversed(truth)]
    answer[-1]["note"] = "made up"
    answer.append({"sku": "extra", "qty": -1})
    return {"rows": truth}, {"rows": answer}


@pytest.mark.parametrize("size", [3, 3_000])
def test_a_hallucination_stands_in_the_item_of_the_truth(size: int) -> None:
    found = harness.score(*both(size)).diffs
    made_up = [diff for diff in found if diff.outcome == "hallucination"]
    assert [(diff.path, diff.predicted_path) for diff in made_up] == [
        ("rows[0].note", f"rows[{size - 1}].note"),
        (f"rows[{size}].sku", None),
        (f"rows[{size}].qty", None),
    ]
    in_first = {diff.path: diff.predicted_path for diff in found if diff.path.startswith("rows[0]")}
    assert in_first["rows[0].sku"] == f"rows[{size - 1}].sku"


def test_items_of_lists_inside_paired_items_too() -> None:
    truth = {"a": [{"id": 1, "b": [{"x": 1}]}, {"id": 2, "b": [{"x": 2}]}]}
    answer = {"a": [{"id": 2, "b": [{"x": 2}]}, {"id": 1, "b": [{"x": 7}, {"x": 1, "y": 5}]}]}
    found = {(d.path, d.predicted_path) for d in harness.score(truth, answer).diffs
             if d.outcome == "hallucination"}  # fmt: skip
    assert found == {("a[0].b[0].y", "a[1].b[1].y"), ("a[0].b[0].x", "a[1].b[0].x")}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    truth, answer = both(3)
    for name, text in {
        "evals/s/documents/a.txt": "S0 0 made up S1 1 S2 2",
        "ground_truth/s/a.json": json.dumps(truth),
        "evals/s/answers/a.json": json.dumps(answer),
        "evals/s/suite.yaml": "extractor: {kind: recorded, answers: answers}",
        "pyproject.toml": "",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    (job,) = prepare(load_suites(root / "evals"), [])
    done = execute(job, root / "reports", Orders(), UNWATCHED)
    write_report(done.folder)
    return done.folder


def printed(*words: str) -> str:
    done = CliRunner().invoke(main, [*words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_results_tables_explanations_and_feedback_say_the_same_path(
    run: Path, tmp_path: Path
) -> None:
    place = str(run)
    (case,) = store.read_results(run)["cases"]
    (stored,) = (diff for diff in case["diffs"] if diff["field"] == "rows[].note")
    assert (stored["path"], stored["predicted_path"]) == ("rows[0].note", "rows[2].note")
    (row,) = (
        each
        for each in csv.DictReader(io.StringIO(printed("export", place, "--format", "csv")))
        if each["field"] == "rows[].note"
    )
    assert (row["path"], row["predicted_path"]) == ("rows[0].note", "rows[2].note")
    shown = json.loads(printed("show", place, "--field", "rows[0].note", "--format", "json"))
    assert [each["path"] for each in shown] == ["rows[0].note"]
    assert "rows[0].note" in printed("show", place, "--errors", "hallucination")
    explained = printed("explain", place, "a", "rows[0].note")
    assert "rows[0].note" in explained
    assert "rows[2].note" in explained
    printed(
        "feedback", place, "--suite", str(run.parents[1] / "evals"), "-o", str(tmp_path / "told")
    )
    task = (tmp_path / "told/TASK.md").read_text("utf-8")
    assert "rows[0].note" in task
    assert "rows[2].note" not in task


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")
def test_the_page_says_it_too_and_where_the_answer_has_it(run: Path, browser: Browser) -> None:
    page, _ = new_tab(browser)
    ready(page, (run / "report.html").as_uri() + "#case/a/rows[0].note")
    row = page.locator("#diff-rows tr.at")
    expect(row.locator("a.path")).to_have_attribute("href", "#case/a/rows%5B0%5D.note")
    row.locator("summary").click()
    expect(row).to_contain_text(" a 'rows[0].note'")
    page.locator(".sides summary").click()
    predicted = page.locator(".sides pre").last
    becomes(lambda: json.loads(predicted.inner_text())["rows"][2]["note"], "made up")
    extra = page.locator("#diff-rows .branch", has_text="only in the prediction")
    expect(extra).to_contain_text("rows[3]")
    page.close()
