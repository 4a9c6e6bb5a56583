r"""Text from strangers, made visible: what the eye cannot see is written out, what is long is cut.

Bidirectional controls and zero-width characters can make a wrong value look right. In HTML they
become small chips; control characters never reach it. Plain text is `harness.core.inert_text`.
"""

from __future__ import annotations

import json
import re
from typing import Final

from markupsafe import Markup, escape

from harness.core.inert_text import UNSEEN
from harness.run.stored.stored_results import DiffValues, ValueSide

_UNSEEN: Final = re.compile(f"[{UNSEEN}\\U000e0000-\\U000e007f]")
_STEP: Final = re.compile(r"(?<=[._/])(?=[^._/])")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_ENCODE: Final = json.JSONEncoder(ensure_ascii=False).encode


def visible(text: str) -> Markup:
    """Return text as HTML, isolated from the direction of its neighbours, the unseen as chips.

    >>> visible("<b> 1\u200b2")
    Markup('<bdi>&lt;b&gt; 1<span class="chip">U+200B</span>2</bdi>')
    """
    return Markup("<bdi>{}</bdi>").format(chips(text))


def quoted_code(text: str) -> Markup:
    """Return a sentence of the scorer as HTML, with what stands between backticks as code.

    >>> quoted_code("The prediction breaks `type: number`.")
    Markup('<bdi>The prediction breaks <code>type: number</code>.</bdi>')
    >>> quoted_code("a ` alone")
    Markup('<bdi>a ` alone</bdi>')
    """
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return visible(text)
    wrapped = (
        Markup("<code>{}</code>").format(chips(part)) if at % 2 else chips(part)
        for at, part in enumerate(parts)
    )
    return Markup("<bdi>{}</bdi>").format(Markup("").join(wrapped))


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


def well_formed(text: str) -> str:
    r"""Return text with every lone surrogate replaced, so that it can be encoded.

    >>> well_formed("a\ud800b")
    'a\ufffdb'
    """
    return _SURROGATE.sub("\ufffd", text)


def literal(diff: DiffValues, side: ValueSide) -> str | None:
    """Return a diff's value as JSON text, so that 12 and "12" differ; None where it is absent.

    >>> literal({"expected": "12"}, "expected"), literal({}, "expected")
    ('"12"', None)
    """
    return json_text(diff[side]) if side in diff else None


def json_text(value: object) -> str:
    """Return a value as JSON text.

    >>> json_text(["a", 1])
    '["a", 1]'
    """
    return str(value) if value.__class__ is int else _ENCODE(value)  # most numbers are whole
