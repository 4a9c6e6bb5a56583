"""Fit a bundle to a size: the least important parts are dropped first, and counted."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from harness.errors import Problem, UsageError
from harness.extract.endpoint.rendering import text_tokens
from harness.improve.feedback.bundle import USUAL, Bundle, BundleText, ErrorReport, Omissions
from harness.improve.feedback.task_md import task_text

_FEWEST: Final = 1
"""Examples, and clusters, that are never dropped."""


def fit_bundle(bundle: Bundle, most: int) -> Bundle:
    """Return a bundle whose `TASK.md` comes to at most so many tokens.

    Clusters beyond the usual few go first, then further examples, values of canaries and whole
    clusters, each from the least one up; then the prompt's sections that no cluster is about, then
    passages and descriptions.

    Raises UsageError if even the rules, the first cluster and the prompt are too long.
    """
    while (tokens := text_tokens(task_text(bundle))) > most:
        smaller = _smaller(bundle)
        if smaller is None:
            what = f"{most} tokens are too few: rules and the first cluster take {tokens}"
            raise UsageError(Problem(what, "too-few-tokens", hint=f"--max-tokens {tokens}"))
        bundle = smaller
    return bundle


def _smaller(bundle: Bundle) -> Bundle | None:
    """Return a bundle without the least of what it holds; None where all of it is needed."""
    for drop in (_further_cluster, _example, _right, _cluster, _section, _passages):
        smaller = drop(bundle)
        if smaller is not None:
            return smaller
    return None


def _with(bundle: Bundle, report: ErrorReport, dropped: Omissions) -> Bundle:
    known = (report if each.rank == report.rank else each for each in bundle.error_reports)
    return replace(bundle, error_reports=tuple(known), dropped=dropped)


def _example(bundle: Bundle) -> Bundle | None:
    rich = [report for report in bundle.error_reports if len(report.examples) > _FEWEST]
    if not rich:
        return None
    last = max(rich, key=lambda report: (len(report.examples), report.rank))
    dropped = replace(bundle.dropped, examples=bundle.dropped.examples + 1)
    return _with(bundle, replace(last, examples=last.examples[:-1]), dropped)


def _right(bundle: Bundle) -> Bundle | None:
    last = next((report for report in reversed(bundle.error_reports) if report.right), None)
    if last is None:
        return None
    dropped = replace(bundle.dropped, right=bundle.dropped.right + len(last.right))
    return _with(bundle, replace(last, right=()), dropped)


def _further_cluster(bundle: Bundle) -> Bundle | None:
    return _cluster(bundle) if len(bundle.error_reports) > USUAL else None


def _cluster(bundle: Bundle) -> Bundle | None:
    if len(bundle.error_reports) <= _FEWEST:
        return None
    last = bundle.error_reports[-1]
    dropped = replace(bundle.dropped, clusters=bundle.dropped.clusters + 1)
    rest = (last.cluster, *bundle.rest)
    return replace(bundle, error_reports=bundle.error_reports[:-1], rest=rest, dropped=dropped)


def _section(bundle: Bundle) -> Bundle | None:
    """Drop the longest section that no cluster is about, then the longest of all."""
    about = {name for report in bundle.error_reports for name in report.sections}
    full = [text for text in bundle.texts if text.text is not None]
    if not full:
        return None
    longest = max(full, key=lambda text: (text.name not in about, len(text.text or ""), text.name))
    texts = tuple(BundleText(t.name, t.file, None) if t is longest else t for t in bundle.texts)
    dropped = replace(bundle.dropped, sections=bundle.dropped.sections + 1)
    return replace(bundle, texts=texts, dropped=dropped)


def _passages(bundle: Bundle) -> Bundle | None:
    report = bundle.error_reports[0] if bundle.error_reports else None
    rows = report.examples + report.suspects if report else ()
    number = sum(len(row.passages) for row in rows)
    if report is None or not (number or report.suspects or report.description or bundle.rest):
        return None
    bare = replace(
        report,
        examples=tuple(replace(row, passages=(), note="") for row in report.examples),
        suspects=(),
        description="",
    )
    dropped = replace(bundle.dropped, passages=bundle.dropped.passages + number)
    return replace(_with(bundle, bare, dropped), rest=())
