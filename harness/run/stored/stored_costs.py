"""The shape of what answers took by field, in `eval-results.json`."""

from __future__ import annotations

from typing_extensions import TypedDict


class AllocatedCost(TypedDict):
    """Cost allocated to one field, list or the rest."""

    input_tokens: float
    output_tokens: float
    usd: float | None


class FieldCost(AllocatedCost):
    """Cost of one field, or of the items of one list, in all answers."""

    field: str
    answers: int
    values: int


class FieldCosts(TypedDict):
    """Costs of answers, allocated to their fields."""

    allocation: str
    answers: int
    priced: int
    fields: list[FieldCost]
    lists: list[FieldCost]
    rest: AllocatedCost
