"""Commands in what harness prints and in its documentation, and whether they can be typed."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from harness.cli.main import main
from tests.cli.conftest import REPOSITORY

_END: Final = re.compile(r"[.,;:!?)]+$")
_SERVES: Final = {"view", "review"}
"""Commands that go on until Ctrl-C."""


def command_of(words: list[str]) -> tuple[click.Command, list[str]] | None:
    """Return the command that words name, and what it is told; None where they name none."""
    command: click.Command = main
    while isinstance(command, click.Group):
        if not words or words[0] not in command.list_commands(click.Context(command)):
            return None
        found = command.get_command(click.Context(command), words[0])
        assert found is not None
        command, words = found, words[1:]
    return command, words


def flags_of(command: click.Command) -> set[str]:
    flags = {"--help", "-h", "--help-all"}
    for each in command.params:
        flags |= {*each.opts, *each.secondary_opts}
    return flags


def unknown_in(text: str) -> Iterator[str]:
    """Yield every command of a text that has no such name or option; prose is passed over."""
    for part in re.split(r"\bharness(?= [a-z-])", text)[1:]:
        words = part.replace("`", " ` ").split()
        name = _END.sub("", words[0])
        group = main.get_command(click.Context(main), name) if name in _names() else None
        if group is None:
            continue
        found = command_of([_END.sub("", word) for word in words[: 2 if is_group(group) else 1]])
        if found is None:
            below = _END.sub("", words[1]) if len(words) > 1 else ""
            if not _ends(words[0]) and below.isalpha() and below.islower():
                yield f"harness {name} {below}"
            continue
        for word in words[1:]:
            flag = _END.sub("", word).partition("=")[0].strip("[]'\"")
            if re.fullmatch(r"--?[a-z][a-z-]*", flag) and flag not in flags_of(found[0]):
                yield f"harness {name} {flag}"
            if word == "`" or _ends(word) or word in ("and", "or", "then", "is"):
                break


def is_group(command: click.Command) -> bool:
    return isinstance(command, click.Group)


def _ends(word: str) -> bool:
    return _END.search(word) is not None and not word.startswith("...")


def _names() -> list[str]:
    return main.list_commands(click.Context(main))


def texts_of(file: Path) -> Iterator[str]:
    """Yield the texts of a Python file, f-strings with an X for what is put in."""
    tree = ast.parse(file.read_text("utf-8"))
    inside = {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(v.value) if isinstance(v, ast.Constant) else "X" for v in node.values)
        elif isinstance(node, ast.Constant) and id(node) not in inside:
            yield node.value if isinstance(node.value, str) else ""


def console_lines(page: Path) -> list[str]:
    """Return the commands that a page shows, lines that go on joined."""
    blocks = re.findall(r"```(?:console|bash|sh)\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    lines = [line for b in blocks for line in re.sub(r"\\\n>?\s*", "", b).splitlines()]
    return [
        line.removeprefix("$ ") for line in lines if re.search(r"(^|[|&;(] ?)\$? ?harness ", line)
    ]


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)


def typed(lines: list[str], folder: Path) -> list[list[list[str]]]:
    """Return what a shell gives to `harness` for each line: a list of words for each call of it."""
    shim = folder / "bin" / "harness"
    shim.parent.mkdir(exist_ok=True)
    shim.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        "with open(os.environ['HARNESS_CALLS'], 'a') as calls:\n"
        "    calls.write(json.dumps(sys.argv[1:]) + '\\n')\n"
    )
    shim.chmod(0o755)
    calls = folder / "calls"
    env = {"PATH": f"{shim.parent}:{os.environ['PATH']}", "HARNESS_CALLS": str(calls)}
    found = []
    for line in lines:
        calls.write_text("")
        inputs = {"cwd": folder, "env": env, "stdin": subprocess.DEVNULL}
        subprocess.run(["/bin/sh", "-c", line], check=False, capture_output=True, **inputs)  # type: ignore[call-overload]
        found.append([json.loads(call) for call in calls.read_text().splitlines()])
    return found


def misuse(words: list[str]) -> str | None:
    """Return why click would refuse a command; None where it takes it. Files need not be there."""
    shown = shlex.join(words)
    if words[:1] in (["--help"], ["--version"], ["help"]):
        return None
    found = command_of(words)
    if found is None:
        return f"no command: {shown}"
    command, rest = found
    if {"--help", "-h", "--help-all"} & {*rest}:
        return None
    try:
        parser = command.make_parser(click.Context(command, resilient_parsing=True))
        values, left, _ = parser.parse_args(list(rest))
    except click.UsageError as error:
        return f"{shown}: {error.format_message()}"
    wrong = [why for each in command.params if (why := _refusal(each, values.get(each.name or "")))]
    wrong += [f"{left} is left over"] if left else []
    return f"{shown}: {', '.join(wrong)}" if wrong else None


def _refusal(parameter: click.Parameter, given: object) -> str | None:
    """Return what is wrong with what a parameter is given."""
    if parameter.required and (given is None or parameter.value_is_missing(given)):
        return f"{parameter.name} is missing"
    if not isinstance(parameter.type, click.Choice):
        return None
    listed = given if isinstance(given, list | tuple) else [given]
    wrong = [one for one in listed if isinstance(one, str) and one not in parameter.type.choices]
    return f"{wrong} is no choice" if wrong else None


def serves(words: list[str]) -> bool:
    """Tell whether a command goes on until it is ended."""
    return words[:1] != [] and words[0] in _SERVES


PAGES: Final = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
SOURCES: Final = sorted((REPOSITORY / "harness").rglob("*.py"))
OTHERS: Final = [
    path
    for path in sorted((REPOSITORY / "harness").rglob("*"))
    if path.suffix in (".js", ".html", ".j2", ".md") and path.is_file()
]
