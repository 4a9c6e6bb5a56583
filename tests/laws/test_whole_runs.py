"""A run on a document's own rows in another order is perfect, from the folder to the page.

Up to 5,000 rows: `pytest tests/laws/test_whole_runs.py --all-sizes`.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harness.cli.main import main

IN_THE_GATE = (3, 200)
SIZES = (*IN_THE_GATE, 1_000, 5_000)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Take all sizes where they are asked for."""
    every = metafunc.config.getoption("--all-sizes", default=False)
    metafunc.parametrize("size", SIZES if every else IN_THE_GATE)


def rows(size: int) -> list[dict[str, Any]]:
    return [
        {"no": n, "sku": f"SKU-{n:05}", "qty": n % 9, "tags": [f"t{n % 7}", f"u{n % 11}"]}
        for n in range(size)
    ]


def test_a_run_on_the_truth_in_another_order_is_perfect(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = rows(size)
    answer = [{**row, "tags": row["tags"][::-1]} for row in truth]
    random.Random(size).shuffle(answer)
    text = "\n".join(f"{r['no']} {r['sku']} {r['qty']} {' '.join(r['tags'])}" for r in truth)
    files = {
        "evals/long/suite.yaml": "extractors:\n  said: {kind: recorded, answers: said}\n",
        "evals/long/documents/a.txt": text,
        "evals/long/said/a.json": json.dumps({"rows": answer}),
        "ground_truth/long/a.json": json.dumps({"rows": truth}),
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")
    monkeypatch.chdir(tmp_path)
    for words in (("run", "evals/long"), ("report", "last")):
        done = CliRunner().invoke(main, words, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    (results,) = (tmp_path / "reports").glob("*/eval-results.json")
    counts = json.loads(results.read_text("utf-8"))["aggregate"]["counts"]
    assert counts["correct"] == 5 * size
    assert not any(counts[outcome] for outcome in ("omission", "hallucination", "wrong_value"))
    assert (results.parent / "report.html").stat().st_size
