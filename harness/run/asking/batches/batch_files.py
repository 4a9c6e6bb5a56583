"""A job's questions written as a batch file."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from harness.core.records import Failure, FailureKind
from harness.extract.batches.batch_file import FileCalls
from harness.extract.batches.batch_service import BatchExtractor
from harness.extract.sending.calls import Calling
from harness.run.asking.orders import RunJob
from harness.run.asking.questions import questions


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """Content of a batch file, and cases left out of it."""

    lines: int
    left: tuple[tuple[str, str], ...]
    """Cases that nothing can be asked about, and why."""


def written(job: RunJob, out: Path) -> WrittenFile:
    """Write every question of a job into a file, in the first form its answer is asked for in."""
    assert isinstance(job.extractor, Calling)  # noqa: S101  # it was looked at before
    assert isinstance(job.extractor, BatchExtractor)  # noqa: S101
    service, extractor = job.extractor.batches, job.extractor
    assert service is not None  # noqa: S101
    path, lines, left = service.http.path, 0, []
    out.parent.mkdir(parents=True, exist_ok=True)

    async def all_of_them() -> None:
        nonlocal lines
        for question in questions(job.suite, job.name, job.words.replicates):
            before = lines
            calls = FileCalls(question.case.id, question.replicate, path, write)
            answer = await extractor.extract_with(question.case, calls)
            is_left = isinstance(answer, Failure) and answer.kind is not FailureKind.INTERRUPTED
            if lines == before and is_left and isinstance(answer, Failure):
                left.append((question.case.id, answer.message))
        await extractor.transport.close()

    with out.open("wb") as file:

        def write(line: bytes) -> None:
            nonlocal lines
            lines += 1
            file.write(line)

        asyncio.run(all_of_them())
    return WrittenFile(lines, tuple(left))
