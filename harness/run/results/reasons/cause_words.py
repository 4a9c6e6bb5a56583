"""Names of the causes of errors on every surface."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from harness.core import number_text
from harness.core.differ.tagging.value_differences import FormatFault
from harness.core.scores.causes import CauseKind
from harness.run.stored.stored_figures import by_outcome
from harness.run.stored.stored_results import AveragesRecord, CauseRecord, CountsRecord

FORMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        FormatFault.NUMBER_AS_TEXT: "numbers written as text",
        FormatFault.BOOLEAN_AS_TEXT: "yes and no written as text",
        FormatFault.TEXT_AS_NUMBER: "texts written as numbers",
        FormatFault.DATE_FORM: "dates written in another form",
        FormatFault.LETTER_CASE: "texts in other upper and lower case",
        FormatFault.LIST_AROUND_VALUE: "lists of one where a single value is expected",
        FormatFault.VALUE_WITHOUT_LIST: "single values where a list is expected",
        FormatFault.WRONG_TYPE: "values of the wrong JSON type",
        FormatFault.OUTSIDE_SCHEMA: "values that the schema does not allow",
    }
)
"""What is in the wrong format, by form."""

CURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        CauseKind.NO_ANSWER: "Nothing usable came back: every expected field is an omission.",
        CauseKind.MISSING_ITEMS: "Whole items of the list are in the truth only.",
        CauseKind.EXTRA_ITEMS: "Whole items of the list are in the prediction only.",
        CauseKind.DUPLICATE_ITEMS: "The prediction holds items that it also holds elsewhere.",
        CauseKind.NEAR_MISSES: (
            "The texts are there but for separators, spaces, case, accents or legal form: "
            "where those do not matter to you, say so by a rule."
        ),
        CauseKind.FORMAT: "One sentence in the prompt may cure all, in whatever field.",
        CauseKind.RENAMED_KEY: "The value is there, under a key spelled in another way.",
        CauseKind.MISPLACED: "The value is there, at another place of the answer.",
        CauseKind.LABELS: "One label of a closed set is taken for another, more than once.",
        CauseKind.FIELD: "Errors of this field alone.",
        CauseKind.VACUOUS: "Nothing is expected and nothing predicted; the suite counts that as 0.",
    }
)
"""A sentence for every kind of cause."""


@dataclass(frozen=True, slots=True)
class CauseTitle:
    """A cause in a few words, in parts so that a surface may set its name apart."""

    before: str
    name: str
    """Text from strangers: a list, a field, labels; empty where the cause has none."""
    after: str

    def __str__(self) -> str:
        return f"{self.before}{self.name}{self.after}"


def cause_title(cause: CauseRecord) -> CauseTitle:
    """Return what a stored cause is called.

    >>> from harness.core.counts import Counts
    >>> counts = {"omission": 6}
    >>> str(cause_title({"kind": "missing_items", "subject": "parts[]", "items": 3,
    ...                  "detail": "", "counts": counts, "errors": 6, "cases": 2}))
    '3 items of parts[] not found'
    """
    kind, name = cause["kind"], cause["subject"]
    words = _SAID.get(kind)
    if words is not None:
        items = number_text.counted(cause["items"], "item")
        return CauseTitle(f"{items} of " if kind in _ITEMS else "", name, words(cause))
    cases = number_text.counted(cause["cases"], "case")
    if kind == CauseKind.FORMAT:
        errors = number_text.counted(cause["errors"], "format error")
        return CauseTitle(f"{errors}: {FORMS.get(name, name.replace('_', ' '))}", "", "")
    if kind == CauseKind.NO_ANSWER:
        why = name.replace("not_json", "not JSON").replace("_", " ")
        return CauseTitle(f"{cases} without a usable answer: {why}", "", "")
    return CauseTitle(f"{cases} with nothing expected, counted as 0", "", "")


_ITEMS: Final = (
    CauseKind.MISSING_ITEMS,
    CauseKind.EXTRA_ITEMS,
    CauseKind.DUPLICATE_ITEMS,
    CauseKind.NEAR_MISSES,
)
_SAID: Final[Mapping[str, Callable[[CauseRecord], str]]] = {
    CauseKind.MISSING_ITEMS: lambda _: " not found",
    CauseKind.EXTRA_ITEMS: lambda _: " made up",
    CauseKind.DUPLICATE_ITEMS: lambda _: " given twice",
    CauseKind.NEAR_MISSES: lambda cause: f" nearly right{_accepted(cause)}",
    CauseKind.RENAMED_KEY: lambda cause: f" is spelled {cause['detail']}",
    CauseKind.MISPLACED: lambda cause: f" stands at {cause['detail']}",
    CauseKind.LABELS: lambda cause: f": {cause['detail']}, {_times(cause)}",
    CauseKind.FIELD: lambda cause: f": {_mostly(cause['counts'])}",
}
"""What is said of the name of a cause, where it has one."""


def _accepted(cause: CauseRecord) -> str:
    """Return which rule would take near misses for the same."""
    rule = cause["detail"]
    return f": the rule {{{rule}}} would accept them" if rule else ""


def _times(cause: CauseRecord) -> str:
    return number_text.counted(cause["errors"], "time")


def _mostly(record: CountsRecord) -> str:
    """Return the most frequent error with its number."""
    counts = by_outcome(record)
    most = max(_ERRORS, key=lambda name: counts.get(name, 0))
    return number_text.counted(counts.get(most, 0), most.replace("_", " "))


_ERRORS: Final = ("wrong_value", "format_error", "omission", "hallucination")


def lost_of(averages: AveragesRecord) -> str:
    """Return how many points of micro F1 are lost in all.

    >>> lost_of({"micro": {"f1": 0.605}})
    '39.5'
    """
    f1 = averages["micro"]["f1"]
    return number_text.points(0.0 if f1 is None else 1.0 - f1)


def lenient_loss(cause: CauseRecord) -> float:
    """Return what a cause costs in micro F1 where format errors of equal value count as right.

    >>> counts = {"omission": 2, "hallucination": 0, "format_error": 3, "wrong_value": 0}
    >>> lenient_loss({"micro_f1_lost": 0.4, "counts": {**counts, "value_equal": 3}})
    0.1
    """
    counts = cause["counts"]
    twice = counts["format_error"] + counts["wrong_value"]
    charged = counts["omission"] + counts["hallucination"] + 2 * twice
    left = charged - 2 * counts["value_equal"]
    return cause["micro_f1_lost"] * left / charged if charged else 0.0


def lenient_causes(causes: Iterable[CauseRecord]) -> list[CauseRecord]:
    """Return the causes that cost something read leniently, the costliest first."""
    left = []
    for cause in causes:
        counts = cause["counts"]
        equal = counts["value_equal"]
        counts_kept: CountsRecord = {
            **counts,
            "format_error": counts["format_error"] - equal,
            "value_equal": 0,
        }
        lenient: CauseRecord = {
            **cause,
            "micro_f1_lost": lenient_loss(cause),
            "errors": cause["errors"] - equal,
            "counts": counts_kept,
        }
        left.append(lenient)
    costly = [cause for cause in left if cause["micro_f1_lost"]]
    return sorted(costly, key=lambda cause: -cause["micro_f1_lost"])
