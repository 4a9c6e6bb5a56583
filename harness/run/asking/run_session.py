"""Session of a run: ask the questions that are left, and store every answer as it arrives."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from harness.cases.suite import RecordedAnswers, Suite
from harness.core.records import Prediction, Usage
from harness.errors import HarnessError, Problem, UsageError
from harness.extract.batches.batch_file import open_answers
from harness.extract.recorded.recorded import Recordings
from harness.extract.sending.admission import AdmissionGate
from harness.extract.sending.budget import Budget, Cost, taken
from harness.extract.sending.cache import CACHE_FOLDER, FILE, Cache
from harness.extract.sending.caller import Caller
from harness.extract.sending.calls import Calling
from harness.extract.sending.exchanges import EXCHANGES, Exchanges
from harness.extract.sending.pace import Pace
from harness.extract.sending.prices import Price, price_of, shipped_prices
from harness.extract.sending.send import Patience, Sender
from harness.extract.transport import TransportError
from harness.run import store
from harness.run.asking.answer_sources import AnswerSource, CallerSource, Plain
from harness.run.asking.batches.batch_round import BatchWork, has_batches, open_desk, takes_batches
from harness.run.asking.orders import BatchOrders, Orders, RunJob, RunWatch
from harness.run.asking.questions import CaseQuestion
from harness.run.asking.resume import ResumeState, standing
from harness.run.asking.runner import RunLimits, ask_all
from harness.run.asking.sharing.open_board import open_board
from harness.run.asking.sharing.shared_source import SharedSource
from harness.run.clock import now

CACHE_VARIABLE = "HARNESS_CACHE"
_PAUSE = 5.0
"""Seconds before a batch is looked for again."""


@dataclass(frozen=True, slots=True)
class RunSession:
    """Result of asking: predictions, warnings, and why it ended."""

    predictions: Mapping[tuple[str, int], Prediction]
    """By case id and replicate: those that counted before, and those that were made."""
    finished: bool
    """False if it was stopped before all was asked."""
    warnings: tuple[str, ...]


class RunStoppedError(HarnessError):
    """The run cannot go on, and can be resumed."""

    exit_code = 4


@dataclass(frozen=True, slots=True)
class RunQuestions:
    """The questions of a run, and whether failures are given another chance."""

    questions: tuple[CaseQuestion, ...]
    retry: bool = False

    def standing(self, folder: Path) -> ResumeState:
        """Return where the run in a folder stands."""
        return standing(self.questions, store.read_replicates(folder), retry=self.retry)


@dataclass(frozen=True, slots=True)
class RunTask:
    """A run's folder, and what is to be done in it."""

    folder: Path
    asking: RunQuestions
    begin: Callable[[], None]
    """Stores what is asked; called once nobody else can write the run."""


def hold(job: RunJob, run: RunTask, orders: Orders, watch: RunWatch) -> RunSession:
    """Ask what the run's folder does not hold an answer to.

    Raises:
        HarnessError: another process is writing the run.
        RunStoppedError: an answer cannot be kept; those that came before it are.
    """
    try:
        with closing(store.PredictionLog(run.folder)) as log:
            source = open_source(job, run.folder, orders)
            run.begin()
            where = run.asking.standing(run.folder)
            predictions = dict(where.predictions)

            def count(prediction: Prediction) -> None:
                log.append(prediction)
                predictions[prediction.case_id, prediction.replicate] = prediction
                watch.notify(prediction)

            bounds = RunLimits(orders.ceilings.in_flight, orders.seconds)
            counted_watch = replace(watch, notify=count)
            work = _batch_work(source, run.folder, orders, counted_watch)
            if work is not None:
                finished, more = work.run(where.ask, bounds)
            else:
                questions, source = _over_board(job, where.ask, source, orders)
                finished, more = ask_all(questions, source, counted_watch, bounds), ()
    except OSError as error:
        raise _stopped(error, run.folder) from error
    return RunSession(predictions, finished, (*source.warnings, *more))


def _over_board(
    job: RunJob, questions: Sequence[CaseQuestion], source: AnswerSource, orders: Orders
) -> tuple[Sequence[CaseQuestion], AnswerSource]:
    """Return what is asked, and of whom: of a shared run in an order that no other process has."""
    if orders.share is None:
        return questions, source
    board = open_board(orders.share)
    mixed = Random(board.owner).sample(list(questions), len(questions))
    return mixed, SharedSource(source, board, f"{job.suite.name}\n{job.name}")


def _batch_work(
    source: AnswerSource, folder: Path, orders: Orders, watch: RunWatch
) -> BatchWork | None:
    """Return what asks by batches; None where nothing is to be, or ever was, asked so.

    A run that has batches does nothing without a look at them.
    """
    batch = orders.batch
    if batch is None and has_batches(folder):
        batch = BatchOrders()
    if batch is None or not isinstance(source, CallerSource) or not takes_batches(source.extractor):
        return None
    return BatchWork(source, folder, batch, watch)


