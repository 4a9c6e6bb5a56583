"""The page that leads to every report."""

from __future__ import annotations

from harness.report.history.index_page import render_index
from tests.report.fixtures import hostile
from tests.report.letters import realistic
from tests.report.records import Record, Run
from tests.report.rendering.test_html_page import OURS, Page, squeezed


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
    assert (
        "2025-11-22 14:03 UTC, ollama:qwen3-4b ollama:qwen3-4b prompt figures-v3 "
        "68.1 % 62.9\u201372.3 %" in seen
    )
    assert seen.endswith("74.5 % 70.2 % 2 cases "), "lenient, micro, no answer"


def test_answers_that_never_came_are_counted_as_answers_where_cases_were_asked_several_times() -> (
    None
):
    made = realistic()
    shown: Record = entry(made)
    shown["results"] = {**shown["results"], "replicates": 3}
    seen = squeezed(Page(render_index([shown])).visible)
    assert seen.endswith("70.2 % 2 answers ")


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


def changed(made: Run, number: int, f1: float, **more: object) -> Record:
    """Return a run of a later second, with another macro F1."""
    aggregate = {**made.results["aggregate"], "macro": {"precision": f1, "recall": f1, "f1": f1}}
    second = f"{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}"
    run = {**made.run, "run_id": f"run-{number:05}", "started": f"2025-01-01T{second}Z", **more}
    return {"run": run, "results": {**made.results, "aggregate": aggregate}}


def test_each_run_says_what_is_different_from_the_run_before_it() -> None:
    made = realistic(6)
    other = {**made.run["signature"], "suite": "0" * 12}
    prompt = {"name": "figures-v4", "sha256": "f" * 64}
    runs = [
        changed(made, 1, 0.5),
        changed(made, 2, 0.5),
        changed(made, 3, 0.625, prompt=prompt),
        changed(made, 4, 0.6, prompt=prompt, signature=other),
        changed(made, 5, 0.7, prompt=prompt, signature=other, extractor="another"),
    ]
    seen = squeezed(Page(render_index(runs)).visible)
    assert seen.count("the run before") == 3
    assert "As the run before." in seen
    was = made.run["prompt"]
    before = f"{was['name']}@{was['sha256'][:7]}"
    assert f"+12.5 points since the run before: prompt figures-v4@fffffff after {before}." in seen
    assert "Does not compare with the run before: other cases or truths." in seen


def test_three_thousand_runs_each_look_at_the_one_before() -> None:
    made = realistic(6)
    runs = [changed(made, number, (number % 7) / 10) for number in range(3_000)]
    page = render_index(runs)
    assert page.count("since the run before") == 2_999
    assert page.count("+10.0 points since") + page.count("-60.0 points since") == 2_999


def test_old_truths_are_marked_where_nothing_is_served_too() -> None:
    made = realistic(6)
    said = {made.run["run_id"]: "1 truth has changed."}
    assert "Out of date. 1 truth has changed." in squeezed(
        Page(render_index([entry(made)], (), said)).visible
    )
