"""How commands take a run: its folder, a part of its name, or `last`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click


class RunFolder(click.ParamType[Path]):
    """Turns what a user calls a run into its folder."""

    name = "run"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Return the folder; a name is looked up under `reports/`."""
        del param, ctx
        from harness.run.find import find_run

        return value if isinstance(value, Path) else find_run(str(value), Path("reports"))


RUN: Final = RunFolder()
run_argument: Final = click.argument("run", type=RUN, default="last")
