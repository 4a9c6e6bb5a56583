"""JSON Schema files: validation of the schema itself, its references and `x-match` settings.

Imported only where a suite has a schema. Nothing here ever asks the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol, Self

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend, validator_for
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]  # has no marker
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012, SchemaResource, specification_with

from harness.cases.files.places import at
from harness.cases.files.reading import read_text
from harness.cases.files.strict_json import line_of_offset, parse_json, strict_json_lines
from harness.cases.files.wording import shortened
from harness.cases.schemas.subschemas import Subschema, subschemas
from harness.core.rules.field_rule import parse_rule
from harness.core.rules.rule_names import field_of
from harness.core.schema.patterns import pattern_matcher
from harness.core.schema.quick_check import QuickCheck, quick_check
from harness.core.schema.validity import Check, check_of
from harness.core.values import FieldPath, Json, show
from harness.errors import HarnessError, Problem, did_you_mean

_DIALECTS: Final = ("2020-12", "2019-09", "draft-07", "draft-06", "draft-04", "draft-03")
_TYPES: Final = ("array", "boolean", "integer", "null", "number", "object", "string")
_FORMATS: Final = ("date", "date-time", "time", "duration", "email", "uri", "uuid")
_REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")


class _Scope(Protocol):
    """Resolver of `referencing`, whose own name for it is private."""

    def lookup(self, ref: str) -> object: ...

    def in_subresource(self, subresource: SchemaResource) -> Self: ...


@dataclass(frozen=True, slots=True)
class JsonSchemaFile:
    """A JSON Schema that has been checked."""

    value: dict[str, Json]
    validator: Validator
    quick: QuickCheck | None
    """Tells of most values that keep to the schema; None where only the validator knows."""


def read_schema(file: Path) -> JsonSchemaFile:
    """Return a schema file's content, checked. Raises HarnessError with every problem."""
    text = read_text(file)
    value = parse_json(text, file)
    if not isinstance(value, dict):
        raise HarnessError(Problem("a schema must be a JSON object", "bad-schema", at(file, 1)))
    try:
        flaws = list(_flaws(value))
    except RecursionError:
        raise HarnessError(Problem("is nested too deeply", "too-deep", at(file))) from None
    if flaws:
        lines = strict_json_lines(text)
        raise HarnessError(
            *(problem.at(at(file, line_of_offset(lines, path))) for path, problem in flaws)
        )
    kind = validator_for(value, default=Draft202012Validator)
    bounded = extend(kind, {**_IN_BOUNDED_TIME, "additionalProperties": _others(kind)})  # type: ignore[no-untyped-call]  # brings no types
    validator = bounded(value, format_checker=_format_checker(), registry=REGISTRY)
    return JsonSchemaFile(value, validator, quick_check(value))


def _pattern(_: Validator, pattern: str, instance: Json, __: object) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not pattern_matcher(pattern)(instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any,  # noqa: ANN401  # its types lack `descend`
    patterns: Mapping[str, Json],
    instance: Json,
    _: object,
) -> Iterator[ValidationError]:
    for pattern, schema in patterns.items():
        for key, value in instance.items() if isinstance(instance, dict) else ():
            if pattern_matcher(pattern)(key):
                yield from validator.descend(value, schema, path=key, schema_path=pattern)


_IN_BOUNDED_TIME: Final = {"pattern": _pattern, "patternProperties": _pattern_properties}
"""Keywords that jsonschema's own engine could search for ever."""


def _others(kind: type[Validator]) -> Callable[..., Iterable[ValidationError]]:
    """Return the check of keys that no pattern covers, with patterns matched in bounded time."""
    own: Callable[..., Iterable[ValidationError]] = kind.VALIDATORS["additionalProperties"]

    def check(
        validator: Validator, allowed: Json, instance: Json, schema: dict[str, Json]
    ) -> Iterable[ValidationError]:
        patterns = schema.get("patternProperties")
        if not isinstance(instance, dict) or not isinstance(patterns, dict):
            return own(validator, allowed, instance, schema) or ()
        matchers = [pattern_matcher(pattern) for pattern in patterns]
        left = {key: value for key, value in instance.items() if not any(m(key) for m in matchers)}
        without = {key: part for key, part in schema.items() if key != "patternProperties"}
        return own(validator, allowed, left, without) or ()

    return check


def _format_checker() -> FormatChecker:
    """Return a checker of the formats the scorer knows, read the way the scorer reads them."""
    checker = FormatChecker(formats=())
    for name in _FORMATS:
        checker.checks(name)(partial(_keeps, check_of({"format": name})))
    return checker


def _keeps(check: Check, value: object) -> bool:
    return not isinstance(value, str) or check(value)


