"""Text around a JSON value: an answer's introduction, or the rest of a larger answer.

A value that is one member of something written in another notation is not the answer: YAML, TOML,
a list or table of fields, tags, a call with arguments, an object whose brace was closed too early.
"""

from __future__ import annotations

import re
from typing import Final

from harness.extract.reply.context.labels import (
    data_said,
    has_fields,
    is_beside,
    is_datum,
    is_whole,
    own_label,
)

_NEAR: Final = 400
"""Characters beside a value in which a mark of its own is looked for."""
_BESIDE: Final = 20_000
"""Characters beside a value in which other fields are looked for."""
_QUOTES: Final = "\"'\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u00ab\u00bb\u2039\u203a\u300c\u300d"
_KEY_BEFORE: Final = re.compile(
    rf"(?:[{_QUOTES}][^\"'\n]{{0,80}}|\w)[{_QUOTES}]\s*(?::|=>?|->|[\u2192\u21d2]|\uff1a)\s*$"
)
_MEMBER_AFTER: Final = re.compile(
    r"""\s*+[}\])]*+\s*+(?:,\s*+["'{\[]|[,;]?\s*+"[^"\n]{0,80}+"\s*+:"""
    r"""|,\s*+(?:-?\d[\d.]*+|true|false|null|None)\s*+[,)\]}])"""
)
_KEY_AFTER: Final = re.compile(
    r"""\s*+[}\])]*+\s*+[,;]\s*+['"]?(?P<name>[^\W\d][\w.-]{0,40})['"]?\s*+[:=]\s*+\S"""
)
_ASSIGNED: Final = re.compile(r"(?P<name>[\w.$-]+)(?P<index>\[[^\[\]\n]{0,80}\])*\s*:?=>?\s*$")
_IN_ROW: Final = re.compile(
    r"[\w\"')\]]\s*,\s*[\w.-]+\s*:\s*$|\S[,;]$|\S\s*&\s*$|\w\([^()]*,\s*$"  # a member behind others
    r"|\([^()]*[,=][^()]*\(?['\"]?$"  # an argument behind others
    r"|(?:^|\s)(?:--?|:)\w[\w-]*\s+$|\s\.\s+$"  # an option, a keyword, a pair
)
_TABLE: Final = "|\u2502\u2503"
_ATTRIBUTE: Final = re.compile(r"<[A-Za-z][^<>\n]*=\s*[\"']?$")
_OPENED: Final = re.compile(r"<(?P<name>[\w:.-]+)[^<>]*>\s*(?:<!\[CDATA\[\s*)?$")
_TAG: Final = re.compile(r"<(?P<name>[A-Za-z_][\w:.-]*)[^<>]*>")
_UNCLOSED: Final = re.compile(r"\s*+<(?P<name>[A-Za-z][\w:.-]*+)[^<>]*+>\s*+[^\s<{\[`]")
"""A tag that a reply begins with, and prose behind it."""
_NEVER_CLOSED: Final = re.compile(
    r"s|br|hr|img|bos|inst|meta|\w*(?:start|turn|begin)\w*", re.IGNORECASE
)
_MEMBER_TAG: Final = re.compile(
    r"param(?:eter)?|arg(?:_value|ument)?|field|property|member|entry|t[dh]|dd|cell"
)
"""Tags for one of several, however many there are."""
_BULLET: Final = re.compile(r"(?:\A|\n)[ \t]*\d{1,3}[.)][ \t]*\Z")
_ERROR: Final = re.compile(
    r"\W*(?:http|api|server)?[ /]*(?:error|exception)\b[^{}]*", re.IGNORECASE
)


def larger_whole(text: str, start: int, end: int) -> str | None:
    r"""Return what a value at these offsets seems to be a part of; None where it stands alone.

    >>> larger_whole('Answer: {"a": 1}', 8, 16)
    >>> larger_whole('vendor: Acme\naddress: {"a": 1}', 22, 30)
    'a list of fields'
    """
    prefix = text[text.rfind("\n", 0, start) + 1 : start]
    near = text[max(0, start - _NEAR) : start]
    if _KEY_BEFORE.search(near) or _MEMBER_AFTER.match(text, end) or _has_key_after(text, end):
        return "an object whose braces do not fit"
    if prefix.lstrip().startswith(tuple(_TABLE)) and prefix.strip(f"{_TABLE} \t"):
        return "a table"
    if _is_assigned(text, prefix) or _IN_ROW.search(prefix[-_NEAR:]):
        return "a row of fields"
    if _ATTRIBUTE.search(prefix[-_NEAR:]) or _has_tags_beside(text, start):
        return "tags"
    if _ERROR.fullmatch(text[:start]):
        return "an error message"
    return _among_others(text, start, end)


def _unclosed(beginning: str, text: str) -> str | None:
    """Return the tag that a reply begins with if it is no answer's and is never closed."""
    opened = _UNCLOSED.match(beginning)
    if opened is None or is_whole(opened["name"]) or _NEVER_CLOSED.fullmatch(opened["name"]):
        return None
    return None if f"</{opened['name']}" in text else opened["name"]


def _is_assigned(text: str, prefix: str) -> bool:
    """Tell whether a value is assigned to one name of several, or to one of several times."""
    assigned = _ASSIGNED.search(prefix[-_NEAR:])
    if assigned is None or not is_whole(assigned["name"]):
        return assigned is not None
    again = re.compile(rf"^\s*{re.escape(assigned['name'])}\s*=", re.MULTILINE)
    return bool(assigned["index"]) or len(again.findall(text)) > 1


def _has_key_after(text: str, end: int) -> bool:
    key = _KEY_AFTER.match(text, end)
    return key is not None and not is_beside(key["name"])


def _has_tags_beside(text: str, start: int) -> bool:
    own = _OPENED.search(text[max(0, start - _NEAR) : start])
    if own is None:
        return False
    name = own["name"].lower()
    if _MEMBER_TAG.fullmatch(name):
        return True
    if is_whole(name):
        return False
    names = {match["name"].lower() for match in _TAG.finditer(text)}
    return any(not is_beside(each) for each in names - {name})


def _among_others(text: str, start: int, end: int) -> str | None:
    """Tell a value among data or fields that are written as text, or behind a tag without end."""
    if (name := _unclosed(text[:_NEAR], text)) is not None:
        return f"<{name}>, which never ends"
    before, after = text[:start], text[end:]
    line_before, line_after = _line_beside(_BULLET.sub("", before), -1), _line_beside(after, 0)
    if is_datum(line_before.rstrip(" ,(")) or is_datum(line_after.lstrip(" ,").rstrip(" )")):
        return "a row of data"
    own = own_label(before[-_NEAR:])
    if own is None:
        return "a sentence with other data" if data_said(line_after) and line_before else None
    near = before[-_BESIDE:] + "\n" + after[:_BESIDE]
    return "a list of fields" if has_fields(near, own) else None


def _line_beside(text: str, which: int) -> str:
    """Return the first or last line of a text that has anything on it."""
    return (text.strip().splitlines() or [""])[which]
