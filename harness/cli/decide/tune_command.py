"""`harness tune`: choose confidence thresholds from which values are accepted."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from harness.cli.diagnostics import note_reviewed_runs, window_width
from harness.cli.next_commands import name_of_run, tell_next, typed_again
from harness.cli.options import OptionsCommand, out_option, takes_options
from harness.cli.run_argument import RUN_ARGUMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.run.results.threshold_file import FieldThreshold, Figures, Thresholds

_TOO_FEW: Final = 5
_DRIFT: Final = 1


@dataclass(frozen=True, slots=True)
class TuneOptions:
    """Options of `harness tune`."""

    runs: tuple[Path, ...]
    source: str | None
    goal: str
    by: Literal["field", "label", "suite"]
    strategy: Literal["quantiles", "grid"]
    folds: int
    out: Path | None
    check: Path | None


@click.command("tune", cls=OptionsCommand)
@click.argument("runs", type=RUN_ARGUMENT, nargs=-1)
@click.option(
    "--source", help="Whose confidences: votes, logprobs, stated, extractor, or combined."
)
@click.option(
    "--goal",
    default="f1",
    show_default=True,
    metavar="GOAL",
    help="f1, precision=0.99, coverage=0.8, or risk=0.02: the only one that makes a promise.",
)
@click.option(
    "--by",
    type=click.Choice(["field", "label", "suite"]),
    default="field",
    show_default=True,
    help="A threshold for each field, for each label of fields that list labels, or one for all.",
)
@click.option(
    "--strategy",
    type=click.Choice(["quantiles", "grid"]),
    default="quantiles",
    show_default=True,
    help="Thresholds tried: between the confidences met, or 20 points from 0.1 to 0.9.",
)
@click.option("--folds", type=click.IntRange(2, 50), default=5, show_default=True)
@out_option("Write the thresholds here.")
@click.option(
    "--check",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Say whether these thresholds still do on the runs what they did: 0 yes, 1 no, 5 too few.",
)
@takes_options(TuneOptions)
def command(options: TuneOptions) -> None:
    """Choose the confidence from which values of RUNS (default: last) are accepted.

    What is printed as the result is measured on documents that did not choose the thresholds. Use
    them with `harness rescore RUN --thresholds FILE`.
    """
    from harness.cli.diagnostics import warn_of_old_truths
    from harness.confidence.choose_threshold import Goal
    from harness.confidence.tuned_runs import tune_runs
    from harness.confidence.tuning import Tuning
    from harness.report.tables.fit_columns import wrapped

    folders = options.runs or (RUN_ARGUMENT.convert("last", None, None),)
    warn_of_old_truths(*folders)
    if options.check is not None:
        _check(folders, options.check)
        return
    goal = Goal.parse(options.goal)
    tuning = Tuning(goal, options.by, options.strategy, options.folds)
    tuned = tune_runs(folders, options.source, tuning)
    note_reviewed_runs(folders)
    out: Path | None = options.out
    if out is not None:  # before anything is printed: a pipe may close
        from harness.run.store import write_atomically

        write_atomically(out, json.dumps(tuned.model_dump(mode="json"), indent=1) + "\n")
    for line in lines(tuned):
        click.echo("\n".join(wrapped(line, window_width())))
    if out is None:
        tell_next(typed_again("--out", "thresholds.json"))
        return
    click.echo(f"\n{out}")
    tell_next(["harness", "rescore", name_of_run(folders[0]), "--thresholds", str(out)])


def _check(folders: tuple[Path, ...], file: Path) -> None:
    from harness.confidence.tuned_runs import drift
    from harness.run.results.threshold_file import read_thresholds

    drifted = drift(folders, read_thresholds(file), file)
    note_reviewed_runs(folders)
    click.echo(drifted.text)
    if drifted.has_drifted:
        tell_next(["harness", "tune", *map(name_of_run, folders), "--out", str(file)])
    if drifted.is_too_few:
        sys.exit(_TOO_FEW)
    if drifted.has_drifted:
        sys.exit(_DRIFT)


def lines(tuned: Thresholds) -> Iterator[str]:
    """Yield what thresholds do, the result first."""
    from harness.core.number_text import counted

    yield f"{tuned.source} · {tuned.goal} · {counted(tuned.documents, 'document')}"
    ends = tuned.auroc_interval
    between = f" ({ends[0]:.2f} to {ends[1]:.2f} over documents)" if ends else ""
    yield f"AUROC {tuned.auroc:.2f}{between}" if tuned.auroc is not None else "AUROC undefined"
    if tuned.combined is not None:
        alone = (
            f"{name} {'undefined' if auroc is None else f'{auroc:.2f}'}"
            for name, auroc in tuned.combined.auroc.items()
        )
        yield f"each source alone: {', '.join(alone)}"
    yield ""
    yield from _figures(tuned)
    yield ""
    yield from _result(tuned)
    yield ""
    yield from _thresholds(tuned)


def _result(tuned: Thresholds) -> Iterator[str]:
    """Yield what may be said of new documents."""
    from harness.core.number_text import percent

    yield f"The last line is the result: {tuned.folds} folds, no document chose its own thresholds."
    if tuned.out_of_fold_interval is not None:
        low, high = tuned.out_of_fold_interval
        macro = f"{_macro_name(tuned)}, {percent(tuned.out_of_fold.macro_f1)},"
        yield f"Its {macro} lies between {percent(low)} and {percent(high)} (95 %)."
    if tuned.unreached:
        yield (
            f"Without the documents of {tuned.unreached} of these folds no threshold reaches the "
            "goal, so that nothing of theirs is accepted there: with fewer documents it is less."
        )
    if tuned.promise is not None:
        yield (
            f"Promise: of new documents like these {tuned.promise.documents}, at most "
            f"{percent(tuned.promise.risk)} of the fields are accepted and wrong, on average."
        )
        if tuned.promise.base_risk is not None:
            from harness.confidence.risk_control import withheld_at_least

            promise_line = withheld_at_least(tuned.promise.base_risk, tuned.promise.risk)
            yield f"{promise_line[0].upper()}{promise_line[1:]}."
    if tuned.promise is None:
        yield from _plain_words(tuned.out_of_fold)
        return
    yield (
        f"In plain words: {percent(tuned.in_sample.coverage)} of the values go through unseen, and "
        f"of 100 fields at most {100 * tuned.promise.risk:g} are accepted and wrong, on average."
    )


def _macro_name(tuned: Thresholds) -> str:
    """Return what the mean is over: `macro F1` alone is that over documents."""
    return f"macro F1 over {'labels' if tuned.by == 'label' else 'fields'}"


def _plain_words(result: Figures) -> Iterator[str]:
    """Yield what a result means for the people who look at what is held back."""
    from harness.core.number_text import percent

    if not result.accepted:
        yield "In plain words: no value goes through unseen."
        return
    wrong = percent(result.wrong / result.accepted)
    yield (
        f"In plain words: {percent(result.coverage)} of the values go through unseen, of which "
        f"{wrong} are wrong; a person looks at the rest."
    )


def _figures(tuned: Thresholds) -> Iterator[str]:
    """Yield a row for each way of accepting values."""
    from harness.core.number_text import percent
    from harness.report.tables.table import Table, TableColumn, table_text

    columns = (
        TableColumn("name", ""),
        TableColumn("macro_f1", _macro_name(tuned), percent, right=True),
        TableColumn("micro_f1", "micro F1", percent, right=True),
        TableColumn("coverage", "accepted", percent, right=True),
        TableColumn("precision", "right", percent, right=True),
    )
    ways = {
        "everything accepted": tuned.before,
        "from 0.5 on": tuned.at_half,
        "tuned, these documents": tuned.in_sample,
        "tuned, other documents": tuned.out_of_fold,
    }
    rows = tuple(
        {column.key: getattr(figures, column.key, name) for column in columns}
        for name, figures in ways.items()
    )
    yield from table_text(Table(columns, rows), window_width())


_LISTED: Final = 20
"""Fields without a threshold of their own that are listed; of more, what they lack is counted."""


def _thresholds(tuned: Thresholds) -> Iterator[str]:
    from harness.report.tables.table import Table, TableColumn, as_cell, table_text

    few = len(tuned.fields) <= _LISTED
    listed = {n: one for n, one in tuned.fields.items() if few or one.status == "measured"}
    rows = [{"field": "shared by the rest", "least": _least(tuned.shared)}]
    rows += [{"field": name} | _threshold_cells(one) for name, one in listed.items()]
    columns = tuple(
        TableColumn(key, heading, as_cell, right=key != "field", rank=rank, tail=key == "field")
        for key, (heading, rank) in _THRESHOLD_COLUMNS.items()
        if any(key in row for row in rows)
    )
    blank = dict.fromkeys(_THRESHOLD_COLUMNS, "")
    yield from table_text(Table(columns, tuple(blank | row for row in rows)), window_width())
    yield from _sharing(tuned)
    yield from _weak(tuned)


_THRESHOLD_COLUMNS: Final = {
    "field": ("field", 0),
    "least": ("from", 0),
    "values": ("values", 1),
    "wrong": ("wrong", 1),
    "accepted": ("accepted", 2),
    "let_through": ("wrong of them", 2),
    "f1": ("F1", 2),
}
"""Heading of each column, and which gives way first in a narrow window: the highest number."""


def _threshold_cells(one: FieldThreshold) -> dict[str, str]:
    """Return what is known of a field, and what thresholds of other documents do with it."""
    from harness.core.number_text import count, percent

    cells = {
        "least": _least(one.threshold),
        "values": count(one.values),
        "wrong": count(one.errors),
    }
    result = one.out_of_fold
    if result is None:
        return cells
    figures = count(result.accepted), count(result.wrong), percent(result.f1)
    return cells | dict(zip(("accepted", "let_through", "f1"), figures, strict=True))


def _sharing(tuned: Thresholds) -> Iterator[str]:
    """Yield what fields lack for thresholds of their own: by name, or of many how many lack it."""
    if len(tuned.fields) <= _LISTED:
        for name, one in tuned.fields.items():
            if one.why:
                yield f"{name} shares the threshold of the rest: {one.why}"
        return
    lacking = Counter(
        one.why.partition(" ")[2].partition(",")[0].removesuffix("s")
        for one in tuned.fields.values()
        if one.why
    )
    if lacking:
        reasons = ", ".join(f"{number} too few {noun}s" for noun, number in lacking.most_common())
        yield f"{lacking.total()} fields share it: {reasons}"


_WEAK: Final = 0.3
_NAMED: Final = 10


def _weak(tuned: Thresholds) -> Iterator[str]:
    """Yield the fields or labels that no threshold lifts: better answers are needed there."""
    from harness.core.number_text import percent

    weak = [
        (result.f1, name)
        for name, one in tuned.fields.items()
        if (result := one.out_of_fold) is not None and result.f1 is not None and result.f1 < _WEAK
    ]
    if weak:
        named = ", ".join(f"{name} {percent(f1)}" for f1, name in sorted(weak)[:_NAMED])
        more = f" and {len(weak) - _NAMED} more" if len(weak) > _NAMED else ""
        yield (
            f"F1 stays under {percent(_WEAK)} with thresholds, so that better answers are needed: "
            f"{named}{more}"
        )


def _least(threshold: float | None) -> str:
    if not threshold:
        return "everything"
    return "nothing" if threshold > 1 else f"{threshold:.3f}"
