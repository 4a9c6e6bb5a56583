"""The page that leads to every report."""

from __future__ import annotations

from harness.report.history.index_page import render_index
from tests.report.fixtures import hostile
from tests.report.letters import realistic
from tests.report.records import Record, Run
from tests.report.test_html_page import OURS, Page, squeezed


def entry(made: Run, **changed: object) -> Record:
    return {"run": {**made.run, **changed}, "results": made.results}


def test_runs_are_listed_newest_first_under_their_suite() -> None:
    made = realistic(6)
    page = Page(render_index([
        entry(made, run_id="old", started="2025-11-20T10:00:00Z", suite="invoices"),
        entry(made, run_id="new", started="2025-11-22T10:00:00Z", suite="letters"),
        entry(made, run_id="mid", started="2025-11-21T10:00:00Z", suite="invoices"),
    ]))  # fmt: skip
    best = "mid/report.html"
    assert page.links == [
        "history.html", "new/report.html", best, "mid/report.html", "old/report.html",
    ]  # fmt: skip
    assert page.parts["h2"] == ["letters", "invoices"]


def test_each_run_shows_its_scores_failures_and_interval() -> None:
    seen = squeezed(Page(render_index([entry(realistic())])).visible)
    assert "2025-11-22 14:03 UTC ollama:qwen3-4b prompt figures-v3 68.1 % 62.9\u201372.3 %" in seen
    assert seen.endswith("74.5 % 70.2 % 2 "), "lenient, micro, no answer"


def test_an_incomplete_run_is_marked_with_what_it_covers() -> None:
    seen = squeezed(Page(render_index([entry(realistic(complete=False))])).visible)
    assert "Incomplete. 21 of 24 answered" in seen


def test_a_run_that_was_never_scored_has_no_numbers() -> None:
    made = realistic(6)
    seen = squeezed(Page(render_index([{"run": made.run, "results": None}])).visible)
    assert "Not scored yet." in seen
    assert "n/a" in seen


def test_no_run_at_all_is_said() -> None:
    assert "No run yet." in Page(render_index([])).visible


def test_hostile_names_stay_text() -> None:
    page = Page(render_index([entry(hostile())]))
    assert page.elements <= OURS
    assert all(link.endswith("/report.html") and "/" not in link[: -len("/report.html")]
               and ":" not in link for link in page.links if link != "history.html")  # fmt: skip


def test_the_best_is_named_among_runs_that_compare_and_are_complete() -> None:
    good, bad = realistic(6), realistic(6)
    good.results["aggregate"]["macro"]["f1"] = 0.875
    entries = [
        entry(bad, run_id="new", started="2025-11-22T10:00:00Z"),
        entry(good, run_id="best", started="2025-11-21T10:00:00Z"),
        entry(good, run_id="other", started="2025-11-20T10:00:00Z", signature={"rules": "old"}),
        entry(good, run_id="holes", started="2025-11-19T10:00:00Z", complete=False),
    ]
    page = Page(render_index(entries))
    assert page.links[1] == "best/report.html"
    assert "macro F1 87.5 %." in page.visible
    assert "2 runs: from 87.5 %" in render_index(entries)
    assert "Best of those" not in Page(render_index(entries[2:3])).visible
