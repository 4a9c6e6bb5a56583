"""Features of text as short strings: of each line among its neighbours, and of a whole text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

Features: TypeAlias = tuple[str, ...]
"""What is true of one line or text; the order means nothing."""

_LINE_END: Final = re.compile(r"\r?\n\f?|[\f\r]")
_DOUBTFUL_END: Final = re.compile(r"\r(?!\n)|[\f\v\x1c-\x1e\x85\u2028\u2029]")
"""Characters that end a line for some programs, and none for others."""
_WORD: Final = re.compile(r"[^\W\d_]+|\d+|[^\w\s]")
_CAPITALS: Final = re.compile(r"[A-Z]+")
_SMALL: Final = re.compile(r"[a-z]+")
_DIGITS: Final = re.compile(r"\d+")
_WORDS_READ: Final = 40
"""Of a line; what is longer is a paragraph, and its beginning says what it is."""
_EDGE: Final = 3
"""Words at a line's beginning that are features by their place."""
_WORD_FEATURE: Final = "w="
_OUTSIDE: Final = ("edge",)
"""The features of a line before the first or after the last."""
_LONG: Final = 8
"""Length classes: a line of n words is in class min(n // 2, 8)."""


def lines_of_text(text: str) -> tuple[str, ...]:
    r"""Return a text's lines; a page's end ends a line, and the last line end begins no line.

    >>> lines_of_text("a\r\nb\n\fc\n"), lines_of_text("")
    (('a', 'b', 'c'), ())
    """
    lines = _LINE_END.split(text)
    return tuple(lines[:-1] if lines[-1] == "" else lines)


def doubtful_line_end(text: str) -> str | None:
    r"""Return what some programs take for a line's end and others do not, and its 1-based line.

    None where all programs number the lines alike.

    >>> doubtful_line_end("a\r\nb\fc\n"), doubtful_line_end("a\x85b"), doubtful_line_end("a\r\nb\n")
    ('line 2 has U+000C', 'line 1 has U+0085', None)
    """
    match = _DOUBTFUL_END.search(text)
    if match is None:
        return None
    line = len(lines_of_text(f"{text[: match.start()]}."))
    return f"line {line} has U+{ord(match[0]):04X}"


def line_features(lines: Sequence[str]) -> tuple[Features, ...]:
    """Return the features of every line: its words and shape, and those of lines near it.

    Of the lines beside it all features count, of those two lines away all but single words.

    >>> line_features(["Fig. 2"])[0][:3]
    ('bias', 'w=fig', 'w=.')
    """
    own = [tuple(_line(line)) for line in lines]
    forms = [
        tuple(one for one in features if not one.startswith(_WORD_FEATURE)) for features in own
    ]
    near, far = [_OUTSIDE, *own, _OUTSIDE], [_OUTSIDE, _OUTSIDE, *forms, _OUTSIDE, _OUTSIDE]
    features_of_lines: list[Features] = []
    for at, features in enumerate(own):
        before = tuple(f"-{one}" for one in near[at])
        after = tuple(f"+{one}" for one in near[at + 2])
        before += tuple(f"-2{one}" for one in far[at])
        after += tuple(f"+2{one}" for one in far[at + 4])
        features_of_lines.append(("bias", *features, *before, *after))
    return tuple(features_of_lines)


def bag_features(text: str) -> Features:
    """Return the features of a text as a whole: its words, and each two that follow each other.

    >>> bag_features("Not bad!")
    ('bias', 'w=not', 'w=bad', 'w=!', 'p=not bad', 'p=bad !')
    """
    words = [word.lower() for word in _WORD.findall(text)]
    single = dict.fromkeys(f"w={word}" for word in words)
    paired = dict.fromkeys(f"p={first} {second}" for first, second in pairwise(words))
    return ("bias", *single, *paired)


def _line(line: str) -> Iterator[str]:
    words = _WORD.findall(line)[:_WORDS_READ]
    if not words:
        yield "blank"
        return
    yield from dict.fromkeys(f"{_WORD_FEATURE}{word.lower()}" for word in words)
    for place, word in enumerate(words[:_EDGE]):
        yield f"{place}={word.lower()}"
        yield f"{place}:{_shape(word)}"
    yield f"last={words[-1].lower()}"
    yield f"end:{_shape(words[-1])}"
    yield f"size={min(len(words) // 2, _LONG)}"
    yield f"shape={''.join(_shape(word) for word in words[:_LONG])}"
    if line.isupper():
        yield "upper"
    if any(word.isdigit() for word in words):
        yield "digit"


def _shape(word: str) -> str:
    """Return capitals as A, small letters as a, digits as 9, each run once."""
    return _DIGITS.sub("9", _SMALL.sub("a", _CAPITALS.sub("A", word)))
