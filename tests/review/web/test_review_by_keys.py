"""A reviewer who knows the truth mends planted errors in a real Chromium, by keys alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from harness.core.values import Json
from tests.patience import becomes
from tests.posix import needs_posix
from tests.report.browser.opened import IN_BROWSER
from tests.report.conftest import browser
from tests.review.conftest import Desk as Project
from tests.review.conftest import desk
from tests.review.web.by_keys import go, harness, opened, plant, reviewing
from tests.review.web.scripted import Reviewer

__all__ = ["browser", "desk"]
pytestmark = [*IN_BROWSER, needs_posix]
ROOT = Path(__file__).parents[3]


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
        for case in truths:
            go(page, case)
            badges = [scored(project, case, name) for name in ("careful", "sloppy")]
            becomes(lambda: sorted(page.locator("#case-facts .badge").all_inner_texts()), badges)
        page.close()
    assert complaints == []
    found = {case: (project / f"ground_truth/basics/{case}.json").read_bytes() for case in truths}
    assert found == files
    if share < 0.1:
        assert reviewer.keys.total() <= 1.3 * fields


@pytest.mark.parametrize("count", [3, 300])
def test_all_fields_of_an_item_are_said_right_by_one_key_and_what_is_in_doubt_is_not(
    browser: Browser, desk: Project, count: int
) -> None:
    items: list[Json] = [{"a": n, "b": n, "c": n} for n in range(count)]
    desk.suite({"one": {"rows": items, "total": 1}})
    with reviewing(desk.root, "evals/notes") as served:
        page, complaints = opened(browser, served.address)
        go(page, "one")
        page.locator('.field[aria-label="rows[0].b, open"]').focus()
        page.keyboard.press("d")
        page.keyboard.press("Enter")
        page.locator('.field[aria-label="rows[0].a, open"]').focus()
        page.keyboard.press("Y")
        expect(page.locator("#unsent")).to_be_empty()
        states = "all => all.map(one => one.ariaLabel)"
        fields = page.locator('.field[aria-label^="rows[0]."]')
        becomes(
            lambda: fields.evaluate_all(states),
            ["rows[0].a, right", "rows[0].b, disputed", "rows[0].c, right"],
        )
        expect(page.locator(".field.right")).to_have_count(2)
        page.keyboard.press("Y")
        expect(page.locator("#said")).to_contain_text("looked at alone")
        page.locator('.field[aria-label="rows[1].c, open"]').focus()
        page.keyboard.press("Y")
        expect(page.locator(".field.right")).to_have_count(5)
        expect(page.locator("#unsent")).to_be_empty()
        page.close()
    assert complaints == []
    lines = (desk.root / "ground_truth/notes/review/ann.jsonl").read_text("utf-8").splitlines()
    approved = [
        len(said["fields"]) for line in lines if (said := json.loads(line))["do"] == "approve"
    ]
    assert approved == [2, 3]


@pytest.mark.parametrize("count", [3, 3_000])
def test_fields_that_one_key_says_are_right_stay_on_the_page_and_are_not_built_anew(
    browser: Browser, desk: Project, count: int
) -> None:
    desk.suite({"one": {f"f{n:04}": n for n in range(count)}})
    with reviewing(desk.root, "evals/notes") as served:
        page, complaints = opened(browser, served.address)
        go(page, "one")
        page.evaluate("() => { window.before = [...document.querySelectorAll('.field')]; }")
        page.keyboard.press("a")
        expect(page.locator(".field.right")).to_have_count(count)
        expect(page.locator("#unsent")).to_be_empty()
        expect(page.locator(".field.pending")).to_have_count(0)
        expect(page.locator("#next")).to_be_focused()
        kept = "window.before.filter((one) => one.isConnected).length"
        becomes(lambda: page.evaluate(kept), count - 1)  # the one in hand was drawn larger
        # of which those out of sight are not laid out
        expect(page.locator(".parcel")).to_have_count(-(-count // 40))
        said = "(all) => all.map((one) => one.ariaLabel + one.querySelector('.state').title)"
        labels = [f"f{n:04}, rightright: ann" for n in range(count)]
        becomes(lambda: page.locator(".field").evaluate_all(said), labels)
        page.close()
    assert complaints == []


def scored(project: Path, case: str, extractor: str) -> str:
    """Return what `harness score` says of an extractor's answer, in the badge's words."""
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
    return f"{extractor} F1 {f1} TP {right} FP {made_up} FN {one['false_negatives']}"
