"""Function extractor: import a user's Python function and call it."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from harness.cases.files.user_functions import Call, Home, load_function
from harness.cases.suite import Limits
from harness.core.reading.python_values import NotJsonError, plain
from harness.core.records import Answer, Case, Failure, FailureKind
from harness.extract.endpoint.api_keys import without_keys
from harness.extract.reply.brackets import DEEPEST
from harness.extract.reply.excerpt import excerpt
from harness.extract.reply.read_reply import read_reply

_LONGEST_MESSAGE: Final = 2_000


@dataclass(frozen=True, slots=True)
class FunctionExtractor:
    """Calls `function(case)`: in a thread of its own, or in the event loop if it is async.

    It may return JSON or Python values with a JSON form, such as models and dataclasses; reply text
    or bytes, which are read as a model's reply is; or an Answer or a Failure. None is JSON's null.
    """

    function: Callable[[Case], object]
    seconds: float
    folder: Path
    """Where the user's own files are: an exception is reported at the last line among them."""
    limits: Limits

    async def extract(self, case: Case) -> Answer | Failure:
        """Return what the function said; whatever it raises is a Failure."""
        clock = asyncio.timeout(self.seconds)
        try:
            async with clock:
                returned = await self._call(case)
        except (asyncio.CancelledError, KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:  # noqa: BLE001 - a user's code may raise anything
            if isinstance(error, TimeoutError) and clock.expired():
                return Failure(FailureKind.TIMEOUT, self._late())
            return Failure(FailureKind.EXCEPTION, without_keys(self._raised(error)))
        return self._read(returned)

    async def _call(self, case: Case) -> object:
        if inspect.iscoroutinefunction(self.function):
            return await self.function(case)
        returned = await _in_thread(self.function, case)
        return await returned if inspect.isawaitable(returned) else returned

    def _read(self, returned: object) -> Answer | Failure:
        if isinstance(returned, Failure):
            return returned
        if isinstance(returned, (str, bytes)):
            return read_reply(returned, self.limits)
        value = returned.value if isinstance(returned, Answer) else returned
        try:
            json = plain(value, min(self.limits.reply_depth, DEEPEST))
        except NotJsonError as error:
            kind = FailureKind.TOO_DEEP if error.too_deep else FailureKind.NOT_JSON
            return Failure(kind, f"in what the function returned, {error}")
        return replace(returned, value=json) if isinstance(returned, Answer) else Answer(json)

    def _late(self) -> str:
        message = f"no answer after {self.seconds:g} s"
        if inspect.iscoroutinefunction(self.function):
            return message
        return f"{message}; a thread cannot be killed, so it may still be running"

    def _raised(self, error: BaseException) -> str:
        name = type(error).__name__
        message = excerpt(str(error), _LONGEST_MESSAGE)
        return (
            f"{name}: {message}{line_of(error, self.folder)}"
            if message
            else name + line_of(error, self.folder)
        )


def line_of(error: BaseException, folder: Path) -> str:
    """Return ` (file:line)` of the last line in `folder` the error passed; empty if there is none.

    Packages installed below the folder do not count: the line is one the user wrote.
    """
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file.is_relative_to(folder):
            inside = file.relative_to(folder)
            if "site-packages" not in inside.parts:
                return f" ({inside.as_posix()}:{frame.lineno})"
    return ""


async def _in_thread(function: Callable[[Case], object], case: Case) -> object:
    """Return what a function returns that may never do so.

    Not `asyncio.to_thread`: its threads are waited for when the program ends, and its pool would
    fill up with calls that hang.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[tuple[object, BaseException | None]] = loop.create_future()
    context = contextvars.copy_context()

    def settle(outcome: tuple[object, BaseException | None]) -> None:
        if not future.done():
            future.set_result(outcome)

    def work() -> None:
        outcome: tuple[object, BaseException | None]
        try:
            outcome = context.run(function, case), None
        except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
            outcome = None, error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, outcome)

    threading.Thread(target=work, name=f"extract {case.id}", daemon=True).start()
    returned, error = await future
    if error is not None:
        raise error
    return returned


_EXTRACTING: Final = Call(1, "a case alone", "function(case)")


def load(name: str, home: Home) -> Callable[[Case], object]:
    """Return the function `module:function` stands for. Its folder stays importable.

    Raises:
        HarnessError: there is no such module or function, importing it fails, or it cannot be
            called with one argument.
    """
    return load_function(name, home, _EXTRACTING)
