"""Finding a case and a field: filters, keys, links, sorting; what is said of a value."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.patience import PATIENCE, becomes
from tests.report.browser.opened import IN_BROWSER, address_ends, opened, ready, written
from tests.report.letters import realistic
from tests.report.records import Record, Run, case, diff, results, run, with_causes

pytestmark = IN_BROWSER


def names(page: Page) -> list[str]:
    return page.locator("#case-rows th").all_text_contents()


def small(*cases: Record, documents: Record | None = None) -> Run:
    return Run(run(), results(list(cases)), documents or {})


def three() -> Run:
    return small(
        case("a", [diff("x", "omission", expected="Oslo"), diff("y", "omission", expected=1)],
             tags=["scan"]),
        case("b", [diff("x", "wrong_value", expected="Bergen", predicted="Berlin"),
                   diff("y", "omission", expected=2)], tags=["scan", "long"]),
        case("c", [diff("x", "correct", expected="Kiel", predicted="Kiel")], tags=["long"]),
    )  # fmt: skip


def test_filters_ask_for_one_outcome_of_one_field_together(
    browser: Browser, tmp_path: Path
) -> None:
    page, complaints = opened(browser, three(), tmp_path)
    page.get_by_label("any outcome").select_option("3")
    becomes(lambda: names(page), ["a", "b"])
    page.get_by_label("any field").select_option("x")
    becomes(lambda: names(page), ["a"])  # b has an omission, but of y
    page.get_by_label("any field").select_option("")
    page.get_by_label("any tag").select_option("long")
    becomes(lambda: names(page), ["b"])
    page.get_by_role("button", name="Clear").click()
    becomes(lambda: names(page), ["a", "b", "c"])
    page.get_by_label("any outcome").select_option("right")
    becomes(lambda: names(page), ["c"])
    assert complaints == []
    page.close()


def test_a_search_looks_into_values_and_paths(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, three(), tmp_path)
    page.get_by_label("Find cases").fill("BERLIN")
    expect(page.locator("#case-rows tr")).to_have_count(1)
    becomes(lambda: names(page), ["b"])
    page.close()


def test_previous_and_next_keep_to_the_chosen_cases(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, three(), tmp_path)
    page.get_by_label("any tag").select_option("long")
    page.locator("#case-rows a").first.click()
    expect(page.locator("#case")).to_contain_text("1 of 2 chosen")
    page.keyboard.press("j")
    expect(page.locator("#case h1")).to_have_text("c")
    page.close()


def test_keys_lead_from_the_list_into_a_case_and_back(browser: Browser, tmp_path: Path) -> None:
    page, complaints = opened(browser, three(), tmp_path)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator("#case h1")).to_have_text("a")
    page.keyboard.press("n")
    page.keyboard.press("n")
    expect(page.locator("#diff-rows tr:focus")).to_contain_text("y")
    page.keyboard.press("Escape")
    expect(page.locator("#report")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_label("Find cases")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("next, previous case")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert complaints == []
    page.close()


def test_a_link_to_a_field_finds_it_even_where_it_is_right(
    browser: Browser, tmp_path: Path
) -> None:
    link = "#case/castellan-foods-2023/company.name"
    page, _ = opened(browser, realistic(), tmp_path, link)
    expect(page.locator("#diff-rows tr:focus")).to_contain_text("name")
    expect(page.get_by_role("button", name="All fields")).to_have_attribute("aria-pressed", "true")
    page.close()


def test_links_that_lead_nowhere_leave_the_report_open(browser: Browser, tmp_path: Path) -> None:
    for link in ("#case/none", "#case/%E0%A4%A", "#case/", "#field/%", "#field/none", "#nothing"):
        page, complaints = opened(browser, three(), tmp_path, link)
        expect(page.locator("#report")).to_be_visible()
        assert complaints == []
        page.close()


def test_fields_are_sorted_by_any_heading(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, realistic(), tmp_path)
    first = page.locator("table.fields tbody").first
    expect(first).to_contain_text("revenues[].revenue")
    page.get_by_role("button", name="Field", exact=True).click()
    expect(first).to_contain_text("auditor")
    expect(page.locator("[data-sort=name]")).to_have_attribute("aria-sort", "ascending")
    by_f1 = page.locator("table.fields").get_by_role("button", name="F1", exact=True)
    by_f1.click()
    by_f1.click()
    expect(first).to_contain_text("dividend")
    page.close()


def test_read_leniently_the_causes_are_ranked_anew(browser: Browser, tmp_path: Path) -> None:
    form = [diff("x", "format_error", expected=1, predicted="1", value_equal=True)]
    missed = [diff("y", "omission", expected=2)]
    made = small(case("a", [*form, *missed]))
    scored = with_causes(made.results)
    scored["causes"][0]["micro_f1_lost"], scored["causes"][1]["micro_f1_lost"] = 0.4, 0.2
    page, complaints = opened(browser, Run(made.run, scored, made.sources), tmp_path)
    rows = page.locator(".causes tbody:visible .row")
    expect(rows).to_have_count(2)
    page.locator(".ways > label", has_text="lenient").click()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("y: 1 omission")
    expect(page.locator(".lead:visible")).to_contain_text("y: 1 omission")
    assert complaints == []
    page.close()


def test_long_tables_fold_after_ten_rows_and_open(browser: Browser, tmp_path: Path) -> None:
    wrong = [diff(f"f{n:02}", "omission", expected=n) for n in range(12)]
    page, _ = opened(browser, small(case("a", wrong)), tmp_path)
    rows = page.locator("table.fields tbody:visible")
    expect(rows).to_have_count(10)
    page.get_by_role("button", name="Show all 12").click()
    expect(rows).to_have_count(12)
    page.close()


def test_single_keys_can_be_turned_off(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, three(), tmp_path, "#case/a")
    title = page.locator("#case h1")
    page.keyboard.press("?")
    page.get_by_label("Single keys do this").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    expect(title).to_have_text("a")
    page.keyboard.press("Escape")
    expect(page.locator("#report")).to_be_visible()
    page.close()


def test_a_mark_beside_the_pane_is_scrolled_to_sideways(browser: Browser, tmp_path: Path) -> None:
    text = f"Amount{' ' * 100}402.80\n"
    at = text.index("402.80")
    span = [{"document": "d.txt", "start": at, "end": at + 6}]
    wrong = diff("x", "omission", expected=402.8, evidence={"expected": span})
    kept = {"a": {"documents": [{"name": "d.txt", "text": text, "note": ""}], "raw": None}}
    page, _ = opened(browser, small(case("a", [wrong]), documents=kept), tmp_path, "#case/a/x")
    expect(page.locator("mark.on")).to_be_in_viewport(ratio=1)
    page.emulate_media(media="print")
    fits = "(one => one.scrollWidth <= one.clientWidth)(document.querySelector('#paper'))"
    becomes(lambda: page.evaluate(fits), wanted=True)
    page.close()


def test_no_control_is_smaller_than_a_finger_needs(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, realistic(), tmp_path)
    small_ones = """() => [...document.querySelectorAll(
      "button, summary, select, input, nav a")].filter(
      (n) => n.checkVisibility() && n.getBoundingClientRect().width > 1
        && !n.closest(".ways")
        && n.getBoundingClientRect().height < 24).map((n) => n.outerHTML)"""
    becomes(lambda: page.evaluate(small_ones), [])
    page.locator("#case-rows a").first.click()
    expect(page.locator("#diff-rows")).to_be_visible()
    becomes(lambda: page.evaluate(small_ones), [])
    page.close()


def test_beside_a_field_stand_the_commands_that_go_on_from_there(
    browser: Browser, tmp_path: Path
) -> None:
    missed = case("it's a", [diff("x[0]", "omission", expected="Oslo")])
    page, complaints = opened(browser, small(missed), tmp_path)
    page.locator("#case-rows a").click()
    page.locator("#diff-rows .commands summary").click()
    lines = page.locator("#diff-rows .commands code")
    place = f"{run()['run_id']} 'it'\\''s a' 'x[0]'"
    expect(lines).to_have_text([f"harness explain {place}", f"harness truth dispute {place}"])
    assert complaints == []
    page.close()


def test_ways_of_counting_change_without_javascript(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(1_000 * PATIENCE)
    page.goto(written(realistic(), tmp_path).as_uri())
    expect(page.locator(".panel:visible .figure").first).to_contain_text("68.1 %")
    page.locator(".ways > label", has_text="lenient").click()
    expect(page.locator(".panel:visible .figure").first).to_contain_text("74.5 %")
    context.close()


def test_each_answer_to_a_case_has_an_address_and_leads_to_the_others(
    browser: Browser, tmp_path: Path
) -> None:
    wrong = [diff("x", "omission", expected=1)]
    right = [diff("x", "correct", expected=1, predicted=1)]
    made = small(case("a", wrong, replicate=1), case("a", right, replicate=2))
    page, _ = opened(browser, made, tmp_path, "#case/a;2")
    expect(page.locator("#case")).to_contain_text("F1 100 %")
    page.get_by_role("link", name="1: 0 %").click()
    expect(page.locator("#case")).to_contain_text("1 error")
    page.close()


# --- what is said of a value -------------------------------------------------------------------


def differing(page: Page) -> list[str]:
    return page.locator("#diff-rows .differs").all_text_contents()


def test_what_differs_is_marked_and_what_is_alike_is_folded(
    browser: Browser, tmp_path: Path
) -> None:
    text = "The tenant pays the rent on the first day of every month. " * 12
    other = text.replace("first day", "third day", 1)[:-40] + "and no later than the day after. "
    made = small(case("a", [diff("x", "wrong_value", expected=text, predicted=other)]))
    page, _ = opened(browser, made, tmp_path, "#case/a")
    expected = page.locator("td[data-label=expected]")
    expect(expected.locator(".differs").first).to_contain_text("fi")
    expect(expected.get_by_role("button", name="characters alike")).to_have_count(1)
    becomes(lambda: len(expected.inner_text()) < 320, wanted=True)
    expected.get_by_role("button", name="characters alike").click()
    becomes(lambda: len(expected.inner_text()) > 690, wanted=True)
    page.close()


def test_values_that_share_little_are_shown_unmarked(browser: Browser, tmp_path: Path) -> None:
    made = small(case("a", [diff("x", "wrong_value", expected="Oslo", predicted="Reykjavik")]))
    page, _ = opened(browser, made, tmp_path, "#case/a")
    expect(page.locator("#diff-rows .differs")).to_have_count(0)
    page.close()


def test_a_difference_never_cuts_a_character_in_two(browser: Browser, tmp_path: Path) -> None:
    wrong = diff(
        "x", "wrong_value", expected="blue \U0001f600 sky", predicted="blue \U0001f601 sky"
    )
    page, _ = opened(browser, small(case("a", [wrong])), tmp_path, "#case/a")
    becomes(lambda: differing(page), ["\U0001f600", "\U0001f601"])
    page.close()


def test_a_megabyte_against_another_is_compared_in_no_time(
    browser: Browser, tmp_path: Path
) -> None:
    one, other = "ab" * 500_000, "ba" * 500_000
    made = small(case("a", [diff("x", "wrong_value", expected=one, predicted=other)]))
    page, complaints = opened(browser, made, tmp_path, "#case/a")
    expect(page.locator("#diff-rows")).to_contain_text("show all 20")
    assert complaints == []
    page.close()


def test_what_was_made_up_stands_in_the_item_it_was_paired_with(
    browser: Browser, tmp_path: Path
) -> None:
    rows = [
        diff("a[0].x", "correct", expected=1, predicted=1, predicted_path="a[1].x"),
        diff("a[1].x", "correct", expected=2, predicted=2, predicted_path="a[0].x"),
        diff("a[0].y", "hallucination", predicted="of the second"),
        diff("a[2].x", "hallucination", predicted=3),
    ]
    page, _ = opened(browser, small(case("a", rows)), tmp_path, "#case/a")
    page.get_by_role("button", name="All fields").click()
    rows_seen = page.locator("#diff-rows .branch th, #diff-rows .leaf a bdi")
    becomes(rows_seen.all_text_contents, [
        "a[0] predicted as a[1] \u00b7 all right", "x",
        "a[1] predicted as a[0] \u00b7 1 of 2 wrong", "x", "y",
        "a[2] only in the prediction \u00b7 1 of 1 wrong", "x",
    ])  # fmt: skip
    page.close()


def test_a_document_too_long_for_the_page_opens_in_a_file_beside_it(
    browser: Browser, tmp_path: Path
) -> None:
    text = "<script>window.hacked=1</script>" + "long " * 30_000
    source = {"a": {"raw": None, "documents": [{"name": "<b>.html", "text": text, "note": ""}]}}
    made = small(case("a", [diff("x", "omission", expected=1)]), documents=source)
    page, complaints = opened(browser, made, tmp_path, "#case/a")
    expect(page.locator("#paper")).to_contain_text("more than 100")
    page.get_by_role("link", name="Open the whole text").click()
    page.wait_for_url("**/report-texts/*.txt")
    becomes(lambda: page.evaluate("document.contentType"), "text/plain")
    becomes(lambda: page.evaluate("window.hacked"), None)
    assert complaints == []
    page.close()


def test_a_cause_leads_to_the_cases_with_its_errors(browser: Browser, tmp_path: Path) -> None:
    made = three()
    run_of = Run(made.run, with_causes(made.results), made.sources)
    page, complaints = opened(browser, run_of, tmp_path)
    links = page.locator(".causes").get_by_role("link", name="All cases with this cause")
    links.first.click()
    expect(page.get_by_label("any cause").locator("option:checked")).to_contain_text(
        "x: 1 wrong value"
    )
    expect(page.locator("#case-rows tr")).to_have_count(2)
    assert complaints == []
    page.close()


def test_filters_and_order_stand_in_the_address_and_outlive_a_case(
    browser: Browser, tmp_path: Path
) -> None:
    page, _ = opened(browser, three(), tmp_path)
    page.get_by_label("any tag").select_option("scan")
    page.get_by_label("worst first").select_option("by id")
    page.get_by_label("Find cases").fill("b")
    expect(page.locator("#case-rows tr")).to_have_count(1)
    expect(page).to_have_url(address_ends("#list/text=b&tag=scan&sort=id"))
    ready(page)
    expect(page.get_by_label("Find cases")).to_have_value("b")
    expect(page.locator("#case-rows tr")).to_have_count(1)
    page.locator("#case-rows a").click()
    expect(page.locator("#case h1")).to_have_text("b")
    page.keyboard.press("Escape")
    expect(page.locator("#report")).to_be_visible()
    expect(page).to_have_url(address_ends("#list/text=b&tag=scan&sort=id"))
    page.close()


def test_cases_are_sorted_by_what_was_measured(browser: Browser, tmp_path: Path) -> None:
    wrong = diff("x", "omission", expected="Oslo")
    quick, slow = (
        case(name, [wrong], seconds=seconds, usage={"usd": usd, "input_tokens": 5})
        for name, seconds, usd in (("a", 0.5, 0.2), ("b", 2.5, 0.1))
    )
    page, _ = opened(browser, small(quick, slow), tmp_path)
    order = page.get_by_label("worst first")
    order.select_option("slowest first")
    becomes(lambda: names(page), ["b", "a"])
    order.select_option("dearest first")
    becomes(lambda: names(page), ["a", "b"])
    page.close()


def test_cases_are_sorted_by_their_headings_and_values_are_copied(
    browser: Browser, tmp_path: Path
) -> None:
    rows = [
        case(
            "a", [diff("x", "omission", expected=1), diff("y", "correct", expected=1, predicted=1)]
        ),
        case("b", [diff("x", "correct", expected=1, predicted=1)]),
        case("c", [diff("x", "omission", expected=1), diff("y", "omission", expected=1)]),
    ]
    page, complaints = opened(browser, small(*rows), tmp_path)
    first, heading = page.locator("#case-rows th a"), page.locator("table.cases thead th")
    expect(heading.nth(1)).to_have_attribute("aria-sort", "ascending")
    expect(first).to_have_text(["c", "a"])
    heading.nth(1).get_by_role("button").click()
    expect(first).to_have_text(["b", "a", "c"])
    expect(heading.nth(1)).to_have_attribute("aria-sort", "descending")
    heading.nth(0).get_by_role("button").click()
    expect(first).to_have_text(["a", "b", "c"])
    heading.filter(has_text="Omission").get_by_role("button").click()
    expect(first).to_have_text(["c", "a", "b"])
    expect(page).to_have_url(address_ends("#list/sort=outcome3"))
    page.locator("#case-rows a").first.click()
    page.locator("#diff-rows .commands summary").first.click()
    copies = page.locator("#diff-rows .commands").first.get_by_role("button", name="Copy ")
    expect(copies).to_have_text(["Copy expected", "Copy row", "Copy", "Copy"])
    assert complaints == []
    page.close()


def test_a_case_shows_both_sides_as_json_and_how_its_items_were_paired(
    browser: Browser, tmp_path: Path
) -> None:
    diffs = [
        diff("total", "wrong_value", expected=12.5, predicted=12),
        diff("rows[0].sku", "correct", expected="A", predicted="A", predicted_path="rows[1].sku"),
        diff("rows[0].sku", "hallucination", predicted="B"),
        diff('odd["a b"].c', "omission", expected=None),
    ]
    items = [{"field": "rows", "paired": 1, "missing": 0, "extra": 1}]
    page, complaints = opened(browser, small(case("a", diffs, items=items)), tmp_path, "#case/a")
    expect(page.locator("#case")).to_contain_text("rows 1 found, 0 missing, 1 extra")
    page.locator(".sides summary").click()
    sides = page.locator(".sides pre")
    becomes(lambda: [json.loads(text) for text in sides.all_text_contents()], [
        {"total": 12.5, "rows": [{"sku": "A"}], "odd": {"a b": {"c": None}}},
        {"total": 12, "rows": [{"sku": "B"}, {"sku": "A"}]},
    ])  # fmt: skip
    assert complaints == []
    page.close()
