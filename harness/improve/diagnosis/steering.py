"""Steering: which clusters of errors an edit should speak of, by the figure that is to rise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.cases.schemas.known_fields import rules_of_schemas
from harness.cases.suite import Suite
from harness.core.outcomes import Outcome
from harness.core.statistics.field_figures import added
from harness.improve.diagnosis.clusters import Cluster
from harness.improve.diagnosis.headroom import Headroom
from harness.improve.trial.measurement import Measurement
from harness.improve.trial.objective import Objective


def steered(
    clusters: Iterable[Cluster], objective: Objective, measured: Measurement
) -> tuple[Cluster, ...]:
    """Return the clusters that an objective is about, those that matter most to it first.

    Of a focus, only those of its fields; of a floor, those of the lowest fields first; by weight,
    those of fields that weigh more first. Else they stay as they are.
    """
    known = tuple(clusters)
    match objective.by:
        case "focus":
            fields = set(objective.focus or measured.focus)
            return tuple(cluster for cluster in known if cluster.field in fields)
        case "floor":
            totals = added(mark.totals for mark in measured.marks.values())
            lowest = {name: hits / of for name, (hits, of) in totals.items() if of}
            return tuple(sorted(known, key=lambda c: lowest.get(c.field, 1.0)))
        case "weighted":
            weights = measured.weights
            return tuple(sorted(known, key=lambda c: -c.headroom * weights.get(c.field, 1.0)))
        case _:
            return known


def all_cured(
    clusters: Sequence[Cluster], room: Headroom, objective: Objective, measured: Measurement
) -> float:
    """Return how much the figure that is to rise would, if every error of some clusters were gone.

    `measured` is the one asking that they were found in: fields add up over its documents.
    """
    figure = objective.figure(measured.focus, measured.weights)
    if figure is None:
        return room.gain([cluster.fixes for cluster in clusters])
    before = added(mark.totals for mark in measured.marks.values())
    after = dict(before)
    faults = (fault for one in clusters for row in one.rows for fault in row.faults)
    for fault in faults:
        name = fault.record["field"]
        hits, of = after.get(name, (0.0, 0.0))
        match fault.outcome:
            case Outcome.OMISSION:  # a false negative becomes a true positive
                after[name] = hits + 2, of + 1
            case Outcome.HALLUCINATION:
                after[name] = hits, of - 1
            case _:
                after[name] = hits + 2, of
    return figure.difference(before, after)


def marked_focus(suite: Suite) -> tuple[str, ...]:
    """Return the fields that the suite's rules, or its schemas' `x-match`, put in focus."""
    schemas = [case.schema for case in suite.cases if isinstance(case.schema, Mapping)]
    within, own = rules_of_schemas(schemas), dict(suite.rules.items())
    met = {n: rule.over(within[n]) if n in within else rule for n, rule in own.items()}
    return tuple(sorted(n for n, rule in {**within, **met}.items() if rule.focus))
