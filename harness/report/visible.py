r"""Text from strangers, made visible: what the eye cannot see is written out, what is long is cut.

Bidirectional controls and zero-width characters can make a wrong value look right. In HTML they
become small chips, in a terminal `\u202e`; control characters never reach either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup, escape

UNSEEN: Final = (
    "\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5"
    "\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ud800-\\udfff\\ufeff"
    "\\uffa0\\ufff9-\\ufffb"
)
"""Controls, bidi marks, zero-width and line separators, lone surrogates: the inside of a character
class that Python and JavaScript read alike. Tab, line feed and carriage return are not in it."""

_UNSEEN: Final = re.compile(f"[{UNSEEN}\\U000e0000-\\U000e007f]")
_STEP: Final = re.compile(r"(?<=[._/])(?=[^._/])")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_TERMINAL: Final = re.compile(f"[\\t\\n\\r{UNSEEN}\\U000e0000-\\U000e007f]")


def visible(text: str) -> Markup:
    """Return text as HTML, isolated from the direction of its neighbours, the unseen as chips.

    >>> visible("<b> 1\u200b2")
    Markup('<bdi>&lt;b&gt; 1<span class="chip">U+200B</span>2</bdi>')
    """
    return Markup("<bdi>{}</bdi>").format(chips(text))


def path(text: str) -> Markup:
    """Return a path as HTML that may break after a step but not within a word.

    >>> path("rooms[].floor_area")
    Markup('<bdi>rooms[].<wbr>floor_<wbr>area</bdi>')
    """
    steps = (chips(step) for step in _STEP.split(text))
    return Markup("<bdi>{}</bdi>").format(Markup("<wbr>").join(steps))


def chips(text: str) -> Markup:
    """Return text as HTML, not isolated: for a part of something that is.

    >>> chips("a\u202eb")
    Markup('a<span class="chip">U+202E</span>b')
    """
    parts: list[Markup] = []
    done = 0
    for match in _UNSEEN.finditer(text):
        parts.append(escape(text[done : match.start()]))
        parts.append(Markup('<span class="chip">U+{:04X}</span>').format(ord(match[0])))
        done = match.end()
    parts.append(escape(text[done:]))
    return Markup("").join(parts)


def inert(text: str) -> str:
    r"""Return text for one line of a terminal: what is not seen, or would act, is spelled out.

    >>> inert("a\x1b[31mb\nc")
    'a\\u001b[31mb\\u000ac'
    """
    return _TERMINAL.sub(lambda match: _spelled(match[0]), text)


def _spelled(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  # the BMP


def well_formed(text: str) -> str:
    r"""Return text with every lone surrogate replaced, so that it can be encoded.

    >>> well_formed("a\ud800b")
    'a\ufffdb'
    """
    return _SURROGATE.sub("\ufffd", text)


def literal(record: Mapping[str, Any], key: str) -> str | None:
    """Return a diff's value as JSON text, so that 12 and "12" differ; None where it is absent.

    >>> literal({"expected": "12"}, "expected"), literal({}, "expected")
    ('"12"', None)
    """
    if key not in record:
        return None
    return json.dumps(record[key], ensure_ascii=False)


def cut(text: str, most: int) -> str:
    """Return at most so many characters of a text, and an ellipsis where some are gone.

    >>> cut("twelve", 12), cut("one hundred", 4)
    ('twelve', 'one \u2026')
    """
    return text if len(text) <= most else f"{text[:most]}\u2026"
