"""Progress of a run: a line that renews itself on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

import click

from harness.core.inert_text import inert
from harness.core.number_text import count, percent, seconds
from harness.core.records import Failure
from harness.report.words.verdicts import tag_word
from harness.run.asking.progress import FEWEST_ANSWERS
from harness.run.asking.running_score import RunningScore, ScoreSoFar
from harness.run.results.score_cases import Scorer

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from harness.core.records import Prediction
    from harness.run.asking.orders import RunJob, Why

_FIRST_LINE: Final = 10.0
"""Seconds after which a run that shows no bar first says how far it is."""
_LONGER: Final = 1.5
"""How much longer each line is waited for: a long run says as much as a short one, not more."""
_LAST_LINE: Final = 300.0
_WINDOW: Final = 50
"""Answers that the rate is taken from."""
_REFRESH: Final = 5
_KINDS: Final = 2
"""Kinds of failure that are named."""
_JUDGING: Final = 0.05
"""Part of the time that judging answers for the line may take."""
_LONGEST_JUDGING: Final = 0.1
"""Seconds it may take at once."""
_REASONS: Final = {"interrupted": "stopping", "time": "the time is up"}


@dataclass(slots=True)
class AnswerTally:
    """Tally of the answers so far."""

    total: int
    done: int = 0
    cached: int = 0
    tokens: int = 0
    usd: float = 0.0
    began: float = field(default_factory=time.monotonic)
    kinds: Counter[str] = field(default_factory=Counter)
    """Answers that cannot be used, by kind."""
    _times: list[float] = field(default_factory=list)

    def add(self, prediction: Prediction) -> None:
        """Count a prediction; what was paid for earlier costs nothing now."""
        self.done += 1
        if isinstance(prediction.output, Failure):
            self.kinds[prediction.output.kind.value] += 1
        self.cached += prediction.cached
        usage = prediction.output.usage
        if usage is not None and not prediction.cached:
            self.tokens += (usage.input_tokens or 0) + (usage.output_tokens or 0)
            self.usd += usage.usd or 0.0
        if not prediction.cached:
            self._times = [*self._times[1 - _WINDOW :], time.monotonic()]

    def shown(self) -> str:
        """Return what is worth saying: failures, rate, tokens, dollars, the time that is left."""
        rate = self._rate()
        left = (self.total - self.done) / rate if rate else 0.0
        parts = (
            self._failures(),
            f"{count(self.cached)} cached" if self.cached else "",
            f"{rate:.1f}/s" if rate else "",
            f"{count(self.tokens)} tokens" if self.tokens else "",
            f"${self.usd:.2f}" if self.usd else "",
            f"{seconds(left)} left" if left >= 1 else "",
        )
        return " \u00b7 ".join(filter(None, parts))

    def _failures(self) -> str:
        """Return how many have no usable answer, and of which kind they are; empty for none."""
        if not self.kinds:
            return ""
        kinds = [(tag_word(kind), number) for kind, number in self.kinds.most_common(_KINDS)]
        total = self.kinds.total()
        if len(self.kinds) == 1:
            return f"{count(total)} without an answer ({kinds[0][0]})"
        of = ", ".join(f"{count(number)} {word}" for word, number in kinds)
        more = total - sum(number for _, number in kinds)
        return f"{count(total)} without an answer ({of}{f', {count(more)} other' if more else ''})"

    def _rate(self) -> float:
        """Return answers a second, lately; 0 while there are too few to tell."""
        if len(self._times) < FEWEST_ANSWERS:
            return 0.0
        start = self._times[0] if len(self._times) == _WINDOW else self.began
        return len(self._times) / max(1e-3, time.monotonic() - start)


class ProgressView:
    """Shows a job's progress on standard error, while it lasts."""

    def __init__(self, job: RunJob, total: int, *, quiet: bool) -> None:
        self._title = inert(f"{job.suite.name} \u00b7 {job.name}")
        self._tally = AnswerTally(total)
        self._quiet = quiet
        self._next_line, self._pause = _FIRST_LINE, _FIRST_LINE
        self._bar: tuple[Progress, TaskID] | None = None
        suite = job.suite
        scorer = Scorer(suite.rules, suite.comparators.functions)
        self._score = RunningScore(scorer, {case.id: case for case in suite.cases}, suite.empty)
        self._shown: ScoreSoFar | None = None
        self._judged = 0.0

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            self._bar = _bar(self._title, self._tally.total)
            self._bar[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar[0].stop()

    def told(self, prediction: Prediction) -> None:
        """Show that one more has come."""
        self._tally.add(prediction)
        if self._bar is not None:
            self._score.add(prediction)
            bar, task = self._bar
            bar.update(task, advance=1, shown=f"{self._tally.shown()}{self._f1()}")
        elif not self._quiet and time.monotonic() - self._tally.began > self._next_line:
            self._pause = min(_LAST_LINE, self._pause * _LONGER)
            self._next_line += self._pause
            done, total = count(self._tally.done), count(self._tally.total)
            click.echo(f"{self._title}: {done} of {total} \u00b7 {self._tally.shown()}", err=True)

    def _f1(self) -> str:
        """Return the macro F1 of what was judged so far, for which little time is taken.

        Answers are judged again, and all, once the run has ended.
        """
        began = time.monotonic()
        if self._judged <= _JUDGING * (began - self._tally.began):
            self._score.judge(_LONGEST_JUDGING)
            self._shown = self._score.so_far()
            self._judged += time.monotonic() - began
        if self._shown is None or self._shown.macro is None:
            return ""
        return f" \u00b7 F1 {percent(self._shown.macro)} of {count(self._shown.answers)}"

    def noted(self, note: str) -> None:
        """Say what happens to a batch."""
        if not self._quiet:
            click.echo(inert(note), err=True)

    def stopping(self, waiting: int, why: Why) -> None:
        """Say that nothing more is asked."""
        from harness.core.number_text import counted

        waited = f"waiting for {counted(waiting, 'case')}; Ctrl-C again gives up on them"
        click.echo(f"{_REASONS[why]}: {waited}", err=True)


def _bar(title: str, total: int) -> tuple[Progress, TaskID]:
    """Return a line that renews itself. Rich is loaded here: most runs have no terminal."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[shown]}"),
        console=Console(stderr=True),
        transient=True,
        refresh_per_second=_REFRESH,
    )
    return bar, bar.add_task(escape(title), total=total, shown="")
