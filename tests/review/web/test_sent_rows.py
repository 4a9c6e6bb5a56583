"""After a decision a page is sent the rows it changed, and is as true as one that was sent all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.review.web.desk_service import DeskService
from harness.review.web.entrance.people import Person, Role
from tests.review.conftest import Desk as Project
from tests.review.conftest import desk
from tests.review.web.served import service

__all__ = ["desk"]
FEW, MANY = 3, 3_000


class Browser:
    """A page that keeps what it was sent, and puts what changed into it."""

    def __init__(self, served: DeskService, name: str) -> None:
        self.served, self.person, self.number = served, Person(name, Role.ADMIN), 0
        self.version: str = ""
        self.rows: dict[str, Any] = {}
        self.sent = 0
        """Rows that the last answer had."""
        self.take(served.alone(served.case, self.person, {"case": "a"}))

    def take(self, one: dict[str, Any]) -> None:
        if "since" not in one:
            self.rows = {}
        else:
            assert one["since"] == self.version
        self.rows |= {json.dumps(row["slots"]): row for row in one["diffs"]}
        self.version, self.sent = one["version"], len(one["diffs"])

    def row(self, path: str) -> dict[str, Any]:
        return next(r for r in self.rows.values() if (r["path"], r["list"]) == (path, False))

    def decide(self, path: str, do: str, **more: object) -> None:
        row, self.number = self.row(path), self.number + 1
        body = {"request": f"{id(self)} {self.number}", "case": "a", "do": do, **more}
        body |= {"path": row["slots"], "sees": row["head"], "knows": self.version}
        if do == "approve":
            body["fields"] = [[row["slots"], row["digest"]]]
        found: Any = self.served.alone(self.served.decide, self.person, body)
        self.take(found["case"])

    def is_true(self) -> bool:
        whole: Any = self.served.alone(self.served.case, self.person, {"case": "a"})
        shown, self.version = list(self.rows.values()), whole["version"]
        rows: list[Any] = whole["diffs"]
        return shown == rows


@pytest.mark.parametrize("number", [FEW, MANY])
def test_after_a_decision_the_row_it_was_about_is_sent_and_no_other(
    desk: Project, number: int
) -> None:
    desk.suite({"a": {f"f{n}": n for n in range(number)}})
    page = Browser(service(desk), "ann")
    assert page.sent == number
    for do, more in (("approve", {}), ("set", {"literal": "77"}), ("note", {"why": "unclear"})):
        page.decide("f1", do, **more)
        assert page.sent == 1
        assert page.is_true()
    assert page.row("f1")["value"] == "77"


@pytest.mark.parametrize(
    ("number", "names"),
    [(FEW, ("ann", "ann")), (FEW, ("ann", "bob")), (MANY, ("ann", "bob"))],
)
def test_two_browsers_on_one_case_each_see_what_the_other_decided(
    desk: Project, number: int, names: tuple[str, str]
) -> None:
    desk.suite({"a": {f"f{n}": n for n in range(number)}})
    served = service(desk)
    one, two = (Browser(served, name) for name in names)
    one.decide("f0", "set", literal="10")
    two.decide("f1", "set", literal="11")
    assert two.row("f0")["value"] == "10"
    assert two.sent == (number if names[0] == names[1] else 2)
    one.decide("f2", "approve")
    assert one.row("f1")["value"] == "11"
    assert one.is_true()
    assert two.row("f2")["state"] == "open"


@pytest.mark.parametrize("number", [FEW, MANY])
def test_a_truth_that_was_edited_by_hand_meanwhile_is_sent_with_the_next_decision(
    desk: Project, number: int
) -> None:
    truth: dict[str, Any] = {f"f{n}": n for n in range(number)}
    desk.suite({"a": truth})
    page = Browser(service(desk), "ann")
    page.decide("f0", "approve")
    desk.write("ground_truth/notes/a.json", json.dumps({**truth, "f2": "by hand"}))
    page.decide("f1", "approve")
    assert page.row("f2")["value"] == '"by hand"'
    assert page.sent == 2
    assert page.is_true()


def test_rows_that_come_or_go_and_a_version_nobody_gave_bring_the_whole_case(
    desk: Project,
) -> None:
    desk.suite({"a": {"rows": [{"n": n} for n in range(5)]}})
    page = Browser(service(desk), "ann")
    slots = page.row("rows[1].n")["slots"][:-1]
    body = {"request": "gone", "case": "a", "do": "remove", "path": slots, "knows": page.version}
    found: Any = page.served.alone(page.served.decide, page.person, body)
    page.take(found["case"])
    assert (page.sent, page.is_true()) == (5, True)
    page.served = service(desk)
    page.decide("rows[0].n", "approve")
    assert (page.sent, page.is_true()) == (5, True)
