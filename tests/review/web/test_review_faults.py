"""What can go wrong in a review: kills, two tabs, hostile values, screens nobody can read."""

from __future__ import annotations

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # no stubs
from playwright.sync_api import Browser, Locator, Page, expect

from harness.cases.decisions.decision import Act, Decision
from harness.core.values import Json
from tests.cases.documents.office import pdf
from tests.patience import PATIENCE, becomes
from tests.report.browser.opened import IN_BROWSER, ready
from tests.report.browser.test_accessible import SCHEMES, Scheme
from tests.report.conftest import browser
from tests.review.conftest import Desk as Project
from tests.review.conftest import desk
from tests.review.web.by_keys import go, harness, opened, reviewing

__all__ = ["browser", "desk"]
pytestmark = IN_BROWSER
HOSTILE = "<img src=x onerror=alert(1)>\u202e'\"</script><script>alert(2)</script>{{7*7}}"


@pytest.fixture
def project(desk: Project) -> Project:
    truth: Json = {"total": 5, "city": "Oslo", "rows": [{"n": 1}, {"n": 2}]}
    desk.suite({"a": truth, "b": {"total": 7, "city": None}}, texts="Total 5 Oslo 1 2")
    ran(desk, {"a": {"total": 6, "city": "Oslo", "rows": [{"n": 1}, {"n": 3}]}, "b": {}})
    return desk


def ran(desk: Project, answers: dict[str, Json]) -> None:
    """Run recorded answers in a process of its own: the browser has this one's event loop."""
    for case, answer in answers.items():
        desk.write(f"evals/notes/one/{case}.json", json.dumps(answer))
    harness(desk.root, "run", "evals/notes", "--extractor", "one")


def field_in(page: Page, state: str) -> Locator:
    """Return the field of a path in a state, such as `total, right`."""
    return page.locator(f'.field[aria-label="{state}"]')


def test_a_killed_server_loses_nothing_it_acknowledged_and_the_page_says_what_is_not_saved(
    browser: Browser, project: Project
) -> None:
    with reviewing(project.root, "evals/notes") as served:
        page, _ = opened(browser, served.address)
        go(page, "a")
        page.keyboard.press("1")
        expect(page.locator("#unsent")).to_be_empty()
        served.kill()
        page.keyboard.press("Enter")
        expect(page.locator("#trouble")).to_contain_text("1 decision not saved yet")
        page.close()
    assert project.truth("a") == {"total": 6, "city": "Oslo", "rows": [{"n": 1}, {"n": 2}]}
    with reviewing(project.root, "evals/notes") as served:
        page, complaints = opened(browser, served.address)
        go(page, "a")
        expect(field_in(page, "total, right")).to_have_count(1)
        expect(field_in(page, "rows[1].n, open")).to_have_count(1)
        page.close()
    assert complaints == []


def test_two_tabs_overwrite_nothing_silently_and_all_values_are_shown(
    browser: Browser, project: Project
) -> None:
    with reviewing(project.root, "evals/notes") as served:
        (one, _), (two, _) = opened(browser, served.address), opened(browser, served.address)
        for page in (one, two):
            go(page, "a")
        one.keyboard.press("1")
        expect(one.locator("#unsent")).to_be_empty()
        two.keyboard.press("e")
        two.keyboard.press("Control+a")
        two.keyboard.insert_text("9")
        two.keyboard.press("Enter")
        row = two.locator('.field[aria-label="total, in conflict"]')
        expect(row).to_be_visible()
        row.focus()
        expect(row.locator(".choices .holds")).to_have_text(["6", "9"])
        assert project.truth("a") == {"total": 6, "city": "Oslo", "rows": [{"n": 1}, {"n": 2}]}
        two.keyboard.press("2")
        expect(two.locator('.field[aria-label="total, right"]')).to_be_attached()
        expect(two.locator("#unsent")).to_be_empty()
        one.close()
        two.close()
    found = project.truth("a")
    assert isinstance(found, dict)
    assert found["total"] == 9


def test_an_item_added_in_two_tabs_that_did_not_see_each_other_is_one_item(
    browser: Browser, project: Project
) -> None:
    with reviewing(project.root, "evals/notes") as served:
        pages = [opened(browser, served.address)[0] for _ in range(2)]
        for page in pages:
            go(page, "a")
        for page in pages:
            page.locator('.field[aria-label="rows, open"]').focus()
            page.keyboard.press("+")
            page.keyboard.insert_text("5")
            page.keyboard.press("Enter")
            expect(page.locator("#unsent")).to_be_empty()
        for page in pages:
            page.close()
    rows: Json = [{"n": 1}, {"n": 2}, {"n": 5}]
    assert project.truth("a") == {"total": 5, "city": "Oslo", "rows": rows}
    log = (project.root / "ground_truth/notes/review/ann.jsonl").read_text("utf-8")
    added = [said for line in log.splitlines() if (said := json.loads(line))["do"] == "add"]
    assert [said["sees"] for said in added] == ["", ""]


