"""`harness prompt log|diff|promote|rollback`: the versions of a prompt."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.cli.improve.improve_options import guard_options
from harness.cli.next_commands import tell_next

if TYPE_CHECKING:
    from harness.improve.versions.versions import PromptHistory, Version

_DIGITS: Final = 12
_PROMPT = click.argument("prompt", type=click.Path(path_type=Path, exists=True))


@click.command("log", short_help="Tell the story of a prompt, a line a step.")
@_PROMPT
def show_log(prompt: Path) -> None:
    """Tell the story of PROMPT (its folder or file, or its suite's folder), a line a step."""
    from harness.core.inert_text import inert
    from harness.improve.versions.ledger_text import line_of_step

    history = _history(prompt)
    entries = history.ledger.entries()
    for entry in entries:
        click.echo(inert(line_of_step(entry)))
    if any(entry["step"] in ("promote", "rollback") for entry in entries):
        tell_next(["harness", "prompt", "diff", str(prompt)])
    if not entries:
        notice = f"{prompt}: nothing is recorded yet; harness improve and promote write it down"
        click.echo(inert(notice), err=True)


@click.command("diff", short_help="Show what differs between two versions.")
@_PROMPT
@click.argument("base", required=False)
@click.argument("new", required=False)
def diff(prompt: Path, base: str | None, new: str | None) -> None:
    """Show what differs between two versions of PROMPT, a section at a time.

    BASE is by default the version before the last change of it that was recorded, NEW what lies on
    disk.
    """
    from harness.core.inert_text import inert
    from harness.improve.versions.ledger_text import difference

    history = _history(prompt)
    now = history.current()
    one = _before(history, now) if base is None else history.find(base)
    two = now if new is None else history.find(new)
    for line in difference(history.prompt(one), history.prompt(two)):
        click.echo(inert(line))


@click.command("check", short_help="See what the guards say to an edit, without a call.")
@click.argument("suite", type=click.Path(path_type=Path, exists=True))
@click.argument("base", required=False)
@guard_options
def check(
    suite: Path, base: str | None, max_prompt_tokens: int | None, allow: tuple[str, ...]
) -> None:
    """See what the guards say to the prompt of SUITE as it lies on disk, without a call.

    BASE is what it was before the edit; `harness feedback` keeps that version, and names it in its
    task. By default the version before the last change that was recorded. Exit codes: 0 it may be
    tried, 1 it is refused.
    """
    from harness.cases.files.places import shown_path
    from harness.cli.improve.improve_options import suite_at
    from harness.core.inert_text import inert
    from harness.improve.search.improvement_session import prompt_path
    from harness.improve.trial.guards import GuardLimits, check_guards, default_bounds
    from harness.improve.versions.versions import PromptHistory

    whole = suite_at(suite)
    history = PromptHistory(prompt_path(whole))
    assert whole.prompt is not None  # noqa: S101  # prompt_path would have refused it
    old = _before(history, history.current()) if base is None else history.find(base)
    before = history.prompt(old)
    most = max_prompt_tokens or default_bounds(before).tokens
    bounds = GuardLimits(most, frozenset(allow))
    guard_report = check_guards(whole, before, whole.prompt, bounds)
    for name in guard_report.changed:
        click.echo(inert(f"changed  {name}"))
    click.echo(
        f"tokens   {guard_report.tokens_before} to {guard_report.tokens_after}, at most {most}"
    )
    for why in guard_report.refusals:
        click.echo(inert(f"refused  {why}"))
    folder = str(shown_path(whole.folder))
    if guard_report.refusals:
        tell_next(["harness", "prompt", "diff", folder, old.sha256[:_DIGITS]])
        sys.exit(1)
    click.echo("passed   nothing was asked")
    model = () if whole.extractors else ("--model", "NAME")
    tell_next(["harness", "run", folder, *model])


@click.command("promote", short_help="Put a version in place, by your decision.")
@_PROMPT
@click.argument("version")
def promote(prompt: Path, version: str) -> None:
    """Put VERSION of PROMPT in place, by your own decision."""
    _put(prompt, "promote", version)


@click.command("rollback", short_help="Put an earlier version back.")
@_PROMPT
@click.argument("version", required=False)
def rollback(prompt: Path, version: str | None) -> None:
    """Put an earlier version of PROMPT back, every file byte for byte.

    By default the one that the last change replaced.
    """
    _put(prompt, "rollback", version)


def _put(prompt: Path, step: str, version: str | None) -> None:
    from harness.improve.versions.ledger import Lock
    from harness.improve.versions.ledger_text import short

    history = _history(prompt)
    with Lock(history.folder / ".lock"):
        now = history.current()
        wanted = _before(history, now) if version is None else history.find(version)
        if wanted == now:
            click.echo(f"{short(now.sha256)} is in place already")
            return
        entry = {"step": step, "base": now.sha256, "version": wanted.sha256}
        history.ledger.append(entry)
        history.restore(wanted)
        click.echo(f"{short(wanted.sha256)} is in place of {short(now.sha256)}")
        tell_next(["harness", "prompt", "diff", str(prompt)])


def _before(history: PromptHistory, now: Version) -> Version:
    """Return the version that the last promotion or rollback to today's replaced."""
    from harness.errors import HarnessError, Problem, Where

    for entry in reversed(history.ledger.entries()):
        if entry["step"] in ("promote", "rollback") and entry["version"] == now.sha256:
            return history.version(str(entry["base"]))
    hint = "name one: harness prompt log lists them"
    what = "no change of this prompt to what lies on disk was recorded"
    raise HarnessError(Problem(what, "no-earlier-version", Where(history.path), hint))


def _history(prompt: Path) -> PromptHistory:
    """Return the history of a prompt that is named by its own path or by its suite's."""
    from harness.improve.search.improvement_session import prompt_path
    from harness.improve.versions.versions import PromptHistory

    if (prompt / "suite.yaml").is_file() or prompt.name == "suite.yaml":
        from harness.cases.load import load_suites

        return PromptHistory(prompt_path(load_suites(prompt)[0]))
    return PromptHistory(prompt.resolve())
