"""Agreement between people, and what the random audit of unanimous fields has found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from harness.cases.decisions.decision import Act, Decision, value_digest
from harness.core import number_text
from harness.core.statistics.intervals import ratio_interval
from harness.core.values import Json, show
from harness.review.reviewed_suite import ReviewedSuite
from harness.review.reviewer_agreement import (
    FieldAgreement,
    Figure,
    ReviewerAgreement,
    reviewer_agreement,
)
from harness.review.web.entrance.people import Person, Role
from harness.review.web.screens.drift_chart import drift_chart
from harness.review.web.screens.queue_screen import QueueRow, is_audited
from harness.review.weekly_agreement import EVERYBODY, WeekOfWork, weekly_agreement

AgreementSection: TypeAlias = dict[str, Json]
_RARE = 0.02
"""Share of documents with an error for which the power of the audit is told."""


def agreement_screen(
    suite: ReviewedSuite, rows: Sequence[QueueRow], person: Person
) -> dict[str, Json]:
    """Return the agreement of people as the page gets it.

    Pairs are for auditors. How often others were right is for admins: everybody sees their own.
    """
    agreement = reviewer_agreement(suite)
    lead = "Two people have to decide on the same field before anything can be said."
    if agreement.whole.fields:
        share = number_text.ratio(agreement.whole.agree, agreement.whole.fields)
        lead = f"All who spoke of a field say the same in {share} of the fields two people share."
    sections = [_pairs(agreement)] if person.role.may(Role.AUDITOR) else []
    only = None if person.role.may(Role.ADMIN) else person.name
    weeks = [e for e in weekly_agreement(suite) if only is None or e.person in (only, EVERYBODY)]
    sections_shown = [*sections, _fields(agreement), _weeks(weeks), _audit(suite, rows)]
    return {"lead": lead, "sections": [*sections_shown]}


def _pairs(agreement: ReviewerAgreement) -> AgreementSection:
    rows: list[Json] = [
        [
            f"{pair.first} and {pair.second}",
            _percent(pair.f1),
            _coefficient(pair.kappa),
            number_text.count(pair.fields),
            number_text.count(pair.unseen),
        ]
        for pair in agreement.pairs
    ]
    return {
        "title": "Pairs",
        "about": "F1 as answers are scored, 95 % intervals over documents. Fields that both gave "
        "without seeing the other's value are counted last: the others flatter.",
        "head": ["Pair", "F1", "Cohen's kappa", "Fields", "Unseen"],
        "rows": rows,
        "empty": "No two people have decided on the same field.",
    }


def _fields(agreement: ReviewerAgreement) -> AgreementSection:
    whole = [("All fields", agreement.whole)] if agreement.whole.fields else []
    disagreeing = [each for each in agreement.fields if each.agree < each.fields or each.fields > 1]
    listed = sorted(disagreeing, key=lambda e: (e.agree / e.fields, e.name))
    rest = number_text.counted(len(agreement.fields) - len(disagreeing), "field")
    rows: list[Json] = [_field(n, e) for n, e in [*whole, *((e.name, e) for e in listed)]]
    return {
        "title": "Fields",
        "about": "Those people agree on least come first. "
        f"{rest} with a single place, on which all agree, left out.",
        "head": ["Field", "All agree", "Krippendorff's alpha", "Fleiss' kappa", "Is there a value"],
        "rows": rows,
        "empty": "No field has been decided on by two people.",
    }


def _weeks(weeks: Sequence[WeekOfWork]) -> AgreementSection:
    """Return the drift: how often each person was right, and all of one mind, week by week."""
    rows: list[Json] = [
        [
            f"{each.week} {each.person or 'all together'}",
            _percent(each.f1) if each.person else "",
            "" if each.person else _coefficient(each.alpha),
            number_text.count(each.fields),
            number_text.count(each.cases),
        ]
        for each in reversed(weeks)
    ]
    return {
        "title": "Week by week",
        "about": "What was said in each week against the truth as it is now; alpha is of fields "
        "that several people spoke of.",
        "drift": drift_chart(weeks),
        "head": ["Week", "F1", "Krippendorff's alpha", "Fields", "Cases"],
        "rows": rows,
        "empty": "Nothing has been decided yet.",
    }


def _field(name: str, each: FieldAgreement) -> Json:
    figures = map(_coefficient, (each.alpha, each.fleiss, each.presence))
    return [name, number_text.ratio(each.agree, each.fields), *figures]


def _percent(figure: Figure) -> str:
    return number_text.share_within(figure.value, figure.interval)


def _coefficient(figure: Figure) -> str:
    return number_text.coefficient(figure.value, figure.interval)


# --- the random audit ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AuditTally:
    """Fields of the random sample on which somebody has decided one by one."""

    looked: tuple[int, ...]
    """Fields by document, of documents in which one was looked at."""
    changed: tuple[int, ...]


def audit_tally(suite: ReviewedSuite, case_ids: Iterable[str]) -> AuditTally:
    """Return what came of the fields all agreed on, of those in the random sample."""
    by_case = [dict(_audited(suite, each)) for each in case_ids if suite.is_begun(each)]
    met = [flagged for flagged in by_case if flagged]
    return AuditTally(tuple(map(len, met)), tuple(sum(flagged.values()) for flagged in met))


def _audited(suite: ReviewedSuite, case_id: str) -> Iterator[tuple[str, bool]]:
    """Yield each field of the sample that was looked at alone, and whether it was changed."""
    history = suite.case(case_id).history
    for each in history.by_id.values():
        slots = each.path or (each.fields[0][0] if len(each.fields) == 1 else ())
        favourite = _unanimous(each, history.drafted_by)
        if (
            favourite is None
            or each.id in history.withdrawn
            or each.do not in (Act.APPROVE, Act.SET)
        ):
            continue
        path = show(history.path_of(slots))
        if not is_audited(suite.suite.name, case_id, path):
            continue
        if each.do is Act.SET:
            yield path, each.gone or value_digest(each.to) != favourite
        elif [digest for _, digest in each.fields] == [favourite]:
            yield path, False


def _unanimous(decision: Decision, drafter: str | None) -> str | None:
    """Return the digest of the value that all runs said; None where they did not agree.

    The run that drafted the truth agrees with itself: by it alone nothing is agreed on.
    """
    saw = decision.saw if isinstance(decision.saw, list) else []
    runs = [each for each in saw if isinstance(each, dict)]
    if all(each.get("run") == drafter for each in runs):
        return None
    values = [each["value"] for each in runs]
    digests = {value_digest(value) for value in values}
    return digests.pop() if len(digests) == 1 else None


def _audit(suite: ReviewedSuite, rows: Sequence[QueueRow]) -> AgreementSection:
    shown = [row for row in rows if not row.is_held_out]
    tally = audit_tally(suite, [row.id for row in shown])
    left = sum(row.audited for row in shown)
    cards: list[Json] = []
    if tally.looked:
        changed, looked = sum(tally.changed), sum(tally.looked)
        bounds = ratio_interval(tally.changed, tally.looked)
        power = 1 - (1 - _RARE) ** len(tally.looked)
        between = f", {number_text.interval(bounds)} by documents" if bounds else ""
        cards = [
            [
                "Fields changed",
                number_text.ratio(changed, looked),
                f"of those looked at{between}",
            ],
            ["Documents", number_text.count(len(tally.looked)), "with a field looked at"],
            [
                "Power",
                number_text.percent(power),
                f"chance to meet an error that {_RARE:.0%} of documents have",
            ],
        ]
    return {
        "title": "Random audit",
        "about": "One in twenty of the fields that every run and the truth agree on is looked at "
        f"alone all the same. {number_text.counted(left, 'field')} left.",
        "cards": cards,
        "head": [],
        "rows": [],
        "empty": "" if cards else "Nobody has looked at one of them yet.",
    }
