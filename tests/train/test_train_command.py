"""`harness train`, and what its models answer as extractors."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli.main import main
from harness.extract.tagger.label_field import LabelForm
from harness.extract.tagger.tagger_model import ModelDescription, featured_positions
from harness.run.store import read_results
from tests.run.stored_examples import stored_results
from tests.train.lined_suite import write_moods, write_suite


def harness(*args: object) -> Result:
    return CliRunner().invoke(main, [*map(str, args)], catch_exceptions=False)


def trained(suite: Path, *args: str, out: str = "model") -> Result:
    return harness("train", suite, "-o", suite / out, *args)


def f1_of(suite: Path, label: str, model: int = -1) -> float:
    counts = json.loads((suite / "model/scores.json").read_text())["models"][model]["labels"][label]
    twice = 2 * counts["true_positives"]
    return float(twice / (twice + counts["false_positives"] + counts["false_negatives"]))


@pytest.mark.parametrize("model", ["perceptron", "crf", "linear", "bilstm"])
def test_a_model_is_trained_tested_beside_the_majority_label_and_answers_as_an_extractor(
    tmp_path: Path, model: str
) -> None:
    if model == "crf":
        pytest.importorskip("pycrfsuite")
    if model in ("linear", "bilstm"):
        pytest.importorskip("torch")
    suite = write_suite(tmp_path)
    result = trained(suite, "--model", model, "--test", "late")
    assert result.exit_code == 0, result.output
    name = f"{model} ce" if model in ("linear", "bilstm") else model
    assert f"{name}: 120 lines of 6 documents tested" in result.output
    assert "majority label" in result.output
    assert (f1_of(suite, "Title", 0), f1_of(suite, "Title")) == (0, 1)
    ran = harness("run", suite, "--tag", "late", "--reports", tmp_path / "reports")
    assert ran.exit_code == 0, ran.output
    (folder,) = (tmp_path / "reports").glob("*/")
    first = json.loads((folder / "predictions.jsonl").read_text().splitlines()[0])["said"]
    assert first["value"]["lines"][0] == {"line": 1, "label": "Title"}
    assert dict(first["confidences"])["lines[0].label"] > 0.5
    figures = stored_results(folder)
    assert [field["field"] for field in figures["fields"]] == ["lines[].label"]


def test_one_seed_makes_the_same_model_twice(tmp_path: Path) -> None:
    suite = write_suite(tmp_path)
    for out in ("one", "two"):
        assert trained(suite, out=out).exit_code == 0
    one, two = ((suite / out / "weights.json").read_bytes() for out in ("one", "two"))
    assert one == two


def test_lines_without_a_label_are_neither_learnt_nor_scored(tmp_path: Path) -> None:
    suite = write_suite(tmp_path)
    for file in (suite / "ground_truth").glob("*.json"):
        truth = json.loads(file.read_text())
        truth["lines"] = [one for one in truth["lines"] if one["label"] != "Other"]
        file.write_text(json.dumps(truth))
    assert "perceptron: 48 lines of 6 documents tested" in trained(suite, "--test", "late").output


def test_a_run_stands_beside_the_model_and_what_it_did_not_answer_counts_against_it(
    tmp_path: Path,
) -> None:
    suite = write_suite(tmp_path)
    assert trained(suite, "--test", "late").exit_code == 0
    reports = tmp_path / "reports"
    assert harness("run", suite, "--filter", "a00", "--reports", reports).exit_code == 0
    (run,) = reports.glob("*/")
    result = trained(suite, "--test", "late", "--beside", str(run), out="other")
    assert "5 documents not answered" in result.output
    said = json.loads((suite / "other/scores.json").read_text())["models"][1]
    assert said["labels"]["Title"]["false_negatives"] == 5 * 4
    assert said["usd"] == 0


def test_recorded_answers_beside_the_model_are_neither_free_nor_instant(tmp_path: Path) -> None:
    suite = write_suite(tmp_path)
    lines = [
        {"id": file.stem, "value": json.loads(file.read_text())}
        for file in sorted((suite / "ground_truth").glob("*.json"))
    ]
    (suite / "said.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    settings = json.loads((suite / "suite.yaml").read_text())
    settings["extractor"] = {"kind": "recorded", "answers": "said.jsonl"}
    (suite / "suite.yaml").write_text(json.dumps(settings))
    reports = tmp_path / "reports"
    assert harness("run", suite, "--reports", reports).exit_code == 0
    (run,) = reports.glob("*/")
    trained(suite, "--test", "late", "--beside", str(run))
    recorded = json.loads((suite / "model/scores.json").read_text())["models"][1]
    assert recorded["test_seconds"] is None
    assert recorded["usd"] is None


@pytest.mark.parametrize(
    ("args", "slug"),
    [
        (["--focus", "Title"], "no-loss"),
        (["--model", "crf", "--loss", "focal"], "no-loss"),
        (["--model", "crf", "--epochs", "3"], "no-epochs"),
        (["--model", "linear", "--weights", "root", "--focus", "Title"], "weights-and-focus"),
        (["--model", "linear", "--weights", "root"], "unused-weights"),
        (["--model", "linear", "--loss", "ce", "--focus", "Title"], "unused-focus"),
        (["--model", "linear", "--loss", "soft-f1", "--focus", "Titel"], "unknown-label"),
        (["--test", "early"], "unknown-tag"),
        (["--field", "lines[][]"], "bad-field"),
        (["--field", "nothing[].label"], "too-few-labels"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(
    tmp_path: Path, args: list[str], slug: str
) -> None:
    suite = write_suite(tmp_path)
    result = trained(suite, *args)
    assert result.exit_code in (2, 3)
    assert f"[{slug}]" in result.output
    assert not (suite / "model").exists()


def test_labels_that_do_not_fit_the_lines_are_refused_by_case(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, numbered=False)
    assert trained(suite).exit_code == 0
    file = suite / "ground_truth" / "a03.json"
    truth = json.loads(file.read_text())
    file.write_text(json.dumps({"lines": truth["lines"][:-1]}))
    assert "case 'a03' has 19 labels for 20 lines [bad-line]" in trained(suite).output


def test_a_model_whose_weights_were_changed_is_refused(tmp_path: Path) -> None:
    suite = write_suite(tmp_path)
    assert "no model.json" in harness("run", suite).output
    assert trained(suite).exit_code == 0
    with (suite / "model/weights.json").open("a") as file:
        file.write(" ")
    result = harness("run", suite, "--reports", tmp_path / "reports")
    assert result.exit_code == 3
    assert "[bad-model]" in result.output


def test_held_out_documents_and_copies_of_tested_ones_are_not_trained_on(tmp_path: Path) -> None:
    suite = write_suite(tmp_path)
    for folder, end in (("documents", "txt"), ("ground_truth", "json")):
        copied = (suite / folder / f"a00.{end}").read_bytes()
        (suite / folder / f"a01.{end}").write_bytes(copied)
    said = json.loads((suite / "suite.yaml").read_text())
    (suite / "suite.yaml").write_text(json.dumps(said | {"split": {"holdout": ["a02", "a04"]}}))
    result = trained(suite, "--test", "late")
    assert "2 cases left out: held out" in result.output
    assert "1 case left out: of a group that is tested on" in result.output
    assert len(json.loads((suite / "model/model.json").read_text())["learnt_cases"]) == 16
    assert "a04" not in json.loads((suite / "model/scores.json").read_text())["test_documents"]


@pytest.mark.parametrize("documents", [12, 400])
def test_a_run_leaves_out_what_its_model_was_trained_on_and_copies_of_it(
    tmp_path: Path, documents: int
) -> None:
    suite = write_suite(tmp_path, documents)
    assert trained(suite, "--test", "late").exit_code == 0
    text = (suite / "documents/a01.txt").read_text()
    (suite / "documents/copied.txt").write_text(text)
    (suite / "ground_truth/copied.json").write_text((suite / "ground_truth/a01.json").read_text())
    (suite / "documents/a02.txt").write_text("Rubus nova, sp. nov.\n")  # corrected since
    (suite / "ground_truth/a02.json").write_text('{"lines": [{"line": 1, "label": "Title"}]}')
    result = harness("run", suite, "--reports", tmp_path / "reports")
    late = documents // 4
    assert f"tagger: {documents + 1 - late} of {documents + 1} cases left out" in result.output
    scored = read_results(next((tmp_path / "reports").glob("2*")))
    assert {case["id"] for case in scored["cases"]} == {f"a{n:02}" for n in range(0, documents, 4)}


def test_a_run_of_nothing_but_training_cases_is_refused(tmp_path: Path) -> None:
    suite = write_suite(tmp_path)
    assert trained(suite, "--test", "late").exit_code == 0
    result = harness("run", suite, "--filter", "a01", "--reports", tmp_path / "reports")
    assert result.exit_code == 3
    assert "trained on every case that is selected" in result.output


@pytest.mark.parametrize("loss", ["ce", "weighted", "focal", "soft-f1"])
def test_a_set_of_labels_is_learnt_by_every_loss_and_given_from_a_threshold_on(
    tmp_path: Path, loss: str
) -> None:
    pytest.importorskip("torch")
    suite = write_moods(tmp_path)
    result = trained(suite, "--model", "linear", "--loss", loss, "--epochs", "8")
    assert result.exit_code == 0, result.output
    assert min(f1_of(suite, "joy"), f1_of(suite, "love")) > 0.7


def test_a_perceptron_gives_sets_of_labels_too_and_a_lower_threshold_gives_more(
    tmp_path: Path,
) -> None:
    suite = write_moods(tmp_path)
    assert trained(suite).exit_code == 0
    assert min(f1_of(suite, "joy"), f1_of(suite, "love")) > 0.7
    given = []
    for threshold in (None, 0.0):
        (suite / "suite.yaml").write_text(
            json.dumps({"extractor": {"kind": "tagger", "model": "model", "threshold": threshold}})
        )
        reports = tmp_path / f"reports{threshold}"
        assert harness("run", suite, "--reports", reports).exit_code == 0
        (file,) = reports.glob("*/predictions.jsonl")
        given.append(
            sum(
                len(json.loads(x)["said"]["value"]["labels"])
                for x in file.read_text().split("\n")
                if x
            )
        )
    assert given[0] < given[1] == 16 * 3  # of the fifth that it was not trained on


def test_a_linechain_of_whole_texts_is_refused(tmp_path: Path) -> None:
    suite = write_moods(tmp_path)
    assert "[no-lines]" in trained(suite, "--model", "crf").output


def test_a_model_of_an_older_version_is_refused_with_the_way_out(tmp_path: Path) -> None:
    suite = write_suite(tmp_path)
    assert trained(suite).exit_code == 0
    file = suite / "model/model.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"version": 0}))
    result = harness("run", suite, "--reports", tmp_path / "reports")
    assert result.exit_code == 3
    assert "train it again" in result.output


def test_whoever_changes_features_raises_the_version_of_models() -> None:
    """Weights that were trained on other features would answer, and badly."""
    text = "Agaricus novus sp. nov.\n\nSpores 3-5 by 2 um, ISBN 12\nPILEUS\n"
    features = [
        featured_positions(text, LabelForm.LINES),
        featured_positions(text, LabelForm.SET),
    ]
    digest = hashlib.sha256(json.dumps(features, sort_keys=True).encode()).hexdigest()
    version = ModelDescription.model_fields["version"].default
    assert (version, digest[:12]) == (1, "44949d0bfbf1")


def test_weights_that_hold_code_are_refused(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    suite = write_suite(tmp_path)
    assert trained(suite, "--model", "linear", "--epochs", "1").exit_code == 0
    weights = suite / "model/weights.pt"
    torch.save({"bag.weight": Path("x")}, weights)
    said = json.loads((suite / "model/model.json").read_text())
    said["weights_sha256"] = hashlib.sha256(weights.read_bytes()).hexdigest()
    (suite / "model/model.json").write_text(json.dumps(said))
    result = harness("run", suite, "--reports", tmp_path / "reports")
    assert result.exit_code == 3
    assert "[bad-model]" in result.output


@pytest.mark.parametrize("documents", [12, 300])
@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("\n", None),
        ("\r\n", None),
        ("\f", "U+000C"),
        ("\n\f", "U+000C"),
        ("\r", "U+000D"),
        ("\x85\n", "U+0085"),
        ("\u2028\n", "U+2028"),
    ],
)
def test_lines_that_programs_number_in_two_ways_are_told_with_their_place(
    end: str, told: str | None, documents: int, tmp_path: Path
) -> None:
    suite = write_suite(tmp_path, documents)
    file = suite / "documents/a01.txt"
    first, second, rest = file.read_text().split("\n", 2)
    file.write_bytes(f"{first}\n{second}{end}{rest}".encode())
    result = trained(suite, "--test", "late", "--epochs", "1")
    assert result.exit_code == 0, result.output
    note = (
        "1 case has lines that other programs may number in another way: documents/a01.txt: line "
    )
    assert (note in result.stderr) is (told is not None)
    if told is not None:
        line = 3 if end == "\n\f" else 2
        assert f"{note}{line} has {told}\n" in result.stderr