def _flaws(value: dict[str, Json]) -> Iterator[tuple[FieldPath, Problem]]:
    """Yield what is wrong and where; references and rules are looked at only in a sound schema."""
    dialect = value.get("$schema", Draft202012Validator.META_SCHEMA["$id"])
    kind = validator_for({"$schema": str(dialect)}, default=Draft202012Validator)
    if dialect not in (kind.META_SCHEMA.get("$id"), kind.META_SCHEMA.get("id")):
        hint = f"known: {', '.join(_DIALECTS)}"
        yield ("$schema",), Problem(f"unknown $schema {dialect!r}", "bad-schema", hint=hint)
        return
    meta = kind(kind.META_SCHEMA, format_checker=kind.FORMAT_CHECKER, registry=REGISTRY)
    errors = sorted(meta.iter_errors(value), key=lambda e: list(map(str, e.absolute_path)))
    for error in errors:
        path = tuple(error.absolute_path)
        yield path, Problem(f"{show(path)}: {_worded(error)}", "bad-schema", hint=_hint(error))
    if not errors:
        yield from _pattern_flaws(value)
        yield from _reference_flaws(value)
        yield from _rule_flaws(value)


def _worded(error: ValidationError) -> str:
    given = shortened(error.instance)
    if error.absolute_path and error.absolute_path[-1] == "type":
        return f"{given} is not a type"
    if error.validator == "type":
        kinds = error.validator_value
        kinds = kinds if isinstance(kinds, list) else [kinds]
        named = [kind if isinstance(kind, str) else "schema" for kind in kinds]  # as draft 3 has it
        return f"must be of type {' or '.join(named)}, not {given}"
    if error.validator == "format":
        return f"{given} is not a {error.validator_value}"
    return f"{error.message[:160]}"


def _hint(error: ValidationError) -> str | None:
    if error.absolute_path and error.absolute_path[-1] == "type":
        return did_you_mean(str(error.instance), _TYPES)
    return None


def _pattern_flaws(value: dict[str, Json]) -> Iterator[tuple[FieldPath, Problem]]:
    """Yield the patterns that could not be matched in bounded time."""
    for here in subschemas(value):
        named = here.schema.get("patternProperties")
        keys = [("patternProperties", key) for key in named] if isinstance(named, dict) else []
        own = here.schema.get("pattern")
        for steps, pattern in [*((key, key[1]) for key in keys), (("pattern",), own)]:
            if not isinstance(pattern, str):
                continue
            try:
                pattern_matcher(pattern)
            except HarnessError as error:
                path = (*here.pointer, *steps)
                for problem in error.problems:
                    what = f"{show(path)}: {problem.what.removeprefix('schema: ')}"
                    yield path, Problem(what, problem.code, hint=problem.hint)


def _reference_flaws(value: dict[str, Json]) -> Iterator[tuple[FieldPath, Problem]]:
    specification = specification_with(str(value.get("$schema", "")), default=DRAFT202012)
    root = REGISTRY.resolver_with_root(specification.create_resource(value))
    scopes: dict[FieldPath, _Scope] = {(): root}
    for here in subschemas(value):
        above = (here.pointer[:n] for n in range(len(here.pointer), -1, -1))
        scope = next(scopes[pointer] for pointer in above if pointer in scopes)
        if here.pointer and isinstance(here.schema.get("$id"), str):
            inner = specification.create_resource(here.schema)
            scope = scopes[here.pointer] = scope.in_subresource(inner)
        for keyword in _REFERENCES:
            target = here.schema.get(keyword)
            if isinstance(target, str) and not _is_known(target, scope):
                path = (*here.pointer, keyword)
                yield path, _bad_reference(path, target, value)


def _is_known(target: str, scope: _Scope) -> bool:
    try:
        scope.lookup(target)
    except Unresolvable:
        return False
    return True


def _bad_reference(path: FieldPath, target: str, value: Mapping[str, Json]) -> Problem:
    what = f"{show(path)}: {target!r}"
    if not target.startswith("#"):
        hint = "copy the other schema into `$defs` and refer to it as `#/$defs/...`"
        return Problem(f"{what} is in another file", "remote-ref", hint=hint)
    defs = value.get("$defs") or value.get("definitions")
    names = [f"#/$defs/{k}" for k in defs] if isinstance(defs, dict) else []
    if "definitions" in value and "$defs" not in value:
        names = [n.replace("$defs", "definitions") for n in names]
    return Problem(f"{what} is not in this schema", "bad-ref", hint=did_you_mean(target, names))


def _rule_flaws(value: dict[str, Json]) -> Iterator[tuple[FieldPath, Problem]]:
    for here in subschemas(value):
        if "x-match" not in here.schema:
            continue
        name = field_of(here.steps)
        try:
            parse_rule(here.schema["x-match"], name)
        except HarnessError as error:
            for problem in error.problems:
                what = f"x-match of {problem.what.removeprefix('rules.')}"
                path = _setting_path(here, problem)
                yield path, Problem(what, problem.code, hint=problem.hint)


def _setting_path(here: Subschema, problem: Problem) -> FieldPath:
    settings = here.schema["x-match"]
    keys = list(settings) if isinstance(settings, dict) else []
    head = problem.what.split(": ")[0]
    named = [k for k in keys if head.endswith(f".{k}") or problem.what.endswith(repr(k))]
    return (*here.pointer, "x-match", *named[:1])
