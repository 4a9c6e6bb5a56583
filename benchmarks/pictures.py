"""Make the pictures of the docs anew from the shipped suites; needs Chromium and the test tools.

python benchmarks/pictures.py
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Run `basics` with its sloppy extractor, open the report, and keep what is seen of it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("no Chromium is installed")
    with tempfile.TemporaryDirectory() as reports:
        run = ("run", "evals/basics", "-e", "sloppy", "-q", "--reports", reports)
        subprocess.run((sys.executable, "-m", "harness", *run), cwd=ROOT, check=True)  # noqa: S603
        (page_file,) = Path(reports).glob("*/report.html")
        with sync_playwright() as playwright:
            options = ["--no-sandbox", "--disable-gpu"]
            browser = playwright.chromium.launch(executable_path=chromium, args=options)
            page = browser.new_page(viewport={"width": 1280, "height": 1420})
            page.goto(page_file.as_uri())
            page.screenshot(path=ROOT / "docs" / "report.png")
            browser.close()
    print("docs/report.png")


if __name__ == "__main__":
    main()
