"""Footer of the report: conventions in plain words, coverage and digests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from harness.core import number_text
from harness.report.page.headline import MEANINGS, other_conventions
from harness.report.words.glossary import Term, glossary
from harness.report.words.lead_sentences import paired_approximately
from harness.run.stored.stored_results import (
    AggregateRecord,
    AveragesRecord,
    ResultsDocument,
    ScoresRecord,
)
from harness.run.stored.stored_run import RunDocument
from harness.run.stored.stored_shares import FractionRecord

_EMPTY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "skip": "is left out of the mean",
        "zero": "counts as 0 %",
        "one": "counts as 100 %",
    }
)


@dataclass(frozen=True, slots=True)
class Averages:
    """Macro and micro scores under one convention."""

    name: str
    macro: tuple[str, str, str]
    """Precision, recall, F1."""
    micro: tuple[str, str, str]
    meaning: str


@dataclass(frozen=True, slots=True)
class Footer:
    """The small print."""

    rules: tuple[tuple[str, str], ...]
    """A term and what it means."""
    averages: tuple[Averages, ...]
    figures: tuple[tuple[str, str, str], ...]
    """Name, number, meaning."""
    signature: tuple[tuple[str, str], ...]
    terms: tuple[Term, ...]


def footer(run: RunDocument, results: ResultsDocument) -> Footer:
    """Return the small print of a report."""
    return Footer(
        rules=_rules(results),
        averages=_averages(results),
        figures=_figures(results["aggregate"]),
        signature=(
            ("run", run["run_id"]),
            *((name, str(value)) for name, value in results["signature"].items()),
            ("scored by", f"harness {results['harness_version']}"),
            ("run by", f"harness {run['harness_version']}"),
        ),
        terms=glossary(results),
    )


def _rules(results: ResultsDocument) -> tuple[tuple[str, str], ...]:
    aggregate = results["aggregate"]
    wrong = (
        "A wrong value or a wrong format costs twice: once as an invented value (false positive) "
        "and once as a missed one (false negative)."
        if results["convention"] == "standard"
        else "A wrong value or a wrong format costs once, as a false positive; "
        "only an omission is a false negative."
    )
    vacuous = number_text.counted(aggregate["vacuous_cases"], "such case")
    empty = _EMPTY.get(results["empty"], results["empty"])
    coverage = aggregate["coverage"]
    ignored = number_text.counted(coverage["ignored"], "field is", "fields are")
    approximate = paired_approximately(results)
    return (
        *((("Approximate", f"{approximate}."),) if approximate else ()),
        ("Convention", f"{results['convention']}. {wrong}"),
        ("Strict", "The headline. A value must have the right type and format, and be the same."),
        ("Lenient", "A value in the wrong format counts as correct if it reads as the same."),
        (
            "Blank",
            (
                "A missing key, null, an empty text, list or object are all absent, unless the "
                "suite says otherwise. Absent on both sides is right, and in no score."
            ),
        ),
        (
            "Nothing to find",
            f"A case with nothing expected and nothing predicted {empty}: {vacuous} here.",
        ),
        (
            "Coverage",
            (
                f"{number_text.counted(coverage['evaluated'], 'field')} judged, "
                f"{ignored} ignored by the suite\u2019s rules."
            ),
        ),
    )


def _averages(results: ResultsDocument) -> tuple[Averages, ...]:
    aggregate = results["aggregate"]
    strict = "A value must have the right type and format, and be the same."
    named: tuple[tuple[str, AveragesRecord, str], ...] = (
        ("strict", aggregate, strict),
        ("lenient", aggregate["lenient"], MEANINGS["lenient"]),
        *((name, scores, MEANINGS.get(name, "")) for name, scores in other_conventions(results)),
    )
    return tuple(
        Averages(name, _three(scores.get("macro")), _three(scores.get("micro")), meaning)
        for name, scores, meaning in named
    )


def _three(score: ScoresRecord | None) -> tuple[str, str, str]:
    percent = number_text.percent
    if score is None:
        return percent(None), percent(None), percent(None)
    return percent(score["precision"]), percent(score["recall"]), percent(score["f1"])


def _figures(aggregate: AggregateRecord) -> tuple[tuple[str, str, str], ...]:
    return (
        (
            "Macro F1 over fields",
            number_text.percent(aggregate["macro_over_fields"]),
            "every field weighs the same",
        ),
        (
            "F1 over fields by support",
            number_text.percent(aggregate["weighted_over_fields"]),
            "every field weighs as many values as it has",
        ),
        (
            "Nothing to correct",
            hits_of(aggregate["correction_cost"]),
            "fields that need no hand, of all that are or should be there",
        ),
        (
            "Perfect documents",
            hits_of(aggregate["perfect_documents"]),
            "cases without a single error",
        ),
        (
            "Perfect list items",
            hits_of(aggregate["perfect_rows"]),
            "list items without a single error",
        ),
        (
            "Null floor",
            number_text.percent(aggregate["null_floor"]),
            "what an empty answer would get if abstentions were credited",
        ),
    )


def hits_of(share: FractionRecord | None) -> str:
    """Return a stored share with its fraction.

    >>> hits_of({"hits": 11, "of": 12}), hits_of(None)
    ('91.7 % (11/12)', 'n/a')
    """
    return number_text.UNDEFINED if share is None else number_text.ratio(share["hits"], share["of"])
