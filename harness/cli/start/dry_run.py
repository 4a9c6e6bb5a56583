"""`harness run --dry-run`: what would be asked, and what it would cost at most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from harness.run.asking.estimate import Estimate
    from harness.run.asking.orders import Orders, RunJob
    from harness.run.asking.resume import Earlier


def dry_run(jobs: Sequence[RunJob], orders: Orders, earlier: Earlier | None) -> None:
    """Print an estimate for every job. Nothing is asked, and nothing is written."""
    from harness.cli.start.resuming import to_ask
    from harness.core.inert_text import inert
    from harness.run.asking.estimate import estimate
    from harness.run.asking.run_session import asking_price, cache_file, open_cache

    for job in jobs:
        has_cache = cache_file(job.suite.project).is_file()
        cache = open_cache(job.suite, orders) if has_cache else None
        asked = to_ask(job, earlier, quiet=True)
        found = estimate(asked, job.extractor, asking_price(job, orders), cache)
        if cache is not None:
            cache.close()
        click.echo(f"{inert(job.suite.name)} \u00b7 {inert(job.name)}: {_told(found)}")
    click.echo("a dry run: nothing was asked; calls that fail are tried again and add to this")


def _told(found: Estimate) -> str:
    from harness.core.inert_text import inert
    from harness.core.number_text import count, counted

    parts = [counted(found.questions, "question"), counted(found.calls, "call")]
    if found.cached:
        parts.append(f"{count(found.cached)} answered by the cache")
    if found.calls:
        parts.append(f"{count(found.input_tokens)} tokens in")
        parts.append(f"at most {count(found.output_tokens)} out")
        usd = "no price known" if found.usd is None else f"at most ${found.usd:.4f}"
        parts.append(f"{usd} ({inert(found.price.told())})" if found.price else usd)
    return ", ".join(parts)
