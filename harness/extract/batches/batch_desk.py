"""Batch desk of a run: gathers questions, submits them in batches, and collects the results."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

from harness.core.number_text import count, counted
from harness.core.records import Failure, FailureKind, Usage
from harness.extract.batches.batch_api import BatchResult, BatchStatus, Phase, Sought, UnsureError
from harness.extract.batches.batch_http import BatchApiError
from harness.extract.batches.batch_log import BatchLine, BatchLog, LoggedBatch, Name, custom_id
from harness.extract.batches.batch_service import BatchService
from harness.extract.batches.result_file import ResultFile
from harness.extract.dialects.responses import words
from harness.extract.dialects.vendor_errors import as_reported
from harness.extract.sending.budget import Cost, taken
from harness.extract.sending.caller import Caller
from harness.extract.sending.calls import Question
from harness.extract.transport import BATCH_HEADER, Request, Response, TransportError

_NOT_SPENT: Final = Cost()
_ATTEMPTS: Final = 3
"""Batches that one session puts a question into before it leaves it."""
_CLOCKS: Final = timedelta(hours=26)
"""Longest time the vendor's clock may be behind ours: a machine set to the time of another zone."""
_SLACK: Final = timedelta(hours=2)
"""Time that results may take after a batch's own end, by the vendor's clock."""
_NAMED: Final = 3
"""Results of one kind that are named in a warning."""
_AGAIN: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_TOO_MANY: Final = 429
_ENQUEUED: Final = "token_limit_exceeded"
"""What OpenAI says of a batch that is one too many in its queue."""
_SAID: Final = 300


@dataclass(frozen=True, slots=True)
class _Planned:
    question: Question
    case_id: str
    most: Cost


