"""Marks in documents whose values are broken over lines, or written from right to left."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.report.browser.opened import IN_BROWSER, opened
from tests.report.browser.test_going_about import small
from tests.report.records import Record, Run, case, diff

pytestmark = IN_BROWSER
HEBREW = "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd"
"""Two words."""


def marked_run(text: str, *values: str) -> Run:
    """Return a run with one document in which each value is expected where it first stands."""
    diffs: list[Record] = []
    for number, value in enumerate(values):
        start = text.index(value)
        span = [{"document": "d.txt", "start": start, "end": start + len(value)}]
        evidence = {"expected": span}
        diffs.append(diff(f"f{number}", "omission", expected=value, evidence=evidence))
    source = {"a": {"raw": None, "documents": [{"name": "d.txt", "text": text, "note": ""}]}}
    return small(case("a", diffs), documents=source)


def boxes(page: Page) -> list[Record]:
    """Return left, right, top and text of each marked piece, in the order of the text."""
    found: list[Record] = page.locator("#paper pre mark").evaluate_all(
        "all => all.map(one => { const box = one.getBoundingClientRect();"
        " return { left: box.left, right: box.right, top: box.top, text: one.textContent }; })"
    )
    return found


@pytest.mark.parametrize("lines", [3, 3_000])
def test_a_value_over_line_ends_is_marked_line_by_line_without_the_margins(
    browser: Browser, tmp_path: Path, lines: int
) -> None:
    before = "".join(f"line {number}\n" for number in range(lines))
    value = "Acme  \n        Holding\n\n        GmbH"
    page, complaints = opened(
        browser, marked_run(f"{before}Seller  {value}  12.00\n", value), tmp_path, "#case/a"
    )
    page.locator("#diff-rows tr[tabindex]").first.focus()
    found = boxes(page)
    assert [each["text"] for each in found] == ["Acme", "Holding", "GmbH"]
    assert [each["top"] for each in found] == sorted({each["top"] for each in found})
    wide = page.locator("#paper pre mark").first.evaluate("one => one.offsetWidth / 4")
    assert all(each["right"] - each["left"] < 9 * wide for each in found)
    assert page.locator("mark.on").count() == 3
    assert page.locator("mark.on").first.is_visible()
    assert page.locator("#paper pre").inner_text().rstrip("\n").endswith("12.00")
    assert complaints == []
    page.close()


def test_a_line_from_right_to_left_goes_its_own_way_and_its_marks_with_it(
    browser: Browser, tmp_path: Path
) -> None:
    first, second = HEBREW.split(" ")
    text = f"Invoice 12\n{HEBREW}: 4711 (a)\nTotal 5\n"
    page, _ = opened(browser, marked_run(text, first, second, "4711", "Total"), tmp_path, "#case/a")
    one, two, number, total = boxes(page)
    assert one["left"] > two["right"] - 1
    assert two["left"] > number["right"]
    pane = page.locator("#paper pre").evaluate("one => one.getBoundingClientRect().right")
    assert pane - one["right"] < 60
    assert total["left"] < number["left"]
    page.close()


def test_a_value_of_both_directions_wraps_by_its_own_first_letter(
    browser: Browser, tmp_path: Path
) -> None:
    value = f"{HEBREW} ACME 12 " * 6
    page, _ = opened(browser, small(case("a", [diff("f", "omission", expected=value)])),
                     tmp_path, "#case/a")  # fmt: skip
    cell = page.locator("td[data-label=expected]")
    lines = cell.locator("bdi").first.evaluate(
        "one => { const range = document.createRange(); range.selectNodeContents(one);"
        " const rights = new Map(); for (const box of range.getClientRects())"
        " { const top = Math.round(box.top / 8);"
        " rights.set(top, Math.max(rights.get(top) || 0, box.right)); }"
        " return [...rights.values()]; }"
    )
    edge = cell.evaluate("one => one.getBoundingClientRect().right")
    assert len(lines) > 1
    assert [round(edge - right) for right in lines if edge - right > 30] == []
    page.close()


def shown(browser: Browser, folder: Path, text: str, width: int = 1280) -> tuple[str, float, float]:
    """Return how a document is set: its class, its letters' size, and how much is cut off aside."""
    page, complaints = opened(browser, marked_run(text, "4711"), folder, "#case/a")
    page.set_viewport_size({"width": width, "height": 800})
    page.reload()
    page.locator("html[data-ready]").wait_for(state="attached")
    pre = page.locator("#paper pre")
    css = pre.get_attribute("class") or ""
    size = float(pre.evaluate("one => parseFloat(getComputedStyle(one).fontSize)"))
    cut = float(page.locator("#paper").evaluate("one => one.scrollWidth - one.clientWidth"))
    assert complaints == []
    page.close()
    return css, size, cut


@pytest.mark.parametrize("rows", [3, 3_000])
def test_columns_of_a_usual_page_fit_the_pane_and_prose_with_labels_is_wrapped(
    browser: Browser, tmp_path: Path, rows: int
) -> None:
    table = "No. 4711\n" + "Part number 12      a part of it        12.50    1   2\n" * rows
    assert shown(browser, tmp_path, table) == ("aligned whole", 12, 0)
    wide = "No. 4711\n" + f"{'Part':<40}{'of a long table':<40}12.50\n" * rows
    css, size, cut = shown(browser, tmp_path, wide)
    assert (css, cut) == ("aligned whole", 0)
    assert 10 <= size < 12
    prose = "No. 4711\n" + f"(1)  {'whose registered office is there ' * 4}\n" * rows
    assert shown(browser, tmp_path, prose) == ("aligned", 13, 0)


@pytest.mark.parametrize("pages", [3, 3_000])
def test_the_end_of_a_page_is_a_line_across_the_text_and_no_letters(
    browser: Browser, tmp_path: Path, pages: int
) -> None:
    text = "\f".join(f"page {number} of\nit" for number in range(pages))
    last = f"page {pages - 1}"
    page, complaints = opened(browser, marked_run(text, last), tmp_path, "#case/a")
    page.locator("#diff-rows tr[tabindex]").first.focus()
    ends = page.locator("#paper pre [role=separator]")
    assert ends.count() == pages - 1
    box = ends.first.bounding_box()
    pane = page.locator("#paper pre").bounding_box()
    assert box is not None
    assert pane is not None
    assert (box["height"] < 3, box["width"] > pane["width"] / 2) == (True, True)
    assert [each["text"] for each in boxes(page)] == [last]
    assert complaints == []
    page.close()
