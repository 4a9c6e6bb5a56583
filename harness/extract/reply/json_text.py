r"""One JSON text and its value. What is certain is mended and recorded; nothing else is touched.

Repairs this module records, by slug:

- `nan_as_text`: NaN, Infinity and -Infinity are not JSON. They become those words as text, so
  that a number field is a format error, never an omission or a number nobody wrote.
- `overflow_as_text`: a number beyond the range of a double (`1e999`, 400 digits) keeps its digits
  as text: every number in an answer is finite and converts to a float.
- `lone_surrogate`: half of a surrogate pair (`\ud800`) is not text. It becomes its own escape,
  six visible characters, so that the value can be written as UTF-8.
- `duplicate_key`: a key given twice with the same value.
- `duplicate_key_conflict:<key>`: a key given twice with different values. The last one counts, as
  in the JSON parsers people deploy: the score is of what they would have got.
- `comment`, `trailing_comma`: taken out, outside strings only.
- `control_character`: a raw line end or tab inside a string, read as itself.
- `json_in_json`: JSON text that was itself written as JSON text, once or more often.
- `bad_escape`: see `string_repairs`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import isinf
from typing import Final

from harness.core.values import Json
from harness.extract.reply.brackets import DEEPEST, End, close
from harness.extract.reply.string_repairs import with_plain_marks

_DIGITS: Final = 308
"""Decimal digits that always fit a double."""
_BITS: Final = 1_000
"""Bits that any integer of more digits has."""
DUPLICATE_CONFLICT: Final = "duplicate_key_conflict:"
_LONGEST_KEY: Final = 40
_STRING: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'
_COMMENT: Final = re.compile(
    rf"{_STRING}|(?P<comment>//[^\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/)?)", re.DOTALL
)
_ANY_COMMA: Final = re.compile(r",\s*+[\]}]")
_COMMA: Final = re.compile(rf"{_STRING}|(?P<comma>,)(?=\s*+[\]}}])", re.DOTALL)
_ESCAPE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|\\.",
    re.DOTALL,
)
_CUT: Final = re.compile(r"-?|\.|\.?\d*[eE][+-]?")
"""What a number cut short leaves behind the part that still reads."""
_WORDS: Final = ("true", "false", "null", "NaN", "Infinity", "-Infinity")
_NESTED_TEXTS: Final = 4
"""Times that JSON text may have been written as JSON text."""
_MISSPELT: Final = re.compile(r"""\s*+(?:\[\s*+)?\{\s*+["']""")
_LONGEST_ESCAPE: Final = len("u1234")


@dataclass(frozen=True, slots=True)
class ParsedJson:
    """A value, and what had to be done to get it."""

    value: Json
    repairs: tuple[str, ...] = ()


def with_overflow_as_text(value: Json) -> ParsedJson:
    """Return a value that another reader read, with integers beyond a double as their digits.

    >>> with_overflow_as_text({"n": 5}), with_overflow_as_text([10**400]).repairs
    (ParsedJson(value={'n': 5}, repairs=()), ('overflow_as_text',))
    """
    if not _overflows(value):
        return ParsedJson(value)
    return ParsedJson(_digits_as_text(value), ("overflow_as_text",))


def _overflows(value: Json) -> bool:
    if isinstance(value, dict | list):
        return any(map(_overflows, value.values() if isinstance(value, dict) else value))
    return isinstance(value, int) and value.bit_length() > _BITS and len(str(value)) > _DIGITS


def _digits_as_text(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _digits_as_text(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_digits_as_text(held) for held in value]
    return str(value) if _overflows(value) else value


def doubled_keys(repairs: Iterable[str]) -> list[str]:
    """Return the keys that stood twice in a reply with different values, by its repairs.

    >>> doubled_keys(["trailing_comma", "duplicate_key_conflict:total"])
    ['total']
    """
    return [note.partition(":")[2] for note in repairs if note.startswith(DUPLICATE_CONFLICT)]


@dataclass(frozen=True, slots=True)
class Broken:
    """Reasons why a text is not JSON."""

    why: str
    offset: int
    """Characters before the place where it stops being JSON."""
    too_deep: bool = False


def parse(text: str, depth: int) -> ParsedJson | Broken:
    """Read one JSON text, nested at most `depth` levels; white space around it is allowed."""
    body = text.lstrip()
    if body.startswith(("[", "{")):
        start = len(text) - len(body)
        end, at = close(text, start, depth)
        if end is End.TOO_DEEP:
            return Broken(f"nested deeper than {min(depth, DEEPEST)} levels", at, too_deep=True)
    return parse_shallow(text)


def parse_shallow(text: str) -> ParsedJson | Broken:
    """Read one JSON text that is known not to nest deeply."""
    source, surrogates = _whole_characters(text)
    first = _attempt(source, strict=True)
    if isinstance(first, ParsedJson):
        return ParsedJson(first.value, surrogates + first.repairs)
    mended, repairs = _mended(source)
    again = _attempt(mended, strict=True) if repairs else first
    if isinstance(again, Broken) and again.why.startswith("invalid control character"):
        repairs = (*repairs, "control_character")
        again = _attempt(mended, strict=False)
    plain = with_plain_marks(mended) if isinstance(again, Broken) else mended
    if plain != mended:
        repairs = (*repairs, "bad_escape")
        again = _attempt(plain, strict="control_character" not in repairs)
    if isinstance(again, Broken):
        return first if plain != mended else again
    return ParsedJson(again.value, surrogates + repairs + again.repairs)


def parse_scalar(text: str) -> ParsedJson | Broken:
    """Read a text that can only be a bare string, number, boolean or null; nothing is mended."""
    source, surrogates = _whole_characters(text)
    read = _attempt(source, strict=True)
    return (
        ParsedJson(read.value, surrogates + read.repairs) if isinstance(read, ParsedJson) else read
    )


def json_within(text: str, depth: int) -> ParsedJson | Broken:
    r"""Read the text of an object whose quotes are escaped, as inside a JSON string.

    >>> json_within(r'{\"a\": 1}', 9)
    ParsedJson(value={'a': 1}, repairs=('json_in_json',))
    """
    outer = _attempt(f'"{text}"', strict=False)
    if isinstance(outer, Broken):
        return Broken(outer.why, max(0, outer.offset - 1))
    inner = parse(str(outer.value), depth)
    return inner if isinstance(inner, Broken) else _noted(inner)


def unwrapped(read: ParsedJson, depth: int) -> ParsedJson | Broken:
    r"""Return what a string says where it is the JSON text of an array or object.

    >>> unwrapped(ParsedJson('"[1]"'), 9), unwrapped(ParsedJson("[sic]"), 9)
    (ParsedJson(value=[1], repairs=('json_in_json',)), ParsedJson(value='[sic]', repairs=()))
    """
    value = read.value
    for _ in range(_NESTED_TEXTS):
        if not isinstance(value, str) or not value.lstrip().startswith(("[", "{", '"')):
            break
        inner = parse(value, depth)
        if isinstance(inner, Broken):
            return inner if _MISSPELT.match(value) else read
        if isinstance(inner.value, dict | list):
            return _noted(ParsedJson(inner.value, (*read.repairs, *inner.repairs)))
        value = inner.value
    return read


def _noted(read: ParsedJson) -> ParsedJson:
    return ParsedJson(read.value, (*read.repairs, "json_in_json"))


def is_cut_short(text: str) -> bool:
    """Tell whether the text is JSON as far as it goes, and only its end is missing."""
    mended, _ = _mended(_whole_characters(text)[0])
    body = mended.rstrip()
    try:
        _decode(body, [], strict=False)
    except json.JSONDecodeError as error:
        rest = body[error.pos :]
        return (
            not rest
            or error.msg.startswith("Unterminated string")
            or ("escape" in error.msg and len(rest) <= _LONGEST_ESCAPE + 1)
            or any(word.startswith(rest) for word in _WORDS)
            or _CUT.fullmatch(rest) is not None
        )
    return False


def same(one: Json, other: Json) -> bool:
    """Tell whether two values are the same JSON: 1 is 1.0, but not true.

    >>> same({"a": [1, None]}, {"a": [1.0, None]}), same([1], [True])
    (True, False)
    """
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return False
        return all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return False
        return all(same(a, b) for a, b in zip(one, other, strict=True))
    return one == other


def _attempt(text: str, *, strict: bool) -> ParsedJson | Broken:
    notes: list[str] = []
    try:
        value = _decode(text, notes, strict=strict)
    except json.JSONDecodeError as error:
        return Broken(_worded(error), error.pos)
    return ParsedJson(value, tuple(dict.fromkeys(notes)))


def _decode(text: str, notes: list[str], *, strict: bool) -> Json:
    def integer(digits: str) -> int | str:
        if len(digits) <= _DIGITS:
            return int(digits)
        notes.append("overflow_as_text")
        return digits

    def number(digits: str) -> float | str:
        value = float(digits)
        if not isinf(value):
            return value
        notes.append("overflow_as_text")
        return digits

    def constant(word: str) -> str:
        notes.append("nan_as_text")
        return word

    def members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        mapping = dict(pairs)
        if len(mapping) < len(pairs):
            notes.extend(_duplicates(pairs))
        return mapping

    decoder = json.JSONDecoder(
        strict=strict,
        parse_int=integer,
        parse_float=number,
        parse_constant=constant,
        object_pairs_hook=members,
    )
    value: Json = decoder.decode(text)
    return value


def _duplicates(pairs: list[tuple[str, Json]]) -> list[str]:
    notes = []
    values: dict[str, Json] = {}
    for key, value in pairs:
        if key in values:
            conflict = f"{DUPLICATE_CONFLICT}{key[:_LONGEST_KEY]}"
            notes.append("duplicate_key" if same(values[key], value) else conflict)
        values[key] = value
    return notes


def _whole_characters(text: str) -> tuple[str, tuple[str, ...]]:
    if "\\ud" not in text and "\\uD" not in text:
        return text, ()
    is_changed = False

    def spelled(match: re.Match[str]) -> str:
        nonlocal is_changed
        if match["lone"] is None:
            return match[0]
        is_changed = True
        return "\\" + match[0]

    whole = _ESCAPE.sub(spelled, text)
    return whole, ("lone_surrogate",) if is_changed else ()


def _mended(text: str) -> tuple[str, tuple[str, ...]]:
    """Blank out comments and trailing commas; every offset stays what it was."""
    repairs = []
    bare = text
    if "//" in text or "/*" in text:
        bare = _COMMENT.sub(lambda m: " " * len(m[0]) if m["comment"] else m[0], text)
    if bare != text:
        repairs.append("comment")
    closed = bare
    if _ANY_COMMA.search(bare):
        closed = _COMMA.sub(lambda m: " " if m["comma"] and _follows_value(m) else m[0], bare)
    if closed != bare:
        repairs.append("trailing_comma")
    return closed, tuple(repairs)


def _follows_value(comma: re.Match[str]) -> bool:
    at = comma.start() - 1
    while at >= 0 and comma.string[at].isspace():
        at -= 1
    return at >= 0 and comma.string[at] not in "[{,:"


def _worded(error: json.JSONDecodeError) -> str:
    rest = error.doc[error.pos : error.pos + 5]
    python = rest.startswith(("'", "True", "False", "None"))
    message = error.msg[:1].lower() + error.msg[1:]
    return f"{message}, but this is a Python literal" if python else message
