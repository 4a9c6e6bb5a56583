"""`harness.evaluate`: the figures of `harness score`, on lists, mappings and pairs in memory."""

from __future__ import annotations

import gc
import importlib.util
import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import BaseModel

import harness
from harness.cli.main import main


def corpus(size: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return truths and predictions with every kind of error; each tenth has no prediction."""
    truths: dict[str, Any] = {}
    predictions: dict[str, Any] = {}
    for n in range(size):
        lines = [{"sku": f"S{n}-{i}", "qty": i} for i in range(n % 4)]
        truths[f"c{n}"] = {"total": n, "city": "Oslo", "lines": lines}
        said: dict[str, Any] = {"total": n if n % 3 else str(n), "lines": lines[::-1][: n % 3]}
        if n % 2:
            said["city"] = "Bergen" if n % 5 else "Oslo"
        else:
            said["town"] = "Oslo"
        if n % 10 != 2:
            predictions[f"c{n}"] = said
    return truths, predictions


def scored_by_command(folder: Path, *sides: dict[str, Any]) -> dict[str, Any]:
    files = folder / "truth.jsonl", folder / "answer.jsonl"
    for file, values in zip(files, sides, strict=True):
        lines = [json.dumps({"id": key, "value": value}) for key, value in values.items()]
        # What `evaluate` counts as an answer of nothing is for the command a reply that is empty.
        lines += [json.dumps({"id": key, "raw": ""}) for key in sides[0] if key not in values]
        file.write_text("\n".join(lines), "utf-8")
    done = CliRunner().invoke(main, ["score", *map(str, files), "--format", "json"])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("size", [3, 3000])
def test_the_figures_are_those_of_harness_score(tmp_path: Path, size: int) -> None:
    truths, predictions = corpus(size)
    stored = scored_by_command(tmp_path, truths, predictions)
    report = harness.evaluate(truths, predictions)
    whole = stored["aggregate"]
    for name, found in (("macro", report.macro), ("micro", report.micro)):
        assert found.precision == whole[name]["precision"]
        assert found.recall == whole[name]["recall"]
        assert found.f1 == whole[name]["f1"]
        assert list(found.interval or ()) == (whole["intervals"][f"{name}_f1"] or [])
    assert report.lenient.macro is not None
    assert report.lenient.micro is not None
    assert report.lenient.macro.f1 == whole["lenient"]["macro"]["f1"]
    assert report.lenient.micro.f1 == whole["lenient"]["micro"]["f1"]
    assert float(report) == whole["macro"]["f1"]
    assert len(report.unanswered) == whole["failed_cases"]
    assert [
        (f.field, f.precision, f.recall, f.f1, f.support, f.counts.wrong_value)
        for f in report.fields.values()
    ] == [
        (
            *(f[k] for k in ("field", "precision", "recall", "f1", "support")),
            f["counts"]["wrong_value"],
        )
        for f in stored["fields"]
    ]
    assert {case.id: case.f1 for case in report.cases} == {
        c["id"]: c["f1"] for c in stored["cases"]
    }
    assert sum(case.counts for case in report.cases) == report.counts
    assert len(report.rows()) == sum(len(case["diffs"]) for case in stored["cases"])


@pytest.mark.parametrize("size", [3, 3000])
def test_lists_pairs_and_mappings_give_one_result(size: int) -> None:
    truths, predictions = corpus(size)
    answers = [predictions.get(key) for key in truths]
    by_id = harness.evaluate(truths, predictions)
    listed = harness.evaluate(list(truths.values()), answers, ids=truths)
    paired = harness.evaluate(pairs=zip(truths.values(), answers, strict=True))
    assert repr(by_id) == repr(listed)
    assert [case.id for case in listed.cases] == list(truths)
    assert listed.unanswered == by_id.unanswered
    assert [case.f1 for case in paired.cases] == [case.f1 for case in by_id.cases]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], []), "nothing to score"),
        (({}, {}), "nothing to score"),
        ((), "give truths and predictions"),
        (([1, 2, 3], [1, 2]), "3 truths and 2 predictions"),
        (([1], {"a": 1}), "both lists or both mappings"),
        (({"a": 1}, {"b": 1}), "no prediction has the id of a truth"),
        (("ab", "ab"), "a list of values is needed"),
        (({1: 1, "1": 2}, {1: 1}), "more than once: '1'"),
        ((['{"a": 1}'], [{"a": 1}]), "JSON in text"),
    ],
)
def test_what_cannot_be_scored_is_refused_with_its_cause(
    arguments: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        harness.evaluate(*arguments)


@pytest.mark.parametrize("size", [3, 3000])
def test_ids_name_each_case_once(size: int) -> None:
    values = [{"a": 1}] * size
    with pytest.raises(ValueError, match=f"there are {size - 1} ids for {size} truths"):
        harness.evaluate(values, values, ids=range(size - 1))
    with pytest.raises(ValueError, match="more than once"):
        harness.evaluate(values, values, ids=["same"] * size)


def test_a_missing_prediction_is_an_answer_of_nothing_and_is_told_of() -> None:
    report = harness.evaluate({"x": {"a": 1}, "y": {"a": 2}}, {"x": {"a": 1}, "z": {"a": 3}})
    assert (float(report), report.micro.recall) == (0.5, 0.5)
    assert (report.unanswered, report.unexpected) == (("y",), ("z",))
    assert "1 case without an answer, scored as one of nothing" in repr(report)
    assert "1 prediction without a truth, not scored" in repr(report)


def test_a_corpus_without_any_field_has_no_score_rather_than_a_zero() -> None:
    report = harness.evaluate([{}], [{}])
    assert report.macro.f1 is None
    assert "n/a" in repr(report)
    with pytest.raises(ValueError, match="undefined"):
        float(report)


def test_text_is_read_as_a_reply_and_objects_as_their_json() -> None:
    class Bill(BaseModel):
        total: int
        due: date

    bill = Bill(total=3, due=date(2026, 1, 2))
    reply = 'Here:\n```json\n{"total": 3, "due": "2026-01-02"}\n```'
    report = harness.evaluate([bill, bill, bill], [bill, reply, "no idea"], schema=Bill)
    assert [case.f1 for case in report.cases] == [1.0, 1.0, 0.0]
    assert report.unanswered == ("2",)


HOSTILE = "<script>alert(1)</script>"


@pytest.mark.parametrize("size", [3, 3000])
def test_a_notebook_runs_no_markup_of_a_document(size: int) -> None:
    truths = {f"{HOSTILE}{n}": {f"{HOSTILE}{n}": HOSTILE} for n in range(size)}
    report = harness.evaluate(truths, {key: {} for key in truths})
    page = report._repr_html_()  # what a notebook calls
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert f"{size:,}".replace(",", "\u202f") + " cases" in page


def test_a_frame_has_a_row_for_each_verdict_with_values_as_they_were() -> None:
    report = harness.evaluate([{"a": 1, "b": 2}, {"a": 3}], [{"a": 1}, {"a": 4}])
    expected = [("0", "a", 1, 1), ("0", "b", 2, None), ("1", "a", 3, 4)]
    assert [(r["id"], r["path"], r["expected"], r["predicted"]) for r in report.rows()] == expected
    if importlib.util.find_spec("pandas") is None:
        with pytest.raises(ImportError, match="pip install"):
            report.to_frame()
        return
    frame = report.to_frame()
    shown = frame[["id", "path", "expected", "predicted"]].itertuples(index=False, name=None)
    assert [tuple(row) for row in shown] == expected


def test_counts_add_up_and_results_are_numbers() -> None:
    results = [harness.score({"a": 1}, {"a": n}) for n in (1, 2)]
    assert sum(result.counts for result in results) == harness.Counts(correct=1, wrong_value=1)
    assert [float(result) for result in results] == [1.0, 0.0]
    assert repr(results[1]) == "<CaseResult F1 0.000: 1 wrong_value>"
    with pytest.raises(TypeError):
        1 + results[0].counts
    with pytest.raises(ValueError, match="undefined"):
        float(harness.Ratio(0, 0))
    with pytest.raises(ValueError, match="undefined"):
        float(harness.score({}, {}))


def test_importing_harness_imports_nothing_of_it() -> None:
    code = "import harness, sys; print([m for m in sys.modules if m.startswith('harness.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert harness.__version__.count(".") == 2


def test_python_values_are_read_as_score_reads_them_and_the_rest_refused_by_path() -> None:
    truth = {"price": 9.5, "on": "2024-03-31", "n": None}
    said = {"price": Decimal("9.5"), "on": date(2024, 3, 31), "n": float("nan")}
    assert float(harness.evaluate([truth], [said])) == 1
    with pytest.raises(harness.HarnessError, match="case '0': in the prediction, a is a object"):
        harness.evaluate([{"a": 1}], [{"a": object()}])


@pytest.mark.parametrize("threshold", [0, 700, 100_000])
def test_the_collector_of_cycles_is_left_as_it_was(threshold: int) -> None:
    before = gc.get_threshold()
    try:
        gc.set_threshold(threshold, 11, 12)
        harness.evaluate([{"a": 1}], [{"a": 1}])
        with pytest.raises(harness.HarnessError):
            harness.evaluate([{"a": 1}], [{"a": object()}])
        assert gc.get_threshold() == (threshold, 11, 12)
    finally:
        gc.set_threshold(*before)
