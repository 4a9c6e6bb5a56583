"""`harness gate`: check the figures of a run against demands."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from harness.cli.decide.gate_options import (
    NOT_MET,
    GateOptions,
    asked_gates,
    gate_options,
    judge_stored,
    report_gates,
)
from harness.cli.diagnostics import window_width
from harness.cli.next_commands import name_of_run, tell_next
from harness.cli.options import OptionsCommand, form_option, takes_options
from harness.cli.run_argument import run_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.core.rules.goal_tiers import WithGoals
    from harness.run.gates import Gate


@dataclass(frozen=True, slots=True)
class GateCommandOptions:
    """Options of `harness gate`."""

    run: Path
    gates: GateOptions
    tier: Literal["minimum", "target", "stretch"] | None
    form: str


@click.command("gate", cls=OptionsCommand)
@run_argument
@gate_options
@click.option(
    "--tier",
    type=click.Choice(["minimum", "target", "stretch"]),
    help="Hold RUN against these goals of its suite.  [default: the lowest tier it names]",
)
@form_option("text", "json", about="json prints each gate, met or not, with its figures.")
@takes_options(GateCommandOptions)
def command(options: GateCommandOptions) -> None:
    """Say whether RUN is good enough.

    RUN is a folder, a part of a name, `last` (the default), `last~1` before it, or `last:NAME`.

    Always asked: that every case was answered, that cases, documents, truths and rules are those on
    disk now (else: harness rescore), and that every field a rule marks `critical` is right. Without
    options also the lowest tier of the suite's `goals`, or its `target_f1`, as suite.yaml has them
    now.

    Exit codes: 0 every gate is met, 1 one is not, 2 usage, 3 your files are wrong, 4 the run is
    incomplete, whatever its figures say.
    """
    from harness.run.gates import asked_tier, default_demands
    from harness.run.store import read_run

    run: Path = options.run
    read_run(run)
    request = asked_gates(options.gates)
    if options.tier:
        goals = asked_tier(_goals(run), options.tier)
        request = replace(request, demands=(*goals, *request.demands))
    elif not request:
        request = replace(request, demands=default_demands(_goals(run)))
    gates = judge_stored(run, request)
    if options.form == "json":
        click.echo(_as_json(gates))
        are_met = all(gate.is_met for gate in gates)
    else:
        are_met = report_gates(gates, quiet=False)
        _warn_of_few(run)
        name = name_of_run(run)
        tell_next(
            ["harness", "history"] if are_met else ["harness", "show", name, "--errors", "any"]
        )
    if not are_met:
        sys.exit(_exit_code(gates))


def _goals(run: Path) -> WithGoals:
    """Return the goals of a run's suite as they are today, and say so where they were others."""
    from harness.cli.diagnostics import warn
    from harness.run.gates import goals_of
    from harness.run.history.truth_changes import goals_today
    from harness.run.store import read_results, read_run

    results = read_results(run)
    today = goals_today(run, read_run(run))
    if today is None:
        return results
    if goals_of(today) != goals_of(results):
        warn("the goals of the suite have changed since the run: those of today are asked")
    return today


def _warn_of_few(run: Path) -> None:
    """Say so where a verdict stands on few documents."""
    from harness.report.tables.fit_columns import wrapped
    from harness.report.words.lead_sentences import few_documents
    from harness.run.store import read_results

    if few := few_documents(read_results(run)["aggregate"].get("intervals")):
        click.echo("\n".join(wrapped(f"only          {few}", window_width(), 14)))


def _as_json(gates: Sequence[Gate]) -> str:
    from harness.report.words.gate_sentences import gate_kind, told

    listed = [
        {
            "gate": gate_kind(gate),
            "met": gate.is_met,
            "said": told(gate),
            **asdict(gate),
        }
        for gate in gates
    ]
    return json.dumps({"met": all(g.is_met for g in gates), "gates": listed}, indent=1)


def _exit_code(gates: Sequence[Gate]) -> int:
    from harness.cli.diagnostics import INCOMPLETE
    from harness.run.gates import CompletenessGate

    is_whole = all(gate.is_met for gate in gates if isinstance(gate, CompletenessGate))
    return NOT_MET if is_whole else INCOMPLETE
