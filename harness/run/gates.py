"""Gates: demands on a run's figures, and whether they are met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from harness.core.counts import Ratio
from harness.core.number_text import percent
from harness.core.rules.goal_tiers import (
    GOALS,
    TIERS,
    GoalName,
    GoalsRecord,
    TierName,
    TierRecord,
    WithGoals,
)
from harness.core.statistics.intervals import Interval
from harness.errors import Problem, UsageError, did_you_mean
from harness.run.comparison.compare import Comparison
from harness.run.history.truth_changes import TruthChanges
from harness.run.stored.stored_figures import counts_of, is_missing
from harness.run.stored.stored_results import ItemScores, ResultsDocument

MEASURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "macro": "macro F1",
        "micro": "micro F1",
        "lenient": "macro F1, lenient",
        "perfect": "perfect documents",
        "weighted": "F1 of fields by weight",
        "focus": "focus F1",
        "guard": "guard F1",
        "items": "items F1, pooled",
        "cumulative": "macro F1 of what statements add up to",
        "floor": "lowest F1 of a field",
        "class_floor": "lowest F1 of a label",
        "p95": "95 % of the answers within",
        "usd": "an answer costs",
    }
)
"""Figures of demands, beside `field:NAME`, `tag:NAME` and `items:NAME`."""
_PARTS: Final = ("field", "tag", "items")
SECONDS: Final = "p95"
"""The only figure in seconds: an upper limit."""
DOLLARS: Final = "usd"
"""The only figure in US dollars: an upper limit."""
_OF_GOALS: Final[Mapping[GoalName, str]] = MappingProxyType(
    {"p95_seconds": SECONDS, "usd_per_document": DOLLARS}
)
"""Goals under other names than the demands they make: these have a unit behind the number."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A figure and how high it must be."""

    measure: str
    """`macro`, `micro`, `lenient`, `perfect`, `field:total`, `tag:scans`, `items:people`, ..."""
    least: float
    """In [0, 1]; of `p95` the most seconds, of `usd` the most dollars."""


@dataclass(frozen=True, slots=True)
class DemandGate:
    """A demand, and the figure that was found."""

    demand: Demand
    name: str
    found: float | None
    """None where there is nothing to judge: such a demand is not met."""
    fraction: Ratio | None
    """Of the figure; None for a mean."""
    under: tuple[str, ...] = ()
    """Fields or labels under a floor, the lowest first."""

    @property
    def is_met(self) -> bool:
        """True where the figure is high enough; of seconds and dollars, low enough."""
        if self.found is None:
            return False
        if self.demand.measure in (SECONDS, DOLLARS):
            return self.found <= self.demand.least
        return self.found >= self.demand.least


@dataclass(frozen=True, slots=True)
class CriticalGate:
    """Critical fields: an error in one breaks its case."""

    fields: tuple[str, ...]
    broken: tuple[str, ...]
    """Ids of the cases with an error in any of them; only the first, where cases were streamed."""
    wrong: int
    """How many such cases there are."""
    cases: int

    @property
    def is_met(self) -> bool:
        """True where no case is broken."""
        return not self.wrong


@dataclass(frozen=True, slots=True)
class BaselineGate:
    """Most that macro F1 may fall below that of an earlier run."""

    baseline: str
    most: float
    """What it may fall by."""
    base: float | None
    new: float | None
    delta: float | None
    interval: Interval | None
    p_value: float

    @property
    def is_met(self) -> bool:
        """True where it fell by no more; a float's last digit is forgiven."""
        return self.delta is not None and self.delta >= -self.most - 1e-12


