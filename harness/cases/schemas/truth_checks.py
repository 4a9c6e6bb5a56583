"""Checks of a ground truth against its schema. Absent values are never odd."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from jsonschema import ValidationError

from harness.cases.files.places import at
from harness.cases.files.reading import read_text
from harness.cases.files.strict_json import line_of_offset, strict_json_lines
from harness.cases.files.wording import listed, shortened
from harness.cases.schemas.json_schema import JsonSchemaFile
from harness.core.schema.patterns import pattern_matcher
from harness.core.values import FieldPath, Json, is_blank, json_type, show
from harness.errors import Problem, did_you_mean

_ABOUT_PRESENCE: Final = frozenset({"required", "dependentRequired", "dependencies"})
"""Keywords that ask for a key: a truth leaves out what the document does not say."""
_LINE: Final = 160


def truth_problems(
    schema: JsonSchemaFile, truth: Json, file: Path, line: int | None = None
) -> tuple[Problem, ...]:
    """Return what of a truth breaks its schema, each with its line; null and "" never do.

    `line` is where the truth stands in a file of lines; None where it is the whole file.
    """
    try:
        errors = _errors(schema, truth)
    except RecursionError:
        what = "cannot be checked: it is too deep, or its schema refers to itself without an end"
        return (Problem(what, "truth-breaks-schema", at(file, line)),)
    if not errors:
        return ()
    lines = strict_json_lines(read_text(file)) if line is None else {}
    problems = [problem for error in errors for problem in _said(error)]
    return tuple(
        Problem(
            f"{show(path)}: {what}",
            "truth-breaks-schema",
            at(file, line or line_of_offset(lines, path)),
            hint,
        )
        for path, what, hint in problems
    )


def _errors(schema: JsonSchemaFile, truth: Json) -> list[ValidationError]:
    """Return the errors that stand both with absent values in the truth and without them.

    Either alone would blame absence: a null where `anyOf` lists types, or a `oneOf` that tells
    its branches apart by a null.
    """
    if schema.quick is not None and schema.quick(truth):
        return []
    errors_left = [e for e in schema.validator.iter_errors(truth) if not _is_absence(e)]
    if not errors_left:
        return errors_left
    bare = {_key(e) for e in schema.validator.iter_errors(_present(truth)) if not _is_absence(e)}
    return [e for e in errors_left if _key(e) in bare]


def _key(error: ValidationError) -> tuple[FieldPath, str]:
    return tuple(error.absolute_path), str(error.validator)


def _is_absence(error: ValidationError) -> bool:
    """Tell whether an error only says that something is absent."""
    if error.validator in _ABOUT_PRESENCE or is_blank(_instance(error)):
        return True
    branches: dict[object, bool] = {}
    for inner in error.context or ():
        branch = inner.relative_schema_path[0]
        branches[branch] = branches.get(branch, True) and _is_absence(inner)
    return any(branches.values())


def _present(value: Json) -> Json:
    """Return a value without the keys that are blank; lists keep their length."""
    if isinstance(value, dict):
        present = {k: _present(v) for k, v in value.items()}
        return {k: v for k, v in present.items() if not is_blank(v)}
    return [_present(v) for v in value] if isinstance(value, list) else value


def _said(error: ValidationError) -> Iterator[tuple[FieldPath, str, str | None]]:
    """Yield path, words and hint of an error; keys nobody knows are told one by one."""
    path = tuple(error.absolute_path)
    here = error.schema if isinstance(error.schema, dict) else {}
    extra = error.validator == "additionalProperties" and error.validator_value is False
    if not extra or not isinstance(error.instance, dict):
        yield path, _words(error), None
        return
    known, patterns = here.get("properties", {}), here.get("patternProperties", {})
    matchers = [pattern_matcher(pattern) for pattern in patterns]
    what = "is not in the schema"
    if patterns:
        what += f", and matches none of its patterns: {listed([*patterns])}"
    for key, value in error.instance.items():
        if key not in known and not is_blank(value) and not any(m(key) for m in matchers):
            yield (*path, key), what, _near(key, known)


def _near(key: str, known: Iterable[str]) -> str | None:
    hint = did_you_mean(key, known)
    return hint if hint and hint.startswith("did") else None


def _words(error: ValidationError) -> str:
    wanted: Any = error.validator_value
    got = shortened(error.instance)
    match error.validator:
        case "type":
            kinds = wanted if isinstance(wanted, list) else [wanted]
            expected = " or ".join(map(str, kinds))
            got = f"{json_type(_instance(error))} {got}"
        case "enum":
            expected = f"one of {listed(wanted)}"
        case "const":
            expected = shortened(wanted)
        case "format":
            expected = f"format {wanted}"
        case "pattern":
            expected = f"text that matches {wanted!r}"
        case "anyOf" | "oneOf" if error.context:
            expected = _alternatives(error, len(wanted))
        case _:
            return error.message if len(error.message) <= _LINE else f"{error.message[:_LINE]}..."
    return f"expected {expected}, got {got}"


def _alternatives(error: ValidationError, number: int) -> str:
    types = [e.validator_value for e in error.context or () if e.validator == "type"]
    if len(types) == number and not any(e.relative_path for e in error.context or ()):
        return " or ".join(map(str, types))
    return f"one of {number} alternatives"


def _instance(error: ValidationError) -> Json:
    value: Any = error.instance
    return value  # type: ignore[no-any-return]  # we gave it JSON
