"""Run folder: all that a run was given and answered, from which everything else can be rebuilt."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from harness.cases.digest import review_as_json
from harness.cases.files.append_only import AppendOnlyFile
from harness.cases.files.places import at
from harness.cases.files.strict_json import without_garbage_collection
from harness.cases.files.whole_file import whole_file
from harness.cases.suite import Prompt
from harness.core.explain.places.stated_places import places_by_path
from harness.core.records import (
    Answer,
    Case,
    Document,
    Failure,
    Prediction,
    StatedPlaces,
    TruthReview,
)
from harness.core.rules.field_rule import NO_RULES, parse_rules, rules_as_json
from harness.core.values import Json
from harness.errors import HarnessError, Problem, Where
from harness.run.stored.packed_results import PACKED_VERSION, PackedResults, packed, unpacked
from harness.run.stored.stored_case import StoredCase, StoredTruthReview
from harness.run.stored.stored_json import decode_stored, parse_stored, sound_stored, stored_text
from harness.run.stored.stored_places import place_record
from harness.run.stored.stored_results import ResultsDocument
from harness.run.stored.stored_run import RunDocument

RUN: Final = "run.json"
CASES: Final = "cases.jsonl"
PREDICTIONS: Final = "predictions.jsonl"
RESULTS: Final = "eval-results.json"
REPORT: Final = "report.html"
PROMPT: Final = "prompt.json"

KEPT_TEXT: Final = 2_000_000
"""Characters of a document that are kept in a run folder; a longer one is named, not kept, and
nothing is looked for in it, so that a run scored again says what it said."""

_PREDICTION: Final = TypeAdapter(Prediction)
_RUN: Final = TypeAdapter(RunDocument)
_CASE: Final = TypeAdapter(StoredCase)


@cache
def _results_shape() -> TypeAdapter[ResultsDocument]:
    """Return the shape of results of version 1; slow to make, and a run needs none."""
    return TypeAdapter(ResultsDocument)


@cache
def _packed_shape() -> TypeAdapter[PackedResults]:
    return TypeAdapter(PackedResults)


def create_folder(reports: Path, name: str) -> Path:
    """Create a new folder for a run and return it; two runs never share one.

    Raises HarnessError if nothing can be written there.
    """
    try:
        _make_reports(reports)
        for attempt in range(1, 1000):
            folder = reports / (name if attempt == 1 else f"{name}-{attempt}")
            with suppress(FileExistsError):
                folder.mkdir()
                return folder
    except OSError as error:
        what = f"no run folder can be made: {(error.strerror or str(error)).lower()}"
        hint = "choose another folder with --reports"
        raise HarnessError(Problem(what, "unwritable", at(reports), hint)) from None
    raise HarnessError(Problem("no free name for a run folder", "run-folder", Where(reports)))


def _make_reports(reports: Path) -> None:
    """Make the folder of runs; a new one is kept out of Git, since documents stand in runs."""
    if reports.is_dir():
        return
    reports.mkdir(parents=True, exist_ok=True)
    (reports / ".gitignore").write_text("*\n", "utf-8", newline="\n")


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all."""
    try:
        with whole_file(path) as scratch, scratch.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        error.filename = str(path)
        raise


def write_json(path: Path, value: Mapping[str, object]) -> None:
    """Write a JSON object, keys in the order they have: a line a key, and a line a list item."""
    lines = (f" {_dumps(key)}: {_entry(part)}" for key, part in value.items())
    write_atomically(path, "{\n" + ",\n".join(lines) + "\n}\n")


def _entry(value: object) -> str:
    if not isinstance(value, list) or not value:
        return _dumps(value)
    return "[\n" + ",\n".join(f"  {_dumps(part)}" for part in value) + "\n ]"


def write_cases(folder: Path, cases: Iterable[Case], schema_names: Mapping[int, str]) -> None:
    """Keep the cases of a run: truths, tags and texts, schemas by name."""
    lines = (_line(_stored_case(case, schema_names)) for case in cases)
    write_atomically(folder / CASES, "".join(lines))


