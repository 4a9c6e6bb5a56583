"""Tests of the case history."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.cases.decisions.case_fold import fold_case
from harness.cases.decisions.case_history import (
    CaseHistory,
    Node,
    SlotList,
    items_digest,
    plain_decision,
)
from harness.cases.decisions.decision import GONE, Act, Decision, Slots, value_digest
from harness.cases.decisions.decision_log import append, log_file, read_logs
from harness.core.values import Json

AT = "2026-11-30T02:31:07.000+00:00"
DOC = "d" * 20
TRUTH: Json = {"n": 1, "t": "a", "lines": [{"x": 1}, {"x": 2}]}


class Log:
    """Decisions with ids in order, made by people who saw some of them."""

    def __init__(self, truth: Json = TRUTH) -> None:
        self.all = [Decision("000000", AT, "ann", "a", Act.BASE, DOC, to=truth)]

    def history(self) -> CaseHistory:
        return fold_case(self.all)

    def write(self, by: str, do: Act, path: Slots, to: Json = None, **more: object) -> Decision:
        seen = self.history()
        sees = more.pop("sees", seen.head(path))
        made = Decision(f"{len(self.all):06d}", AT, by, "a", do, DOC, path, to=to)
        made = made._replace(sees=sees, **more)  # type: ignore[arg-type]  # fields of a decision
        self.all.append(made)
        return made

    def approve(self, by: str, path: Slots) -> None:
        fields = ((path, self.history().digest(path)),)
        self.write(by, Act.APPROVE, (), fields=fields)


def holds(history: CaseHistory, path: Slots, document: str = DOC) -> list[str]:
    return [each.by for each in history.approved_by(path, document)]


def test_an_approval_falls_with_the_value_and_with_the_document() -> None:
    log = Log()
    log.approve("ann", ("n",))
    assert holds(log.history(), ("n",)) == ["ann"]
    assert holds(log.history(), ("n",), "another") == []
    log.write("bo", Act.SET, ("n",), 2)
    assert holds(log.history(), ("n",)) == ["bo"]
    log.write("bo", Act.SET, ("n",), 1)
    assert holds(log.history(), ("n",)) == ["ann", "bo"]


def test_stated_absent_is_another_state_than_not_looked_at() -> None:
    log = Log()
    assert holds(log.history(), ("lost",)) == []
    log.approve("ann", ("lost",))
    assert log.history().digest(("lost",)) == GONE
    assert holds(log.history(), ("lost",)) == ["ann"]
    log.write("bo", Act.SET, ("lost",), None)
    assert holds(log.history(), ("lost",)) == ["bo"]


def test_two_edits_that_did_not_see_each_other_are_a_conflict_with_both_values() -> None:
    log = Log()
    first = log.write("ann", Act.SET, ("n",), 5)
    second = log.write("bo", Act.SET, ("n",), 6, sees=None)
    history = log.history()
    assert history.conflicts == {("n",): [first, second]}
    assert history.value() == {**TRUTH, "n": 5}  # type: ignore[dict-item]  # an object
    assert holds(history, ("n",)) == []
    log.write("cy", Act.SET, ("n",), 6)
    assert log.history().conflicts == {}
    assert holds(log.history(), ("n",)) == ["cy"]


def test_who_saw_one_side_of_a_conflict_only_does_not_settle_it() -> None:
    log = Log()
    first = log.write("ann", Act.SET, ("n",), 5)
    second = log.write("bo", Act.SET, ("n",), 6, sees=None)
    third = log.write("bo", Act.SET, ("n",), 7, sees=second.id)
    assert log.history().conflicts == {("n",): [first, second, third]}


def test_the_same_edit_twice_is_agreement() -> None:
    log = Log()
    log.write("ann", Act.SET, ("n",), 5)
    log.write("bo", Act.SET, ("n",), 5.0, sees=None)
    assert log.history().conflicts == {}
    assert holds(log.history(), ("n",)) == ["ann", "bo"]


def test_an_item_keeps_its_decisions_when_others_are_put_before_it_or_removed() -> None:
    log = Log()
    log.approve("ann", ("lines", "1", "x"))
    log.write("bo", Act.ADD, ("lines", "new"), {"x": 9}, after="")
    log.write("bo", Act.REMOVE, ("lines", "0"))
    history = log.history()
    assert history.value() == {**TRUTH, "lines": [{"x": 9}, {"x": 2}]}  # type: ignore[dict-item]
    assert holds(history, ("lines", "1", "x")) == ["ann"]
    assert history.path_of(("lines", "1", "x")) == ("lines", 1, "x")
    assert history.slots_of(("lines", 1, "x")) == ("lines", "1", "x")


@pytest.mark.parametrize("edit_first", [True, False])
def test_an_item_that_one_edits_while_another_removes_it_is_kept_and_in_conflict(
    edit_first: bool,  # noqa: FBT001  # a parameter of a test
) -> None:
    log = Log()
    acts = [(Act.SET, ("lines", "0", "x"), 7), (Act.REMOVE, ("lines", "0"), None)]
    for do, path, to in acts if edit_first else acts[::-1]:
        log.write("ann", do, path, to, sees=None)
    history = log.history()
    assert len(history.conflicts) == 1
    assert history.node(("lines", "0"))[0]


@pytest.mark.parametrize("size", [3, 3_000])
def test_items_that_are_put_back_stand_where_they_stood(size: int) -> None:
    rows: list[Json] = [{"x": number} for number in range(size)]
    log = Log({"lines": rows})
    for slot in ("0", "1", str(size - 1)):
        log.write("ann", Act.REMOVE, ("lines", slot))
    for slot in ("1", str(size - 1), "0"):
        log.write("bo", Act.SET, ("lines", slot, "x"), -1, sees=None)
    placed: list[Json] = [{"x": number} for number in range(size)]
    assert log.history().value() == {"lines": placed}
    assert len(log.history().conflicts) == 3


@pytest.mark.parametrize("edit_first", [True, False])
@pytest.mark.parametrize("stays", [True, False])
def test_who_has_seen_that_one_edited_and_another_removed_an_item_settles_it_either_way(
    edit_first: bool,  # noqa: FBT001  # a parameter of a test
    stays: bool,  # noqa: FBT001  # as above
) -> None:
    log = Log()
    acts = [(Act.SET, ("lines", "0", "x"), 7), (Act.REMOVE, ("lines", "0"), None)]
    for do, path, to in acts if edit_first else acts[::-1]:
        log.write("ann", do, path, to, sees=None)
    assert [d.do for d in log.history().conflict(("lines", "0", "x"))].count(Act.REMOVE) == 1
    if stays:
        log.write("eve", Act.SET, ("lines", "0", "x"), 7)
    else:
        log.write("eve", Act.REMOVE, ("lines", "0"))
    history = log.history()
    assert history.conflicts == {}
    assert history.node(("lines", "0"))[0] is stays
    assert history.conflict(("lines", "0", "x")) == ()


def test_that_a_list_is_whole_falls_with_the_next_item() -> None:
    log = Log()
    log.approve("ann", ("lines",))
    log.write("ann", Act.SET, ("lines", "0", "x"), 5)
    assert holds(log.history(), ("lines",)) == ["ann"]
    log.write("bo", Act.ADD, ("lines", "new"), {"x": 3})
    assert holds(log.history(), ("lines",)) == []


def test_only_their_own_writer_takes_decisions_back() -> None:
    log = Log()
    made = log.write("ann", Act.SET, ("n",), 5)
    log.write("bo", Act.WITHDRAW, (), of=made.id)
    assert log.history().value() == {**TRUTH, "n": 5}  # type: ignore[dict-item]
    log.write("ann", Act.WITHDRAW, (), of=made.id)
    assert log.history().value() == TRUTH
    assert made in log.history().decisions


def test_a_dispute_keeps_a_field_out_until_somebody_approves_again() -> None:
    log = Log()
    log.approve("ann", ("n",))
    log.write("bo", Act.DISPUTE, ("n",), why="page 2")
    assert holds(log.history(), ("n",)) == []
    log.approve("bo", ("n",))
    assert holds(log.history(), ("n",)) == ["ann", "bo"]


@settings(max_examples=25)
@given(st.integers(min_value=0, max_value=2**32))
def test_two_browsers_overwrite_nothing_silently(seed: int) -> None:
    # What a person gave is in the truth, was seen by who replaced it, or stood in a conflict.
    for number in range(40):
        draw = random.Random(seed + number)
        log = Log()
        seen = {by: log.history() for by in ("ann", "bo")}
        for step in range(draw.randrange(2, 9)):
            by = draw.choice(["ann", "bo"])
            if draw.random() < 0.4:
                seen[by] = log.history()
            path: Slots = draw.choice([("n",), ("t",), ("lines", "0", "x"), ("lines", "1")])
            value: Json = {"x": 100 + step} if path == ("lines", "1") else 100 + step
            log.write(by, Act.SET, path, value, sees=seen[by].head(path))
        history = log.history()
        steps = [fold_case(log.all[:size]) for size in range(len(log.all) + 1)]
        shown = {value_digest(plain_decision(history.node(d.path)[1])): d for d in log.all[1:]}
        kept = {each.id for h in steps for p in h.conflicts.values() for each in p}
        successors = {each.sees for each in log.all}
        for made in log.all[1:]:
            there = value_digest(made.to) in shown
            assert there or made.id in kept or made.id in successors


@settings(max_examples=50)
@given(st.randoms(use_true_random=False))
def test_a_fold_is_the_same_whichever_branch_was_merged_first(draw: random.Random) -> None:
    log = Log()
    for _ in range(6):
        path: Slots = draw.choice([("n",), ("lines", "0"), ("lines", "0", "x")])
        log.write(
            draw.choice("ab"), Act.SET, path, draw.randrange(3), sees=draw.choice([None, "000001"])
        )
    lines = [each.line() for each in log.all]
    merged = [*lines, *draw.choices(lines, k=3)]
    draw.shuffle(merged)
    with TemporaryDirectory() as folder:
        file = log_file(Path(folder), "ann")
        file.parent.mkdir()
        file.write_text("".join(merged), encoding="utf-8")
        read = read_logs(Path(folder))
    assert read == log.all
    one, other = log.history(), fold_case(read)
    assert (one.value(), one.conflicts) == (other.value(), other.conflicts)
    assert one.approvals == other.approvals


def test_digests_of_lists_know_items_and_not_their_fields() -> None:
    history = Log().history()
    node = history.node(("lines",))[1]
    assert history.digest(("lines",)) == items_digest(node)  # type: ignore[arg-type]  # a list


def test_an_item_that_two_people_added_apart_is_one_and_what_differs_is_in_conflict() -> None:
    log = Log({"lines": [{"x": 1, "y": "a", "z": 0}]})
    log.write("ann", Act.ADD, ("lines", "n1"), {"x": 2, "y": "b", "z": 5}, sees="")
    log.write("bo", Act.ADD, ("lines", "n2"), {"x": 2, "y": "b", "z": 6}, sees="")
    log.write("bo", Act.SET, ("lines", "n2", "y"), "c", sees=log.all[-1].id)
    history = log.history()
    lines: Json = [{"x": 1, "y": "a", "z": 0}, {"x": 2, "y": "c", "z": 5}]
    assert history.value() == {"lines": lines}
    (place,) = history.conflicts
    assert place == ("lines", "n1", "z")
    assert [(each.by, each.to) for each in history.conflicts[place]] == [("ann", 5), ("bo", 6)]
    assert holds(history, ("lines", "n1", "x")) == ["ann", "bo"]


def test_an_equal_item_added_by_who_has_seen_the_other_is_another_one() -> None:
    log = Log({"lines": []})
    first = log.write("ann", Act.ADD, ("lines", "n1"), {"x": 2}, sees="")
    log.write("bo", Act.ADD, ("lines", "n2"), {"x": 2}, sees=first.id)
    log.write("cy", Act.ADD, ("lines", "n3"), {"x": 9}, sees="")
    assert log.history().value() == {"lines": [{"x": 2}, {"x": 2}, {"x": 9}]}


def _script(seed: int, steps: int) -> list[Decision]:
    """Return what two people decide about nested lists, each seeing the other only at times."""
    draw = random.Random(seed)
    log = Log({"n": 1, "lines": [{"x": i, "tags": ["a", "b"]} for i in range(3)]})
    seen = {by: log.history() for by in ("ann", "bo")}
    for step in range(steps):
        by = draw.choice(["ann", "bo"])
        if draw.random() < 0.3:
            seen[by] = log.history()
        mine = seen[by]
        _, lines = mine.node(("lines",))
        ids = list(lines.items) if isinstance(lines, SlotList) else []
        place: Slots = ("lines", draw.choice(ids)) if ids else ("n",)
        act = draw.random()
        if act < 0.25:
            slot = f"{by}{step}"
            item: Json = {"x": 100 + step, "tags": [f"t{step}"]}
            log.write(by, Act.ADD, ("lines", slot), item, sees=mine.heads.get(("lines",)) or "")
        elif act < 0.4 and ids:
            log.write(by, Act.REMOVE, place, sees=mine.head(place))
        elif act < 0.6 and ids:
            inner = (*place, "tags", f"{by}t{step}")
            log.write(by, Act.ADD, inner, f"new{step}", sees=mine.heads.get((*place, "tags")) or "")
        else:
            at = (*place, "x") if ids else place
            log.write(by, Act.SET, at, 1000 + step, sees=mine.head(at))
    return log.all


def test_a_thousand_interleavings_on_nested_lists_overwrite_nothing_silently() -> None:
    # What a person wrote is in the truth, or was seen by who replaced or removed it, or stood in
    # a conflict. An edit inside an item is seen by whoever names the last edit of the item.
    for seed in range(1_000):
        made = _script(seed, 6)
        steps = [fold_case(made[:size]) for size in range(1, len(made) + 1)]
        stood = [d for h in steps for p in h.conflicts.values() for d in p]
        conflicted = {d.id for d in stood} | {
            d.id for d in made if any((d.do, d.path, d.to) == (s.do, s.path, s.to) for s in stood)
        }
        named = {part for d in made for part in (d.sees or "").split("+")}
        final = steps[-1]
        shown = {value_digest(plain_decision(node)) for _, node in _every(final.root)}
        for decision in made[1:]:
            is_there = value_digest(decision.to) in shown
            if decision.do is Act.REMOVE:
                is_there = not final.node(decision.path)[0]
            later = [d for d in made if d.id > decision.id and (d.sees or "") >= decision.id]
            assert is_there or decision.id in conflicted | named or later, (seed, decision)


def _every(node: Node) -> Iterator[tuple[str, Node]]:
    yield "", node
    held = node.items if isinstance(node, SlotList) else node
    if isinstance(held, dict):
        for below in held.values():
            yield from _every(below)


def test_two_branches_merge_to_the_state_of_one_log() -> None:
    for seed in range(100):
        made = _script(seed, 8)
        with TemporaryDirectory() as one, TemporaryDirectory() as other:
            for by in ("ann", "bo"):
                mine = [d for d in made if d.by == by]
                append(Path(one), mine, by)
            append(Path(other), made, "everybody")
            merged, single = read_logs(Path(one)), read_logs(Path(other))
        assert merged == single
        left, right = fold_case(merged), fold_case(single)
        assert (left.value(), left.conflicts, left.approvals) == (
            right.value(),
            right.conflicts,
            right.approvals,
        )
