"""Marks in documents whose values are broken over lines, or written from right to left."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.patience import becomes
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


MEASURED = """() => {
  const marks = [...document.querySelectorAll("#paper pre mark")].map((one) => {
    const { left, right, top } = one.getBoundingClientRect();
    return { left, right, top, text: one.textContent, wide: one.offsetWidth };
  });
  return { marks, edge: document.querySelector("#paper pre").getBoundingClientRect().right };
}"""


def measured(page: Page, *texts: str) -> tuple[list[Record], float]:
    """Return the marked pieces once they are these, in the order of the text, and the pane's edge.

    Of each its left, right, top, text and width, all measured at one moment.
    """
    seen: list[Record] = []

    def look() -> list[str]:
        seen.append(page.evaluate(MEASURED))
        return [mark["text"] for mark in seen[-1]["marks"]]

    becomes(look, [*texts])
    return seen[-1]["marks"], seen[-1]["edge"]


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
    found, _ = measured(page, "Acme", "Holding", "GmbH")
    assert [each["top"] for each in found] == sorted({each["top"] for each in found})
    wide = found[0]["wide"] / 4
    assert all(each["right"] - each["left"] < 9 * wide for each in found)
    expect(page.locator("mark.on")).to_have_count(3)
    expect(page.locator("mark.on").first).to_be_visible()
    expect(page.locator("#paper pre")).to_have_text(re.compile(r"12\.00\n*$"))
    assert complaints == []
    page.close()


def test_a_line_from_right_to_left_goes_its_own_way_and_its_marks_with_it(
    browser: Browser, tmp_path: Path
) -> None:
    first, second = HEBREW.split(" ")
    text = f"Invoice 12\n{HEBREW}: 4711 (a)\nTotal 5\n"
    page, _ = opened(browser, marked_run(text, first, second, "4711", "Total"), tmp_path, "#case/a")
    marks, edge = measured(page, first, second, "4711", "Total")
    one, two, number, total = marks
    assert one["left"] > two["right"] - 1
    assert two["left"] > number["right"]
    assert edge - one["right"] < 60
    assert total["left"] < number["left"]
    page.close()


LINES_BEGIN_AT_THE_EDGE = """() => {
  const cell = document.querySelector("td[data-label=expected]");
  const edge = cell.getBoundingClientRect().right;
  const range = document.createRange();
  range.selectNodeContents(cell.querySelector("bdi"));
  const rights = new Map();
  for (const box of range.getClientRects()) {
    const top = Math.round(box.top / 8);
    rights.set(top, Math.max(rights.get(top) || 0, box.right));
  }
  return rights.size > 1 && [...rights.values()].every((right) => edge - right <= 30);
}"""


def test_a_value_of_both_directions_wraps_by_its_own_first_letter(
    browser: Browser, tmp_path: Path
) -> None:
    value = f"{HEBREW} ACME 12 " * 6
    page, _ = opened(browser, small(case("a", [diff("f", "omission", expected=value)])),
                     tmp_path, "#case/a")  # fmt: skip
    becomes(lambda: page.evaluate(LINES_BEGIN_AT_THE_EDGE), wanted=True)
    page.close()


SET = """() => {
  const paper = document.querySelector("#paper");
  const pre = paper.querySelector("pre");
  const size = parseFloat(getComputedStyle(pre).fontSize);
  return [pre.className, size, paper.scrollWidth - paper.clientWidth];
}"""


def is_set(browser: Browser, folder: Path, text: str, css: str, sizes: tuple[float, ...]) -> None:
    """Wait until a document is set so, in letters of one of these sizes, and nothing is cut off."""
    page, complaints = opened(browser, marked_run(text, "4711"), folder, "#case/a")

    def look() -> list[object]:
        found, size, cut = page.evaluate(SET)
        return [found, size in sizes, cut]

    becomes(look, [css, True, 0])
    assert complaints == []
    page.close()


@pytest.mark.parametrize("rows", [3, 3_000])
def test_columns_of_a_usual_page_fit_the_pane_and_prose_with_labels_is_wrapped(
    browser: Browser, tmp_path: Path, rows: int
) -> None:
    table = "No. 4711\n" + "Part number 12      a part of it        12.50    1   2\n" * rows
    is_set(browser, tmp_path, table, "aligned whole", (12,))
    wide = "No. 4711\n" + f"{'Part':<40}{'of a long table':<40}12.50\n" * rows
    is_set(browser, tmp_path, wide, "aligned whole", tuple(n / 10 for n in range(100, 120)))
    prose = "No. 4711\n" + f"(1)  {'whose registered office is there ' * 4}\n" * rows
    is_set(browser, tmp_path, prose, "aligned", (13,))


IS_A_LINE = """() => {
  const pre = document.querySelector("#paper pre");
  const { width, height } = pre.querySelector("[role=separator]").getBoundingClientRect();
  return height < 3 && width > pre.getBoundingClientRect().width / 2;
}"""


@pytest.mark.parametrize("pages", [3, 3_000])
def test_the_end_of_a_page_is_a_line_across_the_text_and_no_letters(
    browser: Browser, tmp_path: Path, pages: int
) -> None:
    text = "\f".join(f"page {number} of\nit" for number in range(pages))
    last = f"page {pages - 1}"
    page, complaints = opened(browser, marked_run(text, last), tmp_path, "#case/a")
    page.locator("#diff-rows tr[tabindex]").first.focus()
    expect(page.locator("#paper pre [role=separator]")).to_have_count(pages - 1)
    becomes(lambda: page.evaluate(IS_A_LINE), wanted=True)
    measured(page, last)
    assert complaints == []
    page.close()
