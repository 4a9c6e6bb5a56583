"""Confidences written into an answer, beside its values or around them, taken out of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from harness.core.records import Answer, Case, Failure
from harness.core.values import FieldPath, Json, show

StatedConfidences = tuple[tuple[str, float], ...]
"""Field paths as they are shown, and a probability each."""
SUFFIX: Final = "__confidence"
REPAIR: Final = "stated_confidence"
"""What an answer records that confidences were taken out of."""
_CONFIDENCE: Final = "confidence"
_WRAPPED: Final = frozenset({"value", _CONFIDENCE})
_STORED: Final = "confidences"
_ENVELOPE: Final = frozenset({"value", _STORED})


@dataclass(frozen=True, slots=True)
class StatedAnswer:
    """An answer less what was said in it of confidence."""

    value: Json
    confidences: StatedConfidences


def stated(value: Json) -> StatedAnswer:
    """Take confidences out of an answer: numbers from 0 to 1, wherever they are written.

    They are a sibling `<key>__confidence`, a number or for a list or an object one in its shape; a
    key `__confidence` with an object of its siblings' names; or an object of just `value` and
    `confidence` around a value. Anything else stays what it is.

    >>> stated({"a": {"value": 5, "confidence": 0.9}, "b": "x", "b__confidence": 1})
    StatedAnswer(value={'a': 5, 'b': 'x'}, confidences=(('a', 0.9), ('b', 1.0)))
    >>> stated({"a": 5, "b": {"c": 1}, "__confidence": {"a": 0.5, "b": {"c": 0.25}}})
    StatedAnswer(value={'a': 5, 'b': {'c': 1}}, confidences=(('a', 0.5), ('b.c', 0.25)))
    """
    confidences: list[tuple[str, float]] = []
    return StatedAnswer(_bare(value, (), confidences), tuple(confidences))


def without_stated(answer: Answer | Failure, case: Case) -> Answer | Failure:
    """Return what was said with the confidences in it told apart from the fields.

    A key that the schema or the ground truth has is a field and stays. So is `{"value": ...,
    "confidences": {path: share}}` as a whole answer. What the answer's extractor told comes first.
    """
    if isinstance(answer, Failure):
        return answer
    value, listed = answer.value, None
    if isinstance(value, dict) and value.keys() == _ENVELOPE:
        listed = shares(value[_STORED])
        value = answer.value if listed is None else value["value"]
    own = stated(value)
    if not own.confidences and listed is None:
        return answer
    if _has_field(case.schema, case.truth):
        return answer
    known = dict(own.confidences) | dict(listed or ()) | dict(answer.confidences)
    source = answer.confidence_source if answer.confidences else "stated"
    repairs = answer.repairs if REPAIR in answer.repairs else (*answer.repairs, REPAIR)
    bare_answer = replace(answer, value=own.value, repairs=repairs, confidence_source=source)
    return replace(bare_answer, confidences=tuple(known.items()))


def shares(value: Json) -> StatedConfidences | None:
    """Return an object of field paths and numbers from 0 to 1 as confidences; None if it is none.

    >>> shares({"total": 0.9, "items[0].name": 1}), shares({"total": 90})
    ((('total', 0.9), ('items[0].name', 1.0)), None)
    """
    if not isinstance(value, dict):
        return None
    chances = [(path, _chance(share)) for path, share in value.items()]
    known = tuple((path, share) for path, share in chances if share is not None)
    return known if len(known) == len(chances) else None


def _has_field(*values: Json) -> bool:
    """Tell whether a schema or a truth has a field by the name of a confidence."""
    waiting = list(values)
    while waiting:
        here = waiting.pop()
        if isinstance(here, Mapping):
            if any(_is_name(key) for key in here):
                return True
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)
    return False


def _is_name(key: str) -> bool:
    return key in (_CONFIDENCE, _STORED) or key.endswith(SUFFIX)


def _bare(value: Json, path: FieldPath, confidences: list[tuple[str, float]]) -> Json:
    if isinstance(value, list):
        return [_bare(item, (*path, at), confidences) for at, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if value.keys() == _WRAPPED and path and (sure := _chance(value[_CONFIDENCE])) is not None:
        confidences.append((show(path), sure))
        return _bare(value["value"], path, confidences)
    bare: dict[str, Json] = {}
    for key, item in value.items():
        stated_beside = _beside(value, key, path)
        if stated_beside is None:
            bare[key] = _bare(item, (*path, key), confidences)
        else:
            confidences.extend(stated_beside)
    return bare


def _beside(value: Mapping[str, Json], key: str, path: FieldPath) -> StatedConfidences | None:
    """Return the confidences that a key of an object holds; None where it is a field."""
    if not key.endswith(SUFFIX):
        return None
    name = key.removesuffix(SUFFIX)
    if not name and (not isinstance(value[key], dict) or name in value):
        return None
    if name and name not in value:
        return None
    leaves = list(_leaves(value[key], (*path, name) if name else path))
    known = tuple((where, share) for where, share in leaves if share is not None)
    return known if known and len(known) == len(leaves) else None


def _leaves(value: Json, path: FieldPath) -> Iterator[tuple[str, float | None]]:
    """Yield every leaf of confidences with its field; None for one that is no number in [0, 1]."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _leaves(item, (*path, at))
    else:
        yield show(path), _chance(value)


def _chance(value: Json) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return (
        float(value) if is_number and isinstance(value, int | float) and 0 <= value <= 1 else None
    )
