"""The report on paper: every page read back from the PDF that the browser prints."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from harness import evaluate
from harness.report.folder import write_report
from tests.report.browser.opened import IN_BROWSER

pypdfium2 = pytest.importorskip("pypdfium2")
pytestmark = IN_BROWSER
COLUMNS = ("Field", "Costs", "Precision", "Recall", "F1", "Values", "Omission")


def printed(browser: Browser, folder: Path, fields: int) -> list[str]:
    """Return the text of each printed page of a report on so many fields, each of them wrong."""
    truth = {f"field_{at:03}": f"value {at}" for at in range(fields)}
    report = evaluate([truth], [{name: f"other {name}" for name in truth}])
    html = write_report(report.save(folder / "run")).page
    page = browser.new_page()
    page.goto(html.as_uri())
    page.locator("html[data-ready]").wait_for(state="attached")
    file = folder / "printed.pdf"
    page.pdf(path=file, format="A4")
    page.close()
    document = pypdfium2.PdfDocument(file)
    return [" ".join(one.get_textpage().get_text_range().split()) for one in document]


@pytest.mark.parametrize("fields", [3, 60])
def test_sums_are_printed_once_and_headings_on_every_page_of_a_table(
    browser: Browser, tmp_path: Path, fields: int
) -> None:
    pages = printed(browser, tmp_path, fields)
    assert sum(page.count("All that is lost") for page in pages) == 1
    of_fields = [page for page in pages if "1 wrong value like" in page]
    assert len(of_fields) > fields // 30
    for page in of_fields:
        assert [word for word in COLUMNS if word not in page] == [], page


def test_no_list_is_printed_without_its_names_and_no_button_at_all(
    browser: Browser, tmp_path: Path
) -> None:
    whole = " ".join(printed(browser, tmp_path, 60))
    assert ", ," not in whole
    assert "All errors" not in whole
    assert "Show all" not in whole
    assert "Copy as Markdown" not in whole
