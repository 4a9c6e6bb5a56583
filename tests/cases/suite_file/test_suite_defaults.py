"""What a suite file leaves out is what the records of a suite have by default."""

from __future__ import annotations

from pathlib import Path

from harness.cases.suite import (
    DocumentReading,
    Endpoint,
    Limits,
    LocalModel,
    TruthPolicy,
)
from harness.cases.suite_file.extractors import model_spec
from harness.cases.suite_file.suite_keys import (
    EndpointFile,
    LimitsFile,
    LocalFile,
    ReadingFile,
    TruthFile,
)


def test_sections_that_are_left_out_have_the_defaults_of_their_records() -> None:
    assert Limits(**LimitsFile().model_dump()) == Limits()
    assert DocumentReading(**ReadingFile().model_dump()) == DocumentReading()
    assert TruthPolicy(**TruthFile().model_dump()) == TruthPolicy()


def test_models_of_which_only_the_name_is_said_have_the_defaults_of_their_records() -> None:
    endpoint = EndpointFile.model_validate({"kind": "openai", "model": "small"})
    assert model_spec(endpoint, Path("/suite")) == Endpoint(kind="openai", model="small")
    local = LocalFile.model_validate({"kind": "local", "model_path": "small.gguf"})
    assert model_spec(local, Path("/suite")) == LocalModel(path=Path("/suite/small.gguf"))
