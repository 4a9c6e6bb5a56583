"""Options that name a model, for every command that asks one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from harness.cli.options import group

if TYPE_CHECKING:
    from harness.cases.suite_file.model_options import ModelOptions


@dataclass(frozen=True, slots=True)
class EndpointOptions:
    """Model of the command line; None, or empty, where the suite's own extractors are asked."""

    model: str | None
    base_url: str | None
    model_path: str | None
    params: tuple[str, ...]

    def as_model(self) -> ModelOptions:
        """Return the model as suites take it, an empty text as none."""
        from harness.cases.suite_file.model_options import ModelOptions

        return ModelOptions(
            self.model or None, self.base_url or None, self.model_path or None, self.params
        )


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
