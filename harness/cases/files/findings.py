"""Findings: problems collected while loading, so that a user sees all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from harness.errors import HarnessError, Problem, Where

T = TypeVar("T")


class Findings:
    """Problems collected so far; mutable, and used for one call of a loader."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def attempt(self, step: Callable[[], T], where: Where | None = None) -> T | None:
        """Return what a step returns; keep its problems and return None if it raises them."""
        try:
            return step()
        except HarnessError as error:
            self.add(error.problems, where)
            return None

    def add(self, problems: Iterable[Problem], where: Where | None = None) -> None:
        """Keep problems, filling in the place of those that have none."""
        self.problems.extend(p.at(where) if where else p for p in problems)

    def stop(self) -> None:
        """Raise HarnessError with everything found, in order of file and line, if anything was."""
        if self.problems:
            raise HarnessError(*in_order(self.problems))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems in order of file and line, each once."""
    return tuple(sorted(dict.fromkeys(problems), key=_place))


def _place(problem: Problem) -> tuple[str, int]:
    where = problem.where
    return (str(where.file), where.line or 0) if where else ("", 0)
