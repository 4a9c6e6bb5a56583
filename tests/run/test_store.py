"""The run folder: what is written is what is read, and nothing is ever there by half."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.records import Answer, Case, Document, Failure, FailureKind, Prediction, Usage
from harness.core.values import Json
from harness.errors import HarnessError
from harness.run import store

TEXTS = st.text(st.characters(), max_size=20)  # lone surrogates and line separators included
NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
COUNTS = st.none() | st.integers(0, 2**40)
USAGE = st.none() | st.builds(Usage, COUNTS, COUNTS, COUNTS, st.none() | st.floats(0, 1e6))
SAID = st.builds(
    Answer,
    VALUES,
    st.none() | TEXTS,
    st.lists(TEXTS, max_size=2).map(tuple),
    usage=USAGE,
    confidences=st.lists(st.tuples(TEXTS, st.floats(0, 1)), max_size=2).map(tuple),
) | st.builds(Failure, st.sampled_from(FailureKind), TEXTS, st.none() | TEXTS, usage=USAGE)
PREDICTIONS = st.builds(
    Prediction, TEXTS, SAID, st.floats(0, 1e6), st.integers(1, 3), st.integers(0, 9), st.booleans()
)
DOCUMENTS = st.builds(Document, TEXTS, TEXTS, TEXTS)
SCHEMAS: Mapping[str, Json] = {"one": {"type": "object"}, "two": {"type": "array"}}
CASES = st.builds(
    Case,
    TEXTS,
    st.lists(DOCUMENTS, max_size=2).map(tuple),
    VALUES,
    st.sampled_from([None, *SCHEMAS.values()]),
    st.lists(TEXTS, max_size=2).map(tuple),
    st.none() | TEXTS,
)


@settings(max_examples=40)  # every example waits for the disk
@given(st.lists(PREDICTIONS, max_size=4))
def test_predictions_come_back_as_they_were_the_last_of_a_case_counting(
    predictions: list[Prediction],
) -> None:
    with TemporaryDirectory() as name:
        log = store.PredictionLog(Path(name))
        for number, prediction in enumerate(predictions, start=1):
            log.append(prediction)
            assert (Path(name) / store.PREDICTIONS).read_bytes().count(b"\n") == number
        log.close()
        last = {(p.case_id, p.replicate): p for p in predictions}
        assert store.read_replicates(Path(name)) == last
        firsts = {case: p for (case, replicate), p in last.items() if replicate == 1}
        assert store.read_predictions(Path(name)) == firsts


@settings(max_examples=40)  # every example waits for the disk
@given(st.lists(CASES, max_size=3))
def test_cases_come_back_as_they_were(cases: list[Case]) -> None:
    names = {id(schema): key for key, schema in SCHEMAS.items()}
    with TemporaryDirectory() as name:
        store.write_cases(Path(name), cases, names)
        assert list(store.read_cases(Path(name), SCHEMAS)) == cases


@settings(max_examples=40)  # every example waits for the disk
@given(st.lists(PREDICTIONS, min_size=2, max_size=3, unique_by=lambda p: p.case_id), st.data())
def test_whatever_is_cut_off_the_end_costs_the_last_prediction_alone(
    predictions: list[Prediction], data: st.DataObject
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        log = store.PredictionLog(folder)
        for prediction in predictions:
            log.append(prediction)
        log.close()
        path = folder / store.PREDICTIONS
        whole = path.read_bytes()
        last = whole.rindex(b"\n", 0, -1) + 1
        path.write_bytes(whole[: data.draw(st.integers(last, len(whole) - 2))])
        kept = {(p.case_id, p.replicate): p for p in predictions[:-1]}
        assert store.read_replicates(folder) == kept


def test_a_prediction_stored_before_there_were_replicates_is_the_first(tmp_path: Path) -> None:
    said = '{"value": 1, "raw": null, "repairs": [], "status": "answered"}'
    line = f'{{"case_id": "a", "said": {said}, "seconds": 0.5}}\n'
    (tmp_path / store.PREDICTIONS).write_text(line)
    assert store.read_predictions(tmp_path) == {"a": Prediction("a", Answer(1), 0.5)}


def test_a_prediction_is_on_disk_before_the_log_is_closed(tmp_path: Path) -> None:
    log = store.PredictionLog(tmp_path)
    log.append(Prediction("a", Answer(1), 0.5))
    assert json.loads((tmp_path / store.PREDICTIONS).read_text())["case_id"] == "a"
    log.close()


def test_a_file_that_cannot_be_written_whole_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    store.write_atomically(path, "before")
    with pytest.raises(UnicodeEncodeError):
        store.write_atomically(path, "x" * 100_000 + "\ud800")
    assert path.read_text() == "before"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file.json"]


def test_line_ends_are_written_as_they_are(tmp_path: Path) -> None:
    store.write_atomically(tmp_path / "file", "a\r\nb\n")
    assert (tmp_path / "file").read_bytes() == b"a\r\nb\n"


def test_a_long_document_is_named_and_not_kept(tmp_path: Path) -> None:
    long = Document("long.txt", "0" * 64, "x" * (store.KEPT_TEXT + 1))
    store.write_cases(tmp_path, [Case("a", (long,), 1)], {})
    assert (tmp_path / store.CASES).stat().st_size < 1000
    (case,) = store.read_cases(tmp_path, {})
    assert case.documents == (Document("long.txt", "0" * 64, ""),)


def test_two_runs_never_share_a_folder(tmp_path: Path) -> None:
    names = [store.create_folder(tmp_path / "reports", "run").name for _ in range(3)]
    assert names == ["run", "run-2", "run-3"]
    assert store.run_folders(tmp_path / "reports") == [], "none of them holds a run yet"


def test_run_folders_are_listed_newest_first_and_other_folders_left_out(tmp_path: Path) -> None:
    for name in ("20260101-a", "20260301-b", "20260201-c", "notes"):
        (tmp_path / name).mkdir()
        if name != "notes":
            (tmp_path / name / store.RUN).touch()
    found = [folder.name for folder in store.run_folders(tmp_path)]
    assert found == ["20260301-b", "20260201-c", "20260101-a"]
    assert store.run_folders(tmp_path / "nowhere") == []


@pytest.mark.parametrize(
    "line",
    ['{"case_id": "a", "said": {"status": "answered"}, "seconds": 1}', '{"case_id": "a"}', "[]"],
)
def test_a_line_that_is_no_prediction_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / store.PREDICTIONS).write_text(f"{line}\n")
    with pytest.raises(HarnessError) as caught:
        store.read_predictions(tmp_path)
    assert "predictions.jsonl:1: not a stored prediction: " in str(caught.value)
