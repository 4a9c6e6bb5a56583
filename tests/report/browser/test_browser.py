"""The report in a real browser, opened from disk, with no network to ask."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from harness.report.improvement.improvement_page import render_improvement
from tests.patience import becomes
from tests.report.browser.opened import IN_BROWSER, new_tab, opened, widens_to
from tests.report.browser.test_going_about import small
from tests.report.fixtures import HOSTILE, hostile, large
from tests.report.improvement.test_improvement_page import ENTRIES, TEXTS
from tests.report.letters import realistic
from tests.report.records import case, diff

pytestmark = IN_BROWSER


def test_a_case_opens_beside_its_document_and_back_returns(
    browser: Browser, tmp_path: Path
) -> None:
    page, complaints = opened(browser, realistic(), tmp_path)
    page.locator("#case-rows a", has_text="castellan-foods-2023").click()
    expect(page.locator("#case h1")).to_have_text("castellan-foods-2023")
    expect(page.locator("#report")).to_be_hidden()
    expect(page.locator("#paper")).to_contain_text("Letter to our shareholders")
    expect(page.locator("#diff-rows tr[tabindex]")).to_have_count(6)
    page.get_by_role("button", name="All fields").click()
    expect(page.locator("#diff-rows tr[tabindex]")).to_have_count(14)
    page.go_back()
    expect(page.locator("#report")).to_be_visible()
    expect(page.locator("#case")).to_be_empty()
    assert complaints == []
    page.close()


def test_a_deep_link_opens_its_case_and_keys_go_on_from_there(
    browser: Browser, tmp_path: Path
) -> None:
    page, _ = opened(browser, realistic(), tmp_path, "#case/castellan-foods-2023")
    title = page.locator("#case h1")
    expect(title).to_have_text("castellan-foods-2023")
    page.keyboard.press("j")
    expect(title).not_to_have_text("castellan-foods-2023")
    page.keyboard.press("k")
    expect(title).to_have_text("castellan-foods-2023")
    page.keyboard.press("Escape")
    expect(page.locator("#report")).to_be_visible()
    page.close()


def test_focusing_a_field_emphasises_its_evidence(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, realistic(), tmp_path, "#case/castellan-foods-2023")
    page.locator("#diff-rows tr", has_text="auditor").focus()
    becomes(lambda: "".join(page.locator("mark.on").all_text_contents()), "Lindqvist & Partners")
    page.close()


def test_a_field_leads_to_all_cases_in_which_it_is_wrong(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, realistic(), tmp_path)
    page.get_by_role("link", name="All cases where this field is wrong").first.click()
    expect(page.get_by_label("any field")).to_have_value("revenues[].revenue")
    expect(page.locator("#case-rest")).to_contain_text("20 cases")
    page.get_by_label("Find cases").fill("lumen")
    expect(page.locator("#case-rows tr")).to_have_count(2)
    page.close()


def test_documents_are_tabs_and_a_field_brings_up_the_one_it_stands_in(
    browser: Browser, tmp_path: Path
) -> None:
    page, _ = opened(browser, realistic(), tmp_path, "#case/nordvik-seafood-2024")
    page.get_by_role("button", name="annex.txt").click()
    expect(page.locator("#paper")).to_contain_text("Notes to the accounts")
    page.locator("#diff-rows tr[tabindex]").first.focus()
    expect(page.locator("#paper")).to_contain_text("Letter to our shareholders")
    expect(page.locator("mark.on").first).to_be_visible()
    page.close()


EVERYTHING = """() => {
  document.querySelector("#filter button:last-child").click();
  document.querySelector("#case details").open = true;
  for (const row of document.querySelectorAll("#diff-rows tr[tabindex]")) row.focus();
  for (const tab of document.querySelectorAll("#tabs button")) tab.click();
}"""
"""Open whatever a case view has to open."""


def test_nothing_hostile_runs_whatever_is_opened(browser: Browser, tmp_path: Path) -> None:
    page, complaints = opened(browser, hostile(), tmp_path)
    page.evaluate("() => document.querySelectorAll('details').forEach(d => { d.open = true; })")
    for text in HOSTILE:
        page.get_by_label("Find cases").fill(text)
    page.get_by_role("button", name="Clear").click()
    for heading in page.locator("[data-sort] button").all():
        heading.click()
    page.locator("#case-rows a").first.click()
    for place in range(1, len(HOSTILE) + 1):
        expect(page.locator("#case nav .quiet")).to_have_text(f"case {place} of {len(HOSTILE) + 1}")
        page.evaluate(EVERYTHING)
        page.keyboard.press("j")
    becomes(lambda: page.evaluate("window.hacked"), None)
    expect(page.locator("img, iframe, object, embed, base")).to_have_count(0)
    assert complaints == []
    page.close()


def test_marks_stand_where_python_counted_them_beyond_the_basic_plane(
    browser: Browser, tmp_path: Path
) -> None:
    made = hostile()
    astral = next(one["id"] for one in made.results["cases"] if "astral" in one["id"])
    page, _ = opened(browser, made, tmp_path)
    page.locator("#case-rows a", has_text="astral").click()
    page.locator("#diff-rows tr[tabindex]").first.focus()
    shown = page.locator("mark.on").all_text_contents
    becomes(lambda: re.sub("U\\+200D", "\u200d", "".join(shown())), astral.partition(" ")[2])
    page.close()


def test_of_a_thousand_cases_only_what_is_seen_stands_in_the_page(
    browser: Browser, tmp_path: Path
) -> None:
    page, complaints = opened(browser, large(), tmp_path)
    becomes(lambda: page.locator("*").count() < 5_000, wanted=True)
    page.get_by_role("button", name="Show all cases").click()
    expect(page.locator("#case-rows tr")).to_have_count(100)
    page.get_by_label("Find cases").fill("case-0777")
    page.locator("#case-rows a").click()
    expect(page.locator("#case h1")).to_have_text("case-0777")
    assert complaints == []
    page.close()


IS_ONE_LINE = """() => {
  const title = document.querySelector(".claims tbody th");
  const line = getComputedStyle(document.querySelector(".claims th")).lineHeight;
  return title.getBoundingClientRect().height < 2 * parseFloat(line);
}"""


def test_an_improvement_fits_a_telephone_and_runs_nothing_it_was_given(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "improvement.html"
    file.write_text(render_improvement("notes", ENTRIES, TEXTS), encoding="utf-8")
    page, complaints = new_tab(browser, 420)
    page.goto(file.as_uri())
    widens_to(page, 420)
    becomes(lambda: page.evaluate(IS_ONE_LINE), wanted=True)
    expect(page.locator(".claims")).to_contain_text("+10.0 to +50.0 points")
    assert complaints == []
    page.close()


def test_nothing_sticks_out_of_a_narrow_window(browser: Browser, tmp_path: Path) -> None:
    for made in (realistic(complete=False), hostile()):
        page, _ = opened(browser, made, tmp_path)
        for width in (1160, 1100, 1024, 900, 860, 800, 768, 720, 700, 420, 320):
            widens_to(page, width)
        page.locator("#case-rows a").first.click()
        expect(page.locator("#diff-rows")).to_be_visible()
        widens_to(page, 320)
        page.close()


HEADINGS = """[...document.querySelectorAll("thead th, thead button, dt, h2, h3")]
  .filter((one) => (one.closest("thead") ?? one).offsetHeight > 1)
  .filter((one) => !one.closest(".path, .of-run, .sr"))"""
FIELD_NAMES = """[...document.querySelectorAll("[data-name=fields] .row th")]"""


@pytest.mark.parametrize("fields", [13, 300])
def test_long_tables_are_folded_at_every_width_and_whole_on_paper(
    browser: Browser, tmp_path: Path, fields: int
) -> None:
    diffs = [diff(f"part{at}.x", "omission", expected=1) for at in range(fields)]
    page, _ = opened(browser, small(case("a", diffs)), tmp_path)
    rows = page.locator("[data-name=fields] .row:visible")
    for width in (1280, 768, 420, 320):
        page.set_viewport_size({"width": width, "height": 800})
        expect(rows).to_have_count(10)
    page.emulate_media(media="print")
    expect(rows).to_have_count(fields)
    page.emulate_media(media="screen")
    page.get_by_role("button", name=f"Show all {fields}").first.click()
    expect(rows).to_have_count(fields)
    page.close()


BROKEN_WORDS = r"""() => %s
  .flatMap((one) => [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE))
  .flatMap((node) => [...node.data.matchAll(/[\p{L}\p{N}]+/gu)].filter((word) => {
    const range = document.createRange();
    range.setStart(node, word.index);
    range.setEnd(node, word.index + word[0].length);
    return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1;
  }).map((word) => word[0]))"""
"""The words of some elements that stand on two lines."""


def test_no_word_of_a_heading_is_broken(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, realistic(), tmp_path)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for width in (1280, 1024, 390, 320):
        widens_to(page, width)
        becomes(lambda: page.evaluate(BROKEN_WORDS % HEADINGS), [])
    page.close()


def test_names_of_fields_have_room_for_their_words(browser: Browser, tmp_path: Path) -> None:
    names = ("line_items[].description", "parts[].quantity", "included_services[]")
    diffs = [diff(name, "omission", expected=1) for name in names]
    page, _ = opened(browser, small(case("a", diffs)), tmp_path)
    for width in (1600, 1280, 1200, 1100, 1080, 1024, 870, 420, 320):
        widens_to(page, width)
        becomes(lambda: page.evaluate(BROKEN_WORDS % FIELD_NAMES), [])
    page.close()
