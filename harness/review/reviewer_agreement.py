"""Agreement between reviewers: pairwise F1 by our own scorer, kappas and alpha, with intervals."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, TypeAlias, TypeVar

from harness.cases.decisions.decision import Slots, value_digest
from harness.core.counts import Counts
from harness.core.differ.case_result import CaseResult
from harness.core.statistics.rater_agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha
from harness.core.values import Json
from harness.review.reviewed_case import ReviewedCase
from harness.review.reviewed_suite import ReviewedSuite
from harness.review.statements_of_people import PersonSays, settled_values, statements, tree

SETTLED: Final = "settled truth"
"""Stands for the truth that all decisions add up to."""
_DRAWS: Final = 300
_FEWEST: Final = 2

_Unit = TypeVar("_Unit")
AgreementInterval: TypeAlias = tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A coefficient; None where it is undefined."""

    value: float | None
    interval: AgreementInterval
    """95 %, by drawing documents anew; None from fewer than two."""


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two people, or one and the settled truth, on the fields that both spoke of."""

    first: str
    second: str
    cases: int
    fields: int
    f1: Figure
    kappa: Figure
    """Cohen's, of what value each field has."""
    unseen: int
    """Fields that both gave without being shown the other's value: the others flatter."""


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """All people on one field."""

    name: str
    fields: int
    """Places of the field that two people or more spoke of."""
    agree: int
    """Those on which they all say the same."""
    alpha: Figure
    """Krippendorff's, nominal."""
    fleiss: Figure
    presence: Figure
    """Krippendorff's alpha of whether there is a value at all."""


@dataclass(frozen=True, slots=True)
class ReviewerAgreement:
    """Agreement between reviewers."""

    people: tuple[str, ...]
    pairs: tuple[PairAgreement, ...]
    fields: tuple[FieldAgreement, ...]
    whole: FieldAgreement


