"""A team in browsers: conflicts settled by keys, cases taken over, people let in."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # no stubs
from playwright.sync_api import Browser, Page, expect

from harness.review.web.entrance.people import Role, invite
from tests.report.browser.opened import IN_BROWSER, new_tab, ready
from tests.report.conftest import browser
from tests.review.conftest import Desk as Project
from tests.review.conftest import desk
from tests.review.web.by_keys import HARNESS, go

__all__ = ["browser", "desk"]
pytestmark = IN_BROWSER


@contextmanager
def team(project: Path, people: Path) -> Iterator[str]:
    """Serve the suite to the people of a file of tokens; yield the address."""
    command = [*HARNESS, "review", "evals/notes", "--port", "0", "--auth", f"tokens:{people}"]
    with subprocess.Popen(command, cwd=project, text=True, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[0]
        finally:
            process.kill()


def entered(browser: Browser, address: str, token: str, complaints: list[list[str]]) -> Page:
    """Open a page of one person, in a browser context of their own."""
    page, heard = new_tab(browser, height=900)
    ready(page, f"{address}?token={token}")
    complaints.append(heard)
    return page


def typed(page: Page, row: str, text: str) -> None:
    page.locator(f'.field[aria-label^="{row}, "]').focus()
    page.keyboard.press("e")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")
    expect(page.locator("#unsent")).to_be_empty()


def at(page: Page, screen: str, title: str) -> None:
    page.evaluate(
        "name => { delete document.documentElement.dataset.ready; location.hash = name; }", screen
    )
    page.locator(f'html[data-ready="{title}"]').wait_for(state="attached")


def people(desk: Project) -> tuple[Path, list[str]]:
    """Return a file of two annotators and an admin, and their tokens."""
    file = desk.root / "reviewers.toml"
    roles = {"ann": Role.ANNOTATOR, "bob": Role.ANNOTATOR, "eve": Role.ADMIN}
    return file, [invite(file, name, role) for name, role in roles.items()]


def test_what_two_people_said_is_settled_by_a_digit_beside_the_document(
    browser: Browser, desk: Project
) -> None:
    desk.suite({"a": {"total": 5}, "b": {"total": 7}}, texts="Total 6 or 8")
    file, tokens = people(desk)
    complaints: list[list[str]] = []
    with team(desk.root, file) as address:
        ann, bob, eve = (entered(browser, address, token, complaints) for token in tokens)
        for case in ("a", "b"):
            for page in (ann, bob):
                go(page, case)
            typed(ann, "total", "6")
            typed(bob, "total", "8")
        assert (desk.truth("a"), desk.truth("b")) == ({"total": 6}, {"total": 6})
        at(bob, "settle", "Settle")
        bob.keyboard.press("2")  # an annotator takes no side
        expect(bob.locator("#said")).to_contain_text("An auditor settles")
        at(eve, "settle", "Settle")
        expect(eve.locator(".conflict mark")).to_have_text(["6", "8", "6", "8"])
        expect(eve.locator("#paper pre mark")).to_have_text(["6", "8"])
        expect(eve.locator("#paper .key mark")).to_have_text(["ann", "bob"])
        assert Axe().run(eve).response["violations"] == []
        eve.keyboard.press("2")
        expect(eve.locator(".conflict.done")).to_have_count(1)
        eve.keyboard.press("1")
        expect(eve.locator("#settle-lead")).to_have_text("All of it is settled.")
        expect(eve.locator("#unsent")).to_be_empty()
        assert (desk.truth("a"), desk.truth("b")) == ({"total": 8}, {"total": 6})
    assert not any(complaints)


def test_a_case_is_taken_over_by_keys_and_an_admin_lets_somebody_in(
    browser: Browser, desk: Project
) -> None:
    desk.suite({"a": {"total": 5}, "b": {"total": 7}})
    file, tokens = people(desk)
    complaints: list[list[str]] = []
    with team(desk.root, file) as address:
        ann, bob, eve = (entered(browser, address, token, complaints) for token in tokens)
        go(ann, "a")
        expect(ann.locator("#lease")).to_be_empty()
        go(bob, "a")
        expect(bob.locator("#lease")).to_contain_text("ann works on this case")
        assert Axe().run(bob).response["violations"] == []
        bob.keyboard.press("o")
        bob.keyboard.insert_text("ann is on leave")
        bob.keyboard.press("Enter")
        expect(bob.locator("#lease")).to_be_empty()
        at(eve, "queue", "queue")
        expect(eve.locator(".holder")).to_have_text(["bob · 15 min"])
        at(eve, "people", "People")
        assert Axe().run(eve).response["violations"] == []
        eve.locator("#new-person").fill("dan")
        eve.get_by_role("button", name="Let in", exact=True).click()
        expect(eve.locator("#token")).to_have_text(re.compile("^dan:"))
        entered(browser, address, eve.locator("#token").inner_text(), complaints)
    assert not any(complaints)
