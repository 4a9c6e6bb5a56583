"""An improvement by a real small model, played again from its recorded replies.

`recorded/receipts.jsonl` holds what Qwen2.5-Coder-1.5B-Instruct replied, as extractor and as writer
of its own prompt: a line for each prompt, by the SHA-256 of its text, with its replies in turn.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.extract.server.behaviour import Asked, Behaviour
from tests.extract.server.serving import serving
from tests.improve.toy import harness

REPOSITORY = Path(__file__).parents[3]
RECORDED = Path(__file__).with_name("recorded") / "receipts.jsonl"
MODEL = ("--model", "qwen2.5-coder-1.5b", "--param", "temperature=0", "--param", "max_tokens=400")

SINCE = (
    "a currency is not written as its code. Say in which form the currency is wanted, "
    "such as its ISO 4217 code."
)
THEN = (
    "another value that stands in the document is given. Say which of several candidates is meant: "
    "by its label, its place, or its period."
)
"""What the writer was told of one mistake when it was asked: it has another name since."""


class Replies:
    """Answers as the model did: the first time it was asked, the second, and so on."""

    def __init__(self) -> None:
        lines = map(json.loads, RECORDED.read_text("utf-8").splitlines())
        self._known: dict[str, list[str]] = {line["prompt"]: line["replies"] for line in lines}
        self._times: Counter[str] = Counter()
        self.unknown: list[str] = []

    def __call__(self, asked: Asked) -> str:
        prompt = hashlib.sha256(asked.text.replace(SINCE, THEN).encode()).hexdigest()
        replies = self._known.get(prompt)
        if replies is None:
            self.unknown.append(asked.text)
            return "never recorded"
        self._times[prompt] += 1
        return replies[min(self._times[prompt], len(replies)) - 1]


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own with the receipts as they are shipped."""
    for place in ("evals/receipts", "ground_truth/receipts", "prompts/receipts"):
        shutil.copytree(REPOSITORY / place, tmp_path / place)
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "evals" / "receipts"


def test_a_real_small_model_improves_its_own_prompt_on_dev_and_on_holdout(
    suite: Path, tmp_path: Path
) -> None:
    replies = Replies()
    with serving(Behaviour(answer=replies)) as server:
        model = (*MODEL, "--base-url", server.url)
        improved = harness("improve", suite, *model, "--max-calls", "300", "-j", "1")
        looked = harness("holdout", suite, *model)
    assert replies.unknown == []
    assert improved.exit_code == 0, improved.output
    assert looked.exit_code == 0, looked.output
    steps = ledger(tmp_path)
    [claim] = [step for step in steps if step["step"] == "claim"]
    [verdict] = [step for step in steps if step["step"] == "verdict"]
    assert (claim["holds"], claim["rung"], round(claim["delta"], 3)) == (True, 1, 0.243)
    assert (verdict["holds"], verdict["rung"], round(verdict["delta"], 3)) == (True, 3, 0.242)
    told = (suite.parents[1] / "prompts/receipts/fields/issued.md").read_text("utf-8")
    assert "YYYY-MM-DD" in told, "the convention it had to discover"


def ledger(folder: Path) -> list[dict[str, Any]]:
    path = folder / "prompts/.history/receipts/ledger.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
