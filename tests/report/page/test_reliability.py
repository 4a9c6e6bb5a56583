"""Confidences drawn: reliability, risk against coverage, and the figures behind them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from harness.report.page.measures.marks_and_sums import marks, sums
from harness.report.page.measures.reliability import reliabilities
from harness.report.page.measures.threshold_curve import threshold_curve
from tests.report.browser.opened import IN_BROWSER, opened, written
from tests.report.browser.test_accessible import SCHEMES, Scheme, found_by_axe
from tests.report.records import Record, Run, case, diff, results, run

FIGURES = {
    "values": 4, "right": 3, "auroc": 1.0, "auprc": 1.0, "log_loss": 0.3, "brier": 0.0925,
    "calibration_error": 0.1,
}  # fmt: skip


def sure(number: int, confidence: float, *, right: bool) -> Record:
    said: Record = {
        "expected": 1,
        "predicted": 1 if right else 2,
        "confidences": {"votes": confidence},
    }
    return diff(f"x[{number}]", "correct" if right else "wrong_value", **said)


def made() -> Run:
    diffs = [
        sure(0, 0.95, right=True), sure(1, 0.95, right=True),
        sure(2, 0.65, right=True), sure(3, 0.65, right=False),
    ]  # fmt: skip
    scored = results([case("a", diffs), case("b", [diff("x[0]", "omission", expected=1)])])
    fields = [{"field": "x[]", **FIGURES}]
    scored["confidence"] = {"votes": {"all": FIGURES, "fields": fields}}
    point = {
        "threshold": 0.6, "accepted": 4, "wrong": 1,
        "accepted_out_of_fold": 2, "wrong_out_of_fold": 1,
    }  # fmt: skip
    three = {"precision": 0.5, "recall": 1.0, "f1": 2 / 3}
    scored["withheld"] = {
        "source": "votes", "goal": "risk 0.1", "values": 1, "of": 5,
        "before": {"macro": three, "micro": three, "counts": scored["aggregate"]["counts"]},
        "promise": None, "tuned": {"values": 8, "accepted": 4, "wrong": 1, "curve": [point]},
    }  # fmt: skip
    return Run(run(), scored, {})


def test_each_tenth_of_confidence_is_a_dot_at_the_share_that_is_right() -> None:
    (found,) = reliabilities(made().results)
    assert [one.words for one in found.readings] == [
        "said 65.0 % sure, right 50.0 % (1/2)",
        "said 95.0 % sure, right 100 % (2/2)",
    ]
    assert found.lead.startswith("75.0 % (3/4) of the values with a confidence are right; 1 error")


def test_values_of_one_confidence_are_taken_together() -> None:
    (found,) = reliabilities(made().results)
    assert len(found.risk) == 1
    assert found.risk_words == "Of the surer half 0 % are wrong, of all 25.0 %."


def test_what_thresholds_let_through_is_said_with_the_curve_they_were_tuned_on() -> None:
    curve = threshold_curve(made().results)
    assert curve is not None
    assert "let 50.0 % (4/8) of the values through unseen, 25.0 % (1/4) of these" in curve.lead
    assert curve.rows == (("0.60", "50.0 % (4/8)", "25.0 % (1/4)", "25.0 % (2/8)", "50.0 % (1/2)"),)
    assert threshold_curve(results([case("a", [])])) is None


def test_a_run_without_confidences_has_no_such_part() -> None:
    assert reliabilities(results([case("a", [])])) == ()


def test_focus_guard_and_weights_have_names_of_their_own() -> None:
    scored = results([case("a", [])])
    scored["focus"] = {"fields": ["a", "b"], "f1": 0.5, "guard": 0.75}
    scored["weighted_f1"] = 0.6
    said = [(one.name, one.figure) for one in marks(scored)]
    assert said == [("Focus", "50.0 %"), ("Guard", "75.0 %"), ("F1 by rule weight", "60.0 %")]


def test_what_statements_add_up_to_is_shown() -> None:
    scored = results([case("a", [])])
    assert sums(scored) is None
    three = {"precision": 0.5, "recall": 1.0, "f1": 2 / 3}
    scored["cumulative"] = {
        "macro": three, "micro": three, "cases": 1, "exact_match": {"hits": 0, "of": 1},
        "entities": None, "attributes": [], "counts": {},
    }  # fmt: skip
    found = sums(scored)
    assert found is not None
    assert found.rows[0] == ("Macro, mean over cases", "50.0 %", "100 %", "66.7 %")
    assert found.exact == "0 % (0/1)"


class TestInBrowser:
    """The part in a real browser."""

    pytestmark = IN_BROWSER

    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_axe_finds_nothing(self, browser: Browser, tmp_path: Path, scheme: Scheme) -> None:
        address = written(made(), tmp_path).as_uri()
        assert found_by_axe(browser, address, scheme, 1280) == []

    def test_it_stands_on_the_page(self, browser: Browser, tmp_path: Path) -> None:
        page, complaints = opened(browser, made(), tmp_path)
        expect(page.locator("#confidence")).to_have_text("Confidence")
        expect(page.locator("svg[data-name='reliability by votes'] circle")).to_have_count(2)
        page.get_by_text("Threshold by threshold").click()
        table = page.get_by_label("Risk and coverage by threshold")
        expect(table.locator("tbody tr")).to_have_count(1)
        assert complaints == []