def test_what_is_taken_back_is_as_it_was(browser: Browser, project: Project) -> None:
    before = project.truth("a")
    with reviewing(project.root, "evals/notes") as served:
        page, complaints = opened(browser, served.address)
        go(page, "a")
        page.keyboard.press("1")
        expect(page.locator('.field[aria-label="total, right"]')).to_be_attached()
        page.keyboard.press("u")
        expect(page.locator('.field[aria-label="total, open"]')).to_be_attached()
        expect(page.locator(".field.at")).to_have_attribute("aria-label", "total, open")
        page.close()
    assert complaints == []
    assert project.truth("a") == before


def test_a_blind_reviewer_gives_a_value_and_then_sees_what_runs_say(
    browser: Browser, project: Project
) -> None:
    with reviewing(project.root, "evals/notes", "--blind") as served:
        page, complaints = opened(browser, served.address)
        go(page, "a")
        expect(page.locator("#fields")).not_to_contain_text("6")
        page.keyboard.press("Enter")
        page.keyboard.insert_text("5")
        page.keyboard.press("Enter")
        row = page.locator('.field[aria-label="total, right"]')
        expect(page.locator("#unsent")).to_be_empty()
        row.focus()
        expect(row.locator(".choices .holds")).to_have_text(["6"])
        page.close()
    assert complaints == []
    log = (project.root / "ground_truth/notes/review/ann.jsonl").read_text("utf-8")
    last = json.loads(log.splitlines()[-1])
    assert (last["do"], last["blind"], "saw" in last) == ("set", True, False)


def test_a_passage_that_was_found_by_keys_becomes_the_value_with_its_evidence(
    browser: Browser, project: Project
) -> None:
    with reviewing(project.root, "evals/notes") as served:
        page, complaints = opened(browser, served.address)
        go(page, "b")
        page.locator('.field[aria-label="city, open"]').focus()
        page.keyboard.press("/")
        page.keyboard.type("oslo")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        page.keyboard.press("m")
        expect(page.locator('.field[aria-label="city, right"]')).to_contain_text("Oslo")
        expect(page.locator("#unsent")).to_be_empty()
        page.close()
    assert complaints == []
    assert project.truth("b") == {"total": 7, "city": "Oslo"}
    log = (project.root / "ground_truth/notes/review/ann.jsonl").read_text("utf-8")
    last = json.loads(log.splitlines()[-1])
    assert last["evidence"] == ["documents/b.txt", 8, 12]


def test_hostile_truths_documents_answers_and_names_are_shown_and_never_run(
    browser: Browser, desk: Project
) -> None:
    truth: Json = {HOSTILE: HOSTILE, "rows": [{"n": HOSTILE}]}
    desk.suite({"a": truth}, f"description: {json.dumps(HOSTILE)}", texts=HOSTILE)
    ran(desk, {"a": {HOSTILE: f"{HOSTILE}!", "rows": [{"n": 1}, {"n": HOSTILE}]}})
    name = "<b onclick=alert`3`>x"
    with reviewing(desk.root, "evals/notes", "--as", name) as served:
        page, complaints = opened(browser, served.address)
        go(page, "a")
        page.keyboard.press("d")
        page.keyboard.insert_text(HOSTILE)
        page.keyboard.press("Enter")
        expect(page.locator("#unsent")).to_be_empty()
        page.keyboard.press("k")
        page.keyboard.press("h")
        expect(page.locator(".past")).to_be_visible()
        expect(page.locator("#stage img, #stage script, #stage b")).to_have_count(0)
        expect(page.locator("#fields")).to_contain_text("alert(1)")
        for screen in ("queue", "settle", "board", "agreement"):
            page.evaluate(f"location.hash = '#{screen}'")
            expect(page.locator("#stage h1")).to_be_visible()
        page.close()
    assert complaints == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_nothing_is_held_against_any_screen(
    browser: Browser, project: Project, scheme: Scheme
) -> None:
    found: list[str] = []
    two_weeks(project)
    with reviewing(project.root, "evals/notes") as served:
        for width in (1280, 390):
            page = browser.new_page(
                viewport={"width": width, "height": 900},
                color_scheme=scheme,
                bypass_csp=True,
                reduced_motion="reduce",
            )
            page.set_default_timeout(1_000 * PATIENCE)
            ready(page, served.address)
            found += held_against(page, "queue")
            go(page, "a")
            found += held_against(page, "case")
            page.keyboard.press("e")
            found += held_against(page, "editor")
            page.keyboard.press("Escape")
            page.keyboard.press("?")
            found += held_against(page, "keys")
            page.keyboard.press("Escape")
            for screen in ("settle", "board", "agreement"):
                page.evaluate(f"location.hash = '#{screen}'")
                expect(page.locator("#stage h1")).to_have_text(re.compile(screen, re.IGNORECASE))
                found += held_against(page, screen)
            weeks = re.compile(r"^ann\. \d{4}-W\d\d: 100 %\. \d{4}-W\d\d: 100 %$")
            expect(page.locator("svg.trend")).to_have_attribute("aria-label", weeks)
            page.close()
    assert found == []


