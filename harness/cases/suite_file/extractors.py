"""Extractor settings of a suite file, as the records that the runner reads."""

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
    file = settings.content
    listed: dict[str, tuple[tuple[str, ...], ExtractorFile]] = {}
    for name, one in (file.extractors or {}).items():
        listed[name] = (("extractors", name), one)
    if file.extractor is not None:
        listed[_name_of(file.extractor)] = (("extractor",), file.extractor)
    specs: dict[str, ExtractorSpec] = {}
    for name, (path, one) in listed.items():
        where = settings.where(*path, _path_key(one))
        spec = findings.attempt(partial(_spec, one, place), where)
        if spec is not None:
            specs[name] = spec
    return MappingProxyType(specs)


def _name_of(file: ExtractorFile) -> str:
    if isinstance(file, EndpointFile):
        return file.model
    if isinstance(file, LocalFile):
        return PurePosixPath(file.model_path).stem
    if not isinstance(file, RecordedFile):
        return file.kind
    return PurePosixPath(file.answers).name.removesuffix(".jsonl")


def _path_key(file: ExtractorFile) -> str:
    keys = {"recorded": "answers", "command": "cwd", "python": "path", "tagger": "model"}
    return keys.get(file.kind, "extra")


def _spec(file: ExtractorFile, place: FilePlace) -> ExtractorSpec:
    if isinstance(file, EndpointFile | LocalFile):
        return model_spec(file, place.folder)
    if isinstance(file, RecordedFile):
        answers = place.find(file.answers, "answers")
        return RecordedAnswers(answers, MappingProxyType(dict(file.rename)), file.model)
    if isinstance(file, CommandFile):
        cwd = place.find(file.cwd, "cwd") if file.cwd else place.folder
        return Command(tuple(file.command), seconds=file.seconds, cwd=cwd)
    if isinstance(file, TaggerFile):
        return Tagger(*_model(place.folder / file.model), file.threshold)
    path = place.find(file.path, "path") if file.path else place.folder
    return Callable(file.function, seconds=file.seconds, path=path)


def _model(folder: Path) -> tuple[Path, str]:
    """Return a model's folder and the digest of what it says; empty while there is no model."""
    file = folder / "model.json"
    return folder, hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def model_spec(model_file: EndpointFile | LocalFile, folder: Path) -> Endpoint | LocalModel:
    """Return what is said of a model as a record; its files may lie anywhere on this machine.

    Raises:
        HarnessError: what is said under `extra` is not JSON.
    """
    parameters = Parameters(
        temperature=model_file.temperature,
        top_p=model_file.top_p,
        seed=model_file.seed,
        max_tokens=model_file.max_tokens,
        reasoning_effort=model_file.reasoning_effort
        if isinstance(model_file, EndpointFile)
        else None,
        logprobs=model_file.logprobs,
        extra=MappingProxyType(
            {name: _json(value, name) for name, value in model_file.extra.items()}
        ),
    )
    if isinstance(model_file, LocalFile):
        return LocalModel(
            path=_anywhere(model_file.model_path, folder),
            context=model_file.context,
            python=model_file.python,
            mode=model_file.mode,
            seconds=model_file.seconds,
            parameters=parameters,
            stated_confidence=model_file.stated_confidence,
        )
    header_file = {name: _anywhere(file, folder) for name, file in model_file.header_file.items()}
    return Endpoint(
        kind=model_file.kind,
        model=model_file.model,
        base_url=model_file.base_url,
        key_env=model_file.key_env,
        key_file=_anywhere(model_file.key_file, folder) if model_file.key_file else None,
        api_version=model_file.api_version,
        headers=MappingProxyType(dict(model_file.headers)),
        mode=model_file.mode,
        seconds=model_file.seconds,
        parameters=parameters,
        stated_confidence=model_file.stated_confidence,
        header_env=MappingProxyType(dict(model_file.header_env)),
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
