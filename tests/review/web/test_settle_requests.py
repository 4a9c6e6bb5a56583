"""Every kind of conflict is settled by what the page Settle sends, whichever side is taken."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from harness.cases.decisions.decision import Act, Decision
from harness.core.values import Json
from tests.review.conftest import Desk as Project
from tests.review.conftest import decision, desk
from tests.review.web.served import Tab, service, with_tabs

__all__ = ["desk"]
TRUTHS = "ground_truth/notes"


def _rows(size: int) -> list[Json]:
    return [{"n": n, "m": f"m{n}"} for n in range(size)]


def _edits(size: int) -> dict[str, tuple[Decision, Decision]]:
    """Return what two people do who do not see each other, by the kind of conflict."""
    edited = decision(Act.SET, ("rows", "1", "n"), 77)
    turned = decision(Act.SET, ("rows",), _rows(size)[::-1])
    street = decision(Act.SET, ("address", "street"), "Elm")
    return {
        "a value twice": (decision(Act.SET, ("total",), 6), decision(Act.SET, ("total",), 7)),
        "an item edited and removed": (edited, decision(Act.REMOVE, ("rows", "1"))),
        "an item removed and edited": (decision(Act.REMOVE, ("rows", "1")), edited),
        "a list turned round and edited": (edited, turned),
        "a list edited and turned round": (turned, edited),
        "an object and its field": (street, decision(Act.SET, ("address",), "Elm 1")),
    }


def _decided(project: Project, kind: str, size: int) -> None:
    truth: dict[str, Json] = {"total": 5, "address": {"street": "Oak"}, "rows": _rows(size)}
    if kind in _edits(size):
        project.suite({"a": truth})
        suite = project.open()
        for person, made in zip(("ann", "bo"), _edits(size)[kind], strict=True):
            suite.decide(person, "a", [made])
        suite.settle()
        return
    new: Json = {"n": -1, "m": "new"}
    others: dict[str, Json] = {
        "first truths": {**truth, "total": 6, "rows": [*_rows(size)[1:], new]},
        "first truths, one a list": _rows(size),
        "first truths, an object in one": {**truth, "address": "Elm 1"},
    }
    logs: list[tuple[str, bytes]] = []
    clones: list[tuple[str, Json]] = [("bo", others[kind]), ("ann", truth)]
    for person, first in clones:
        shutil.rmtree(TRUTHS, ignore_errors=True)
        project.suite({"a": first})
        project.open().decide(person, "a", [decision(Act.CLAIM)])
        logs += [(file.name, file.read_bytes()) for file in Path(TRUTHS).glob("review/*.jsonl")]
    for name, log in logs:
        Path(TRUTHS, "review", name).write_bytes(log)


async def _settle(tab: Tab, side: int) -> list[str]:
    """Take the same side of every conflict, as the page does; return what was asked."""
    paths: list[str] = []
    await tab.enter()
    for _ in range(12):
        found: list[dict[str, Any]] = (await tab.get("/api/conflicts"))["conflicts"]
        if not found:
            return paths
        paths.append(found[0]["path"])
        one, taken = found[0], found[0]["sides"][side]
        gone = taken["value"] is None and one["gone"]
        value = None if gone else taken["value"] or "null"
        body: dict[str, Json] = {"path": one["slots"], "gone": gone, "literal": value}
        do = "set"
        if taken["removes"]:
            do, body = "remove", {"path": taken["removes"]}
        told = await tab.decide("a", do, sees=taken["sees"], shows_rows=False, **body)
        assert told == (200, {"id": "a"})
    raise AssertionError(paths)


KINDS = {
    "a value twice": ["total"],
    "an item edited and removed": ["rows[1].n"],
    "an item removed and edited": ["rows[1].n"],
    "a list turned round and edited": ["rows"],
    "a list edited and turned round": ["rows[1].n"],
    "an object and its field": ["address"],
    "first truths": ["total", "rows[0].n", "rows[-1].n"],
    "first truths, one a list": ["$"],
    "first truths, an object in one": ["address"],
}


AT_SIZE = ("a list turned round and edited",)


@pytest.mark.parametrize(
    ("kind", "side", "size"),
    [
        *((kind, side, 3) for kind in KINDS for side in (0, 1)),
        *((kind, 1, 3_000) for kind in AT_SIZE),
    ],
)
def test_whichever_side_is_taken_nothing_is_left_to_settle(
    desk: Project, kind: str, side: int, size: int
) -> None:
    _decided(desk, kind, size)

    async def work(one: Tab, two: Tab) -> list[str]:
        del two
        return await _settle(one, side)

    paths = with_tabs(service(desk), work)
    assert len(paths) == len(KINDS[kind])
    case = desk.open().case("a")
    assert not case.history.conflicts
    assert not case.hand_edits
    assert desk.truth("a") == case.truth
