r"""Untrusted text made inert: control and invisible characters are written out (`\u202e`)."""

from __future__ import annotations

import re
from typing import Final

UNSEEN: Final = (
    "\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5"
    "\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ud800-\\udfff\\ufeff"
    "\\uffa0\\ufff9-\\ufffb"
)
"""Controls, bidi marks, zero-width and line separators, lone surrogates: the inside of a character
class that Python and JavaScript read alike. Tab, line feed and carriage return are not in it."""

FORMAT_CHARACTERS: Final = (
    r"\u115f\u1160\u17b4\u17b5\u3164\uffa0"
    r"\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u180b-\u180f"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    r"\U000110bd\U000110cd\U00013430-\U00013438\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef"
)
"""Characters that are no part of what a text says: every format character of Unicode (Cf), the
variation selectors, the grapheme joiner and letters that are blank (Hangul and Khmer fillers). The
inside of a character class of `re`."""

_TERMINAL: Final = re.compile(f"[\\t\\n\\r{UNSEEN}\\U000e0000-\\U000e007f]")


def inert(text: str) -> str:
    r"""Return text for one line of a terminal, with control and invisible characters escaped.

    >>> inert("a\x1b[31mb\nc")
    'a\\u001b[31mb\\u000ac'
    """
    return _TERMINAL.sub(lambda match: _spelled(match[0]), text)


def whole_text(text: str) -> str:
    r"""Return the text with halves of surrogate pairs written as escapes: it encodes as UTF-8.

    >>> print(whole_text("a\ud800"))
    a\ud800
    """
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _spelled(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  # the BMP


def cut(text: str, most: int) -> str:
    """Return at most so many characters of a text, and an ellipsis where some are gone.

    >>> cut("twelve", 12), cut("one hundred", 4)
    ('twelve', 'one \u2026')
    """
    return text if len(text) <= most else f"{text[:most]}\u2026"
