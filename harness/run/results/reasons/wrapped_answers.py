"""Wrapped answers: values that stand below a key which the other side does not have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from harness.core import number_text
from harness.core.inert_text import inert
from harness.core.values import Json
from harness.run.stored.stored_results import ValueSide
from harness.run.stored.stored_shares import WrappedRecord

_DEEPEST: Final = 3
"""Keys above the values that are looked through."""
_SIDES: Final = {"predicted": ("prediction", "truth"), "expected": ("truth", "prediction")}


def wrapped_answers(pairs: Iterable[tuple[Json, Json]]) -> WrappedRecord | None:
    """Return the key below which most answers, or truths, hold what the others hold at the top.

    `pairs` are truths and answers. None where less than half of them are wrapped in one key.

    >>> wrapped_answers([({"n": 1}, {"data": {"n": 1}}), ({"n": 2}, {"data": {"n": 3}})])
    {'side': 'predicted', 'key': 'data', 'cases': 2, 'of': 2}
    >>> wrapped_answers([({"n": 1}, {"n": 1})]) is None
    True
    """
    met: Counter[tuple[ValueSide, str]] = Counter()
    of = 0
    for truth, answer in pairs:
        of += 1
        met.update(("predicted", key) for key in _wrappers(truth, answer))
        met.update(("expected", key) for key in _wrappers(answer, truth))
    if not met:
        return None
    (side, key), cases = min(met.items(), key=lambda one: (-one[1], one[0][1].count("."), one[0]))
    return {"side": side, "key": key, "cases": cases, "of": of} if 2 * cases > of else None


def wrapped_words(record: WrappedRecord) -> str:
    """Return what is told of wrapped answers, without a full stop.

    >>> wrapped_words({"side": "predicted", "key": "data", "cases": 2, "of": 3})
    "2 of 3 predictions hold their values below 'data', the truths hold theirs at the top"
    """
    inside, outside = _SIDES[record["side"]]
    cases, of = record["cases"], record["of"]
    hold = f"every {inside} holds its values"
    if cases < of:
        hold = f"{number_text.count(cases)} of {number_text.counted(of, inside)} hold their values"
    return f"{hold} below {inert(record['key'])!r}, the {outside}s hold theirs at the top"


def way_out(record: WrappedRecord) -> str:
    """Return what to do about wrapped answers that lie in files.

    >>> way_out({"side": "predicted", "key": "data", "cases": 2, "of": 2})
    "scored as it is: to score what stands below 'data', write that alone to the files"
    """
    key = inert(record["key"])
    return f"scored as it is: to score what stands below {key!r}, write that alone to the files"


def _wrappers(bare: Json, wrapped: Json) -> Iterator[str]:
    """Yield the keys below which one value has more of the other's fields than at its own top."""
    if not isinstance(wrapped, dict):
        return
    if isinstance(bare, list):
        lists = [key for key, below in wrapped.items() if isinstance(below, list)]
        yield from lists if len(lists) == 1 else ()
    elif isinstance(bare, dict):
        fields = bare.keys()
        yield from _below(fields, wrapped, len(fields & wrapped.keys()), ())


def _below(
    fields: AbstractSet[str], value: dict[str, Json], known: int, keys: tuple[str, ...]
) -> Iterator[str]:
    for key, below in value.items():
        if isinstance(below, dict) and key not in fields:
            here = (*keys, key)
            if len(fields & below.keys()) > known:
                yield ".".join(here)
            elif len(here) < _DEEPEST:
                yield from _below(fields, below, known, here)
