"""Reasoning in a reply: the marks of all model families, and the text without what they enclose.

Tags (`<think>`, `<analysis>`, `<seed:think>` ...), Magistral's `[THINK]`, Kimi's triangles, the
channels of gpt-oss and Gemma, special tokens of Command, Apertus, Kimi K3 and others, Granite's
sentences. A mark inside a value that is JSON is part of that value. Nested marks of one kind are
one reasoning. A closing mark without an opening one ends reasoning that was opened in the prompt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness.extract.reply.brackets import End, close
from harness.extract.reply.json_text import ParsedJson, parse_shallow

_NAMES: Final = (
    r"(?:(?:[a-z0-9]+[:_.-]){0,3}(?:think(?:ing|s)?|thoughts?|reasoning|scratch_?pad|monologue)"
    r"(?:[_.-](?!answer|output|reply|response|result|json|data)\w+)*"
    r"|(?:[a-z]+:)?(?:reason|analysis|reflect(?:ion)?|cot(?:_\w+)*|rationale|deliberation|antthinking"
    r"|self[_-](?:reflection|critique|check|correction)|plan(?:ning)?|brainstorm(?:ing)?|draft|critique"
    r"|verification))"
)
_SPECIAL: Final = r"(?:assistant_)?(?:think(?:ing)?|thoughts?|reasoning)"
_HARMONY: Final = r"(?:<\|start\|>assistant)?<\|channel\|>"
_DETAILS: Final = (
    r"<details\s[^<>]*\btype=[\"']?reasoning\b[^<>]*+>"
    r"|<details[^<>]*+>\s*+<summary>[^<>]{0,80}\b(?:think|thought|reason)[a-z]*+\b[^<>]{0,80}</summary>"
)
_MARK: Final = re.compile(
    rf"(?P<tag>< ?(?P<tag_name>{_NAMES})(?:\s[^<>]*+)?>)|(?P<tag_end>< ?/ ?{_NAMES}\s*+>)"
    r"|(?P<bracket>\[THINK\]|\[(?-i:THINKING|REASONING)\])"
    r"|(?P<bracket_end>\[/THINK\]|\[/(?-i:THINKING|REASONING)\])"
    rf"|(?P<special><[|\uff5c](?:start_)?{_SPECIAL}(?:_start|_begin)?[|\uff5c]>)"
    rf"|(?P<special_end><[|\uff5c](?:(?:/|end_){_SPECIAL}|{_SPECIAL}_end)[|\uff5c]>)"
    r"|(?P<kthree><\|open\|>think<\|sep\|>)|(?P<kthree_end><\|close\|>think<\|sep\|>)"
    r"|(?P<granite>\AHere(?:'s| is) my thought process:)"
    r"|(?P<granite_end>Here(?:'s| is) my response:)"
    r"|(?P<kimi>\u25c1think\u25b7)|(?P<kimi_end>\u25c1/think\u25b7)"
    rf"|(?P<harmony>{_HARMONY}analysis[^<\n]{{0,80}}+<\|message\|>|\Aanalysis(?=[A-Z]))"
    rf"|(?P<harmony_end>(?:<\|end\|>)?{_HARMONY}(?:final|commentary)[^<{{\[]{{0,80}}+"
    r"(?:<\|constrain\|>\s*+\w*+)?<\|message\|>|assistantfinal)"
    rf"|(?P<details>{_DETAILS})|(?P<details_end></details\s*+>)"
    r"|(?P<unused><(?:unused|ctrl)94>)|(?P<unused_end><(?:unused|ctrl)95>)"
    r"|(?P<gemma><\|channel>thought)|(?P<gemma_end><channel\|>)"
    r"|(?P<command><\|START_THINKING\|>)|(?P<command_end><\|END_THINKING\|>)"
    r"|(?P<inner><\|inner_prefix\|>)|(?P<inner_end><\|inner_suffix\|>)"
    r"|(?P<thought><\|begin_of_thought\|>)|(?P<thought_end><\|end_of_thought\|>)",
    re.IGNORECASE,
)
_FIRST: Final = re.compile(r"[<\[\u25c1]|\A[aA]nalysis|assistantfinal|Here(?:'s| is) my [tr]")
"""Where a mark may begin."""
_ALSO_OTHERS: Final = frozenset({"details", "granite"})
"""Families whose closing mark also closes what is no reasoning."""
_BRACKET: Final = re.compile(r"[\[{]")
_MOST_STRETCHES: Final = 1_000
_RESCANS: Final = 2
"""Times the length of a reply that may be read over for values with marks in them."""
_DEPTH: Final = 200


@dataclass(frozen=True, slots=True)
class UnendedReasoning:
    """The reply ends inside reasoning that begins at this offset."""

    offset: int


@dataclass(frozen=True, slots=True)
class _Mark:
    family: str
    is_closing: bool
    name: str
    start: int
    end: int


def without_reasoning(text: str) -> str | UnendedReasoning:
    """Return the text with reasoning blanked out, every offset as it was.

    >>> without_reasoning("<think>a</think>[1]").lstrip()
    '[1]'
    >>> without_reasoning("[THINK] a")
    UnendedReasoning(offset=0)
    """
    marks = list(_marks(text))
    inside = _inside_values(text, marks) if marks else frozenset()
    marks = [mark for mark in marks if mark.start not in inside]
    ends = _ends(marks)
    blanks: list[tuple[int, int]] = []
    number = 0
    while number < len(marks):
        mark, last = marks[number], ends[number]
        if mark.is_closing:
            if mark.family not in _ALSO_OTHERS:
                blanks = [(0, mark.end)]
            number += 1
            continue
        if last is None:
            return UnendedReasoning(mark.start)
        blanks.append((mark.start, marks[last].end))
        number = last + 1
    return _blanked(text, blanks)


def _marks(text: str) -> Iterator[_Mark]:
    """Yield the marks of a text in order; the first letter is looked for alone, which is fast."""
    end = 0
    for first in _FIRST.finditer(text):
        match = _MARK.match(text, first.start()) if first.start() >= end else None
        if match is not None:
            end = match.end()
            yield _mark(match)


def _mark(match: re.Match[str]) -> _Mark:
    kinds = [kind for kind, text in match.groupdict().items() if text and kind != "tag_name"]
    family = kinds[0].removesuffix("_end")
    name = match[0].strip("</>").split()[0].lower() if family == "tag" else family
    return _Mark(family, kinds[0].endswith("_end"), name, match.start(), match.end())


def _ends(marks: list[_Mark]) -> list[int | None]:
    """Return by which mark each opening one is closed: the one that fits, or its family's last."""
    ends: list[int | None] = [None] * len(marks)
    opened: dict[tuple[str, str], list[int]] = {}
    last = {mark.family: number for number, mark in enumerate(marks) if mark.is_closing}
    for number, mark in enumerate(marks):
        waiting = opened.setdefault((mark.family, mark.name), [])
        if not mark.is_closing:
            waiting.append(number)
        elif waiting:
            ends[waiting.pop()] = number
    for number in (each for waiting in opened.values() for each in waiting):
        final = last.get(marks[number].family, -1)
        ends[number] = final if final > number else None
    return ends


