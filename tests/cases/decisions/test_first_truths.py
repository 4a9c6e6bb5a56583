"""Two people in two copies of a repository make the first truth of the same case."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.cases.decisions.case_fold import fold_case
from harness.cases.decisions.case_history import CaseHistory, SlotList
from harness.cases.decisions.decision import Act, Decision, Slots
from harness.core.values import Json

AT = "2026-11-30T02:31:07.000+00:00"
DOC = "d" * 20


class Copy:
    """One copy's log: every decision names the one before it."""

    def __init__(self, by: str, start: int, truth: Json, draft: str | None = None) -> None:
        self.by, self.start = by, start
        self.made: list[Decision] = []
        self._write(Decision("", AT, by, "a", Act.BASE, DOC, to=truth, draft=draft))

    def history(self) -> CaseHistory:
        return fold_case(self.made)

    def _write(self, decision: Decision) -> None:
        number = self.start + 2 * len(self.made)  # the copies' moments alternate
        on = (self.made[-1].end,) if self.made else ()
        self.made.append(decision._replace(id=f"{number:06d}-{number:08x}", on=on))

    def set(self, path: Slots, to: Json, do: Act = Act.SET) -> None:
        sees = self.history().head(path)
        if do is Act.ADD:
            sees = self.history().heads.get(path[:-1], "")
        self._write(Decision("", AT, self.by, "a", do, DOC, path, to=to, sees=sees))

    def approve(self, *paths: Slots) -> None:
        history = self.history()
        fields = tuple((path, history.digest(path)) for path in paths)
        self._write(Decision("", AT, self.by, "a", Act.APPROVE, DOC, fields=fields))


def merged(*copies: Copy) -> list[Decision]:
    return sorted((each for copy in copies for each in copy.made), key=lambda each: each.id)


def sides(history: CaseHistory, path: Slots) -> list[tuple[str, Json, str]]:
    return [
        (e.by, "gone" if e.gone or e.do is Act.REMOVE else e.to, e.do.value)
        for e in history.conflict(path)
    ]


def settled(decisions: Sequence[Decision], path: Slots, to: Json, do: Act = Act.SET) -> CaseHistory:
    """Let somebody who has seen both sides decide."""
    history = fold_case(decisions)
    ends = {each.end for each in decisions} - {end for each in decisions for end in each.on}
    made = Decision("999999-ffffffff", AT, "cy", "a", do, DOC, path, to=to)
    made = made._replace(sees=history.head(history.place(path)), on=tuple(sorted(ends)))
    return fold_case([*decisions, made])


def rows(size: int) -> list[Json]:
    return [{"sku": f"S-{n}", "qty": n, "name": f"Part {n}"} for n in range(size)]


@pytest.mark.parametrize("size", [3, 3_000])
def test_what_two_first_truths_state_differently_is_a_conflict_and_all_else_is_one(
    size: int,
) -> None:
    ours, theirs = rows(size), rows(size)
    theirs.reverse()  # the same items, in another order
    theirs[0] = {"sku": f"S-{size - 1}", "qty": 99, "name": f"Part {size - 1}"}
    ann = Copy("ann", 0, {"total": 5, "city": "Bern", "lines": ours})
    bo = Copy("bo", 1, {"total": 6, "city": "Bern", "lines": theirs, "note": "x"})
    history = fold_case(merged(ann, bo))
    last: Slots = ("lines", str(size - 1), "qty")
    assert set(history.conflicts) == {("total",), last, ("note",)}
    assert sides(history, ("total",)) == [("ann", 5, "set"), ("bo", 6, "set")]
    assert sides(history, last) == [("ann", size - 1, "set"), ("bo", 99, "set")]
    assert sides(history, ("note",)) == [("ann", "gone", "set"), ("bo", "x", "set")]
    value = history.value()
    assert value == {"total": 5, "city": "Bern", "lines": ours, "note": "x"}


@pytest.mark.parametrize("size", [3, 3_000])
def test_an_item_that_only_one_first_truth_has_stays_until_it_is_settled(size: int) -> None:
    ann = Copy("ann", 0, {"lines": rows(size)})
    lamp: Json = {"sku": "new", "qty": 7, "name": "Lamp"}
    bo = Copy("bo", 1, {"lines": [*rows(size)[1:], lamp]})
    decisions = merged(ann, bo)
    history = fold_case(decisions)
    value = history.value()
    assert isinstance(value, dict)
    assert isinstance(value["lines"], list)
    assert len(value["lines"]) == size + 1
    added = bo.made[0].end + f"-{size - 1}"
    assert set(history.conflicts) == {("lines", "0"), ("lines", added)}
    assert sides(history, ("lines", "0", "qty")) == [
        ("ann", rows(size)[0], "set"),
        ("bo", "gone", "remove"),
    ]
    gone = settled(decisions, ("lines", "0"), None, Act.REMOVE)
    assert set(gone.conflicts) == {("lines", added)}
    kept = settled(decisions, ("lines", added, "qty"), 7)
    assert set(kept.conflicts) == {("lines", "0")}


def test_who_has_seen_both_settles_and_the_next_fold_is_at_rest() -> None:
    decisions = merged(Copy("ann", 0, {"total": 5}), Copy("bo", 1, {"total": 6}))
    history = settled(decisions, ("total",), 6)
    assert (history.value(), history.conflicts) == ({"total": 6}, {})
    assert [each.by for each in history.approved_by(("total",), DOC)] == ["cy"]


