"""Pages of documents beside the fields: served by `harness view`, and kept beside a report."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from click.testing import CliRunner
from playwright.async_api import Page, async_playwright, expect

from harness.cases.documents.reading_process import READING
from harness.cases.load import load_suites
from harness.cli.main import main
from harness.report.folder import write_report
from harness.run.asking.execute import execute, prepare
from harness.run.asking.orders import UNWATCHED, Orders
from harness.view.server import application
from tests.cases.documents.office import IMAGE, pdf
from tests.patience import PATIENCE
from tests.posix import needs_posix
from tests.report.browser.opened import ARGUMENTS, CHROMIUM, IN_BROWSER
from tests.view.test_view import get

LINES = 50
"""On each page of the long document."""

A_FIFTH_IS_POINTED_AT = """() => {
  const wide = (name) => document.querySelector(name)?.getBoundingClientRect().width;
  return Math.abs(wide(".boxes rect.pointed") - wide(".sheet") / 5) < 4;
}"""
"""Both widths in one look: boxes are drawn once more when a picture or its places arrive."""


SHEET_IN_THE_PANE = (
    "document.querySelector('.sheet')?.clientWidth / document.querySelector('#paper').clientWidth"
)
ALL_BOXES_ARE_SMALL = """() => {
  const wide = (one) => one.getBoundingClientRect().width;
  const boxes = [...document.querySelectorAll(".boxes rect.on")].map(wide);
  const most = wide(document.querySelector(".sheet")) / 3;
  return boxes.length === 2 && boxes.every((each) => each > 5 && each < most);
}"""


def long_pages(count: int) -> list[str]:
    return [
        "\n".join(f"row {page * LINES + line} n{page * LINES + line}x" for line in range(LINES))
        for page in range(count)
    ]


def made(root: Path, pages: int) -> Path:
    """Return the folder of a run: a PDF of two pages, a long one, an image, and a text."""
    rows = [f"n{number}x" for number in range(pages * LINES)]
    documents: dict[str, bytes] = {
        "a.pdf": pdf("Invoice 4711\nTotal 80.00 EUR", "Ship to Oslo\n<b>bold</b>"),
        "long.pdf": pdf(*long_pages(pages)),
        "note.txt": b"Total 5",
    }
    truths: dict[str, object] = {
        "a": {"number": "4711", "total": 80.0, "city": "Oslo"},
        "long": {"rows": rows},
        "note": {"total": 5},
    }
    answers: dict[str, object] = {
        "a": {
            "number": "4711",
            "total": 4711,
            "city": {"value": "Bergen", "page": 1, "box": [0.1, 0.1, 0.3, 0.15]},
            "seal": {"value": "red", "page": 2, "box_2d": [500, 500, 600, 600]},
        },
        "long": {"rows": [*rows[:-1], "n0x"]},
        "note": {"total": 6},
    }
    files: dict[str, bytes] = {
        f"evals/s/documents/{name}": data for name, data in documents.items()
    }
    files |= {
        f"ground_truth/s/{name}.json": json.dumps(said).encode() for name, said in truths.items()
    }
    files |= {
        f"evals/s/answers/{name}.json": json.dumps(said).encode() for name, said in answers.items()
    }
    files["evals/s/suite.yaml"] = b"extractor: {kind: recorded, answers: answers}"
    files["pyproject.toml"] = b""
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    (job,) = prepare(load_suites(root / "evals"), [])
    done = execute(job, root / "reports", Orders(), UNWATCHED)
    write_report(done.folder)
    return done.folder


def scanned(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a run: a scan of 3,000 words that another Tesseract read."""
    words = [f"n{number}x" for number in range(3_000)]
    rows = ["level", "1\t1\t0\t0\t0\t0\t0\t0\t100\t3000\t-1\t"]
    rows += [f"5\t1\t1\t1\t{at}\t1\t10\t{at}\t30\t1\t96\t{word}" for at, word in enumerate(words)]
    (root / "read.txt").write_text("\n".join(words))
    (root / "read.tsv").write_text("\n".join(rows))
    program = root / "bin" / "tesseract"
    program.parent.mkdir()
    copies = "\n".join(f'cp "{root}/read.{end}" "$2.{end}"' for end in ("txt", "tsv"))
    program.write_text(f"#!/bin/sh\ncat > /dev/null\n{copies}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(root / "cache"))
    files = {
        "documents/scan.png": IMAGE,
        "ground_truth/scan.json": json.dumps({"words": words}).encode(),
        "answers/scan.json": json.dumps({"words": words}).encode(),
        "suite.yaml": b"reading: {scans: ocr}\nextractor: {kind: recorded, answers: answers}",
    }
    (root / "pyproject.toml").touch()
    for name, data in files.items():
        (root / "evals/s" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "evals/s" / name).write_bytes(data)
    (job,) = prepare(load_suites(root / "evals"), [])
    done = execute(job, root / "reports", Orders(), UNWATCHED)
    write_report(done.folder)
    return done.folder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return made(tmp_path, 3)


def looked_at(
    run: Path, place: str, look: Callable[[Page], Awaitable[None]], *, is_served: bool = True
) -> list[str]:
    """Open a report at a case; return what the browser complained of, and foreign requests."""
    complaints: list[str] = []

    async def follow() -> None:
        async with (
            TestServer(application(run.parent), host="127.0.0.1") as server,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM, args=ARGUMENTS.split(" ")
            )
            page = await browser.new_page(
                viewport={"width": 1280, "height": 800}, reduced_motion="reduce"
            )
            page.set_default_timeout(1_000 * PATIENCE)
            home = str(server.make_url("/")) if is_served else "file:"
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on(
                "request",
                lambda request: (
                    None if request.url.startswith(home) else complaints.append(request.url)
                ),
            )
            file = run / "report.html"
            address = f"{home}{run.name}/report.html" if is_served else file.as_uri()
            await page.goto(f"{address}#case/{place}")
            await page.locator("html[data-ready]").wait_for(state="attached")
            await look(page)
            await browser.close()

    asyncio.run(follow())
    return complaints


async def see_pages(page: Page) -> None:
    """Look at the document of two pages as a reader would."""
    picture = page.locator("#paper img")
    await expect(picture).to_have_attribute("alt", "Page 1 of documents/a.pdf")
    await expect(picture).to_have_js_property("complete", value=True)
    await page.wait_for_function("document.querySelector('#paper img')?.naturalWidth > 500")
    total = page.locator("#diff-rows tr[tabindex]").filter(has_text="total")
    await total.focus()
    boxes = page.locator(".boxes rect.on")
    await expect(boxes).to_have_count(2)
    await page.wait_for_function(ALL_BOXES_ARE_SMALL)
    await expect(page.locator("#paper-key mark")).to_have_text(
        ["expected value", "predicted value"]
    )
    await page.keyboard.press("e")
    await expect(page.get_by_role("button", name="Next place of total")).to_contain_text("2 of 2")
    city = page.locator("#diff-rows tr[tabindex]").filter(has_text="city")
    await city.focus()
    await expect(picture).to_have_attribute("alt", "Page 2 of documents/a.pdf")
    await expect(boxes).to_have_count(1)
    await page.keyboard.press("[")
    await expect(picture).to_have_attribute("alt", "Page 1 of documents/a.pdf")
    await page.wait_for_function(f"{SHEET_IN_THE_PANE} <= 1")
    await page.keyboard.press("+")
    await page.wait_for_function(f"{SHEET_IN_THE_PANE} > 1.2")
    await page.keyboard.press("t")
    await expect(page.locator("#paper pre")).to_contain_text("<b>bold</b>")
    await expect(page.locator("#paper b")).to_have_count(0)


async def see_stated_places(page: Page) -> None:
    """Look at where the answer says that its values stand: on the page, and in words."""
    picture, pointed = page.locator("#paper img"), page.locator(".boxes rect.pointed")
    city = page.locator("#diff-rows tr[tabindex]").filter(has_text="city")
    await city.focus()
    await expect(city).to_contain_text("points to page 1, the expected value stands elsewhere")
    await expect(picture).to_have_attribute("alt", "Page 2 of documents/a.pdf")
    await expect(pointed).to_have_count(0)
    await page.keyboard.press("[")
    await expect(pointed).to_have_count(1)
    await page.wait_for_function(A_FIFTH_IS_POINTED_AT)
    await expect(page.locator("#paper-key .pointed")).to_have_text(
        "where the answer says it stands"
    )
    seal = page.locator("#diff-rows tr[tabindex]").filter(has_text="seal")
    await seal.focus()  # stands nowhere in the text: the answer's own place leads there
    await expect(picture).to_have_attribute("alt", "Page 2 of documents/a.pdf")
    await expect(pointed).to_have_count(1)


class TestInTheBrowser:
    """As a reader sees them."""

    pytestmark = IN_BROWSER

    def test_pages_are_drawn_on_demand_where_view_serves_the_report(self, run: Path) -> None:
        assert looked_at(run, "a", see_pages) == []

    def test_pages_lie_beside_a_report_that_opens_from_disk(self, run: Path) -> None:
        done = CliRunner().invoke(main, ["report", str(run), "--pages"])
        assert (done.exit_code, done.stderr.split(",")[0]) == (0, "5 pages")
        assert looked_at(run, "a", see_pages, is_served=False) == []

    def test_a_run_keeps_pages_beside_its_report_where_it_is_asked_to(self, run: Path) -> None:
        root = run.parents[1]
        again = ["run", str(root / "evals"), "--reports", str(root / "again"), "--pages"]
        done = CliRunner().invoke(main, again)
        assert done.exit_code == 0, done.output
        assert "5 pages" in done.stderr
        (folder,) = [one for one in (root / "again").iterdir() if one.is_dir()]
        assert looked_at(folder, "a", see_pages, is_served=False) == []

    @needs_posix
    def test_words_that_were_read_off_a_scan_have_boxes_on_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = scanned(tmp_path, monkeypatch)

        async def look(page: Page) -> None:
            for number in (1, 2_999):
                await page.locator("#diff-rows tr[tabindex]").nth(number).focus()
                await expect(page.locator(".boxes rect.on")).to_have_count(1)
            top = "Number(document.querySelector('.boxes rect.on')?.getAttribute('y'))"
            await page.wait_for_function(f"Math.abs({top} - 2_999 / 3_000) < 0.001")

        assert looked_at(run, "scan", look, is_served=True) == []

    @pytest.mark.parametrize("is_served", [True, False])
    def test_the_place_that_an_answer_states_is_drawn_on_its_page(
        self, run: Path, *, is_served: bool
    ) -> None:
        if not is_served:
            assert CliRunner().invoke(main, ["report", str(run), "--pages"]).exit_code == 0
        assert looked_at(run, "a", see_stated_places, is_served=is_served) == []

    def test_a_report_from_disk_without_pages_says_where_they_are(self, run: Path) -> None:
        async def look(page: Page) -> None:
            await expect(page.locator("#paper pre")).to_contain_text("Invoice 4711")
            await expect(page.locator("#paper-tools")).to_have_text(
                "Pages as they look: harness view"
            )

        assert looked_at(run, "a", look, is_served=False) == []

    @pytest.mark.parametrize("width", [320, 390])
    def test_on_a_telephone_the_page_leaves_room_for_the_field_it_is_of(
        self, run: Path, width: int
    ) -> None:
        async def look(page: Page) -> None:
            await page.set_viewport_size({"width": width, "height": 900})
            await page.reload()
            await page.locator("html[data-ready]").wait_for(state="attached")
            picture = page.locator("#paper img")
            await expect(picture).to_have_js_property("complete", value=True)
            city = page.locator("#diff-rows tr[tabindex]").filter(has_text="city")
            await city.focus()
            await expect(page.locator(".boxes rect.on")).to_have_count(1)
            high = "document.querySelector('#paper').getBoundingClientRect().height"
            await page.wait_for_function(f"{high} < 0.4 * 900")
            wide = "document.querySelector('#paper img')?.clientWidth"
            await page.wait_for_function(f"{wide} > {width}")  # so that it is read
            await page.wait_for_function("document.documentElement.scrollWidth === innerWidth")

        assert looked_at(run, "a", look) == []

    def test_a_file_that_is_gone_leaves_its_text_and_a_sentence(self, run: Path) -> None:
        (run.parents[1] / "evals/s/documents/a.pdf").unlink()

        async def look(page: Page) -> None:
            await expect(page.locator("#paper")).to_contain_text(
                re.compile(
                    r"The page is not shown: \S+a\.pdf: has changed since it was read\. Hint: "
                )
            )
            await expect(page.locator("#paper mark").first).to_be_visible()

        complaints = looked_at(run, "a", look)
        assert [each for each in complaints if "409" not in each] == []

    def test_without_the_extra_the_text_stays_and_the_sentence_says_what_to_install(
        self, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "lacking").mkdir()
        (tmp_path / "lacking/pypdfium2.py").write_text("raise ImportError('not here')", "utf-8")
        monkeypatch.syspath_prepend(tmp_path / "lacking")
        READING.end()  # the next begins with this path

        async def look(page: Page) -> None:
            paper = page.locator("#paper")
            await expect(paper).to_contain_text("pypdfium2, which is not installed")
            await expect(paper).to_contain_text("pip install 'extraction-harness[documents]'")
            await expect(paper.locator("mark").first).to_be_visible()

        try:
            complaints = looked_at(run, "a", look)
        finally:
            READING.end()
        assert [each for each in complaints if "409" not in each] == []

    def test_each_of_three_thousand_values_leads_to_its_own_page_and_box(
        self, tmp_path: Path
    ) -> None:
        run = made(tmp_path, 60)

        async def look(page: Page) -> None:
            await page.get_by_role("button", name="All fields").click()
            for number in (0, 1_777, 2_998):
                await page.locator("#diff-rows tr[tabindex]").nth(number).focus()
                picture = page.locator("#paper img")
                where = f"Page {number // LINES + 1} of documents/long.pdf"
                await expect(picture).to_have_attribute("alt", where)
                await expect(page.locator(".boxes rect.on")).to_have_count(1)
                # the one wrong answer repeats the first value
                shown = LINES + (number == 0)
                await expect(page.locator(".boxes rect")).to_have_count(shown)

        assert looked_at(run, "long", look) == []


@pytest.mark.parametrize(("pages", "left"), [(10, 0), (11, 9), (300, 298)])
def test_how_many_pages_of_a_long_document_are_not_kept_is_said(
    tmp_path: Path, pages: int, left: int
) -> None:
    files: dict[str, bytes] = {
        "evals/s/documents/a.pdf": pdf(*["Preface"] * (pages - 1), "Total 4711"),
        "ground_truth/s/a.json": b'{"total": 4711}',
        "evals/s/answers/a.json": b'{"total": 4711}',
        "evals/s/suite.yaml": b"extractor: {kind: recorded, answers: answers}",
        "pyproject.toml": b"",
    }
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    (job,) = prepare(load_suites(tmp_path / "evals"), [])
    run = execute(job, tmp_path / "reports", Orders(), UNWATCHED).folder
    done = CliRunner().invoke(main, ["report", str(run), "--pages"])
    assert f"{pages - left} pages, " in done.stderr
    said = f"{left} pages of 1 long document without values left out: harness view shows them"
    assert (said in done.stderr) is (left > 0)
    assert len([*(run / "report-pages").iterdir()]) == pages - left


def test_only_pages_of_the_runs_own_documents_are_handed_out(run: Path) -> None:
    (run.parents[1] / "secret.pdf").write_bytes(pdf("secret"))
    asked = f"/{run.name}/page.png?case=a&document=0&page="
    assert get(run.parent, f"{asked}1").headers["Content-Type"] == "image/png"
    assert get(run.parent, f"{asked}3").status == 409
    assert get(run.parent, f"{asked}0").status == 409
    for query in ("", "?case=a", "?case=a&document=-1&page=1", "?case=a&document=0&page=x"):
        assert get(run.parent, f"/{run.name}/page.png{query}").status == 404
    assert get(run.parent, f"/{run.name}/page.png?case=b&document=0&page=1").status == 409
    cases = (run / "cases.jsonl").read_text("utf-8")
    stolen = cases.replace('"name":"documents/a.pdf"', '"name":"../../secret.pdf"')
    (run / "cases.jsonl").write_text(stolen, "utf-8")
    assert get(run.parent, f"{asked}1").status == 409


def test_boxes_count_as_javascript_does(run: Path) -> None:
    asked = f"/{run.name}/boxes.json?case=a&document=0&page=1&spans="
    (first,), (second,) = json.loads(get(run.parent, f"{asked}0-7,8-12").text)["boxes"]
    assert first[0] < first[2] < second[0] < second[2]
    assert json.loads(get(run.parent, f"{asked}x").text) == {"boxes": []}
    assert json.loads(get(run.parent, f"{asked}900-901,7-3").text) == {"boxes": [[], []]}


def test_the_policy_of_a_page_names_images_only_where_it_has_any(run: Path) -> None:
    def policy(text: str) -> str:
        found = re.search('Content-Security-Policy" content="([^"]*)"', text)
        assert found is not None
        return found[1].replace("&#39;", "'")

    on_disk = policy((run / "report.html").read_text("utf-8"))
    assert "img-src" not in on_disk
    assert "connect-src" not in on_disk
    served = policy(get(run.parent, f"/{run.name}/report.html").text)
    asking = "; img-src 'self'; connect-src 'self'"
    assert served.replace(asking, "") == on_disk
    CliRunner().invoke(main, ["report", str(run), "--pages"])
    kept = policy((run / "report.html").read_text("utf-8"))
    assert kept.replace("; img-src 'self'", "") == on_disk
    assert policy(get(run.parent, f"/{run.name}/report.html").text) == served
    (name, *_) = sorted(path.name for path in (run / "report-pages").iterdir())
    assert (
        get(run.parent, f"/{run.name}/report-pages/{name}").headers["Content-Type"] == "image/png"
    )
