"""Markdown summary of a run, for a pull request comment or a job summary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from harness.core import number_text
from harness.core.inert_text import inert
from harness.report.tables.result_tables import cases_table, fields_table
from harness.report.tables.table import Table, TableColumn, as_markdown, unmarked
from harness.report.words import lead_sentences
from harness.report.words.no_answers import all_unanswered
from harness.run.stored.stored_figures import interval_of
from harness.run.stored.stored_results import AVERAGES, CaseRecord, FailureRecord, ResultsDocument
from harness.run.stored.stored_run import RunDocument

_MOST: Final = 20
"""Rows of each table."""


def comment_lines(run: RunDocument, results: ResultsDocument) -> Iterator[str]:
    """Yield what a reviewer wants to know of a run; no text in it can act as markup."""
    yield f"## {_safe(results['suite'])}: {_safe(results['extractor'] or 'answers')}"
    yield ""
    unfinished = lead_sentences.incomplete(run, results)
    if unfinished:
        yield f"**Incomplete.** {unfinished}"
        yield ""
    for sentence in _asides(results):
        yield from (sentence, "")
    yield _safe(str(lead_sentences.lead(results)))
    yield ""
    yield from as_markdown(_scores(results))
    yield ""
    yield from _titled("Fields", fields_table(results))
    few = lead_sentences.few_documents(results["aggregate"].get("intervals"))
    if few:
        yield f"Only {few}."
        yield ""
    lost = unanswered(results)
    if lost:
        yield f"### No answer ({lead_sentences.answers_counted(results, len(lost))})"
        yield ""
        for case, failure in lost[:_MOST]:
            yield f"- {_safe(answer_name(case))}: {_safe(failure['kind'])}"
        yield from _more(len(lost))
    worst = cases_table(results)
    wrong = tuple(row for row in worst.rows if row["f1"] is not None and row["f1"] < 1)
    if wrong:
        many = (results.get("replicates") or 1) > 1
        title = "Answers with errors" if many else "Cases with errors"
        yield from _titled(title, Table(worst.columns, wrong))
    yield f"Run {_safe(str(run['run_id']))}"


def _asides(results: ResultsDocument) -> Iterator[str]:
    """Yield what must be known before any figure."""
    if wrapped := lead_sentences.wrapped_sentence(results):
        yield f"**Wrapped.** {unmarked(wrapped)}."
    if withheld := lead_sentences.withheld(results):
        yield withheld
    if reviewed := lead_sentences.reviewed(results):
        yield f"{reviewed}."


def unanswered(results: ResultsDocument) -> list[tuple[CaseRecord, FailureRecord]]:
    """Return the cases without a usable answer and why, those that count as wrong first."""
    failed = [(case, failure) for case in results["cases"] if (failure := case["failure"])]
    return sorted(failed, key=lambda pair: pair[1]["missing"])


def answer_name(case: CaseRecord) -> str:
    """Return a case's name, with the number of the answer after the first.

    >>> answer_name({"id": "a", "replicate": 2})
    'a (2)'
    """
    replicate = case.get("replicate") or 1
    return case["id"] if replicate == 1 else f"{case['id']} ({replicate})"


def _safe(text: str) -> str:
    return unmarked(inert(text))


def _titled(title: str, table: Table) -> Iterator[str]:
    yield f"### {title} ({number_text.count(len(table.rows))})"
    yield ""
    yield from as_markdown(Table(table.columns, table.rows[:_MOST]))
    yield ""
    yield from _more(len(table.rows))


def _more(rows: int) -> Iterator[str]:
    if rows > _MOST:
        yield f"and {number_text.count(rows - _MOST)} more"
    yield ""


def _scores(results: ResultsDocument) -> Table:
    columns = (
        TableColumn("score", ""),
        TableColumn("f1", "F1", number_text.percent, right=True),
        TableColumn("interval", "95 % interval", number_text.interval, right=True),
        TableColumn("lenient", "lenient", number_text.percent, right=True),
    )
    aggregate = results["aggregate"]
    nothing = all_unanswered(results)
    rows: list[dict[str, Any]] = [
        {
            "score": name,
            "f1": None if nothing else aggregate[name]["f1"],
            "interval": None if nothing else interval_of(aggregate, name),
            "lenient": None if nothing else aggregate["lenient"][name]["f1"],
        }
        for name in AVERAGES
    ]
    return Table(columns, tuple(rows))
