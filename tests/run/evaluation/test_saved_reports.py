"""Reports of `harness.evaluate` as run folders, and two of them compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import harness
from harness.cli.main import main
from tests.run.stored_examples import stored_results

KINDS = ["a", "b", "c"]
SCHEMA = {
    "type": "object",
    "properties": {"kind": {"enum": KINDS}, "total": {"type": "number"}},
}


def corpus(size: int, every: int) -> harness.Report:
    """Return the report on a corpus of which each `every`-th answer is wrong, the last missing."""
    truths = [{"kind": KINDS[n % 3], "total": n, "paid": n % 2 == 0} for n in range(size)]
    answers: list[Any] = [
        {**one, "total": -1, "kind": "b"} if n % every == 0 else one for n, one in enumerate(truths)
    ]
    answers[-1] = None
    return harness.evaluate(truths, answers, schema=SCHEMA, rules={"total": {"weight": 2}})


@pytest.mark.parametrize("size", [3, 3000])
def test_a_saved_report_is_a_run_with_the_same_figures(tmp_path: Path, size: int) -> None:
    report = corpus(size, 2)
    folder = report.save(tmp_path / "reports" / "mine", suite="bills")
    stored = stored_results(folder)
    whole = stored["aggregate"]
    assert (stored["suite"], stored["extractor"]) == ("bills", "predictions")
    assert whole["macro"]["f1"] == report.macro.f1
    assert whole["micro"]["f1"] == report.micro.f1
    assert whole["intervals"]["macro_f1"] == (list(report.macro.interval or ()) or None)
    assert report.lenient.macro is not None
    assert whole["lenient"]["macro"]["f1"] == report.lenient.macro.f1
    assert {f["field"]: f["f1"] for f in stored["fields"]} == {
        name: field.f1 for name, field in report.fields.items()
    }
    assert {c["id"]: c["f1"] for c in stored["cases"]} == {c.id: c.f1 for c in report.cases}
    with pytest.raises(harness.HarnessError, match="holds something already"):
        report.save(folder)


@pytest.mark.parametrize(
    "words",
    [
        ["report", "."],
        ["history"],
        ["show", "last"],
        ["rescore", "reports/one"],
        ["compare", "one", "two"],
        ["gate", "two", "--fail-under", "macro=0.5"],
        ["export", "two", "--format", "markdown"],
        ["explain", "two", "01", "total"],
    ],
    ids=lambda words: words[0],
)
def test_every_command_that_takes_a_run_takes_a_saved_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    corpus(40, 2).save("reports/one")
    corpus(40, 100).save("reports/two")
    if words == ["report", "."]:
        words = ["report", "reports/two"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output


def test_a_report_that_is_scored_again_says_what_it_said(tmp_path: Path) -> None:
    report = corpus(30, 3)
    folder = report.save(tmp_path / "run")
    before = stored_results(folder)
    done = CliRunner().invoke(main, ["rescore", str(folder)])
    assert done.exit_code == 0, done.output
    assert stored_results(folder) == before


@pytest.mark.parametrize("size", [24, 600])
def test_reports_and_folders_compare_alike(tmp_path: Path, size: int) -> None:
    base, new = corpus(size, 2), corpus(size, 10_000)
    found = harness.compare(base, new)
    folders = base.save(tmp_path / "base"), new.save(str(tmp_path / "new"))
    stored = harness.compare(*folders)
    assert found.verdict.value == "improved"
    assert (found.macro, found.micro, found.fields) == (stored.macro, stored.micro, stored.fields)
    assert harness.compare(base, folders[1]).macro == found.macro
    assert repr(found).startswith("<Comparison: improved>\nmacro F1 ")
    assert "total: " in repr(found)


def test_reports_on_other_truths_are_not_compared() -> None:
    one = harness.evaluate([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 2}])
    other = harness.evaluate([{"a": 1}, {"a": 3}], [{"a": 1}, {"a": 2}])
    with pytest.raises(harness.HarnessError, match="have changed of case '1'"):
        harness.compare(one, other)
    found = harness.compare(one, other, allow_unlike=True)
    assert "unlike: documents, truth" in repr(found)


def test_a_confusion_matrix_is_given_of_closed_fields_only() -> None:
    report = corpus(30, 2)
    assert sorted(report.confusion) == ["kind", "paid"]
    matrix = report.confusion["kind"]
    assert set(matrix.labels) == {*KINDS, None}
    assert matrix.total == 30
    a, b = matrix.labels.index("a"), matrix.labels.index("b")
    assert matrix.rows[a][b] == 5  # a stands at 0, 3, 6 ... 27; each other one was answered b


def test_ratios_results_and_reports_are_compared_as_numbers() -> None:
    half, whole = (harness.score({"a": 1, "b": 2}, {"a": 1, "b": n}) for n in (3, 2))
    assert half < 0.75 < whole
    assert half <= half.counts.f1 <= 0.5
    assert max([half, whole]) is whole
    assert sum([half, whole]) == harness.Counts(correct=3, wrong_value=1)
    assert half.counts + whole == half + whole.counts == half + whole
    assert half == harness.score({"a": 1, "b": 2}, {"a": 1, "b": 3}) != whole
    assert len({half, harness.score({"a": 1, "b": 2}, {"a": 1, "b": 3})}) == 1
    assert str(sum([half.counts.f1, whole.counts.f1])) == "0.750 (6/8)"
    assert str(half.counts) == "1 correct, 1 wrong_value; F1 0.500 (2/4)"
    report = harness.evaluate([{"a": 1}], [{"a": 1}])
    assert report > 0.9
    assert report.macro >= 1
    assert report.cases[0] > 0.9
    with pytest.raises(ValueError, match="undefined"):
        _ = harness.Ratio(0, 0) < 1
    one: Any = 1
    for value in (half, half.counts, half.counts.f1):
        with pytest.raises(TypeError):
            _ = value + one


def test_rules_may_be_the_file_that_harness_score_takes(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("total: {absolute: 1}\n", "utf-8")
    (tmp_path / "even_so.py").write_text("def same(a, b):\n    return True\n", "utf-8")
    truths, answers = [{"total": 10}], [{"total": 10.5}]
    assert float(harness.evaluate(truths, answers, rules=file)) == 1
    file.write_text("total: {compare: 'even_so:same'}\n", "utf-8")
    report = harness.evaluate(truths, [{"total": 12}], rules=str(file))
    assert float(report) == 1
    folder = report.save(tmp_path / "run")
    done = CliRunner().invoke(main, ["rescore", str(folder)])
    assert done.exit_code == 0, done.output
    with pytest.raises(harness.HarnessError, match="no file of rules"):
        harness.evaluate(truths, answers, rules=tmp_path / "none.yaml")


def test_a_small_p_value_is_never_written_as_nothing() -> None:
    truths = {f"d{n}": {"x": n} for n in range(40)}
    right, wrong = harness.evaluate(truths, truths), {case: {"x": -1} for case in truths}
    shown = repr(harness.compare(right, harness.evaluate(truths, wrong)))
    assert "p <0.001 of macro F1" in shown
