"""`harness prompt`: show what is sent to a model, and the versions of a prompt."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.improve.prompt_versions import check, diff, promote, rollback, show_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.cases.suite import Suite
    from harness.core.records import Case
    from harness.extract.messages import Part, RenderedPrompt


@click.group("prompt")
def command() -> None:
    """Look at prompts: what is sent about a case, word for word, and earlier versions."""


for _versions in (show_log, diff, check, promote, rollback):
    command.add_command(_versions)


@command.command("show", short_help="Print what would be sent about a case.")
@click.argument("case")
@click.option(
    "--suite",
    "path",
    type=click.Path(path_type=Path),
    default="evals",
    show_default=True,
    help="A folder of suites, a suite, or a suite file.",
)
def show_prompt_version(case: str, path: Path) -> None:
    """Print exactly what would be sent to a model about CASE: a case's id, or its document.

    The messages go to standard output, images as one line each; their digest, the prompt's version
    and an estimate of their tokens to standard error.
    """
    from harness.cases.load import load_suites
    from harness.extract.endpoint.rendering import Renderer

    file = Path(case)
    suites = load_suites(file if file.is_file() else path)
    suite, chosen_case = _find(suites, None if file.is_file() else case)
    rendered = Renderer(suite).render(chosen_case)
    for message in rendered.messages:
        click.echo(f"--- {message.role} ---")
        for part in message.parts:
            click.echo(_shown(part))
    click.echo(_summary(suite, rendered), err=True)


def _find(suites: Sequence[Suite], case_id: str | None) -> tuple[Suite, Case]:
    """Return the case of an id and its suite; without an id, the only case there is."""
    from harness.errors import Problem, UsageError, did_you_mean

    cases = [(suite, case) for suite in suites for case in suite.cases]
    pairs = [pair for pair in cases if case_id in (None, pair[1].id)]
    if not pairs:
        hint = did_you_mean(str(case_id), [case.id for _, case in cases])
        raise UsageError(Problem(f"there is no case {case_id!r}", "unknown-case", hint=hint))
    if len(pairs) > 1:
        names = ", ".join(suite.name for suite, _ in pairs)
        hint = f"choose one of {names} with --suite"
        raise UsageError(
            Problem(f"several suites have a case {case_id!r}", "many-cases", hint=hint)
        )
    return pairs[0]


def _shown(part: Part) -> str:
    """Return a part as it is; on a terminal, with nothing in it that could act."""
    from harness.core.inert_text import inert
    from harness.extract.messages import ImagePart

    if isinstance(part, ImagePart):
        return f"[{part.media_type}, {len(part.data):,} bytes]"
    if not sys.stdout.isatty():
        return part.text
    return "\n".join(map(inert, part.text.split("\n")))


def _summary(suite: Suite, rendered: RenderedPrompt) -> str:
    from harness.core.number_text import counted

    prompt = (
        f"prompt {suite.prompt.name} {suite.prompt.sha256[:12]}" if suite.prompt else "no prompt"
    )
    messages = counted(len(rendered.messages), "message")
    tokens = f"at most about {rendered.input_tokens:,} tokens"
    return f"{prompt} · {messages}, {tokens} · {rendered.sha256}"
