"""Below 20 documents every surface with an interval says what so few cannot tell."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

import harness
from harness.view.server import application
from tests.cli.conftest import Project

WORDS = "kinds that are rare and read badly may not be among them"


def pages(reports: Path) -> str:
    async def fetched() -> str:
        async with TestClient(TestServer(application(reports), host="127.0.0.1")) as client:
            return await (await client.get("/")).text()

    return asyncio.run(fetched())


@pytest.mark.parametrize(("count", "is_few"), [(3, True), (19, True), (20, False)])
def test_every_surface_of_a_run_says_so(project: Project, count: int, *, is_few: bool) -> None:
    project.suite(*(f"c{number:02}" for number in range(count)))
    surfaces = {"run": project.harness("run", "evals/notes").out}
    project.harness("run", "evals/notes", "-q")
    surfaces["gate"] = project.harness("gate", "last", "--fail-under", "macro=0.5").out
    for form in ("markdown", "github"):
        surfaces[form] = project.harness("export", "last", "--format", form).out
    surfaces["compare"] = project.harness("compare", "last~1", "last").out
    project.harness("history")
    surfaces["trends"] = (project.root / "reports/history.html").read_text("utf-8")
    surfaces["index"] = (project.root / "reports/index.html").read_text("utf-8")
    surfaces["view"] = pages(project.root / "reports")
    reports = sorted((project.root / "reports").glob("*/report.html"))
    surfaces["page"] = reports[0].read_text("utf-8")
    assert {name: WORDS in text for name, text in surfaces.items()} == dict.fromkeys(
        surfaces, is_few
    )


@pytest.mark.parametrize(("count", "is_few"), [(3, True), (3000, False)])
def test_a_report_in_python_says_so(count: int, *, is_few: bool) -> None:
    truths = {f"c{number}": {"total": number} for number in range(count)}
    report = harness.evaluate(truths, {**truths, "c0": {"total": -1}})
    assert (WORDS in repr(report)) is is_few
    assert (WORDS in report._repr_html_()) is is_few  # what a notebook shows