@dataclass(frozen=True, slots=True)
class CompletenessGate:
    """Gate on completeness: every case must be answered."""

    missing: int
    cases: int
    """Answers that were wanted: each case as often as it was asked."""
    replicates: int = 1
    """How often each case was asked."""
    failed: int = 0
    """Of `cases`, those that came without a usable answer: scored as one of nothing."""

    @property
    def is_met(self) -> bool:
        """True where no case is missing."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class Current:
    """Gate on staleness: the figures must be of the suite that is on disk now."""

    changes: TruthChanges
    documents: tuple[str, ...] = ()
    """Names of documents that hold something else now than when they were asked about."""

    @property
    def is_met(self) -> bool:
        """True where nothing is known to have changed."""
        return not self.changes.is_stale and not self.documents


@dataclass(frozen=True, slots=True)
class Labelled:
    """Gate on labels: at least one field of the truths must be reviewed."""

    reviewed: int
    fields: int
    unlabelled: int
    """Cases of which no field is reviewed."""
    cases: int
    circular: int
    """Truths that are answers of this very extractor, approved as they were."""

    @property
    def is_met(self) -> bool:
        """True where there is something to score."""
        return self.unlabelled < self.cases


Gate: TypeAlias = CompletenessGate | Current | Labelled | DemandGate | CriticalGate | BaselineGate


def parse_demand(text: str) -> Demand:
    """Read a demand as a user writes it.

    Raises UsageError for a figure nobody has named or a number that is no share.

    >>> parse_demand("field:line_items[].total=0.95")
    Demand(measure='field:line_items[].total', least=0.95)
    >>> parse_demand("macro=90%").least, parse_demand("p95=2.5s").least
    (0.9, 2.5)
    """
    measure, is_given, number = text.rpartition("=")
    measure = measure.strip()
    part, is_part, name = measure.partition(":")
    if not is_given or (measure not in MEASURES and not (part in _PARTS and is_part and name)):
        known = (*MEASURES, "field:NAME", "tag:NAME", "items:NAME")
        hint = did_you_mean(measure or text, known) if is_given else "write it as macro=0.9"
        what = f"{text!r} is no demand such as macro=0.9 or field:total=0.95"
        raise UsageError(Problem(what, "bad-gate", hint=hint))
    read = {SECONDS: _seconds, DOLLARS: _dollars}.get(measure, _share)
    least = read(number.strip())
    if least is None and measure == DOLLARS:
        what = f"{text!r}: {number.strip()!r} is no amount of US dollars"
        raise UsageError(Problem(what, "bad-gate", hint="write 0.01 or $0.01"))
    if least is None and measure == SECONDS:
        what = f"{text!r}: {number.strip()!r} is no number of seconds"
        raise UsageError(Problem(what, "bad-gate", hint="write 2.5 or 2.5s"))
    if least is None:
        what = f"{text!r}: {number.strip()!r} is no share from 0 to 1"
        raise UsageError(Problem(what, "bad-gate", hint="write 0.9 or 90%"))
    return Demand(measure, least)


def _seconds(number: str) -> float | None:
    return _amount(number.removesuffix("s"))


def _dollars(number: str) -> float | None:
    return _amount(number.removeprefix("$"))


def _amount(number: str) -> float | None:
    try:
        value = float(number)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def _share(number: str) -> float | None:
    try:
        value = float(number.removesuffix("%"))
    except ValueError:
        return None
    share = value / 100 if number.endswith("%") else value
    return share if 0 <= share <= 1 else None


def default_demands(results: WithGoals) -> tuple[Demand, ...]:
    """Return what a suite itself asks for: the lowest tier of its goals, if it names any."""
    goals = goals_of(results)
    lowest = next((tier for tier in TIERS if goals.get(tier)), None)
    return () if lowest is None else tier_demands(goals, lowest)


def goals_of(results: WithGoals) -> GoalsRecord:
    """Return the goals of a suite in tiers; one with a `target_f1` alone has a target tier.

    >>> goals_of({"target_f1": 0.9}), goals_of({"target_f1": None})
    ({'target': {'macro': 0.9}}, {})
    """
    target, goals = results["target_f1"], results.get("goals") or {}
    if target is None:
        return goals
    aims: TierRecord = {"macro": target, **goals.get("target", {})}
    return {**goals, "target": aims}


def tier_demands(goals: GoalsRecord, tier: TierName) -> tuple[Demand, ...]:
    """Return what a tier asks for.

    >>> tier_demands({"minimum": {"macro": 0.5, "p95_seconds": 2}}, "minimum")
    (Demand(measure='macro', least=0.5), Demand(measure='p95', least=2))
    """
    goals_of_tier = goals.get(tier, {})
    return tuple(
        Demand(_OF_GOALS.get(name, name), goals_of_tier[name])
        for name in GOALS
        if name in goals_of_tier
    )


def asked_tier(results: WithGoals, tier: TierName) -> tuple[Demand, ...]:
    """Return what a tier of a suite's goals asks for. Raises UsageError where there is none."""
    goals = goals_of(results)
    if not goals.get(tier):
        known = ", ".join(one for one in TIERS if goals.get(one))
        hint = f"it has: {known}" if known else "write `goals:` into suite.yaml"
        raise UsageError(Problem(f"the suite has no {tier} goals", "no-goals", hint=hint))
    return tier_demands(goals, tier)


