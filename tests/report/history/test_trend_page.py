"""The page of a history: what is drawn, and what leads on from it."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest

from harness.report.history.history_table import Run
from harness.report.history.trend_page import render_trends
from harness.run.history.history_row import Past
from tests.report.rendering.test_html_page import Page


def past_run(number: int, f1: float | None, target: float | None) -> Run:
    """Return the run of a day in November 2025."""
    past = Past(
        uid=f"{number:016}", run_id=f"run-{number}", suite="letters", extractor="replies",
        model=None, prompt=None, prompt_sha256=None,
        started=f"2025-11-{number % 28 + 1:02}T10:00:00Z",
        complete=1, era="era", suite_digest="suite", rules_digest="rules", convention="standard",
        harness_version="0.1.0", cases=24, unanswered=0, macro_f1=f1, macro_low=None,
        macro_high=None, micro_f1=f1, lenient_macro_f1=f1, target_f1=target, tokens=None, usd=None,
        p50_seconds=None, p95_seconds=None, reviewed=None, reviewed_of=None,
    )  # fmt: skip
    return Run(past, "A", None, f1)


def drawn_height(page: str, pattern: str) -> list[float]:
    return [float(found) for found in re.findall(pattern, page)]


@pytest.mark.parametrize("runs", [1, 3, 3000])
@pytest.mark.parametrize("target", [0.0, 0.05, 0.72, 0.9, 1.0])
@pytest.mark.parametrize("f1", [0.0, 0.71, 1.0])
def test_the_target_is_drawn_inside_the_chart_however_far_the_scores_are(
    runs: int, target: float, f1: float
) -> None:
    page = render_trends([past_run(number, f1, target) for number in range(runs)])
    [line] = drawn_height(page, r'<line class="target"[^>]* y1="([\d.]+)"')
    points = drawn_height(page, r'<circle class="point"[^>]* cy="([\d.]+)"')
    [height] = drawn_height(page, r'<svg [^>]* height="(\d+)"')
    assert 0 < line < height
    assert len(points) == runs
    assert all((point < line) == (f1 > target) for point in points), "higher is better"


def test_a_target_is_drawn_where_nothing_could_be_scored() -> None:
    assert "target 90" in Page(render_trends([past_run(1, None, 0.9)])).visible


def test_no_target_is_drawn_where_none_was_set() -> None:
    assert 'class="target"' not in render_trends([past_run(1, 0.7, None)])


def test_points_have_intervals_days_and_fields_a_course() -> None:
    runs = [past_run(number, 0.5 + number / 10, 0.9) for number in range(3)]
    whole = replace(runs[2].past, macro_low=0.15, macro_high=0.99)
    runs[2] = replace(runs[2], past=whole)
    fields = {run.past.run_id: {"x": run.f1, "y": 1.0} for run in runs}
    page = render_trends(runs, fields)
    ends = [drawn_height(page, rf'class="whisker"[^>]*{end}="([^"]+)"') for end in ("y1", "y2")]
    assert ends == [[167.1], [17.8]], "15 % and 99 % between 10 % and 100 %"
    assert runs[0].past.started[:10] in page
    assert "3 runs: from 50.0 % to 70.0 %" in page
    assert page.index(">x<") < page.index(">y<")


@pytest.mark.parametrize(("runs", "step"), [(2, 68), (5, 68), (3_000, 0.2)])
def test_days_and_times_under_a_chart_never_stand_on_each_other(runs: int, step: float) -> None:
    """Two runs of one minute, of one day, and thousands: the last one always says when it was."""

    def at(number: int) -> Run:
        run = past_run(number, 0.5, None)
        started = f"2025-11-30T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"
        return replace(run, past=replace(run.past, started=started))

    page = render_trends([at(number) for number in range(runs)])
    pattern = r'<text class="tick" x="([^"]+)" y="[^"]+" text-anchor="middle">([\d:-]+)<'
    dates = [(float(x), label) for x, label in re.findall(pattern, page)]
    letter = 6.7
    for (x, label), (later, other) in itertools.pairwise(dates):
        assert x + letter * len(label) / 2 < later - letter * len(other) / 2
    assert dates[0][1] == "2025-11-30"
    assert dates[-1][0] == pytest.approx(48 + step * (runs - 0.5), abs=0.1)
    assert len(dates) > 1


@pytest.mark.parametrize("runs", [3, 3000])
def test_runs_of_one_day_or_one_minute_are_told_apart_by_their_time(runs: int) -> None:
    def at(number: int) -> Run:
        run, left = past_run(number, 0.5, None), number % 3600
        started = f"2025-11-30T{number // 3600:02}:{left // 60:02}:{left % 60:02}Z"
        return replace(run, past=replace(run.past, started=started))

    page = render_trends([at(number) for number in range(runs)])
    days = re.findall(r"2025-11-30(?: [\d:]+ UTC)?<", page)
    assert days.count("2025-11-30<") == 1, "the first place under the chart"
    in_table = [day for day in days if "UTC" in day]
    assert len(set(in_table)) == len(in_table) == runs
    last = f"{(runs - 1) // 60:02}:{(runs - 1) % 60:02}"
    assert f">00:{last}</text>" in page or f">00:{last[:2]}</text>" in page


@pytest.mark.parametrize("runs", [3, 3000])
def test_seconds_and_dollars_are_drawn_from_nothing_to_the_most_there_was(runs: int) -> None:
    def took(number: int) -> Run:
        run = past_run(number, 0.5, None)
        past = replace(run.past, p50_seconds=1.0 + number % 3, usd=0.5 if number else None)
        return replace(run, past=past)

    page = render_trends([took(number) for number in range(runs)])
    assert page.count('<h3 class="effort">') == 2
    seconds = page[page.index("Seconds of an answer") : page.index("Dollars of the run")]
    heights = drawn_height(seconds, r'<circle class="point"[^>]* cy="([\d.]+)"')
    assert len(heights) == runs
    assert min(heights) == 10, "three seconds are the most"
    assert heights[0] == pytest.approx(10 + 56 * 2 / 3, abs=0.1), "one second is a third of it"
    dollars = page[page.index("Dollars of the run") :]
    assert len(drawn_height(dollars, r'<circle class="point"[^>]* cy="([\d.]+)"')) == runs - 1


def test_what_no_run_measured_is_not_drawn() -> None:
    assert 'class="effort"' not in render_trends([past_run(n, 0.5, None) for n in range(3)])
