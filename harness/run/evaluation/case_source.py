"""Cases that a function is asked about: pairs of input and truth, `Case`s, or a suite's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from harness.cases.load import load_suites
from harness.core.records import Case
from harness.core.rules.field_rule import NO_RULES
from harness.run.evaluation.pairing import case_names, named_values, read_truth
from harness.run.scored_files.standalone_rules import Ruler

Cases: TypeAlias = "Iterable[Case] | Iterable[tuple[Any, Any]] | str | PathLike[str]"


@dataclass(frozen=True, slots=True)
class AskedCorpus:
    """Cases, and what their answers are judged by."""

    cases: tuple[Case, ...]
    inputs: Mapping[str, object] | None
    """What the function gets, by case id; None where it gets the case."""
    ruler: Ruler
    suite: str | None = None


def asked_corpus(cases: Cases, ids: Iterable[object] | None, ruler: Ruler) -> AskedCorpus:
    """Return the cases that are meant. Raises ValueError where there are none."""
    if isinstance(cases, str | PathLike):
        return suite_corpus(Path(cases), ruler)
    listed: list[Any] = list(cases)
    if not listed:
        raise ValueError("there is nothing to ask: no cases are given")
    if all(isinstance(each, Case) for each in listed):
        named = named_values((case.id, case) for case in listed)
        return AskedCorpus(tuple(_judged(case, ruler) for case in named.values()), None, ruler)
    if not all(isinstance(each, tuple | list) and len(each) == 2 for each in listed):  # noqa: PLR2004  # a pair
        raise ValueError("cases are (input, expected) pairs, harness.Case, or the path of a suite")
    names = case_names(len(listed), ids)
    named = named_values(zip(names, listed, strict=True))
    cases_found = [
        Case(key, (), read_truth(key, pair[1]), ruler.schema) for key, pair in named.items()
    ]
    return AskedCorpus(tuple(cases_found), {key: pair[0] for key, pair in named.items()}, ruler)


def _judged(case: Case, ruler: Ruler) -> Case:
    return case if case.schema is not None else replace(case, schema=ruler.schema)


def suite_corpus(path: Path, given: Ruler) -> AskedCorpus:
    """Return the labelled cases of the one suite at a path.

    Raises ValueError where there are several or nothing is labelled, HarnessError with what is
    wrong with its files.
    """
    suites = load_suites(path, keep_unreadable=True)
    if given != Ruler():
        raise ValueError("a suite has its own schema and rules: leave out schema= and rules=")
    if len(suites) != 1:
        names = ", ".join(sorted(suite.name for suite in suites))
        raise ValueError(f"one suite is asked at a time, and {str(path)!r} holds {names}")
    (suite,) = suites
    cases = tuple(case for case in suite.cases if case.is_labelled)
    if not cases:
        raise ValueError(f"there is nothing to ask: no case of {suite.name!r} is labelled")
    own = suite.comparators
    sources = tuple(sorted(own.sha256.items()))
    home = suite.folder if own.sha256 else None
    ruler = Ruler(None, suite.rules or NO_RULES, own.functions, sources, home)
    return AskedCorpus(cases, None, ruler, suite.name)
