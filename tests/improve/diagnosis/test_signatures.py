"""Mistakes are named for what is wrong, not for where the value happens to stand."""

from __future__ import annotations

import pytest

from harness.core.differ.plan import Plan
from harness.core.fields.verdict_ledger import CODE
from harness.core.outcomes import WRONG_VALUE
from harness.core.rules.field_rule import parse_rules
from harness.core.values import Json
from harness.improve.diagnosis.signatures import Around, wrong_value


@pytest.mark.parametrize(
    ("expected", "predicted", "mistake"),
    [
        ("9.00", 9.0, "text_as_number"),
        ("18-11-18", "2018-11-18", "date_format"),
        ("2018-11-18", "18-11-18", "date_format"),
    ],
)
def test_a_value_in_another_notation_is_not_called_another_value(
    expected: Json, predicted: Json, mistake: str
) -> None:
    verdict = Plan().diff(expected, predicted).verdicts[0]
    assert wrong_value(verdict, Around((), {}, in_document=True)).mistake == mistake


@pytest.mark.parametrize("size", [3, 3_000])
def test_a_reference_to_somebody_else_is_no_slip_of_a_digit(size: int) -> None:
    rules = parse_rules(
        {
            "people": {"align": "entity", "match": ["name"]},
            "events[].who": {"refers_to": "people"},
        }
    )
    people: Json = [{"id": 48_213 + n, "name": f"Name {n}"} for n in range(size)]
    events: list[Json] = [
        [{"no": n, "at": n, "who": 48_213 + (n + by) % size} for n in range(size)] for by in (0, 1)
    ]
    truth, turned = ({"people": people, "events": each} for each in events)
    ledger = Plan(None, rules).diff(truth, turned)
    wrong = [verdict for verdict in ledger.verdicts if verdict[CODE] == WRONG_VALUE]
    assert len(wrong) == size
    assert {wrong_value(verdict, Around((), {})).mistake for verdict in wrong} == {"other_entity"}
