"""Progress of runs that have not ended, read from what they have written so far."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

from harness.core.records import Failure, Prediction
from harness.core.rules.field_rule import parse_rules
from harness.errors import HarnessError
from harness.run import store
from harness.run.asking.running_score import RunningScore, ScoreSoFar, begun_unanswered
from harness.run.clock import seconds_since
from harness.run.results.score_cases import Scorer
from harness.run.stored.stored_run import RunDocument

_JUDGING: Final = 1.0
"""Most seconds one poll spends on judging answers; the next poll continues."""
_WINDOW: Final = 60.0
"""Seconds that the rate is taken over."""
_SHORTEST: Final = 5.0
"""Seconds below which no rate is given."""
FEWEST_ANSWERS: Final = 3
"""Answers below which no rate is given: the first of many concurrent ones comes early."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a run that has begun and not ended: at work, or abandoned."""

    run_id: str
    suite: str
    extractor: str
    questions: int
    """Predictions to come about: cases, times replicates."""
    predictions: int
    """Questions with a prediction so far."""
    failures: Mapping[str, int]
    """Predictions that are no answer, by kind."""
    cached: int
    tokens: int
    """Of answers that were not paid for earlier."""
    usd: float
    rate: float | None
    """Answers a second, lately, without those paid for earlier; None where too little is known."""
    waited: tuple[str, ...]
    """Cases that were begun before one that is answered, and are not answered."""
    score: ScoreSoFar | None
    """None before the first answer, and where the user's own comparators judge."""
    last: float
    """When something was written last, in seconds since 1970."""


class _AnswerSummary(NamedTuple):
    """Summary of an answer: no value, no reply."""

    failure: str | None
    cached: bool
    tokens: int = 0
    usd: float = 0.0


@dataclass(slots=True)
class _RunTally:
    """Tally of one run."""

    questions: tuple[tuple[str, int], ...]
    score: RunningScore | None
    began: float
    """When it was started, in seconds since 1970; 0 for one that was resumed."""
    offset: int = 0
    answers: dict[tuple[str, int], _AnswerSummary] = field(default_factory=dict)
    looks: deque[tuple[float, int]] = field(default_factory=deque)
    """Times of the polls, each with the number of answers by then; cached ones are left out."""


@dataclass(slots=True)
class FolderWatch:
    """Watches a reports folder: each poll reads only what was appended since."""

    reports: Path
    _seen: dict[str, _RunTally] = field(default_factory=dict)
    _ended: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def look(self) -> list[Progress]:
        """Return the runs that have not ended, newest first."""
        with self._lock:
            return list(self._look())

    def _look(self) -> Iterator[Progress]:
        for folder in store.run_folders(self.reports):
            if folder.name in self._ended:
                continue
            try:
                run = store.read_run(folder)
                if run["finished"] is None:
                    yield self._progress(folder, run)
                else:
                    self._ended.add(folder.name)
                    self._seen.pop(folder.name, None)
            except (HarnessError, OSError):
                continue  # being written, or no run of ours: the list of runs says so

    def _progress(self, folder: Path, run: RunDocument) -> Progress:
        state = self._seen.get(folder.name)
        if state is None:
            state = self._seen[folder.name] = _first_look(folder, run)
        predictions = folder / store.PREDICTIONS
        _read_on(predictions, state)
        if state.score is not None:
            state.score.judge(_JUDGING)
        written = [path for path in (folder / store.RUN, predictions) if path.exists()]
        predictions_read = state.answers.values()
        failed = Counter(one.failure for one in predictions_read if one.failure is not None)
        return Progress(
            run_id=folder.name,
            suite=str(run["suite"]),
            extractor=str(run["extractor"]),
            questions=len(state.questions),
            predictions=len(state.answers),
            failures=dict(failed.most_common()),
            cached=sum(one.cached for one in predictions_read),
            tokens=sum(one.tokens for one in predictions_read),
            usd=sum(one.usd for one in predictions_read),
            rate=_rate(state),
            waited=tuple(begun_unanswered(state.questions, set(state.answers))),
            score=state.score.so_far() if state.score else None,
            last=max(path.stat().st_mtime for path in written),
        )


def _first_look(folder: Path, run: RunDocument) -> _RunTally:
    """Return a run of which nothing was read but its cases, without their documents."""
    stored = store.read_cases(folder, run["schemas"])
    cases = [replace(case, documents=()) for case in stored]
    times = int((run.get("asked") or {}).get("replicates", 1))
    questions = tuple((case.id, number + 1) for number in range(times) for case in cases)
    score = None
    if not run["comparators"]:  # the user's own code is run by whoever asked for it
        scorer = Scorer(parse_rules(run["rules"]))
        score = RunningScore(scorer, {case.id: case for case in cases}, run["empty"])
    began = 0.0 if run.get("resumed") else datetime.fromisoformat(run["started"]).timestamp()
    return _RunTally(questions, score, began)


def _read_on(path: Path, tally: _RunTally) -> None:
    """Read the lines that were added; a last line still being written is left for later."""
    try:
        with path.open("rb") as file:
            file.seek(tally.offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                prediction = store.parse_prediction(line)
                tally.offset += len(line)
                if tally.score is not None:
                    tally.score.add(prediction)
                name = prediction.case_id, prediction.replicate
                tally.answers[name] = _told(prediction)
    except (OSError, ValueError):
        return  # what is wrong with the file is told when the run is read


def _told(prediction: Prediction) -> _AnswerSummary:
    reply = prediction.output
    kind = reply.kind.value if isinstance(reply, Failure) else None
    if reply.usage is None or prediction.cached:
        return _AnswerSummary(kind, prediction.cached)
    tokens = (reply.usage.input_tokens or 0) + (reply.usage.output_tokens or 0)
    return _AnswerSummary(kind, prediction.cached, tokens, reply.usage.usd or 0.0)


def _rate(tally: _RunTally) -> float | None:
    """Return answers a second over the last looks, or since the start where it was all watched."""
    now, number_answered = time.monotonic(), sum(not one.cached for one in tally.answers.values())
    tally.looks.append((now, number_answered))
    while len(tally.looks) > 2 and now - tally.looks[1][0] >= _WINDOW:  # noqa: PLR2004  # from, to
        tally.looks.popleft()
    then, had = tally.looks[0]
    if now - then < _WINDOW and tally.began:
        then, had = now - seconds_since(tally.began), 0
    is_telling = now - then >= _SHORTEST and number_answered - had >= FEWEST_ANSWERS
    return (number_answered - had) / (now - then) if is_telling else None
