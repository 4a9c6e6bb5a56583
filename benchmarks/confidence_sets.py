"""Runs with confidences for `confidence.py`, made of a folder of public data sets.

A set has `ground_truth/ID.json`, `predictions/SYSTEM/ID.json`, and `schema.json` or
`schemas/ID.json`. Of receipts, which nobody has answered, answers are made up out of the truths; of
GoEmotions, a TF-IDF regression is fitted here, so that its probabilities are nobody's choice.
"""

from __future__ import annotations

import importlib
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from harness.confidence.ensemble.ensemble_run import ensemble

LEAST: Final = 0.01
"""Probability from which a label is an answer at all."""
READERS: Final = 5
_GRAPH: Final = """rules:
  sentences: {align: key, key: [index]}
  sentences[].basemats: {align: entity, match: {name: 1}}
  sentences[].dopants: {align: entity, match: {name: 1}}
  sentences[].links[].dopant: {refers_to: dopants}
  sentences[].links[].basemat: {refers_to: basemats}
"""
_SUMS: Final = """checks:
  - sum(items[].total_price) = transaction.subtotal within 1
  - items[].quantity * items[].unit_price = items[].total_price within 1
"""
RULES: Final[Mapping[str, str]] = {"nerre_doping": _GRAPH, "receipts_silver": _SUMS}


def merged_run(data: Path, name: str, project: Path) -> Path:
    """Return the run that merges all systems of a set, made in a project of its own."""
    source = data / name
    suite = suite_of(source, name, project)
    if (source / "predictions").is_dir():
        shutil.copytree(source / "predictions", suite / "answers")
    else:
        made_up(source / "ground_truth", suite / "answers", hard=0.15)
    systems = sorted(folder.name for folder in (suite / "answers").iterdir())
    lines = [f"  {one}: {{kind: recorded, answers: answers/{one}}}\n" for one in systems]
    text = "".join(["extractors:\n", *lines, RULES.get(name, "")])
    (suite / "suite.yaml").write_text(text, "utf-8")
    _harness(project, "run", f"evals/{name}", "-q")
    runs = sorted((project / "reports").glob("*/run.json"))
    return ensemble(
        [run.parent for run in runs], "merged", project / "reports", "equal", 0.5
    ).folder


def suite_of(source: Path, name: str, project: Path) -> Path:
    """Return a suite without extractors, of all that a set has texts and truths of."""
    suite = project / "evals" / name
    (suite / "documents").mkdir(parents=True)
    shutil.copytree(source / "ground_truth", project / "ground_truth" / name)
    for part in ("schemas", "schema.json"):
        if (source / part).is_dir():
            shutil.copytree(source / part, suite / part)
        elif (source / part).is_file():
            shutil.copy(source / part, suite / part)
    for truth in (source / "ground_truth").glob("*.json"):
        text = source / "documents" / f"{truth.stem}.txt"
        said = text.read_text("utf-8") if text.is_file() else "no text of it\n"
        (suite / "documents" / f"{truth.stem}.txt").write_text(said, "utf-8")
    return suite


def _harness(project: Path, *words: str) -> None:
    command = [sys.executable, "-m", "harness", *words]
    done = subprocess.run(  # noqa: S603  # our own command
        command, cwd=project, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 4):  # a system may have left out a document
        raise SystemExit(done.stderr)


def made_up(truths: Path, answers: Path, hard: float) -> None:
    """Write what readers of different care make of receipts, a share of which is hard for all."""
    for reader in range(READERS):
        folder = answers / f"reader-{reader}"
        folder.mkdir(parents=True)
        for file in sorted(truths.glob("*.json")):
            is_hard = random.Random(file.stem).random() < hard
            draw = random.Random(f"{reader} {file.stem}")
            rate = (0.3 if is_hard else 0.02) * (1 + reader / 2)
            truth = json.loads(file.read_text("utf-8"))
            said = json.dumps(_slipped(truth, rate, draw), ensure_ascii=False)
            (folder / file.name).write_text(said, "utf-8")


def _slipped(value: Any, rate: float, draw: random.Random) -> Any:  # noqa: ANN401  # JSON
    if isinstance(value, dict):
        return {key: _slipped(part, rate, draw) for key, part in value.items()}
    if isinstance(value, list):
        kept = [part for part in value if draw.random() > rate / 4]
        return [_slipped(part, rate, draw) for part in kept]
    if draw.random() > rate or value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value[: len(value) // 2] or "x"
    return draw.choice((value * 10, value + 1, round(value * 1.1, 2)))


def labels_runs(data: Path, project: Path) -> tuple[Path, Path]:
    """Return the runs of a TF-IDF regression over rows it was not fitted on: of train, and of dev.

    Each fifth of train is answered by the other four, dev by all of train.
    """
    train, dev = (_lines(data / "goemotions" / "jsonl" / f"{n}.jsonl") for n in ("train", "dev"))
    answers: list[dict[str, float]] = [{} for _ in train]
    for part in range(_PARTS):
        asked = range(part, len(train), _PARTS)
        known = [row for n, row in enumerate(train) if n % _PARTS != part]
        said = _probabilities(known, [train[n] for n in asked])
        for n, levels in zip(asked, said, strict=True):
            answers[n] = levels
    return (
        _scored(train, answers, project / "train"),
        _scored(dev, _probabilities(train, dev), project / "dev"),
    )


_PARTS: Final = 5
_Row: TypeAlias = Mapping[str, Any]


def _probabilities(known: Sequence[_Row], asked: Sequence[_Row]) -> list[dict[str, float]]:
    """Return for each row that is asked the labels that are at all probable."""
    text: Any = importlib.import_module("sklearn.feature_extraction.text")
    linear: Any = importlib.import_module("sklearn.linear_model")
    pipeline: Any = importlib.import_module("sklearn.pipeline")
    words = pipeline.make_union(
        text.TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2),
        text.TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(2, 5), min_df=3),
    )
    seen = words.fit_transform([row["text"] for row in known])
    new = words.transform([row["text"] for row in asked])
    found: list[dict[str, float]] = [{} for _ in asked]
    for label in sorted({label for row in known for label in row["labels"]}):
        model = linear.LogisticRegression(C=5.0, solver="liblinear")
        model.fit(seen, [label in row["labels"] for row in known])
        for levels, level in zip(found, model.predict_proba(new)[:, 1], strict=True):
            if level >= LEAST:
                levels[label] = round(float(level), 4)
    return found


def _scored(rows: Sequence[_Row], answers: Sequence[Mapping[str, float]], project: Path) -> Path:
    project.mkdir(parents=True)
    with (project / "truths.jsonl").open("w", encoding="utf-8") as truths:
        for row in rows:
            truth = {"id": row["id"], "value": {"labels": row["labels"]}}
            truths.write(json.dumps(truth) + "\n")
    with (project / "answers.jsonl").open("w", encoding="utf-8") as out:
        for row, levels in zip(rows, answers, strict=True):
            said = {
                "id": row["id"],
                "value": {"labels": [*levels]},
                "confidences": {f"labels[{n}]": p for n, p in enumerate(levels.values())},
            }
            out.write(json.dumps(said) + "\n")
    _harness(project, "score", "truths.jsonl", "answers.jsonl", "-o", f"reports/{project.name}")
    return project / "reports" / project.name


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


MERGED: Final = ("finrag_table", "receipts_silver", "nerre_doping", "docubench")
LABELS: Final = "goemotions"
