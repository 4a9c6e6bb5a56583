"""A reviewer who knows the truth mends planted errors in a real Chromium, by keys alone."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from harness.cases.decisions.truth_text import truth_text
from harness.cases.load import load_suites
from harness.core.values import Json
from harness.run.results.score_cases import Scorer
from tests.posix import needs_posix
from tests.report.conftest import browser
from tests.report.opened import IN_BROWSER, PATIENCE
from tests.review.web.planted import with_errors
from tests.review.web.scripted import Reviewer

__all__ = ["browser"]
pytestmark = [*IN_BROWSER, needs_posix]
HARNESS = [sys.executable, "-m", "harness"]
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Served:
    """A review server in a process of its own."""

    address: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def reviewing(project: Path, suite: str, *options: str) -> Iterator[Served]:
    """Serve a suite with the last run of each of its extractors."""
    command = [*HARNESS, "review", suite, "--as", "ann", "--port", "0", *options]
    with subprocess.Popen(command, cwd=project, text=True, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[0]
        try:
            yield Served(address, process)
        finally:
            process.kill()


def opened(browser: Browser, address: str, width: int = 1280) -> tuple[Page, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
    page.goto(address)
    page.locator("html[data-ready]").wait_for(state="attached")
    return page, complaints


def copied(tmp_path: Path, *suites: str) -> Path:
    """Return a project with shipped suites, and runs of their recorded extractors."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").touch()
    for name in suites:
        for place in (f"evals/{name}", f"ground_truth/{name}"):
            shutil.copytree(ROOT / place, project / place)
    shutil.copytree(ROOT / "prompts", project / "prompts")
    return project


def harness(project: Path, *arguments: str) -> str:
    command = [*HARNESS, *arguments]
    done = subprocess.run(command, cwd=project, text=True, capture_output=True, check=False)
    assert done.returncode in (0, 4), done.stderr
    return done.stdout


def plant(project: Path, suite: str, share: float) -> tuple[dict[str, Json], dict[str, bytes], int]:
    """Plant errors into a suite's truths; return the truths, their files, and how many."""
    (loaded,) = load_suites(project / "evals" / suite)
    scorer = Scorer(loaded.rules)
    truths: dict[str, Json] = {}
    files: dict[str, bytes] = {}
    planted = 0
    for number, case in enumerate(loaded.cases):
        file = loaded.truth_files[case.id]
        text = truth_text(case.truth, case.schema, file.read_text("utf-8"))
        truths[case.id], files[case.id] = case.truth, text.encode()
        wrong, count = with_errors(case, scorer.plan(case.schema, case.rules), share, number)
        file.write_text(truth_text(wrong, case.schema, text), "utf-8")
        planted += count
    return truths, files, planted


def go(page: Page, case: str) -> None:
    page.evaluate(
        "id => { delete document.documentElement.dataset.ready;"
        " location.hash = `#case/${encodeURIComponent(id)}`; }",
        case,
    )
    page.locator(f"html[data-ready={json.dumps(case)}]").wait_for(state="attached")


@pytest.mark.parametrize("share", [0.03, 0.3])
def test_truths_with_planted_errors_come_back_byte_by_byte(
    browser: Browser, tmp_path: Path, share: float
) -> None:
    project = copied(tmp_path, "basics")
    for name in ("careful", "sloppy"):
        harness(project, "run", "evals/basics", "--extractor", name)
    truths, files, planted = plant(project, "basics", share)
    assert planted > 3
    with reviewing(project, "evals/basics") as served:
        page, complaints = opened(browser, served.address)
        reviewer = Reviewer(page, truths)
        fields = 0
        for case in truths:
            go(page, case)
            fields += reviewer.review(case)
        badges = {case: badges_of(page, case) for case in truths}
        page.close()
    assert complaints == []
    found = {case: (project / f"ground_truth/basics/{case}.json").read_bytes() for case in truths}
    assert found == files
    if share < 0.1:
        assert reviewer.keys.total() <= 1.3 * fields
    for case, (careful, sloppy) in badges.items():
        assert careful == scored(project, case, "careful")
        assert sloppy == scored(project, case, "sloppy")


def badges_of(page: Page, case: str) -> tuple[str, str]:
    """Return the badges of both runs on a case."""
    go(page, case)
    texts = page.locator("#case-facts .badge").all_inner_texts()
    by_name = {text.split()[0]: " ".join(text.split()[1:]) for text in texts}
    return by_name["careful"], by_name["sloppy"]


def scored(project: Path, case: str, extractor: str) -> str:
    """Return what `harness score` says of an answer, in the badge's words."""
    answers = sorted((project / f"evals/basics/answers/{extractor}").glob(f"{case}.*"))
    said = harness(
        project,
        *("score", f"ground_truth/basics/{case}.json", str(answers[0])),
        *("--schema", f"evals/basics/schemas/{case}.json", "--format", "json"),
    )
    one = json.loads(said)["cases"][0]
    f1 = "0 %" if one["f1"] == 0 else f"{one['f1'] * 100:.1f} %".replace("100.0", "100")
    figures = (one[f"{name}_positives"] for name in ("true", "false"))
    right, made_up = figures
    return f"F1 {f1} TP {right} FP {made_up} FN {one['false_negatives']}"
