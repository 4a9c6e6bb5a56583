"""A PostgreSQL server for the tests, where one is installed: a data folder of its own, a socket."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.posix import IS_ROOT

ACCOUNT = "postgres"
"""Whom the server runs as where the tests run as root, which it refuses to."""


def programs() -> Path | None:
    """Return the folder of the newest server's programs; None where there is none to be used."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    folder = found[-1].parent if found else Path(on_path).parent if on_path else None
    if folder is None or not (folder / "pg_ctl").exists():
        return None
    return None if IS_ROOT and _account() is None else folder


def _account() -> int | None:
    try:
        import pwd  # noqa: PLC0415  # not on Windows

        return pwd.getpwnam(ACCOUNT).pw_uid
    except (ImportError, KeyError):
        return None


@contextmanager
def postgres(bin_folder: Path) -> Iterator[str]:
    """Start a server and yield the URL of an empty database; it is gone afterwards."""
    account = ACCOUNT if IS_ROOT else None
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if IS_ROOT:
            shutil.chown(folder, ACCOUNT)
        data, port = folder / "data", _free_port()

        def run(program: str, *arguments: str) -> None:
            subprocess.run(
                [bin_folder / program, *arguments],
                user=account,
                cwd=folder,
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

        run("initdb", "-D", str(data), "-U", "tester", "-A", "trust", "--no-sync")
        options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off"
        log = str(folder / "log")
        run("pg_ctl", "-D", str(data), "-l", log, "-w", "-o", options, "start")
        try:
            yield f"postgresql://tester:secret-word@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
