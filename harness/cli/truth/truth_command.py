"""`harness truth`: doubts about the ground truth, and its export for an assistant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.cli.next_commands import tell_next
from harness.cli.options import evals_argument, out_option, suite_option
from harness.cli.run_argument import run_argument, verdict_argument
from harness.cli.truth.agreement_command import agreement
from harness.cli.truth.approve_command import approve
from harness.cli.truth.audit_command import audit
from harness.cli.truth.log_command import log
from harness.cli.truth.publish_command import publish
from harness.cli.truth.settle_command import settle
from harness.cli.truth.status_command import status

if TYPE_CHECKING:
    from harness.cases.suite import Suite
    from harness.improve.diagnosis.disputes import DisputeState

_LONGEST: Final = 60
"""Characters of a value that are shown."""


@click.group("truth")
def command() -> None:
    """Review the ground truth: approve it, doubt it, see who decided what, and export it."""


for each in (approve, status, log, settle, agreement, audit, publish):
    command.add_command(each)


@command.command("dispute", short_help="Note that a truth may be wrong.")
@verdict_argument
@click.option("--why", default="", help="What makes you think that the truth is wrong.")
@suite_option
def dispute(verdict: tuple[Path, str, str], why: str, suite: Path | None) -> None:
    """Note that the truth of CASE may be wrong at PATH (`rooms[0].area`).

    RUN, by default the last, says what was predicted instead. The note goes into disputes.jsonl
    beside the truth. The truth itself is never changed here: look at the document, and edit the
    truth yourself where it is wrong.
    """
    from harness.core.inert_text import inert
    from harness.errors import Problem, UsageError
    from harness.improve.diagnosis.disputes import add, dispute_of, file_of
    from harness.run.clock import now
    from harness.run.explain import explain_run

    run, case, path = verdict
    known = _suite(run, suite)
    new_dispute = dispute_of(explain_run(run, case, path), run.name, why, now())
    if case not in known.truth_files:
        raise UsageError(Problem(f"the suite has no case {case!r} any more", "unknown-case"))
    is_new = add(known, new_dispute)
    file = file_of(known, case)
    noted = "noted in" if is_new else "the same dispute is open already in"
    click.echo(inert(f"{case} {new_dispute.path}: {noted} {file}"))
    if is_new:
        click.echo(inert(f"look at the document, then edit {known.truth_files[case]} or leave it"))
    from harness.cases.files.places import shown_path

    tell_next(["harness", "truth", "list", str(shown_path(known.folder)), "--open"])


@command.command("list", short_help="List what was disputed, and what came of it.")
@evals_argument
@click.option("--open", "only_open", is_flag=True, help="Only disputes that are not settled yet.")
def listing(path: Path, *, only_open: bool) -> None:
    """List the disputes about the truths of the suites under PATH (default: evals).

    A dispute is settled once the truth says something else than what was disputed.
    """
    from harness.cases.load import load_suites
    from harness.core.inert_text import inert
    from harness.improve.diagnosis.disputes import dispute_states

    listed = 0
    for suite in load_suites(path):
        for each in dispute_states(suite):
            if each.is_open or not only_open:
                listed += 1
                for line in _lines(suite, each):
                    click.echo(inert(line))
    if not listed:
        click.echo(f"no {'open ' if only_open else ''}disputes under {path}", err=True)


def _lines(suite: Suite, standing: DisputeState) -> Iterator[str]:
    dispute = standing.dispute
    state = "open" if standing.is_open else "settled"
    yield f"{state:<8}{suite.name} {dispute.case} {dispute.path}"
    yield f"        truth      {_value(dispute.truth, is_there=dispute.has_truth)}"
    there = ", ".join(dispute.evidence[:3])
    predicted = _value(dispute.predicted, is_there=dispute.has_prediction)
    yield f"        predicted  {predicted}{f'  at {there}' if there else ''}"
    if not standing.is_open:
        yield f"        now        {_value(standing.now, is_there=standing.now is not None)}"
    yield f"        by         {dispute.extractor} in {dispute.run}"
    if dispute.why:
        yield f"        why        {dispute.why}"


def _value(value: object, *, is_there: bool) -> str:
    from harness.core.inert_text import cut

    return cut(json.dumps(value, ensure_ascii=False), _LONGEST) if is_there else "absent"


@command.command("export", short_help="Write truths with predictions, as JSON.")
@run_argument
@click.option("--case", "cases", multiple=True, metavar="ID", help="Export it; may be repeated.")
@click.option("--all", "everything", is_flag=True, help="Export every case that is not disputed.")
@out_option("Write to this file.  [default: standard output]")
@suite_option
def export(
    run: Path, cases: tuple[str, ...], out: Path | None, suite: Path | None, *, everything: bool
) -> None:
    """Write truths with the predictions of RUN (default: last) and every verdict, as JSON.

    Cases with an open dispute are exported only by name. The holdout is never exported.
    """
    from harness.cli.diagnostics import warn
    from harness.cli.runs_suite import suite_of
    from harness.core.inert_text import inert
    from harness.improve.diagnosis.study import StudyScope, study
    from harness.improve.feedback.truths_export import export_document
    from harness.run.store import write_json

    if bool(cases) == everything:
        raise click.UsageError("say which cases: --case ID, or --all")
    document = export_document(study(run, suite_of(run, suite), StudyScope()), cases)
    for name in document["disputed"] if everything else ():
        warn(f"case {name!r} is left out: its truth is disputed")
    if out is None:
        click.echo(json.dumps(document, indent=1))
        return
    write_json(out, document)
    click.echo(inert(f"{len(document['cases'])} cases in {out}"))


def _suite(run: Path, path: Path | None) -> Suite:
    """Return the run's suite, which a dispute needs: it lies beside its truths."""
    from harness.cli.runs_suite import suite_of
    from harness.errors import Problem, UsageError

    suite = suite_of(run, path)
    if suite is None:
        hint = "name the suite: --suite evals/invoices"
        raise UsageError(Problem("the run's suite is not at hand", "no-suite", hint=hint))
    return suite
