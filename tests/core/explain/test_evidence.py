"""Where a value stands in a document, however it is written there."""

from __future__ import annotations

import pytest

from harness.core.explain.evidence import Source
from harness.core.values import Json


@pytest.mark.parametrize(
    ("text", "value", "found"),
    [
        ("Payable to ACME\n  Corp. today", "Acme Corp.", ["ACME\n  Corp."]),
        ("Summe 1.234,50 EUR", 1234.5, ["1.234,50"]),
        ("loss of (1,200) or -1,200", -1200, ["(1,200)", "-1,200"]),
        ("due 31 March 2024, i.e. 31/03/2024", "2024-03-31", ["31 March 2024", "31/03/2024"]),
        ("on 01/02/2024", "2024-02-01", ["01/02/2024"]),
        ("15 % of it", 0.15, ["15 %"]),
        ("room 12, 12 beds, 120 men", 12, ["12", "12"]),
        ("INV-256", "56", []),
        ("O\u2019Brien", "O'Brien", ["O\u2019Brien"]),
        ("nothing here", "something", []),
        ("", "x", []),
        ("x", "   ", []),
        ("true", True, []),
    ],
)
def test_a_value_is_found_where_it_stands(text: str, value: Json, found: list[str]) -> None:
    assert [text[start:end] for start, end in Source(text).find(value)] == found