def cancel_batches(job: RunJob, folder: Path, noted: Callable[[str], None]) -> None:
    """Cancel a run's open batches; what happens is noted in sentences.

    Raises HarnessError with all batches of which the endpoint does not say that it did.
    """
    source = open_source(job, folder, Orders(cache="none"))
    assert isinstance(source, CallerSource)  # noqa: S101  # only endpoints have batches

    async def cancelled() -> None:
        desk = open_desk(source, folder, _PAUSE, noted)
        try:
            await desk.cancel()
        except TransportError as error:
            what = f"not cancelled: {error.message}"
            raise HarnessError(Problem(what, "not-cancelled")) from None
        finally:
            await desk.close()
            await source.close()
        troubles = [Problem(trouble, "not-cancelled") for trouble in desk.troubles()]
        if troubles:
            raise HarnessError(*troubles)

    asyncio.run(cancelled())


def check_caps(jobs: Iterable[RunJob], orders: Orders) -> None:
    """Refuse caps that could not be kept. Raises UsageError with all of them."""
    problems = []
    for job in jobs if orders.caps.are_given else ():
        who = f"extractor {job.name!r} of {job.suite.name!r}"
        if isinstance(job.extractor, Calling):
            if orders.caps.usd is not None and price_for(job, orders) is None:
                elsewhere = "" if job.extractor.is_at_vendor else " at this base_url"
                what = f"{who}: no price is known of the model {job.extractor.model!r}{elsewhere}"
                hint = "name a table with --prices FILE, or use --max-calls or --max-tokens"
                problems.append(Problem(what, "unknown-price", hint=hint))
        elif not isinstance(job.extractor, Recordings):
            what = f"{who} makes its calls itself, so no cap can be kept"
            problems.append(Problem(what, "no-cap", hint="limit the cases with --limit"))
    if problems:
        raise UsageError(*problems)


def price_for(job: RunJob, orders: Orders) -> Price | None:
    """Return what a job's tokens cost; None where nobody knows.

    What a model costs at its vendor says nothing of what it costs elsewhere, so that our table is
    for vendors' own addresses only.
    """
    spec = job.suite.extractors[job.name]
    if isinstance(spec, RecordedAnswers):
        return price_of(spec.model, orders.prices, shipped_prices()) if spec.model else None
    if not isinstance(job.extractor, Calling):
        return None
    ours = shipped_prices() if job.extractor.is_at_vendor else {}
    return price_of(job.extractor.model, orders.prices, ours)


def asking_price(job: RunJob, orders: Orders) -> Price | None:
    """Return what the tokens cost of what a job is to ask now: less in batches."""
    price = price_for(job, orders)
    submits = orders.batch is not None and orders.batch.submits
    return price.in_batch if price and submits else price


def open_source(job: RunJob, folder: Path, orders: Orders) -> AnswerSource:
    """Return where a job's answers come from; caps hold for all sessions of the run together."""
    if not isinstance(job.extractor, Calling):
        return Plain(job.extractor, price_for(job, orders))
    exchanges = Exchanges(folder / EXCHANGES)
    price = price_for(job, orders)
    spent = _spent(exchanges, job.extractor, price) if orders.caps.are_given else Cost()
    budget = Budget(orders.caps, price, spent)
    gate = AdmissionGate(Pace(orders.ceilings, Random()))
    sender = Sender(job.extractor.transport, gate, budget, exchanges, now, Random(), Patience())
    answers = open_answers(orders.answers) if orders.answers else None
    return CallerSource(job.extractor, Caller(sender, open_cache(job.suite, orders)), answers)


def cache_file(project: Path) -> Path:
    """Return where a project's answers are kept for later runs."""
    variable = os.environ.get(CACHE_VARIABLE)
    return Path(variable).expanduser() if variable else project / CACHE_FOLDER / FILE


def open_cache(suite: Suite, orders: Orders) -> Cache | None:
    """Return the cache a run shares with others; None where none is wanted."""
    if orders.cache == "none":
        return None
    return Cache(cache_file(suite.project) if orders.cache == "project" else orders.cache)


def _spent(exchanges: Exchanges, extractor: Calling, price: Price | None) -> Cost:
    """Return what a run has taken so far, by all it received, whatever became of that."""
    tokens, usd = 0, 0.0
    for (most_in, most_out), received in exchanges.paid():
        most = Cost(1, most_in + most_out, price.most(most_in, most_out) if price else 0.0)
        usage = (received and extractor.usage(received)) or Usage()
        charged = price.in_batch if price and received and received.is_of_batch else price
        cost = taken(charged.of(usage) if charged else usage, most)
        tokens, usd = tokens + cost.tokens, usd + cost.usd
    return Cost(exchanges.calls, tokens, usd)


@contextmanager
def answers_safe(folder: Path) -> Iterator[None]:
    """Return the hint for results that cannot be written: all answers are stored already."""
    try:
        yield
    except OSError as error:
        reason_text = (error.strerror or str(error)).lower()
        what = f"every answer is kept, but results cannot be written: {reason_text}"
        hint = f"once that is mended: harness run ... --resume {folder}"
        raise RunStoppedError(Problem(what, "run-stopped", hint=hint)) from error


def _stopped(error: OSError, folder: Path) -> RunStoppedError:
    reason = error.__cause__ if isinstance(error.__cause__, OSError) else error
    message = (reason.strerror or str(reason)).lower()
    hint = f"once that is mended, go on where it stopped: harness run ... --resume {folder}"
    if not folder.is_dir():
        hint = "begin it again: what was received lies in the cache, unless --no-cache was said"
    what = f"the run was stopped, since answers cannot be kept: {message}"
    return RunStoppedError(Problem(what, "run-stopped", hint=hint))
