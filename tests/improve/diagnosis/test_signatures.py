"""Mistakes are named for what is wrong, not for where the value happens to stand."""

from __future__ import annotations

import pytest

from harness.core.differ.plan import Plan
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
