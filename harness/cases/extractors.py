"""From what a suite file says of extractors to the records the runner reads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import PurePosixPath
from types import MappingProxyType

from harness.cases.findings import Findings
from harness.cases.places import Place
from harness.cases.settings import Settings
from harness.cases.suite import Callable, Command, ExtractorSpec, Recorded
from harness.cases.suite_file import CommandFile, PythonFile, RecordedFile


def read_extractors(
    settings: Settings, place: Place, findings: Findings
) -> Mapping[str, ExtractorSpec]:
    """Return extractors by name, in the file's order; a single one is named after its answers."""
    said = settings.said
    listed: dict[str, tuple[tuple[str, ...], RecordedFile | CommandFile | PythonFile]] = {}
    for name, one in (said.extractors or {}).items():
        listed[name] = (("extractors", name), one)
    if said.extractor is not None:
        listed[_name_of(said.extractor)] = (("extractor",), said.extractor)
    specs: dict[str, ExtractorSpec] = {}
    for name, (path, one) in listed.items():
        where = settings.where(*path, _path_key(one))
        spec = findings.attempt(partial(_spec, one, place), where)
        if spec is not None:
            specs[name] = spec
    return MappingProxyType(specs)


def _name_of(said: RecordedFile | CommandFile | PythonFile) -> str:
    if not isinstance(said, RecordedFile):
        return said.kind
    return PurePosixPath(said.answers).name.removesuffix(".jsonl")


def _path_key(said: RecordedFile | CommandFile | PythonFile) -> str:
    return {"recorded": "answers", "command": "cwd", "python": "path"}[said.kind]


def _spec(said: RecordedFile | CommandFile | PythonFile, place: Place) -> ExtractorSpec:
    if isinstance(said, RecordedFile):
        answers = place.find(said.answers, "answers")
        return Recorded(answers, MappingProxyType(dict(said.rename)))
    if isinstance(said, CommandFile):
        cwd = place.find(said.cwd, "cwd") if said.cwd else place.folder
        return Command(tuple(said.command), said.seconds, cwd)
    path = place.find(said.path, "path") if said.path else place.folder
    return Callable(said.function, said.seconds, path)