def two_weeks(project: Project) -> None:
    """Let ann decide something in a week of autumn, and something now."""
    project.open().decide("ann", "b", [Decision("", "", "", "", Act.SET, path=("total",), to=7)])
    log = project.root / "ground_truth/notes/review/ann.jsonl"
    log.write_text(re.sub(r'"at":"[^"]*"', '"at":"2026-10-20T10:00:00Z"', log.read_text("utf-8")))
    project.open().decide(
        "ann", "b", [Decision("", "", "", "", Act.SET, path=("city",), to="Rome")]
    )


def held_against(page: Page, screen: str) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [f"{screen} {v['id']}: {node['html']}" for v in violations for node in v["nodes"]]


def test_an_answer_to_a_key_is_on_screen_before_the_server_has_answered(
    browser: Browser, project: Project
) -> None:
    with reviewing(project.root, "evals/notes") as served:
        page, _ = opened(browser, served.address)
        page.route("**/api/decide", lambda _: None)
        go(page, "a")  # what is asked for here shows that requests are held back by now
        page.keyboard.press("Enter")
        expect(page.locator('.field[aria-label="total, right"]')).to_have_class(
            re.compile("pending")
        )
        expect(page.locator("#unsent")).to_have_text("saving 1…")
        page.close()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--queue", "wurst"], "did you mean 'worst'"),
        (["--auth", "header:X-User"], "--trust"),
        (["--auth", "magic"], "header:NAME or tokens:FILE"),
        (["--auth", "tokens:none.toml"], "--invite"),
        (["--as", "a\nb"], "no name of a person"),
        (["--invite", "ann"], "tokens:FILE"),
    ],
)
def test_what_cannot_be_served_is_told_before_anything_listens(
    project: Project, arguments: list[str], said: str
) -> None:
    done = project.harness("review", "evals/notes", *arguments)
    assert done.exit_code in (2, 3)
    assert said in done.output


def draw_a_box(page: Page, across: tuple[float, float], down: float) -> None:
    """Draw a box around a line of a page that is shown; places are shares of its picture."""
    page.locator("#paper img").scroll_into_view_if_needed()
    left, top, width, height = page.evaluate(
        "() => { const box = document.querySelector('#paper img').getBoundingClientRect();"
        " return [box.left, box.top, box.width, box.height]; }"
    )
    line = top + height * down
    page.mouse.move(left + width * across[0], line - 9)
    page.mouse.down()
    page.mouse.move(left + width * across[1], line + 9, steps=4)
    page.mouse.up()


def test_pages_are_shown_as_they_look_with_values_boxed_turned_zoomed_and_marked(
    browser: Browser, desk: Project
) -> None:
    pages = ["Invoice 7\nTotal 5.00", "Terms\nCity Oslo", "Page three"]
    desk.suite({"a": {"total": 5, "city": "Bergen"}})
    (desk.root / "evals/notes/documents/a.txt").unlink()
    (desk.root / "evals/notes/documents/a.pdf").write_bytes(pdf(*pages))
    with reviewing(desk.root, "evals/notes") as served:
        page, complaints = opened(browser, served.address)
        go(page, "a")
        picture = page.locator("#paper img")
        expect(page.locator("#paper rect.on")).to_have_count(1)
        whole = "document.querySelector('#paper img')?.naturalWidth > 500"
        becomes(lambda: page.evaluate(whole), wanted=True)
        page.get_by_role("button", name="Larger").click()
        expect(page.locator("#paper-tools")).to_contain_text("140 %")
        page.get_by_role("button", name="Smaller").click()
        page.keyboard.press("j")
        page.keyboard.press("]")
        expect(picture).to_have_attribute("alt", re.compile("Page 2 of"))
        expect(picture).to_have_js_property("complete", value=True)
        draw_a_box(page, (0.16, 0.6), 1 - 690 / 792)
        expect(page.locator("#chosen")).to_contain_text("Oslo")
        page.keyboard.press("m")
        expect(page.locator("#unsent")).to_be_empty()
        page.keyboard.press("t")
        expect(page.locator("#paper pre")).to_contain_text("City Oslo")
        page.close()
    assert complaints == []
    assert desk.truth("a") == {"total": 5, "city": "Oslo"}
