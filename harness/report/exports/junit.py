"""JUnit XML of a run: a test for each case, so that any CI shows what went wrong.

A case that was asked more than once is one test, whatever the number of its answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import fsum
from operator import itemgetter
from typing import Final

from markupsafe import escape

from harness.core import number_text
from harness.core.inert_text import cut, inert
from harness.core.outcomes import Outcome
from harness.report.words import lead_sentences
from harness.report.words.verdicts import OUTCOME_MARKS
from harness.report.words.visible import literal
from harness.run.stored.stored_figures import is_missing
from harness.run.stored.stored_results import CaseRecord, DiffRecord, ResultsDocument, ValueSide
from harness.run.stored.stored_run import RunDocument

_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 does not allow, not even as a reference."""
_LISTED: Final = 50
"""Wrong fields of an answer that are listed; the others are counted."""
_LONGEST: Final = 200


def junit_lines(run: RunDocument, results: ResultsDocument) -> Iterator[str]:
    """Yield the lines of a JUnit report.

    A case with an error in any of its answers is a failure, one without a usable answer an error,
    and one that was not answered as often as it was asked is skipped.
    """
    cases = [list(group) for _, group in groupby(results["cases"], itemgetter("id"))]
    states = list(map(_state, cases))
    failed, broken, missing = map(states.count, ("failure", "error", "skipped"))
    counts = f'tests="{len(cases)}" failures="{failed}" errors="{broken}" skipped="{missing}"'
    name = f"{results['suite']}.{results['extractor'] or 'answers'}"
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="harness" {counts}>'
    yield f"<testsuite name={_quoted(name)} timestamp={_quoted(str(run['started']))} {counts}>"
    reviewed = lead_sentences.reviewed(results)
    if reviewed:
        yield f'<properties><property name="reviewed" value={_quoted(reviewed)}/></properties>'
    for case, state in zip(cases, states, strict=True):
        yield from _case(case, state, name)
    if reviewed:  # few programs show properties
        yield f"<system-out>{_text(inert(reviewed))}</system-out>"
    yield "</testsuite>"
    yield "</testsuites>"


def _state(answers: Sequence[CaseRecord]) -> str:
    """Return what the worst of a case's answers makes of it."""
    if any(map(_is_wrong, answers)):
        return "failure"
    if any(each["failure"] and not is_missing(each) for each in answers):
        return "error"
    return "skipped" if any(map(is_missing, answers)) else "passed"


def _wrong(case: CaseRecord) -> list[DiffRecord]:
    return [diff for diff in case["diffs"] if diff["outcome"] != "correct"]


def _is_wrong(case: CaseRecord) -> bool:
    return not case["failure"] and bool(_wrong(case))


def _case(answers: Sequence[CaseRecord], state: str, suite: str) -> Iterator[str]:
    seconds = [each["seconds"] for each in answers if each.get("seconds") is not None]
    took = f' time="{fsum(one or 0.0 for one in seconds):.3f}"' if seconds else ""
    head = f"<testcase classname={_quoted(suite)} name={_quoted(answers[0]['id'])}{took}"
    if state == "passed":
        yield f"{head}/>"
        return
    yield f"{head}>"
    yield _outcome(answers, state)
    yield "</testcase>"


def _outcome(answers: Sequence[CaseRecord], state: str) -> str:
    if state != "failure":
        is_skipped = state == "skipped"
        failures = [
            each["failure"]
            for each in answers
            if each["failure"] and is_missing(each) == is_skipped
        ]
        of = f" ({len(failures)} of {len(answers)} answers)" if len(answers) > 1 else ""
        kind = _quoted(failures[0]["kind"])
        if is_skipped:
            return f"<skipped message={_quoted(f'never answered{of}: ' + failures[0]['kind'])}/>"
        texts = "\n".join(inert(cut(each["message"], _LONGEST)) for each in failures)
        return (
            f"<error type={kind} message={_quoted(failures[0]['kind'] + of)}>{_text(texts)}</error>"
        )
    wrong = [each for each in answers if _is_wrong(each)]
    message = "; ".join(_said(each, len(answers)) for each in wrong)
    lines = [line for each in wrong for line in _lines(each, len(answers))]
    body = _text("\n".join(lines))
    return f'<failure type="wrong fields" message={_quoted(message)}>{body}</failure>'


def _said(case: CaseRecord, answers: int) -> str:
    f1 = number_text.percent(case["f1"])
    sentence = f"F1 {f1}: {len(_wrong(case))} of {len(case['diffs'])} fields wrong"
    return sentence if answers == 1 else f"answer {case.get('replicate') or 1}: {sentence}"


def _lines(case: CaseRecord, answers: int) -> Iterator[str]:
    wrong = _wrong(case)
    if answers > 1:
        yield f"answer {case.get('replicate') or 1}:"
    yield from map(_line, wrong[:_LISTED])
    if len(wrong) > _LISTED:
        yield f"and {len(wrong) - _LISTED} more"


def _line(diff: DiffRecord) -> str:
    word = OUTCOME_MARKS[Outcome(diff["outcome"])].word
    expected, predicted = _value(diff, "expected"), _value(diff, "predicted")
    return f"{inert(diff['path'])}: {word}, expected {expected}, got {predicted}"


def _value(diff: DiffRecord, side: ValueSide) -> str:
    text = literal(diff, side)
    return "nothing" if text is None else inert(cut(text, _LONGEST))


def _text(text: str) -> str:
    return str(escape(_ILLEGAL.sub("\ufffd", text)))


def _quoted(text: str) -> str:
    return f'"{_text(inert(text))}"'
