"""Fields of the report, the one most worth fixing first, each with examples."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from harness.core import number_text
from harness.core.inert_text import cut
from harness.core.outcomes import Outcome
from harness.report.embedded.long_texts import CaseSources
from harness.report.embedded.passages import Snippet, absence, snippets
from harness.report.page.classes import LabelTable, classified
from harness.report.page.drawn_shares import Segment, segments
from harness.report.page.past_runs import PastRun, Spark, field_spark
from harness.report.words import lead_sentences
from harness.report.words.page_links import case_link, errors_link, field_link
from harness.report.words.verdicts import (
    ERRORS,
    OUTCOME_MARKS,
    OutcomeMark,
    by_weight,
    mostly,
    tag_word,
)
from harness.report.words.visible import json_text, literal
from harness.run.stored.stored_figures import by_outcome
from harness.run.stored.stored_results import (
    CaseRecord,
    CountsRecord,
    DiffRecord,
    FieldRecord,
    ResultsDocument,
)

_CORRECT: Final = Outcome.CORRECT.value
_EXAMPLES: Final = 3
_LONGEST: Final = 200
"""Characters of a value shown in an example."""

_LONG: Final = 80
"""A value longer than this makes a poor example while there is a shorter one."""


@dataclass(frozen=True, slots=True)
class ErrorCount:
    """Count of one outcome."""

    verdict: OutcomeMark
    count: str
    """Empty where it never did, so that the eye is not held by zeros."""


@dataclass(frozen=True, slots=True)
class ErrorExample:
    """One field of one case that went wrong."""

    case_id: str
    link: str
    path: str
    verdict: OutcomeMark
    expected: str | None
    """JSON text; None where there is no value."""
    predicted: str | None
    tags: tuple[str, ...]
    snippets: tuple[Snippet, ...]
    note: str | None
    """What the documents do not say; None where they say it or nobody looked."""
    why: str
    """Why it is wrong, in the words of `explain`; empty where it was not explained."""

    @property
    def is_alike(self) -> bool:
        """Tell whether both values are written alike, so that only the reason tells them apart."""
        return self.expected == self.predicted


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field over all cases."""

    name: str
    link: str
    """Leads to the cases in which it is wrong."""
    errors_link: str
    """Leads to its errors, in the list of all."""
    precision: str
    recall: str
    f1: str
    lenient: str
    mix: tuple[Segment, ...]
    support: str
    lost: str
    keys: tuple[tuple[str, str], ...]
    """What the table can be sorted by: attribute and plain number."""
    cells: tuple[ErrorCount, ...]
    mostly: str
    often: str
    """What most of these errors have in common, as words; empty where nothing is."""
    comparator: str
    examples: tuple[ErrorExample, ...]
    errors: int
    spark: Spark | None
    """Its F1 in past runs; None where there are none."""
    classified: LabelTable | None
    """How its labels were taken for each other; None for a field that has none."""


@dataclass(frozen=True, slots=True)
class PerfectField:
    """A field that lost nothing."""

    name: str
    support: str


def error_counts(record: CountsRecord) -> tuple[ErrorCount, ...]:
    """Return the count of each kind of error, always in the same order."""
    counts = by_outcome(record)
    counted = ((verdict, counts.get(verdict.outcome.value, 0)) for verdict in ERRORS)
    return tuple(ErrorCount(verdict, number_text.count(n) if n else "") for verdict, n in counted)


def rank_fields(
    results: ResultsDocument, sources: Mapping[str, CaseSources], past: Sequence[PastRun] = ()
) -> tuple[FieldRow, ...]:
    """Return the fields that lost something, the one most worth fixing first."""
    losing = lead_sentences.worst_first(results["fields"])
    wrong = _errors_by_field(results["cases"])
    classes = classified(results)
    rows = []
    for field in losing:
        name = field["field"]
        row = _row(field, wrong[name], sources)
        spark = field_spark(past, name, field["f1"])
        rows.append(replace(row, spark=spark, classified=classes.get(name)))
    return tuple(rows)


def perfect_fields(results: ResultsDocument) -> tuple[PerfectField, ...]:
    """Return the fields that lost nothing, those with most values first."""
    losing = {field["field"] for field in lead_sentences.worst_first(results["fields"])}
    perfect = [field for field in results["fields"] if field["field"] not in losing]
    ranked = sorted(perfect, key=lambda field: (-field["support"], field["field"]))
    return tuple(PerfectField(f["field"], number_text.count(f["support"])) for f in ranked)


