"""`harness.run` and `harness.arun`: a Python function asked about cases, and the report on it."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from types import FrameType
from typing import Any, Final, ParamSpec, TypeAlias

from pydantic import ValidationError

from harness.cases.suite import ANSWER_SECONDS, Limits
from harness.core.records import Answer, Case, Failure, FailureKind, Prediction
from harness.errors import HarnessError
from harness.extract.endpoint.api_keys import without_keys
from harness.extract.programs.function import FunctionExtractor
from harness.extract.reply.excerpt import excerpt
from harness.run.asking.answer_sources import Plain, unreadable
from harness.run.asking.orders import RunWatch
from harness.run.asking.questions import CaseQuestion
from harness.run.asking.runner import RunLimits, ask_in_loop
from harness.run.evaluation.case_source import AskedCorpus, Cases, asked_corpus
from harness.run.evaluation.corpus_report import Report, corpus_report
from harness.run.evaluation.evaluate import corpus_ruler, odd_rules
from harness.run.evaluation.pairing import in_case
from harness.run.results.score_cases import ScoredCase, Scorer

ProgressOption: TypeAlias = bool | Callable[[int, int], None]
"""Whether the count of answers is shown, or who is told of it: how many, out of how many."""

_P = ParamSpec("_P")
_NEVER: Final = Failure(FailureKind.INTERRUPTED, "stopped before this case was answered")
_LONGEST_MESSAGE: Final = 2_000
_CALL_FAILS: Final = frozenset({FailureKind.EXCEPTION, FailureKind.TIMEOUT})


async def arun(  # noqa: PLR0913  # one call for a notebook: what is asked, of whom, and how
    cases: Cases,
    function: Callable[[Any], object],
    *,
    schema: Any = None,  # noqa: ANN401  # JSON, or a Pydantic class
    rules: Mapping[str, object] | str | PathLike[str] | None = None,
    ids: Iterable[object] | None = None,
    concurrency: int = 8,
    seconds: float = ANSWER_SECONDS,
    progress: ProgressOption = True,
) -> Report:
    """Ask a function about every case, so many at once, and return the report on its answers.

    `cases` are (input, expected) pairs, `harness.Case`s, or the path of a suite; `function` gets
    the input, or the `Case`, and may be async. It returns what `evaluate` takes for a prediction:
    JSON, a model of Pydantic, the text of a reply, `Answer` or `Failure`. `schema`, `rules` and
    `ids` are as in `evaluate`; a suite has its own.

    A call that raises, or takes more than `seconds`, is no answer: its case is in
    `report.missing`, with the reason, and in no figure. A reply that breaks a model (Pydantic's
    ValidationError) or is no JSON is scored as an answer of nothing, as in `harness run`.

    `await harness.arun(...)` in a notebook's cell; `harness.run` is the same without `await`.
    Cancelled, it gives up what is in flight and returns the report on what came before.
    Raises ValueError where there is nothing to ask, HarnessError as `evaluate` does.

    >>> import asyncio
    >>> async def client(text):
    ...     return {"total": int(text.split()[-1])}
    >>> report = asyncio.run(arun([("total 7", {"total": 7}), ("sum 9", {"total": 8})], client))
    >>> float(report), report.cases[1].diffs[0].predicted
    (0.5, 9)
    """
    if concurrency < 1:
        raise ValueError("concurrency is at least 1")
    corpus = asked_corpus(cases, ids, corpus_ruler(schema, rules))
    extractor = _NotebookExtractor(_caller(function, corpus), seconds, _home(function))
    tally = _Answers(len(corpus.cases), progress)
    questions = [CaseQuestion(case, 1, None) for case in corpus.cases]
    watch = RunWatch(tally.add, lambda _waiting, _why: None)
    try:
        await ask_in_loop(questions, Plain(extractor), watch, RunLimits(concurrency))
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
    finally:
        tally.end()
    return _scored(corpus, tally.predictions, _name(function))


def _without_await(ask: Callable[_P, Awaitable[Report]]) -> Callable[_P, Report]:
    """Return the same function for callers that do not await it, inside a running loop or not."""

    @functools.wraps(ask)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> Report:
        def asking() -> Awaitable[Report]:
            return ask(*args, **kwargs)

        return _LoopThread(asking).result() if _in_loop() else asyncio.run(_awaited(asking()))

    call.__name__ = call.__qualname__ = "run"
    call.__doc__ = """Ask a function about every case and return the report: `arun` without `await`.

    Works inside a running event loop, as a notebook's is: the function is then called in another
    thread, with a loop of its own. A client that is bound to the notebook's loop wants `await
    harness.arun(...)`. Interrupted, it gives up what is in flight and returns the report on what
    came before.

    >>> report = run([("a", {"n": 1}), ("b", {"n": 2})], lambda text: {"n": ord(text) - 96})
    >>> float(report), report.is_complete
    (1.0, True)
    """
    return call


run = _without_await(arun)


async def _awaited(waiting: Awaitable[Report]) -> Report:
    return await waiting


def _in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@dataclass(slots=True)
class _LoopThread:
    """A coroutine run by a loop in a thread of its own; Ctrl-C cancels it, and it is waited for."""

    asking: Callable[[], Awaitable[Report]]
    outcome: Report | BaseException | None = None
    loop: asyncio.AbstractEventLoop | None = None
    task: asyncio.Task[Report] | None = None
    interrupted: bool = False

    def result(self) -> Report:
        context = contextvars.copy_context()
        thread = threading.Thread(target=context.run, args=(self._work,), daemon=True)
        is_main = threading.current_thread() is threading.main_thread()
        before = signal.signal(signal.SIGINT, self._interrupt) if is_main else None
        try:
            thread.start()
            thread.join()
        finally:
            if before is not None:
                signal.signal(signal.SIGINT, before)
        if isinstance(self.outcome, Report):
            return self.outcome
        assert self.outcome is not None  # noqa: S101  # set before the thread ends
        raise self.outcome

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        """Cancel what is asked; raising here could leave a lock held."""
        self.interrupted = True
        if self.loop is not None and self.task is not None and not self.task.done():
            self.loop.call_soon_threadsafe(self.task.cancel)

    def _work(self) -> None:
        try:
            self.outcome = asyncio.run(self._held())
        except BaseException as error:  # noqa: BLE001  # raised again in the caller's thread
            self.outcome = error

    async def _held(self) -> Report:
        self.loop = asyncio.get_running_loop()
        self.task = asyncio.create_task(_awaited(self.asking()))
        await asyncio.sleep(0)
        if self.interrupted:
            self.task.cancel()
        return await self.task


@dataclass(frozen=True, slots=True)
class _NotebookExtractor:
    """A function that is called; what a call fails to return is missing, never a score."""

    function: Callable[[Case], object]
    seconds: float
    home: Path
    """Where the user's own files are."""

    async def extract(self, case: Case) -> Answer | Failure:
        failure = unreadable(CaseQuestion(case, 1, ""))
        if failure is not None:
            return failure
        calling = FunctionExtractor(self.function, self.seconds, self.home, Limits())
        answer = await calling.extract(case)
        if isinstance(answer, Failure) and answer.kind in _CALL_FAILS:
            return replace(answer, kind=FailureKind.TRANSPORT)
        return answer


def _home(function: object) -> Path:
    """Return the folder of the file a function stands in; the working one where it is in none."""
    code = getattr(function, "__code__", None)
    file = Path(getattr(code, "co_filename", ""))
    return file.parent if file.is_file() else Path.cwd()


def _caller(function: Callable[[Any], object], corpus: AskedCorpus) -> Callable[[Case], object]:
    """Return a function of a case: it gives the user's the case's input, and reads its errors."""

    def given(case: Case) -> object:
        return corpus.inputs[case.id] if corpus.inputs is not None else case

    if inspect.iscoroutinefunction(function):

        async def ask(case: Case) -> object:
            try:
                return await function(given(case))
            except ValueError as error:
                return _misread(error)

        return ask

    def call(case: Case) -> object:
        try:
            returned = function(given(case))
        except ValueError as error:
            return _misread(error)
        return _later(returned) if inspect.isawaitable(returned) else returned

    return call


async def _later(returned: Awaitable[object]) -> object:
    try:
        return await returned
    except ValueError as error:
        return _misread(error)


def _misread(error: ValueError) -> Failure:
    """Return what is scored as an answer of nothing: the reply was there, and could not be read.

    Raises any other error again.
    """
    if isinstance(error, ValidationError) or type(error).__name__ == "JSONDecodeError":
        message = excerpt(without_keys(str(error)), _LONGEST_MESSAGE)  # a cut key is not found
        return Failure(FailureKind.NOT_JSON, f"{type(error).__name__}: {message}")
    raise error


@dataclass(slots=True)
class _Answers:
    """The answers that have come, told of on standard error or to whoever asked for it."""

    total: int
    progress: ProgressOption
    predictions: dict[str, Prediction] = field(default_factory=dict)
    failed: int = 0

    def add(self, prediction: Prediction) -> None:
        self.predictions[prediction.case_id] = prediction
        self.failed += isinstance(prediction.output, Failure)
        if callable(self.progress):
            self.progress(len(self.predictions), self.total)
        elif self._is_shown():
            failed = f", {self.failed} failed" if self.failed else ""
            sys.stderr.write(f"\r{len(self.predictions)} of {self.total} answered{failed}")
            sys.stderr.flush()

    def end(self) -> None:
        if self.predictions and not callable(self.progress) and self._is_shown():
            sys.stderr.write("\n")

    def _is_shown(self) -> bool:
        return self.progress is True and (sys.stderr.isatty() or "ipykernel" in sys.modules)


def _name(function: object) -> str:
    return str(getattr(function, "__name__", type(function).__name__)).strip("<>")


def _scored(corpus: AskedCorpus, predictions: Mapping[str, Prediction], name: str) -> Report:
    scorer = Scorer(corpus.ruler.rules, corpus.ruler.functions)
    scored: list[ScoredCase] = []
    for case in corpus.cases:
        prediction = predictions.get(case.id)
        try:
            one = scorer.score(case, prediction.output if prediction else _NEVER)
        except HarnessError as error:
            raise in_case(case.id, error) from None
        scored.append(replace(one, prediction=prediction))
    truths = [case.truth for case in corpus.cases]
    warnings = odd_rules(corpus.ruler, truths)
    report = corpus_report(scored, corpus.ruler, (), warnings)
    return replace(report, extractor=name, suite=corpus.suite)
