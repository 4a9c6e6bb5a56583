"""`harness score`: two files, two folders, or two lists of lines; no suite needed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.next_commands import name_of_run, tell_next, typed_again
from harness.cli.options import OptionsCommand, shows, takes_options
from harness.cli.start.score_options import ScoreCommandOptions, score_options

if TYPE_CHECKING:
    from harness.errors import Problem
    from harness.run.scored_files.file_pairs import FilePair
    from harness.run.scored_files.record_pairs import Columns
    from harness.run.scored_files.score_files import ScoredPair
    from harness.run.scored_files.scored_run import RunPlace
    from harness.run.scored_files.standalone_rules import Ruler
    from harness.run.stored.stored_results import ResultsDocument
    from harness.scale.pools import LostShard


@shows(
    "--id",
    "--expected",
    "--predicted",
    "--fields",
    "--schema",
    "--infer",
    "--rules",
    "--format",
    "--report",
    "--out",
    "--csv",
    "--all-fields",
)
@click.command("score", cls=OptionsCommand)
@click.argument("expected", type=click.Path(path_type=Path, allow_dash=True))
@click.argument("predicted", type=click.Path(path_type=Path, allow_dash=True), required=False)
@score_options
@takes_options(ScoreCommandOptions)
def command(options: ScoreCommandOptions) -> None:
    """Score PREDICTED against EXPECTED.

    Both are JSON files, folders paired by file stem, or JSONL, CSV, Parquet or Excel files of
    records paired by id; `-` is standard input. One file is enough where each of its records holds
    the truth and the answer: see --expected and --predicted. Names of columns may be dotted.
    JSON files that hold an array of records with ids, or an object keyed by id, are sets of cases.
    JSONL, CSV and Parquet files that are streamed may be of any size, and URLs of object stores;
    their results do not list the cases.

    A truth without a prediction is missing, as in a run: it is not scored, and the exit code is 4.
    """
    _check_conventions(options.conventions)
    ruler = _ruler(options)
    pair = _pair(options, ruler)
    files: tuple[Path, Path] = options.expected, options.predicted or options.expected
    if options.closest:
        _print_closest(files, pair, ruler)
        return
    lost: tuple[LostShard, ...] = ()
    if pair is None:
        results, warnings, lost = _streamed((files[0], options.predicted), ruler, options)
        _check_streamed(options.conventions, results)
        scored_pair = None
    else:
        scored_pair, ruler = _scored(pair, ruler, files, options)
        results, warnings = scored_pair.results, scored_pair.odd
    for warning in warnings:
        _warn(warning, options.rules)
    folder, written = (
        (None, []) if scored_pair is None else _write(scored_pair, ruler, files, options)
    )
    _print(results, options)
    for line in written:
        click.echo(line, err=options.form == "json")
    if options.form == "text":
        tell_next(*_after(options, folder, is_streamed=scored_pair is None))
    _finish(results, lost)


def _after(
    options: ScoreCommandOptions, folder: Path | None, *, is_streamed: bool
) -> list[list[str]]:
    """Return what comes after scores: the errors of the run that was written, or such a run."""
    if folder is not None:
        return [["harness", "show", name_of_run(folder), "--errors", "any"], ["harness", "view"]]
    if "-" in {str(options.expected), str(options.predicted)} or options.verdicts:
        return []  # standard input is not there a second time
    if is_streamed:
        return [] if options.out else [typed_again("--out", "cases.jsonl")]
    return [typed_again("--report")]


def _warn(warning: Problem, rules: Path | None) -> None:
    from harness.cases.files.places import at
    from harness.cli.diagnostics import warn

    warn(warning.at(at(rules)) if rules and warning.code == "unused-rule" else warning)


def _records_file(options: ScoreCommandOptions) -> Path | None:
    """Return where the records of streamed files go; None where `--out` is a run's folder."""
    from harness.run.scored_files.score_files import LINES

    out: Path | None = options.out
    return out if out is not None and (out.suffix in LINES or options.workers) else None


def _run_folder(options: ScoreCommandOptions) -> Path | None:
    """Return the run folder that is asked for by name."""
    return None if _records_file(options) else options.out


def _columns(options: ScoreCommandOptions) -> Columns:
    from harness.run.scored_files.record_pairs import Columns

    fields = [name.strip() for listed in options.fields for name in listed.split(",")]
    names = (options.id_column, options.expected_column, options.predicted_column)
    return Columns(*names, tuple(name for name in fields if name), options.sheets)


