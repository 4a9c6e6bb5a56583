"""Everybody can read the pages: axe-core finds nothing, and colours keep their distance."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # no stubs
from click.testing import CliRunner
from playwright.sync_api import Browser

from harness.cli.main import main
from harness.report.history.index_page import render_index, render_live
from harness.report.history.running_rows import RunningRecord
from harness.report.history.trend_page import render_trends
from harness.report.improvement.improvement_page import render_improvement
from harness.report.rendering.html_page import asset
from tests.patience import PATIENCE
from tests.report.browser.opened import IN_BROWSER, written
from tests.report.fixtures import hostile
from tests.report.history.test_trend_page import past_run
from tests.report.improvement.test_improvement_page import ENTRIES, TEXTS
from tests.report.letters import realistic
from tests.report.records import Record
from tests.view.test_page_pictures import made

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


AT_WORK: RunningRecord = {
    "run_id": "run-at-work",
    "suite": "letters",
    "extractor": "ollama:qwen3-4b",
    "predictions": 5,
    "questions": 28,
    "failures": {"not_json": 2},
    "cached": 1,
    "tokens": 12_000,
    "usd": 0.12,
    "rate": 0.5,
    "waited": ["slow one"],
    "score": {"answers": 5, "macro": 0.5, "micro": 0.6, "interval": (0.3, 0.7), "documents": 5},
    "idle": 2.0,
}


def found_by_axe(browser: Browser, address: str, scheme: Scheme, width: int) -> list[str]:
    """Return what axe-core holds against a page once all that folds is open."""
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        bypass_csp=True,  # or axe could not be put into the page
        reduced_motion="reduce",
    )
    page.set_default_timeout(1_000 * PATIENCE)
    page.goto(address)
    if "report.html" in address:
        page.locator("html[data-ready]").wait_for(state="attached")
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    violations = Axe().run(page).response["violations"]
    page.close()
    return [f"{found['id']}: {node['html']}" for found in violations for node in found["nodes"]]


@pytest.mark.parametrize("scheme", SCHEMES)
class TestAxe:
    """axe-core, on every page, in both themes, wide and narrow."""

    pytestmark = IN_BROWSER

    @pytest.mark.parametrize("width", [1280, 420])
    def test_nothing_is_held_against_the_report(
        self, browser: Browser, tmp_path: Path, scheme: Scheme, width: int
    ) -> None:
        file = written(realistic(complete=False), tmp_path)
        assert found_by_axe(browser, file.as_uri(), scheme, width) == []

    @pytest.mark.parametrize("width", [1280, 420])
    def test_nothing_is_held_against_a_case(
        self, browser: Browser, tmp_path: Path, scheme: Scheme, width: int
    ) -> None:
        address = written(realistic(), tmp_path).as_uri() + "#case/nordvik-seafood-2024"
        assert found_by_axe(browser, address, scheme, width) == []

    @pytest.mark.parametrize("width", [1280, 420])
    def test_nothing_is_held_against_an_improvement(
        self, browser: Browser, tmp_path: Path, scheme: Scheme, width: int
    ) -> None:
        file = tmp_path / "improvement.html"
        file.write_text(render_improvement("notes", ENTRIES, TEXTS), encoding="utf-8")
        assert found_by_axe(browser, file.as_uri(), scheme, width) == []

    def test_nothing_is_held_against_the_index(
        self, browser: Browser, tmp_path: Path, scheme: Scheme
    ) -> None:
        made = realistic(6)
        file = tmp_path / "index.html"
        file.write_text(render_index([{"run": made.run, "results": made.results}]))
        assert found_by_axe(browser, file.as_uri(), scheme, 1280) == []

    @pytest.mark.parametrize("width", [1280, 320])
    def test_nothing_is_held_against_a_page_of_a_document_as_it_looks(
        self, browser: Browser, tmp_path: Path, scheme: Scheme, width: int
    ) -> None:
        with ThreadPoolExecutor(1) as aside:  # the browser has this thread's event loop
            run = aside.submit(made, tmp_path, 1).result()
        assert CliRunner().invoke(main, ["report", str(run), "--pages"]).exit_code == 0
        address = (run / "report.html").as_uri() + "#case/a/total"
        assert found_by_axe(browser, address, scheme, width) == []

    @pytest.mark.parametrize("width", [1280, 320])
    def test_nothing_is_held_against_runs_at_work(
        self, browser: Browser, tmp_path: Path, scheme: Scheme, width: int
    ) -> None:
        letters = realistic(6)
        entries: list[Record] = [
            {"run": {**letters.run, "run_id": f"run-{n}"}, "results": letters.results}
            for n in range(3)
        ]
        entries.append(
            {"run": {**letters.run, "run_id": "run-at-work", "finished": None}, "results": None}
        )
        file = tmp_path / "index.html"
        stale = {"run-1": "1 truth has changed."}
        file.write_text(render_live(entries, [AT_WORK], ["one cannot be read"], stale), "utf-8")
        assert found_by_axe(browser, file.as_uri(), scheme, width) == []

    @pytest.mark.parametrize("width", [1280, 420])
    def test_nothing_is_held_against_the_history(
        self, browser: Browser, tmp_path: Path, scheme: Scheme, width: int
    ) -> None:
        file = tmp_path / "history.html"
        runs = [past_run(number, 0.7 + number / 100, 0.95) for number in range(6)]
        file.write_text(render_trends(runs), encoding="utf-8")
        assert found_by_axe(browser, file.as_uri(), scheme, width) == []

    def test_nothing_is_held_against_a_report_written_by_an_enemy(
        self, browser: Browser, tmp_path: Path, scheme: Scheme
    ) -> None:
        file = written(hostile(), tmp_path)
        assert found_by_axe(browser, file.as_uri(), scheme, 1280) == []


class TestForcedColours:
    """Colours that the reader's system asks for: drawings follow them, too."""

    pytestmark = IN_BROWSER

    def test_a_trend_is_drawn_in_the_colours_of_the_system(
        self, browser: Browser, tmp_path: Path
    ) -> None:
        file = tmp_path / "history.html"
        runs = [past_run(number, 0.7 + number / 100, 0.95) for number in range(6)]
        past = replace(runs[5].past, macro_low=0.6, macro_high=0.9)
        file.write_text(render_trends([*runs[:5], replace(runs[5], past=past)]), encoding="utf-8")
        page = browser.new_page(forced_colors="active")
        page.goto(file.as_uri())
        ink = page.evaluate("getComputedStyle(document.body).color")
        drawn = "(style, names) => [...document.querySelectorAll(names)].map((one) => style(one))"
        texts, lines = (
            page.evaluate(f"({drawn})((one) => getComputedStyle(one).{how}, '.trend :is({names})')")
            for how, names in (
                ("fill", ".tick, .name, .target-label"),
                ("stroke", ".axis, .line, .target, .whisker"),
            )
        )
        assert set(texts) == set(lines) == {ink}
        page.close()


