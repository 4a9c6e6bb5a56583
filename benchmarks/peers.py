"""Measure harness beside its peers: `python benchmarks/peers.py [--quick]`.

Makes a virtual environment with the pinned peers, once, in the user's cache folder, installs
harness from this tree into it, and runs `measure.py` and `parsing.py` there.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

from tools import PINS

HERE: Final = Path(__file__).resolve().parent
READY: Final = "ready"
"""A file that says an environment was finished."""


def environment() -> Path:
    """Return the folder of an environment with the peers and harness, made if need be."""
    wanted = [f"{name}=={pin}" for name, pin in PINS.items()]
    key = "\n".join([sys.version, str(HERE), *wanted])
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "harness-benchmarks" / hashlib.sha256(key.encode()).hexdigest()[:16]
    if not (folder / READY).exists():
        print("making an environment with the peers, once", file=sys.stderr)
        venv.create(folder, clear=True, with_pip=True)
        install = [str(python(folder)), "-m", "pip", "install", "-qq", *wanted]
        subprocess.run([*install, "--editable", str(HERE.parent)], check=True)  # noqa: S603  # pinned
        (folder / READY).touch()
    return folder


def python(folder: Path) -> Path:
    """Return an environment's interpreter."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def main() -> int:
    """Run the measurement and return its exit code."""
    interpreter, codes = str(python(environment())), []
    for script in ("measure.py", "parsing.py"):
        command = [interpreter, str(HERE / script), *sys.argv[1:]]
        codes.append(subprocess.run(command, check=False).returncode)  # noqa: S603  # our own script
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