@dataclass(slots=True)
class BatchDesk:
    """All that one session does with the batches of a run. One event loop: no locks but one."""

    service: BatchService
    log: BatchLog
    caller: Caller
    usage: Callable[[Response], Usage | None]
    predictions: Path
    """The file of predictions."""
    pause: float
    """Seconds between two looks."""
    notify: Callable[[str], None]
    """Told what happens, in a sentence."""
    failures: dict[Name, Failure] = field(default_factory=dict)
    """Questions that this session gives up, and why."""
    warnings: list[str] = field(default_factory=list)
    unsure: dict[str, str] = field(default_factory=dict)
    """Batches of which nobody knows just now where they stand, and why."""
    overdue: dict[str, str] = field(default_factory=dict)
    """Open batches that nobody waits for, as their time is over, and how they stand."""
    in_flight: Cost = Cost()  # noqa: RUF009  # frozen
    """What open batches may cost at most; it is part of what is spent."""
    attempts: Counter[Name] = field(default_factory=Counter)
    session: set[str] = field(default_factory=set)
    """Batches whose end this session saw."""
    _planned: dict[Name, _Planned] = field(default_factory=dict)
    _size: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        for batch in self.log.open_batches():
            for line in batch.lines.values():
                self._hold(self._most(line.input_tokens, line.output_tokens))

    # --- asking ---------------------------------------------------------------------------------

    def is_planned(self, name: Name) -> bool:
        """Tell whether a question waits to be submitted."""
        return name in self._planned

    async def plan(self, case_id: str, question: Question) -> Failure | None:
        """Put a question into the next batch; return why it cannot be, if it cannot."""
        name = question.key, question.replicate
        limits = self.service.api.limits
        size = len(self._line(case_id, question, "x" * 32)) + 1
        if size > limits.size:
            what = f"the request has {size} bytes, a batch takes {limits.size}: ask without --batch"
            return Failure(FailureKind.TRANSPORT, what)
        most = self._most(question.input_tokens, question.output_tokens)
        budget = self.caller.sender.budget
        passed = budget.caps.passed(budget.spent + most)
        if passed is not None:
            settled = Cost(
                budget.spent.calls,
                budget.spent.tokens - self.in_flight.tokens,
                budget.spent.usd - self.in_flight.usd,
            )
            if self.in_flight != _NOT_SPENT and budget.caps.passed(settled + most) is None:
                return Failure(FailureKind.BUDGET, f"waits for batches: it could pass {passed}")
            return Failure(FailureKind.BUDGET, f"never asked: it could have passed {passed}")
        async with self._turn:
            if self._size + size > limits.size or len(self._planned) >= limits.requests:
                await self._submit()
            self._planned[name] = _Planned(question, case_id, most)
            self._size += size
            self._hold(most)
        return None

    async def submit(self) -> None:
        """Submit what is planned."""
        async with self._turn:
            await self._submit()

    async def _submit(self) -> None:
        planned = list(self._planned.values())
        self._planned, self._size = {}, 0
        for attempt in range(_ATTEMPTS):
            if not planned:
                return
            batch = self._intended(planned)
            try:
                lines = self.log.keep_file(batch.name, self._file_of(batch, planned))
                digest = hashlib.sha256(lines).hexdigest()
                self.log.intend(batch, self.service.http.base_url, digest)
                results = await self._sent(batch, lines)
            except BatchApiError as error:
                self._void(batch, str(error))
                busy = error.received.status == _TOO_MANY
                kind = FailureKind.RATE_LIMIT if busy else FailureKind.TRANSPORT
                self._give_up(batch, Failure(kind, f"not submitted: {error}"))
                return
            if results is not None:
                self._has(batch, results)
                return
            if batch.name in self.unsure:
                return
            if attempt == _ATTEMPTS - 1:
                why = f"not submitted: {batch.why or 'the endpoint does not answer'}"
                self._give_up(batch, Failure(FailureKind.TRANSPORT, why))

    async def _sent(self, batch: LoggedBatch, lines: bytes) -> str | None:
        """Submit once. None: the vendor does not have it, or nobody can say.

        Raises BatchApiError where it was refused.
        """
        try:
            return await self.service.api.submit(self.service.http, batch.token, lines)
        except BatchApiError as error:
            if error.is_refusal:
                raise
            why = str(error)
        except TransportError as error:
            why = error.message
        except UnsureError as error:
            why = str(error)
        self.notify(f"{batch.name}: {why}; it is looked for")
        await self.seek(batch, why)
        return batch.batch_id

    def _intended(self, planned: list[_Planned]) -> LoggedBatch:
        token = f"harness-{uuid4().hex}"
        name = f"b-{len(self.log.batches) + 1}"
        lines = [self._batch_line(each, token) for each in planned]
        stat = self.predictions.stat() if self.predictions.exists() else None
        sizes = (stat.st_size if stat else 0), self.caller.sender.exchanges.size
        at = self.caller.sender.now()
        named = {line.custom_id: line for line in lines}
        assert len(named) == len(planned), "ids are unique"  # noqa: S101  # by their digest
        return LoggedBatch(name, self.service.api.name, token, at, named, *sizes)

    def _batch_line(self, each: _Planned, token: str) -> BatchLine:
        question = each.question
        known = f"{token}\0{each.case_id}\0{question.replicate}\0{question.key}"
        digest = hashlib.sha256(known.encode(errors="surrogatepass")).hexdigest()
        named = custom_id(each.case_id, question.replicate, digest)
        most = question.input_tokens, question.output_tokens
        return BatchLine(named, each.case_id, question.replicate, question.key, *most)

    def _file_of(self, batch: LoggedBatch, planned: list[_Planned]) -> list[bytes]:
        pairs = zip(batch.lines, planned, strict=True)
        return [self.service.api.line(name, each.question.request.body) for name, each in pairs]

    def _line(self, case_id: str, question: Question, digest: str) -> bytes:
        named = custom_id(case_id, question.replicate, digest)
        return self.service.api.line(named, question.request.body)

    # --- what the vendor has --------------------------------------------------------------------

    async def seek(self, batch: LoggedBatch, why: str) -> None:
        """Look for a batch that may have been made; one that is found nowhere, twice, is void."""
        known = frozenset(b.batch_id for b in self.log.batches.values() if b.batch_id)
        begun = datetime.fromisoformat(batch.at) - _CLOCKS
        sought = Sought(batch.token, frozenset(batch.lines), begun, known)
        try:
            batch_id = await self.service.api.find(self.service.http, sought)
            if batch_id is None:
                await asyncio.sleep(self.pause)
                batch_id = await self.service.api.find(self.service.http, sought)
        except (BatchApiError, TransportError, UnsureError) as error:
            self.unsure[batch.name] = f"nobody knows whether it was submitted: {error}"
            return
        self.unsure.pop(batch.name, None)
        if batch_id is None:
            self._void(batch, why)
        else:
            self._has(batch, batch_id)

    def _has(self, batch: LoggedBatch, batch_id: str) -> None:
        self.unsure.pop(batch.name, None)
        self.log.submitted(batch, batch_id, self.caller.sender.now())
        self.notify(
            f"{batch.name}: submitted as {batch_id}, {counted(len(batch.lines), 'request')}"
        )

    def _void(self, batch: LoggedBatch, why: str) -> None:
        """Book that a batch was never made."""
        self.log.end(batch, "void", why, {}, self.caller.sender.now())
        for line in batch.lines.values():
            self._free(self._most(line.input_tokens, line.output_tokens))

    def _give_up(self, batch: LoggedBatch, why: Failure) -> None:
        self.failures |= {line.name: why for line in batch.lines.values()}

    @property
    def is_awaited(self) -> bool:
        """True while results may come of a batch within its time."""
        return any(batch.name not in self.overdue for batch in self.log.open_batches())

    async def collect(self) -> int:
        """Look at every open batch and take in what has ended; return how many have."""
        before = len(self.session)
        for batch in self.log.open_batches():
            if batch.batch_id is None:
                await self.seek(batch, "the process ended before it was known")
            if batch.batch_id is not None and batch.is_open:
                try:
                    await self._look(batch, batch.batch_id)
                    self.unsure.pop(batch.name, None)
                except (BatchApiError, TransportError) as error:
                    self.unsure[batch.name] = f"{batch.batch_id} tells nothing: {error}"
        return len(self.session) - before

    async def _look(self, batch: LoggedBatch, batch_id: str) -> None:
        api, http = self.service.api, self.service.http
        status = await api.look(http, batch_id)
        if status.expires and status.expires != batch.expires:
            self.log.expires(batch, status.expires)
        if status.phase in (Phase.RUNNING, Phase.AWAITED):
            self._wait_for(batch, status)
            return
        missed: dict[str, tuple[str, str]] = {}
        over, why = str(status.phase), status.words
        if status.phase is Phase.FAILED and not status.outputs:
            kind = "again" if _ENQUEUED in why else "failed"
            missed = dict.fromkeys(batch.lines, (kind, why or "it failed"))
        else:
            for is_last in (False, True):  # asking again costs more than reading again
                with self.log.scratch_file() as file:
                    is_whole = await api.download(http, batch_id, status, file)
                    results = ResultFile(file, api.result)
                    is_torn = results.unreadable and not set(batch.lines) <= set(results)
                    if is_last or (is_whole and not is_torn):
                        over = over if is_whole else "gone"
                        missed = self._taken(batch, results, over)
                        break
                await asyncio.sleep(self.pause)
        self.caller.sender.exchanges.sync()
        self._ended(batch, over, why, missed)

    def _wait_for(self, batch: LoggedBatch, status: BatchStatus) -> None:
        """Leave a batch open, and say so once its time is over; end one that nobody charges for."""
        deadline = self._deadline(batch)
        now = datetime.fromisoformat(self.caller.sender.now())
        if (status.moment or now - _CLOCKS) <= deadline:
            self.overdue.pop(batch.name, None)
            return
        until = deadline.isoformat(timespec="minutes")
        if status.phase is Phase.AWAITED and status.is_unpaid:
            missed = dict.fromkeys(batch.lines, ("again", "it ended without a result"))
            self._ended(batch, "ended", f"no result came until {until}", missed)
            return
        state = "called over without results" if status.phase is Phase.AWAITED else "not over"
        self.overdue[batch.name] = (
            f"{batch.batch_id} is {state} after {until}, and is not waited for; --resume looks "
            "again, harness batch cancel gives it up, after which its requests are asked anew"
        )

    def _deadline(self, batch: LoggedBatch) -> datetime:
        """Return from when on a batch is not waited for, by the vendor's clock."""
        begun = datetime.fromisoformat(batch.submitted or batch.at)
        end = begun + timedelta(hours=self.service.api.limits.hours)
        with suppress(ValueError):
            expires = datetime.fromisoformat(batch.expires or "")
            end = max(end, expires.replace(tzinfo=expires.tzinfo or UTC))
        return end + _SLACK

    def _taken(
        self, batch: LoggedBatch, results: ResultFile, over: str
    ) -> dict[str, tuple[str, str]]:
        """Write down what came of each line; return how those without an answer ended."""
        if results.unreadable:
            lines = counted(results.unreadable, "result line")
            self.warnings.append(f"{batch.name}: {lines} unreadable")
        strangers = [name for name in results if name not in batch.lines]
        unlike = [name for name in dict.fromkeys(results.unlike) if name in batch.lines]
        odd_ones = ("a result of nobody's: ", strangers, ""), ("", unlike, " came twice, unlike")
        for before, names, after in odd_ones:
            self.warnings += [f"{batch.name}: {before}{n[:80]}{after}" for n in names[:_NAMED]]
            if len(names) > _NAMED:
                more = f"{before}{count(len(names) - _NAMED)} more{after}"
                self.warnings.append(f"{batch.name}: {more}")
        missed = {}
        for name, line in batch.lines.items():
            outcome = self._take(batch, line, results.get(name), over)
            if outcome is not None:
                missed[name] = outcome
        return missed

    def _take(
        self, batch: LoggedBatch, line: BatchLine, result: BatchResult | None, over: str
    ) -> tuple[str, str] | None:
        """Write down what came of a line; return how it ended where there is no answer."""
        received = result.received if result is not None else None
        if result is None or received is None:
            how = result.missed if result is not None and result.missed else over
            outcomes = {
                "expired": ("again", "it expired in the batch"),
                "cancelled": ("cancelled", "the batch was cancelled before it was answered"),
                "gone": ("gone", "the results are not kept any more by the endpoint"),
            }
            return outcomes.get(how, ("again", "the results do not have it"))
        exchanges = self.caller.sender.exchanges
        if not exchanges.has(line.name, batch.exchanges):
            headers = {BATCH_HEADER: f"{batch.name} {line.custom_id}"}
            came = replace(received, headers=headers, seconds=self._waited(batch))
            self.caller.sender.write(line.case_id, self._question(line), came)
            if self.caller.sender.broken is not None:
                raise self.caller.sender.broken
        told_so = as_reported(received)
        if told_so.is_success:
            return None
        kind = "again" if told_so.status in _AGAIN else "refused"
        return kind, f"HTTP {told_so.status}: {words(received)[:_SAID]}"

    def _ended(
        self, batch: LoggedBatch, over: str, why: str, missed: dict[str, tuple[str, str]]
    ) -> None:
        exchanges = self.caller.sender.exchanges
        price = self.caller.sender.budget.price
        for named, line in batch.lines.items():
            most = self._most(line.input_tokens, line.output_tokens)
            self._free(most)
            exchange = exchanges.find(line.case_id, self._question(line), batch.exchanges)
            if named not in missed and exchange is not None:
                usage = self.usage(exchange[0]) or Usage()
                usage = price.in_batch.of(usage) if price else usage
                self.caller.sender.budget.spent += taken(usage, most)
            elif named in missed and missed[named][0] == "again":
                self.attempts[line.name] += 1
        self.log.end(batch, over, why, missed, self.caller.sender.now())
        self.session.add(batch.name)
        answered, of = count(len(batch.lines) - len(missed)), count(len(batch.lines))
        self.notify(f"{batch.name}: {over}, {answered} of {of} answered")

    async def cancel(self) -> None:
        """Cancel what is open; what a vendor does not know is given up."""
        for batch in self.log.open_batches():
            if batch.batch_id is None:
                await self.seek(batch, "the process ended before it was known")
            if batch.batch_id is None or not await self._is_to_be_stopped(batch, batch.batch_id):
                continue
            try:
                await self.service.api.cancel(self.service.http, batch.batch_id)
            except BatchApiError as error:
                if not error.is_gone:
                    self.unsure[batch.name] = f"{batch.batch_id} is not cancelled: {error}"
                    continue
                missed = dict.fromkeys(batch.lines, ("gone", "the endpoint knows no such batch"))
                self._ended(batch, "gone", str(error), missed)
            else:
                self.notify(f"{batch.name}: {batch.batch_id} is being cancelled")

    async def _is_to_be_stopped(self, batch: LoggedBatch, batch_id: str) -> bool:
        """Look at a batch first: one that has ended is taken in, one out of time given up."""
        if batch.is_open:
            with suppress(BatchApiError, TransportError):
                await self._look(batch, batch_id)
        if batch.is_open and batch.name in self.overdue:
            missed = dict.fromkeys(batch.lines, ("gone", "no result came in its time"))
            self._ended(batch, "gone", self.overdue.pop(batch.name), missed)
        return batch.is_open

    async def close(self) -> None:
        """Close connections and the log."""
        with suppress(TransportError):
            await self.service.http.close()
        self.log.close()

    def troubles(self) -> tuple[str, ...]:
        """Return warnings for the user."""
        open_ones = (f"{name}: {why}" for name, why in self.unsure.items())
        late_ones = (f"{name}: {state}" for name, state in self.overdue.items())
        return tuple(dict.fromkeys([*self.warnings, *open_ones, *late_ones]))

    # --- what a line says of its question -------------------------------------------------------

    def verdict(self, name: Name, batch: LoggedBatch, line: BatchLine) -> Failure | str:
        """Return why a line without an answer is given up; or `pending`, `refused` or `ask`."""
        kind, reason = batch.missed.get(line.custom_id, ("ask", ""))
        is_queued = kind == "again" and _ENQUEUED in reason and bool(self.log.open_batches())
        if batch.is_open or is_queued:
            return "pending"
        if kind in ("refused", "ask"):
            return kind
        if kind == "again":
            if self.attempts[name] < _ATTEMPTS:
                return "ask"
            what = f"asked in {self.attempts[name]} batches, at last: {reason}"
            busy = reason.startswith(f"HTTP {_TOO_MANY}")
            return Failure(FailureKind.RATE_LIMIT if busy else FailureKind.TRANSPORT, what)
        if batch.name not in self.session:
            return "ask"
        stopped = kind == "cancelled"
        what = f"{batch.name}: {reason}"
        return Failure(FailureKind.INTERRUPTED if stopped else FailureKind.TRANSPORT, what)

    def _waited(self, batch: LoggedBatch) -> float:
        begun = datetime.fromisoformat(batch.submitted or batch.at)
        now = datetime.fromisoformat(self.caller.sender.now())
        return max(0.0, (now - begun).total_seconds())

    def _question(self, line: BatchLine) -> Question:
        url = self.service.http.base_url + self.service.http.path
        most = line.input_tokens, line.output_tokens
        return Question(line.key, Request(url, (), b""), *most, line.replicate)

    def _most(self, input_tokens: int, output_tokens: int) -> Cost:
        price = self.caller.sender.budget.price
        usd = price.in_batch.most(input_tokens, output_tokens) if price else 0.0
        return Cost(1, input_tokens + output_tokens, usd)

    def _hold(self, cost: Cost) -> None:
        self.in_flight += cost
        self.caller.sender.budget.spent += cost

    def _free(self, cost: Cost) -> None:
        less = Cost(-cost.calls, -cost.tokens, -cost.usd)
        self.in_flight += less
        self.caller.sender.budget.spent += less
