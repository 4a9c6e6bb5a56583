"""Options that name a model, for every command that asks one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import group

if TYPE_CHECKING:
    from harness.cases.suite_file.model_options import ModelOptions


def said_model(said: Mapping[str, Any]) -> ModelOptions:
    """Return what a command was told of a model."""
    from harness.cases.suite_file.model_options import ModelOptions

    model, url, file = (said[name] or None for name in ("model", "base_url", "model_path"))
    return ModelOptions(model, url, file, said["params"])


model_options = group(
    click.option(
        "--model",
        metavar="NAME",
        help="Ask this model instead of the suites' own extractors. --extractor says which "
        "dialect it speaks: openai (the default), anthropic or gemini.",
    ),
    click.option(
        "--base-url",
        metavar="URL",
        help="Where the model is, as in http://localhost:8000/v1.  [default: its vendor]",
    ),
    click.option(
        "--model-path",
        metavar="FILE",
        help="Serve this GGUF file on this machine while the run lasts, and ask it.",
    ),
    click.option(
        "--param",
        "params",
        multiple=True,
        metavar="NAME=VALUE",
        help="A setting of the model as in a suite file: temperature=0, key_env=MY_KEY, "
        "max_tokens=8000; may be repeated.",
    ),
)
