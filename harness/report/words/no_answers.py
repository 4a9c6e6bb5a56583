"""Words for runs in which most or all cases got no usable answer: a failure is no score of 0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from typing_extensions import TypedDict

from harness.core import number_text
from harness.core.inert_text import cut, inert
from harness.core.records import FailureKind
from harness.report.words.verdicts import tag_word
from harness.run.stored.stored_results import AggregateRecord, CaseRecord


class WithAggregate(TypedDict):
    """Part that counts the answered cases: of stored results, or of a headline."""

    aggregate: AggregateRecord


_LONGEST = 300
_KINDS = 3
"""Kinds of failure that are named; the others are counted."""


def all_unanswered(results: WithAggregate) -> bool:
    """Tell whether not one case got a usable answer: there is nothing to be scored.

    `results` need no more than their `aggregate`.
    """
    aggregate = results["aggregate"]
    judged = aggregate["eval_count"] + aggregate["missing_cases"]
    return bool(judged) and aggregate["failed_cases"] == aggregate["eval_count"]


def failed_first(results: WithAggregate) -> str | None:
    """Return what comes first of a run in which no case, or less than half, got a usable answer.

    None for any other run, and where nobody was asked yet. Where results list no cases, the reason
    is left out.
    """
    aggregate = results["aggregate"]
    stored: Any = results.get("cases")  # a headline has none
    cases: Sequence[CaseRecord] = stored or ()
    failures = [case["failure"] for case in cases if case["failure"]]
    kinds = Counter(str(failure["kind"]) for failure in failures)
    reason = _reason(kinds, [str(failure["message"]) for failure in failures])
    if all_unanswered(results):
        if not aggregate["failed_cases"] and kinds.keys() <= _NOT_ASKED:
            return None
        how = "Every case failed in the same way" if len(kinds) == 1 else "No case was answered"
        return f"{how}, so there is no score{reason}"
    failed, judged = aggregate["failed_cases"], aggregate["eval_count"]
    if 2 * failed <= judged:
        return None
    share = number_text.ratio(failed, judged)
    of = (
        "cases got no usable answer"
        if (results.get("replicates") or 1) == 1
        else "answers are of no use"
    )
    return f"{share} of the {of}: the figures are of few answers{reason}"


_NOT_ASKED = {FailureKind.INTERRUPTED.value, FailureKind.BUDGET.value}


def headline_f1(results: WithAggregate, f1: float | None) -> str:
    """Return an F1 of a whole run; undefined where not one case got a usable answer."""
    return number_text.UNDEFINED if all_unanswered(results) else number_text.percent(f1)


def _reason(kinds: Counter[str], messages: list[str]) -> str:
    """Return the kinds of failures, and what most of them say."""
    if not kinds:
        return "."
    ordered = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))
    named = ", ".join(
        f"{number_text.count(times)} {tag_word(kind)}" for kind, times in ordered[:_KINDS]
    )
    more = len(ordered) - _KINDS
    rest = f" and {number_text.count(more)} more kinds" if more > 0 else ""
    most, times = Counter(" ".join(text.split()) for text in messages).most_common(1)[0]
    message = inert(cut(most, _LONGEST))
    about = "" if times == len(messages) else "such as: "
    return f": {inert(named)}{rest}; {about}{message}"
