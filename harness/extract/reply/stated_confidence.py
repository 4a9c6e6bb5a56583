"""Confidences and places written into an answer, beside its values or around them, taken out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from harness.core.explain.places.stated_places import PLACE_KEYS, places_by_path, read_place
from harness.core.records import Answer, Case, Failure, StatedPlace, StatedPlaces
from harness.core.values import FieldPath, Json, json_nodes, show

StatedConfidences = tuple[tuple[str, float], ...]
"""Field paths as they are shown, and a probability each."""
SUFFIX: Final = "__confidence"
REPAIR: Final = "stated_confidence"
"""What an answer records that confidences or places were taken out of."""
_CONFIDENCE: Final = "confidence"
_VALUE: Final = "value"
_STORED: Final = "confidences"
_PLACES: Final = "places"
_AROUND: Final = PLACE_KEYS | {_CONFIDENCE}
"""What may stand beside `value` in an object that only wraps it."""


@dataclass(frozen=True, slots=True)
class StatedAnswer:
    """An answer less what was said in it of confidence and places."""

    value: Json
    confidences: StatedConfidences
    places: StatedPlaces = ()


@dataclass(slots=True)
class _Gathered:
    """Confidences taken out of an answer as it is walked."""

    confidences: list[tuple[str, float]] = field(default_factory=list)
    places: list[tuple[str, StatedPlace]] = field(default_factory=list)
    has_lone_places: bool = False
    """A value was wrapped with its place and no confidence."""


def stated(value: Json) -> StatedAnswer:
    """Take confidences and places out of an answer, wherever they are written.

    A confidence is a number from 0 to 1. It is a sibling `<key>__confidence`, a number or for a
    list or an object one in its shape; a key `__confidence` with an object of its siblings' names;
    or stands in an object around a value, of `value` and `confidence`, with or without its place:
    `page` and `box`. Anything else stays what it is.

    >>> stated({"a": {"value": 5, "confidence": 0.9}, "b": "x", "b__confidence": 1})
    StatedAnswer(value={'a': 5, 'b': 'x'}, confidences=(('a', 0.9), ('b', 1.0)), places=())
    >>> stated({"a": 5, "b": {"c": 1}, "__confidence": {"a": 0.5, "b": {"c": 0.25}}}).confidences
    (('a', 0.5), ('b.c', 0.25))
    >>> stated({"a": {"value": 5, "page": 2}}).places
    (('a', StatedPlace(page=2, box=None, document='')),)
    """
    return _answer(value, _Gathered())


def _answer(value: Json, gathered: _Gathered) -> StatedAnswer:
    bare = _bare(value, (), gathered)
    return StatedAnswer(bare, tuple(gathered.confidences), tuple(gathered.places))


def without_stated(answer: Answer | Failure, case: Case) -> Answer | Failure:
    """Return what was said with the confidences and places in it told apart from the fields.

    A key that the schema or the ground truth has is a field and stays. So is `{"value": ...,
    "confidences": {path: share}, "places": {path: place}}` as a whole answer. What the answer's
    extractor told comes first.
    """
    if isinstance(answer, Failure):
        return answer
    envelope = _envelope(answer.value)
    gathered = _Gathered()
    own = _answer(envelope.value if envelope else answer.value, gathered)
    taken = own.confidences or own.places or gathered.has_lone_places
    if not taken and envelope is None:
        return answer
    if _has_field(gathered, case.schema, case.truth):
        return answer
    listed = envelope or StatedAnswer(None, ())
    known = dict(own.confidences) | dict(listed.confidences) | dict(answer.confidences)
    places = dict(own.places) | dict(listed.places) | dict(answer.places)
    source = answer.confidence_source if answer.confidences or not known else "stated"
    repairs = answer.repairs if REPAIR in answer.repairs else (*answer.repairs, REPAIR)
    bare_answer = replace(answer, value=own.value, repairs=repairs, confidence_source=source)
    return replace(bare_answer, confidences=tuple(known.items()), places=tuple(places.items()))


def _envelope(value: Json) -> StatedAnswer | None:
    """Return a whole answer that stands beside its confidences or places; None for any other."""
    if not isinstance(value, dict) or not {_VALUE} < value.keys() <= {_VALUE, _STORED, _PLACES}:
        return None
    confidences = shares(value.get(_STORED, {}))
    places = places_by_path(value.get(_PLACES, {}))
    if confidences is None or places is None:
        return None
    return StatedAnswer(value[_VALUE], confidences, places)


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


def _has_field(gathered: _Gathered, *values: Json) -> bool:
    """Tell whether a schema or a truth has a field by the name of what was taken out."""
    waiting = list(values)
    while waiting:
        here = waiting.pop()
        if isinstance(here, Mapping):
            if any(_is_name(key) for key in here):
                return True
            if gathered.has_lone_places and _VALUE in here and PLACE_KEYS & here.keys():
                return True
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)
    return False


def _is_name(key: str) -> bool:
    return key in (_CONFIDENCE, _STORED) or key.endswith(SUFFIX)


def _bare(value: Json, path: FieldPath, gathered: _Gathered) -> Json:
    if isinstance(value, list):
        return [_bare(item, (*path, at), gathered) for at, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if path and _take_around(value, show(path), gathered):
        return _bare(value[_VALUE], path, gathered)
    bare: dict[str, Json] = {}
    for key, item in value.items():
        stated_beside = _beside(value, key, path)
        if stated_beside is None:
            bare[key] = _bare(item, (*path, key), gathered)
        else:
            gathered.confidences.extend(stated_beside)
    return bare


def _take_around(value: Mapping[str, Json], path: str, gathered: _Gathered) -> bool:
    """Take what an object says of its `value`; False where it is no such wrapper."""
    about = value.keys() - {_VALUE}
    if _VALUE not in value or not about or not about <= _AROUND:
        return False
    sure, place = _chance(value.get(_CONFIDENCE)), read_place(dict(value))
    if sure is None and value.get(_CONFIDENCE) is not None:
        return False
    if place is None and any(value.get(key) is not None for key in PLACE_KEYS):
        return False
    if sure is None and place is None and len(about) == 1:
        return False
    if sure is not None:
        gathered.confidences.append((path, sure))
    if place is not None:
        gathered.places.append((path, place))
    gathered.has_lone_places |= _CONFIDENCE not in value
    return True


def _beside(value: Mapping[str, Json], key: str, path: FieldPath) -> StatedConfidences | None:
    """Return the confidences that a key of an object holds; None where it is a field."""
    if not key.endswith(SUFFIX):
        return None
    name = key.removesuffix(SUFFIX)
    if not name and (not isinstance(value[key], dict) or name in value):
        return None
    if name and name not in value:
        return None
    nodes = json_nodes(value[key], (*path, name) if name else path)
    leaves = [(show(at), _chance(leaf)) for at, leaf in nodes if not isinstance(leaf, dict | list)]
    known = tuple((where, share) for where, share in leaves if share is not None)
    return known if known and len(known) == len(leaves) else None


def _chance(value: Json) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return (
        float(value) if is_number and isinstance(value, int | float) and 0 <= value <= 1 else None
    )
