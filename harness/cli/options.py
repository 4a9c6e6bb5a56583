"""Options that come in groups, each read into a record of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., object])
Option = Callable[[Decorated], Decorated]


class OptionsCommand(click.Command):
    """Hands its options over as one mapping by name, out of which each concern reads its own."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # click's signature
        """Call the command with what it was told."""
        assert self.callback is not None  # noqa: S101  # a command without one does nothing
        return ctx.invoke(self.callback, ctx.params)


def group(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return options as one decorator; they are listed in this order."""

    def decorate(command: Any) -> Any:  # noqa: ANN401  # whatever click decorates
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