def _stored_case(case: Case, schema_names: Mapping[int, str]) -> StoredCase:
    stored: StoredCase = {
        "id": case.id,
        "truth": case.truth,
        "schema": schema_names.get(id(case.schema)),
        "tags": list(case.tags),
        "split": case.split,
        "group": case.group,
        "documents": [
            {
                "name": document.name,
                "sha256": document.sha256,
                "text": document.text if len(document.text) <= KEPT_TEXT else None,
            }
            for document in case.documents
        ],
    }
    if case.rules:
        stored["rules"] = rules_as_json(case.rules)
    if case.review:
        stored["review"] = _stored_review(case.review)
    if case.places:
        stored["places"] = {path: place_record(place) for path, place in case.places}
    return stored


def _stored_review(review: TruthReview) -> StoredTruthReview:
    written: Any = review_as_json(review)
    stored: StoredTruthReview = written
    return stored


def _line(value: object) -> str:
    return f"{_dumps(value)}\n"


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _dumps(value: object) -> str:
    """Write JSON that can be encoded as UTF-8: half a surrogate pair is written as an escape."""
    text = _ENCODER.encode(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return text


def write_stored_prompt(folder: Path, prompt: Prompt | None) -> None:
    """Keep the texts of a prompt by section, so that runs can be told apart by what they asked."""
    if prompt is not None:
        texts: dict[str, Json] = {section.name: section.text for section in prompt.sections}
        write_json(folder / PROMPT, {"sha256": prompt.sha256, "sections": texts})


def read_stored_prompt(folder: Path, sha256: str) -> dict[str, str] | None:
    """Return the texts of a run's prompt by section; None where they were not kept."""
    try:
        stored = json.loads((folder / PROMPT).read_text(encoding="utf-8"))
        if stored["sha256"] != sha256:
            return None
        return {str(name): str(text) for name, text in stored["sections"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


class PredictionLog:
    """Appends predictions to a run folder; each is on disk before the next is asked for."""

    def __init__(self, folder: Path) -> None:
        """Open it. Raises HarnessError if another process is writing the run."""
        self._file = AppendOnlyFile(folder / PREDICTIONS)

    def append(self, prediction: Prediction) -> None:
        """Write one prediction as one line and hand it to the operating system."""
        self._file.append(_line(prediction_record(prediction)))

    def close(self) -> None:
        """Make sure of the disk, and let go of the file."""
        self._file.close()


def read_run(folder: Path) -> RunDocument:
    """Return what `run.json` says. Raises HarnessError if the folder holds no run."""
    path = folder / RUN
    if not path.is_file():
        hint = "a run folder lies under reports/ and holds run.json"
        raise HarnessError(Problem("this is no run folder", "no-run", Where(folder), hint))
    return parse_stored(stored_text(path, "bad-run"), _RUN, Where(path), "bad-run")


def read_results(folder: Path) -> ResultsDocument:
    """Return what `eval-results.json` says, of whichever version it is."""
    path = folder / RESULTS
    if not path.is_file():
        hint = f"score it first: harness rescore {folder}"
        raise HarnessError(Problem("the run is not scored", "no-results", Where(folder), hint))
    origin = stored_text(path, "bad-run"), Where(path)
    value = decode_stored(*origin, "bad-run")
    version = value.get("schema_version") if isinstance(value, dict) else None
    if isinstance(version, int) and version > PACKED_VERSION:
        hint = "a later version of harness wrote it: install that one"
        what = f"schema_version {version} is not known"
        raise HarnessError(Problem(what, "bad-run", Where(path), hint))
    if version != PACKED_VERSION:
        return sound_stored(value, _results_shape(), origin, "bad-run")
    packed_results = sound_stored(value, _packed_shape(), origin, "bad-run")
    try:
        return unpacked(packed_results)
    except (IndexError, KeyError, RuntimeError) as error:
        what = f"a case says nothing of {error}, and nothing else in the file does"
        raise HarnessError(Problem(what, "bad-run", Where(path))) from None


@without_garbage_collection()
def write_results(folder: Path, results: ResultsDocument) -> None:
    """Write `eval-results.json`, what follows from the rest of it left out."""
    write_json(folder / RESULTS, packed(results))


def read_cases(folder: Path, schemas: Mapping[str, Json]) -> Iterator[Case]:
    """Yield the cases a run was made of; a document that was not kept has an empty text."""
    for where, line in _lines(folder / CASES):
        stored = parse_stored(_text(line, where), _CASE, where, "bad-run")
        try:
            yield _case(stored, schemas)
        except KeyError as error:
            what = f"names a schema that run.json does not hold: {error}"
            raise HarnessError(Problem(what, "bad-run", where)) from None


def _case(stored: StoredCase, schemas: Mapping[str, Json]) -> Case:
    documents = tuple(
        Document(str(d["name"]), str(d["sha256"]), d["text"] or "") for d in stored["documents"]
    )
    return Case(
        id=str(stored["id"]),
        documents=documents,
        truth=stored["truth"],
        schema=schemas[stored["schema"]] if stored["schema"] else None,
        tags=tuple(map(str, stored["tags"])),
        split=stored["split"],
        group=stored.get("group"),
        rules=parse_rules(stored["rules"]) if "rules" in stored else NO_RULES,
        review=_review(stored.get("review")),
        places=_places(stored),
    )


def _places(stored: StoredCase) -> StatedPlaces:
    places: Any = stored.get("places", {})
    return places_by_path(places) or ()


def _review(stored: StoredTruthReview | None) -> TruthReview | None:
    if stored is None:
        return None
    reviewed, of = stored["fields"]
    drafter = stored.get("drafted_by")
    return TruthReview(
        frozenset(map(tuple, stored["reviewed"])),
        (int(reviewed), int(of)),
        (str(drafter[0]), drafter[1]) if drafter else None,
    )


def read_predictions(folder: Path) -> dict[str, Prediction]:
    """Return each case's prediction by case id: its first replicate, the last time it was asked."""
    return {
        case: prediction
        for (case, number), prediction in read_replicates(folder).items()
        if number == 1
    }


def read_replicates(folder: Path) -> dict[tuple[str, int], Prediction]:
    """Return predictions by case id and replicate; the last of a replicate counts.

    A last line that was cut off (power cut, kill) is left out: its answer never was whole.
    """
    return {(each.case_id, each.replicate): each for each in read_all_said(folder)}


_STORED_OUTPUT: Final = "said"
"""The key of an answer or a failure in a stored prediction, which runs of all versions hold."""


def prediction_record(prediction: Prediction) -> dict[str, Json]:
    """Return a prediction as a line of `predictions.jsonl` holds it."""
    output = prediction.output
    stored_output = _fields_of(output)
    if output.usage is not None:
        stored_output["usage"] = asdict(output.usage)
    if isinstance(output, Answer):
        stored_output["places"] = [[path, asdict(place)] for path, place in output.places]
    record = _fields_of(prediction) | {"output": stored_output}
    return {_STORED_OUTPUT if name == "output" else name: record[name] for name in record}


def _fields_of(record: Prediction | Answer | Failure) -> dict[str, Any]:
    """Return the fields of a record as they are: an answer's value is JSON already."""
    return {name: getattr(record, name) for name in record.__slots__}


def parse_prediction(line: bytes | str) -> Prediction:
    """Return the prediction that a stored line holds. Raises ValueError if it holds none."""
    return _prediction(json.loads(line if isinstance(line, str) else line.decode("utf-8")))


def _prediction(value: Json) -> Prediction:
    if isinstance(value, dict) and _STORED_OUTPUT in value:
        value = {"output" if name == _STORED_OUTPUT else name: value[name] for name in value}
    return _PREDICTION.validate_python(value)


def read_all_said(folder: Path) -> Iterator[Prediction]:
    """Yield every prediction in the order they were stored, those asked for again included."""
    path = folder / PREDICTIONS
    if not path.is_file():
        return
    for where, line in _lines(path):
        try:
            value = decode_stored(_text(line, where), where, "bad-run")
        except HarnessError:
            if not line.endswith(b"\n"):  # cut off while it was written
                return
            raise
        try:
            prediction = _prediction(value)
        except ValidationError as error:
            what = f"not a stored prediction: {error.errors()[0]['msg']}"
            raise HarnessError(Problem(what, "bad-run", where)) from None
        yield prediction


def _text(line: bytes, where: Where) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise HarnessError(Problem("is not UTF-8 text", "bad-run", where)) from None


def _lines(path: Path) -> Iterator[tuple[Where, bytes]]:
    """Yield each line of a JSONL file with its place."""
    if not path.is_file():
        raise HarnessError(Problem("the file is missing from the run", "bad-run", Where(path)))
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            yield Where(path, number), line


def run_folders(reports: Path) -> Sequence[Path]:
    """Return the run folders under a reports folder, newest first."""
    folders = [path.parent for path in reports.glob(f"*/{RUN}")] if reports.is_dir() else []
    return sorted(folders, key=lambda folder: folder.name, reverse=True)
