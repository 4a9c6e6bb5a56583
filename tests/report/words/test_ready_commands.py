"""Commands on a page run when pasted into a shell, whatever cases and fields are called."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, expect

from harness.cli.main import main
from tests.report.browser.opened import IN_BROWSER, new_tab, ready

pytestmark = IN_BROWSER

NAMES = ("plain", "it's $HOME `id`", "a b", "-dash", "ünïcode*")
"""Cases and keys that a shell would act on."""


def written(project: Path) -> None:
    """Write a suite in which every case has an omission, a wrong value and something made up."""
    files = {"evals/notes/suite.yaml": "extractors:\n  one: {kind: recorded, answers: answers}\n"}
    for name in NAMES:
        truth = {"total": 5, "it's $x": "y", "rows": [{"a b": 1}]}
        answer = {"total": 6, "rows": [{"a b": 2}], "-made up": "z"}
        files[f"evals/notes/documents/{name}.txt"] = "Total 5"
        files[f"evals/notes/answers/{name}.json"] = json.dumps(answer)
        files[f"ground_truth/notes/{name}.json"] = json.dumps(truth)
    for path, text in files.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, "utf-8")


def pasted(line: str) -> list[str]:
    """Return the words a shell makes of a line."""
    said = subprocess.run(
        ["/bin/sh", "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True, text=True
    )
    return said.stdout.split("\0")[:-1]


def test_every_command_beside_a_field_runs(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path)
    subprocess.run([sys.executable, "-m", "harness", "run", "-q"], check=True, capture_output=True)
    (report,) = (tmp_path / "reports").glob("*/report.html")
    page, _ = new_tab(browser)
    ready(page, report.as_uri())
    expect(page.locator("#case-rows th a")).to_have_count(len(NAMES))
    ran = 0
    for name in NAMES:
        page.locator("#case-rows").get_by_role("link", name=name, exact=True).click()
        expect(page.locator("#case-title")).to_have_text(name)
        lines = page.locator("#diff-rows .commands code")
        expect(lines).to_have_count(10)
        for line in lines.all_text_contents():
            words = pasted(line)
            assert words == shlex.split(line)
            said = CliRunner().invoke(main, words[1:], catch_exceptions=False)
            assert said.exit_code == 0, (line, said.output)
            ran += 1
        page.keyboard.press("Escape")
    assert ran == 10 * len(NAMES)
    page.close()
