"""Excerpts of texts too long to keep: head, tail, and how much is left out between."""

from __future__ import annotations

from typing import Final

KEPT: Final = 64_000
"""Characters of an unusable reply that are kept as evidence."""


def excerpt(text: str, keep: int = KEPT) -> str:
    r"""Return the text, or its two ends with a note between them when it is longer than `keep`.

    >>> excerpt("abcdefghij", keep=4)
    'ab\n[... 6 characters left out ...]\nij'
    """
    if len(text) <= keep:
        return text
    half = keep // 2
    return joined_excerpts(text[:half], text[len(text) - half :], len(text) - 2 * half)


def bytes_excerpt(raw: bytes, keep: int = KEPT) -> str:
    """Return the same of bytes that may not be text; what is not UTF-8 is written as escapes."""
    if len(raw) <= keep:
        return raw.decode("utf-8", "backslashreplace")
    half = keep // 2
    head, tail = raw[:half], raw[len(raw) - half :]
    return joined_excerpts(bytes_excerpt(head), bytes_excerpt(tail), len(raw) - 2 * half)


def joined_excerpts(head: str, tail: str, left_out: int) -> str:
    """Return both ends of a text whose middle, `left_out` characters or bytes, is not at hand."""
    return f"{head}\n[... {left_out} characters left out ...]\n{tail}"


def place(text: str, offset: int) -> str:
    r"""Say where an offset is, the way people and editors count.

    >>> place("ab\ncd", 4)
    'offset 4 (line 2, column 2)'
    """
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return f"offset {offset} (line {line}, column {column})"
