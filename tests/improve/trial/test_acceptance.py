"""When an edit is kept, and when a prompt may be called better: the arithmetic of it."""

from __future__ import annotations

import math
import random

import pytest

from harness.improve.trial.acceptance import (
    Noise,
    asked_again,
    claim,
    confirm,
    contrast,
    judge,
    level_of_look,
    noise,
    replicates_needed,
)
from harness.improve.trial.measurement import CaseMark, Measurement, measured_from
from harness.improve.trial.objective import FigureName, Objective
from harness.run.comparison.verdict import Rung

STEADY = Noise()


def run(*f1: float | None, wrong: dict[int, str] | None = None, loss: int = 0) -> Measurement:
    marks = {
        f"c{n:02}": CaseMark(score, loss, {wrong[n]: 1} if wrong and n in wrong else {})
        for n, score in enumerate(f1)
    }
    return Measurement(marks, tuple(marks))


def test_documents_are_paired_and_a_vacuous_case_is_right_where_the_other_side_is_scored() -> None:
    seen = contrast([run(0.5, None, None)], [run(0.75, 0.0, None)])
    assert seen.cases == ("c00", "c01")
    assert seen.differences == (0.25, -1.0)


def test_replicates_are_averaged_before_documents_are_compared() -> None:
    seen = contrast([run(0.2, 1.0), run(0.4, 1.0)], [run(0.5, 0.8), run(0.5, 0.9)])
    assert seen.differences == pytest.approx((0.2, -0.15))


def test_cases_shown_as_examples_leave_the_score() -> None:
    assert contrast([run(0, 0.5)], [run(1, 0.5)], {"c00"}).delta == 0


def test_from_twelve_documents_on_an_edit_is_kept_up_to_p_of_a_fifth() -> None:
    two, three = [0.5] * 10 + [0.6] * 2, [0.5] * 9 + [0.6] * 3
    base = run(*[0.5] * 12)
    assert judge(contrast([base], [run(*two)]), STEADY).p == 0.25  # two flips: 1 in 4
    assert judge(contrast([base], [run(*two)]), STEADY).decision == "reject"
    assert judge(contrast([base], [run(*three)]), STEADY).p == 0.125
    assert judge(contrast([base], [run(*three)]), STEADY).decision == "keep"


def fields(*rows: tuple[int, int]) -> Measurement:
    """Return a run whose documents have the fields a (in focus) and b, right (1) or wrong (0)."""
    marks = {
        f"c{n:02}": CaseMark((a + b) / 2, 0, {}, {"a": (2.0 * a, 2.0), "b": (2.0 * b, 2.0)})
        for n, (a, b) in enumerate(rows)
    }
    return Measurement(marks, tuple(marks), focus=frozenset({"a"}), weights={"a": 3.0})


FOCUS = Objective("focus")


def test_a_gain_in_focus_is_kept_though_macro_f1_stays() -> None:
    base, new = fields(*[(0, 1)] * 16), fields(*[(1, 1)] * 4, *[(0, 1)] * 12)
    seen = contrast([base], [new], objective=FOCUS)
    assert (seen.delta, seen.name) == (0.25, "focus F1")
    assert judge(seen, STEADY).decision == "keep"  # 4 documents moved: p = 1/16
    assert judge(seen, STEADY).p == 1 / 16


def test_a_gain_in_focus_that_costs_the_other_fields_is_rejected_and_not_claimed() -> None:
    base = fields(*[(0, 1)] * 16)
    new = fields(*[(1, 0)] * 6, *[(1, 1)] * 10)
    verdict = judge(contrast([base], [new], objective=FOCUS), STEADY)
    assert verdict.decision == "reject"
    assert verdict.reason == "the fields that are not in focus lost 37.5 points"
    made = claim([base] * 2, [new] * 2, (), 1, FOCUS)
    assert not made.holds
    assert "the fields that are not in focus fell" in made.reason
    assert claim([base] * 2, [fields(*[(1, 1)] * 16)] * 2, (), 1, FOCUS).holds


def test_what_other_fields_lose_by_noise_alone_is_forgiven() -> None:
    base, again = fields(*[(0, 1)] * 16), fields(*[(0, 1)] * 12, *[(0, 0)] * 4)
    floor = noise(base, again, FOCUS)
    assert floor.floor == 0
    assert floor.guard == pytest.approx(2 / 16)  # four documents, each a sixteenth
    new = fields(*[(1, 1)] * 12, *[(1, 0)] * 4)
    verdict = judge(contrast([base], [new], objective=FOCUS), floor)
    assert verdict.decision == "keep"


