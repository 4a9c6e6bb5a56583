"""The shape of what answers took by field, in `eval-results.json`."""

from __future__ import annotations

from typing_extensions import TypedDict


class AllocatedCost(TypedDict):
    """What was allocated to one thing, of what answers took."""

    input_tokens: float
    output_tokens: float
    usd: float | None


class FieldCost(AllocatedCost):
    """What one field, or the items of one list, took in all answers."""

    field: str
    answers: int
    values: int


class FieldCosts(TypedDict):
    """What answers took, allocated to their fields."""

    allocation: str
    answers: int
    priced: int
    fields: list[FieldCost]
    lists: list[FieldCost]
    rest: AllocatedCost
