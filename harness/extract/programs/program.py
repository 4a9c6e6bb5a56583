"""Program extractor: documents in, JSON on standard output."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.cases.suite import Limits
from harness.core.records import Answer, Case, Failure, FailureKind
from harness.extract.endpoint.api_keys import without_keys
from harness.extract.programs.process import ProcessJob, ProcessResult, run
from harness.extract.reply.excerpt import bytes_excerpt
from harness.extract.reply.read_reply import SHOWN, read_reply, too_large

DOCUMENT: Final = "{document}"
DOCUMENTS_VARIABLE: Final = "{documents}"
BETWEEN_DOCUMENTS: Final = "\f"
"""What separates documents on standard input: a form feed, as between printed pages."""


@dataclass(frozen=True, slots=True)
class Program:
    """Runs a program once per case, never through a shell.

    `{document}` in an argument becomes the document's path, the argument `{documents}` all paths
    as arguments of their own. Without either, the documents come on standard input.
    """

    command: tuple[str, ...]
    """The program's absolute path, and its arguments."""
    seconds: float
    cwd: Path
    limits: Limits

    async def extract(self, case: Case) -> Answer | Failure:
        """Return what the program printed; whatever ends it early is a Failure."""
        job = ProcessJob(
            arguments=_arguments(self.command, case),
            stdin=None if _takes_paths(self.command) else _text(case),
            cwd=self.cwd,
            environment={**os.environ, "HARNESS_CASE_ID": case.id},
            most_bytes=self.limits.reply_bytes,
        )
        try:
            ended = await run(job, self.seconds)
        except (OSError, ValueError) as error:  # ValueError: a NUL in an argument
            return Failure(FailureKind.EXCEPTION, f"the program could not be started: {error}")
        return self._read(ended)

    def _read(self, ended: ProcessResult) -> Answer | Failure:
        if ended.is_late:
            message = f"no answer after {self.seconds:g} s; the program was killed"
            return Failure(FailureKind.TIMEOUT, message + _tail(ended), _kept(ended))
        if ended.is_flooded:
            return too_large(ended.size, self.limits, bytes_excerpt(ended.stdout, SHOWN))
        if ended.code != 0:
            message = f"the program {_exit(ended.code)}{_tail(ended)}"
            return Failure(FailureKind.EXIT_CODE, message, _kept(ended))
        return read_reply(ended.stdout, self.limits)


def _takes_paths(command: tuple[str, ...]) -> bool:
    return any(DOCUMENT in argument or argument == DOCUMENTS_VARIABLE for argument in command)


def _arguments(command: tuple[str, ...], case: Case) -> tuple[str, ...]:
    paths = [document.location for document in case.documents]
    arguments: list[str] = []
    for argument in command:
        if argument == DOCUMENTS_VARIABLE:
            arguments.extend(paths)
        elif DOCUMENT in argument:
            arguments.append(argument.replace(DOCUMENT, paths[0]))
        else:
            arguments.append(argument)
    return tuple(arguments)


def _text(case: Case) -> bytes:
    return BETWEEN_DOCUMENTS.join(document.text for document in case.documents).encode()


def _kept(ended: ProcessResult) -> str | None:
    return without_keys(bytes_excerpt(ended.stdout)) or None


def _exit(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    names = {member.value: member.name for member in signal.Signals}
    return f"was ended by {names.get(-code, f'signal {-code}')}"


def _tail(ended: ProcessResult) -> str:
    message = without_keys(bytes_excerpt(ended.stderr)).strip()
    return f"; the end of its standard error:\n{message}" if message else ""
