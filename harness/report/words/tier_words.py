"""Goals in tiers in words: what is reached, what is missing, and which fields are neglected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness.core import number_text
from harness.core.rules.goal_tiers import TIERS, TierName
from harness.report.words.gate_sentences import told
from harness.run.gates import DOLLARS, SECONDS, DemandGate, goals_of, tier_gates
from harness.run.stored.stored_results import FieldRecord, ResultsDocument

FEW_VALUES: Final = 10
"""Expected values of a field below which its F1 says little."""


@dataclass(frozen=True, slots=True)
class TierStanding:
    """One tier of goals, and where a run stands."""

    name: TierName
    gates: tuple[DemandGate, ...]

    @property
    def open(self) -> tuple[DemandGate, ...]:
        """Goals that are not reached."""
        return tuple(gate for gate in self.gates if not gate.is_met)


def standings_by_tier(results: ResultsDocument) -> tuple[TierStanding, ...]:
    """Return where a run stands on every tier, lowest first; none where a suite names no goals."""
    if not results.get("goals"):
        return ()
    goals = goals_of(results)
    return tuple(TierStanding(t, tier_gates(results, t)) for t in TIERS if goals.get(t))


def tier_phrases(results: ResultsDocument) -> Iterator[tuple[TierName, tuple[str, ...]]]:
    """Yield each tier with how much of it is reached, and then each goal that is not."""
    for tier in standings_by_tier(results):
        size, missing = len(tier.gates), tier.open
        reached = f"{size - len(missing)} of {number_text.counted(size, 'goal')} reached"
        whole = f"reached: {number_text.counted(size, 'goal')}"
        yield tier.name, (reached if missing else whole, *map(told, missing))


def tier_progress(gate: DemandGate) -> str:
    """Return how much of a goal is reached, as a share of the goal itself; empty for a limit."""
    least, value = gate.demand.least, gate.found
    if value is None or gate.demand.measure in (SECONDS, DOLLARS) or not least:
        return ""
    return number_text.percent(min(value / least, 1.0))


def neglected(results: ResultsDocument) -> tuple[FieldRecord, ...]:
    """Return fields with few values or an F1 under the floor of the lowest tier that has one.

    The worst come first; without a floor among the goals only few values count.
    """
    goals = goals_of(results)
    floors = [goals[tier]["floor"] for tier in TIERS if "floor" in goals.get(tier, {})]
    floor = min(floors, default=0.0)
    fields = [
        field
        for field in results["fields"]
        if field["support"] and (field["support"] < FEW_VALUES or (field["f1"] or 0.0) < floor)
    ]
    return tuple(sorted(fields, key=lambda f: (f["f1"] or 0.0, f["support"], f["field"])))


def neglect(field: FieldRecord) -> str:
    """Return what is known of a neglected field."""
    return (
        f"F1 {number_text.percent(field['f1'])} of {number_text.counted(field['support'], 'value')}"
    )
