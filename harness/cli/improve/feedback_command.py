"""`harness feedback`: from a run to a task that a person or a coding agent can work on."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.cli.next_commands import name_of_run, tell_next
from harness.cli.options import OptionsCommand, out_option, suite_option, takes_options
from harness.cli.run_argument import run_argument

if TYPE_CHECKING:
    from harness.cases.suite import Suite
    from harness.improve.diagnosis.study import StudyScope
    from harness.improve.feedback.bundle import Bundle


_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class FeedbackOptions:
    """Options of `harness feedback`."""

    run: Path
    suite: Path | None
    top: int | None
    max_tokens: int
    split: str
    target: float | None
    without: tuple[str, ...]
    leave_one_out: bool
    out: Path | None


@click.command("feedback", cls=OptionsCommand)
@run_argument
@suite_option
@click.option(
    "--top",
    type=click.IntRange(min=1),
    help="How many clusters of mistakes are shown in full.  [default: 5, or up to 20 to reach "
    "the target, if they fit]",
)
@click.option(
    "--max-tokens",
    type=click.IntRange(min=1),
    default=8000,
    show_default=True,
    help="The most that TASK.md may come to, estimated high.",
)
@click.option(
    "--split",
    default="dev",
    show_default=True,
    metavar="NAME",
    help="Which cases are shown; the holdout never is.",
)
@click.option(
    "--target",
    type=click.FloatRange(0, 1),
    help="Macro F1 to be reached.  [default: the suite's target_f1]",
)
@click.option(
    "--without",
    multiple=True,
    metavar="CASE",
    help="Leave a case out, to judge an edit on it; may be repeated.",
)
@click.option(
    "--leave-one-out",
    is_flag=True,
    help="Write one bundle for each case, without it: for suites too small to hold out.",
)
@out_option("Where the bundle goes.  [default: feedback/ in the run]", folder=True)
@takes_options(FeedbackOptions)
def command(options: FeedbackOptions) -> None:
    """Write TASK.md and feedback.json: what RUN (default: last) got wrong, and what to change.

    Errors are put together by field and kind of mistake, and ranked by the macro F1 that curing
    them would win. Documents of the holdout never appear.
    """
    from dataclasses import replace

    from harness.cli.diagnostics import (
        INCOMPLETE,
        note_incomplete,
        warn,
        warn_of_old_truths,
    )
    from harness.cli.runs_suite import suite_of
    from harness.improve.diagnosis.study import StudyScope, study

    run: Path = options.run
    wanted = StudyScope(options.top, options.split, options.without, options.target)
    most: int = options.max_tokens
    known = suite_of(run, options.suite)
    if known is None:
        warn(
            "the suite is not at hand: its prompt is not shown, and only suites beside it "
            "that hold its documents out have them marked as seen"
        )
    warn_of_old_truths(run)
    target = options.out or run / "feedback"
    if not options.leave_one_out:
        complete = _write(run, known, wanted, most, target)
    else:
        complete = True
        for case in study(run, known, wanted).cases:
            alone = replace(wanted, without=(*wanted.without, case.id))
            complete &= _write(run, known, alone, most, target / f"without-{case.id}")
    tell_next(*_after(run, known))
    if not complete:
        note_incomplete()
        sys.exit(INCOMPLETE)


def _after(run: Path, suite: Suite | None) -> list[list[str]]:
    """Return what comes after feedback, once the prompt is edited."""
    from harness.cases.files.places import shown_path
    from harness.run.selection import run_words
    from harness.run.store import read_run

    if suite is None:
        return []
    again = run_words(read_run(run), str(shown_path(suite.folder)))
    return [again, ["harness", "compare", name_of_run(run)]]


def _write(run: Path, suite: Suite | None, wanted: StudyScope, most: int, out: Path) -> bool:
    """Write one bundle and tell of it; return whether every case was answered."""
    from dataclasses import replace

    from harness.cli.runs_suite import suites_beside
    from harness.core.inert_text import inert
    from harness.improve.diagnosis.study import study
    from harness.improve.feedback.attempts import attempts_on
    from harness.improve.feedback.bundle_of_run import bundle_of, mark_documents_seen, mark_seen
    from harness.improve.feedback.feedback_json import feedback_document
    from harness.improve.feedback.fit_to_size import fit_bundle
    from harness.improve.feedback.task_md import task_text
    from harness.improve.versions.versions import PromptHistory
    from harness.run.store import read_cases, read_run, write_atomically, write_json

    studied = study(run, suite, wanted)
    path = suite.prompt.path if suite and suite.prompt else None
    history = PromptHistory(path) if path else None
    tried = attempts_on(studied.analysis.clusters, history) if history else {}
    if history is not None:
        wanted = replace(wanted, version=history.current().sha256[:_DIGITS])
    bundle = fit_bundle(bundle_of(studied, wanted, tried), most)
    document = feedback_document(bundle)
    if suite is not None:
        mark_seen(suite, bundle)  # before anybody can read it
    else:
        record = read_run(run)
        cases = read_cases(run, record["schemas"])
        mark_documents_seen(cases, bundle, suites_beside(run, record))
    out.mkdir(parents=True, exist_ok=True)
    write_atomically(out / "TASK.md", task_text(bundle))
    write_json(out / "feedback.json", document)
    for line in _told(bundle):
        click.echo(inert(line))
    click.echo(inert(f"task  {out / 'TASK.md'}  ({document['tokens']} tokens)"))
    return not bundle.standing.unanswered


def _told(bundle: Bundle) -> list[str]:
    lines = [
        f"{report.cluster.headroom:+.3f}  {report.cluster.field}: {report.cluster.signature.says}"
        for report in bundle.error_reports
    ]
    return [*(lines or ["no mistake in what was answered"]), bundle.claim]
