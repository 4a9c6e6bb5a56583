"""Suites that are made in memory."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from harness.cases.suite import Example, Prompt, Suite
from harness.core.records import Case


def suite_of(prompt: Prompt | None, *cases: Case, examples: tuple[Example, ...] = ()) -> Suite:
    """Return a suite with a prompt and cases, and no extractor."""
    folder = Path("evals/notes")
    return Suite(
        "notes", folder, folder, cases, MappingProxyType({}), prompt=prompt, examples=examples
    )
