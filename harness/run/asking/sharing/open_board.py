"""Board of a shared run: where its processes meet, by what `--share` says."""

from __future__ import annotations

from pathlib import Path

from harness.errors import Problem, UsageError
from harness.run.asking.sharing.database_board import DATABASE_SCHEMES, DatabaseBoard
from harness.run.asking.sharing.folder_board import FolderBoard
from harness.run.asking.sharing.lease_board import LeaseBoard


def open_board(place: str) -> LeaseBoard:
    """Open a folder, or a database's table if the place begins with `postgresql://`.

    Raises:
        UsageError: the address is of another kind of server, or is none.
        HarnessError: the place cannot be used.
    """
    if place.startswith(DATABASE_SCHEMES):
        return DatabaseBoard(place)
    if "://" in place:
        hint = "name a folder that all machines see, or postgresql://user@host/database"
        what = f"--share: no board at {place.partition('://')[0]}://"
        raise UsageError(Problem(what, "bad-url", hint=hint))
    return FolderBoard(Path(place))