def tier_gates(results: ResultsDocument, tier: TierName) -> tuple[DemandGate, ...]:
    """Return every goal of a tier, reached or not."""
    return tuple(_reached(results, one) for one in tier_demands(goals_of(results), tier))


def gates(
    results: ResultsDocument,
    demands: Sequence[Demand],
    baselines: Sequence[BaselineGate] = (),
    current: Sequence[Current] = (),
) -> tuple[Gate, ...]:
    """Return every gate of a run, met or not: completeness and critical fields always are some.

    `current` is whether its truths are those of today, where that was looked up. Raises UsageError
    for fields and tags the run does not know.
    """
    _check_names(results, demands)
    reached = (_reached(results, demand) for demand in demands)
    return (*_always(results), *current, *reached, *baselines)


def _always(results: ResultsDocument) -> Iterator[Gate]:
    aggregate = results["aggregate"]
    cases = aggregate["eval_count"] + aggregate["missing_cases"]
    missing = aggregate["missing_cases"] or (0 if results["complete"] else cases)
    reviewed = results.get("reviewed")
    if aggregate["failed_cases"] == aggregate["eval_count"] and cases:
        missing = cases  # not one usable answer: there is no score to be met
    if reviewed:
        drafts, cases = len(reviewed["unlabelled"]), reviewed["cases"]
        missing = missing if results["complete"] else max(missing, 1)
        yield CompletenessGate(missing, cases)
        mine = [d for d in reviewed["drafted"] if d["extractor"] == results["extractor"]]
        fields, circular = reviewed["fields"], sum(each["cases"] for each in mine)
        yield Labelled(fields["reviewed"], fields["of"], drafts, cases, circular)
    else:
        failed = aggregate["failed_cases"]
        yield CompletenessGate(missing, cases, results["replicates"], failed)
    critical = results.get("critical")
    if critical:
        broken = tuple(critical["broken"])
        answered = {case["id"] for case in results["cases"] if not is_missing(case)}
        intact = critical["intact"]
        wrong = len(broken) if answered else intact["of"] - intact["hits"]
        yield CriticalGate(tuple(critical["fields"]), broken, wrong, len(answered) or intact["of"])


def _reached(results: ResultsDocument, demand: Demand) -> DemandGate:
    aggregate, (part, _, name) = results["aggregate"], demand.measure.partition(":")
    fraction: Ratio | None = None
    value: float | None
    match part:
        case "field":
            (field,) = (f for f in results["fields"] if f["field"] == name)
            value, fraction = field["f1"], counts_of(field["counts"]).f1
            return DemandGate(demand, f"field {name}", value, fraction)
        case "tag":
            (tag,) = (t for t in results["tags"] if t["tag"] == name)
            return DemandGate(demand, f"tag {name}", tag["macro"]["f1"], None)
        case "floor" | "class_floor":
            return _floor(demand, _judged(results, part))
        case "items" | "focus" | "weighted" | "guard" | "cumulative" | "p95" | "usd":
            return _further(results, demand)
        case "micro":
            tp = aggregate["total_true_positives"]
            wrong = aggregate["total_false_positives"] + aggregate["total_false_negatives"]
            value, fraction = aggregate["micro"]["f1"], Ratio(2 * tp, 2 * tp + wrong)
        case "perfect":
            perfect = aggregate["perfect_documents"]
            fraction = Ratio(perfect["hits"], perfect["of"])
            value = fraction.value
        case "lenient":
            value = aggregate["lenient"]["macro"]["f1"]
        case _:
            value = aggregate["macro"]["f1"]
    return DemandGate(demand, MEASURES[part], value, fraction)


