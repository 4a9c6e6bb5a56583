"""Commands in a terminal of 80 and of 60 columns: no line of a table or a sentence is wider."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.cli.conftest import Project
from tests.cli.look.test_explain_command import ran

REPLY = '{"total": 7, "extra": [%s]}'
ITEM = '{"a_long_name_of_a_field": {"another_long_name_of_a_field": "a value that is long, too"}}'


def in_window(arguments: list[str], width: int, folder: Path) -> str:
    """Return what a command prints to a terminal so wide, its standard output and error."""
    pty = pytest.importorskip("pty", reason="there are no such terminals on this system")
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ["COLUMNS"] = str(width)
        os.execv(sys.executable, [sys.executable, "-m", "harness", *arguments])  # noqa: S606  # our own command
    said = b""
    while True:
        try:
            block = os.read(terminal, 65_536)
        except OSError:  # how a terminal ends on Linux
            break
        if not block:
            break
        said += block
    os.close(terminal)
    os.waitpid(child, 0)
    return said.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("count", [3, 300])
@pytest.mark.parametrize("width", [80, 60])
def test_explain_gate_and_show_fit_the_window(project: Project, width: int, count: int) -> None:
    run = ran(project, REPLY % ", ".join([ITEM] * count))
    for arguments in (
        ["explain", str(run), "a", "$"],
        ["show", str(run), "--errors", "any"],
        ["gate", str(run), "--fail-under", "field:total=0.9"],
    ):
        said = in_window(arguments, width, project.root)
        lines = said.partition("\nnext ")[0].splitlines()  # a command is copied: it stays whole
        assert [line for line in lines if cell_len(line) > width] == []
        assert len(lines) >= (count if arguments[0] != "gate" else 1)
