"""Reports opened from disk in a real browser, with no network to ask."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from harness.report.rendering.html_page import render
from tests.report.records import Run

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update"
)

PATIENCE = 60_000
"""Milliseconds until a page is taken to hang: long, for the machine may be busy otherwise."""

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


def opened(browser: Browser, made: Run, folder: Path, fragment: str = "") -> Opened:
    """Write a report and open it; wait until its script is ready."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
    page.on("request", lambda request: None if request.url.startswith("file:")
            else complaints.append(f"request {request.url}"))  # fmt: skip
    page.goto(written(made, folder).as_uri() + fragment)
    page.locator("html[data-ready]").wait_for(state="attached")
    return Opened(page, complaints)
