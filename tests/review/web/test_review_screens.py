"""What the server says of cases, queues, agreement and held-out documents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cases.decisions.decision import Act
from harness.confidence.tuned_runs import routed_cases
from harness.core.values import Json
from harness.errors import UsageError
from harness.review.web.entrance.people import Role
from harness.review.web.field_form import field_form, item_fields, read_item, read_value
from harness.review.web.screens.queue_screen import is_audited, time_left
from tests.review.conftest import Desk as Project
from tests.review.conftest import decision
from tests.review.web.served import Tab, at_desk, rows_of, service, with_tabs

TRUTH: Json = {"total": 5, "city": "Oslo", "note": None, "rows": [{"n": 1}, {"n": 3}]}
ANSWER: Json = {"total": 6, "city": "Oslo", "rows": [{"n": 1}, {"n": 2}, {"n": 3}]}


@pytest.fixture
def project(desk: Project) -> Project:
    desk.suite({"a": TRUTH, "b": {"total": 7}})
    return desk


def test_a_case_is_grouped_by_what_needs_a_person(project: Project) -> None:
    run = project.run("one", {"a": ANSWER, "b": {"total": 7}})

    async def work(tab: Tab, _: Tab) -> Json:
        await tab.enter()
        return {path: row["group"] for path, row in (await tab.rows("a")).items()}

    assert with_tabs(service(project, [run]), work) == {
        "total": "needs",
        "city": "agreed",
        "note": "absent",
        "rows[0].n": "agreed",
        "rows[1].n": "agreed",
        "rows[]": "lists",
    }


@pytest.mark.parametrize("fields", [3, 200])
def test_where_nobody_said_anything_each_field_needs_a_person_and_none_is_called_absent(
    desk: Project, fields: int
) -> None:
    desk.suite({"a": None})
    number: Json = {"type": "number"}
    properties: Json = {f"f{n}": number for n in range(fields)}
    desk.write("evals/notes/schema.json", json.dumps({"properties": properties}))

    async def work(tab: Tab, _: Tab) -> list[set[str]]:
        await tab.enter()
        before = {row["group"] for row in (await tab.rows("a")).values()}
        status, found = await tab.decide("a", "set", path=["f0"], literal="5")
        assert status == 200, found
        return [before, {row["group"] for row in rows_of(found).values()}]

    assert with_tabs(service(desk), work) == [{"needs"}, {"needs"}]


@pytest.mark.parametrize("lists", [3, 200])
def test_a_list_that_every_draft_leaves_out_is_looked_at_alone(desk: Project, lists: int) -> None:
    desk.suite({"a": None})
    rows: Json = {"type": "array", "items": {"properties": {"n": {"type": "number"}}}}
    properties: dict[str, Json] = {f"l{n}": rows for n in range(lists)}
    schema: Json = {"properties": {**properties, "city": {"type": "string"}}}
    desk.write("evals/notes/schema.json", json.dumps(schema))
    drafts = [desk.run(name, {"a": {}}) for name in ("one", "two")]

    async def work(tab: Tab, _: Tab) -> list[str]:
        await tab.enter()
        found = await tab.rows("a")
        status, told = await tab.decide("a", "set", path=["l0"], literal='[{"n": 1}]')
        assert status == 200, told
        assert rows_of(told)["l0[]"]["group"] == "lists"
        return [row["group"] for row in found.values()]

    assert with_tabs(service(desk, drafts), work) == [*["needs"] * lists, "absent"]


@pytest.mark.parametrize(
    ("offered", "numbers"),
    [([1, 2, 3], [1, 2, 3]), ([0, 1, 3], [0, 1, 3])],
    ids=["at the end", "in front"],
)
def test_an_item_only_a_run_has_goes_where_the_run_has_it(
    project: Project, offered: list[int], numbers: list[int]
) -> None:
    rows: list[Json] = [{"n": number} for number in offered]
    run = project.run("one", {"a": {**as_object(ANSWER), "rows": rows}, "b": {"total": 7}})

    async def work(tab: Tab, _: Tab) -> Json:
        await tab.enter()
        row = (await tab.rows("a"))["rows[]"]
        (item,) = row["said"]
        added = {"literal": item["value"], "after": item["after"]}
        await tab.decide("a", "add", path=[*row["slots"], "new"], **added)
        return project.truth("a")

    found = with_tabs(service(project, [run]), work)
    assert as_object(found)["rows"] == [{"n": number} for number in numbers]


def as_object(value: Json) -> dict[str, Json]:
    assert isinstance(value, dict)
    return value


def test_blind_shows_no_answer_and_no_other_person_until_one_has_decided(project: Project) -> None:
    run = project.run("one", {"a": ANSWER, "b": {"total": 7}})
    project.open(run).decide("bob", "a", [decision(Act.SET, ("total",), 8)])

    async def work(tab: Tab, _: Tab) -> list[Json]:
        await tab.enter()
        case = await tab.get("/api/case", case="a")
        before = rows_of(case)["total"]
        places = (await tab.get("/api/places", case="a"))["places"]
        history = await tab.get("/api/history", case="a", path='["total"]')
        values = [row["value"] for row in case["diffs"] if not row["list"]]
        groups = [row["group"] for row in case["diffs"] if not row["list"]]
        found = [p for each in places for p in each[1:] if p]
        shown = [before["said"], before["by"], before["head"], before["notes"], case["badges"]]
        return [values, groups, [*shown, found, history["lines"]]]

    values, groups, shown = with_tabs(service(project, [run], is_blind=True), work)
    assert values == [None] * 5
    assert groups == ["needs"] * 5
    assert shown == [[], [], None, [], [], [], []]


def test_two_blind_values_that_differ_are_in_conflict_for_an_auditor_to_settle(
    project: Project,
) -> None:
    project.open().decide("bob", "a", [decision(Act.SET, ("total",), 8)])

    async def work(tab: Tab, _: Tab) -> list[Json]:
        await tab.enter()
        row = (await tab.rows("a"))["total"]
        ask: dict[str, Json] = {"path": row["slots"], "sees": row["head"], "literal": "6"}
        _status, case = await tab.decide("a", "set", **ask)
        own = rows_of(case)["total"]
        return [own["state"], own["value"], own["sides"]]

    assert with_tabs(service(project, is_blind=True), work) == ["right", "6", []]

    async def settle(tab: Tab, _: Tab) -> list[Json]:
        await tab.enter()
        (found,) = (await tab.get("/api/conflicts"))["conflicts"]
        return [[side["who"], side["value"]] for side in found["sides"]]

    assert with_tabs(service(project), settle, at_desk("eve")) == [["bob", "8"], ["ann", "6"]]


@pytest.mark.parametrize(("size", "stays"), [(3, True), (3, False), (1_500, True)])
def test_an_item_that_one_edited_and_another_removed_is_one_conflict_with_both_sides(
    desk: Project, size: int, *, stays: bool
) -> None:
    desk.suite({"a": {"rows": [{"n": n, "t": "x"} for n in range(size)]}})
    suite = desk.open()
    suite.decide("bob", "a", [decision(Act.SET, ("rows", "1", "t"), "y")])
    suite.decide("cem", "a", [decision(Act.REMOVE, ("rows", "1"))])

    async def work(tab: Tab, _: Tab) -> None:
        await tab.enter()
        rows = await tab.rows("a")
        sides = [
            (side["who"], side["value"], side["removes"]) for side in rows["rows[1].n"]["sides"]
        ]
        assert sides == [("bob", "1", None), ("cem", None, ["rows", "1"])]
        (one,) = (await tab.get("/api/conflicts"))["conflicts"]
        keep, drop = one["sides"]
        said: dict[str, Json] = {"path": one["slots"], "literal": keep["value"]}
        if stays:
            await tab.decide("a", "set", sees=keep["sees"], **said)
        else:
            await tab.decide("a", "remove", sees=drop["sees"], path=drop["removes"])
        assert (await tab.get("/api/conflicts"))["conflicts"] == []
        states = {row["state"] for row in (await tab.rows("a")).values()}
        assert "conflict" not in states

    with_tabs(service(desk), work, at_desk("eve"))
    found = desk.truth("a")
    assert isinstance(found, dict)
    assert isinstance(found["rows"], list)
    assert len(found["rows"]) == (size if stays else size - 1)
    assert ({"n": 1, "t": "y"} in found["rows"]) is stays


def test_held_out_cases_are_for_auditors_and_show_no_answer(project: Project) -> None:
    split = "split:\n  dev: [a]\n  holdout: [b]"
    project.suite({"a": TRUTH, "b": {"total": 7}}, split)
    run = project.run("one", {"a": ANSWER, "b": {"total": 9}})

    async def annotator(tab: Tab, _: Tab) -> list[object]:
        await tab.enter()
        listed = [case["id"] for case in (await tab.get("/api/queue"))["cases"]]
        statuses = [await tab.status(f"/api/{each}?case=b") for each in ("case", "places")]
        return [listed, *statuses, (await tab.decide("b", "note", why="x"))[0]]

    async def auditor(tab: Tab, _: Tab) -> list[object]:
        await tab.enter()
        queues = [await tab.get("/api/queue", queue=name) for name in ("worst", "held-out")]
        case = await tab.get("/api/case", case="b")
        row = rows_of(case)["total"]
        listed = [[one["id"] for one in queue["cases"]] for queue in queues]
        return [*listed, queues[1]["cases"][0]["badges"], row["said"], row["group"]]

    served = service(project, [run])
    assert with_tabs(served, annotator, at_desk("ann", Role.ANNOTATOR)) == [["a"], 403, 403, 403]
    found = with_tabs(service(project, [run]), auditor, at_desk("ann", Role.AUDITOR))
    assert found == [["a"], ["b"], [], [], "needs"]


def test_people_are_compared_on_what_they_share(project: Project) -> None:
    suite = project.open()
    for person, total in (("ann", 5), ("bob", 5)):
        suite.decide(person, "b", [decision(Act.SET, ("total",), total, blind=True)])

    async def work(tab: Tab, _: Tab) -> list[Json]:
        await tab.enter()
        found = await tab.get("/api/agreement")
        return [found["lead"], [each["title"] for each in found["sections"]]]

    lead, titles = with_tabs(service(project), work)
    assert (
        lead
        == "All who spoke of a field say the same in 100 % (1/1) of the fields two people share."
    )
    assert titles == ["Pairs", "Fields", "Week by week", "Random audit"]
    _, titles = with_tabs(service(project), work, at_desk("ann", Role.ANNOTATOR))
    assert titles == ["Fields", "Week by week", "Random audit"]


def test_a_request_that_comes_again_is_decided_once(project: Project) -> None:
    async def work(tab: Tab, _: Tab) -> int:
        await tab.enter()
        body: Json = {"request": "same", "case": "a", "do": "note", "path": ["total"], "why": "x"}
        for _n in range(3):
            await tab.post("/api/decide", body)
        return len((await tab.rows("a"))["total"]["notes"])

    assert with_tabs(service(project), work) == 1


# --- words and numbers ---------------------------------------------------------------------------


def test_the_time_left_is_told_from_what_was_measured_and_not_before_ten_decisions() -> None:
    one = decision(Act.SET, ("a",), 1, seconds=6.0)
    assert time_left(30, [one] * 9) == "the time left is told after 10 decisions"
    assert time_left(30, [one] * 10) == "about 3 min left (3 min to 3 min)"
    many = decision(Act.APPROVE, fields=tuple(((str(n),), "x") for n in range(9)), seconds=6.0)
    assert time_left(300, [one, many] * 10) == "about 6 min left (4 min to 8 min)"
    assert time_left(0, []) == "nothing is left"


def test_the_random_sample_is_a_twentieth_and_the_same_for_all() -> None:
    chosen = [is_audited("s", f"case-{n % 100}", f"rows[{n}].x") for n in range(20_000)]
    assert 900 < sum(chosen) < 1_100
    assert is_audited("s", "a", "b") == is_audited("s", "a", "b")


def test_a_field_of_the_random_audit_needs_a_person_until_one_looked_at_it_alone(
    desk: Project,
) -> None:
    truth: Json = {f"f{n}": f"v{n}" for n in range(120)}
    desk.suite({"a": truth})
    run = desk.run("one", {"a": truth})
    chosen = {f"f{n}" for n in range(120) if is_audited("notes", "a", f"f{n}")}
    assert 0 < len(chosen) < 20

    async def work(tab: Tab, _: Tab) -> list[object]:
        await tab.enter()
        rows = await tab.rows("a")
        needs = {path for path, row in rows.items() if row["group"] == "needs"}
        every: Json = [[row["slots"], row["digest"]] for row in rows.values()]
        await tab.decide("a", "approve", fields=every)
        listed = len((await tab.get("/api/queue", queue="audit"))["cases"])
        for path in sorted(chosen):
            row = rows[path]
            one: Json = [[row["slots"], row["digest"]]]
            await tab.decide("a", "approve", path=row["slots"], fields=one)
        left = len((await tab.get("/api/queue", queue="audit"))["cases"])
        cards = (await tab.get("/api/agreement"))["sections"][-1]["cards"]
        return [needs, listed, left, cards[0][1]]

    size = len(chosen)
    found = with_tabs(service(desk, [run]), work)
    assert found == [chosen, 1, 0, f"0 % (0/{size})"]


def test_a_new_item_is_written_as_the_others_are() -> None:
    others: Json = [{"n": 1, "note": None}, {"n": 2, "note": None}]
    assert read_item({"n": "3", "note": ""}, item_fields(None, (), others)) == {
        "n": 3,
        "note": None,
    }
    plain: Json = [{"n": 1}, {"n": 2, "note": "x"}]
    assert read_item({"n": "3.50", "note": ""}, item_fields(None, (), plain)) == {"n": 3.5}


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": ["number", "null"]}, "1.234,50 EUR", 1234.5),
        ({"type": "integer"}, "12345678901234567890", 12345678901234567890),
        ({"type": "string", "format": "date"}, "3 Dec 2024", "2024-12-03"),
        ({"type": "string"}, " two\n words ", "two words"),
        ({"enum": ["GBP", "EUR", None]}, "eur", "EUR"),
        ({"type": "boolean"}, "True", True),
        ({"anyOf": [{"type": "null"}, {"type": "number"}]}, "-7", -7),
    ],
)
def test_a_passage_is_read_by_the_fields_schema(schema: Json, text: str, value: Json) -> None:
    found = read_value(text, field_form(schema, ()))
    assert json.dumps(found) == json.dumps(value)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "integer"}, "1.5"),
        ({"type": "number"}, "twelve"),
        ({"type": "string", "format": "date"}, "03/04/2024"),
        ({"enum": ["GBP"]}, "USD"),
    ],
)
def test_a_passage_that_is_no_such_value_is_refused(schema: Json, text: str) -> None:
    with pytest.raises(UsageError):
        read_value(text, field_form(schema, ()))


def test_nothing_of_a_suite_without_truths_is_asked_of_nobody(desk: Project) -> None:
    desk.suite({"a": None, "b": None}, "truth: {require: approved}")
    run: Path = desk.run("one", {"a": {"total": 6}, "b": {"total": 7}})

    async def work(tab: Tab, _: Tab) -> list[Json]:
        await tab.enter()
        row = (await tab.rows("a"))["total"]
        _status, case = await tab.decide("a", "approve", fields=[[row["slots"], row["digest"]]])
        return [row["group"], row["value"], case["drafted"], desk.truth("a")]

    assert with_tabs(service(desk, [run]), work) == ["needs", "6", run.name, {"total": 6}]


@pytest.mark.parametrize("size", [3, 3_000])
def test_what_no_rule_compares_is_shown_as_ignored_and_is_no_field(
    desk: Project, size: int
) -> None:
    rows: list[Json] = [{"id": f"r{n}", "n": n} for n in range(size)]
    desk.suite({"a": {"rows": rows, "total": 1}}, 'rules: {"rows[].id": {ignore: true}}')

    async def work(tab: Tab, _: Tab) -> tuple[list[str], Json, int]:
        await tab.enter()
        found = await tab.get("/api/case", case="a")
        return [row["path"] for row in found["diffs"]], found["ignored"], found["ignoredInAll"]

    paths, ignored, in_all = with_tabs(service(desk), work)
    assert in_all == size
    assert isinstance(ignored, list)
    assert not any(path.endswith(".id") for path in paths)
    assert len(ignored) == min(size, 500)
    assert ignored[:2] == [["rows[0].id", '"r0"'], ["rows[1].id", '"r1"']]


@pytest.mark.parametrize("is_blind", [False, True])
def test_a_queue_begins_with_the_cases_in_which_most_errors_are_expected(
    desk: Project, *, is_blind: bool
) -> None:
    names = [f"c{n:03}" for n in range(30)]
    desk.suite({name: {"total": 7} for name in names})
    run = desk.run("one", {name: {"total": 7} for name in names})
    expected = {name: (n * 7 % 30) / 10 for n, name in enumerate(names)}

    async def work(tab: Tab, _: Tab) -> Json:
        await tab.enter()
        found = await tab.get("/api/queue", queue="routed")
        return [case["id"] for case in found["cases"]]

    listed = with_tabs(service(desk, [run], is_blind=is_blind, expected=expected), work)
    ranked = sorted((n for n in names if expected[n]), key=lambda n: -expected[n])
    assert listed == ([] if is_blind else ranked), "who reviews blind is told nothing by an order"


def test_expected_errors_come_from_the_first_run_with_confidences(desk: Project) -> None:
    desk.suite({"a": {"total": 7}, "b": {"total": 7}})
    plain = desk.run("one", {"a": {"total": 7}, "b": {"total": 7}})
    assert routed_cases([plain]) == {}
    assert routed_cases([]) == {}


def test_a_draft_that_only_its_own_run_confirms_is_in_no_random_audit(desk: Project) -> None:
    said: dict[str, Json] = {f"c{n}": {f"f{m}": m for m in range(40)} for n in range(3)}
    desk.suite(dict.fromkeys(said))
    runs = [desk.run(name, said) for name in ("one", "two")]

    async def work(tab: Tab, _: Tab) -> int:
        await tab.enter()
        queue = await tab.get("/api/queue", queue="audit")
        for row in (await tab.rows("c0")).values():
            await tab.decide(
                "c0", "approve", path=row["slots"], fields=[[row["slots"], row["digest"]]]
            )
        found = await tab.get("/api/agreement")
        audit = next(each for each in found["sections"] if each["title"] == "Random audit")
        return len(queue["cases"]) + len(audit["cards"])

    assert with_tabs(service(desk, runs[:1]), work) == 0
    assert with_tabs(service(desk, runs), work) > 0
