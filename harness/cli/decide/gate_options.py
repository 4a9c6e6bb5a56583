"""Options that make a command fail where a run is not good enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.cli.diagnostics import window_width
from harness.cli.options import group
from harness.cli.run_argument import RUN_ARGUMENT

if TYPE_CHECKING:
    from harness.run.gates import BaselineGate, Demand, Gate

NOT_MET: Final = 1
"""Exit code where a gate was not met."""


@dataclass(frozen=True, slots=True)
class GateRequest:
    """The gates a command was given."""

    demands: tuple[Demand, ...] = ()
    most: float | None = None
    """What macro F1 may lose."""
    baselines: tuple[Path, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.demands or self.baselines)


@dataclass(frozen=True, slots=True)
class GateOptions:
    """Options that make a command fail; None and empty where nothing is asked."""

    fail_under: tuple[str, ...]
    max_regression: float | None
    baselines: tuple[Path, ...]


def asked_gates(options: GateOptions) -> GateRequest:
    """Return what a command was asked; refuses half a regression gate."""
    most, baselines = options.max_regression, options.baselines
    if most is not None and not baselines:
        raise click.UsageError("--max-regression needs a --baseline to be held against")
    demands = _demands(options.fail_under)
    return GateRequest(demands, 0.0 if most is None else most, baselines)


def _demands(texts: Sequence[str]) -> tuple[Demand, ...]:
    if not texts:
        return ()
    from harness.run.gates import parse_demand

    return tuple(map(parse_demand, texts))


def judge_gates(folder: Path, request: GateRequest) -> tuple[Gate, ...]:
    """Return every gate of a run that was scored just now."""
    from harness.run.gates import gates
    from harness.run.store import read_results

    return gates(read_results(folder), request.demands, _kept(folder, request))


def judge_stored(folder: Path, request: GateRequest) -> tuple[Gate, ...]:
    """Return every gate of a stored run; one is that its suite is that of today."""
    from harness.cli.diagnostics import warn
    from harness.report.words.stale_truths import unchecked
    from harness.run.gates import Current, gates
    from harness.run.history.document_changes import document_changes
    from harness.run.history.truth_changes import truth_changes
    from harness.run.store import read_results, read_run

    record = read_run(folder)
    changes = truth_changes(folder, record)
    if changes is not None and (why := unchecked(changes)):
        warn(why)
    current = [] if changes is None else [Current(changes, document_changes(folder, record))]
    if changes is not None and changes.unchecked and current[0].is_met:
        current = []
    return gates(read_results(folder), request.demands, _kept(folder, request), current)


def _kept(folder: Path, request: GateRequest) -> Sequence[BaselineGate]:
    if not request.baselines:
        return ()
    from harness.errors import Problem, UsageError
    from harness.run.comparison.compare import compare_arms
    from harness.run.comparison.side import read_arm
    from harness.run.comparison.verdict import Terms
    from harness.run.gates import kept_of

    new = read_arm(folder)
    baseline = _baseline(str(new.results["suite"]), new.name, request.baselines)
    if baseline.resolve() == folder.resolve():
        hint = "name an earlier run"
        raise UsageError(Problem(f"{folder.name} is its own baseline", "own-baseline", hint=hint))
    base = read_arm(baseline)
    return [
        kept_of(comparison, request.most or 0.0)
        for comparison in compare_arms(base, [new], Terms())
    ]


def _baseline(suite: str, extractor: str, baselines: Sequence[Path]) -> Path:
    """Return the baseline of a suite; of several, the one of the same extractor."""
    from harness.errors import Problem, UsageError
    from harness.run.store import read_run

    runs = {folder: read_run(folder) for folder in baselines}
    same = [folder for folder, run in runs.items() if run["suite"] == suite]
    closer = [folder for folder in same if runs[folder]["extractor"] == extractor]
    if len(same) > 1:
        same = closer
    if len(same) != 1:
        what = f"{len(same) or 'none'} of the baselines is of suite {suite!r}"
        hint = "give --baseline once for each suite, or for each suite and extractor"
        raise UsageError(Problem(what, "no-baseline", hint=hint))
    return same[0]


def hold_to(folders: Sequence[Path], request: GateRequest, *, quiet: bool) -> bool:
    """Hold runs against what is asked and print every gate; True where all are met."""
    if not request:
        return True
    met = [report_gates(judge_gates(folder, request), quiet=quiet) for folder in folders]
    return all(met)


def report_gates(gates: Sequence[Gate], *, quiet: bool) -> bool:
    """Print gates, those that are not met to standard error; True where all are met."""
    from harness.core.inert_text import inert
    from harness.report.tables.fit_columns import wrapped
    from harness.report.words.gate_sentences import told

    width = window_width()
    for gate in gates:
        if gate.is_met and quiet:
            continue
        label = "gate met      " if gate.is_met else "gate not met: "
        lines = wrapped(f"{label}{inert(told(gate))}", width, len(label))
        click.echo("\n".join(lines), err=not gate.is_met)
    return all(gate.is_met for gate in gates)


gate_options = group(
    click.option(
        "--fail-under",
        multiple=True,
        metavar="FIGURE=SHARE",
        help="Exit with 1 unless a figure is this high: macro=0.9, micro, lenient, perfect, "
        "weighted, focus, guard, items, cumulative, floor, class_floor, field:NAME, tag:NAME, "
        "items:NAME; or no higher: p95=2 (seconds), usd=0.01 (an answer). May be repeated.",
    ),
    click.option(
        "--max-regression",
        type=click.FloatRange(min=0, max=1),
        metavar="SHARE",
        help="Exit with 1 if macro F1 is lower than the baseline's by more.  [default: 0]",
    ),
    click.option(
        "--baseline",
        "baselines",
        type=RUN_ARGUMENT,
        multiple=True,
        metavar="RUN",
        help="The earlier run that must be kept up with; once for each suite.",
    ),
)
