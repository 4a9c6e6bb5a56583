"""`harness truth log`: what was decided about a case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.cli.options import form_option
from harness.cli.truth.truth_options import suite_argument

if TYPE_CHECKING:
    from harness.core.values import Json
    from harness.review.case_log import LogEntry

_LONGEST: Final = 60
_BEGAN: Final = "began with the truth file as it was"
_WITH_NOTHING: Final = "began with nothing: neither a truth nor a run's answer"


@click.command("log", short_help="Show who decided what about a case, and why.")
@suite_argument
@click.argument("case")
@click.argument("path", required=False)
@form_option("text", "json")
def log(suite: Path, case: str, path: str | None, form: str) -> None:
    """Show what was decided about CASE of SUITE, or about its field at PATH, oldest first."""
    from harness.core.inert_text import inert
    from harness.review.case_log import case_log
    from harness.review.reviewed_suite import ReviewedSuite

    entries = list(case_log(ReviewedSuite.open(suite), case, path))
    if form == "json":
        click.echo(json.dumps([_record(entry) for entry in entries], indent=1))
        return
    for entry in entries:
        for line in _lines(entry):
            click.echo(inert(line))
    if not entries:
        click.echo("nothing was decided yet", err=True)


def _record(entry: LogEntry) -> dict[str, Json]:
    made = json.loads(entry.decision.line())
    more = {"shown": entry.path, "withdrawn": entry.is_withdrawn, "conflict": entry.is_conflict}
    return {**made, **more, **({"from": entry.before} if entry.had_value else {})}


def _lines(entry: LogEntry) -> Iterator[str]:
    from harness.cases.decisions.decision import EDITS, NO_DRAFTER, Act
    from harness.core.number_text import counted, moment

    made = entry.decision
    what = counted(entry.fields, "field") if len(made.fields) > 1 else entry.path
    taken = " (taken back)" if entry.is_withdrawn else ""
    unseen = " (in conflict)" if entry.is_conflict else ""
    if made.do is Act.BASE:
        began = f"began with the draft of {made.draft}" if made.draft else _BEGAN
        began = _WITH_NOTHING if made.draft == NO_DRAFTER else began
        yield f"{moment(made.at)}  {began}"
        return
    yield f"{moment(made.at)}  {made.by}  {made.do} {what}{taken}{unseen}"
    if made.do in EDITS:
        is_gone = made.gone or made.do is Act.REMOVE
        before = _value(entry.before) if entry.had_value else "nothing"
        yield f"    {before} \u2192 {'nothing' if is_gone else _value(made.to)}"
    if made.why:
        yield f"    {made.why}"


def _value(value: Json) -> str:
    from harness.core.inert_text import cut

    return cut(json.dumps(value, ensure_ascii=False), _LONGEST)
