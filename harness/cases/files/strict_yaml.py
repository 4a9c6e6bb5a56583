"""Strict YAML: `no`, dates and `007` are text, and duplicate keys are refused.

Read from the parser's events, so that every value has its line and no nesting can end the process.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from harness.cases.files.places import at
from harness.core.values import FieldPath, Json, show
from harness.errors import HarnessError, Problem

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH: Final = 50
_MAX_NODES: Final = 500_000
"""Aliases counted as often as they are used: a small file can unfold into a huge one."""
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,300})")
_NUMBER: Final = re.compile(r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WORDS: Final[Mapping[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_CORE_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null", "seq", "map")
)
_TEXT_TAGS: Final = frozenset({"!", "tag:yaml.org,2002:str"})


@dataclass(frozen=True, slots=True)
class Yaml:
    """A file's value, and where its keys and items stand."""

    value: Json
    lines: Mapping[FieldPath, int]
    """1-based lines of keys and items."""


def parse_yaml(text: str, file: Path) -> Yaml:
    """Return the one document of a YAML text. Raises HarnessError.

    >>> parse_yaml("tags: [no, 2024-01-31, 007, 0.9, true]", Path("suite.yaml")).value
    {'tags': ['no', '2024-01-31', '007', 0.9, True]}
    """
    tree = _Tree(file)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            tree.take(event)
    except yaml.MarkedYAMLError as error:
        raise HarnessError(_broken(error, file)) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        character = error.character
        shown = repr(chr(character) if isinstance(character, int) else character)
        what = f"is not YAML: the character {shown} is not allowed"
        raise HarnessError(Problem(what, "bad-yaml", at(file, line))) from None
    if tree.problems:
        raise HarnessError(*tree.problems)
    return Yaml(tree.root, tree.lines)


def _broken(error: yaml.MarkedYAMLError, file: Path) -> Problem:
    mark = error.problem_mark or error.context_mark
    reason = error.problem or error.context or "broken"
    if "nesting depth" in reason:  # newer parsers have a limit of their own
        what = f"is nested more than {_MAX_DEPTH} levels deep"
        return Problem(what, "bad-yaml", at(file, mark.line + 1 if mark else 1))
    hint = _HINTS.get(reason)
    begun = error.context_mark
    if begun and mark and begun.line != mark.line:
        reason = f"{reason}, {error.context} that begins in line {begun.line + 1}"
    return Problem(
        f"is not YAML: {reason}", "bad-yaml", at(file, mark.line + 1 if mark else 1), hint
    )


