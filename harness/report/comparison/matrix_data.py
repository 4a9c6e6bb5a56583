"""Data blocks of a comparison page: every case with its F1 in every run, and its values.

A chunk of values is read when one of its cases is opened. What is right in every run and written as
expected takes a mark and no repetition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from harness.core import number_text
from harness.core.inert_text import UNSEEN
from harness.core.outcomes import Outcome
from harness.core.statistics.intervals import mean
from harness.report.rendering.data_blocks import Block, Shelf, block, is_same, value_text
from harness.report.words.verdicts import OUTCOME_MARKS, tag_word
from harness.report.words.visible import literal
from harness.run.comparison.flips import ReplicateVerdicts, said_by_key
from harness.run.comparison.side import Arm, f1s_of

_PLACES: Final = {
    verdict.outcome.value: place for place, verdict in enumerate(OUTCOME_MARKS.values())
}
_CORRECT: Final = Outcome.CORRECT.value
MATRIX_CHUNK: Final = 1000
"""Cases that are read together: of several runs they are much alike, and deflate well."""
_ALIKE: Final = 0
"""Right, and written as expected."""
_DIGITS: Final = 5
MOST_VERDICTS: Final = 200_000
"""Verdicts of all runs together whose values a page carries; beyond, only those with an error."""


def matrix_blocks(
    arms: Sequence[Arm], runs: Sequence[Mapping[str, object]]
) -> tuple[tuple[str, Block], ...]:
    """Return the blocks by element id; `runs` are what the page says of each run."""
    cases = sorted({case for arm in arms for case in (*arm.cases, *arm.missing)})
    verdicts = sum(len(one["diffs"]) for arm in arms for of in arm.cases.values() for one in of)
    whole = verdicts <= MOST_VERDICTS
    starts = range(0, len(cases), MATRIX_CHUNK)
    contents = (_chunk(arms, cases[start : start + MATRIX_CHUNK], whole=whole) for start in starts)
    chunks = (block(content, len(starts)) for content in contents)
    index = _index(arms, runs, cases, whole=whole)
    return (("index", index), *((f"chunk-{place}", each) for place, each in enumerate(chunks)))


def _index(
    arms: Sequence[Arm], runs: Sequence[Mapping[str, object]], cases: Sequence[str], *, whole: bool
) -> Block:
    shelf = Shelf()
    shelf.put("")  # the place 0 says nothing
    rows = [_listed(arms, case, shelf) for case in cases]
    return block(
        {
            "unseen": UNSEEN,
            "verdicts": [[v.css, v.icon, v.word] for v in OUTCOME_MARKS.values()],
            "chunk": MATRIX_CHUNK,
            "whole": whole,
            "runs": list(runs),
            "strings": list(shelf.places),
            "cases": rows,
        }
    )


def _listed(arms: Sequence[Arm], case: str, shelf: Shelf) -> list[Any]:
    """Return a case's id, tags, and of each run F1, its text, the spread of replicates, failure."""
    tags = next((arm.cases[case][0]["tags"] for arm in arms if case in arm.cases), ())
    return [case, [shelf.put(tag) for tag in tags], [_of_run(arm, case, shelf) for arm in arms]]


def _of_run(arm: Arm, case: str, shelf: Shelf) -> list[Any]:
    if case not in arm.cases:
        return [None, shelf.put(tag_word(arm.missing.get(case, "not in the run")))]
    replicates = arm.cases[case]
    f1s = [1.0 if f1 is None else f1 for f1 in f1s_of(replicates, "f1", arm.results["empty"])]
    errors = sum(d["outcome"] != _CORRECT for one in replicates for d in one["diffs"])
    failures = [one["failure"]["kind"] for one in replicates if one["failure"]]
    spread = ", ".join(map(number_text.percent, f1s)) if len(f1s) > 1 else ""
    f1 = mean(f1s) or 0.0
    row: list[Any] = [round(f1, _DIGITS), shelf.put(number_text.percent(f1)), errors]
    row += [shelf.put(spread), shelf.put(tag_word(failures[0]) if failures else "")]
    while row[-1] == 0 and len(row) > 3:  # noqa: PLR2004  # the first three always are there
        row.pop()
    return row


def _chunk(arms: Sequence[Arm], cases: Sequence[str], *, whole: bool) -> Mapping[str, Any]:
    kinds = Shelf()
    rows = [list(_rows(arms, case, kinds, whole=whole)) for case in cases]
    return {"kinds": list(kinds.places), "cases": rows}


def _rows(arms: Sequence[Arm], case: str, kinds: Shelf, *, whole: bool) -> Iterator[list[Any]]:
    """Yield a row for each field: its path, what is expected, what every run says."""
    met = [said_by_key(arm.cases.get(case, ())) for arm in arms]
    keys = dict.fromkeys(key for verdicts_of_run in met for key in verdicts_of_run)
    for key in sorted(keys, key=lambda key: bool(key[1])):
        first = next(verdicts_of_run[key] for verdicts_of_run in met if key in verdicts_of_run)[0][
            1
        ]
        cells = [
            _cell(verdicts_of_run.get(key, []), len(arm.cases.get(case, ())), first)
            for verdicts_of_run, arm in zip(met, arms, strict=True)
        ]
        alike = all(cell == _ALIKE for cell in cells)
        if whole or not alike:
            row = [kinds.put(first["path"]), value_text(first, "expected")]
            yield row if alike else [*row, cells]


def _cell(met: ReplicateVerdicts, replicates: int, first: Mapping[str, Any]) -> Any:  # noqa: ANN401  # JSON
    """Return what a run says of a field: each answer of its replicates once, with its number."""
    if not replicates:
        return None
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for _, diff in met:
        right = diff["outcome"] == _CORRECT
        alike = right and is_same(diff.get("expected"), diff.get("predicted"))
        predicted = None if alike else value_text(diff, "predicted")
        key = (diff["outcome"], alike, literal(diff, "predicted"))
        groups.setdefault(key, [_PLACES[diff["outcome"]], 0 if alike else predicted, 0])[2] += 1
    if len(met) < replicates:
        groups["nothing",] = [None, None, replicates - len(met)]
    alternatives = list(groups.values())
    if "expected" in first and alternatives == [[0, 0, replicates]]:
        return _ALIKE
    return [one[:2] for one in alternatives] if replicates == 1 else alternatives
