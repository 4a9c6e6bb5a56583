"""Verdict rows: every verdict of a run in one table, as CSV or Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from harness.cases.files.whole_file import whole_file
from harness.cases.tables.columnar_rows import pyarrow_modules
from harness.report.words.visible import well_formed
from harness.run.store import write_atomically
from harness.run.stored.stored_results import VALUE_SIDES, DiffRecord, ResultsDocument
from harness.run.stored.stored_run import RunDocument

COLUMNS: Final = (
    "run_id", "suite", "extractor", "prompt", "case", "replicate", "path", "field", "outcome",
    "expected", "predicted", "predicted_path", "similarity", "value_equal", "comparator", "tags",
    "confidences", "failure",
)  # fmt: skip
"""`expected` and `predicted` are JSON, empty where that side is absent; so are `tags`, and
`confidences`, an object by source."""
_NUMBERS: Final[Mapping[str, str]] = {
    "replicate": "int64",
    "similarity": "float64",
    "value_equal": "bool_",
}
_JSON: Final = frozenset({"expected", "predicted", "tags", "confidences"})
_ACTING: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a cell must not begin with: spreadsheets would take it for a formula."""
_BATCH: Final = 50_000
"""Rows a Parquet row group holds."""


def verdict_rows(run: RunDocument, results: ResultsDocument) -> Iterator[dict[str, Any]]:
    """Yield a row for each verdict, and one for each case that has none, so that it is not lost.

    Texts can be encoded as UTF-8. A column without a value is None.
    """
    prompt = run.get("prompt")
    about = {
        "run_id": run["run_id"],
        "suite": results["suite"],
        "extractor": results["extractor"],
        "prompt": prompt["name"] if prompt else None,
    }
    for case in results["cases"]:
        failure = case["failure"]
        mine = {
            **about,
            "case": case["id"],
            "replicate": case.get("replicate") or 1,
            "failure": failure["kind"] if failure else None,
        }
        for cells in map(_cells, case["diffs"]) if case["diffs"] else [{}]:
            row = {**mine, **cells}
            yield {name: _encodable(row.get(name)) for name in COLUMNS}


def _cells(diff: DiffRecord) -> dict[str, Any]:
    tags, sure = diff.get("tags"), diff.get("confidences")
    return {
        "path": diff["path"],
        "field": diff["field"],
        "outcome": diff["outcome"],
        **{
            side: json.dumps(diff[side], ensure_ascii=False) for side in VALUE_SIDES if side in diff
        },
        "predicted_path": diff.get("predicted_path"),
        "similarity": diff.get("similarity"),
        "value_equal": diff.get("value_equal", False),
        "comparator": diff["comparator"],
        "tags": json.dumps(tags) if tags else None,
        "confidences": json.dumps(sure) if sure else None,
    }


def _encodable(value: object) -> object:
    return well_formed(value) if isinstance(value, str) else value


def write_csv(file: Path, run: RunDocument, results: ResultsDocument) -> None:
    """Write every verdict of a run to a file as CSV, whole or not at all."""
    write_atomically(file, "".join(f"{line}\n" for line in csv_lines(run, results)))


def csv_lines(run: RunDocument, results: ResultsDocument) -> Iterator[str]:
    """Yield CSV lines (RFC 4180) in which nothing begins as a spreadsheet's formula."""
    yield _csv_line(COLUMNS)
    for row in verdict_rows(run, results):
        yield _csv_line([_cell(name, row[name]) for name in COLUMNS])


def _cell(name: str, value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str) and name not in _JSON and value.startswith(_ACTING):
        return f"'{value}"
    return value


def _csv_line(cells: object) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)  # type: ignore[arg-type]  # any iterable
    return line.getvalue().removesuffix("\r\n")


def write_parquet(path: Path, run: RunDocument, results: ResultsDocument) -> None:
    """Write the rows as Parquet, in row groups.

    Raises HarnessError where pyarrow is not installed.
    """
    arrow, parquet = pyarrow_modules(instead=", or export as csv")
    schema = arrow.schema(
        [(name, getattr(arrow, _NUMBERS.get(name, "string"))()) for name in COLUMNS]
    )
    with whole_file(path) as scratch, parquet.ParquetWriter(scratch, schema) as writer:
        for rows in _batches(verdict_rows(run, results)):
            writer.write_table(arrow.Table.from_pylist(rows, schema))


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
