"""File pairs: truths by id, and the answers to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.core.records import StatedPlaces
from harness.core.rules.field_rule import NO_RULES, Rules
from harness.core.values import Json
from harness.errors import Problem
from harness.extract.recorded.recorded import Recordings
from harness.run.scored_files.case_sets import AnswerSet


@dataclass(frozen=True, slots=True)
class Truth:
    """One truth, and where it stands."""

    value: Json
    file: Path
    line: int | None = None
    rules: Rules = field(default_factory=lambda: NO_RULES)
    places: StatedPlaces = ()
    """Where its values stand, as far as a file beside it says so."""


@dataclass(frozen=True, slots=True)
class FilePair:
    """Truths by id, and where their answers are."""

    truths: Mapping[str, Truth]
    answers: Recordings | AnswerSet
    odd: tuple[Problem, ...] = ()
    """How they were read, where they can be read in two ways."""
    about: str = ""
    """Note on the part of the files that is scored, where it is not all."""
