"""A review server in a process of its own, a browser on it, and truths with planted errors."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from harness.cases.decisions.truth_text import truth_text
from harness.cases.load import load_suites
from harness.core.values import Json
from harness.run.results.score_cases import Scorer
from tests.report.browser.opened import Opened, new_tab, ready
from tests.review.web.planted import with_errors

HARNESS = [sys.executable, "-m", "harness"]


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


def opened(browser: Browser, address: str) -> Opened:
    tab = new_tab(browser, height=900)
    ready(tab.page, address)
    return tab


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
