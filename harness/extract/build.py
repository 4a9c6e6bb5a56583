"""Build the extractor that a suite describes, and check that it can work."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Final, Protocol, assert_never, overload

from harness.cases.files.places import FilePlace, at, shown_within
from harness.cases.files.user_functions import Home
from harness.cases.suite import (
    Callable,
    Command,
    Endpoint,
    ExtractorSpec,
    LocalModel,
    RecordedAnswers,
    Suite,
    Tagger,
)
from harness.core.records import Answer, Case, Failure
from harness.errors import HarnessError, Problem, Where, did_you_mean
from harness.extract.chunks import ChunkExtractor
from harness.extract.endpoint.api_keys import Finder, find_secret
from harness.extract.programs.function import FunctionExtractor, load
from harness.extract.programs.program import DOCUMENT, DOCUMENTS_VARIABLE, Program
from harness.extract.recorded.recorded import Recordings, open_recordings
from harness.extract.sending.calls import Calling

_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
_NAMED: Final = 3
"""Case ids a message names before it says how many more there are."""


class Extractor(Protocol):
    """Anything that turns a case's documents into an answer. The runner measures the time."""

    async def extract(self, case: Case) -> Answer | Failure:
        """Return what was said; a bad reply or a time-out is a Failure, not an exception."""
        ...


@overload
def build(spec: RecordedAnswers | Command | Callable | Tagger, suite: Suite) -> Extractor: ...
@overload
def build(spec: Endpoint | LocalModel, suite: Suite) -> Calling: ...
@overload
def build(spec: ExtractorSpec, suite: Suite, find: Finder = find_secret) -> Extractor | Calling: ...
def build(spec: ExtractorSpec, suite: Suite, find: Finder = find_secret) -> Extractor | Calling:
    """Return the extractor a suite describes; `find` finds the key of an endpoint.

    Raises:
        HarnessError: it cannot work: no such program, function or recordings.
    """
    if isinstance(spec, RecordedAnswers):
        return build_recordings(spec, suite)
    if isinstance(spec, Command):
        return _program(spec, suite)
    if isinstance(spec, Callable):
        folder = spec.path or suite.folder
        function = load(spec.function, Home(folder, suite.project, _suite_file(suite)))
        return FunctionExtractor(function, spec.seconds, folder, suite.limits)
    if isinstance(spec, Tagger):
        from harness.extract.tagger.tagger_extractor import open_tagger  # noqa: PLC0415

        return open_tagger(spec.model, spec.threshold)
    if isinstance(spec, Endpoint | LocalModel):
        # aiohttp takes a quarter of a second to import, and recorded answers need none of it.
        from harness.extract.endpoint.connect import connect, serve  # noqa: PLC0415

        extractor = connect(spec, suite, find) if isinstance(spec, Endpoint) else serve(spec, suite)
        pages = suite.reading.chunk_pages
        return ChunkExtractor(extractor, pages) if pages else extractor
    assert_never(spec)


def build_recordings(spec: RecordedAnswers, suite: Suite) -> Recordings:
    """Return recorded answers as such, for callers that ask which of them are unused."""
    try:
        opened = open_recordings(spec.answers, spec.rename, suite.limits, suite.project)
        place = FilePlace(suite.folder, suite.project)
        for path in place.outsiders([*opened.files.values()]):
            raise place.outside("is a link that", at(path))
    except HarnessError as error:
        raise HarnessError(
            *(problem.at(_suite_file(suite)) for problem in error.problems)
        ) from None
    return opened


def _suite_file(suite: Suite) -> Where:
    return Where(Path(shown_within(suite.folder / "suite.yaml", suite.project)))


def _program(spec: Command, suite: Suite) -> Program:
    cwd = spec.cwd or suite.folder
    problems = [*_argument_problems(spec, suite)]
    program = _find(spec.command[0], cwd) if spec.command else None
    if not spec.command:
        problems.append(Problem("the command is empty", "no-program"))
    elif not cwd.is_dir():
        what = f"no folder {shown_within(cwd, suite.project)} to run the command in"
        problems.append(Problem(what, "no-folder"))
    elif program is None:
        problems.append(_missing(spec.command[0], cwd, suite))
    if problems or program is None:
        where = _suite_file(suite)
        raise HarnessError(*(problem.at(where) for problem in problems))
    return Program((program, *spec.command[1:]), spec.seconds, cwd, suite.limits)


def _find(program: str, cwd: Path) -> str | None:
    """Return the program's absolute path: a name is looked up, a path is seen from `cwd`."""
    if os.path.dirname(program):  # noqa: PTH120 - './run' must keep its dot, which Path drops
        return shutil.which(str(cwd / program))
    return shutil.which(program)


def _missing(program: str, cwd: Path, suite: Suite) -> Problem:
    if os.path.dirname(program):  # noqa: PTH120 - as above
        if (cwd / program).is_file():
            hint = f"make it executable: chmod +x {program}"
            return Problem(f"the program {program!r} is not executable", "no-program", hint=hint)
        hint = f"paths are seen from {shown_within(cwd, suite.project)}"
    elif (cwd / program).is_file():
        hint = f"to run the file of that name write './{program}'"
    else:
        hint = "install it, or give its path"
    return Problem(f"no program {program!r}", "no-program", hint=hint)


def _argument_problems(spec: Command, suite: Suite) -> list[Problem]:
    problems = []
    for argument in spec.command:
        if DOCUMENTS_VARIABLE in argument and argument != DOCUMENTS_VARIABLE:
            hint = f"make {DOCUMENTS_VARIABLE} an argument of its own"
            what = (
                f"{DOCUMENTS_VARIABLE} stands for several arguments, not for a part of {argument!r}"
            )
            problems.append(Problem(what, "bad-placeholder", hint=hint))
        for name in _PLACEHOLDER.findall(argument):
            near = did_you_mean(name, ["document", "documents"])
            if name not in {"document", "documents"} and near and near.startswith("did you"):
                what = f"unknown placeholder {{{name}}}"
                problems.append(Problem(what, "bad-placeholder", hint=near))
    if any(DOCUMENT in argument for argument in spec.command):
        several = [case.id for case in suite.cases if len(case.documents) != 1]
        if several:
            what = f"{DOCUMENT} is one document, but {_named(several)} have none or several"
            hint = f"use {DOCUMENTS_VARIABLE}"
            problems.append(Problem(what, "bad-placeholder", hint=hint))
    return problems


def _named(ids: list[str]) -> str:
    more = len(ids) - _NAMED
    names = ", ".join(ids[:_NAMED])
    return f"{names} and {more} more cases" if more > 0 else f"cases {names}"
