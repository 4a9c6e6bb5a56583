"""Options of `harness run`: which cases, how often, how fast, for how much."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from harness.cli.decide.gate_options import GateOptions
from harness.cli.options import concurrency_option, group
from harness.cli.run_argument import RUN_ARGUMENT
from harness.cli.start.batch_options import BatchOptions
from harness.cli.start.endpoint_options import EndpointOptions

if TYPE_CHECKING:
    from harness.run.asking.orders import Orders
    from harness.run.selection import Selection


class DollarsParam(click.FloatRange):
    """An amount that can be compared: by a cap that is no number nothing would be capped."""

    def convert(
        self,
        value: Any,  # noqa: ANN401  # as click has it
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> float:
        """Return the amount; click refuses what is none."""
        amount: float = super().convert(value, param, ctx)
        if not math.isfinite(amount):
            self.fail(f"{value} is no amount of money", param, ctx)
        return amount


_POSITIVE: Final = click.IntRange(min=1)
_SECONDS: Final = click.FloatRange(min=0, min_open=True)

selection_options = group(
    click.option(
        "--filter",
        "patterns",
        multiple=True,
        metavar="PATTERN",
        help="Only cases whose id matches, as in 'inv-*'; may be repeated.",
    ),
    click.option(
        "--tag",
        "tags",
        multiple=True,
        metavar="TAG",
        help="Only cases with this tag, or one of these.",
    ),
    click.option(
        "--filter-failing",
        type=RUN_ARGUMENT,
        metavar="RUN",
        help="Only cases that this run got wrong, in any field, or got no answer to.",
    ),
    click.option(
        "--since",
        type=RUN_ARGUMENT,
        metavar="RUN",
        help="Only cases that are new since this run, or whose documents, truth or schema changed.",
    ),
    click.option(
        "--drafts",
        is_flag=True,
        help="Ask about documents without ground truth, too: answers that nobody scores, for"
        " harness review.",
    ),
    click.option("--limit", type=_POSITIVE, metavar="N", help="Only the first N cases of a suite."),
    click.option(
        "--repeat", type=_POSITIVE, metavar="N", help="Ask every case N times.  [default: 1]"
    ),
)

pace_options = group(
    concurrency_option,
    click.option("--rpm", type=_POSITIVE, metavar="N", help="Requests a minute, at most."),
    click.option("--tpm", type=_POSITIVE, metavar="N", help="Tokens a minute, at most."),
    click.option(
        "--timeout",
        type=_SECONDS,
        metavar="SECONDS",
        help="For one request or call, whatever the suite says.",
    ),
    click.option(
        "--max-seconds",
        type=_SECONDS,
        metavar="SECONDS",
        help="For each run: then nothing more is asked.",
    ),
)

cost_options = group(
    click.option("--max-usd", type=DollarsParam(min=0), metavar="USD", help="Dollars a run."),
    click.option("--max-calls", type=click.IntRange(min=0), metavar="N", help="Requests a run."),
    click.option("--max-tokens", type=click.IntRange(min=0), metavar="N", help="Tokens a run."),
    click.option(
        "--prices",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Your own price table; it goes before ours.",
    ),
    click.option("--no-cache", is_flag=True, help="Neither use nor keep answers of other runs."),
    click.option(
        "--dry-run", is_flag=True, help="Ask nothing; say what would be asked and cost at most."
    ),
)

resume_options = group(
    click.option(
        "--resume",
        type=RUN_ARGUMENT,
        metavar="RUN",
        help="Go on with a run: ask only what it holds no answer to.",
    ),
    click.option(
        "--retry",
        is_flag=True,
        help="With --resume: ask again where the model refused or could not be read.",
    ),
    click.option(
        "--share",
        metavar="DIR|URL",
        help="Share the run with other processes that name this folder, or PostgreSQL database:"
        " each case is asked once.",
    ),
)


@dataclass(frozen=True, slots=True)
class SelectionOptions:
    """Selection of cases, and number of replicates; None for all, and for once."""

    patterns: tuple[str, ...]
    tags: tuple[str, ...]
    filter_failing: Path | None
    since: Path | None
    drafts: bool
    limit: int | None
    repeat: int | None

    def as_selection(self) -> Selection:
        """Return which cases are asked for."""
        from harness.run.selection import Selection

        return Selection(self.patterns, self.tags, self.limit)


@dataclass(frozen=True, slots=True)
class PaceOptions:
    """Limits on speed and time; None for no limit of the command line."""

    concurrency: int
    rpm: int | None
    tpm: int | None
    timeout: float | None
    max_seconds: float | None


@dataclass(frozen=True, slots=True)
class CostOptions:
    """Limits on cost; None for no limit."""

    max_usd: float | None
    max_calls: int | None
    max_tokens: int | None
    prices: Path | None
    no_cache: bool
    dry_run: bool


@dataclass(frozen=True, slots=True)
class ResumeOptions:
    """Run to resume; None to begin a new one."""

    resume: Path | None
    retry: bool
    share: str | None
    """The folder, or the database's address, over which processes share the run."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options of `harness run`."""

    path: Path
    extractors: tuple[str, ...]
    endpoint: EndpointOptions
    selection: SelectionOptions
    pace: PaceOptions
    cost: CostOptions
    batches: BatchOptions
    resumption: ResumeOptions
    reports: Path | None
    thresholds: Path | None
    ensemble: bool
    pages: bool
    gates: GateOptions
    quiet: bool


def run_orders(pace: PaceOptions, cost: CostOptions) -> Orders:
    """Return how runs are to be carried out. Raises HarnessError for a bad price table."""
    from harness.extract.sending.budget import Caps
    from harness.extract.sending.pace import Ceilings
    from harness.extract.sending.prices import read_prices
    from harness.run.asking.orders import Orders

    return Orders(
        ceilings=Ceilings(pace.concurrency, pace.rpm, pace.tpm),
        caps=Caps(cost.max_usd, cost.max_calls, cost.max_tokens),
        prices=read_prices(cost.prices) if cost.prices else {},
        cache="none" if cost.no_cache else "project",
        seconds=pace.max_seconds,
    )
