"""Errors a user can fix. Each says where, what, and what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePath


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a user's file, in the form editors turn into a link.

    >>> print(Where(PurePath("evals/invoices/suite.yaml"), line=7))
    evals/invoices/suite.yaml:7
    """

    file: PurePath
    line: int | None = None
    """1-based; None when the whole file is at fault."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line is not None else str(self.file)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a user's file or command.

    >>> print(Problem("unknown key 'docments'", "unknown-key", hint="did you mean 'documents'?"))
    unknown key 'docments' [unknown-key]
      hint: did you mean 'documents'?
    """

    what: str
    code: str
    """Stable slug, safe to search for and to document."""
    where: Where | None = None
    hint: str | None = None

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        tail = f"\n  hint: {self.hint}" if self.hint else ""
        return f"{head} [{self.code}]{tail}"

    def at(self, where: Where) -> Problem:
        """Return the same problem with its place filled in, if it had none."""
        return self if self.where else replace(self, where=where)


class RuleWarning(UserWarning):
    """A rule that does nothing, or that is missing, told in Python by `warnings`."""


class HarnessError(Exception):
    """Base of everything this package raises on purpose. Carries one or many problems.

    >>> try:
    ...     raise HarnessError(Problem("unknown key 'docments'", "unknown-key"))
    ... except HarnessError as error:
    ...     print(error, error.exit_code)
    unknown key 'docments' [unknown-key] 3
    """

    exit_code = 3
    """What the command line exits with: the user's files are wrong."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class UsageError(HarnessError):
    """The command was given something it cannot use."""

    exit_code = 2


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return a hint naming the nearest known name, or the known names when none is near.

    >>> did_you_mean("docments", ["documents", "schema"])
    "did you mean 'documents'?"
    >>> did_you_mean("zzz", ["documents", "schema"])
    'known: documents, schema'
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(names)}" if names else None
