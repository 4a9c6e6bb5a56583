"""Labels in the text around a value: whether the value is one field among others written there.

The text is taken apart into segments, at line ends, tags, and the marks between cells and members.
A segment is a label and what it says (`total: 25.5`), the same with nothing between (`total 25.5`),
a heading, a label alone, a datum alone, or prose. A value with a label of its own is one field of
several where another segment is written as its own is, unless that segment's label is a word for
what stands beside an answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

_WHOLE: Final = re.compile(
    r"answer|results?|exports|output|response|json|data|extract(?:ion|ed)|final|object|value|reply"
    r"|return|fields|payload|document|is|are|ergebnis|antwort|as|follows|code|pre|p|div|span|html"
    r"|body|b|i|tool_?call|function_calls?|tool|function|structured_output|text|message|xml|root"
    r"|arguments|this|below"
)
"""Words for a whole answer, never for one field of it."""
_WHOLE_LABELS: Final = frozenset({"action input", "tool input"})
_BESIDE: Final = re.compile(
    r"notes?|explanation|reason(?:ing)?|rationale|confidence|sources?|comments?|warning|remarks?"
    r"|hinweis|steps?|summary|assumptions?|thoughts?|thinking|analysis|br|hr|important|caveats?"
    r"|missing|unclear|human|user|assistant|system|page|example|action|q|question|query|prompt"
    r"|request"
)
"""Words for what is written beside an answer."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_BREAK: Final = re.compile(
    r"\n|[;|&\u2502\u2503\uff1b]|,\s|\s/\s"
    r"|(?<!<)</?[A-Za-z][^<>\n]{0,200}>(?!>)|\{%[^{}\n]{0,80}%\}"
)
_BULLET: Final = r"(?:(?:[-*+\u2022>]|\(?#?(?:\d{1,3}|[A-Za-z]|[IVX]{1,5})[.):]|#\d{1,3})\s+)?"
_SEPARATOR: Final = (
    r"(?:\s*(?::=|::|:|=>|->|=|\uff1a|[\u2190\u2192\u21d2\u27f6]|\.{3,})"
    r"|\s+[-\u2013\u2014](?=\s)|\t)"
)
_LABEL: Final = re.compile(
    rf"{_BULLET}(?P<label>[*_`'\"<\[{{(/$.-]*[^\W\d][^\n:=\uff1a]{{0,60}}?){_SEPARATOR}"
    r"[*_`]*[ \t]*(?P<said>.*)"
)
_HEADING: Final = re.compile(
    r"#{1,6}\s+(?P<hash>[^\n]{1,60})|\*\*(?P<bold>[^*\n]{1,60})\*\*:?|__(?P<line>[^_\n]{1,60})__:?"
)
_DATUM: Final = (
    r"(?:[-+~]?(?:[A-Z]{3}|[$\u20ac\u00a3\u00a5])?\s?\d[\d.,:/-]*\s?(?:[A-Z]{3}|[$\u20ac\u00a3\u00a5%])?"
    r"|\"[^\"\n]*\"|'[^'\n]*'|true|false|null|None)"
)
_ALONE: Final = re.compile(rf"{_BULLET}{_DATUM}")
_SPACED: Final = re.compile(
    rf"{_BULLET}(?P<label>[^\W\d][^\s,.!?]*(?:\s[^\W\d][^\s,.!?]*)?|[\[<(]+[^\W\d][^\n]{{0,40}}?[\])>]+)"
    rf"\s+{_DATUM}"
)
_YAML: Final = re.compile(r"(?:[>|][-+]?|[!&]\S+|-)?")
_SAID: Final = re.compile(rf"([^\W\d]\w*)\s*(?:\b(?:is|are|was|ist)\b|[:=])\s*{_DATUM}")
_LINE: Final = 400
"""Characters of a segment; a longer one is prose."""
_FEW: Final = 4
"""Words of a label that may have anything behind it; behind a longer one stands a datum."""
_SHORT: Final = 2
"""Words of a label that no mark parts from what it says."""
_LONG: Final = 8


class LabelStyle(StrEnum):
    """Styles in which a segment is labelled."""

    SEPARATED = "a label, a mark, what it says"
    SPACED = "a label and a datum"
    HEADING = "a heading"
    LABEL = "a label alone"
    DATUM = "a datum alone"
    PROSE = "prose"


@dataclass(frozen=True, slots=True)
class TextSegment:
    """A piece of the text around a value."""

    style: LabelStyle
    label: str = ""


_PARALLELS: Final = {
    LabelStyle.SEPARATED: (LabelStyle.SEPARATED, LabelStyle.SPACED),
    LabelStyle.SPACED: (LabelStyle.SPACED,),
    LabelStyle.HEADING: (LabelStyle.HEADING,),
}
"""Segments that are written as the value's own label is."""


