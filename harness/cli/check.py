"""`harness check`: what is wrong with suites, without running them."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("check")
@click.argument("path", type=click.Path(path_type=Path), default="evals")
def command(path: Path) -> None:
    """Look for mistakes in every suite under PATH; nothing is run or written.

    Warnings do not keep a suite from running; errors exit with 3.
    """
    from harness.cases.load import load_suites
    from harness.cli.messages import warn
    from harness.report.numbers import counted
    from harness.run.execute import prepare

    suites = load_suites(path)
    warnings = [warning for suite in suites for warning in suite.warnings]
    for warning in warnings:
        warn(warning)
    jobs = prepare([suite for suite in suites if suite.extractors], ())
    for suite in suites:
        names = ", ".join(job.name for job in jobs if job.suite is suite) or "no extractor"
        click.echo(f"{suite.name}: {counted(len(suite.cases), 'case')}; {names}")
    if warnings:
        click.echo(counted(len(warnings), "warning"))