def _errors_by_field(cases: list[CaseRecord]) -> dict[str, list[tuple[str, DiffRecord]]]:
    wrong: dict[str, list[tuple[str, DiffRecord]]] = defaultdict(list)
    for case in cases:
        for diff in case["diffs"] if case["failure"] is None else ():
            if diff["outcome"] != _CORRECT:
                wrong[diff["field"]].append((case["id"], diff))
    return wrong


def _row(
    field: FieldRecord, wrong: list[tuple[str, DiffRecord]], sources: Mapping[str, CaseSources]
) -> FieldRow:
    counts = field["counts"]
    picked = choose_examples(wrong, [verdict.outcome.value for verdict, _ in by_weight(counts)])
    return FieldRow(
        name=field["field"],
        link=field_link(field["field"]),
        errors_link=errors_link(field["field"]),
        precision=number_text.percent(field["precision"]),
        recall=number_text.percent(field["recall"]),
        f1=number_text.percent(field["f1"]),
        lenient=number_text.percent(field.get("lenient_f1")),
        mix=segments(counts),
        support=number_text.count(field["support"]),
        lost=number_text.points(field["f1_lost"]),
        keys=(
            ("lost", f"{field['f1_lost']:.6f}"),
            ("precision", _plain(field["precision"])),
            ("recall", _plain(field["recall"])),
            ("f1", _plain(field["f1"])),
            ("support", str(field["support"])),
        ),
        cells=error_counts(counts),
        mostly=mostly(counts),
        often=_often(wrong, by_weight(counts)),
        comparator=field["comparator"],
        examples=tuple(example_of(case_id, diff, sources) for case_id, diff in picked),
        errors=sum(count for _, count in by_weight(counts)),
        spark=None,
        classified=None,
    )


def _plain(share: float | None) -> str:
    return f"{-1 if share is None else share:.6f}"


def _often(
    wrong: Sequence[tuple[str, DiffRecord]], ranked: Sequence[tuple[OutcomeMark, int]]
) -> str:
    """Return the tag that at least half of the most frequent errors carry, and how many do."""
    verdict, total = ranked[0]
    some = [diff for _, diff in wrong if diff["outcome"] == verdict.outcome.value]
    tags = Counter(tag_word(tag) for diff in some for tag in diff.get("tags", ()))
    tag, number = min(tags.items(), key=lambda item: (-item[1], item[0]), default=("", 0))
    if not number or 2 * number < total:
        return ""
    return f"{tag}: {number_text.count(number)} of {number_text.count(total)}"


def choose_examples(
    wrong: Sequence[tuple[str, DiffRecord]], kinds: Sequence[str]
) -> list[tuple[str, DiffRecord]]:
    """Return the errors that show a field's trouble best, at most three, from different cases.

    The most frequent kind comes first, then what has evidence, then short values.
    """

    def clarity(item: tuple[str, DiffRecord]) -> tuple[int, bool, bool]:
        diff = item[1]
        long = _is_long(diff.get("expected")) or _is_long(diff.get("predicted"))
        return kinds.index(diff["outcome"]), not diff.get("evidence"), long

    chosen: dict[str, tuple[str, DiffRecord]] = {}
    for item in sorted(wrong, key=clarity):
        chosen.setdefault(item[0], item)
        if len(chosen) == _EXAMPLES:
            break
    return list(chosen.values())


def _is_long(value: object) -> bool:
    return isinstance(value, str | list | dict) and len(json_text(value)) > _LONG


def example_of(case_id: str, diff: DiffRecord, sources: Mapping[str, CaseSources]) -> ErrorExample:
    """Return one error as an example, with the words of the documents around it."""
    expected, predicted = literal(diff, "expected"), literal(diff, "predicted")
    documents = sources[case_id].get("documents", []) if case_id in sources else []
    tags = [tag_word(tag) for tag in diff.get("tags", ())]
    if diff.get("value_equal"):
        tags.insert(0, "right value")
    return ErrorExample(
        case_id=case_id,
        link=case_link(case_id, diff["path"]),
        path=diff["path"],
        verdict=OUTCOME_MARKS[Outcome(diff["outcome"])],
        expected=None if expected is None else cut(expected, _LONGEST),
        predicted=None if predicted is None else cut(predicted, _LONGEST),
        tags=tuple(tags),
        snippets=snippets(diff, documents),
        note=absence(diff),
        why=" ".join(cut(text, _LONGEST) for text in diff.get("why", ())),
    )
