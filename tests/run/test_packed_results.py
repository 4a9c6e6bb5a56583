"""What `eval-results.json` leaves out is there again when it is read, of either version."""

from __future__ import annotations

import copy
import json
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from harness.core.records import Answer, Case, Document, Failure, FailureKind
from harness.errors import HarnessError
from harness.run import store
from harness.run.stored.packed_results import PACKED_VERSION, packed, unpacked
from tests.run.stored_examples import document, results
from tests.run.test_results import ALL_RIGHT, THREE, VACUOUS

SCHEMA: Final[dict[str, Any]] = json.loads(
    resources.files("harness.run").joinpath("eval-results.schema.json").read_text("utf-8")
)


def _document(truth: Any, answer: Any, *texts: str) -> Any:  # noqa: ANN401  # any JSON
    documents: tuple[Document, ...] = tuple(document(t, f"d{n}.txt") for n, t in enumerate(texts))
    return results([(Case("a", documents, truth, None), Answer(answer))])


ODD: Final = {
    "equal, but another JSON type": ({"n": 1, "b": True}, {"n": 1.0, "b": True}),
    "rows in another order": ({"r": [{"k": i} for i in range(12)]}, {"r": [{"k": 11}, {"k": 3}]}),
    "a list in a list": ({"r": [[1, 2], [3]]}, {"r": [[3], [2, 1]]}),
    "keys with brackets": ({"a[3]": [{"b.c": 1}]}, {"a[3]": [{"b.c": 1}, {"b.c": 2}]}),
    "another frame": ({"a": [1], "b": 2, "c": {"d": 1}}, {"a": 1, "b": [2], "c": [{"d": 1}]}),
    "null that is told": ({"a": None, "b": 1}, {"a": 1, "b": None}),
    "a value alone": (5, "5"),
    "near": ({"t": "Globex Corp", "d": "2024-03-31"}, {"t": "Globex Corp.", "d": "31 March 2024"}),
}


@pytest.mark.parametrize("case", ODD)
@pytest.mark.parametrize("texts", [(), ("Globex Corp is 1",), ("1 2 3", "Globex 11 and 3, 2 or 1")])
def test_what_is_read_is_what_was_written(case: str, texts: tuple[str, ...]) -> None:
    written = json.loads(json.dumps(_document(*ODD[case], *texts)))
    stored = json.loads(json.dumps(packed(copy.deepcopy(written))))
    Draft202012Validator(SCHEMA).validate(stored)
    assert unpacked(stored) == written


@pytest.mark.parametrize("asked", [THREE, VACUOUS, ALL_RIGHT, ()])
def test_runs_are_read_as_they_were_written(asked: Any, tmp_path: Path) -> None:  # noqa: ANN401
    failed = (Case("z", (), {"a": 1}, None), Failure(FailureKind.TIMEOUT, "no"))
    written: Any = json.loads(json.dumps(results([*asked, failed])))
    store.write_results(tmp_path, written)
    stored = json.loads((tmp_path / store.RESULTS).read_text("utf-8"))
    assert stored["schema_version"] == PACKED_VERSION
    Draft202012Validator(SCHEMA).validate(stored)
    assert store.read_results(tmp_path) == written


def test_a_file_of_version_1_is_read_as_it_is(tmp_path: Path) -> None:
    written: Any = results(THREE)
    store.write_json(tmp_path / store.RESULTS, written)
    assert store.read_results(tmp_path) == written


def test_figures_that_do_not_follow_from_the_counts_are_kept() -> None:
    written: Any = json.loads(json.dumps(results(THREE)))
    written["cases"][0] |= {"precision": 0.25, "lenient_f1": 0.5}
    assert unpacked(json.loads(json.dumps(packed(written)))) == written


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"schema_version": PACKED_VERSION + 1}, "schema_version 3 is not known"),
        ({"cases": [{"id": "a"}]}, "field required"),
        (
            {"cases": [{"id": "a", "counts": {}, "f1": 1.0, "diffs": [{"path": "b"}]}]},
            "nothing of 'expected'",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_told_of(change: Any, told: str, tmp_path: Path) -> None:  # noqa: ANN401
    document: Any = results(THREE)
    store.write_json(tmp_path / store.RESULTS, {**packed(document), **change})
    with pytest.raises(HarnessError, match=told):
        store.read_results(tmp_path)


@pytest.mark.parametrize("rows", [3, 3_000])
def test_a_file_takes_at_most_four_times_its_data(rows: int) -> None:
    truth = {"r": [{"sku": f"SKU-{i:05}", "text": f"Bracket no. {i}", "n": i} for i in range(rows)]}
    answer = {"r": [dict(row) for row in reversed(truth["r"])]}
    text = "\n".join(f"{row['sku']} | {row['text']} | {row['n']}" for row in truth["r"])
    shape = packed(_document(truth, answer, text))
    cases = json.dumps(shape["cases"], separators=(",", ":"))
    data = json.dumps([truth, answer], separators=(",", ":"))
    assert len(cases) <= 4 * len(data) + 300
