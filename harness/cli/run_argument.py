"""Run arguments: one run by its folder, a part of its name, or `last`; all by their place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class RunFolder(click.ParamType[Path]):
    """Turns what a user calls a run into its folder."""

    name = "run"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Return the folder; a name is looked up among the runs that are here."""
        del param
        from harness.cases.files.places import reports_here
        from harness.run.history.find_run import find_run

        if isinstance(value, Path):
            return value
        reports_folder = ctx.params.get("reports") if ctx is not None else None
        return find_run(
            str(value), reports_folder if isinstance(reports_folder, Path) else reports_here()
        )

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names of runs that begin like this."""
        del ctx, param
        from click.shell_completion import CompletionItem

        from harness.cases.files.places import reports_here
        from harness.run.history.find_run import LAST
        from harness.run.store import run_folders

        names = (LAST, *(folder.name for folder in run_folders(reports_here())))
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


RUN_ARGUMENT: Final = RunFolder()
run_argument: Final = click.argument("run", type=RUN_ARGUMENT, default="last")


def _verdict(
    context: click.Context, parameter: click.Parameter, words: tuple[str, ...]
) -> tuple[Path, str, str]:
    """Return run, case and path; click itself lets only the last arguments be left out."""
    if not _CASE_PATH <= len(words) <= _CASE_PATH + 1:
        about = "say a case and a path in it, as in: inv-17 lines[0].amount"
        raise click.UsageError(about, context)
    run, case, path = ("last", *words)[-3:]
    return RUN_ARGUMENT.convert(run, parameter, context), case, path


_CASE_PATH: Final = 2
verdict_argument: Final = click.argument(
    "verdict", nargs=-1, required=True, metavar="[RUN] CASE PATH", callback=_verdict
)
reports_option: Final = click.option(
    "--reports",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Where the run folders are.  [default: reports]",
)


def reports_in(reports: Path | None) -> Path:
    """Return the folder of runs a command is told of. Raises UsageError if it is none."""
    from harness.cases.files.places import reports_here

    folders = reports or reports_here()
    if not folders.is_dir():
        from harness.cases.files.places import near_name
        from harness.errors import Problem, UsageError

        what = (
            f"{str(folders)!r} is no folder"
            if folders.exists()
            else f"there is no folder {str(folders)!r}"
        )
        beside = (str(path) for path in folders.parent.glob("*/")) if reports else ()
        hint = near_name(str(folders), beside) or "runs go there: harness run"
        raise UsageError(Problem(what, "no-reports", hint=hint))
    return folders