def _inside_values(text: str, marks: list[_Mark]) -> frozenset[int]:
    """Return where marks stand that are part of a JSON value begun outside reasoning."""
    ends = _ends(marks)
    starts: list[int] = []
    at, budget, number = 0, _RESCANS * len(text) + 65_536, 0
    for _ in range(_MOST_STRETCHES):
        opening = _BRACKET.search(text, at)
        while opening and number < len(marks) and marks[number].start <= opening.start():
            last = ends[number]
            at = max(at, marks[number if last is None else last].end)
            number = number + 1 if last is None else last + 1
            if opening.start() < at:
                opening = _BRACKET.search(text, at)
        if opening is None or number == len(marks) or budget < 0:
            break
        start = opening.start()
        end, stop = close(text, start, _DEPTH)
        budget -= stop - start
        is_value = end is End.CLOSED and isinstance(parse_shallow(text[start:stop]), ParsedJson)
        at = stop if is_value else start + 1
        while is_value and number < len(marks) and marks[number].start < stop:
            starts.append(marks[number].start)
            number += 1
    return frozenset(starts)


def _blanked(text: str, blanks: list[tuple[int, int]]) -> str:
    pieces: list[str] = []
    at = 0
    for start, end in blanks:
        pieces += [text[at:start], " " * (end - start)]
        at = end
    return "".join([*pieces, text[at:]])
