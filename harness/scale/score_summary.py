"""Score summary of a shard: figures of its cases as integers, which add in any order."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache, reduce
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from harness.core.counts import Counts
from harness.core.outcomes import CONVENTIONS, CORRECT, FORMAT_ONLY, OUTCOME_OF, Charge
from harness.scale.exact_mean import scaled
from harness.scale.short_list import ShortList

Flaw: TypeAlias = tuple[int, str, str, str, int]
"""A bad line: offset in its file, code, message, hint ("" if none), offset of an earlier line the
hint is about (-1 if none)."""
FailedCase: TypeAlias = tuple[str, str, str]
"""A case without an answer: id, kind, message."""

RuleMarks: TypeAlias = tuple[bool, bool, float]
"""Whether a field is critical, and in the focus, and what it weighs (-1: nobody says)."""

UNMARKED: Final[RuleMarks] = (False, False, -1.0)
_DIGESTS: Final = 2**256


def _charges(convention: str, *, lenient: bool = False) -> tuple[Charge, ...]:
    """Return what each verdict code but an abstention is charged."""
    table = CONVENTIONS[convention]
    charges = [table[outcome] for outcome in OUTCOME_OF]
    if lenient:
        charges[FORMAT_ONLY] = charges[CORRECT]
    return tuple(charges)


VARIANTS: Final[Mapping[str, tuple[Charge, ...]]] = MappingProxyType(
    {
        **{name: _charges(name) for name in CONVENTIONS},
        "correction-cost": tuple(
            Charge(1, 0, 0) if code == CORRECT else Charge(0, 1, 1)
            for code in range(len(OUTCOME_OF))
        ),
        "lenient": _charges("standard", lenient=True),
    }
)
"""The ways a case is averaged, and what each verdict code is charged by them."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Numbers of cases and fields. Totals add."""

    cases: int = 0
    """Scored cases."""
    missing: int = 0
    """Cases nobody answered: not scored."""
    vacuous: int = 0
    failed: int = 0
    perfect: int = 0
    exact: int = 0
    rows_right: int = 0
    rows: int = 0
    ignored: int = 0
    approximate: int = 0
    spared: int = 0
    """Abstentions of an answer of nothing."""
    omissible: int = 0
    """Fields an answer of nothing would omit."""
    reviewed: int = 0
    """Fields that people vouch for, where this is known."""
    reviewable: int = 0
    """Fields of the truths in all, likewise."""

    def __add__(self, other: Totals) -> Totals:
        names = (f.name for f in fields(self))
        return Totals(*(getattr(self, name) + getattr(other, name) for name in names))


@dataclass(frozen=True, slots=True)
class CaseRows:
    """Twice the true positives, and what they are a fraction of, of successive cases.

    0 of 0 is a vacuous case, or one that was not scored.
    """

    hits: array[int] = field(default_factory=lambda: array("I"))
    of: array[int] = field(default_factory=lambda: array("I"))