def _pair(options: ScoreCommandOptions, ruler: Ruler) -> FilePair | None:
    """Return what the files hold; None where they are to be streamed."""
    from harness.cases.files.object_store import is_remote
    from harness.errors import Problem, UsageError
    from harness.run.scored_files.record_pairs import is_table, read_record_pair
    from harness.run.scored_files.score_files import read_pair

    expected, predicted = options.expected, options.predicted
    columns = _columns(options)
    if options.infer and options.schema:
        raise UsageError(Problem("--infer is for files without a schema", "bad-option"))
    streamed = options.workers is not None or _records_file(options) is not None
    is_foreign = predicted is None or is_table(expected) or is_table(predicted)
    needs_cases = {
        "closest": options.closest,
        "infer": options.infer,
        "report": options.report,
        "csv": options.csv_file,
        "thresholds": options.thresholds,
        "out": _run_folder(options),
    }
    held = [name for name, is_asked in needs_cases.items() if is_asked]
    files = (expected, predicted or expected)
    streamed = streamed or bool(options.executor or options.verdicts)
    streamed = streamed or any(map(is_remote, files))
    if streamed and held:
        what = f"files that are streamed keep no cases: --{held[0]} needs them"
        raise UsageError(Problem(what, "bad-option", hint="leave out --workers"))
    if not held and _is_streamed(files, wanted=streamed):
        return None
    if columns or is_foreign:
        return read_record_pair(expected, predicted, columns, ruler.schema)
    return read_pair(files, ruler, options.cases)


def _scored(
    pair: FilePair, ruler: Ruler, files: tuple[Path, Path], options: ScoreCommandOptions
) -> tuple[ScoredPair, Ruler]:
    """Return the files as they are scored, and by what: a schema of the truths where inferred."""
    from dataclasses import replace

    from harness.run.scored_files.score_files import score_pair

    thresholds = None
    if options.thresholds is not None:
        from harness.cli.diagnostics import warn
        from harness.errors import Problem
        from harness.run.results.threshold_file import read_thresholds

        thresholds = read_thresholds(options.thresholds)
        what = "files do not say who answered: that these thresholds are of it is for you to know"
        warn(Problem(what, "unchecked-thresholds"))
    if options.infer:
        from harness.cases.schemas.infer import infer_schema

        values = [truth.value for truth in pair.truths.values()]
        ruler = replace(ruler, schema=infer_schema(values))
    return score_pair(pair, ruler, files, thresholds), ruler


def _write(
    scored_pair: ScoredPair, ruler: Ruler, files: tuple[Path, Path], options: ScoreCommandOptions
) -> tuple[Path | None, list[str]]:
    """Write a run folder, its page, rows of verdicts where asked for; return it, and what to say.

    It comes before anything is printed: a pipe that closes early must not cost the files.
    """
    import tempfile

    from harness.report.exports.verdict_rows import write_csv
    from harness.report.folder import write_report
    from harness.run.scored_files.scored_run import write_scored_run

    place = _place(files, options)
    run: Path | None = None
    written = []
    if options.report or place.folder is not None:
        run = write_scored_run(scored_pair.corpus, ruler, place)
        made = write_report(run)
        written.append(f"{'report':<12}{made.page.resolve()}")
        if options.csv_file:
            write_csv(options.csv_file, made.run, made.results)
    elif options.csv_file:
        with tempfile.TemporaryDirectory() as scratch:
            from dataclasses import replace

            from harness.run.store import read_results, read_run

            folder = write_scored_run(
                scored_pair.corpus, ruler, replace(place, folder=Path(scratch) / "run")
            )
            write_csv(options.csv_file, read_run(folder), read_results(folder))
    if options.csv_file:
        written.append(f"{'verdicts':<12}{options.csv_file}")
    return run, written


def _place(files: tuple[Path, Path], options: ScoreCommandOptions) -> RunPlace:
    from harness.run.scored_files.scored_run import RunPlace

    names = ["stdin" if str(path) == "-" else path.resolve().stem for path in files]
    if options.predicted is None:
        names[1] = options.predicted_column or "predicted"
    reports = Path.cwd() / "reports"  # where the user stands, whatever project that is in
    return RunPlace(names[0], names[1], files[1], _run_folder(options), reports)


def _check_conventions(names: tuple[str, ...]) -> None:
    """Refuse a convention nobody has named."""
    if not names:
        return
    from harness.core.scores.conventions import ALL
    from harness.errors import Problem, UsageError, did_you_mean

    unknown = [name for name in names if name not in ALL]
    if unknown:
        problems = (
            Problem(f"no convention {n!r}", "unknown-convention", hint=did_you_mean(n, ALL))
            for n in unknown
        )
        raise UsageError(*problems)


def _check_streamed(names: tuple[str, ...], results: ResultsDocument) -> None:
    """Refuse a convention that counts alone do not give: streamed verdicts are gone."""
    from harness.errors import Problem, UsageError

    if lost := [name for name in names if name not in results["conventions"]]:
        what = f"streamed files are not scored by {', '.join(lost)}"
        hint = f"streamed are {', '.join(results['conventions'])}; score the files in parts"
        raise UsageError(Problem(what, "not-streamed", hint=hint))


