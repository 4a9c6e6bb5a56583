"""Error locations: by field and tag together, by part of the answer, and by tag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from harness.core import number_text
from harness.core.outcomes import Outcome
from harness.report.page.drawn_shares import Segment, pooled, segments
from harness.report.page.fields import ErrorCount, error_counts
from harness.report.words.lead_sentences import worst_first
from harness.report.words.page_links import field_link
from harness.report.words.verdicts import errors_of
from harness.run.stored.stored_figures import counts_of, is_missing
from harness.run.stored.stored_results import (
    CaseRecord,
    CountsRecord,
    FieldRecord,
    ResultsDocument,
    TagRecord,
)

_MOST_FIELDS: Final = 12
_MOST_TAGS: Final = 8
_SHADES: Final = 4

_MET: Final = itemgetter("field", "outcome")


@dataclass(frozen=True, slots=True)
class Crossing:
    """One field in the cases of one tag."""

    wrong: str
    """Empty where nothing was judged."""
    judged: str
    words: str
    shade: int
    """0 where nothing is wrong, up to 4 where most is."""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One field across the tags."""

    name: str
    link: str
    crossings: tuple[Crossing, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Errors by field and tag: the fields that cost most, the tags with most cases."""

    tags: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    note: str
    """What was left out; empty where nothing was."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Some of the fields, or some of the cases, as one line."""

    name: str
    size: str
    macro: str | None
    """None where a mean over cases makes no sense."""
    micro: str
    mix: tuple[Segment, ...]
    cells: tuple[ErrorCount, ...]


def slices_by_tag(results: ResultsDocument) -> tuple[Slice, ...]:
    """Return every tag, the one with most errors first."""
    tagged: dict[str, list[CaseRecord]] = {}
    for case in results["cases"]:
        for name in () if is_missing(case) else case["tags"]:
            tagged.setdefault(name, []).append(case)
    slices = []
    for tag in results.get("tags", ()):
        counts = pooled(tagged.get(tag["tag"], ()))
        slices.append((-errors_of(counts), tag["tag"], _tag(tag, counts)))
    return tuple(row for *_, row in sorted(slices, key=lambda item: item[:2]))


def _tag(tag: TagRecord, counts: CountsRecord) -> Slice:
    return Slice(
        name=tag["tag"],
        size=number_text.counted(tag["cases"], "case"),
        macro=number_text.percent(tag["macro"]["f1"]),
        micro=number_text.percent(tag["micro"]["f1"]),
        mix=segments(counts),
        cells=error_counts(counts),
    )


def by_part(results: ResultsDocument) -> tuple[Slice, ...]:
    """Return the parts of the answer (its first level), the one with most errors first.

    Parts of one field are left out: they would only say again what the field says.
    """
    parts: dict[str, list[FieldRecord]] = {}
    for field in results["fields"]:
        parts.setdefault(_part(field["field"]), []).append(field)
    if len(parts) < 2:  # noqa: PLR2004  # one is no parting
        return ()
    slices = []
    for name, fields in parts.items():
        if len(fields) == 1:
            continue
        counts = pooled(fields)
        size = number_text.counted(len(fields), "field")
        micro = number_text.percent(counts_of(counts).f1.value)
        row = Slice(name, size, None, micro, segments(counts), error_counts(counts))
        slices.append((-errors_of(counts), name, row))
    return tuple(row for *_, row in sorted(slices, key=lambda item: item[:2]))


def _part(field: str) -> str:
    """Return the first step of a field.

    >>> _part("rooms[].area"), _part("total"), _part("$")
    ('rooms[]', 'total', '$')
    """
    return field.partition(".")[0]


def matrix(results: ResultsDocument) -> Matrix | None:
    """Return errors by field and tag; None where there are not at least two of both."""
    losing = [field["field"] for field in worst_first(results["fields"])]
    tagged = sorted(results.get("tags", ()), key=lambda tag: (-tag["cases"], tag["tag"]))
    names, tags = losing[:_MOST_FIELDS], [tag["tag"] for tag in tagged[:_MOST_TAGS]]
    if len(names) < 2 or len(tags) < 2:  # noqa: PLR2004  # one row or column crosses nothing
        return None
    judged, wrong = _crossed(results["cases"], set(tags))
    most = max(wrong[tag, name] for tag in tags for name in names)
    rows = tuple(
        MatrixRow(
            name,
            field_link(name),
            tuple(_crossing(wrong[tag, name], judged[tag, name], most) for tag in tags),
        )
        for name in names
    )
    left = (("field", len(losing) - len(names)), ("tag", len(tagged) - len(tags)))
    return Matrix(tuple(tags), rows, _left_out(left))


def _crossed(
    cases: Sequence[CaseRecord], tags: set[str]
) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    met: dict[frozenset[str], Counter[tuple[str, str]]] = {}
    for case in cases:
        mine = tags.intersection(case["tags"])
        if mine:
            met.setdefault(frozenset(mine), Counter()).update(map(_MET, case["diffs"]))
    judged: Counter[tuple[str, str]] = Counter()
    wrong: Counter[tuple[str, str]] = Counter()
    for some, counts in met.items():
        for (field, outcome), number in counts.items():
            for tag in some:
                judged[tag, field] += number
                wrong[tag, field] += number if outcome != Outcome.CORRECT.value else 0
    return judged, wrong


def _crossing(wrong: int, judged: int, most: int) -> Crossing:
    if not judged:
        return Crossing("", "", "nothing judged", 0)
    shade = -(-wrong * _SHADES // most) if most else 0
    words = f"{number_text.count(wrong)} of {number_text.count(judged)} wrong"
    return Crossing(number_text.count(wrong), number_text.count(judged), words, shade)


def _left_out(left: Sequence[tuple[str, int]]) -> str:
    more = [number_text.counted(number, f"more {what}") for what, number in left if number > 0]
    return f"Left out: {' and '.join(more)}." if more else ""