# --- what axe cannot see: text on washes, gradients and drawings -----------------------------

TEXT = [
    *[(ink, "paper") for ink in ("ink", "quiet", "link", "wrong", "format", "omission", "target")],
    *[(ink, "paper") for ink in ("invented", "right-ink", "expected", "predicted")],
    *[(ink, "sheet") for ink in ("ink", "quiet", "wrong", "format", "omission", "invented")],
    *[("ink", ground) for ground in ("expected-wash", "predicted-wash", "on")],
    *[("ink", f"shade-{shade}") for shade in (1, 2, 3)],
    ("on-shade-4", "shade-4"),
    ("wrong", "predicted-wash"),
    ("paper", "wrong"),
]
"""Ink and ground: WCAG AA asks for 4.5 : 1."""
DRAWN = [("bar", "paper"), ("target", "paper"), ("omission", "paper"), ("invented", "paper")]
"""Lines and dots that carry meaning: 3 : 1."""


def palette(scheme: Scheme) -> dict[str, str]:
    """Return the colours of a theme, by name."""
    light, _, dark = asset("page.css").partition("@media screen and (prefers-color-scheme: dark)")
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light.partition("*,")[0]))
    if scheme == "dark":
        colours |= re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark.partition("*,")[0])
    return colours


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, as WCAG 2 defines it: 1 to 21.

    >>> contrast("#ffffff", "#000000")
    21.0
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return round((lighter + 0.05) / (darker + 0.05), 2)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_stands_out_from_its_ground(scheme: Scheme) -> None:
    colours = palette(scheme)
    pale = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in TEXT}
    assert {pair: found for pair, found in pale.items() if found < 4.5} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_drawn_lines_stand_out_from_the_paper(scheme: Scheme) -> None:
    colours = palette(scheme)
    pale = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in DRAWN}
    assert {pair: found for pair, found in pale.items() if found < 3} == {}