@dataclass(frozen=True, slots=True)
class Summary:
    """The sum of any cases of two files. A commutative monoid under `merge`.

    No case may be in both of two summaries that are merged. Equal summaries come out of any way
    to cut the cases into shards and order them.
    """

    totals: Totals = field(default_factory=Totals)
    fields: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """How often each verdict code was met, by field."""
    comparators: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """First case of the shard that met a field first, and how its values were compared."""
    items: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    """Paired, extra and missing items, by list."""
    collections: frozenset[str] = frozenset()
    """Which of the lists are entity collections."""
    sums: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    """Precision, recall and F1 summed over cases that are not vacuous, by variant; see `exact`."""
    digest: int = 0
    """Sum of the cases' sha256, modulo 2**256."""
    rows: Mapping[int, CaseRows] = field(default_factory=dict)
    """By number of the first case, in the order of the file."""
    used: frozenset[str] = frozenset()
    """Rules that a truth has a field for."""
    failures: ShortList[FailedCase] = field(default_factory=ShortList)
    bad_truths: ShortList[Flaw] = field(default_factory=ShortList)
    bad_predictions: ShortList[Flaw] = field(default_factory=ShortList)
    marks: Mapping[str, RuleMarks] = field(default_factory=dict)
    """What rules mark fields with, by field; unmarked fields are left out."""
    broken: ShortList[tuple[str]] = field(default_factory=ShortList)
    """Cases with an error in a critical field, by id."""
    unlabelled: tuple[str, ...] = ()
    """Cases of which nobody vouches for any field, in order of id: not scored."""
    drafted: Mapping[str, tuple[int]] = field(default_factory=dict)
    """Cases whose truth began as an answer, by extractor and prompt as JSON."""
    doubled: ShortList[tuple[str, str]] = field(default_factory=ShortList)
    """Predictions in which a key stands twice with different values: case and key."""
    places: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """By field, the sums of the places that answers state; see `place_figures.PlaceSums`."""
    mended: Mapping[str, tuple[int]] = field(default_factory=dict)
    """Answers that were mended before they were scored, by repair; see `mended_answers`."""

    def merge(self, other: Summary) -> Summary:
        """Return the summary of both sets of cases."""
        mine, theirs = self.comparators, other.comparators
        return Summary(
            self.totals + other.totals,
            added_by_name(self.fields, other.fields),
            {**mine, **{k: min(v, mine.get(k, v)) for k, v in theirs.items()}},
            added_by_name(self.items, other.items),
            self.collections | other.collections,
            added_by_name(self.sums, other.sums),
            (self.digest + other.digest) % _DIGESTS,
            {**self.rows, **other.rows},
            self.used | other.used,
            self.failures + other.failures,
            self.bad_truths + other.bad_truths,
            self.bad_predictions + other.bad_predictions,
            marks_of_both(self.marks, other.marks),
            self.broken + other.broken,
            tuple(sorted((*self.unlabelled, *other.unlabelled))),
            added_by_name(self.drafted, other.drafted),
            self.doubled + other.doubled,
            added_by_name(self.places, other.places),
            added_by_name(self.mended, other.mended),
        )

    @property
    def is_flawed(self) -> bool:
        """True where a line could not be read: nothing of the rest matters then."""
        return bool(self.bad_truths.count or self.bad_predictions.count)

    def to_json(self) -> str:
        """Return the summary as JSON with sorted keys: one text for equal summaries."""
        rows = {k: (r.hits.tolist(), r.of.tolist()) for k, r in self.rows.items()}
        named = {f.name: getattr(self, f.name) for f in fields(self)}
        listed = {k: asdict(v) for k, v in named.items() if isinstance(v, ShortList)}
        sets = {"used": sorted(self.used), "collections": sorted(self.collections)}
        record = named | listed | sets | {"totals": asdict(self.totals)}
        return json.dumps(record | {"rows": rows}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Summary:
        """Return the summary that `to_json` wrote."""
        record: dict[str, Any] = json.loads(text)
        return cls(
            Totals(**record["totals"]),
            {k: tuple(v) for k, v in record["fields"].items()},
            {k: (first, name) for k, (first, name) in record["comparators"].items()},
            {k: (paired, extra, lost) for k, (paired, extra, lost) in record["items"].items()},
            frozenset(record["collections"]),
            {k: (p, r, f1) for k, (p, r, f1) in record["sums"].items()},
            record["digest"],
            {
                int(k): CaseRows(array("I", hits), array("I", of))
                for k, (hits, of) in record["rows"].items()
            },
            frozenset(record["used"]),
            _listed(record["failures"]),
            _listed(record["bad_truths"]),
            _listed(record["bad_predictions"]),
            {k: (critical, focus, w) for k, (critical, focus, w) in record["marks"].items()},
            _listed(record["broken"]),
            tuple(record["unlabelled"]),
            {k: (number,) for k, (number,) in record["drafted"].items()},
            _listed(record["doubled"]),
            {k: tuple(sums) for k, sums in record["places"].items()},
            {k: (number,) for k, (number,) in record["mended"].items()},
        )


def merged(summaries: Iterable[Summary]) -> Summary:
    """Return the summary of all the cases; that of none is `Summary()`."""
    return reduce(Summary.merge, summaries, Summary())


def _listed(record: Mapping[str, Any]) -> ShortList[Any]:
    return ShortList(tuple(map(tuple, record["first"])), record["count"])


def marks_of_both(
    one: Mapping[str, RuleMarks], other: Mapping[str, RuleMarks]
) -> dict[str, RuleMarks]:
    """Return the marks of fields, each as either side marks it."""
    marks = dict(one)
    for name, (critical, focus, weight) in other.items():
        before = marks.get(name, UNMARKED)
        marks[name] = (before[0] or critical, before[1] or focus, max(before[2], weight))
    return marks


def added_by_name(
    one: Mapping[str, tuple[int, ...]], other: Mapping[str, tuple[int, ...]]
) -> dict[str, Any]:
    """Return sums by name, number by number."""
    sums = dict(one)
    for name, numbers in other.items():
        before = sums.get(name)
        sums[name] = numbers if before is None else tuple(map(int.__add__, before, numbers))
    return sums


def case_sums(counts: Counts) -> dict[str, tuple[int, int, int]]:
    """Return one case's scores by variant, as they are summed; zeros for a vacuous one.

    The formulas are those of `core.counts.scores`, on the same table, without its objects.
    """
    format_only = counts.value_equal
    codes = (
        counts.correct,
        counts.omission,
        counts.hallucination,
        counts.format_error - format_only,
        counts.wrong_value,
        format_only,
    )
    sums = {}
    for name, charges in VARIANTS.items():
        tp = fp = fn = 0
        for count, charge in zip(codes, charges, strict=True):
            if count:
                tp += count * charge[0]
                fp += count * charge[1]
                fn += count * charge[2]
        sums[name] = _scaled_scores(tp, fp, fn)
    return sums


@lru_cache(maxsize=4096)
def _scaled_scores(tp: int, fp: int, fn: int) -> tuple[int, int, int]:
    """Return precision, recall and F1 as they are summed; several variants charge the same."""
    if not tp:
        return 0, 0, 0
    return scaled(tp / (tp + fp)), scaled(tp / (tp + fn)), scaled(2 * tp / (2 * tp + fp + fn))