@pytest.mark.parametrize(
    ("by", "before", "after"),
    [
        ("macro", 0.5, 0.75),
        ("micro", 0.5, 0.75),
        ("weighted", 0.25, 0.625),
        ("focus", 0.0, 0.5),
        ("floor", 0.0, 0.5),
    ],
)
def test_each_objective_is_its_own_figure(by: FigureName, before: float, after: float) -> None:
    base, new = fields(*[(0, 1)] * 4), fields((1, 1), (1, 1), (0, 1), (0, 1))
    aim = Objective(by)
    assert (base.figure(aim), new.figure(aim)) == (before, after)
    assert contrast([base], [new], objective=aim).delta == pytest.approx(after - before)


def test_the_ledger_keeps_what_objectives_are_made_of() -> None:
    base = fields((0, 1), (1, 1))
    assert measured_from(base.as_record()) == base


def test_below_twelve_an_edit_has_to_beat_the_noise_floor() -> None:
    seen = contrast([run(*[0.5] * 5)], [run(0.6, *[0.5] * 4)])
    assert seen.delta == pytest.approx(0.02)
    assert judge(seen, Noise(floor=0.03)).decision == "reject"
    assert judge(seen, Noise(floor=0.01)).decision == "keep"


def test_the_noise_floor_is_one_standard_error_of_the_difference_of_two_runs() -> None:
    first, second = run(0.5, 0.5, wrong={0: "a"}), run(0.8, 0.1, wrong={1: "b"})
    found = noise(first, second)
    assert found.floor == pytest.approx(math.sqrt(0.3**2 + 0.4**2) / 2)
    assert found.unsteady == {"a": 1, "b": 1}
    assert noise(first, first).steady


def test_with_the_same_f1_the_ladder_of_errors_decides() -> None:
    base, nearer, further = run(0.5, loss=3), run(0.5, loss=2), run(0.5, loss=4)
    assert judge(contrast([base], [nearer]), STEADY).decision == "keep"
    assert judge(contrast([base], [base]), STEADY).decision == "reject"
    assert judge(contrast([base], [further]), STEADY).decision == "reject"


def test_a_field_that_gets_worse_in_a_tenth_of_the_documents_stops_an_edit() -> None:
    base, better = [0.5] * 20, [0.9] * 20
    two = run(*better, wrong={0: "due", 1: "due"})
    verdict = judge(contrast([run(*base)], [two]), STEADY)
    assert (verdict.decision, verdict.reason) == (
        "reject",
        "due got worse in 2 documents, better in 0",
    )
    one = run(*better, wrong={0: "due"})
    assert judge(contrast([run(*base)], [one]), STEADY).decision == "keep"
    # A field that flips in 4 documents by itself may come out 4 worse by chance.
    assert judge(contrast([run(*base)], [two]), Noise(0.1, {"due": 4})).decision == "keep"


def test_an_error_in_a_critical_field_is_never_forgiven() -> None:
    base = Measurement(run(*[0.5] * 20).marks, run(*[0.5] * 20).case_ids, frozenset({"dose"}))
    verdict = judge(contrast([base], [run(*[0.9] * 20, wrong={7: "dose"})]), STEADY)
    assert (verdict.decision, verdict.reason) == ("reject", "critical field dose is broken in c07")


def test_answers_that_never_came_are_not_wrong_answers() -> None:
    whole = run(*[0.5] * 20)
    most = {case: mark for case, mark in run(*[0.9] * 20).marks.items() if case > "c01"}
    verdict = judge(contrast([whole], [Measurement(most, whole.case_ids)]), STEADY)
    assert (verdict.decision, verdict.reason) == (
        "undecided",
        "only 90% of the cases were answered",
    )


def test_a_claim_speaks_of_these_documents_and_a_look_at_others_of_others() -> None:
    base, new = [run(*[0.5] * 12)], [run(*[0.5] * 7, *[0.6] * 5)]
    made, looked = claim(base, new, (), look=1), confirm(base, new, look=1)
    assert (made.holds, made.rung, made.p) == (True, Rung.DOCUMENTS, 1 / 32)
    assert (looked.holds, looked.rung, looked.p) == (True, Rung.HOLDOUT, 1 / 32)
    assert not confirm(base, [run(*[0.5] * 8, *[0.6] * 4)], look=1).holds


