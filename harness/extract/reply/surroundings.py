"""Text around a JSON value: an answer's introduction, or the rest of a larger answer.

A value that is one member of something written in another notation is not the answer: YAML, TOML,
a list or table of fields, tags, a call with arguments, an object whose brace was closed too early.
"""

from __future__ import annotations

import re
from typing import Final

_WHOLE: Final = frozenset(
    {
        *(
            "answer",
            "result",
            "results",
            "output",
            "response",
            "json",
            "data",
        ),
        *(
            "extraction",
            "extracted",
            "final",
            "object",
            "value",
            "reply",
            "return",
        ),
        *(
            "payload",
            "document",
            "is",
            "are",
            "ergebnis",
            "antwort",
            "as",
            "follows",
        ),
        *(
            "code",
            "pre",
            "p",
            "div",
            "span",
            "html",
            "body",
            "b",
            "i",
            "tool_call",
        ),
        *(
            "function_call",
            "tool",
            "function",
            "structured_output",
            "text",
            "message",
        ),
        *(
            "xml",
            "root",
        ),
    }
)
"""Words for a whole answer, never for one field of it."""
_BESIDE: Final = frozenset(
    {
        *(
            "note",
            "notes",
            "explanation",
            "reason",
            "reasoning",
            "rationale",
            "confidence",
        ),
        *(
            "source",
            "sources",
            "comment",
            "comments",
            "warning",
            "remark",
            "remarks",
        ),
        *(
            "hinweis",
            "step",
            "steps",
            "summary",
            "assumption",
            "assumptions",
            "thought",
        ),
        *(
            "thoughts",
            "thinking",
            "analysis",
            "br",
            "hr",
            "important",
            "caveat",
            "caveats",
        ),
        *(
            "human",
            "user",
            "assistant",
            "system",
            "page",
            "example",
        ),
    }
)
"""Words for what is written beside an answer."""
_KEY_BEFORE: Final = re.compile(
    r"""["'\u201c\u201d`][^"'\n]{0,80}["'\u201c\u201d`]\s*(?::|=>?|->)\s*$"""
)
_MEMBER_AFTER: Final = re.compile(
    r"""\s*+[}\])]*+\s*+(?:,\s*+["'{\[]|[,;]?\s*+"[^"\n]{0,80}+"\s*+:)"""
)
_SEPARATOR: Final = r"(?::|=>|->|=|\t|\|)"
_LABEL: Final = re.compile(
    r"^[ \t>]*(?:(?:[-*+\u2022]|\d+[.)])\s+)?[*_`]*"
    r"(?P<label>[^\W\d][\w.$-]*(?: [\w.$-]+){0,3})[*_`]*"
    rf"[ ]*{_SEPARATOR}[*_`]*[ \t]*(?P<said>.*)$",
    re.MULTILINE,
)
_FEW: Final = 3
"""Words before a value that may be a field's name rather than a sentence."""
_ASSIGNED: Final = re.compile(r"(?P<name>[\w.$-]+)\s*=>?\s*$")
_IN_ROW: Final = re.compile(r"[\w\"')\]]\s*,\s*[\w.-]+\s*:\s*$|\S,$|\w\([^()]*,\s*$")
_OPENED: Final = re.compile(r"<(?P<name>[\w:.-]+)[^<>]*>\s*(?:<!\[CDATA\[\s*)?$")
_TAG: Final = re.compile(r"<(?P<name>[A-Za-z_][\w:.-]*)[^<>]*>")


def larger_whole(text: str, start: int, end: int) -> str | None:
    r"""Return what a value at these offsets seems to be a part of; None where it stands alone.

    >>> larger_whole('Answer: {"a": 1}', 8, 16)
    >>> larger_whole('vendor: Acme\naddress: {"a": 1}', 22, 30)
    'a list of fields'
    """
    line = text.rfind("\n", 0, start) + 1
    prefix = text[line:start]
    if _KEY_BEFORE.search(text[max(0, start - 200) : start]) or _MEMBER_AFTER.match(text, end):
        return "an object whose braces do not fit"
    if prefix.lstrip().startswith("|") and prefix.strip("| \t"):
        return "a table"
    assigned = _ASSIGNED.search(prefix)
    if (assigned and not _is_whole(assigned["name"])) or _IN_ROW.search(prefix):
        return "a row of fields"
    if _has_tags_beside(text, start):
        return "tags"
    if not prefix.strip() and prefix:
        line = text.rfind("\n", 0, max(line - 1, 0)) + 1
        prefix = text[line:start].rstrip()
    return "a list of fields" if _has_fields_beside(text, (line, end), prefix) else None


def _is_whole(name: str) -> bool:
    return name.lower().replace("-", "_").split("_")[-1].split()[-1] in _WHOLE


def _has_tags_beside(text: str, start: int) -> bool:
    own = _OPENED.search(text[max(0, start - 200) : start])
    if own is None or _is_whole(own["name"]):
        return False
    names = {match["name"].lower() for match in _TAG.finditer(text)}
    return any(name not in _WHOLE | _BESIDE for name in names - {own["name"].lower()})


def _has_fields_beside(text: str, place: tuple[int, int], prefix: str) -> bool:
    """Tell whether other lines are written as the line of the value is: a name and what it is."""
    line, end = place
    behind = text.find("\n", end)
    others = text[:line] + "\n" + (text[behind:] if behind >= 0 else "")
    own = _LABEL.match(prefix)
    if own is None or own["said"].strip():
        first = prefix.split()[:1]
        return (
            bool(first)
            and len(prefix.split()) <= _FEW
            and len(first[0]) > 1
            and any(each.split()[:1] == first for each in others.splitlines())
        )
    if _is_whole(own["label"]):
        return False
    return any(
        match["said"].strip() and not _is_beside(match["label"])
        for match in _LABEL.finditer(others)
    )


def _is_beside(label: str) -> bool:
    words = label.lower().split()
    return words[0] in _BESIDE or words[-1] in _BESIDE or words[-1] in _WHOLE
