"""Two windows that decide in any order, on what each of them has seen: nothing is lost silently."""

from __future__ import annotations

import random
from typing import Any

import pytest

from harness.cases.decisions.case_fold import fold_case
from harness.cases.decisions.decision import Act, Decision
from harness.review.web.desk_service import DeskService
from harness.review.web.entrance.people import Person, Role
from tests.review.conftest import Desk as Project
from tests.review.web.served import rows_of, service

INTERLEAVINGS = 20
STEPS = 8


class Window:
    """A page that is refreshed now and then, and decides on what it shows."""

    def __init__(self, served: DeskService, name: str) -> None:
        self.served = served
        self.person = Person(name, Role.ADMIN)
        self.row = self.look()

    def look(self) -> dict[str, Any]:
        self.row = rows_of(self.served.case(self.person, {"case": "a"}))["total"]
        return self.row

    def decide(self, do: str, number: int, **more: object) -> None:
        body = {"request": f"{self.person.name}{number}", "case": "a", "do": do, **more}
        found = self.served.decide(self.person, {**body, "path": self.row["slots"]})["case"]
        assert isinstance(found, dict)
        self.row = rows_of(found)["total"]

    def act(self, chance: random.Random, number: int) -> None:
        match chance.choice(("look", "approve", "set", "set", "set", "absent")):
            case "look":
                self.look()
            case "approve":
                self.decide("approve", number, fields=[[self.row["slots"], self.row["digest"]]])
            case "absent":
                self.decide("set", number, sees=self.row["head"], literal="null")
            case _:
                value = str(chance.randrange(6))
                self.decide("set", number, sees=self.row["head"], literal=value)


@pytest.mark.parametrize("same_person", [True, False])
def test_whatever_order_two_windows_decide_in_no_value_is_overwritten_unseen(
    desk: Project, *, same_person: bool
) -> None:
    chance = random.Random(16)
    conflicts = 0
    for number in range(INTERLEAVINGS):
        desk.suite({"a": {"total": 5, "city": "Oslo"}})
        for log in desk.root.glob("ground_truth/notes/review/*.jsonl"):
            log.unlink()
        served = service(desk)
        windows = [Window(served, "ann"), Window(served, "ann" if same_person else "bob")]
        for step in range(STEPS):
            chance.choice(windows).act(chance, number * STEPS + step)
        row = windows[0].look()
        assert lost(served, row) == []
        assert (row["state"] == "conflict") == ("+" in (row["head"] or ""))
        conflicts += row["state"] == "conflict"
    assert 0 < conflicts < INTERLEAVINGS


def lost(served: DeskService, row: dict[str, Any]) -> list[str]:
    """Return edits that neither stand, nor are in conflict, nor were seen by who replaced them."""
    edits = [each for each in served.suite.decisions if each.do is Act.SET]
    standing = set((row["head"] or "").split("+"))
    seen = {mark for each in edits for mark in (each.sees or "").split("+")}
    values = {side["value"] for side in row["sides"]} | {row["value"]}
    known = [each for each in edits if each.id in standing | seen or said(each) in values]
    return [
        each.id
        for each in edits
        if not any(
            said(one) == said(each) and (one.id >= each.id or is_said_again(served, each))
            for one in known
        )
    ]


def is_said_again(served: DeskService, edit: Decision) -> bool:
    """Tell whether an edit stated what the truth said already."""
    decisions = served.suite.decisions
    before = fold_case(decisions[: decisions.index(edit)])
    found = before.value()
    return isinstance(found, dict) and found.get("total") == edit.to


def said(edit: Decision) -> str | None:
    """Return the value of an edit as a row has it; two people who say the same are one."""
    return None if edit.to is None else str(edit.to)