def test_however_plain_a_gain_is_documents_that_were_searched_on_speak_for_themselves() -> None:
    made = claim([run(*[0.0] * 50)] * 3, [run(*[1.0] * 50)] * 3, (), look=1)
    assert (made.holds, made.rung, made.delta) == (True, Rung.DOCUMENTS, 1.0)


def test_held_out_documents_of_two_minds_speak_for_themselves() -> None:
    base, new = run(*[0.5] * 12), run(*[0.9] * 7, *[0.2] * 5)
    looked = confirm([base] * 2, [new] * 2, look=1)
    assert (looked.holds, looked.rung) == (True, Rung.DOCUMENTS)


def test_askings_buy_what_documents_are_missing() -> None:
    base, new = run(0.5, 0.5, 0.5), run(0.6, 0.6, 0.5)
    once = claim([base], [new], (), look=1)
    twice = claim([base] * 2, [new] * 2, (), look=1)
    assert (once.holds, once.p) == (False, 1 / 4)
    assert (twice.holds, twice.rung, twice.p) == (True, Rung.DOCUMENTS, 1 / 36)


def test_the_interval_of_a_claim_is_that_of_asking_again() -> None:
    base, new = [[0.4, 0.6], [0.9, 0.9]], [[0.8, 0.8], [0.9, 1.0]]
    error = math.sqrt((0.02 + 0.005) / 4 * (4 * 0.5)) / 2  # pooled over 4 degrees of freedom
    low, high = asked_again(base, new) or (0, 0)
    assert (low + high) / 2 == pytest.approx(0.175)
    assert high - low == pytest.approx(2 * 2.776445 * error)
    assert asked_again([[0.5]], [[0.6]]) is None


def test_asking_again_lands_in_the_interval_as_often_as_it_says() -> None:
    luck = random.Random(3)
    hits = 0
    for _ in range(300):
        sides = [[[luck.gauss(d / 9, 0.1) for _ in range(2)] for d in range(9)] for _ in "ab"]
        low, high = asked_again(sides[0], sides[1]) or (1, 0)
        hits += low <= 0 <= high
    assert 272 <= hits <= 296  # 285 expected


def test_a_look_at_documents_that_moved_alike_has_no_interval() -> None:
    looked = confirm([run(*[0.5] * 6)], [run(*[0.75] * 6)], look=1)
    assert (looked.rung, looked.interval) == (Rung.HOLDOUT, None)


def test_all_looks_together_come_to_a_twentieth() -> None:
    levels = [level_of_look(look) for look in range(1, 5000)]
    assert levels == sorted(levels, reverse=True)
    assert 0.0499 < sum(levels) < 0.05


def test_each_later_look_has_to_show_more() -> None:
    base, new = [run(*[0.5] * 12)], [run(*[0.5] * 6, *[0.6] * 6)]
    assert claim(base, new, (), look=1).p == 1 / 64
    assert claim(base, new, (), look=1).holds
    assert not claim(base, new, (), look=2).holds


@pytest.mark.parametrize(
    ("documents", "found", "times"),
    [(5, STEADY, 2), (5, Noise(0.1), 3), (12, STEADY, 1), (12, Noise(0.1), 3), (20, Noise(0.1), 2)],
)
def test_what_documents_are_missing_askings_buy(documents: int, found: Noise, times: int) -> None:
    assert replicates_needed(documents, found) == times


def test_what_the_ledger_keeps_is_all_there_is() -> None:
    whole = run(0.5, None, wrong={0: "due"}, loss=2)
    assert measured_from(whole.as_record()) == whole


def test_answers_missing_here_and_there_are_missing_together() -> None:
    whole = run(*[0.5] * 20)
    runs = [
        Measurement({c: m for c, m in whole.marks.items() if c != gone}, whole.case_ids)
        for gone in ("c00", "c01")
    ]
    assert contrast([runs[0]], [runs[0]]).coverage == 0.95
    assert contrast([runs[0]], [runs[1]]).coverage == 0.9
    assert contrast([runs[0]], [runs[1]], {"c01"}).coverage == 18 / 19


def test_a_p_value_is_small_and_never_nothing() -> None:
    better = contrast([run(*[0.5] * 14)], [run(*[0.75] * 14)])
    assert judge(better, STEADY).reason == "macro F1 +25.0 points, p <0.001 one-sided"  # 1 of 2**14
    made = claim([run(*[0.5] * 14)], [run(*[0.75] * 14)], (), look=2)
    assert made.reason.endswith("on 14 documents, p <0.001 one-sided against 0.0061")
