"""Observations: every predicted value of scored runs, its confidence, and whether it is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final, Literal

from harness.run.stored.stored_results import DiffRecord, ResultsDocument, ValueSide

COMBINED: Final = "combined"
"""The source that is made of all others."""
By = Literal["suite", "field", "label"]


class ValueKind(Enum):
    """Kinds of value, by what accepting one is charged."""

    RIGHT = "right"
    WRONG = "wrong"
    """Another value is expected: FP + FN; withheld, FN."""
    EXTRA = "extra"
    """None is expected: FP; withheld, nothing."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One predicted value."""

    document: str
    """The unit that is drawn: the case's group, or its id where it has none."""
    entry: str
    """The field, or `field=label`: what a threshold is for."""
    confidence: float
    """In [0, 1]; 1 for a value nobody gave a confidence to: it is always accepted."""
    kind: ValueKind
    case: str = ""
    path: str = ""
    """Where the value stands in the prediction."""
    has_confidence: bool = True
    replicate: int = 1
    sources: Mapping[str, float] = field(default_factory=dict)
    """What every source says."""
    is_found: bool | None = None
    """Whether the value stands in the document; None where nobody looked."""
    broken: int = 0
    """Checks of the suite that the answer breaks and that the value takes part in."""


@dataclass(frozen=True, slots=True)
class Observations:
    """Observations of one source of confidence in several runs."""

    source: str
    values: tuple[Observation, ...]
    missed: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By document and entry, expected values that were not predicted at all."""
    fields: Mapping[str, int] = field(default_factory=dict)
    """By document, how many fields are judged: what a risk is a share of."""

    @property
    def judged(self) -> tuple[Observation, ...]:
        """The values that have a confidence."""
        return tuple(one for one in self.values if one.has_confidence)

    def within(self, documents: frozenset[str]) -> Observations:
        """Return the part of some documents."""
        return Observations(
            self.source,
            tuple(one for one in self.values if one.document in documents),
            {key: n for key, n in self.missed.items() if key[0] in documents},
            {name: n for name, n in self.fields.items() if name in documents},
        )


_WRONG: Final = ("wrong_value", "format_error")


def sources_of(results: Iterable[ResultsDocument]) -> list[str]:
    """Return the sources of confidence that results hold, in order of name."""
    return sorted(
        {
            source
            for document in results
            for case in document["cases"]
            for diff in case["diffs"]
            for source in diff.get("confidences", ())
        }
    )


def observe(
    results: Sequence[ResultsDocument], source: str, by: By, groups: Mapping[str, str]
) -> Observations:
    """Return the observations of scored runs; `groups` are the groups of case ids.

    Of a source that is combined of all others, the confidence is for `combined` to say.
    """
    values: list[Observation] = []
    missed: Counter[tuple[str, str]] = Counter()
    fields: Counter[str] = Counter()
    for document in results:
        for case in document["cases"]:
            name = groups.get(case["id"], case["id"])
            of = name, case["id"], case.get("replicate") or 1
            is_sought = any("predicted" in diff.get("evidence", ()) for diff in case["diffs"])
            fields[name] += len(case["diffs"])
            for diff in case["diffs"]:
                if diff["outcome"] == "omission":
                    missed[name, _entry(diff, "expected", by)] += 1
                else:
                    one = _observation(diff, source, by, of)
                    values.append(one if is_sought else replace(one, is_found=None))
    return Observations(source, tuple(values), dict(missed), dict(fields))


def _observation(diff: DiffRecord, source: str, by: By, of: tuple[str, str, int]) -> Observation:
    known = diff.get("confidences", {})
    sure = min(known.values(), default=None) if source == COMBINED else known.get(source)
    kind = ValueKind.RIGHT
    if diff["outcome"] in _WRONG:
        kind = ValueKind.WRONG
    elif diff["outcome"] == "hallucination":
        kind = ValueKind.EXTRA
    document, case, replicate = of
    return Observation(
        document,
        _entry(diff, "predicted", by),
        1.0 if sure is None else float(sure),
        kind,
        case,
        diff.get("predicted_path") or diff["path"],
        has_confidence=sure is not None,
        replicate=replicate,
        sources=known if source == COMBINED or sure is None else {source: sure},
        is_found=bool(diff.get("evidence", {}).get("predicted")),
    )


def _entry(diff: DiffRecord, side: ValueSide, by: By) -> str:
    name = diff["field"]
    if by == "label" and name.endswith("[]") and isinstance(diff.get(side), str):
        return f"{name}={diff[side]}"
    return name