@dataclass(slots=True)
class _Collected:
    """Ratings by field and case, pairs' counts by case."""

    units: dict[str, dict[str, list[list[str]]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    pairs: dict[tuple[str, str], dict[str, _PairCase]] = field(
        default_factory=lambda: defaultdict(dict)
    )


@dataclass(frozen=True, slots=True)
class _PairCase:
    counts: Counts
    ratings: tuple[tuple[str, str], ...]
    unseen: int


def reviewer_agreement(suite: ReviewedSuite) -> ReviewerAgreement:
    """Return how far people agree about the fields that two or more of them spoke of."""
    collected = _Collected()
    people: set[str] = set()
    for case_id in suite.case_ids:
        if suite.is_begun(case_id):
            reviewed = suite.case(case_id)
            says = statements(reviewed.history)
            people |= says.keys()
            _collect(reviewed, says, collected)
    fields = [_field(name, units) for name, units in sorted(collected.units.items())]
    every: dict[str, list[list[str]]] = defaultdict(list)
    for units in collected.units.values():
        for case_id, rated in units.items():
            every[case_id] += rated
    pairs = [_pair(names, cases) for names, cases in sorted(collected.pairs.items())]
    return ReviewerAgreement(tuple(sorted(people)), tuple(pairs), tuple(fields), _field("", every))


def _collect(reviewed: ReviewedCase, says: Mapping[str, PersonSays], collected: _Collected) -> None:
    versions = {**says, SETTLED: PersonSays(settled_values(reviewed))}
    for names in combinations(versions, 2):
        one, other = (versions[name] for name in names)
        shared = [path for path in one.values if path in other.values]
        if not shared:
            continue
        trees = [tree({p: v.values[p] for p in shared}, reviewed.history) for v in (one, other)]
        counts = CaseResult(reviewed.plan.diff(*trees)).counts
        ratings = tuple((rating(one, p), rating(other, p)) for p in shared)
        unseen = len([p for p in shared if p in one.unseen and p in other.unseen])
        collected.pairs[names[0], names[1]][reviewed.id] = _PairCase(counts, ratings, unseen)
    names_of = {f.slots: f.name for f in reviewed.fields}
    for path in sorted({path for mine in says.values() for path in mine.values}):
        rated = [rating(mine, path) for mine in says.values() if path in mine.values]
        if len(rated) >= _FEWEST:
            collected.units[names_of.get(path) or _folded(path)][reviewed.id].append(rated)


def _folded(path: Slots) -> str:
    return ".".join(path)


def rating(mine: PersonSays, path: Slots) -> str:
    """Return what a person said of a field, as a class of its own for each value."""
    is_there, value = mine.values[path]
    return value_digest(value) if is_there else ""


def _pair(names: tuple[str, str], cases: Mapping[str, _PairCase]) -> PairAgreement:
    listed = list(cases.values())

    def f1(drawn: Sequence[_PairCase]) -> float | None:
        return sum((each.counts for each in drawn), Counts()).f1.value

    def kappa(drawn: Sequence[_PairCase]) -> float | None:
        return cohen_kappa([rating for each in drawn for rating in each.ratings])

    return PairAgreement(
        *names,
        cases=len(listed),
        fields=sum(len(each.ratings) for each in listed),
        f1=figure_of(listed, f1),
        kappa=figure_of(listed, kappa),
        unseen=sum(each.unseen for each in listed),
    )


def _field(name: str, cases: Mapping[str, list[list[str]]]) -> FieldAgreement:
    listed = list(cases.values())
    units = [unit for each in listed for unit in each]

    def over(
        measure: Callable[[list[list[str]]], float | None],
    ) -> Callable[[Sequence[list[list[str]]]], float | None]:
        return lambda drawn: measure([unit for each in drawn for unit in each])

    def presence(rated: list[list[str]]) -> float | None:
        return krippendorff_alpha([[bool(value) for value in unit] for unit in rated])

    return FieldAgreement(
        name,
        len(units),
        sum(len(set(unit)) == 1 for unit in units),
        figure_of(listed, over(krippendorff_alpha)),
        figure_of(listed, over(fleiss_kappa)),
        figure_of(listed, over(presence)),
    )


def figure_of(cases: Sequence[_Unit], measure: Callable[[Sequence[_Unit]], float | None]) -> Figure:
    """Return a figure with its interval: documents are drawn with replacement (Efron 1979)."""
    value = measure(cases)
    if value is None or len(cases) < _FEWEST:
        return Figure(value, None)
    draw = random.Random(0)
    drawn = [measure(draw.choices(cases, k=len(cases))) for _ in range(_DRAWS)]
    known = sorted(each for each in drawn if each is not None)
    if not known:
        return Figure(value, None)
    low, high = known[int(0.025 * len(known))], known[min(len(known) - 1, int(0.975 * len(known)))]
    return Figure(value, (low, high))


def agreement_document(agreement: ReviewerAgreement) -> dict[str, Json]:
    """Return an agreement as JSON."""
    return {
        "people": list(agreement.people),
        "pairs": [
            {
                "first": pair.first,
                "second": pair.second,
                "cases": pair.cases,
                "fields": pair.fields,
                "unseen": pair.unseen,
                "f1": figure_record(pair.f1),
                "cohen_kappa": figure_record(pair.kappa),
            }
            for pair in agreement.pairs
        ],
        "fields": [_field_json(each) for each in agreement.fields],
        "all_fields": _field_json(agreement.whole),
    }


def figure_record(figure: Figure) -> Json:
    """Return a figure as JSON."""
    return {"value": figure.value, "interval": list(figure.interval) if figure.interval else None}


def _field_json(each: FieldAgreement) -> Json:
    return {
        "field": each.name,
        "fields": each.fields,
        "agree": each.agree,
        "krippendorff_alpha": figure_record(each.alpha),
        "fleiss_kappa": figure_record(each.fleiss),
        "presence_alpha": figure_record(each.presence),
    }
