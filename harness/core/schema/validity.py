"""Scalar validation against a field's schema: type, enum, format, pattern, bounds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Final, TypeAlias

from harness.core.schema.patterns import pattern_matcher
from harness.core.values import Json, json_type
from harness.errors import HarnessError, Problem, did_you_mean

Check: TypeAlias = Callable[[Json], bool]
"""Tells of a present scalar whether it keeps to the schema."""

Schema: TypeAlias = Mapping[str, Json]

FLOAT_NOISE: Final = 1e-9
"""How far from whole a number of steps may be and still count as whole, in binary fractions."""

_KINDS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "string": lambda v: v.__class__ is str,
        "boolean": lambda v: v.__class__ is bool,
        "null": lambda v: v is None,
        "number": lambda v: v.__class__ is int or v.__class__ is float,
        "integer": lambda v: v.__class__ is int or (isinstance(v, float) and v.is_integer()),
    }
)


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return check


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda text: compiled.fullmatch(text) is not None


def _full_date(text: str) -> object:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) is None:
        raise ValueError(text)
    return date.fromisoformat(text)


def _moment(text: str) -> object:
    if re.match(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}", text) is None:
        raise ValueError(text)
    return datetime.fromisoformat(text)


_FORMATS: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "date": _parses(_full_date),
        "date-time": _parses(_moment),
        "time": _parses(time.fromisoformat),
        "duration": _matches(
            r"P(?!$)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+([.,]\d+)?S)?)?"
        ),
        "email": _matches(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
        "uri": _matches(r"[a-z][a-z0-9+.\-]*:\S+"),
        "uuid": _matches(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    }
)
"""The formats that are checked; others are remarks, as JSON Schema says."""


def kinds_of(schema: Schema) -> frozenset[str]:
    """Return the JSON types a schema names; empty when it names none.

    >>> sorted(kinds_of({"type": ["string", "null"]})), sorted(kinds_of({}))
    (['null', 'string'], [])

    Raises HarnessError for a name that is no type.
    """
    named = schema.get("type")
    if isinstance(named, str):
        kinds = frozenset({named})
    else:
        kinds = frozenset(map(str, named)) if isinstance(named, list) else frozenset()
    if not kinds <= _TYPES:
        raise HarnessError(
            *(
                Problem(f"{name!r} is not a type", "bad-schema", hint=did_you_mean(name, _TYPES))
                for name in sorted(kinds - _TYPES)
            )
        )
    return kinds


_TYPES: Final = frozenset(
    ("array", "boolean", "integer", "null", "number", "object", "string"),
)


def is_plain(schema: Schema) -> bool:
    """Tell whether a schema asks nothing of a scalar but its type.

    >>> is_plain({"type": "string", "title": "Name"}), is_plain({"type": "string", "maxLength": 3})
    (True, False)
    """
    return not _CHECKED & schema.keys()


_CHECKED: Final = frozenset(
    (
        *("const", "enum", "anyOf", "format", "pattern", "minLength", "maxLength"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    )
)


def check_of(schema: Schema) -> Check:
    """Compile the part of a JSON Schema that speaks of one scalar into one function.

    >>> check = check_of({"type": "string", "format": "date"})
    >>> check("2024-03-31"), check("31 March 2024"), check(5)
    (True, False, False)
    """
    members = _members(schema)
    if members is not None and all(isinstance(m, str) for m in members):
        texts = frozenset(map(str, members))
        checks: list[Check] = [lambda value: value.__class__ is str and value in texts]
    else:
        checks = [c for c in (_kind_check(schema), _member_check(members)) if c]
    checks.extend(_string_checks(schema))
    checks.extend(_number_checks(schema))
    options = [check_of(o) for o in _dicts(schema.get("anyOf"))]
    if options:
        checks.append(lambda value: any(option(value) for option in options))
    return _all_of(checks)


def _all_of(checks: list[Check]) -> Check:
    if not checks:
        return lambda _: True
    if len(checks) == 1:
        return checks[0]
    first, rest = checks[0], _all_of(checks[1:])
    return lambda value: first(value) and rest(value)


def members_of(schema: Schema) -> list[Json]:
    """Return the values a schema lists under `enum` or `const`, null left out.

    >>> members_of({"enum": ["a", None]}), members_of({"const": 5}), members_of({})
    (['a'], [5], [])
    """
    return _members(schema) or []


def _members(schema: Schema) -> list[Json] | None:
    """Return the values a schema lists, null left out; None where it lists none."""
    if "const" in schema:
        return [schema["const"]]
    listed = schema.get("enum")
    return [m for m in listed if m is not None] if isinstance(listed, list) else None


def _dicts(value: Json) -> list[Schema]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _kind_check(schema: Schema) -> Check | None:
    kinds = [_KINDS[k] for k in sorted(kinds_of(schema)) if k in _KINDS and k != "null"]
    if len(kinds) == 1:
        return kinds[0]
    return (lambda value: any(kind(value) for kind in kinds)) if kinds else None


def _member_check(members: list[Json] | None) -> Check | None:
    if members is None:
        return None
    keys = {_typed(m) for m in members if not isinstance(m, list | dict)}
    return lambda value: _typed(value) in keys


def _typed(value: Json) -> tuple[str, object]:
    kind = json_type(value)
    return ("number" if kind == "integer" else kind, str(value) if kind == "object" else value)


def _string_checks(schema: Schema) -> list[Check]:
    checks: list[Callable[[str], bool]] = []
    named = schema.get("format")
    if isinstance(named, str) and named in _FORMATS:
        checks.append(_FORMATS[named])
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        checks.append(pattern_matcher(pattern))
    shortest, longest = schema.get("minLength"), schema.get("maxLength")
    if isinstance(shortest, int):
        checks.append(lambda text: len(text) >= shortest)
    if isinstance(longest, int):
        checks.append(lambda text: len(text) <= longest)
    return [_only_strings(check) for check in checks]


def _only_strings(check: Callable[[str], bool]) -> Check:
    return lambda value: check(value) if isinstance(value, str) else True


def _number_checks(schema: Schema) -> list[Check]:
    tests: dict[str, Callable[[float, float], bool]] = {
        "minimum": lambda value, bound: value >= bound,
        "maximum": lambda value, bound: value <= bound,
        "exclusiveMinimum": lambda value, bound: value > bound,
        "exclusiveMaximum": lambda value, bound: value < bound,
        "multipleOf": _is_multiple,
    }
    for key in ("minimum", "maximum"):  # draft 4: `exclusiveMinimum: true`
        if schema.get(f"exclusive{key.title()}") is True:
            tests[key] = tests[f"exclusive{key.title()}"]
    return [
        _only_numbers(test, bound)
        for key, test in tests.items()
        if isinstance(bound := schema.get(key), int | float) and not isinstance(bound, bool)
    ]


def _is_multiple(value: float, step: float) -> bool:
    """Tell whether a number is so many steps; where no float can hold how many, it may be."""
    if step <= 0:
        return True
    try:
        steps = value / step
        return abs(steps - round(steps)) < FLOAT_NOISE
    except OverflowError:
        return True


def _only_numbers(test: Callable[[float, float], bool], bound: float) -> Check:
    def check(value: Json) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return True
        return test(value, bound)

    return check
