"""Glossary of the report: one sentence for every term, with the run's own figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from harness.core import number_text
from harness.core.outcomes import OUTCOME_MEANINGS, TAG_MEANINGS
from harness.report.words.lead_sentences import answers_counted
from harness.report.words.verdicts import tag_word
from harness.run.stored.stored_results import ResultsDocument


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the report."""

    anchor: str
    """The address of its sentence in the page."""
    word: str
    meaning: str


def glossary(results: ResultsDocument) -> tuple[Term, ...]:
    """Return the terms a reader of these results meets, those of the headline first."""
    return (*_measures(results), *_outcomes(), *_tags(results))


def _measures(results: ResultsDocument) -> Iterator[Term]:
    aggregate = results["aggregate"]
    tp, fp = aggregate["total_true_positives"], aggregate["total_false_positives"]
    fn = aggregate["total_false_negatives"]
    right, given, wanted = map(number_text.count, (tp, tp + fp, tp + fn))
    cases = answers_counted(results, aggregate["eval_count"])
    figures = {"right": right, "given": given, "wanted": wanted, "cases": cases}
    for word, meaning in _MEASURES.items():
        yield Term(word.lower().replace(" ", "-"), word, meaning.format_map(figures))


_MEASURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "precision": (
            "Of the values that were given, the share that is right: {right} of {given} here. It "
            "says nothing of values that are missing."
        ),
        "recall": (
            "Of the values in the truth, the share that was given right: {right} of {wanted} here. "
            "It says nothing of values that were made up."
        ),
        "F1": (
            "One number for both: twice what is right, over what was given and what is wanted. It "
            "is high only where precision and recall are."
        ),
        "macro F1": "The mean of the F1 of {cases}: short documents weigh as much as long ones.",
        "micro F1": "The F1 of all fields of all cases together: long documents weigh more.",
        "points": "Hundredths of F1: from 80 % to 85 % are 5 points.",
        "macro points": "What a cause costs in macro F1: all causes add up to what is lost.",
        "interval": (
            "Where the score would probably lie for other documents of the same kind, as far as "
            "the spread between these tells."
        ),
        "perfect documents": "Cases without a single error.",
        "exact matches": (
            "Perfect documents in which no value is right by a tolerance or a rule only: each "
            "equals the truth."
        ),
        "perfect list items": "Items of lists without a single error.",
    }
)
"""Sentences for the measures; braces take the run's own figures."""


def _outcomes() -> Iterator[Term]:
    for outcome, meaning in OUTCOME_MEANINGS.items():
        yield Term(outcome.value.replace("_", "-"), tag_word(outcome.value), meaning)


def _tags(results: ResultsDocument) -> Iterator[Term]:
    """Yield the tags that errors of these results carry."""
    met = {
        tag for case in results["cases"] for diff in case["diffs"] for tag in diff.get("tags", ())
    }
    for tag, meaning in TAG_MEANINGS.items():
        if tag.value in met:
            yield Term(tag.value.replace("_", "-"), tag_word(tag.value), meaning)
