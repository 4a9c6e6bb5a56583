"""`--help` shows the options most need, `--help-all` every one, and the page of commands too."""

from __future__ import annotations

import re

import click
import pytest

from harness.cli.main import main
from tests.cli.conftest import REPOSITORY, Project
from tests.cli.test_command_options import commands_below

A_DOZEN = 13
"""And one more where `--quiet` is among them."""
EVERY = dict(commands_below(main))


def flags(text: str) -> set[str]:
    """Return the options that a help text lists."""
    listed = text.rpartition("\nOptions:\n")[2]
    return set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", listed, re.MULTILINE))


def own(command: click.Command) -> set[str]:
    options = (each for each in command.params if isinstance(each, click.Option))
    return {max(each.opts, key=len) for each in options if not each.hidden}


@pytest.mark.parametrize("name", EVERY)
def test_help_shows_a_dozen_options_and_help_all_every_one(project: Project, name: str) -> None:
    short = project.harness(*name.split(), "--help")
    every = project.harness(*name.split(), "--help-all")
    assert (short.code, every.code) == (0, 0)
    common = flags(short.out) - {"--help", "--help-all"}
    assert len(common) <= A_DOZEN
    assert own(EVERY[name]) - {"--help-all"} == flags(every.out) - {"--help", "--help-all"}
    is_folded = common != own(EVERY[name])
    assert ("--help-all" in flags(short.out)) == is_folded


def test_a_rare_option_works_though_it_is_folded(project: Project) -> None:
    project.suite()
    assert "--timeout" not in project.harness("run", "--help").out
    assert project.harness("run", "--timeout", "5").code == 0


def test_the_page_of_commands_shows_every_option() -> None:
    page = (REPOSITORY / "docs/commands.md").read_text("utf-8")
    heads = re.split(r"^##+ harness ", page, flags=re.MULTILINE)
    parts = {part.split("\n")[0]: part for part in heads}
    missing = {name: own(each) - flags(parts[name]) for name, each in EVERY.items()}
    assert {name: gone for name, gone in missing.items() if gone - {"--help-all"}} == {}
