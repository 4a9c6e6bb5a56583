"""What a field costs, where a user meets it: `show`, the report, `compare` and the results."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.asked import BATCH_PRICES, asking
from tests.cli.conftest import Project
from tests.extract.batches.batch_server import serving_batches
from tests.run.stored_examples import stored_results


def run_twice(project: Project) -> tuple[str, str]:
    """Run the same suite by batches and one by one; return the names of both runs."""
    project.write({"prices.toml": BATCH_PRICES})
    with serving_batches() as served:
        asking(project, served, 3)
        options = ("--prices", "prices.toml", "--no-cache", "-q")
        assert project.harness("run", "--batch", "--wait", "--poll", "0.02", *options).code == 0
        assert project.harness("run", *options).code == 0
    first, second = sorted(
        path.parent.name for path in (project.root / "reports").glob("*/run.json")
    )
    return first, second


def test_fields_add_up_to_what_the_run_cost_and_a_batch_costs_half(project: Project) -> None:
    batch, single = run_twice(project)
    sums = []
    for name in (batch, single):
        rows = json.loads(project.harness("show", name, "--by", "cost", "--format", "json").out)
        assert {row["field"] for row in rows} == {"number", "name"}
        stored = stored_results(project.root / "reports" / name)
        sums.append(sum(row["usd"] for row in rows))
        assert sums[-1] == pytest.approx(stored["aggregate"]["usage"]["usd"])
        assert sum(row["share"] for row in rows) == pytest.approx(1)
        page = (project.root / "reports" / name / "report.html").read_text("utf-8")
        assert "What fields cost" in page
        assert "output by characters, input in equal parts" in page
    assert sums[0] == pytest.approx(sums[1] / 2)


def test_a_comparison_says_what_a_field_takes_in_both(project: Project) -> None:
    batch, single = run_twice(project)
    said = project.harness("compare", batch, single, "--format", "json")
    costs = {each["field"]: each for each in json.loads(said.out)["comparisons"][0]["field_costs"]}
    assert costs["name"]["new_usd_per_answer"] == pytest.approx(
        2 * costs["name"]["base_usd_per_answer"]
    )
    shown = project.harness("compare", batch, single).out
    assert re.search(r"^of 1,000 answers +\S+: tokens out", shown, re.MULTILINE)


def test_a_run_scored_again_has_the_same_costs(project: Project) -> None:
    _, single = run_twice(project)
    before = project.harness("show", single, "--by", "cost").out
    assert project.harness("rescore", single).code == 0
    assert project.harness("show", single, "--by", "cost").out == before


def test_nothing_is_said_where_nobody_counted(project: Project) -> None:
    project.suite("a")
    assert project.harness("run", "-q").code == 0
    said = project.harness("show", "--by", "cost")
    assert (said.code, said.out) == (2, "")
    assert "nobody counted what these answers took [no-cost]" in said.err
    assert project.results()["field_costs"] is None
    assert "What fields cost" not in (project.run_folder() / "report.html").read_text("utf-8")
