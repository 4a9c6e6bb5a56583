"""JSON lines: the id of a line, read quickly, or everything in it."""

from __future__ import annotations

import json
import re
from math import isinf
from pathlib import Path
from typing import Final, NamedTuple, Never

from harness.cases.files.places import nfc
from harness.cases.files.reading import decode, not_utf8
from harness.cases.files.strict_json import decoded_text, is_deeper, parse_json
from harness.cases.suite import Limits
from harness.core.records import Answer, Failure, FailureKind
from harness.core.values import Json
from harness.errors import HarnessError, Problem

# the one reader of recorded answers; only its JSON is quicker
from harness.extract.recorded.answer_lines import (
    AnswerEntry,
    AnswerLine,
    entry_of_run,
    entry_of_user,
    read_entry,
    said_in_bytes,
)
from harness.extract.reply.brackets import DEEPEST
from harness.extract.reply.json_text import ParsedJson
from harness.run.scored_files.truth_lines import TruthLine, truth_line
from harness.scale.score_summary import Flaw

_BEGINNING: Final = re.compile(rb'\s*\{\s*"(id|case_id)"\s*:\s*"([^"\\\x00-\x1f]*)"\s*[,}]')
_DIGITS: Final = 308
"""Digits up to which every reader takes an integer for a number."""
_LIMITS: Final = Limits()
_PLAIN: Final = frozenset({"id", "value"})
"""Keys of a line with an answer and nothing about it."""
_NO_PREDICTION: Final = Failure(FailureKind.NO_RECORDING, "there is no prediction for this truth")


def truth_id(raw: bytes, file: Path, offset: int) -> bytes | None:
    """Return the id a line of truth begins with; None if the line holds none that can be read."""
    quick = _BEGINNING.match(raw)
    if quick is not None and quick[1] == b"id":
        return _in_one_form(quick[2])
    try:
        return read_truth_line(raw, file, offset).case_id.encode("utf-8", "surrogatepass")
    except HarnessError:
        return None


def read_truth_line(raw: bytes, file: Path, offset: int) -> TruthLine:
    """Return what a line of truth says. Raises HarnessError with what is wrong with it."""
    try:
        text = raw.decode() if offset else decode(raw, file)
    except UnicodeDecodeError as error:
        raise HarnessError(not_utf8(error, offset)) from None
    return truth_line(parse_json(text, file))


def _in_one_form(case_id: bytes) -> bytes:
    """Return an id in the Unicode form ids are kept in; bytes that are no text as they are."""
    if case_id.isascii():
        return case_id
    try:
        return nfc(case_id.decode()).encode()
    except UnicodeDecodeError:
        return case_id


class PredictionLine(NamedTuple):
    """Content of a line of predictions."""

    case_id: str
    output: Answer | Failure


def prediction_id(raw: bytes, offset: int) -> bytes | Problem:
    """Return the case id a line of predictions begins with, or what is wrong with the line."""
    quick = _BEGINNING.match(raw)
    if quick is not None:
        return _in_one_form(quick[2])
    entry = read_entry(raw, DEEPEST, first_line=not offset)
    if isinstance(entry, Problem):
        return entry
    return entry.case_id.encode("utf-8", "surrogatepass")


def read_prediction(raw: bytes, file: Path, offset: int) -> PredictionLine | Problem:
    """Return the answer in a line, as a recorded answer is read, or what is wrong with the line."""
    quick = _quick(raw)
    if quick is not None:
        return quick
    entry = read_entry(raw, DEEPEST, first_line=not offset)
    if isinstance(entry, Problem):
        return entry
    output = said_in_bytes(raw, AnswerLine(file, offset, len(raw)), _LIMITS)
    return _line(entry.case_id, output)


def _line(case_id: str, output: Answer | Failure) -> PredictionLine:
    if isinstance(output, Failure) and output.kind is FailureKind.NO_RECORDING:
        output = _NO_PREDICTION
    return PredictionLine(case_id, output)


def no_prediction(case_id: str) -> PredictionLine:
    """Return what stands for a line that is not there: the case is missing."""
    return PredictionLine(case_id, _NO_PREDICTION)


def line_flaw(problem: Problem, offset: int, first: int = -1) -> Flaw:
    """Return a problem of the line at an offset, as it is listed."""
    return offset, problem.code, problem.what, problem.hint or "", first


class _OddError(ValueError):
    """The line holds something the slower reader has to look at."""


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise _OddError
    return mapping


def _constant(_: str) -> Never:
    raise _OddError


def _integer(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise _OddError
    return int(digits)


def _number(digits: str) -> float:
    value = float(digits)
    if isinf(value):
        raise _OddError
    return value


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_members,
    parse_constant=_constant,
    parse_int=_integer,
    parse_float=_number,
)


def _quick(raw: bytes) -> PredictionLine | None:
    """Return what a line in perfect order says; None if it is not, or may not be."""
    if len(raw) > _LIMITS.reply_bytes or (b"\\" in raw and (b"\\ud" in raw or b"\\uD" in raw)):
        return None
    try:
        fields = decoded_text(_DECODER, raw.decode())
    except (ValueError, RecursionError):
        return None
    opened = raw.count(b"{") + raw.count(b"[")
    if not isinstance(fields, dict) or (
        opened > _LIMITS.reply_depth and is_deeper(fields, _LIMITS.reply_depth)
    ):
        return None
    case_id = fields.get("id")
    if isinstance(case_id, str) and fields.keys() == _PLAIN:
        return PredictionLine(nfc(case_id), Answer(fields["value"]))
    parsed = ParsedJson(fields)
    entry = entry_of_run(fields, parsed) if "said" in fields else entry_of_user(fields, parsed)
    return _line(entry.case_id, entry.read(_LIMITS)) if isinstance(entry, AnswerEntry) else None
