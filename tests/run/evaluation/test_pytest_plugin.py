"""The pytest plugin, run by pytest on tests of a user's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
PLUGIN = "harness.run.evaluation.pytest_plugin"


@pytest.fixture
def user(pytester: pytest.Pytester, pytestconfig: pytest.Config) -> pytest.Pytester:
    """Return a folder of a user's, in which pytest knows the plugin, installed or not."""
    if not pytestconfig.pluginmanager.has_plugin("harness"):
        pytester.plugins = [PLUGIN]
    return pytester


def suite(folder: Path, size: int) -> None:
    home = folder / "evals" / "bills"
    (home / "documents").mkdir(parents=True)
    (home / "ground_truth").mkdir()
    for n in range(size):
        (home / "documents" / f"b{n}.txt").write_text(f"total {n}\n", "utf-8")
        truth = json.dumps({"total": n, "city": "Oslo"})
        (home / "ground_truth" / f"b{n}.json").write_text(truth, "utf-8")
    (home / "suite.yaml").write_text(
        "documents: documents\nground_truth: ground_truth\nrules: {total: {absolute: 1}}\n", "utf-8"
    )


CHECKS = """
import pytest

@pytest.mark.harness_suite("evals/bills")
def test_bill(harness_case, harness_check):
    n = int(harness_case.documents[0].text.split()[-1])
    harness_check(harness_case, {"total": n + 1, "city": "Oslo" if n else "<b>Bergen"})
"""


@pytest.mark.parametrize("size", [3, 300])
def test_a_suite_is_a_test_for_each_case_that_tells_its_errors(
    user: pytest.Pytester, size: int
) -> None:
    suite(user.path, size)
    user.makepyfile(CHECKS)
    done = user.runpytest_subprocess("-q", "-p", "no:randomly")
    done.assert_outcomes(passed=size - 1, failed=1)
    done.stdout.fnmatch_lines(
        [
            "*test_bill?b0?*",
            "E*AssertionError: F1 50.0 %",
            "E*1 of 2 fields are wrong",
            'E*city: wrong_value, expected "Oslo", predicted "<b>Bergen"',
        ]
    )
    done.stdout.no_fnmatch_line("*checked.lines*")


MET = {
    "macro=0.8": "harness macro: 83.3 % >= 80.0 %",
    "perfect=0.6": "harness perfect: 66.7 % >= 60.0 %",
    "field:total=1": "harness field:total: 100 % >= 100 %",
}
UNMET = {
    "micro=0.9": "harness micro: 83.3 % < 90.0 %",
    "lenient=0.9": "harness lenient: 83.3 % < 90.0 %",
    "field:nothing=0": "harness field:nothing: there is nothing to judge, 0 % wanted",
}


@pytest.mark.parametrize(("demands", "code"), [(MET, 0), ({**MET, **UNMET}, 1)], ids=["met", "not"])
def test_figures_over_all_cases_decide(
    user: pytest.Pytester, demands: dict[str, str], code: int
) -> None:
    suite(user.path, 3)
    user.makepyfile(CHECKS)
    done = user.runpytest_subprocess(*(f"--harness-min={demand}" for demand in demands))
    done.assert_outcomes(passed=3)
    assert done.ret == code
    done.stdout.fnmatch_lines(["*= harness =*", "<Report: 3 cases, 6 fields>", *demands.values()])


def test_a_gate_over_no_case_is_not_met(user: pytest.Pytester) -> None:
    user.makepyfile("def test_nothing(): pass")
    done = user.runpytest_subprocess("--harness-min", "macro=0")
    assert done.ret == 1
    done.stdout.fnmatch_lines(["harness macro: there is nothing to judge, 0 % wanted"])


@pytest.mark.parametrize("said", ["makro=1", "tag:scans=1"])
def test_a_demand_that_means_nothing_is_refused(user: pytest.Pytester, said: str) -> None:
    done = user.runpytest_subprocess("--harness-min", said)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["ERROR:*bad-gate*"])


def test_values_are_checked_without_a_suite(user: pytest.Pytester) -> None:
    user.makepyfile(
        """
        import harness

        def test_enough(harness_check):
            case = harness_check({"a": 1, "b": 2}, {"a": 1, "b": 3}, min_f1=0.5)
            assert case >= 0.5
            harness_check({"a": 1}, '```json\\n{"a": 1}\\n```')
            harness_check({"n": 10}, {"n": 10.5}, rules={"n": {"absolute": 1}})
            harness_check({}, {})

        def test_short(harness_check):
            harness_check({"a": 1, "b": 2}, {"a": 1, "c": 2}, min_f1=0.9)

        def test_nothing(harness_check):
            harness_check({"a": 1}, None)

        def test_compared():
            assert harness.score({"a": 1}, {"a": 2}) > 0.9

        def test_corpus():
            assert harness.evaluate({"x": {"a": 1}}, {"x": {"a": 2}}) >= 0.9
        """
    )
    done = user.runpytest_subprocess("-p", "no:randomly")
    done.assert_outcomes(passed=1, failed=4)
    done.stdout.fnmatch_lines(
        [
            "E*AssertionError: F1 50.0 %, wanted 90.0 %",
            "E*2 of 3 fields are wrong",
            "E*b: omission, expected 2, predicted nothing",
            "E*c: hallucination, expected nothing, predicted 2",
            "E*AssertionError: F1 0 %; there is no prediction for this truth",
            "E*assert <CaseResult F1 0.000: 1 wrong_value> > 0.900",
            "E*a: wrong_value, expected 1, predicted 2",
            "E*assert <Report: 1 case, 1 field> >= 0.900",
            "E*x a: wrong_value, expected 1, predicted 2",
        ]
    )


def test_mistakes_are_told_without_a_traceback(user: pytest.Pytester) -> None:
    user.makepyfile(
        """
        import pytest

        @pytest.mark.harness_suite("nowhere")
        def test_gone(harness_case): pass
        """
    )
    done = user.runpytest_subprocess()
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*nowhere*does not exist*"])
    user.makepyfile("def test_bare(harness_case): pass")
    done = user.runpytest_subprocess()
    done.stdout.fnmatch_lines(["*mark it with @pytest.mark.harness_suite(path)*"])


def test_unused_the_plugin_imports_nothing_of_harness() -> None:
    code = (
        f"import {PLUGIN}, sys\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in"
        " ('harness', 'pydantic', 'click', 'rich', 'jinja2')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(["harness", "harness.run", "harness.run.evaluation", PLUGIN])