def test_who_has_seen_one_of_both_does_not_settle() -> None:
    decisions = merged(Copy("ann", 0, {"total": 5}), Copy("bo", 1, {"total": 6}))
    late = decisions[0]._replace(id="999999-ffffffff", by="cy", do=Act.SET, path=("total",), to=7)
    history = fold_case([*decisions, late._replace(on=(decisions[0].end,))])
    assert sorted(str(each.to) for each in history.conflict(("total",))) == ["6", "7"]
    both = tuple(each.end for each in decisions)
    history = fold_case([*decisions, late._replace(on=both, sees=None)])
    assert [each.to for each in history.conflict(("total",))] == [5, 6, 7]


@pytest.mark.parametrize("size", [3, 3_000])
def test_drafts_of_two_runs_are_united_by_what_people_decided_about_their_items(size: int) -> None:
    # The second run lists the rows the other way round: a row's number means another row there.
    ours, theirs = rows(size), rows(size)[::-1]
    ann = Copy("ann", 0, {"total": 5, "lines": ours}, draft="run-1")
    bo = Copy("bo", 1, {"total": 6, "lines": theirs}, draft="run-2")
    ann.approve(("lines", "1", "qty"))
    bo.set(("lines", "0", "qty"), 50)
    bo.approve(("total",), ("lines", "0", "sku"), ("lines",))
    history = fold_case(merged(ann, bo))
    last = str(size - 1)
    assert history.conflicts == {}
    assert history.drafted_by == "run-1"
    edited: Json = {"sku": f"S-{last}", "qty": 50, "name": f"Part {last}"}
    assert history.value() == {"total": 6, "lines": [*ours[:-1], edited]}
    approved = {p: [a.by for a in history.approved_by(p, DOC)] for p in history.approvals}
    assert approved == {
        ("lines", "1", "qty"): ["ann"],
        ("total",): ["bo"],
        ("lines", last, "qty"): ["bo"],
        ("lines", last, "sku"): ["bo"],
        ("lines",): ["bo"],
    }


def test_a_truth_is_stated_and_a_draft_is_not() -> None:
    ann = Copy("ann", 0, {"total": 5, "lines": [{"x": 1}]}, draft="run-1")
    bo = Copy("bo", 1, {"total": 6, "lines": []})
    history = fold_case(merged(ann, bo))
    assert (history.value(), history.drafted_by) == ({"total": 6, "lines": []}, None)
    ann.approve(("lines", "0", "x"))
    history = fold_case(merged(ann, bo))
    assert set(history.conflicts) == {("lines", "0")}
    assert history.value() == {"total": 6, "lines": [{"x": 1}]}


def test_an_item_that_both_added_to_their_first_truth_is_one() -> None:
    lines: Json = [{"x": 1}]
    ann, bo = Copy("ann", 0, {"lines": lines}), Copy("bo", 1, {"lines": lines, "n": 2})
    ann.set(("lines", "aa"), {"x": 7, "y": 8}, Act.ADD)
    bo.set(("lines", "bb"), {"x": 7, "y": 9}, Act.ADD)
    decisions = merged(ann, bo)
    history = fold_case(decisions)
    assert set(history.conflicts) == {("n",), ("lines", "aa", "y")}
    node = history.node(("lines",))[1]
    assert isinstance(node, SlotList)
    assert list(node.items) == ["0", "aa"]
    late = settled(decisions, ("lines", "bb", "y"), 9)  # a window that knows bo's copy only
    assert late.value() == {"lines": [{"x": 1}, {"x": 7, "y": 9}], "n": 2}


def test_a_first_truth_does_not_wipe_out_what_was_decided_without_one() -> None:
    ann = Copy("ann", 0, None)
    ann.made.clear()
    ann.set(("total",), 5)
    bo = Copy("bo", 1, {"total": 6, "city": "Bern"}, draft="run-1")
    history = fold_case(merged(ann, bo))
    assert (history.value(), history.conflicts) == ({"total": 5, "city": "Bern"}, {})
    assert [each.by for each in history.approved_by(("total",), DOC)] == ["ann"]
    bo.approve(("total",))
    history = fold_case(merged(ann, bo))
    assert sides(history, ("total",)) == [("ann", 5, "set"), ("bo", 6, "set")]


def test_truths_of_another_kind_are_settled_as_a_whole() -> None:
    decisions = merged(Copy("ann", 0, [1, 2]), Copy("bo", 1, {"a": 1}))
    assert set(fold_case(decisions).conflicts) == {()}
    assert len(fold_case(decisions).conflict(("0",))) == 2
    history = settled(decisions, (), {"a": 1})
    assert (history.value(), history.conflicts) == ({"a": 1}, {})


def test_who_settled_two_first_truths_without_a_third_has_not_settled_that() -> None:
    ann, bo = Copy("ann", 0, {"total": 5, "n": 1}), Copy("bo", 1, {"total": 6, "n": 1})
    both = merged(ann, bo)
    seen = fold_case(both)
    made = Decision("000500-00000500", AT, "ann", "a", Act.SET, DOC, ("total",), to=6)
    made = made._replace(sees=seen.head(("total",)), on=tuple(each.end for each in both))
    dee = Copy("dee", 100, {"total": 6, "n": 3})
    history = fold_case(sorted([*both, made, *dee.made], key=lambda each: each.id))
    assert set(history.conflicts) == {("total",), ("n",)}
    assert [each.by for each in history.conflict(("total",))] == ["ann", "bo", "dee", "ann"]
    agreed = Copy("dee", 100, {"total": 5, "n": 1})
    history = fold_case(sorted([*both, made, *agreed.made], key=lambda each: each.id))
    assert (history.value(), history.conflicts) == ({"total": 6, "n": 1}, {})