def _ruler(options: ScoreCommandOptions) -> Ruler:
    """Return what files are judged by; functions are imported from beside the rules."""
    from dataclasses import replace

    from harness.cases.suite import TruthPolicy
    from harness.core.rules.field_rule import NO_RULES
    from harness.run.scored_files.file_reviews import reviews_beside
    from harness.run.scored_files.standalone_rules import ruler

    schema, rules = options.schema, options.rules
    checked, own = None, NO_RULES
    if schema is not None:
        from harness.cases.schemas.json_schema import read_schema

        checked = read_schema(schema)
    if rules is not None:
        from harness.cases.schemas.rule_files import read_rules

        own = read_rules(rules)
    beside = rules or schema
    folder = beside.parent if beside else None
    policy = TruthPolicy(options.require, options.reviewers)
    reviews = reviews_beside(options.expected, policy, options.reviews)
    own_ruler = ruler(checked.value if checked else None, own, folder, checked)
    return replace(own_ruler, reviews=reviews)


def _print_closest(files: tuple[Path, Path], pair: FilePair | None, ruler: Ruler) -> None:
    """Print the truth of two files; of more, lines as JSONL files hold them."""
    from harness.run.scored_files.score_files import closest_truths

    assert pair is not None  # noqa: S101  # nothing is streamed where this is asked for
    truths = closest_truths(pair, ruler)
    if list(truths) == [files[0].stem] and files[0].suffix == ".json":
        click.echo(_json(next(iter(truths.values())), indent=1))
        return
    for key, value in truths.items():
        click.echo(_json({"id": key, "value": value}, indent=None))


def _is_streamed(files: tuple[Path, Path], *, wanted: bool) -> bool:
    """Tell whether files are too large to be held, or the user wants them streamed."""
    from harness.cases.files.object_store import is_remote
    from harness.cases.tables.record_file import kind_by_name
    from harness.errors import Problem, UsageError
    from harness.scale import LARGE, STREAMED

    kinds = {"parquet" if path.is_dir() else kind_by_name(path) for path in files}
    if wanted and not kinds <= STREAMED:
        what = "streamed are JSONL, CSV and Parquet files only"
        raise UsageError(Problem(what, "unlike-paths", hint="leave out --workers"))
    first = files[0]
    size = first.stat().st_size if first.is_file() else 0
    return wanted or any(map(is_remote, files)) or (kinds <= STREAMED and size > LARGE)


def _streamed(
    files: tuple[Path, Path | None], ruler: Ruler, options: ScoreCommandOptions
) -> tuple[ResultsDocument, tuple[Problem, ...], tuple[LostShard, ...]]:
    from contextlib import ExitStack

    from rich.console import Console
    from rich.progress import Progress

    from harness.cases.files.object_store import is_remote
    from harness.run.scored_files.record_pairs import is_table
    from harness.scale.dask_cluster import cluster_of
    from harness.scale.stream import How, score_lines
    from harness.scale.table_lines import score_tables

    console = Console(stderr=True)
    bar = Progress(console=console, transient=True, disable=not console.is_terminal)
    with ExitStack() as open_with, bar:
        task = bar.add_task("scoring", total=None)

        def told(done: int, cases: int) -> None:
            bar.update(task, completed=done, total=cases)

        cluster = open_with.enter_context(cluster_of(options.executor, options.workers))
        how = How(options.workers, _records_file(options), options.verdicts)
        if cluster is not None:
            how = cluster.how(how)
        columns = _columns(options)
        expected, predicted = files
        if predicted is None or columns or any(is_remote(p) or is_table(p) for p in files if p):
            scored = score_tables(files, columns, ruler, how, told)
        else:
            scored = score_lines((expected, predicted), ruler, how, told)
    return scored.results, scored.warnings, scored.lost


def _finish(results: ResultsDocument, lost: tuple[LostShard, ...]) -> None:
    """Exit with 4 where something was left out, or there is not one usable answer."""
    from harness.cli.diagnostics import INCOMPLETE, warn
    from harness.report.words.no_answers import all_unanswered

    for shard in lost:
        warn(shard)
    if not results["complete"]:
        click.echo("incomplete: some cases are not in the score", err=True)
    if not results["complete"] or all_unanswered(results):
        sys.exit(INCOMPLETE)


def _print(results: ResultsDocument, options: ScoreCommandOptions) -> None:
    if options.form == "json":
        click.echo(_json(results, indent=1))
        return
    from rich.console import Console

    from harness.report.terminal import by_convention, scored

    console = Console()
    scored(console, results)
    if options.conventions:
        by_convention(console, results, options.conventions)
    if options.all_fields:
        _print_fields(results)


def _print_fields(results: ResultsDocument) -> None:
    """Print a row for each field, as `harness show` does of a run."""
    from harness.cli.diagnostics import window_width
    from harness.report.tables.result_tables import fields_table
    from harness.report.tables.table import WRITERS

    width = window_width()
    click.echo()
    for line in WRITERS["text"](fields_table(results), width):
        click.echo(line)


def _json(results: object, indent: int | None) -> str:
    """Return a document as JSON that standard output can encode."""
    text = json.dumps(results, ensure_ascii=False, indent=indent)
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return json.dumps(results, indent=indent)
    return text