_HINTS: Final[Mapping[str, str]] = {
    "mapping values are not allowed in this context": "put text that holds `: ` in quotes",
    "found character that cannot start any token": (
        "indent with spaces, not tabs; put text that begins with @, % or ` in quotes"
    ),
    "did not find expected ',' or ']'": "a `[` is not closed",
    "did not find expected ',' or '}'": "a `{` is not closed",
    "did not find expected key": "the indentation does not fit the lines before",
}


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is still open."""

    value: list[Json] | dict[str, Json]
    path: FieldPath
    anchor: str | None
    first_node: int
    key: str | None = None
    merged: list[Json] = field(default_factory=list)


class _Tree:
    """A value that grows with each event."""

    def __init__(self, file: Path) -> None:
        self.root: Json = None
        self.lines: dict[FieldPath, int] = {}
        self.problems: list[Problem] = []
        self._file = file
        self._open: list[_Frame] = []
        self._anchors: dict[str, tuple[Json, int]] = {}
        self._nodes = 0
        self._documents = 0

    def take(self, event: Event) -> None:
        """Add what one event of the parser says."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._refusal("holds more than one YAML document", line)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._close(line)
        elif isinstance(event, NodeEvent):
            self._node(event, line)

    def _node(self, event: NodeEvent, line: int) -> None:
        self._nodes += 1
        if isinstance(event, ScalarEvent):
            frame = self._open[-1] if self._open else None
            if frame and isinstance(frame.value, dict) and frame.key is None:
                self._key(frame, event, line)
                return
            self._keep(self._scalar(event, line), line, event.anchor, 1)
        elif isinstance(event, AliasEvent):
            if event.anchor not in self._anchors:
                raise self._refusal(f"alias *{event.anchor} stands for nothing before it", line)
            value, nodes = self._anchors[event.anchor]
            self._nodes += nodes
            if self._nodes > _MAX_NODES:
                raise self._refusal("unfolds into too much", line)
            self._keep(value, line, None, nodes)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._start(event, line)

    def _start(self, event: MappingStartEvent | SequenceStartEvent, line: int) -> None:
        if event.tag and event.tag not in _CORE_TAGS:
            raise self._refusal(f"tag {event.tag} is not known here", line)
        if len(self._open) >= _MAX_DEPTH:
            raise self._refusal(f"is nested more than {_MAX_DEPTH} levels deep", line)
        value: dict[str, Json] | list[Json] = {} if isinstance(event, MappingStartEvent) else []
        self._open.append(_Frame(value, self._path(line), event.anchor, self._nodes))

    def _path(self, line: int) -> FieldPath:
        """Return where the next value goes, and note the line of a list's item."""
        if not self._open:
            return ()
        frame = self._open[-1]
        if isinstance(frame.value, list):
            path = (*frame.path, len(frame.value))
            self.lines.setdefault(path, line)
            return path
        if frame.key is None:
            raise self._refusal("a key must be plain text", line)
        return (*frame.path, frame.key)

    def _key(self, frame: _Frame, event: ScalarEvent, line: int) -> None:
        frame.key = event.value
        path = (*frame.path, event.value)
        if path in self.lines and event.value != "<<":
            what = f"{show(path)}: the key is given twice, first in line {self.lines[path]}"
            self.problems.append(Problem(what, "duplicate-key", at(self._file, line)))
        else:
            self.lines[path] = line

    def _keep(self, value: Json, line: int, anchor: str | None, nodes: int) -> None:
        """Put a finished value where it belongs."""
        if anchor:
            self._anchors[anchor] = (value, nodes)
        self._path(line)
        if not self._open:
            self.root = value
            return
        frame = self._open[-1]
        if isinstance(frame.value, list):
            frame.value.append(value)
        elif frame.key == "<<":
            frame.merged.extend(value if isinstance(value, list) else [value])
        elif frame.key is not None:
            frame.value[frame.key] = value
        frame.key = None

    def _close(self, line: int) -> None:
        frame = self._open.pop()
        for base in frame.merged:
            if not isinstance(base, dict) or not isinstance(frame.value, dict):
                where = self.lines.get((*frame.path, "<<"), line)
                raise self._refusal("`<<` takes a mapping", where)
            for key, value in base.items():
                frame.value.setdefault(key, value)
        self._keep(frame.value, line, frame.anchor, self._nodes - frame.first_node + 1)

    def _scalar(self, event: ScalarEvent, line: int) -> Json:
        if event.tag in _TEXT_TAGS or (not event.tag and not event.implicit[0]):
            return str(event.value)
        if event.tag and event.tag not in _CORE_TAGS:
            raise self._refusal(f"tag {event.tag} is not known here", line)
        return plain_scalar(event.value)

    def _refusal(self, what: str, line: int) -> HarnessError:
        return HarnessError(Problem(what, "bad-yaml", at(self._file, line)))


def plain_scalar(text: str) -> Json:
    """Return what unquoted text stands for: only what JSON, too, would read as a number or word.

    >>> [plain_scalar(t) for t in ("no", "12:30", "007", "12", "1e3", ".inf", "~")]
    ['no', '12:30', '007', 12, 1000.0, '.inf', None]
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text) and not math.isinf(float(text)):
        return float(text)
    return text
