"""One list of all errors: filters, order, address, what is taken along; and the table of fields."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.patience import becomes
from tests.report.browser.opened import IN_BROWSER, address_ends, opened, ready, written
from tests.report.browser.test_accessible import SCHEMES, Scheme, found_by_axe
from tests.report.browser.test_going_about import small
from tests.report.fixtures import HOSTILE, hostile
from tests.report.records import Run, case, diff

pytestmark = IN_BROWSER


def many(cases: int) -> Run:
    """Return a run in which each case has an omission, and every third a wrong value as well."""
    made = []
    for number in range(cases):
        diffs = [
            diff("city", "omission", expected=f"city {number}"),
            diff("total", "correct", expected=number, predicted=number),
        ]
        if number % 3 == 0:
            wrong = diff(
                "net", "wrong_value", expected=number, predicted=number + 1, tags=["scale"]
            )
            diffs.append(wrong)
        made.append(case(f"case-{number:04}", diffs))
    return small(*made)


def paths(page: Page) -> set[str]:
    """Return the paths that are listed, each once."""
    return set(page.locator("#error-rows th a").all_text_contents())


@pytest.mark.parametrize(("cases", "errors"), [(3, "4 errors"), (3_000, "4\u202f000 errors")])
def test_all_errors_of_all_cases_stand_in_one_list(
    browser: Browser, tmp_path: Path, cases: int, errors: str
) -> None:
    page, complaints = opened(browser, many(cases), tmp_path)
    page.get_by_role("button", name=f"List {errors}").click()
    rest = page.locator("#error-rest")
    expect(rest).to_contain_text(f"{errors}.")
    expect(page.locator("#error-rows tr")).to_have_count(min(100, cases + cases // 3))
    page.get_by_label("any kind of error").select_option(
        label=f"wrong value ({cases // 3:,})".replace(",", "\u202f")
    )
    expect(page.locator("#error-rows tr")).to_have_count(min(100, cases // 3))
    becomes(lambda: paths(page), {"net"})
    page.get_by_label("any kind of error").select_option("")
    page.get_by_label("any reason").select_option("scale")
    page.get_by_label("Find errors").fill(f"case-{cases - 3:04}")
    expect(rest).to_contain_text("1 error.")
    expect(page).to_have_url(address_ends(f"#errors/text=case-{cases - 3:04}&tag=scale"))
    assert complaints == []
    page.close()


def test_an_address_opens_the_list_as_it_was_chosen_and_a_row_opens_its_field(
    browser: Browser, tmp_path: Path
) -> None:
    page, complaints = opened(browser, many(9), tmp_path, "#errors/field=net&sort=id")
    expect(page.locator("#error-rest")).to_contain_text("3 errors.")
    expect(page.get_by_label("any field in error")).to_have_value("net")
    page.locator("#error-rows th a").nth(1).click()
    expect(page.locator("#case h1")).to_have_text("case-0003")
    expect(page.locator("#diff-rows tr.at")).to_contain_text("net")
    page.go_back()
    expect(page.locator("#error-rest")).to_contain_text("3 errors.")
    page.get_by_role("button", name="Clear").last.click()
    expect(page.locator("#error-rest")).to_contain_text("12 errors.")
    expect(page).to_have_url(address_ends("#errors"))
    assert complaints == []
    page.close()


def test_what_is_chosen_is_taken_along_as_csv_and_as_json_of_both_sides(
    browser: Browser, tmp_path: Path
) -> None:
    diffs = [
        diff("sum", "wrong_value", expected=12.50, predicted="=1+1"),
        diff("parts", "omission", expected=["a", {"b": None}]),
        diff("x", "hallucination", predicted='a, "b"\nc', predicted_path="y"),
    ]
    page, _ = opened(browser, small(case("a", diffs)), tmp_path, "#errors/outcome=1")
    page.locator("#error-outcome").select_option("")
    with page.expect_download() as got:
        page.locator("#error-list").get_by_role("button", name="Download CSV").click()
    rows = list(csv.DictReader(io.StringIO(got.value.path().read_text("utf-8-sig"))))
    assert [row["path"] for row in rows] == ["sum", "parts", "x"]
    assert [row["expected"] for row in rows] == ["12.5", '["a", {"b": null}]', ""]
    assert rows[0]["predicted"] == '"=1+1"'
    assert rows[2]["predicted path"] == "y"
    with page.expect_download() as got:
        page.locator("#error-list").get_by_role("button", name="Download JSON").click()
    told = json.loads(got.value.path().read_text("utf-8"))
    assert told[0]["expected"] == 12.5
    assert told[1]["expected"] == ["a", {"b": None}]
    assert told[2]["predicted"] == 'a, "b"\nc'
    assert "expected" not in told[2]
    page.close()


def test_a_hostile_run_lists_its_errors_as_text(browser: Browser, tmp_path: Path) -> None:
    page, complaints = opened(browser, hostile(), tmp_path, "#errors/text=hacked")
    expect(page.locator("#error-rows tr").first).to_be_visible()
    with page.expect_download() as got:
        page.locator("#error-list").get_by_role("button", name="Download JSON").click()
    assert any(HOSTILE[0] in str(one) for one in json.loads(got.value.path().read_text("utf-8")))
    becomes(lambda: page.evaluate("window.hacked"), None)
    assert complaints == []
    page.close()


def test_a_case_answer_stands_in_the_address_with_the_filters_it_was_opened_from(
    browser: Browser, tmp_path: Path
) -> None:
    page, _ = opened(browser, many(9), tmp_path)
    page.get_by_label("any outcome").select_option("4")
    page.get_by_label("any outcome").select_option("1")
    expect(page.locator("#case-rows tr")).to_have_count(3)
    page.locator("#case-rows a").first.click()
    expect(page.locator("#case")).to_contain_text("1 of 3 chosen")
    expect(page).to_have_url(address_ends("?outcome=1"))
    ready(page)
    expect(page.locator("#case")).to_contain_text("1 of 3 chosen")
    page.keyboard.press("j")
    expect(page.locator("#case")).to_contain_text("2 of 3 chosen")
    page.close()


def test_fields_are_narrowed_and_sorted_and_the_address_keeps_it(
    browser: Browser, tmp_path: Path
) -> None:
    diffs = [diff(f"f{number:02}", "omission", expected=1) for number in range(24)]
    page, complaints = opened(browser, small(case("a", diffs)), tmp_path)
    table = page.locator("table[data-name=fields] tbody:visible")
    expect(table).to_have_count(10)
    page.get_by_label("Find fields").fill("f1")
    expect(table).to_have_count(10)
    expect(page.locator("#field-count")).to_have_text("10 fields")
    page.locator("[data-sort=name] button").click()
    page.locator("[data-sort=name] button").click()
    expect(table.first.locator("th")).to_have_text("f19")
    expect(page).to_have_url(address_ends("#fields/find=f1&sort=name&up=1"))
    ready(page)
    expect(table.first.locator("th")).to_have_text("f19")
    expect(page.get_by_label("Find fields")).to_have_value("f1")
    assert complaints == []
    page.close()


def test_the_csv_of_sorted_cases_has_the_order_and_the_names_of_the_headings(
    browser: Browser, tmp_path: Path
) -> None:
    page, _ = opened(browser, many(130), tmp_path)
    page.locator("table.cases thead th").nth(0).get_by_role("button").click()
    page.locator("table.cases thead th").filter(has_text="Wrong value").get_by_role(
        "button"
    ).click()
    tools = page.locator("table.cases ~ .take").first
    with page.expect_download() as got:
        tools.get_by_role("button", name="Download CSV").click()
    rows = list(csv.DictReader(io.StringIO(got.value.path().read_text("utf-8-sig"))))
    assert list(rows[0])[:2] == ["Case", "F1"]
    assert "Wrong value" in rows[0]
    assert len(rows) == 130
    assert [row["Wrong value"] for row in rows] == ["1"] * 44 + ["0"] * 86
    page.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [1280, 320])
def test_axe_holds_nothing_against_the_list(
    browser: Browser, tmp_path: Path, scheme: Scheme, width: int
) -> None:
    address = written(many(9), tmp_path).as_uri() + "#errors/sort=field"
    assert found_by_axe(browser, address, scheme, width) == []


@pytest.mark.parametrize("cases", [9, 3_000])
def test_a_case_that_is_sent_on_leads_back_to_the_errors_it_was_chosen_from(
    browser: Browser, tmp_path: Path, cases: int
) -> None:
    page, complaints = opened(browser, many(cases), tmp_path, "#errors/field=net&sort=id")
    page.locator("#error-rows th a").nth(1).click()
    expect(page.locator("#case h1")).to_have_text("case-0003")
    address = page.url
    page.close()
    page, complaints = opened(browser, many(cases), tmp_path, "#" + address.split("#")[1])
    expect(page.locator("#case h1")).to_have_text("case-0003")
    page.keyboard.press("j")
    expect(page.locator("#case h1")).not_to_have_text("case-0003")
    page.keyboard.press("Escape")
    expect(page.get_by_label("any field in error")).to_have_value("net")
    expect(page.locator("#error-rest")).to_contain_text(
        f"{cases // 3:,} errors.".replace(",", "\u202f")
    )
    assert complaints == []
    page.close()


def test_what_the_scorer_quotes_is_code_and_never_markup(browser: Browser, tmp_path: Path) -> None:
    why = ["It breaks `type: <b>number</b>` of the schema.", "An odd ` alone."]
    diffs = [diff("sum", "format_error", expected=12, predicted="12", why=why)]
    page, complaints = opened(browser, small(case("a", diffs)), tmp_path, "#errors/outcome=")
    expect(page.locator("#error-rows .why code")).to_have_text("type: <b>number</b>")
    page.locator("#error-rows th a").click()
    expect(page.locator("#diff-rows .why > p code").first).to_have_text("type: <b>number</b>")
    expect(page.locator("#diff-rows .why")).to_contain_text("An odd ` alone.")
    expect(page.locator("#diff-rows .why b")).to_have_count(0)
    assert complaints == []
    page.close()
