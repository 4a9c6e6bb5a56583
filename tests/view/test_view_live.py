"""The list of runs in a real browser, while a run is at work."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import async_playwright, expect

from harness.view.server import application
from tests.patience import PATIENCE
from tests.view.test_view import names, reports

__all__ = ["reports"]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here"),
]


def replaced(file: Path, said: bytes) -> bytes:
    """Give a file another content at once, as runs do; return the one it had."""
    before = file.read_bytes()
    file.with_suffix(".new").write_bytes(said)
    file.with_suffix(".new").replace(file)
    return before


def changed(line: bytes, **values: object) -> bytes:
    """Return a line of JSON with other values."""
    return json.dumps(json.loads(line) | values).encode() + b"\n"


def test_the_page_follows_a_run_to_its_end(
    reports: Path,  # the fixture
    tmp_path: Path,
) -> None:
    copied = tmp_path / "reports"
    shutil.copytree(reports, copied)
    run = copied / names(copied)[0]
    record, answers, cases = (run / f for f in ("run.json", "predictions.jsonl", "cases.jsonl"))
    ended = replaced(record, changed(record.read_bytes(), finished=None))
    line = answers.read_bytes()
    case = replaced(cases, cases.read_bytes() + changed(cases.read_bytes(), id="b"))

    async def follow() -> list[str]:
        complaints: list[str] = []
        async with (
            TestServer(application(copied), host="127.0.0.1") as server,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            page = await browser.new_page()
            page.set_default_timeout(1_000 * PATIENCE)
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            await page.goto(str(server.make_url("/")))
            said = page.locator("#running [data-says=words]")
            await expect(said).to_contain_text("1 of 2 answers")
            await expect(page.locator("#spoken")).to_be_empty()
            replaced(answers, line + changed(line, case_id="b"))
            await expect(said).to_contain_text("2 of 2 answers")
            await expect(page.locator("#spoken")).to_contain_text("100 % done")
            replaced(record, ended)
            await expect(page.locator("#running")).to_be_hidden()
            replaced(cases, case)
            boxes = page.locator("input[name=run]")
            await expect(boxes).to_have_count(2)
            for number in range(2):
                await boxes.nth(number).check()
            await page.get_by_role("button", name="Compare the ticked runs").click()
            await expect(page.locator("body")).to_contain_text("total")
            await browser.close()
        return complaints

    assert asyncio.run(follow()) == []


def test_an_empty_page_fills_once_a_run_begins(reports: Path, tmp_path: Path) -> None:
    empty = tmp_path / "reports"

    async def follow() -> None:
        async with (
            TestServer(application(empty), host="127.0.0.1") as server,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            page = await browser.new_page()
            page.set_default_timeout(1_000 * PATIENCE)
            await page.goto(str(server.make_url("/")))
            await expect(page.locator("main")).to_contain_text("No run yet.")
            shutil.copytree(reports, empty)
            await expect(page.locator("table.runs a")).to_have_count(2)
            await browser.close()

    asyncio.run(follow())
