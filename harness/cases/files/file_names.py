"""Names of files as ids of cases: each name once, or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from harness.cases.files.places import at, shown_path
from harness.core.number_text import count, counted
from harness.errors import HarnessError, Problem

_NAMED: Final = 3


def few_ids(ids: Sequence[str]) -> str:
    """Return the first ids as a message names them, and how many more there are.

    >>> few_ids(["a", "b", "c", "d"])
    "'a', 'b', 'c' and 1 more"
    """
    more = len(ids) - _NAMED
    shown = ", ".join(map(repr, ids[:_NAMED]))
    return f"{shown} and {count(more)} more" if more > 0 else shown


def files_by_name(named: Iterable[tuple[str, Path]], noun: str) -> dict[str, Path]:
    """Return files by name. Raises HarnessError where two have one: the last would win silently."""
    files: dict[str, Path] = {}
    twice: dict[str, Path] = {}
    for name, path in named:
        if name in files:
            twice.setdefault(name, path)
        else:
            files[name] = path
    if twice:
        first, path = next(iter(twice.items()))
        what = f"{counted(len(twice), 'name')} with a second {noun}: {few_ids(list(twice))}"
        hint = f"the first {first!r} is {shown_path(files[first])}: rename one of them"
        raise HarnessError(Problem(what, "duplicate-case", at(path), hint))
    return files


def flat_names(paths: Iterable[str]) -> Mapping[str, str]:
    """Return ids by path: the last name, or the whole path where another ends in the same name.

    Paths have forward slashes and no endings.

    >>> flat_names(["v1/a", "v2/a", "v2/b"])
    {'v1/a': 'v1-a', 'v2/a': 'v2-a', 'v2/b': 'b'}
    """
    paths = list(paths)
    times = Counter(path.rpartition("/")[2] for path in paths)
    return {
        path: path.replace("/", "-")
        if times[path.rpartition("/")[2]] > 1
        else path.rpartition("/")[2]
        for path in paths
    }
