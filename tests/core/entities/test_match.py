"""Rules that stand in a Pydantic model, and what the plan makes of the schemas Pydantic writes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel

import harness
from harness import Match


class Kind(Enum):
    """What an invoice can be."""

    INVOICE = "invoice"
    CREDIT = "credit"


class Party(BaseModel):
    """Who sells or buys."""

    name: str
    vat: Annotated[str, Match(compare="identifier")] | None = None


class Line(BaseModel):
    """What is sold; it may hold itself."""

    sku: Annotated[str, Match(compare="identifier")]
    amount: Annotated[Decimal, Match(compare="number")]
    parts: list[Line] = []


class Invoice(BaseModel):
    """Every kind of field that models have."""

    number: Annotated[str, Match(compare="identifier", critical=True)]
    kind: Kind
    medium: Literal["paper", "mail"] = "mail"
    currency: Annotated[str | None, Match(compare="enum", synonyms={"USD": ("US$",)})] = None
    issued: date
    paid: datetime | None = None
    takes: timedelta | None = None
    total: Annotated[float, Match(relative=0.1)]
    seller: Party
    buyer: Annotated[Party, Match(weight=2)] | None = None
    lines: Annotated[list[Line], Match(align="key", key=("sku",))]
    size: tuple[int, str] = (1, "m")
    open: bool | None = None


SCHEMA = Invoice.model_json_schema()
TRUTH: dict[str, Any] = {
    "number": "INV-10 045",
    "kind": "invoice",
    "medium": "mail",
    "currency": "USD",
    "issued": "2024-03-31",
    "paid": "2024-04-01T10:00:00Z",
    "takes": "PT90M",
    "total": 100.0,
    "seller": {"name": "Acme", "vat": "DE 123"},
    "buyer": {"name": "Roe", "vat": None},
    "lines": [
        {"sku": "A-1", "amount": "12.50", "parts": [{"sku": "B-1", "amount": "1", "parts": []}]},
        {"sku": "A-2", "amount": "3", "parts": []},
    ],
    "size": [3, "m"],
    "open": False,
}


def told(path: str, value: object) -> str:
    """Return the outcome of the one field that a prediction has otherwise."""
    predicted: Any = Invoice.model_validate(TRUTH).model_dump(mode="json")
    here, (*above, last) = predicted, [int(s) if s.isdigit() else s for s in path.split(".")]
    for step in above:
        here = here[step]
    here[last] = value
    wrong = [
        d for d in harness.score(TRUTH, predicted, SCHEMA).diffs if str(d.outcome) != "correct"
    ]
    assert len(wrong) < 2
    return f"{wrong[0].outcome}{'=' if wrong[0].value_equal else ''}" if wrong else "correct"


@pytest.mark.parametrize(
    ("path", "value", "outcome"),
    [
        ("number", "inv10045", "correct"),
        ("number", "INV-10046", "wrong_value"),
        ("kind", "credit", "wrong_value"),
        ("kind", "Invoice", "format_error="),
        ("medium", "fax", "format_error"),
        ("currency", "US$", "correct"),
        ("currency", "EUR", "wrong_value"),
        ("issued", "31 March 2024", "format_error="),
        ("paid", "2024-04-01T12:00:00+02:00", "correct"),
        ("paid", None, "omission"),
        ("takes", "PT1H30M", "correct"),
        ("total", 109.0, "correct"),
        ("total", 111.0, "wrong_value"),
        ("seller.vat", "de123", "correct"),
        ("buyer.vat", "DE 1", "hallucination"),
        ("lines.0.amount", 12.5, "correct"),
        ("lines.0.amount", "12.500", "correct"),
        ("lines.0.amount", 12.6, "wrong_value"),
        ("lines.0.parts.0.sku", "b1", "correct"),
        ("lines.0.sku", "a1", "correct"),
        ("size.0", "3", "format_error="),
        ("size.1", "l", "wrong_value"),
        ("open", "no", "format_error="),
    ],
)
def test_every_field_of_a_model_is_judged_as_its_annotation_says(
    path: str, value: object, outcome: str
) -> None:
    assert told(path, value) == outcome


def test_a_rule_of_a_nullable_model_holds_for_its_fields() -> None:
    from harness.core.scores.focus import rules_met  # noqa: PLC0415  # beside what it is for

    met = rules_met([harness.score(TRUTH, TRUTH, SCHEMA)])
    assert (met["buyer.name"].weight, met["seller.name"].weight) == (2, None)
    assert met["number"].critical


def test_a_second_annotation_adds_to_the_first() -> None:
    Named = Annotated[str, Match(compare="identifier")]  # noqa: N806  # a type

    class Model(BaseModel):
        code: Annotated[Named, Match(weight=2)]

    said = Model.model_json_schema()["properties"]["code"]["x-match"]
    assert said == {"compare": "identifier", "weight": 2}


def test_a_mistake_in_an_annotation_is_told_as_any_other() -> None:
    class Model(BaseModel):
        code: Annotated[str, Match(compare="identifer")]

    with pytest.raises(harness.HarnessError, match="did you mean 'identifier'"):
        harness.score({}, {}, Model.model_json_schema())


def test_a_rule_can_be_hashed_whatever_it_holds() -> None:
    one, other = (Match(compare="enum", synonyms={"a": ("b",)}) for _ in range(2))
    assert hash(one) == hash(other)
