"""Model folders: `model.json` and a file of weights, read without running anything in them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from harness.cases.files.places import at
from harness.core.values import show
from harness.errors import HarnessError, Problem
from harness.extract.tagger.crf import load_crf
from harness.extract.tagger.label_field import LabelField, LabelForm
from harness.extract.tagger.networks import load_network
from harness.extract.tagger.perceptron import load_perceptron
from harness.extract.tagger.tagger_model import ModelDescription, TaggerModel

DESCRIPTION: Final = "model.json"
WEIGHTS: Final = {
    "perceptron": "weights.json",
    "crf": "weights.crfsuite",
    "linear": "weights.pt",
    "bilstm": "weights.pt",
}


def weights_digest(file: Path) -> str:
    """Return the sha256 of a file of weights."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def read_description(folder: Path) -> ModelDescription:
    """Return what a model's folder says of it.

    Raises HarnessError where there is none, or its weights are not the ones it was stored with.
    """
    file = folder / DESCRIPTION
    if not file.is_file():
        way = "make one: harness train SUITE -o FOLDER"
        raise HarnessError(Problem("no model.json: this is no model", "no-model", at(folder), way))
    try:
        description = ModelDescription.model_validate_json(file.read_text(encoding="utf-8"))
    except ValidationError as error:
        first = error.errors()[0]
        is_older = first["loc"] == ("version",)
        what = f"{show(first['loc'])}: {first['msg'].lower()}"
        again = "train it again: its weights go with other features" if is_older else None
        raise HarnessError(Problem(what, "bad-model", at(file), again)) from None
    weights = folder / description.weights
    if Path(description.weights).name != description.weights or not weights.is_file():
        what = f"{description.weights!r} is no file beside it"
        raise HarnessError(Problem(what, "bad-model", at(file)))
    if weights_digest(weights) != description.weights_sha256:
        what = "the weights are not the ones that were stored with model.json"
        raise HarnessError(Problem(what, "bad-model", at(weights), "train it again"))
    return description


def load_weights(folder: Path, description: ModelDescription) -> TaggerModel:
    """Return the model a folder holds. Raises HarnessError if its file is no weights."""
    file, labels = folder / description.weights, len(description.labels)
    is_set = LabelField.parse(description.field).form is LabelForm.SET
    try:
        if description.kind == "perceptron":
            return load_perceptron(file, labels, is_set=is_set)
        if description.kind == "crf":
            return load_crf(file, labels)
        if description.kind in ("linear", "bilstm"):
            return load_network(file, description.kind, labels, is_set=is_set)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        what = f"no weights of a {description.kind}: {error}"
        raise HarnessError(Problem(what, "bad-model", at(file))) from None
    raise HarnessError(Problem(f"cannot load a {description.kind}", "bad-model", at(file)))


def write_description(folder: Path, description: ModelDescription) -> None:
    """Write `model.json`."""
    text = json.dumps(description.model_dump(mode="json"), indent=1, ensure_ascii=False)
    (folder / DESCRIPTION).write_text(text + "\n", encoding="utf-8", newline="\n")
