"""Reports opened from disk in a real browser, with no network to ask."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from harness.report.rendering.html_page import render
from tests.patience import PATIENCE, becomes
from tests.report.records import Run

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update"
)

IN_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here"),
]
"""The marks of a test module that opens pages."""


class Opened(NamedTuple):
    """A report in a tab, and what the tab complained of."""

    page: Page
    complaints: list[str]


def written(made: Run, folder: Path) -> Path:
    """Write a report and what lies beside it; return the page's path."""
    file = folder / "report.html"
    rendered = render(*made)
    file.write_text(rendered.html, encoding="utf-8")
    for place, text in rendered.beside.items():
        (folder / place).parent.mkdir(exist_ok=True)
        (folder / place).write_text(text, encoding="utf-8")
    return file


def new_tab(browser: Browser, width: int = 1280, height: int = 800) -> Opened:
    """Return a tab that waits patiently, and in which nothing moves while it is measured."""
    page = browser.new_page(
        viewport={"width": width, "height": height}, reduced_motion="reduce", accept_downloads=True
    )
    page.set_default_timeout(1_000 * PATIENCE)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
    return Opened(page, complaints)


def ready(page: Page, address: str | None = None) -> None:
    """Open an address, or load once more what is open; wait until the page's script is ready."""
    if address is None:
        page.reload()
    else:
        page.goto(address)
    page.locator("html[data-ready]").wait_for(state="attached")


def widens_to(page: Page, width: int) -> None:
    """Give a window a width; wait until the page is as wide, and so nothing sticks out of it."""
    page.set_viewport_size({"width": width, "height": 800})
    becomes(lambda: page.evaluate("document.documentElement.scrollWidth"), width)


def address_ends(text: str) -> re.Pattern[str]:
    """Return what `to_have_url` takes for an address of a certain end."""
    return re.compile(f"{re.escape(text)}$")


def opened(browser: Browser, made: Run, folder: Path, fragment: str = "") -> Opened:
    """Write a report and open it; wait until its script is ready."""
    page, complaints = new_tab(browser)
    page.on("request", lambda request: None if request.url.startswith("file:")
            else complaints.append(f"request {request.url}"))  # fmt: skip
    ready(page, written(made, folder).as_uri() + fragment)
    return Opened(page, complaints)
