"""Every public name has an example on the page of the API, and types that a user's mypy takes."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

import harness
from tests.cli.conftest import REPOSITORY

PAGE = REPOSITORY / "docs/api.md"
SECTIONS = {
    part.partition("\n")[0]: part
    for part in re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)
}
USER = """\
import asyncio
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel

import harness


class Invoice(BaseModel):
    number: str
    total: Annotated[float, harness.Match(absolute=0.01)]


schema: dict[str, object] = {"type": "object"}
plan: harness.Plan = harness.Plan(schema, {"total": {"absolute": 1}})
also: harness.Plan = harness.Plan(Invoice, {"total": harness.FieldRule(absolute=1)})
result: harness.CaseResult = plan.score({"total": 1}, {"total": 2})
f1: float | None = result.f1
counts: harness.Counts = sum((each.counts for each in [result, result]), harness.Counts())
ratio: harness.Ratio = counts.f1
enough: bool = ratio > 0.9 and float(ratio) > 0.9
diffs: tuple[harness.FieldDiff, ...] = tuple(result.diffs)
wrong = [d.path for d in diffs if d.outcome is harness.Outcome.WRONG_VALUE]
scales = [d.path for d in diffs if harness.Tag.SCALE in d.tags]

truths: Mapping[str, Invoice] = {"a": Invoice(number="1", total=2.0)}
answers: dict[str, object] = {"a": {"number": "1", "total": 2}}
report: harness.Report = harness.evaluate(truths, answers, schema=Invoice)
macro: float = float(report)
found: harness.Comparison = harness.compare(report, report)
delta: float | None = found.macro.delta


async def ask(case: harness.Case) -> harness.Answer | harness.Failure:
    if not case.documents:
        return harness.Failure(harness.FailureKind.REFUSAL, "nothing to read")
    return harness.Answer({"total": 1}, confidences=(("total", 0.9),))


def read(text: str) -> Invoice:
    return Invoice(number=text, total=1.0)


again: harness.Report = harness.run([("1", {"number": "1"})], read, progress=False)
later: harness.Report = asyncio.run(harness.arun([harness.Case("a", (), {"total": 1})], ask))

try:
    harness.score(1, 2, rules={"a": {"compare": "nummer"}})
except harness.HarnessError as error:
    print(error.problems)

accuracy: float = harness.accuracy(["a"], ["a"])
classes: list[harness.Ratio] = [each.recall for each in harness.per_class(["a"], ["b"])]
area: float | None = harness.roc_auc([True, False], [0.9, 0.1])
share: float | None = harness.recall_at_k([{"a"}], [["a", "b"]], k=1)
version: str = harness.__version__
"""
"""A user's own file: what it holds in hand is what it says it is."""


def test_the_file_of_a_user_runs(tmp_path: Path) -> None:
    words = [sys.executable, "-W", "error", "-c", USER]
    said = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")
    assert "did you mean 'number'?" in said.stdout


@pytest.mark.parametrize("name", harness.__all__)
def test_every_public_name_has_an_example_that_runs(name: str) -> None:
    text = SECTIONS[name]
    examples = doctest.DocTestParser().get_examples(text)
    assert any(re.search(rf"\b{name}\b", each.source + each.want) for each in examples)


def test_the_page_has_no_name_that_is_not_public() -> None:
    assert set(SECTIONS) - {next(iter(SECTIONS))} == set(harness.__all__)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (USER, []),
        ("import harness\nx: str = harness.score(1, 1).f1\n", ["assignment"]),
        ("import harness\nharness.Plan(1, 2, 3, 4)\n", ["call-arg"]),
    ],
    ids=["right", "a number for a text", "too many arguments"],
)
def test_mypy_strict_takes_a_file_of_a_user_and_finds_its_mistakes(
    tmp_path: Path, text: str, found: list[str]
) -> None:
    file = tmp_path / "mine.py"
    file.write_text(text)
    words = [sys.executable, "-m", "mypy", "--strict", "--config-file", "pyproject.toml", str(file)]
    said = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    told = [line for line in said.stdout.splitlines() if ": error:" in line]
    codes = [line.rpartition("[")[2].rstrip("]") for line in told]
    assert codes[: len(found)] == found if found else told == [], said.stdout
