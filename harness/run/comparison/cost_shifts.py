"""Cost changes of each field between two runs, by answer: tokens and dollars allocated to it."""

from __future__ import annotations

from dataclasses import dataclass

from harness.run.comparison.side import Arm
from harness.run.stored.stored_costs import FieldCost, FieldCosts


@dataclass(frozen=True, slots=True)
class CostShift:
    """One field in both runs; None on a side that does not have it, or does not know."""

    field: str
    base_tokens: float | None
    """Tokens out, of a mean answer of the run."""
    new_tokens: float | None
    base_usd: float | None
    """Dollars for in and out, of a mean answer of the run."""
    new_usd: float | None

    @property
    def delta_usd(self) -> float | None:
        """New less base; None where either is unknown."""
        known = self.base_usd is not None and self.new_usd is not None
        return (self.new_usd or 0.0) - (self.base_usd or 0.0) if known else None


def cost_shifts(base: Arm, new: Arm) -> tuple[CostShift, ...]:
    """Return every field, what is dearest in the new run first; none where a side knows nothing."""
    before, after = base.results.get("field_costs"), new.results.get("field_costs")
    if before is None or after is None:
        return ()
    old, now = _by_field(before), _by_field(after)
    shifts = [_shift(name, old, now, (before, after)) for name in sorted(old.keys() | now.keys())]
    return tuple(sorted(shifts, key=_dearest))


def _by_field(costs: FieldCosts) -> dict[str, FieldCost]:
    return {cost["field"]: cost for cost in costs["fields"]}


def _shift(
    name: str,
    old: dict[str, FieldCost],
    now: dict[str, FieldCost],
    costs: tuple[FieldCosts, FieldCosts],
) -> CostShift:
    before, after = old.get(name), now.get(name)
    return CostShift(
        name,
        _tokens(before, costs[0]),
        _tokens(after, costs[1]),
        _dollars(before, costs[0]),
        _dollars(after, costs[1]),
    )


def _tokens(cost: FieldCost | None, costs: FieldCosts) -> float | None:
    return None if cost is None else cost["output_tokens"] / costs["answers"]


def _dollars(cost: FieldCost | None, costs: FieldCosts) -> float | None:
    usd = None if cost is None else cost["usd"]
    return None if usd is None or not costs["priced"] else usd / costs["priced"]


def _dearest(shift: CostShift) -> tuple[float, float, str]:
    return -(shift.new_usd or 0.0), -(shift.new_tokens or 0.0), shift.field
