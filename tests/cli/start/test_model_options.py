"""A model named on the command line: what goes together and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cases.suite import Endpoint, LocalModel, Parameters
from harness.cases.suite_file.model_options import KINDS, ModelOptions, endpoint_from_options
from tests.cli.conftest import Project


def test_options_say_what_a_suite_file_would() -> None:
    params = ("temperature=0", "max_tokens=99", "extra={top_k: 5}", "key_env=MY_KEY")
    said = ModelOptions("m", "http://localhost:1/v1", params=params)
    assert endpoint_from_options("openai", said) == Endpoint(
        "openai",
        "m",
        "http://localhost:1/v1",
        "MY_KEY",
        parameters=Parameters(temperature=0, max_tokens=99, extra={"top_k": 5}),
    )


def test_a_file_is_a_local_model_and_cool_by_default() -> None:
    found = endpoint_from_options("local", ModelOptions(model_path="m.gguf"))
    assert isinstance(found, LocalModel)
    assert found.path == Path.cwd() / "m.gguf"
    assert found.parameters.temperature == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-e", "openai"], "no suite has an extractor 'openai' [unknown-extractor]"),
        (["-e", "local"], "hint: to ask a model without one, add --model-path FILE"),
        (["-e", "good", "--model", "m"], f"--extractor is one of {', '.join(KINDS)}"),
        (["-e", "openai", "--model-path", "m"], "--model-path is not for --extractor openai"),
        (["--base-url", "http://x"], "--extractor openai needs --model"),
        (["--model", "m", "--param", "temperatur=1"], "hint: did you mean 'temperature'?"),
        (["--model", "m", "--param", "temperature"], "hint: write NAME=VALUE"),
        (["--model", "m", "--param", "api_key=sk-1"], "--param: unknown setting 'api_key'"),
        (["--max-usd", "nan"], "nan is no amount of money"),
        (["--model", "m", "--param", "temperature=hot"], "temperature: must be a number"),
        (["--model", "m", "--param", "extra={"], "--param extra: is not YAML"),
    ],
)
def test_what_does_not_go_together_is_said(project: Project, options: list[str], said: str) -> None:
    project.suite()
    found = project.harness("run", "evals", *options)
    assert found.code == 2
    assert said in found.err
    assert "sk-1" not in found.err


def test_a_model_without_its_key_or_its_file_is_said_before_anything_runs(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.suite()
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    found = project.harness("run", "evals", "--model", "m")
    assert found.code == 3
    assert "the environment variable OPENAI_API_KEY, which holds the key, is not set" in found.err
    found = project.harness("run", "evals", "--model-path", "none.gguf")
    assert found.code == 3
    assert "no model file none.gguf [missing-file]" in found.err
    assert not (project.root / "reports").exists()


def test_what_asks_nothing_needs_no_key(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    project.suite("a")
    project.write({"evals/notes/suite.yaml": "extractor: {kind: openai, model: gpt-4o-mini}\n"})
    found = project.harness("run", "--dry-run")
    assert (found.code, found.err) == (0, "")
    assert "gpt-4o-mini in our table" in found.out
    assert project.harness("check").code == 0
    assert project.harness("run").code == 3
    assert not (project.root / "reports").exists()


def test_no_dollars_are_counted_by_a_vendors_price_at_another_address(project: Project) -> None:
    project.suite("a")
    asked = ("run", "--model", "gpt-4o-mini", "--base-url", "http://127.0.0.1:9/v1")
    found = project.harness(*asked, "--max-usd", "1")
    assert found.code == 2
    assert "no price is known of the model 'gpt-4o-mini' at this base_url" in found.err
    assert "no price known" in project.harness(*asked, "--dry-run").out
    table = 'date = "2026-01-01"\n[models.gpt-4o-mini]\ninput = 1.0\noutput = 1.0\n'
    project.write({"prices.toml": table})
    mine = project.harness(*asked, "--dry-run", "--max-usd", "1", "--prices", "prices.toml")
    assert "gpt-4o-mini in your table of 2026-01-01" in mine.out
