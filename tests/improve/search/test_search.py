"""The search, on prompts whose true worth is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.core.records import Answer, Prediction
from harness.improve.search.search import Search, SearchOutcome
from harness.improve.trial.guards import default_bounds
from harness.improve.trial.limits import Aims, Spent, affordable, plan
from harness.improve.trial.measurement import measured
from harness.improve.versions.ledger import open_session
from harness.improve.versions.versions import PromptHistory
from harness.run.comparison.verdict import Rung
from tests.improve.simulation import Improved, SimulatedDesk, World, Worths, simulate
from tests.improve.toy import ledger_of

STEADY = World(20, flips=0.0)


class Killed(Exception):  # noqa: N818  # it is no error
    """The process was killed."""


def improve(folder: Path, world: World, worths: tuple[float, ...], aims: Aims) -> SearchOutcome:
    suite = world.suite(folder)
    history = PromptHistory(folder / "prompts" / "toy")
    start = history.current()
    session = open_session(history.ledger, {"version": start.sha256})
    bounds = default_bounds(history.prompt(start))
    search = Search(suite, history, session, aims, lambda _: None)
    return search.run(SimulatedDesk(world, suite, 7), Worths(worths), start, bounds)


def is_claimed(outcome: Improved) -> bool:
    return outcome.found.claim is not None and outcome.found.claim.holds


def test_a_good_edit_is_found_claimed_and_put_in_place(tmp_path: Path) -> None:
    found = improve(tmp_path, STEADY, (-0.1, 0.2), Aims())
    steps = [entry["step"] for entry in ledger_of(tmp_path)]
    assert found.claim is not None
    assert found.claim.holds
    assert found.claim.delta > 0.1
    assert steps[:4] == ["start", "run", "run", "noise"]
    assert [s for s in steps if s in ("keep", "reject", "claim", "promote", "stop")] == [
        *("reject", "keep", "claim", "promote", "stop"),
    ]
    assert (tmp_path / "prompts/toy/fields/f2.md").read_text("utf-8") == "worth 0.2000"


def test_what_does_not_hold_is_not_put_in_place(tmp_path: Path) -> None:
    found = improve(tmp_path, World(5), (0.02,), Aims())
    assert found.claim is None or not found.claim.holds
    assert not (tmp_path / "prompts/toy/fields").exists()


def test_a_prompt_that_was_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    world, folder = STEADY, tmp_path
    suite = world.suite(folder)
    history = PromptHistory(folder / "prompts" / "toy")
    start = history.current()
    session = open_session(history.ledger, {"version": start.sha256})
    user = folder / "prompts" / "toy" / "user.md"

    def meddle(_: object) -> None:
        user.write_text("{{ document }}", encoding="utf-8")

    search = Search(suite, history, session, Aims(), meddle)
    desk = SimulatedDesk(world, suite, 7)
    search.run(desk, Worths((0.2,)), start, default_bounds(history.prompt(start)))
    assert user.read_text("utf-8") == "{{ document }}"


@pytest.mark.parametrize(
    ("aims", "reason"),
    [
        (Aims(target=0.5), "the target is reached"),
        (Aims(max_calls=30), "the budget does not buy a first look"),
        (Aims(max_calls=99), "the budget buys no further edit"),
        (Aims(max_usd=1.0), "an answer has no known price, so the cap in dollars cannot be kept"),
        (Aims(patience=2), "2 proposals in a row came to nothing"),
        (Aims(), "no edit is left to try"),
    ],
)
def test_it_stops_for_a_reason(tmp_path: Path, aims: Aims, reason: str) -> None:
    assert improve(tmp_path, STEADY, (-0.1, -0.2), aims).reason == reason


def test_a_cap_on_calls_is_never_passed(tmp_path: Path) -> None:
    found = improve(tmp_path, World(20), (0.2, 0.1, 0.1), Aims(max_calls=170))
    assert found.spent.calls <= 170
    assert found.claim is not None


def test_killed_at_any_step_it_goes_on_to_the_same_ledger_and_asks_nothing_twice(
    tmp_path: Path,
) -> None:
    world, worths = World(12), (0.0, 0.15, -0.1)
    whole = simulate(world, worths, 3, tmp_path / "whole").found
    size = len(ledger_of(tmp_path / "whole"))
    folder = tmp_path / "killed"
    suite = world.suite(folder)
    desk = SimulatedDesk(world, suite, 3)
    for last in (*range(1, size - 1), size):
        history = PromptHistory(folder / "prompts" / "toy")
        start = history.version(whole.start.sha256) if last > 1 else history.current()
        session = open_session(history.ledger, {"version": start.sha256, "seed": 3})
        steps = iter(range(1, last))

        def told(_: object, steps: Any = steps) -> None:  # noqa: ANN401  # an iterator
            if next(steps, None) is None:
                raise Killed

        search = Search(suite, history, session, Aims(), told)
        try:
            search.run(desk, Worths(worths), start, default_bounds(history.prompt(start)))
        except Killed:
            continue
        break
    assert ledger_of(folder) == ledger_of(tmp_path / "whole")
    assert len(desk.asked) == len(set(desk.asked))


def test_edits_worth_nothing_are_rarely_claimed_and_good_ones_are_mostly_found(
    tmp_path: Path,
) -> None:
    empty = [simulate(World(20), (0.0,) * 4, seed, tmp_path / f"n{seed}") for seed in range(10)]
    good = [simulate(World(20), (0.12,), seed, tmp_path / f"g{seed}") for seed in range(10)]
    assert sum(is_claimed(outcome) for outcome in empty) <= 2
    assert sum(is_claimed(outcome) for outcome in good) >= 8


def test_edits_that_suit_the_documents_they_were_written_for_are_better_there_and_only_there(
    tmp_path: Path,
) -> None:
    world = World(14, taste=0.1, fitted=1.0, held=10)
    outcomes = [simulate(world, (0.0,) * 3, seed, tmp_path / f"{seed}") for seed in range(8)]
    claimed = [outcome for outcome in outcomes if is_claimed(outcome)]
    assert len(claimed) >= 6
    assert all(outcome.gain > 0 for outcome in claimed)
    assert all(o.found.claim and o.found.claim.rung is Rung.DOCUMENTS for o in claimed)
    assert not any(o.looked and o.looked.rung is Rung.HOLDOUT for o in claimed)


def test_a_budget_is_told_by_what_it_buys() -> None:
    bought = plan(Aims(max_calls=400), documents=14, replicates=1)
    assert (bought.start, bought.candidate, bought.claim) == (28, 29, 28)
    assert bought.candidates == (400 - 28 - 28) // 29 == 11
    assert plan(Aims(), 14, 1).candidates is None


def test_dollars_are_foreseen_from_what_calls_cost_so_far() -> None:
    aims = Aims(max_usd=3.0)
    assert affordable(aims, Spent(10, 1.0), 20)
    assert not affordable(aims, Spent(10, 1.0), 21)
    assert not affordable(aims, Spent(10, None), 1)


def test_the_simulation_marks_answers_as_scoring_them_does(tmp_path: Path) -> None:
    world = World(6, flips=0.2)
    suite = world.suite(tmp_path)
    desk, prompt = (
        SimulatedDesk(world, suite, 7),
        PromptHistory(tmp_path / "prompts" / "toy").current(),
    )
    asked = PromptHistory(tmp_path / "prompts" / "toy").prompt(prompt)
    said = [
        Prediction(
            case.id,
            Answer({n: "yes" if r else "no" for n, r in desk.say(case, asked, 1).items()}),
            0.0,
        )
        for case in suite.cases
    ]
    found, scored = desk.measure(asked, 1), measured(suite, said)
    assert scored.f1 == pytest.approx(found.f1)
    for case, mark in scored.marks.items():
        other = found.marks[case]
        assert (mark.loss, mark.wrong) == (other.loss, other.wrong)
        assert mark.f1 == pytest.approx(other.f1)
