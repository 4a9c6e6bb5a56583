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
from harness.cli.truth.person_option import person_option

if TYPE_CHECKING:
    from harness.core.values import Json
    from harness.review.audit.audit_record import TruthAudit
    from harness.review.audit.truth_audit import AuditQuestion

_LONGEST: Final = 60
_PLACES: Final = 3


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """What `harness truth audit` was asked."""

    suite: Path
    runs: tuple[Path, ...]
    top: int
    sample: int
    answer: tuple[str, str] | None
    person: str
    form: str


@click.command("audit", cls=OptionsCommand, short_help="Ask where systems contradict the truth.")
@click.argument("suite", type=click.Path(path_type=Path))
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--top", default=50, show_default=True, help="Questions that are shown.")
@click.option("--sample", default=0, help="Also draw so many fields nothing is asked about.")
@click.option("--answer", nargs=2, metavar="ID ANSWER", help="truth, convention or models.")
@person_option
@form_option("text", "json")
@takes_options(AuditOptions)
def audit(options: AuditOptions) -> None:
    """Ask where the answers of RUNS, folders of runs of SUITE, contradict the truth together.

    Each extractor has one vote, and how a value is written does not matter. A question is a field
    of a document; look at the document and answer it: --answer ID truth (the truth is wrong: edit
    it), convention (both are right: tell the prompt, or accept the reading by a rule), models (the
    truth is right). How often the truth was wrong so far is shown. The holdout is left out.
    """
    from harness.core.inert_text import inert
    from harness.errors import Problem, UsageError
    from harness.review.audit.audit_record import answer_question, audit_document, audit_truths
    from harness.review.reviewed_suite import ReviewedSuite

    opened = ReviewedSuite.open(options.suite, options.runs)
    found = audit_truths(opened, options.sample)
    if options.answer:
        key, answer = options.answer
        asked = next((each for each in found.questions if each.id == key), None)
        if asked is None:
            raise UsageError(Problem(f"there is no open question {key!r}", "unknown-question"))
        answer_question(opened, options.person, answer, asked)
        click.echo(f"noted by {options.person}: {key} {answer}")
        return
    if options.form == "json":
        click.echo(json.dumps(audit_document(found), indent=1))
        return
    for line in _lines(found, options.top):
        click.echo(inert(line))
    tell_next(["harness", "review", str(options.suite)])


def _lines(found: TruthAudit, top: int) -> Iterator[str]:
    from harness.core.number_text import counted, percent

    questions = counted(len(found.questions), "question")
    yield f"{questions} by {', '.join(found.systems)}"
    if found.held_out:
        yield f"{counted(found.held_out, 'case')} of the holdout left out"
    if found.precision:
        share, low, high = found.precision
        answered, wrong = sum(found.answered.values()), found.answered.get("truth", 0)
        interval = f"{percent(low)} to {percent(high)}"
        tally = f"{counted(answered, 'question')} answered, {wrong} truth wrong"
        yield f"{tally} ({percent(share)}, {interval})"
    for question in found.questions[:top]:
        yield from _question(question)
    if len(found.questions) > top:
        yield f"and {counted(len(found.questions) - top, 'more question')}: --top"
    for case, path in found.sample:
        yield f"sample  {case} {path}"


def _question(asked: AuditQuestion) -> Iterator[str]:
    from harness.core.number_text import counted, percent

    yield ""
    about = asked.kind.replace("_", " ")
    yield f"{asked.id}  {asked.case}  {asked.field}  {about}, perhaps {asked.guess}"
    for place in asked.places[:_PLACES]:
        shares = f"{percent(place.share)} of {place.systems} systems"
        yield f"    {place.path}: truth {_value(place.truth)}, said {_value(place.said)} ({shares})"
        if place.said_stands is not None or place.truth_stands is not None:
            stands = {True: "stands in the document", False: "stands nowhere", None: "not looked"}
            yield f"    said {stands[place.said_stands]}, truth {stands[place.truth_stands]}"
    if len(asked.places) > _PLACES:
        yield f"    and {counted(len(asked.places) - _PLACES, 'more place')}"
    if asked.also_in:
        yield f"    such a question in {counted(asked.also_in, 'other document')}"


def _value(value: Json) -> str:
    from harness.core.inert_text import cut

    return "nothing" if value is None else cut(json.dumps(value, ensure_ascii=False), _LONGEST)
