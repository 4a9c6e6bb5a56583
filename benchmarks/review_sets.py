"""Projects for `review.py`: a suite of a folder of public data sets, with runs of three systems.

A set has `documents/ID.txt`, `ground_truth/ID.json`, `predictions/SYSTEM/ID.json`, and
`schema.json` or `schemas/ID.json`. Of a set that nobody has answered, answers are made up.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from confidence_sets import made_up, suite_of

from tests.review.web.by_keys import harness

SETS: Final = {
    "receipts_silver": ("reader-0", "reader-1", "reader-2"),
    "docubench": ("claude", "gpt", "gemini"),
    "finrag_table": ("claude-3-opus-20240229", "gpt-4o", "gpt-4-1106-preview"),
}
"""Three good systems of each set."""


def project_of(data: Path, name: str, folder: Path, most: int) -> Path:
    """Return a project with one suite of `most` cases and a run of each of its systems."""
    source = data / name
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").touch()
    suite = suite_of(source, name, folder)
    if not (source / "predictions").is_dir():
        made_up(source / "ground_truth", suite / "answers", hard=0)
    else:
        for system in SETS[name]:
            shutil.copytree(source / "predictions" / system, suite / "answers" / system)
    for file in sorted((folder / "ground_truth" / name).glob("*.json"))[most:]:
        file.unlink()
        (suite / "documents" / f"{file.stem}.txt").unlink()
    lines = [f"  {one}: {{kind: recorded, answers: answers/{one}}}\n" for one in SETS[name]]
    (suite / "suite.yaml").write_text("".join(["extractors:\n", *lines]), "utf-8")
    harness(folder, "run", f"evals/{name}", "-q")
    return folder
