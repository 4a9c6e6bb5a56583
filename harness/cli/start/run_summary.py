"""Summary lines at the end of runs, or of a dry run, and the exit code of the command."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.next_commands import tell_next, typed_again

if TYPE_CHECKING:
    from harness.core.records import Prediction
    from harness.run.asking.estimate import Estimate
    from harness.run.asking.orders import Orders, RunJob
    from harness.run.asking.resume import Earlier
    from harness.run.stored.stored_results import ResultsDocument
    from harness.run.stored.stored_run import RunDocument


def summarise(run: RunDocument, results: ResultsDocument, page: Path, *, quiet: bool) -> None:
    """Print a run's figures, or just where its report is."""
    if quiet:
        from harness.cli.diagnostics import warn
        from harness.report.words.lead_sentences import wrapped_sentence
        from harness.report.words.no_answers import failed_first

        for reason in (failed_first(results), wrapped_sentence(results)):
            if reason:
                warn(reason)
        click.echo(shown(page))
        return
    from rich.console import Console

    from harness.report.terminal import summary

    summary(Console(), run, results, shown(page))


def costs(predictions: Iterable[Prediction]) -> None:
    """Print what the answers took, where anything was paid for or spared."""
    from harness.core.number_text import count, counted

    calls = cached = tokens = 0
    usd = 0.0
    for prediction in predictions:
        calls += prediction.calls
        cached += prediction.cached
        usage = prediction.output.usage
        if usage is not None and not prediction.cached:
            tokens += (usage.input_tokens or 0) + (usage.output_tokens or 0)
            usd += usage.usd or 0.0
    if not calls and not cached:
        return
    parts = [counted(calls, "call"), f"{count(tokens)} tokens"]
    parts += [f"${usd:.4f}"] if usd else []
    parts += [f"{count(cached)} paid for earlier"] if cached else []
    click.echo(f"{'paid':<12}{', '.join(parts)}")


def overview(runs: list[tuple[RunDocument, ResultsDocument]], indexes: list[Path]) -> None:
    """Print a line a run, and where all runs are listed."""
    from rich.console import Console

    from harness.report.terminal import runs_overview

    runs_overview(Console(), runs)
    click.echo()
    for index in indexes:
        click.echo(f"all runs   {shown(index)}")


def exit_code(results: Sequence[ResultsDocument], not_begun: int) -> int:
    """Return 4 where something was left out, which is told, or a run has not one usable answer."""
    from harness.cli.diagnostics import INCOMPLETE, note_incomplete
    from harness.core.number_text import counted
    from harness.report.words.no_answers import all_unanswered

    complete = all(each["complete"] for each in results)
    if not complete:
        note_incomplete()
    if not_begun:
        click.echo(f"interrupted: {counted(not_begun, 'more run')} not begun", err=True)
    left_out = not_begun or not complete or any(map(all_unanswered, results))
    return INCOMPLETE if left_out else 0


def shown(path: Path) -> str:
    """Return a path as short as it can be written from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def dry_run(jobs: Sequence[RunJob], orders: Orders, earlier: Earlier | None) -> None:
    """Print an estimate for every job. Nothing is asked, and nothing is written."""
    from harness.cli.start.resuming import to_ask
    from harness.core.inert_text import inert
    from harness.run.asking.estimate import estimate
    from harness.run.asking.run_session import asking_price, cache_file, open_cache

    for job in jobs:
        has_cache = cache_file(job.suite.project).is_file()
        cache = open_cache(job.suite, orders) if has_cache else None
        questions_asked = to_ask(job, earlier, quiet=True)
        total = estimate(questions_asked, job.extractor, asking_price(job, orders), cache)
        if cache is not None:
            cache.close()
        click.echo(f"{inert(job.suite.name)} \u00b7 {inert(job.name)}: {_estimated(total)}")
    click.echo("a dry run: nothing was asked; calls that fail are tried again and add to this")
    tell_next(typed_again(without="--dry-run"))


def _estimated(total: Estimate) -> str:
    from harness.core.inert_text import inert
    from harness.core.number_text import count, counted

    parts = [counted(total.questions, "question"), counted(total.calls, "call")]
    if total.cached:
        parts.append(f"{count(total.cached)} answered by the cache")
    if total.calls:
        parts.append(f"{count(total.input_tokens)} tokens in")
        parts.append(f"at most {count(total.output_tokens)} out")
        usd = "no price known" if total.usd is None else f"at most ${total.usd:.4f}"
        parts.append(f"{usd} ({inert(total.price.told())})" if total.price else usd)
    return ", ".join(parts)
