"""GitHub Actions annotations of a run: the fields worth fixing, and unanswered cases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.core import number_text
from harness.core.inert_text import cut, inert
from harness.report.exports.comment import answer_name, unanswered
from harness.report.words import lead_sentences
from harness.report.words.no_answers import headline_f1
from harness.report.words.verdicts import mostly
from harness.run.stored.stored_figures import interval_of
from harness.run.stored.stored_results import ResultsDocument
from harness.run.stored.stored_run import RunDocument

_MOST: Final = 10
"""Annotations of one kind that GitHub shows of a step."""
_LONGEST: Final = 500


def github_lines(run: RunDocument, results: ResultsDocument) -> Iterator[str]:
    """Yield workflow commands; nothing in them can be a command of its own."""
    unfinished = lead_sentences.incomplete(run, results)
    if unfinished:
        yield _command("error", "Incomplete run", unfinished)
    title = f"{results['suite']} · {results['extractor'] or 'answers'}"
    macro = results["aggregate"]["macro"]["f1"]
    bounds = interval_of(results["aggregate"], "macro")
    within = f", interval {number_text.interval(bounds)}" if bounds else ""
    sentence = f"macro F1 {headline_f1(results, macro)}{within}; {lead_sentences.lead(results)}"
    yield _command("notice", title, sentence)
    if few := lead_sentences.few_documents(results["aggregate"].get("intervals")):
        yield _command("notice", "Few documents", f"Only {few}.")
    if reviewed := lead_sentences.reviewed(results):
        yield _command("notice", "Reviewed", f"{reviewed}.")
    for case, failure in unanswered(results)[:_MOST]:
        sentence = f"{failure['kind']}: {failure['message']}"
        yield _command("warning", f"No answer: {answer_name(case)}", sentence)
    for field in lead_sentences.worst_first(results["fields"])[:_MOST]:
        lost = number_text.points(field["f1_lost"])
        sentence = (
            f"F1 {number_text.percent(field['f1'])}, {mostly(field['counts'])}; costs {lost} points"
        )
        yield _command("warning", f"Field {field['field']}", sentence)


def _command(kind: str, title: str, message: str) -> str:
    r"""Return one workflow command.

    >>> _command("warning", "a:b,c", "100 %\n::error::x")
    '::warning title=a%3Ab%2Cc::100 %25\\u000a::error::x'
    """
    name = _escaped(title).replace(":", "%3A").replace(",", "%2C")
    return f"::{kind} title={name}::{_escaped(message)}"


def _escaped(text: str) -> str:
    return inert(cut(text, _LONGEST)).replace("%", "%25")
