"""Dialect protocol, the same for all vendors: write a request, read a response."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from harness.cases.suite import Parameters
from harness.core.records import Usage
from harness.core.values import Json, value_at_path
from harness.extract.dialects.schema_subsets import Subset
from harness.extract.messages import Message

Body = dict[str, Json]
_OCTETS: Final = 256
ANSWER_NAME: Final = "answer"
"""Name of the schema, and of the tool that takes an answer, in requests."""
_REASONING: Final = frozenset({"reasoning", "thinking", "redacted_thinking", "thought"})
"""Types of parts that are no part of the answer."""
_MOST: Final = 10**12
"""Tokens; beyond that a server counts nothing real."""
_LONG: Final = 16
_OPENED: Final = ("{", "[", "```")
_ARGUMENTS: Final = ("arguments", "input", "parameters")
"""What servers call the arguments of a call."""


class Mode(StrEnum):
    """Modes of asking for the form of an answer, from the surest to the plainest."""

    JSON_SCHEMA = "json_schema"
    JSON_OBJECT_SCHEMA = "json_object_schema"
    """llama.cpp's own: `{"type": "json_object", "schema": ...}`."""
    TOOL = "tool"
    JSON_OBJECT = "json_object"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """The form an answer is asked for in."""

    mode: Mode
    schema: Json = None
    """As it is sent; None where the mode sends none."""
    strict: bool = False
    """The endpoint is told to allow nothing else."""
    moved: tuple[str, ...] = ()
    """Keywords that the vendor does not enforce: they stand in descriptions."""
    is_reduced: bool = False
    """The schema is written otherwise than the suite's, for the vendor's sake."""

    @property
    def name(self) -> str:
        """Name of what is enforced, in a word or two, as it is stored and shown.

        >>> AnswerForm(Mode.JSON_SCHEMA, {}, strict=True, moved=("format",)).name
        'json_schema strict, without format'
        """
        strictly = " strict" if self.strict else ""
        less = ", reduced" if self.is_reduced else ""
        if self.moved:
            less = f", without {' '.join(self.moved)}"
        return f"{self.mode}{strictly}{less}"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Everything that makes up a request."""

    model: str
    messages: tuple[Message, ...]
    form: AnswerForm
    parameters: Parameters
    seed: int | None = None
    """The replicate's own."""
    max_tokens_key: str = "max_tokens"
    """What the endpoint calls the limit, where the dialect has two words for it."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a reply; a character may be spread over several."""

    piece: bytes
    logprob: float


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """Content of a response, before anybody looks for JSON in it."""

    text: str
    ended: Literal["done", "length", "refused", "nothing"] = "done"
    """`nothing`: there is no answer at all, not even an empty one."""
    why: str = ""
    """The endpoint's own word for how it ended, or the refusal's text."""
    usage: Usage = field(default_factory=Usage)
    tokens: tuple[Token, ...] = ()
    reasoning_tokens: int | None = None
    """Those of the output that were reasoning; None where it does not say."""


class NotSpokenError(ValueError):
    """A body that is not a response of its dialect."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One language of endpoints."""

    name: str
    base_url: str
    """Where its vendor is."""
    key_env: str
    """Environment variable in which the vendor's own tools look for the key."""
    key_header: tuple[str, str]
    """The header's name, and what stands before the key in it."""
    headers: tuple[tuple[str, str], ...]
    modes: tuple[Mode, ...]
    """What an answer's form can be asked for by, best first."""
    subset: Subset
    """What it enforces of a schema."""
    unknown: frozenset[str]
    """Parameters it has no word for."""
    path: Callable[[str], str]
    """From a model to what follows the base URL."""
    body: Callable[[Inquiry], Body]
    read: Callable[[Json], ModelAnswer]
    """From a response of status 200. Raises NotSpokenError."""


def given(pairs: Mapping[str, Json]) -> Body:
    """Return the pairs whose value is not None."""
    return {name: value for name, value in pairs.items() if value is not None}


def member(value: Json, *path: str | int) -> Json:
    """Return the value at a path of keys; None where any of them is missing.

    >>> member({"a": [{"b": 1}]}, "a", 0, "b"), member({"a": None}, "a", 0, "b")
    (1, None)
    """
    return value_at_path(value, path)


def count_or_none(value: Json, *path: str | int) -> int | None:
    """Return a number of tokens; None where there is none."""
    number = member(value, *path)
    if isinstance(number, str) and number.isdecimal() and len(number) < _LONG:
        number = int(number)
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= _MOST:
        return number
    return None


def sum_of_known(*numbers: int | None) -> int | None:
    """Return the sum of the numbers that are there; None where none is.

    >>> sum_of_known(1, None, 2), sum_of_known(None)
    (3, None)
    """
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def tokens_of(listed: Json, text: str, logprob: str) -> tuple[Token, ...]:
    """Return tokens listed under these names; none at all where one cannot be read."""
    tokens: list[Token] = []
    for one in listed if isinstance(listed, list) else ():
        piece, chance = _piece(one, text), member(one, logprob)
        if piece is None or not isinstance(chance, int | float):
            return ()
        tokens.append(Token(piece, float(chance)))
    return tuple(tokens)


def _piece(token: Json, text: str) -> bytes | None:
    """Return a token's bytes: as numbers where they are given, since half a letter is no text."""
    numbers = member(token, "bytes")
    if isinstance(numbers, list) and numbers:
        octets = [n for n in numbers if isinstance(n, int) and 0 <= n < _OCTETS]
        return bytes(octets) if len(octets) == len(numbers) else None
    written = member(token, text)
    return written.encode("utf-8", "surrogatepass") if isinstance(written, str) else None


def joined_text(parts: Json, key: str = "text") -> str | None:
    """Return the texts of a list of parts as one, but for reasoning; None where none is a text."""
    texts = [
        text
        for part in (parts if isinstance(parts, list) else ())
        if isinstance(text := member(part, key), str)
        and not member(part, "thought")
        and member(part, "type") not in _REASONING
    ]
    return "".join(texts) if texts else None


def called_with(calls: Json, name: str, arguments: str) -> str | None:
    """Return what the tool `name` was called with, each call on lines of its own; None: it was not.

    A call that differs from another makes the answer ambiguous, as two objects in text do. What a
    tool of another name was called with is no answer.
    """
    names: list[str] = []
    for call in calls if isinstance(calls, list) else ():
        given_under = (member(call, key) for key in (arguments, *_ARGUMENTS))
        called = next((each for each in given_under if each not in (None, "")), None)
        if called is None or not _is_named(member(call, "name"), name):
            continue
        text = called if isinstance(called, str) else json.dumps(called, ensure_ascii=False)
        names += [text] if text not in names else []
    return "\n".join(names) or None


def is_idle(called: str, written: Json) -> bool:
    """Tell whether a tool was called with nothing while the text beside the call is an answer.

    >>> is_idle("{}", '{"total": 5}'), is_idle("{}", "Nothing was found."), is_idle('{"a": 1}', "{")
    (True, False, False)
    """
    return called == "{}" and isinstance(written, str) and written.lstrip().startswith(_OPENED)


def _is_named(written: Json, name: str) -> bool:
    """Tell whether a call is one of this tool, as models spell it: `functions.answer:0`."""
    if not isinstance(written, str) or not written:
        return True
    spelled = written.partition("<|")[0].rpartition(".")[2].partition(":")[0]
    return spelled.strip().lower() == name
