"""Running rows: progress, score so far, failures and slow cases of runs at work, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from typing_extensions import TypedDict

from harness.core import number_text
from harness.core.inert_text import cut, inert
from harness.report.words.verdicts import tag_word
from harness.report.words.visible import well_formed

_SILENT: Final = 300
"""Seconds after which a run may have been given up."""
_NAMED: Final = 3
"""Cases that are named of those waited for."""
_LONGEST: Final = 60


class ScoreRecord(TypedDict):
    """F1 of the answers judged so far."""

    answers: int
    macro: float | None
    micro: float | None
    interval: tuple[float, float] | None
    documents: int


class RunningRecord(TypedDict):
    """Progress of a run that has not ended, as a server tells it."""

    run_id: str
    suite: str
    extractor: str
    predictions: int
    questions: int
    failures: Mapping[str, int]
    """Answers that cannot be used, by kind."""
    cached: int
    tokens: int
    usd: float
    rate: float | None
    """Answers a second."""
    waited: Sequence[str]
    """Cases that were begun and are not answered, though later ones are."""
    score: ScoreRecord | None
    idle: float
    """Seconds since the last answer."""


@dataclass(frozen=True, slots=True)
class RunningRow:
    """A run that has not ended."""

    run_id: str
    link: str
    suite: str
    extractor: str
    share: str
    """How much of it is done, as a width."""
    words: str
    score: str
    """Macro and micro F1 so far; empty before there is any."""
    failures: str
    """Answers that cannot be used, by kind; empty for none."""
    waited: str
    """Which cases are slow; empty for none."""
    spoken: str
    """What is said aloud, and only when it changes: every tenth of the run, and new failures."""


def running_rows(running: Sequence[RunningRecord]) -> list[RunningRow]:
    """Return how far runs are, in words."""
    return [_row(one) for one in running]


def _row(one: RunningRecord) -> RunningRow:
    answered, total = min(one["predictions"], one["questions"]), one["questions"]
    link = quote(well_formed(one["run_id"]), safe="") + "/report.html"
    failed = sum(one["failures"].values())
    return RunningRow(
        run_id=one["run_id"],
        link=link,
        suite=one["suite"],
        extractor=one["extractor"],
        share=f"{100 * answered / total if total else 0:.1f}%",
        words=_words(one, answered, total),
        score=_score(one["score"], answered),
        failures=_failures(one["failures"]),
        waited=_waited(one["waited"]),
        spoken=_spoken(one, answered, failed),
    )


def _words(one: RunningRecord, answered: int, total: int) -> str:
    rate, idle = one["rate"], one["idle"]
    parts = [f"{number_text.count(answered)} of {number_text.counted(total, 'answer')}"]
    if one["cached"]:
        parts.append(f"{number_text.count(one['cached'])} cached")
    if rate and idle < _SILENT:
        parts.append(f"{rate:.1f} a second" if rate >= 1 else f"{60 * rate:.1f} a minute")
        if answered < total:
            parts.append(f"about {number_text.seconds((total - answered) / rate)} left")
    if one["tokens"]:
        parts.append(f"{number_text.count(one['tokens'])} tokens")
    if one["usd"]:
        parts.append(number_text.money(one["usd"]))
    if idle < _SILENT:
        ago = f"{number_text.seconds(idle)} ago" if idle >= 1 else "just now"
        parts.append(f"the last {ago}")
    else:
        gone = "nothing new for"
        resume = "was it stopped? harness run --resume goes on with it"
        parts.append(f"{gone} {number_text.seconds(idle)}: {resume}")
    return " \u00b7 ".join(parts)


def _score(score: ScoreRecord | None, answered: int) -> str:
    if score is None:
        return ""
    bounds = score["interval"]
    interval = f" ({number_text.interval(bounds)})" if bounds else ""
    of = f", of {number_text.counted(score['answers'], 'answer')}"
    macro, micro = number_text.percent(score["macro"]), number_text.percent(score["micro"])
    lag = " judged so far" if score["answers"] < answered else ""
    few = number_text.few_documents_note(score["documents"]) if bounds else None
    only = f"; only {few}" if few else ""
    return f"macro F1 {macro}{interval}, micro F1 {micro}{of}{lag}{only}"


def _failures(failures: Mapping[str, int]) -> str:
    if not failures:
        return ""
    kinds = ", ".join(f"{number_text.count(n)} {tag_word(kind)}" for kind, n in failures.items())
    return f"{number_text.count(sum(failures.values()))} without a usable answer: {kinds}"


def _waited(waited: Sequence[str]) -> str:
    if not waited:
        return ""
    named = ", ".join(inert(cut(name, _LONGEST)) for name in waited[:_NAMED])
    more = len(waited) - _NAMED
    return f"waiting for {named}" + (f" and {number_text.count(more)} more" if more > 0 else "")


def _spoken(one: RunningRecord, answered: int, failed: int) -> str:
    tenth = 10 * (10 * answered // one["questions"]) if one["questions"] else 0
    words = f"{inert(one['extractor'])}: {tenth} % done"
    return f"{words}, {number_text.counted(failed, 'failure')}" if failed else words
