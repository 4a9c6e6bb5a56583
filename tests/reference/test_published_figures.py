"""Published numbers beside ours: the command scores what it is given, and says how much that is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
COMMAND = ROOT / "benchmarks" / "published.py"


def write(file: Path, value: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value), "utf-8")


@pytest.mark.parametrize("receipts", [3, 300])
def test_figures_go_by_their_convention_and_name_the_part_at_hand(
    tmp_path: Path, receipts: int
) -> None:
    for number in range(receipts):
        name = f"{number:03}.json"
        write(tmp_path / "cord" / "ground_truth" / name, {"total": "60.000", "cash": "70.000"})
        answer = {"total": "60.000", "cash": "7"}
        write(tmp_path / "cord" / "predictions" / "qwen-vl-72b" / name, answer)
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n## Measured\n\nformer figures\n", "utf-8")
    command = [sys.executable, str(COMMAND), "--data", str(tmp_path), "--page", str(page)]
    subprocess.run(command, check=True, capture_output=True)
    text = page.read_text("utf-8")
    assert text.startswith("# Page\n\n## Measured\n\n`python benchmarks/published.py")
    assert f"At hand: {receipts}." in text
    assert ("A part:" in text) == (receipts < 100)
    # one right, one wrong of two fields: F1 1/2; one of two fields to be changed: 1/2
    assert text.count("| 0.5000 | 0.5000 |") == 2
    assert "DocuBench" not in text
    assert "former figures" not in text
