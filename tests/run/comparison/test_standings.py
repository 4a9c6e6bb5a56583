"""Any number of runs side by side: what is averaged over what, the frontier, the tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.report.words.choice_sentences import choice
from harness.run.comparison.side import Arm
from harness.run.comparison.standings import Standings, field_f1s, standings
from tests.report.records import Record
from tests.run.sides import GONE, RIGHT, side, verdicts

GOOD = verdicts(a=RIGHT, b=RIGHT)
HALF = verdicts(a=RIGHT, b=2)
BAD = verdicts(a=2, b=2)


def priced(arm: Arm, usd: float | None, seconds: float | None = None) -> Arm:
    """Return a run each of whose answers cost so much and took so long."""
    usage = {"usd": usd, "input_tokens": None, "output_tokens": None}
    cases: Record = {
        name: tuple({**one, "usage": usage} for one in replicates)
        for name, replicates in arm.cases.items()
    }
    aggregate = {**arm.results["aggregate"], "latency": {"p50": seconds, "p95": seconds}}
    results: Record = {**arm.results, "aggregate": aggregate}
    return replace(arm, cases=cases, results=results)


def field(scores: Sequence[tuple[str, object, float | None]], cases: int = 12) -> Standings:
    """Return runs of one score each, with what their answers cost."""
    arms = [
        priced(side({f"c{n}": [said] for n in range(cases)}, name), usd)  # type: ignore[list-item]
        for name, said, usd in scores
    ]
    return standings(arms, [name for name, *_ in scores], 0.9)


def test_only_cases_that_every_run_scored_are_in_the_figures() -> None:
    one = side({"x": [GOOD], "y": [GOOD], "z": [BAD]})
    two = side({"x": [HALF], "y": GONE, "z": [BAD]}, "two")
    found = standings([one, two], ["one", "two"], None)
    assert (found.cases, found.left_out) == (2, 1)
    assert [each.macro for each in found.contenders] == [0.5, 0.25]
    assert field_f1s([one, two]) == {"a": (0.5, 0.5), "b": (0.5, 0.0)}


def test_a_case_weighs_the_same_however_often_it_was_asked() -> None:
    one = side({"x": [GOOD, GOOD, BAD], "y": [BAD]})
    two = side({"x": [GOOD], "y": [BAD]}, "two")
    found = standings([one, two], ["one", "two"], None)
    assert found.contenders[0].macro == pytest.approx((2 / 3 + 0) / 2)
    assert found.contenders[0].micro == pytest.approx((2 / 3 + 0) / 2)
    assert found.contenders[0].spread is None  # y was asked once
    assert field_f1s([one, two])["a"] == pytest.approx((1 / 3, 1 / 2))


def test_replicates_have_a_spread() -> None:
    one = side({"x": [GOOD, BAD], "y": [GOOD, HALF]})
    (found,) = standings([one], ["one"], None).contenders
    assert found.spread == (0.25, 1.0)


def test_the_frontier_holds_what_no_other_run_beats_for_as_little() -> None:
    found = field(
        [("dear", GOOD, 3.0), ("dull", BAD, 2.0), ("fair", HALF, 1.0), ("alike", HALF, 1.5)]
    )
    assert found.frontier("usd") == (2, 0)
    assert found.frontier("seconds") == ()
    unknown = field([("dear", GOOD, None), ("fair", HALF, 1.0)])
    assert unknown.frontier("usd") == (1,)
    assert unknown.measured() is None


def test_every_pair_is_tested_and_adjusted_for_all_pairs() -> None:
    found = field([("a", GOOD, 1.0), ("b", HALF, 1.0), ("c", HALF, 1.0)])
    assert found.duels.keys() == {(0, 1), (0, 2), (1, 2)}
    assert found.duel(0, 1).p_value == 2 / 2**12
    assert found.duel(0, 1).p_adjusted == 3 * 2 / 2**12
    assert found.duel(1, 0).delta == -found.duel(0, 1).delta == 0.5
    assert not found.duel(1, 2).is_sure


def test_a_price_known_of_too_few_answers_is_not_known() -> None:
    arm = priced(side({f"c{n}": [GOOD] for n in range(20)}), 1.0)
    some = dict(arm.cases)
    for name in ("c0", "c1"):
        some[name] = tuple({**one, "usage": None} for one in some[name])
    few = standings([replace(arm, cases=some)], ["one"], None)
    assert few.contenders[0].usd is None
    del some["c1"]
    most = standings([replace(arm, cases={**some, "c1": arm.cases["c1"]})], ["one"], None)
    assert most.contenders[0].usd == 1.0


SHORT = (
    "None reaches 90 %: the best is dear (macro F1 50.0 %, interval 36.8\u201363.2 %), 40.0 points "
    "short."
)


@pytest.mark.parametrize(
    ("runs", "sentences"),
    [
        (
            [("dear", GOOD, 3.0), ("cheap", GOOD, 1.0)],
            [
                (
                    "The cheapest that reaches 90 % is cheap (macro F1 100 %, interval "
                    "73.5\u2013100 %, $1.00 an answer)."
                ),
                "On other documents like these it may miss it: its interval begins at 73.5 %.",
            ],
        ),
        (
            [("dear", HALF, 3.0), ("cheap", BAD, 1.0)],
            [SHORT, "It is also the cheapest of those that may be as good."],
        ),
        (
            [("dear", HALF, None), ("cheap", HALF, 1.0)],
            [
                SHORT,
                "Its lead over cheap may be chance.",
                (
                    "What an answer costs is not known of dear, nor how long one takes of all: "
                    "none can be called cheapest."
                ),
            ],
        ),
        (
            [("dear", GOOD, None), ("cheap", HALF, None), ("twin", GOOD, None)],
            [
                "2 of 3 reach 90 %: the best is dear (macro F1 100 %, interval 73.5\u2013100 %).",
                "Its lead over twin may be chance.",
                (
                    "What answers cost and how long they took is not known: none can be called "
                    "cheapest."
                ),
            ],
        ),
    ],
)
def test_the_choice_is_a_sentence(
    runs: list[tuple[str, object, float]], sentences: list[str]
) -> None:
    assert list(choice(field(runs)))[: len(sentences)] == sentences


def mixed(right: int, cases: int = 12) -> dict[str, list[object]]:
    return {f"c{n}": [GOOD if n < right else HALF] for n in range(cases)}


def test_what_is_better_by_noise_alone_is_said_to_be_so() -> None:
    arms = [
        priced(side(mixed(10), "cheap"), 1.0),  # type: ignore[arg-type]
        priced(side(mixed(12), "dear"), 4.0),  # type: ignore[arg-type]
    ]
    said = choice(standings(arms, ["cheap", "dear"], 0.9))
    assert said[0].startswith("The cheapest that reaches 90 % is cheap (macro F1 91.7 %")
    assert "Where another run scores higher, that may be chance." in said


def test_what_is_better_beyond_chance_is_named_with_its_price() -> None:
    arms = [
        priced(side(mixed(0), "cheap"), 1.0),  # type: ignore[arg-type]
        priced(side(mixed(12), "dear"), 4.0),  # type: ignore[arg-type]
    ]
    said = choice(standings(arms, ["cheap", "dear"], 0.5))
    assert said[0].startswith("The cheapest that reaches 50 % is cheap")
    assert "Better beyond chance: dear by 50.0 points (p <0.001), at 4.0 times the cost." in said
    # dear leads strictly as well: reading leniently changes nothing
    assert not any(one.startswith("Read leniently") for one in said)


def test_runs_without_a_case_in_common_are_said_to_have_none() -> None:
    found = standings([side({"x": [GOOD]}), side({"x": GONE}, "two")], ["one", "two"], 0.9)
    assert choice(found) == (
        "No case was scored in all of these runs: they cannot be set side by side.",
    )


def test_three_thousand_cases_are_set_side_by_side() -> None:
    arms = [
        priced(side({f"c{n:04}": [GOOD if n % 3 else said] for n in range(3000)}, name), 1.0)
        for name, said in (("one", HALF), ("two", BAD), ("three", GOOD))
    ]
    found = standings(arms, ["one", "two", "three"], None)
    assert [round(each.macro or 0, 6) for each in found.contenders] == [0.833333, 0.666667, 1.0]
    assert all(duel.is_sure for duel in found.duels.values())
