"""`harness route`: which values a person should look at first."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from harness.cli.next_commands import name_of_run, suite_of_run, tell_next
from harness.cli.options import OptionsCommand, form_option, takes_options
from harness.cli.run_argument import run_argument

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.confidence.routing import Caught, ReviewValue, ValuePlace

_EFFORTS: Final = (0.05, 0.1, 0.2, 0.5)
_FOUND: Final = 0.95
"""Share of the errors that half of the effort finds where confidences tell of all of them."""


@dataclass(frozen=True, slots=True)
class RouteOptions:
    """Options of `harness route`."""

    run: Path
    source: str | None
    budget: str
    by: Literal["field", "document"]
    thresholds: Path | None
    form: str


@click.command("route", cls=OptionsCommand)
@run_argument
@click.option(
    "--source",
    help="Whose confidences: votes, logprobs, stated or extractor.  [default: all, combined]",
)
@click.option(
    "--budget",
    default="20%",
    show_default=True,
    metavar="SHARE",
    help="How much of all values to look at, as in 20% or 0.2.",
)
@click.option(
    "--by",
    type=click.Choice(["field", "document"]),
    default="field",
    show_default=True,
    help="List values one by one, or documents by the errors expected in them.",
)
@click.option(
    "--thresholds",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="List only values that these thresholds do not let through (harness tune).",
)
@form_option("text", "json")
@takes_options(RouteOptions)
def command(options: RouteOptions) -> None:
    """List the values of RUN (default: last) that are most probably wrong, within a budget.

    How many errors such an order finds is measured on the run itself, each document ranked by what
    the others taught, beside any order and the best there could be. Drafts, of which no truth is
    known yet, are listed, too.
    """
    from harness.cli.diagnostics import note_reviewed_runs, warn_of_old_truths
    from harness.confidence.routing import caught_by_effort, route
    from harness.confidence.tuned_runs import observe_routed
    from harness.run.store import read_run

    warn_of_old_truths(options.run)
    run = observe_routed(options.run, options.source)
    held = _held(options.run, options.thresholds) if options.thresholds is not None else None
    routed = route(run.observed, _share(options.budget), held, run.drafts)
    note_reviewed_runs([options.run])
    caught = caught_by_effort(run.observed, _EFFORTS) if run.observed.values else []
    if options.form == "json":
        record = {
            "source": run.observed.source,
            "is_measured": bool(caught),
            "values": [asdict(one) for one in routed],
            "caught": [asdict(one) for one in caught],
        }
        click.echo(json.dumps(record, indent=1))
        return
    out_of_reach = list(_out_of_reach(caught))
    for line in (*_lines(routed, caught, by=options.by), *out_of_reach):
        click.echo(line)
    run_record = read_run(options.run)
    suite = suite_of_run(options.run, run_record)
    if suite is not None:
        from harness.cases.files.places import shown_path

        place, members = str(shown_path(suite)), run_record.get("members", [])
        audit = ["harness", "truth", "audit", place, *members]
        tell_next(
            ["harness", "review", place, name_of_run(options.run), "--queue", "routed"],
            *([audit] if members and out_of_reach else []),
        )


def _lines(
    routed: Sequence[ReviewValue], caught: Sequence[Caught], *, by: Literal["field", "document"]
) -> Iterator[str]:
    """Yield what to look at, and what looking so finds."""
    from harness.core.number_text import percent

    if not caught:
        yield from _unmeasured(routed, by=by)
    elif by == "document":
        expected: dict[str, float] = {}
        for one in routed:
            expected[one.case] = expected.get(one.case, 0.0) + one.error
        by_errors = sorted(expected.items(), key=lambda pair: (-pair[1], pair[0]))
        rows = [{"case": case, "errors": f"{errors:.1f}"} for case, errors in by_errors]
        yield from _table([("case", "case"), ("errors", "errors expected")], rows)
    else:
        yield from _values("probably wrong", [(percent(one.error), one) for one in routed])
    if not routed:
        yield "no value is held back, or the budget is less than one value"
    yield ""
    if caught and not any(point.at_best for point in caught):
        yield "No value of this run is wrong: there is nothing to find."
        return
    if not caught:
        yield "No truth is known yet: how many errors this order finds cannot be said."
        return
    headings = [
        ("effort", "values looked at"),
        ("caught", "errors found"),
        ("at_random", "in any order"),
        ("at_best", "at best"),
    ]
    rows = [{key: percent(getattr(point, key)) for key, _ in headings} for point in caught]
    yield from _table(headings, rows)


def _out_of_reach(caught: Sequence[Caught]) -> Iterator[str]:
    """Yield what there is to say of errors that half of the effort does not find."""
    from harness.core.number_text import percent

    last = max(caught, key=lambda point: point.effort, default=None)
    if last is not None and last.at_best >= 1 and last.caught < _FOUND:
        left, effort = percent(1 - last.caught), percent(last.effort)
        yield ""
        yield (
            f"{left} of the errors are not found by {effort} of the effort: their answers are as "
            "sure as the rest. Where several systems make the same one the truth may be wrong, or "
            "a convention unsaid: `harness truth audit` asks."
        )


def _values(heading: str, values: Sequence[tuple[str, ReviewValue]]) -> Iterator[str]:
    """Yield values to look at, each behind what is known of it."""
    headings = [("share", heading), ("case", "case"), ("path", "field")]
    if any(one.broken for _, one in values):
        headings.append(("check", ""))
    rows = [
        {
            "share": share,
            "case": one.case,
            "path": one.path,
            "check": "breaks a check" if one.broken else "",
        }
        for share, one in values
    ]
    yield from _table(headings, rows)


_TEXTS: Final = frozenset({"case", "path", "check"})


def _table(headings: Sequence[tuple[str, str]], rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    from harness.cli.diagnostics import window_width
    from harness.report.tables.table import Table, TableColumn, as_cell, table_text

    if rows:
        columns = (
            TableColumn(key, heading, as_cell, right=key not in _TEXTS, tail=key == "path")
            for key, heading in headings
        )
        yield from table_text(Table(tuple(columns), tuple(rows)), window_width())


def _unmeasured(
    routed: Sequence[ReviewValue], *, by: Literal["field", "document"]
) -> Iterator[str]:
    """Yield what to look at, the most doubtful first, where no truth tells how doubtful it is."""
    from collections import Counter

    from harness.core.number_text import count, percent

    if by == "document":
        numbers = Counter(one.case for one in routed).most_common()
        rows = [{"case": case, "values": count(number)} for case, number in numbers]
        yield from _table([("case", "case"), ("values", "doubtful values")], rows)
    else:
        yield from _values("how sure", [(percent(one.confidence), one) for one in routed])


def _held(run: Path, file: Path) -> set[ValuePlace]:
    from harness.confidence.tuned_runs import held_back
    from harness.run.results.threshold_file import read_thresholds

    return held_back(run, read_thresholds(file), file)


def _share(text: str) -> float:
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 < share <= 1:
        raise click.BadParameter(f"{text!r} is no share: say 20% or 0.2", param_hint="--budget")
    return share
