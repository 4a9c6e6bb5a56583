"""Verdicts and case scores as partitioned Parquet: two folders of parts, on disk or in a store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from harness.cases.files.object_store import ObjectFolder, is_remote, local_path
from harness.cases.files.places import at
from harness.cases.tables.columnar_rows import pyarrow_modules
from harness.errors import Problem, UsageError

PART_CASES: Final = 50_000
"""Cases of a part, at least: shards are not divided."""
_CASES: Final = {
    "case": "string",
    "f1": "float64",
    "precision": "float64",
    "recall": "float64",
    "lenient_f1": "float64",
    "true_positives": "int64",
    "false_positives": "int64",
    "false_negatives": "int64",
    "failure": "string",
}
_VERDICTS: Final = {
    "case": "string",
    "path": "string",
    "field": "string",
    "outcome": "string",
    "expected": "string",
    "predicted": "string",
    "predicted_path": "string",
    "similarity": "float64",
    "value_equal": "bool_",
    "comparator": "string",
    "tags": "string",
}
"""`expected`, `predicted` and `tags` are JSON; null where that side is absent."""
_JSON: Final = ("expected", "predicted", "tags")


def check_target(target: Path) -> None:
    """Refuse a folder that parts of another run may lie in, or that cannot be written to."""
    pyarrow_modules(instead=", or --out FILE.jsonl")
    target = local_path(target)
    if is_remote(target):
        for name in ("cases", "verdicts"):
            if ObjectFolder(target / name).names("*"):
                _refuse(target)
    elif target.exists() and (not target.is_dir() or any(target.iterdir())):
        _refuse(target)


def _refuse(target: Path) -> None:
    hint = "name a new folder, so that parts of two runs never stand side by side"
    raise UsageError(Problem("is there already, with something in it", "exists", at(target), hint))


def write_parts(shards: list[Path], scratch: Path, target: Path) -> None:
    """Write the records of shards, in their order, as parts of two tables.

    All parts are written to `scratch` first, and then moved or sent to the target.
    """
    target = local_path(target)
    for name in ("cases", "verdicts"):
        (scratch / name).mkdir()
    waiting = list(shards)
    number = 0
    while waiting:
        with ExitStack() as opened:
            cases, verdicts = (
                opened.enter_context(_writer(scratch / name / f"part-{number:06}.parquet", kinds))
                for name, kinds in (("cases", _CASES), ("verdicts", _VERDICTS))
            )
            count = 0
            while waiting and count < PART_CASES:
                count += _write_shard(waiting.pop(0), cases, verdicts)
        number += 1
    for name in ("cases", "verdicts"):
        if is_remote(target):
            folder = ObjectFolder(target / name)
            for part in sorted((scratch / name).iterdir()):
                folder.upload(part, part.name)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.move(scratch / name, target / name)


def _writer(file: Path, kinds: Mapping[str, str]) -> Any:  # noqa: ANN401  # pyarrow's writer
    _, parquet = pyarrow_modules()
    return parquet.ParquetWriter(file, _schema(kinds))


def _schema(kinds: Mapping[str, str]) -> Any:  # noqa: ANN401  # pyarrow's schema
    arrow, _ = pyarrow_modules()
    return arrow.schema([(name, getattr(arrow, kind)()) for name, kind in kinds.items()])


def _write_shard(shard: Path, cases: Any, verdicts: Any) -> int:  # noqa: ANN401  # pyarrow's writers
    arrow, _ = pyarrow_modules()
    records = list(_records(shard))
    rows = [_case_row(record) for record in records]
    cases.write_table(arrow.Table.from_pylist(rows, _schema(_CASES)))
    cells = [_verdict_row(record["id"], diff) for record in records for diff in record["diffs"]]
    if cells:
        verdicts.write_table(arrow.Table.from_pylist(cells, _schema(_VERDICTS)))
    return len(rows)


def _records(shard: Path) -> Iterator[dict[str, Any]]:
    with shard.open("rb") as lines:
        for line in lines:
            yield json.loads(line)


def _case_row(record: Mapping[str, Any]) -> dict[str, Any]:
    failure = record["failure"]
    kind = failure["kind"] if failure else None
    row = {name: record.get(name) for name in _CASES}
    is_scored = not (failure and failure["missing"])
    row_of_case = row if is_scored else dict.fromkeys(_CASES)
    return {**row_of_case, "case": _encodable(record["id"]), "failure": kind}


def _verdict_row(case_id: str, diff: Mapping[str, Any]) -> dict[str, Any]:
    row = {name: diff.get(name) for name in _VERDICTS}
    row |= {name: json.dumps(diff[name]) for name in _JSON if name in diff}
    row["case"], row["value_equal"] = case_id, bool(diff.get("value_equal"))
    return {name: _encodable(value) for name, value in row.items()}


def _encodable(value: Any) -> Any:  # noqa: ANN401  # a cell
    """Return a text that can be encoded: half a surrogate pair becomes a question mark."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
