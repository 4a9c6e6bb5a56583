"""A run as JUnit XML: a test for each case, so that any CI shows what went wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from markupsafe import escape

from harness.core import number_text
from harness.core.inert_text import cut, inert
from harness.core.outcomes import Outcome
from harness.report.words.verdicts import OUTCOME_MARKS
from harness.report.words.visible import literal
from harness.run.stored.stored_figures import is_missing
from harness.run.stored.stored_results import CaseRecord, DiffRecord, ResultsDocument, ValueSide
from harness.run.stored.stored_run import RunDocument

_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 does not allow, not even as a reference."""
_LISTED: Final = 50
"""Wrong fields of a case that are listed; the others are counted."""
_LONGEST: Final = 200


def junit_lines(run: RunDocument, results: ResultsDocument) -> Iterator[str]:
    """Yield the lines of a JUnit report.

    A case with an error is a failure, one without a usable answer an error, and one that was
    never answered is skipped.
    """
    cases = results["cases"]
    failed = sum(_is_wrong(case) for case in cases)
    broken = sum(bool(case["failure"]) and not is_missing(case) for case in cases)
    missing = sum(map(is_missing, cases))
    name = f"{results['suite']}.{results['extractor'] or 'answers'}"
    counts = f'tests="{len(cases)}" failures="{failed}" errors="{broken}" skipped="{missing}"'
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="harness" {counts}>'
    yield f"<testsuite name={_quoted(name)} timestamp={_quoted(str(run['started']))} {counts}>"
    for case in cases:
        yield from _case(case, name)
    yield "</testsuite>"
    yield "</testsuites>"


def _wrong(case: CaseRecord) -> list[DiffRecord]:
    return [diff for diff in case["diffs"] if diff["outcome"] != "correct"]


def _is_wrong(case: CaseRecord) -> bool:
    return not case["failure"] and bool(_wrong(case))


def _case(case: CaseRecord, suite: str) -> Iterator[str]:
    replicate = case.get("replicate") or 1
    name = case["id"] if replicate == 1 else f"{case['id']} ({replicate})"
    seconds = case.get("seconds")
    took = f' time="{seconds:.3f}"' if seconds is not None else ""
    head = f"<testcase classname={_quoted(suite)} name={_quoted(name)}{took}"
    if not case["failure"] and not _wrong(case):
        yield f"{head}/>"
        return
    yield f"{head}>"
    yield _outcome(case)
    yield "</testcase>"


def _outcome(case: CaseRecord) -> str:
    failure = case["failure"]
    if failure and failure["missing"]:
        return f"<skipped message={_quoted('never answered: ' + failure['kind'])}/>"
    if failure:
        kind, said = _quoted(failure["kind"]), _text(inert(cut(failure["message"], _LONGEST)))
        return f"<error type={kind} message={kind}>{said}</error>"
    wrong = _wrong(case)
    f1 = number_text.percent(case["f1"])
    message = f"F1 {f1}: {len(wrong)} of {len(case['diffs'])} fields wrong"
    lines = [_line(diff) for diff in wrong[:_LISTED]]
    if len(wrong) > _LISTED:
        lines.append(f"and {len(wrong) - _LISTED} more")
    body = _text("\n".join(lines))
    return f'<failure type="wrong fields" message={_quoted(message)}>{body}</failure>'


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
