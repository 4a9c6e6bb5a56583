"""`harness truth audit`: questions about truths that independent systems contradict."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.cli.next_commands import tell_next
from harness.cli.options import OptionsCommand, form_option, takes_options
from harness.cli.truth.truth_options import person_option, runs_argument, suite_argument

if TYPE_CHECKING:
    from harness.core.values import Json
    from harness.review.audit.audit_record import TruthAudit
    from harness.review.audit.truth_audit import AuditQuestion
    from harness.review.reviewed_suite import ReviewedSuite

_LONGEST: Final = 60
_PLACES: Final = 3


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """Options of `harness truth audit`."""

    suite: Path
    runs: tuple[Path, ...]
    top: int
    sample: int
    answer: tuple[str, str] | None
    families: tuple[str, ...]
    sentence: str
    accept: bool
    person: str
    form: str


@click.command("audit", cls=OptionsCommand, short_help="Ask where systems contradict the truth.")
@suite_argument
@runs_argument
@click.option("--top", default=50, show_default=True, help="Questions that are shown.")
@click.option("--sample", default=0, help="Also draw so many fields nothing is asked about.")
@click.option("--answer", nargs=2, metavar="ID ANSWER", help="truth, convention or models.")
@click.option(
    "--family",
    "families",
    multiple=True,
    metavar="NAME=FAMILY",
    help="Extractors of one family share a vote.  [default: told by the model's name]",
)
@click.option("--sentence", default="", help="With convention: what the prompt should say.")
@click.option(
    "--accept",
    is_flag=True,
    help="With convention: write what was said into the case's accepted readings.",
)
@person_option
@form_option("text", "json")
@takes_options(AuditOptions)
def audit(options: AuditOptions) -> None:
    """Ask where the answers of RUNs of SUITE contradict the truth together.

    Without a RUN the last run of each extractor is asked.

    Extractors of one model family share a vote, and how a value is written does not matter. The
    suite's `checks` are asked, too. A question is a field of a document; look at the document and
    answer it: --answer ID truth (the truth is wrong: edit it), convention (both are right: a rule,
    an accepted reading and a sentence for the prompt are proposed), models (the truth is right).
    How often the truth was wrong so far is shown. The holdout is left out.
    """
    from harness.cli.truth.review_command import last_runs
    from harness.core.inert_text import inert
    from harness.review.audit.audit_record import audit_document, audit_truths
    from harness.review.reviewed_suite import ReviewedSuite

    opened = ReviewedSuite.open(options.suite, options.runs)
    if not options.runs:
        opened = ReviewedSuite.open(options.suite, last_runs(opened.suite))
    truth_audit = audit_truths(opened, options.sample, dict(map(_family, options.families)))
    if options.answer:
        for line in _answered(opened, truth_audit, options.answer, options):
            click.echo(inert(line))
        return
    if options.form == "json":
        click.echo(json.dumps(audit_document(truth_audit), indent=1))
        return
    for line in _lines(truth_audit, options.top):
        click.echo(inert(line))
    tell_next(["harness", "review", str(options.suite)])


def _family(text: str) -> tuple[str, str]:
    name, is_given, family = text.partition("=")
    if not is_given or not name or not family:
        raise click.UsageError(f"--family {text!r}: write NAME=FAMILY")
    return name, family


def _answered(
    suite: ReviewedSuite, truth_audit: TruthAudit, given: tuple[str, str], options: AuditOptions
) -> Iterator[str]:
    """Write an answer down, and yield what came of it."""
    from harness.cases.files.places import shown_path
    from harness.errors import Problem, UsageError
    from harness.review.audit.audit_record import answer_question
    from harness.review.audit.convention_proposal import convention_proposal, write_reading

    key, answer = given
    question = next((each for each in truth_audit.questions if each.id == key), None)
    if question is None:
        raise UsageError(Problem(f"there is no open question {key!r}", "unknown-question"))
    if answer != "convention" and (options.accept or options.sentence):
        raise UsageError(Problem("--accept and --sentence are for a convention", "bad-option"))
    truth = suite.truth_file(question.case)
    written = write_reading(question, truth) if options.accept else None
    answer_question(suite, options.person, answer, question, options.sentence)
    yield f"noted by {options.person}: {key} {answer}"
    if answer != "convention":
        return
    proposed = convention_proposal(question)
    yield f"{'prompt':<12}{options.sentence or proposed.sentence}"
    if proposed.rule:
        yield f"{'rule':<12}{proposed.rule}   under rules: of the suite, for all cases"
    if written is not None:
        yield f"{'accepted':<12}{proposed.reading}   in {shown_path(written)}"
    elif proposed.reading:
        yield f"{'reading':<12}{proposed.reading}   for this case; --accept writes it"


def _lines(truth_audit: TruthAudit, top: int) -> Iterator[str]:
    from harness.core.number_text import counted, percent

    questions = counted(len(truth_audit.questions), "question")
    yield f"{questions} by {', '.join(truth_audit.systems)}"
    if truth_audit.held_out:
        yield f"{counted(truth_audit.held_out, 'case')} of the holdout left out"
    if truth_audit.precision:
        share, low, high = truth_audit.precision
        answered, wrong = sum(truth_audit.answered.values()), truth_audit.answered.get("truth", 0)
        interval = f"{percent(low)} to {percent(high)}"
        tally = f"{counted(answered, 'question')} answered, {wrong} truth wrong"
        yield f"{tally} ({percent(share)}, {interval})"
    for question in truth_audit.questions[:top]:
        yield from _question(question)
    if len(truth_audit.questions) > top:
        yield f"and {counted(len(truth_audit.questions) - top, 'more question')}: --top"
    for case, path in truth_audit.sample:
        yield f"sample  {case} {path}"


def _question(question: AuditQuestion) -> Iterator[str]:
    from harness.core.number_text import counted, percent

    yield ""
    about = question.kind.replace("_", " ")
    yield f"{question.id}  {question.case}  {question.field}  {about}, perhaps {question.guess}"
    for place in question.places[:_PLACES]:
        shares = f"{percent(place.share)} of {counted(place.independent, 'family', 'families')}"
        truth, answer = _value(place.truth), _value(place.answer)
        yield f"    {place.path}: truth {truth}, answer {answer} ({shares})"
        if place.answer_stands is not None or place.truth_stands is not None:
            stands = {True: "stands in the document", False: "stands nowhere", None: "not looked"}
            yield f"    answer {stands[place.answer_stands]}, truth {stands[place.truth_stands]}"
        if place.checks is not None:
            whom = "the answer" if place.checks else "the truth"
            yield f"    the suite's checks speak for {whom}"
    if len(question.places) > _PLACES:
        yield f"    and {counted(len(question.places) - _PLACES, 'more place')}"
    if question.also_in:
        yield f"    such a question in {counted(question.also_in, 'other document')}"


def _value(value: Json) -> str:
    from harness.core.inert_text import cut

    return "nothing" if value is None else cut(json.dumps(value, ensure_ascii=False), _LONGEST)
