"""Options of `harness score`: columns, what judges, and what is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from harness.cli.options import form_option, group, policy_options, thresholds_option

_column_options = group(
    click.option("--id", "id_column", metavar="NAME", help="Column of the ids that pair records."),
    click.option(
        "--expected", "expected_column", metavar="NAME", help="Column that holds the truth."
    ),
    click.option(
        "--predicted", "predicted_column", metavar="NAME", help="Column that holds the answer."
    ),
    click.option(
        "--sheet",
        "sheets",
        multiple=True,
        metavar="NAME",
        help="Sheet of an Excel file; twice: EXPECTED's, then PREDICTED's.  [default: the first"
        " with rows, told]",
    ),
    click.option(
        "--fields",
        multiple=True,
        metavar="NAMES",
        help="Score only these fields: total,seller.name. Repeatable.",
    ),
)
_page_options = group(
    click.option(
        "--report", is_flag=True, help="Write a run folder below reports/, with its page."
    ),
    click.option(
        "-o",
        "--out",
        type=click.Path(path_type=Path),
        metavar="PATH",
        help="Write the run folder here. A name that ends in .jsonl: stream JSONL files, and write"
        " a record of each case to it.",
    ),
    click.option(
        "--verdicts",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Stream, and write verdicts and case scores here as Parquet in parts; may be a URL.",
    ),
    click.option(
        "--csv",
        "csv_file",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Write every verdict to this file, a row each.",
    ),
    click.option("--all-fields", is_flag=True, help="Print a row for each field, not the worst."),
)
score_options = group(
    _column_options,
    click.option("--schema", type=click.Path(path_type=Path), help="JSON Schema of the answers."),
    click.option("--infer", is_flag=True, help="Infer the schema from the truths, as init does."),
    click.option(
        "--rules", type=click.Path(path_type=Path), help="YAML or JSON: field to settings."
    ),
    thresholds_option,
    click.option(
        "--convention",
        "conventions",
        multiple=True,
        help="Score by this convention as well: guide-code, similarity, ... Repeatable.",
    ),
    form_option("text", "json", about="json prints the eval-results document."),
    _page_options,
    click.option(
        "-j",
        "--workers",
        type=click.IntRange(min=1),
        help="Stream JSONL, CSV or Parquet files through so many processes.  [default: all cores,"
        " from 10 MB on]",
    ),
    click.option(
        "--executor",
        metavar="dask:ADDRESS",
        help="Stream through the workers of this Dask cluster: dask:tcp://HOST:8786.",
    ),
    click.option(
        "--cases",
        type=click.Choice(("auto", "one", "many")),
        default="auto",
        show_default=True,
        help="Whether each of two JSON files is one case, or an array or object of many.",
    ),
    policy_options,
    click.option(
        "--closest",
        is_flag=True,
        help="Print the truth with its list items in the prediction's order, and no score.",
    ),
)


@dataclass(frozen=True, slots=True)
class ScoreCommandOptions:
    """Options of `harness score`."""

    expected: Path
    predicted: Path | None
    id_column: str | None
    expected_column: str | None
    predicted_column: str | None
    sheets: tuple[str, ...]
    fields: tuple[str, ...]
    schema: Path | None
    infer: bool
    rules: Path | None
    thresholds: Path | None
    conventions: tuple[str, ...]
    form: str
    report: bool
    out: Path | None
    verdicts: Path | None
    csv_file: Path | None
    all_fields: bool
    workers: int | None
    executor: str | None
    cases: Literal["auto", "one", "many"]
    require: Literal["none", "approved"]
    reviewers: int
    reviews: Path | None
    closest: bool
