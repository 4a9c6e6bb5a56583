"""Answer sources: an extractor that is called directly, or one whose requests a caller sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from harness.core.records import Answer, Failure, FailureKind
from harness.errors import HarnessError
from harness.extract.batches.batch_file import AnswerFile, AnswerFileCalls
from harness.extract.build import Extractor
from harness.extract.endpoint.api_keys import without_keys
from harness.extract.recorded.recorded import Recordings
from harness.extract.reply.context.nested_part import whole_answer
from harness.extract.reply.stated_confidence import without_stated
from harness.extract.sending.caller import Caller
from harness.extract.sending.calls import Calling
from harness.extract.sending.prices import Price
from harness.run.asking.questions import CaseQuestion


@dataclass(frozen=True, slots=True)
class Heard:
    """Output for one question, and what it took."""

    output: Answer | Failure
    calls: int = 0
    cached: bool = False
    seconds: float | None = None
    """Seconds measured by the source; None where the runner measures them."""


class AnswerSource(Protocol):
    """Source of answers; questions may be asked concurrently."""

    async def ask(self, question: CaseQuestion) -> Heard:
        """Return what was said, as `Plain` does. Raises OSError if it cannot be kept."""
        ...

    def stop(self) -> None:
        """Begin nothing new."""
        ...

    async def close(self) -> None:
        """Let go of connections and files."""
        ...

    @property
    def warnings(self) -> Sequence[str]:
        """Warnings about the source, its cache and its endpoint, none of which harms the run."""
        ...


@dataclass(frozen=True, slots=True)
class Plain:
    """Source that calls an extractor directly."""

    extractor: Extractor
    price: Price | None = None
    """What recorded tokens cost."""

    async def ask(self, question: CaseQuestion) -> Heard:
        """Return what was said; confidences and places in it are no fields."""
        if (failure := unreadable(question)) is not None:
            return Heard(failure)
        reply = await self.extractor.extract(question.case)
        was_paid = isinstance(self.extractor, Recordings) and reply.usage is not None
        if self.price is not None and reply.usage is not None:
            reply = replace(reply, usage=self.price.of(reply.usage))
        answer = whole_answer(without_stated(reply, question.case), question.case)
        return Heard(answer, cached=was_paid)

    def stop(self) -> None:
        """Do nothing: no question is queued here."""

    async def close(self) -> None:
        """Do nothing: no file or connection is open."""

    @property
    def warnings(self) -> Sequence[str]:
        """No warnings: nothing is done beside asking."""
        return ()


@dataclass(frozen=True, slots=True)
class CallerSource:
    """An extractor whose requests go through a caller."""

    extractor: Calling
    caller: Caller
    answers: AnswerFile | None = None
    """Where its answers stand, if nobody is to be asked."""

    async def ask(self, question: CaseQuestion) -> Heard:
        """Return what was said, as `Plain` does. Raises OSError if it cannot be kept."""
        if (failure := unreadable(question)) is not None:
            return Heard(failure)
        calls = self.caller.calls(question.case.id, question.replicate, afresh=question.afresh)
        through = calls if self.answers is None else AnswerFileCalls(calls, self.answers)
        try:
            reply = await self.extractor.extract_with(question.case, through)
        except HarnessError as error:  # the user's files: a template that fails on this very case
            reply = Failure(FailureKind.INTERRUPTED, f"never asked: {without_keys(str(error))}")
        except Exception as error:  # noqa: BLE001  # ours to mend, and nothing the model said
            what = (
                f"asking failed within harness: {type(error).__name__}: {without_keys(str(error))}"
            )
            reply = Failure(FailureKind.INTERRUPTED, what)
        finally:
            calls.close()
        broken = self.caller.sender.broken
        if broken is not None:
            raise NotKeptError from broken
        answer = whole_answer(without_stated(reply, question.case), question.case)
        return Heard(answer, calls.calls, calls.cached)

    def stop(self) -> None:
        """Send nothing more."""
        self.caller.stop()

    async def close(self) -> None:
        """Let go of connections, the record of exchanges, and the cache."""
        await self.extractor.transport.close()
        self.caller.close()

    @property
    def warnings(self) -> Sequence[str]:
        """Warnings about the source, its cache and its endpoint, none of which harms the run."""
        return (*self.caller.warnings, *self.extractor.warnings)


def unreadable(question: CaseQuestion) -> Failure | None:
    """Return why a case cannot be asked: one of its documents cannot be read. None if all can.

    An answer that was recorded needs no document.
    """
    if question.input_sha256 is None:
        return None
    reasons = [d.unreadable for d in question.case.documents if d.unreadable is not None]
    return Failure(FailureKind.UNREADABLE, "; ".join(reasons)) if reasons else None


class NotKeptError(OSError):
    """A received answer could not be written down; the run must end. Raised from the reason."""
