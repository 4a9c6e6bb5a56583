"""Make the pictures of the docs anew from the shipped suites; needs Chromium and the test tools.

python benchmarks/pictures.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from harness.cases.decisions.decision import Act, Decision
from harness.core.values import Json
from harness.review.reviewed_suite import ReviewedSuite

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Make every picture of the docs."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("no Chromium is installed")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        project = _copy(Path(folder))
        _picture_of_report(browser, project)
        _pictures_of_review(browser, project)
        browser.close()


def _copy(folder: Path) -> Path:
    """Return a copy of the shipped suite, with a run of each recorded extractor."""
    project = folder / "project"
    for name in ("basics", "orders"):
        for place in (f"evals/{name}", f"ground_truth/{name}"):
            shutil.copytree(ROOT / place, project / place)
    shutil.copytree(ROOT / "prompts", project / "prompts")
    (project / "pyproject.toml").touch()
    _harness(project, "run", "evals/basics", "-e", "sloppy", "-q")
    _harness(project, "run", "evals/orders", "-q")
    return project


def _harness(project: Path, *arguments: str) -> None:
    subprocess.run((sys.executable, "-m", "harness", *arguments), cwd=project, check=True)  # noqa: S603


def _picture_of_report(browser: Browser, project: Path) -> None:
    """Show the worst run from the top."""
    (file,) = project.glob("reports/*sloppy/report.html")
    page = browser.new_page(viewport={"width": 1280, "height": 1420})
    page.goto(file.as_uri())
    _keep(page, "report.png")


def _pictures_of_review(browser: Browser, project: Path) -> None:
    """Show the queue, and the case whose truth has a slip, on the field it is in."""
    command = [sys.executable, "-m", "harness", "review", "evals/orders", "--as", "ann"]
    server = subprocess.Popen(  # noqa: S603
        [*command, "--port", "0"], cwd=project, text=True, stdout=subprocess.PIPE
    )
    try:
        assert server.stdout is not None  # noqa: S101  # asked for above
        address = server.stdout.readline().split()[0]
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(address)
        page.locator("html[data-ready=queue]").wait_for(state="attached")
        _keep(page, "review-queue.png")
        page.goto(f"{address.split('?')[0]}#case/order-1042")
        page.locator("html[data-ready=order-1042]").wait_for(state="attached")
        page.locator('.field[aria-label^="lines[0].quantity"]').focus()
        _keep(page, "review-case.png")
        _contradict(project)
        page.goto(f"{address.split('?')[0]}#settle")
        page.locator("html[data-ready=Settle]").wait_for(state="attached")
        page.locator("#paper mark").first.wait_for()
        _keep(page, "review-settle.png")
    finally:
        server.terminate()
        server.wait()


def _contradict(project: Path) -> None:
    """Let two people change the same fields, neither having seen what the other said."""
    os.chdir(project)
    case = ReviewedSuite.open(Path("evals/orders")).case("order-1042")
    fields = {field.path: field for field in case.fields}
    edited: dict[str, dict[str, Json]] = {
        "bob": {"lines[0].quantity": 21, "lines[1].description": "Shelf, oak"},
        "eve": {"lines[0].quantity": 12, "lines[1].description": "Shelf"},
    }
    for person, values in edited.items():
        edits = [
            Decision("", "", "", "", Act.SET, path=fields[at].slots, to=to, sees=fields[at].head)
            for at, to in values.items()
        ]
        ReviewedSuite.open(Path("evals/orders")).decide(person, "order-1042", edits)


def _keep(page: Page, name: str) -> None:
    page.screenshot(path=ROOT / "docs" / name)
    print(f"docs/{name}")


if __name__ == "__main__":
    main()
