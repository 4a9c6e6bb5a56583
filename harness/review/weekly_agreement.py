"""Agreement over time: how often people were right, and of one mind, week by week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from harness.cases.decisions.decision import Slots
from harness.core.counts import Counts
from harness.core.differ.case_result import CaseResult
from harness.core.statistics.rater_agreement import krippendorff_alpha
from harness.core.values import Json
from harness.review.reviewed_case import ReviewedCase
from harness.review.reviewed_suite import ReviewedSuite
from harness.review.reviewer_agreement import Figure, figure_of, figure_record, rating
from harness.review.statements_of_people import PersonSays, settled_values, statements, tree

EVERYBODY = ""
"""Name of the rows that are about all people together."""


@dataclass(frozen=True, slots=True)
class WeekOfWork:
    """Work of one person in one week, or of all on fields that several spoke of."""

    week: str
    """ISO 8601: `2026-W48`."""
    person: str
    """Empty for all together."""
    cases: int
    fields: int
    f1: Figure
    """Of a person, against the settled truth; undefined for all together."""
    alpha: Figure
    """Krippendorff's, nominal, of all together; undefined for a person."""


@dataclass(slots=True)
class _Week:
    """Statements of a week, by case."""

    counts: dict[str, Counts] = field(default_factory=dict)
    fields: int = 0
    units: dict[str, list[list[str]]] = field(default_factory=lambda: defaultdict(list))


def weekly_agreement(suite: ReviewedSuite) -> tuple[WeekOfWork, ...]:
    """Return the weeks in order, each with the people in order of name and all together last.

    A person's last word on a field belongs to the week it was said in; fields that several spoke
    of to that of the last word. Fields are compared with the truth as it is now; those in doubt
    are left out.
    """
    weeks: dict[tuple[str, str], _Week] = defaultdict(_Week)
    for case_id in suite.case_ids:
        if suite.is_begun(case_id):
            reviewed = suite.case(case_id)
            says = statements(reviewed.history)
            for name, mine in says.items():
                _count(reviewed, name, mine, weeks)
            _rate(reviewed.id, says, weeks)
    ordered = sorted(weeks.items(), key=lambda each: (each[0][0], not each[0][1], each[0][1]))
    return tuple(_row(key, week) for key, week in ordered)


def week_of(at: str) -> str:
    """Return the week of a moment in UTC.

    >>> week_of("2026-11-30T02:31:07Z")
    '2026-W49'
    """
    year, week, _ = datetime.fromisoformat(at).astimezone(UTC).isocalendar()
    return f"{year}-W{week:02}"


def _count(
    reviewed: ReviewedCase, name: str, mine: PersonSays, weeks: dict[tuple[str, str], _Week]
) -> None:
    settled = settled_values(reviewed)
    by_week: dict[str, list[Slots]] = defaultdict(list)
    for path in mine.values:
        if path in settled and mine.at.get(path):
            by_week[week_of(mine.at[path])].append(path)
    for week, paths in by_week.items():
        sides = ({p: of[p] for p in paths} for of in (settled, mine.values))
        counts_of_week = weeks[week, name]
        counts_of_week.counts[reviewed.id] = CaseResult(
            reviewed.plan.diff(*(tree(s, reviewed.history) for s in sides))
        ).counts
        counts_of_week.fields += len(paths)


def _rate(case: str, says: Mapping[str, PersonSays], weeks: dict[tuple[str, str], _Week]) -> None:
    for path in sorted({path for mine in says.values() for path in mine.values}):
        spoke = [mine for mine in says.values() if path in mine.values]
        moments = [mine.at[path] for mine in spoke if mine.at.get(path)]
        if len(spoke) > 1 and moments:
            week = weeks[week_of(max(moments)), EVERYBODY]
            week.units[case].append([rating(mine, path) for mine in spoke])
            week.fields += 1


def _row(key: tuple[str, str], week: _Week) -> WeekOfWork:
    def f1(drawn: Sequence[Counts]) -> float | None:
        return sum(drawn, Counts()).f1.value

    def alpha(drawn: Sequence[list[list[str]]]) -> float | None:
        return krippendorff_alpha([unit for each in drawn for unit in each])

    name, counts, units = key[1], list(week.counts.values()), list(week.units.values())
    nothing = Figure(None, None)
    return WeekOfWork(
        *key,
        cases=len(units if name == EVERYBODY else counts),
        fields=week.fields,
        f1=nothing if name == EVERYBODY else figure_of(counts, f1),
        alpha=figure_of(units, alpha) if name == EVERYBODY else nothing,
    )


def weeks_document(weeks: Sequence[WeekOfWork]) -> list[Json]:
    """Return weeks as JSON."""
    return list(_records(weeks))


def _records(weeks: Sequence[WeekOfWork]) -> Iterator[Json]:
    for each in weeks:
        yield {
            "week": each.week,
            "person": each.person or None,
            "cases": each.cases,
            "fields": each.fields,
            "f1": figure_record(each.f1),
            "krippendorff_alpha": figure_record(each.alpha),
        }
