"""Any number of runs side by side on a page: matrix, filters, addresses, values, copies."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from harness.report.comparison.comparison_page import render_runs
from harness.report.comparison.runs_view import RunsView, runs_view
from harness.run import store
from harness.run.comparison.compare import Comparison, compare_arms
from harness.run.comparison.verdict import Terms
from tests.patience import becomes
from tests.report.browser.opened import IN_BROWSER, Opened, address_ends, new_tab, ready, widens_to
from tests.report.records import Record
from tests.run.comparison.test_standings import priced
from tests.run.sides import GONE, RIGHT, side, verdicts

GOOD = verdicts(a=RIGHT, b=RIGHT)
HALF = verdicts(a=RIGHT, b=2)
BAD = verdicts(a=3, b=2)
NAMES = ("base", "better", "worse")


def compared(number: int = 6) -> list[Comparison]:
    """Return three runs: `worse` is silent in the first case, and lost the second."""
    said = [
        {f"case-{n:04}": [HALF] for n in range(number)},
        {f"case-{n:04}": [GOOD, HALF] if n == 4 else [GOOD] for n in range(number)},
        {f"case-{n:04}": GONE if n == 0 else [BAD] if n == 1 else [HALF] for n in range(number)},
    ]
    arms = [
        priced(side(each, name), usd, usd)  # type: ignore[arg-type]
        for each, name, usd in zip(said, NAMES, (1.0, 2.0, 3.0), strict=True)
    ]
    return compare_arms(arms[0], arms[1:], Terms(allow_unlike=True))


def shown(number: int = 6) -> RunsView:
    return runs_view(compared(number), NAMES, [Path("nowhere")] * 3)


def test_fields_and_cases_that_lost_most_from_the_base_come_first() -> None:
    view = shown()
    assert [(line.name, round(line.worst, 9)) for line in view.fields] == [("a", -0.2), ("b", 0.0)]
    cases = [(line.name, line.f1s) for line in view.cases[:3]]
    assert cases == [
        ("case-0000", (0.5, 1.0, None)),
        ("case-0001", (0.5, 1.0, 0.0)),
        ("case-0002", (0.5, 1.0, 0.5)),
    ]
    assert view.cases[0].cells[2].note == "transport"
    assert view.count == "5 cases that all of them scored, 1 left out"


def test_replicates_that_differ_show_their_spread() -> None:
    (line,) = [line for line in shown().cases if line.name == "case-0004"]
    assert line.cells[1].note == "50.0\u2013100 %"


def test_the_scatter_has_a_spot_for_each_run_and_joins_the_frontier() -> None:
    cost, time = shown().scatters
    assert [spot.letter for spot in cost.spots] == ["C", "A", "B"]
    assert [spot.is_best for spot in cost.spots] == [False, True, True]
    assert len(cost.steps) == 3
    assert time.title == "Macro F1 against time of an answer"
    assert cost.spots[0].words.startswith("C, worse: macro F1 40.0 %, interval ")


def written(folder: Path, number: int) -> Path:
    """Write the page beside run folders that hold what it reads of documents."""
    folders: list[Path] = []
    for each in NAMES:
        (folder / each).mkdir()
        folders.append(folder / each)
    file = folder / "compare.html"
    found = compared(number)
    for one in folders:
        (one / store.CASES).write_text("")
        store.write_json(one / store.RUN, {**STORED, "run_id": one.name})
    file.write_text(render_runs(found, NAMES, folders, file), "utf-8")
    return file


STORED: Record = {
    "run_id": "r", "harness_version": "0", "started": "2026-01-01T00:00:00Z", "finished": None,
    "complete": True, "suite": "s", "description": "", "suite_digest": "", "comparators": None,
    "extractor": "e", "extractor_kind": "recorded", "prompt": None, "empty": "skip",
    "target_f1": None, "rules": {}, "signature": {}, "documents": {}, "schemas": {},
}  # fmt: skip


def opened(browser: Browser, file: Path, fragment: str = "") -> Opened:
    tab = new_tab(browser, height=900)
    ready(tab.page, file.as_uri() + fragment)
    return tab


class TestInBrowser:
    """The page at work in Chromium, from disk."""

    pytestmark = IN_BROWSER

    def test_filters_sort_and_address_are_one(self, browser: Browser, tmp_path: Path) -> None:
        page, complaints = opened(browser, written(tmp_path, 6))
        rows = page.locator("#matrix-rows tr")
        expect(rows).to_have_count(6)
        page.select_option("#matrix-show", "silent")
        expect(rows.locator("th")).to_have_text(["case-0000"])
        expect(page).to_have_url(address_ends("#list/show=silent"))
        page.select_option("#matrix-show", "worse")
        page.select_option("#matrix-sort", "id")
        ready(page)
        expect(rows.locator("th")).to_have_text(["case-0000", "case-0001"])
        expect(page.locator("#matrix-sort")).to_have_value("id")
        page.click("#matrix-clear")
        expect(rows).to_have_count(6)
        page.click(
            "#cases ~ * th[data-sort='1'] button, table[data-name=cases] th[data-sort='1'] button"
        )
        expect(rows.locator("th").first).to_have_text("case-0004")
        assert complaints == []

    def test_a_case_opens_with_the_values_of_all_runs(
        self, browser: Browser, tmp_path: Path
    ) -> None:
        page, complaints = opened(browser, written(tmp_path, 6), "#case/case-0004")
        expect(page.locator("#case-title")).to_have_text("case-0004")
        row = page.locator("#value-rows tr").first
        expect(row.locator("th")).to_have_text("b")
        cells = row.locator("td").all_inner_texts
        becomes(lambda: [" ".join(text.split()) for text in cells()][:3], [
            "1", "≠ wrong value 2", "✓ correct 1 of 2 ≠ wrong value 2 1 of 2",
        ])  # fmt: skip
        expect(page.locator("#case thead a").nth(2)).to_have_attribute(
            "href", "worse/report.html#case/case-0004"
        )
        page.click("text=All fields (2)")
        expect(page.locator("#value-rows tr")).to_have_count(2)
        page.keyboard.press("Escape")
        page.locator("#report").wait_for()
        assert complaints == []

    def test_a_table_is_downloaded_whole_as_csv_and_a_figure_as_svg(
        self, browser: Browser, tmp_path: Path
    ) -> None:
        page, complaints = opened(browser, written(tmp_path, 250))
        expect(page.locator("#matrix-rows tr")).to_have_count(100)
        taken = page.locator("table[data-name=cases]").locator("xpath=../following-sibling::p[1]")
        with page.expect_download() as download:
            taken.get_by_text("Download CSV").click()
        lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
        assert len(lines) == 251
        assert lines[1] == "case-0000,50.0 %,100 %,\u2013,-50.0"
        with page.expect_download() as figure:
            page.locator(".scatter button").first.click()
        drawn = Path(figure.value.path()).read_text("utf-8")
        assert drawn.startswith("<svg")
        assert "rgb(" in drawn
        assert complaints == []

    @pytest.mark.parametrize("width", [1280, 1024, 768, 390, 320])
    def test_the_page_never_scrolls_sideways(
        self, browser: Browser, tmp_path: Path, width: int
    ) -> None:
        page, _ = opened(browser, written(tmp_path, 6))
        widens_to(page, width)
        page.evaluate("location.hash = '#case/case-0004'")
        expect(page.locator("#case-title")).to_have_text("case-0004")
        widens_to(page, width)


def test_long_tables_of_one_pair_end_after_a_hundred_rows_and_say_so(tmp_path: Path) -> None:
    file = written(tmp_path, 400)
    assert file.stat().st_size < 1_000_000
    html = file.read_text("utf-8")
    assert html.count('<tr class="of-case">') <= 2 * 500
    assert "The first 100 of 400" in html


@pytest.mark.parametrize("number", [6, 300])
def test_of_two_runs_what_broke_stands_before_the_fields_and_the_cases(
    tmp_path: Path, number: int
) -> None:
    written(tmp_path, number)
    folders = [tmp_path / name for name in ("base", "worse")]
    page = render_runs([compared(number)[1]], ["base", "worse"], folders, tmp_path / "two.html")
    titles = [">Broken<", ">Fields<", ">Cases<", ", fixed and broken<"]
    places = [page.index(f"{title}/h") for title in titles]
    assert page.index('id="runs"') < places[0] < places[3] < places[1] < places[2]
    assert page.count('id="pairs"') == 1


def test_the_title_of_several_runs_is_which_to_choose(tmp_path: Path) -> None:
    html = written(tmp_path, 6).read_text("utf-8")
    answer = shown().choice[0]
    assert html.count(answer) == 2  # the window's title and the heading; nothing says it again
    assert f'<h1 class="title answer"><bdi>{answer}</bdi></h1>' in html
    assert "<span>3 runs, <bdi>base</bdi> the base</span>" in html
