"""From what a suite file says of extractors to the records the runner reads."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from harness.cases.files.findings import Findings
from harness.cases.files.places import FilePlace
from harness.cases.suite import (
    Callable,
    Command,
    Endpoint,
    ExtractorSpec,
    LocalModel,
    Parameters,
    RecordedAnswers,
    Tagger,
)
from harness.cases.suite_file.suite_keys import (
    CommandFile,
    EndpointFile,
    ExtractorFile,
    LocalFile,
    RecordedFile,
    TaggerFile,
)
from harness.cases.suite_file.suite_settings import SuiteSettings
from harness.core.values import Json
from harness.errors import HarnessError, Problem


def read_extractors(
    settings: SuiteSettings, place: FilePlace, findings: Findings
) -> Mapping[str, ExtractorSpec]:
    """Return extractors by name, in the file's order; a single one is named after its answers."""
    said = settings.said
    listed: dict[str, tuple[tuple[str, ...], ExtractorFile]] = {}
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


def _name_of(said: ExtractorFile) -> str:
    if isinstance(said, EndpointFile):
        return said.model
    if isinstance(said, LocalFile):
        return PurePosixPath(said.model_path).stem
    if not isinstance(said, RecordedFile):
        return said.kind
    return PurePosixPath(said.answers).name.removesuffix(".jsonl")


def _path_key(said: ExtractorFile) -> str:
    keys = {"recorded": "answers", "command": "cwd", "python": "path", "tagger": "model"}
    return keys.get(said.kind, "extra")


def _spec(said: ExtractorFile, place: FilePlace) -> ExtractorSpec:
    if isinstance(said, EndpointFile | LocalFile):
        return model_spec(said, place.folder)
    if isinstance(said, RecordedFile):
        answers = place.find(said.answers, "answers")
        return RecordedAnswers(answers, MappingProxyType(dict(said.rename)))
    if isinstance(said, CommandFile):
        cwd = place.find(said.cwd, "cwd") if said.cwd else place.folder
        return Command(tuple(said.command), seconds=said.seconds, cwd=cwd)
    if isinstance(said, TaggerFile):
        return Tagger(*_model(place.folder / said.model), said.threshold)
    path = place.find(said.path, "path") if said.path else place.folder
    return Callable(said.function, seconds=said.seconds, path=path)


def _model(folder: Path) -> tuple[Path, str]:
    """Return a model's folder and the digest of what it says; empty while there is no model."""
    file = folder / "model.json"
    return folder, hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def model_spec(said: EndpointFile | LocalFile, folder: Path) -> Endpoint | LocalModel:
    """Return what is said of a model as a record; its files may lie anywhere on this machine.

    Raises:
        HarnessError: what is said under `extra` is not JSON.
    """
    parameters = Parameters(
        temperature=said.temperature,
        top_p=said.top_p,
        seed=said.seed,
        max_tokens=said.max_tokens,
        reasoning_effort=said.reasoning_effort if isinstance(said, EndpointFile) else None,
        logprobs=said.logprobs,
        extra=MappingProxyType({name: _json(value, name) for name, value in said.extra.items()}),
    )
    if isinstance(said, LocalFile):
        return LocalModel(
            path=_anywhere(said.model_path, folder),
            context=said.context,
            python=said.python,
            mode=said.mode,
            seconds=said.seconds,
            parameters=parameters,
            stated_confidence=said.stated_confidence,
        )
    header_file = {name: _anywhere(file, folder) for name, file in said.header_file.items()}
    return Endpoint(
        kind=said.kind,
        model=said.model,
        base_url=said.base_url,
        key_env=said.key_env,
        key_file=_anywhere(said.key_file, folder) if said.key_file else None,
        api_version=said.api_version,
        headers=MappingProxyType(dict(said.headers)),
        mode=said.mode,
        seconds=said.seconds,
        parameters=parameters,
        stated_confidence=said.stated_confidence,
        header_env=MappingProxyType(dict(said.header_env)),
        header_file=MappingProxyType(header_file),
    )


def _anywhere(text: str, folder: Path) -> Path:
    return folder / Path(text).expanduser()


def _json(value: object, name: str) -> Json:
    if isinstance(value, dict):
        return {str(key): _json(item, name) for key, item in value.items()}
    if isinstance(value, list):
        return [_json(item, name) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise HarnessError(Problem(f"extra.{name}: {value!r} is not JSON", "bad-value"))
