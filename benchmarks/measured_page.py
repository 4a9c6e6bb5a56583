"""The measured part of a page of the docs, which a benchmark writes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

HEADING: Final = "## Measured"


def replace_measured(page: Path, text: str) -> None:
    """Replace what stands below a page's heading `## Measured`, or add both at its end."""
    above = page.read_text("utf-8").partition(HEADING)[0].rstrip()
    page.write_text(f"{above}\n\n{HEADING}\n\n{text.rstrip()}\n", "utf-8")