def is_whole(name: str) -> bool:
    """Tell whether a name is one of a whole answer.

    >>> is_whole("final_answer"), is_whole("seller"), is_whole("--")
    (True, False, False)
    >>> is_whole("So, the JSON object would look like this")
    True
    """
    words = _words(name)
    if not words:
        return False
    spelled = (name.lower(), words[-1])
    return any(map(_WHOLE.fullmatch, spelled)) or " ".join(words) in _WHOLE_LABELS


def is_beside(name: str) -> bool:
    """Tell whether a name is one of what is written beside an answer, or of the whole of it.

    >>> is_beside("Notes"), is_beside("page 2"), is_beside("result"), is_beside("seller")
    (True, True, True, False)
    """
    words = _words(name)
    return not words or any(map(_BESIDE.fullmatch, (words[0], words[-1]))) or is_whole(name)


def own_label(before: str) -> TextSegment | None:
    """Return the label that the text before a value gives it; None where that is no field's.

    >>> own_label("total: 25.5; seller: ").label, own_label("The answer is "), own_label("")
    ('seller', None, None)
    """
    line = before[before.rfind("\n") + 1 :]
    if line.strip("-*+> \t"):
        label = _of_line(line)
        is_bold = label is not None and label.style is LabelStyle.HEADING
        return TextSegment(LabelStyle.SEPARATED, label.label) if label and is_bold else label
    above = before.rstrip("\n-*+> \t")
    label = _of_line(above[above.rfind("\n") + 1 :])
    if label is None or label.style is not LabelStyle.SPACED:
        return label
    return TextSegment(LabelStyle.LABEL, label.label)


def has_fields(text: str, own: TextSegment) -> bool:
    """Tell whether a text has fields beside a value of this label.

    >>> own = TextSegment(LabelStyle.SEPARATED, "seller")
    >>> has_fields("total: 25.5", own), has_fields("Note: no address was found", own)
    (True, False)
    """
    segments = [_segment(each.strip()) for each in _BREAK.split(text) if each.strip()]
    if own in segments:
        segments.remove(own)
    parallels = _PARALLELS.get(own.style, ())
    if any(each.style in parallels and not is_beside(each.label) for each in segments):
        return True
    return any(
        one.style in (LabelStyle.LABEL, LabelStyle.HEADING) and other.style is LabelStyle.DATUM
        for one, other in pairwise(segments)
        if not is_beside(one.label)
    )


def is_datum(text: str) -> bool:
    """Tell whether a text is a number, a date, an amount or a quoted string, and nothing else.

    >>> is_datum("2) 25.5 EUR"), is_datum("page 2"), is_datum("2)")
    (True, False, False)
    """
    return len(text) <= _LINE and _ALONE.fullmatch(text.strip()) is not None


def data_said(sentence: str) -> bool:
    """Tell whether a sentence says what another field is.

    >>> data_said("and the total is 25.5"), data_said("and the confidence is 0.9")
    (True, False)
    """
    return any(not is_beside(match[1]) for match in _SAID.finditer(sentence[:_LINE]))


def _of_line(line: str) -> TextSegment | None:
    """Return the label that a line gives to the value behind it."""
    label = _of_value(line.strip(" "))
    if label is not None and label.style is LabelStyle.SEPARATED:
        return label
    return _of_value(_BREAK.split(line)[-1].strip(" "))


def _of_value(line: str) -> TextSegment | None:
    heading = _HEADING.fullmatch(line)
    if heading is not None:
        return _named(LabelStyle.HEADING, heading[heading.lastgroup or 0], _LONG)
    match = _LABEL.fullmatch(f"{line} ")
    if match is not None and _YAML.fullmatch(match["said"].strip()):
        return _named(LabelStyle.SEPARATED, match["label"], _LONG)
    return None if line.endswith((".", "!", "?", ")")) else _named(LabelStyle.SPACED, line, _SHORT)


def _named(style: LabelStyle, label: str, most: int) -> TextSegment | None:
    words = _words(label)
    return None if not words or len(words) > most or is_whole(label) else TextSegment(style, label)


def _segment(line: str) -> TextSegment:
    if len(line) > _LINE:
        return TextSegment(LabelStyle.PROSE)
    heading = _HEADING.fullmatch(line)
    if heading is not None:
        return TextSegment(LabelStyle.HEADING, heading[heading.lastgroup or 0])
    if _ALONE.fullmatch(line):
        return TextSegment(LabelStyle.DATUM)
    match = _LABEL.fullmatch(line)
    if match is not None:
        return _separated(match["label"], match["said"].strip())
    pair = _SPACED.fullmatch(line)
    if pair is not None:
        return TextSegment(LabelStyle.SPACED, pair["label"])
    return TextSegment(LabelStyle.LABEL if len(_words(line)) <= _SHORT else LabelStyle.PROSE, line)


def _separated(label: str, value_text: str) -> TextSegment:
    words = len(_words(label))
    if not value_text:
        return TextSegment(LabelStyle.LABEL if words <= _FEW else LabelStyle.PROSE, label)
    has_datum = words <= _FEW or (words <= _LONG and is_datum(value_text))
    return TextSegment(LabelStyle.SEPARATED if has_datum else LabelStyle.PROSE, label)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