def _further(results: ResultsDocument, demand: Demand) -> DemandGate:
    """Return a figure that not every suite has."""
    part, _, name = demand.measure.partition(":")
    words = MEASURES[part]
    if part == "items":
        items = _items(results, name)
        twice = 2 * items["paired"] if items else 0
        whole = twice + items["extra"] + items["missing"] if items else 0
        words = f"items F1 of {name}" if name else words
        return DemandGate(demand, words, items["f1"] if items else None, Ratio(twice, whole))
    if part == "focus":
        words = f"{words} (guard {percent(_figure(results, 'guard'))})"
    return DemandGate(demand, words, _figure(results, part), None)


def _items(results: ResultsDocument, name: str) -> ItemScores | None:
    entities = results.get("entities")
    if not entities:
        return None
    if not name:
        return entities["pooled"]
    return next((kind for kind in entities["types"] if kind["field"] == name), None)


def _judged(results: ResultsDocument, part: str) -> list[tuple[float, str]]:
    """Return F1 and name of what a floor is of; labels that no truth has are left out."""
    if part == "floor":
        return [(f["f1"], f["field"]) for f in results["fields"] if f["f1"] is not None]
    return [
        (label["f1"], f"{field['field']}={label['label']}")
        for field in results.get("classification") or []
        for label in field["classes"]
        if label["f1"] is not None and label["support"]
    ]


def _floor(demand: Demand, judged: Sequence[tuple[float, str]]) -> DemandGate:
    """Return the lowest figure, of all fields or labels with anything to judge."""
    words = MEASURES[demand.measure]
    lowest, name = min(judged, default=(None, ""))
    under = tuple(each for f1, each in sorted(judged) if f1 < demand.least)
    return DemandGate(demand, f"{words}, {name}," if name else words, lowest, None, under)


def _figure(results: ResultsDocument, name: str) -> float | None:
    """Return a figure that is no fraction; None where the suite asks for no such thing."""
    focus, sums = results.get("focus"), results.get("cumulative")
    match name:
        case "focus":
            return focus["f1"] if focus else None
        case "guard":
            return focus["guard"] if focus else None
        case "cumulative":
            return sums["macro"]["f1"] if sums else None
        case "p95":
            return results["aggregate"]["latency"]["p95"]
        case "usd":
            return _usd_per_answer(results)
        case _:
            return results.get("weighted_f1")


def _usd_per_answer(results: ResultsDocument) -> float | None:
    """Return what an answer costs on average; None unless every answer's price is known."""
    usage = results["aggregate"].get("usage")
    if not usage or usage["usd"] is None or usage["priced"] < usage["answers"]:
        return None
    return usage["usd"] / usage["answers"]


def _check_names(results: ResultsDocument, demands: Iterable[Demand]) -> None:
    entities = results.get("entities")
    known = {
        "field": {field["field"] for field in results["fields"]},
        "tag": {tag["tag"] for tag in results["tags"]},
        "items": {kind["field"] for kind in entities["types"]} if entities else set(),
    }
    problems = []
    for demand in demands:
        part, _, name = demand.measure.partition(":")
        if part in known and name and name not in known[part]:
            hint = did_you_mean(name, known[part])
            problems.append(
                Problem(f"the run has no {part} {name!r}", f"unknown-{part}", hint=hint)
            )
    if problems:
        raise UsageError(*problems)


def kept_of(comparison: Comparison, most: float) -> BaselineGate:
    """Return whether a run kept what its baseline had."""
    macro = comparison.macro
    return BaselineGate(
        baseline=str(comparison.base.run["run_id"]),
        most=most,
        base=macro.base,
        new=macro.new,
        delta=macro.delta,
        interval=macro.interval,
        p_value=macro.p_value,
    )
