"""Strict JSON: no NaN, no duplicate keys, no lone surrogates; errors have lines."""

from __future__ import annotations

import gc
import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Never

from harness.cases.files.places import at
from harness.core.values import FieldPath, Json, show
from harness.errors import HarnessError, Problem

MAX_DEPTH: Final = 100
"""Levels of nesting beyond which a file is refused."""
_MOST_DIGITS: Final = 4_000
"""Python refuses to read longer integers."""
_WORD: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)
_MERGE_MARK: Final = re.compile(r"^(?:<{7} |={7}$|>{7} )", re.MULTILINE)
_KEEP_A_SIDE: Final = (
    "keep either side whole (git checkout --ours FILE); of a truth that people review"
    " `harness truth settle SUITE` then writes what the logs of both sides add up to"
)
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


class _FlawError(ValueError):
    """The text parses but says something JSON cannot."""


def parse_json(text: str, file: Path) -> Json:
    """Return the value of a JSON text. Raises HarnessError with every flaw and its line."""
    try:
        value = decoded_text(_STRICT, text)
        if "\\u" in text and _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise _too_deep(file) from None
    except ValueError:
        raise HarnessError(*_flaws(text, file)) from None
    if text.count("[") + text.count("{") > MAX_DEPTH and is_deeper(value, MAX_DEPTH):
        raise _too_deep(file)
    return value


def decoded_text(decoder: json.JSONDecoder, text: str) -> Json:
    """Return what `decoder.decode` does, without a search for white space where there is none."""
    if text[:1] == "{":
        value, end = decoder.raw_decode(text)
        if text[end:] in ("", "\n"):
            known: Json = value
            return known
    other: Json = decoder.decode(text)
    return other


def is_deeper(value: Json, levels: int) -> bool:
    """Tell whether lists and objects are nested more than so many levels deep.

    >>> is_deeper({"a": [1]}, 2), is_deeper({"a": [1]}, 1), is_deeper(5, 0)
    (False, True, False)
    """
    level = [value] if isinstance(value, list | dict) else []
    for _ in range(levels):
        if not level:
            return False
        below = (each.values() if isinstance(each, dict) else each for each in level)
        level = [each for held in below for each in held if isinstance(each, list | dict)]
    return bool(level)


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Look for no reference cycles meanwhile: values have none, and it takes half the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def strict_json_lines(text: str) -> Mapping[FieldPath, int]:
    """Return the line, 1-based, of every key, item and leaf of a text that is JSON."""
    lines: dict[FieldPath, int] = {}
    for path, _, line in _walk(text):
        lines.setdefault(path, line)
    return lines


def line_of_offset(lines: Mapping[FieldPath, int], path: FieldPath) -> int | None:
    """Return the line of a path, or of the nearest thing around it that has one."""
    for length in range(len(path), -1, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _FlawError
    return value


def _refuse(_: str) -> Never:
    raise _FlawError


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _FlawError
    return number


_STRICT: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite
)
_LENIENT: Final = json.JSONDecoder(parse_int=str)


def _flaws(text: str, file: Path) -> list[Problem]:
    try:
        _LENIENT.decode(text)
    except json.JSONDecodeError as error:
        if not text.strip():
            return [Problem("is empty, not JSON", "bad-json", at(file))]
        mark = _MERGE_MARK.search(text)
        if mark is not None:
            line = text.count("\n", 0, mark.start()) + 1
            return [Problem("a merge left marks", "merge", at(file, line), _KEEP_A_SIDE)]
        what = f"is not JSON: {error.msg[0].lower()}{error.msg[1:]} (column {error.colno})"
        return [Problem(what, "bad-json", at(file, error.lineno), _json_hint(text, error.pos))]
    problems: list[Problem] = []
    keys: dict[FieldPath, int] = {}
    for path, token, line in _walk(text):
        if token.startswith(":") and path in keys:
            what = f"{_plain(show(path))}: the key is given twice, first in line {keys[path]}"
            problems.append(Problem(what, "duplicate-key", at(file, line)))
        elif token.startswith(":"):
            keys[path] = line
        problem = _flaw(path, token)
        if problem:
            problems.append(problem.at(at(file, line)))
    return problems


def _json_hint(text: str, position: int) -> str | None:
    rest, before = text[position:].lstrip(), text[:position].rstrip()
    if rest.startswith("'"):
        return "JSON strings stand in double quotes"
    if rest.startswith(("}", "]")) and before.endswith(","):
        return "JSON allows no comma after the last item"
    return "JSON has no comments" if rest.startswith(("//", "#", "/*")) else None


def _flaw(path: FieldPath, token: str) -> Problem | None:
    name = show(path)
    if token in ("NaN", "Infinity", "-Infinity"):
        hint = "write null where there is no number"
        return Problem(f"{name}: {token} is not JSON", "not-a-number", hint=hint)
    if token.lstrip("-").isdigit():
        if len(token) > _MOST_DIGITS:
            return Problem(f"{name}: an integer of {len(token):,} digits", "not-a-number")
    elif token[0] in "-0123456789" and math.isinf(float(token)):
        return Problem(f"{name}: {token[:20]} is beyond any number", "not-a-number")
    if token.startswith(('"', ':"')) and _is_lone(json.loads(token.removeprefix(":"))):
        hint = "a character was cut in half, often by an earlier export: write it whole"
        return Problem(f"{_plain(name)}: half a character (\\ud...)", "lone-surrogate", hint=hint)
    return None


def _plain(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode() if _is_lone(text) else text


def _is_lone(text: str) -> bool:
    return any("\ud800" <= c <= "\udfff" for c in text)


def _walk(text: str) -> Iterator[tuple[FieldPath, str, int]]:
    """Yield path, word and line of every key (`:` before it), leaf and opening bracket."""
    path: list[str | int] = []
    opened: list[str] = []
    line, position, key_next = 1, 0, False
    for match in _WORD.finditer(text):
        word = match[0]
        line += text.count("\n", position, match.start())
        position = match.start()
        if word in "{[":
            yield tuple(path), word, line
            opened.append(word)
            path.append("" if word == "{" else 0)
            key_next = word == "{"
        elif word in "}]":
            opened.pop()
            path.pop()
        elif word == ",":
            key_next = opened[-1] == "{"
            last = path[-1]
            if isinstance(last, int):
                path[-1] = last + 1
        elif key_next:
            path[-1], key_next = json.loads(word), False
            yield tuple(path), f":{word}", line
        elif word != ":":
            yield tuple(path), word, line


def _too_deep(file: Path) -> HarnessError:
    return HarnessError(
        Problem(f"is nested more than {MAX_DEPTH} levels deep", "too-deep", at(file))
    )
