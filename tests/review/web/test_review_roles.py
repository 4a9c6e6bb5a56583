"""What each role may do, as the server enforces it; who works on which case."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.values import Json
from harness.review.web.entrance.people import NamedTokens, Role, invite
from tests.review.conftest import Desk as Project
from tests.review.web.served import Tab, service, with_tabs

ROLES = {
    "decide": (200, 200, 200),
    "settle": (403, 200, 200),
    "open what is held out": (403, 200, 200),
    "pairs by name": (0, 1, 1),
    "what others did": (0, 0, 1),
    "people": (403, 403, 200),
    "let somebody in": (403, 403, 200),
}
"""What each role gets, in the order annotator, auditor, admin."""


@pytest.fixture
def project(desk: Project) -> Project:
    desk.suite({"a": {"total": 5}, "b": {"total": 7}})
    return desk


def test_each_role_may_do_what_the_table_says_and_nothing_else(desk: Project) -> None:
    split = "split:\n  dev: [c0, c1, c2]\n  holdout: [held]"
    desk.suite({name: {"total": 5} for name in ("c0", "c1", "c2", "held")}, split)
    file = desk.root / "reviewers.toml"
    admin = invite(file, "eve", Role.ADMIN)
    found: dict[str, list[int]] = {name: [] for name in ROLES}

    async def work(tab: Tab, eve: Tab, token: str, case: str) -> None:
        await tab.enter(token)
        await eve.enter(admin)
        row = (await tab.rows(case))["total"]
        ask = {"path": row["slots"], "sees": row["head"]}
        await eve.decide(case, "set", literal="50", **ask)
        status, held = await tab.decide(case, "set", literal="60", **ask)
        found["decide"].append(status)
        head = next(r for r in held["diffs"] if r["path"] == "total")["head"]
        settle = {"path": row["slots"], "sees": head, "literal": "8"}
        found["settle"].append((await tab.decide(case, "set", **settle))[0])
        found["open what is held out"].append(await tab.status("/api/case?case=held"))
        agreed, board = await tab.get("/api/agreement"), await tab.get("/api/board")
        found["pairs by name"].append(int("Pairs" in str(agreed)))
        found["what others did"].append(int("'eve'" in str(board)))
        found["people"].append(await tab.status("/api/people"))
        new = {"do": "invite", "name": f"new {case}", "role": "annotator"}
        found["let somebody in"].append((await tab.post("/api/person", new))[0])

    for number, role in enumerate(Role):
        case, token = f"c{number}", invite(file, f"r{number}", role)
        served = service(desk, people=file)
        with_tabs(served, lambda t, e, o=token, c=case: work(t, e, o, c), NamedTokens(file))  # type: ignore[misc]
    assert {name: tuple(got) for name, got in found.items()} == ROLES


def test_an_admin_lets_people_in_and_out_while_the_server_runs(
    project: Project, tmp_path: Path
) -> None:
    file = tmp_path / "reviewers.toml"
    admin = invite(file, "eve", Role.ADMIN)

    async def work(tab: Tab, other: Tab) -> list[object]:
        await tab.enter(admin)
        new = {"do": "invite", "name": "bob", "role": "annotator"}
        _, made = await tab.post("/api/person", new)
        seen: list[object] = [await other.enter(made["token"])]
        await tab.post("/api/person", {"do": "role", "name": "bob", "role": "auditor"})
        seen.append((await other.get("/api/suite"))["role"])
        await tab.post("/api/person", {"do": "remove", "name": "bob"})
        seen.append(await other.status("/api/suite"))
        for what in ({"do": "role", "role": "annotator"}, {"do": "remove"}):
            status, said = await tab.post("/api/person", {"name": "eve", **what})
            seen += [status, "only admin" in said["problems"][0]]
        return seen

    served = service(project, people=file)
    found = with_tabs(served, work, NamedTokens(file))
    assert found == [200, "auditor", 401, 422, True, 422, True]
    assert file.stat().st_mode & 0o077 == 0


def test_a_lease_lasts_fifteen_minutes_after_the_last_act_and_is_taken_over_with_a_sentence(
    project: Project, tmp_path: Path
) -> None:
    file, clock = tmp_path / "reviewers.toml", [0.0]
    ann, bob = invite(file, "ann", Role.ANNOTATOR), invite(file, "bob", Role.ANNOTATOR)
    served = service(project, people=file)
    served.leases.clock = lambda: clock[0]

    async def holder(tab: Tab, *, active: bool) -> Json:
        found: Json = (await tab.post("/api/hold", {"case": "a", "active": active}))[1]["holder"]
        return found

    async def work(tab: Tab, other: Tab) -> list[object]:
        await tab.enter(ann)
        await other.enter(bob)
        seen: list[object] = [await holder(tab, active=True), await holder(other, active=True)]
        clock[0] = 14 * 60.0
        seen.append(await holder(tab, active=False))  # an open window renews nothing
        seen.append(await holder(other, active=False))
        row = (await other.rows("a"))["total"]
        seen.append((await other.decide("a", "note", path=row["slots"], why="both work"))[0])
        for why in (" ", "ann is on leave"):
            status, said = await other.post("/api/claim", {"case": "a", "why": why})
            seen += [status, said.get("holder")]
        seen.append((await tab.post("/api/hold", {"case": "a", "active": False}))[1]["lost"])
        queue = (await tab.get("/api/queue"))["cases"]
        seen.append(next(each["holder"] for each in queue if each["id"] == "a"))
        clock[0] += 15 * 60.0
        seen.append(await holder(tab, active=False))
        return seen

    assert with_tabs(served, work, NamedTokens(file)) == [
        None,
        {"name": "ann", "minutes": 15},
        None,
        {"name": "ann", "minutes": 1},
        200,
        422,
        None,
        200,
        None,
        {"by": "bob", "why": "ann is on leave"},
        {"name": "bob", "minutes": 15},
        None,
    ]
    assert "ann is on leave" in project.harness("truth", "log", "evals/notes", "a").output
