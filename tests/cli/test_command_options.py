"""Every record of options has the parameters of its command, in the types click gives them."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import click
import pytest

from harness.cli.main import main
from harness.cli.options import OptionsCommand
from harness.cli.run_argument import RunFolder


def commands_below(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands_below(command, f"{path}{name} ")
        else:
            yield path + name, command


COMMANDS = {
    name: command for name, command in commands_below(main) if isinstance(command, OptionsCommand)
}


def record_of(command: click.Command) -> type:
    callback: Callable[..., object] | None = command.callback
    assert callback is not None
    record = get_type_hints(callback.__wrapped__)["options"]  # type: ignore[attr-defined]
    assert isinstance(record, type)
    return record


def options_in(record: type) -> Iterator[tuple[str, Any]]:
    hints = get_type_hints(record)
    for field in fields(record):
        if is_dataclass(hints[field.name]):
            yield from options_in(hints[field.name])
        else:
            yield field.name, hints[field.name]


def single(parameter: click.Parameter) -> set[Any]:
    """Return the types that one value of a parameter may be declared as."""
    kind = parameter.type
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return {bool}
    if isinstance(kind, click.Choice):
        return {str, Literal[tuple(kind.choices)]}
    if isinstance(kind, click.Path | RunFolder):
        return {Path}
    if isinstance(kind, click.types.IntParamType):
        return {int}
    return {float} if isinstance(kind, click.types.FloatParamType) else {str}


def allowed(parameter: click.Parameter, command: click.Command) -> set[Any]:
    """Return the types that a record may declare for a parameter."""
    one = single(parameter)
    if parameter.nargs == -1 or (isinstance(parameter, click.Option) and parameter.multiple):
        return {types.GenericAlias(tuple, (each, ...)) for each in one}
    if parameter.nargs > 1:
        one = {types.GenericAlias(tuple, (each,) * parameter.nargs) for each in one}
    default = parameter.get_default(click.Context(command))
    is_given = default is not None and not parameter.value_is_missing(default)
    has_value = parameter.required or is_given
    return one if has_value else {each | None for each in one}


def unordered(hint: object) -> object:
    is_union = get_origin(hint) in (Union, types.UnionType)
    return frozenset(get_args(hint)) if is_union else hint


@pytest.mark.parametrize("name", COMMANDS)
def test_the_record_of_a_command_has_its_parameters_and_their_types(name: str) -> None:
    command = COMMANDS[name]
    declared = list(options_in(record_of(command)))
    given = {each.name: each for each in command.params if each.expose_value}
    assert sorted(option for option, _ in declared) == sorted(given)
    for option, hint in declared:
        wanted = {unordered(each) for each in allowed(given[option], command)}
        assert unordered(hint) in wanted, f"{name}: {option} is {hint}, click gives {wanted}"
