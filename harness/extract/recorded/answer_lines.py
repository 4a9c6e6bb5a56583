"""Recorded answers in a JSONL file: one answer to a line.

Three forms are read: `{"id", "value"}` with the answer itself, `{"id", "raw"}` with a reply still
to be read, either with `confidences` and `places` by field path and `usage`, and
`{"case_id", "said", "seconds"}` as in the `predictions.jsonl` of a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Final

from harness.cases.files.places import nfc
from harness.cases.suite import Limits
from harness.core.explain.places.stated_places import places_by_path
from harness.core.records import Answer, ConfidenceSource, Failure, FailureKind, Usage
from harness.core.values import Json
from harness.errors import HarnessError, Problem, Where, did_you_mean
from harness.extract.recorded.answer_usage import stated_usage
from harness.extract.reply.brackets import DEEPEST
from harness.extract.reply.excerpt import bytes_excerpt
from harness.extract.reply.json_text import Broken, ParsedJson, parse
from harness.extract.reply.read_reply import SHOWN, read_reply, too_large
from harness.extract.reply.stated_confidence import StatedAnswer, shares

_WRAPPING: Final = 2
"""Levels of `{"said": {"value": ...}}` around an answer."""
_TOO_DEEP: Final = "too-deep"
_NOT_MENDED: Final = frozenset(
    {"comment", "trailing_comma", "control_character"}
    | {f"duplicate_key_conflict:{key}" for key in ("id", "case_id", "said", "raw")}
)
"""What is forgiven a model, but not a file of records."""
_MOST_PROBLEMS: Final = 50
_PAIR: Final = 2
ANSWER_KEYS: Final = ("id", "value", "raw", "confidences", "places", "usage")
"""What a line of a user's own may hold."""
_SOURCES: Final[Mapping[str, ConfidenceSource]] = {
    "logprobs": "logprobs",
    "stated": "stated",
    "extractor": "extractor",
    "votes": "votes",
}
_NO_SHARES: Final[Mapping[str, Json]] = {}
_KINDS: Final = frozenset(kind.value for kind in FailureKind)


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """Position of one answer in its file."""

    file: Path
    offset: int
    """Bytes before the line."""
    size: int
    """Bytes of the line."""


def scan_lines(file: Path, name: str) -> dict[str, AnswerLine]:
    """Return where each case's answer lies. `name` is what the file is called in messages.

    Raises:
        HarnessError: lines that are not an answer, or a case's second answer; all of them at once.
    """
    lines: dict[str, AnswerLine] = {}
    first: dict[str, int] = {}
    problems: list[Problem] = []
    offset = 0
    with file.open("rb") as stream:
        for number, raw in enumerate(stream, start=1):
            line = AnswerLine(file, offset, len(raw))
            offset += len(raw)
            if not raw.strip():
                continue
            where = Where(PurePath(name), number)
            entry = read_entry(raw, DEEPEST, first_line=number == 1)
            if isinstance(entry, Problem):
                problems.append(entry.at(where))
            elif entry.case_id in lines:
                what = f"a second answer for case {entry.case_id!r}"
                hint = f"the first is on line {first[entry.case_id]}"
                problems.append(Problem(what, "duplicate-answer", where, hint))
            else:
                lines[entry.case_id] = line
                first[entry.case_id] = number
    if problems:
        raise HarnessError(*_bounded(problems, name))
    return lines


def said_in(line: AnswerLine, limits: Limits) -> Answer | Failure:
    """Return the answer in a line found earlier."""
    try:
        with line.file.open("rb") as stream:
            stream.seek(line.offset)
            raw = stream.read(line.size)
    except OSError as error:
        message = f"cannot read {line.file.name}: {error.strerror}"
        return Failure(FailureKind.NO_RECORDING, message)
    return said_in_bytes(raw, line, limits)


def said_in_bytes(raw: bytes, line: AnswerLine, limits: Limits) -> Answer | Failure:
    """Return the answer in the bytes of a line found earlier; its file is only named."""
    entry = read_entry(raw, limits.reply_depth + _WRAPPING, first_line=line.offset == 0)
    if isinstance(entry, Problem):
        if entry.code == _TOO_DEEP:
            return Failure(FailureKind.TOO_DEEP, f"the recorded answer is {entry.what}")
        message = f"{line.file.name} has changed since it was opened: {entry.what}"
        return Failure(FailureKind.NO_RECORDING, message)
    if (
        isinstance(entry.output, Answer)
        and entry.output.raw is None
        and line.size > limits.reply_bytes
    ):
        return too_large(line.size, limits, bytes_excerpt(raw, SHOWN))
    return entry.read(limits)


@dataclass(frozen=True, slots=True)
class AnswerEntry:
    """Content of one line."""

    case_id: str
    output: Answer | Failure | str
    """A str is a reply still to be read."""
    about: StatedAnswer | None = None
    """Confidences and places beside a reply still to be read."""
    usage: Usage | None = None

    def read(self, limits: Limits) -> Answer | Failure:
        """Return the answer, its reply read."""
        read = self._read(limits)
        return replace(read, usage=self.usage) if self.usage else read

    def _read(self, limits: Limits) -> Answer | Failure:
        if not isinstance(self.output, str):
            return self.output
        read = read_reply(self.output, limits)
        if isinstance(read, Answer) and self.about:
            return replace(read, confidences=self.about.confidences, places=self.about.places)
        return read


def _bounded(problems: list[Problem], name: str) -> list[Problem]:
    left = len(problems) - _MOST_PROBLEMS
    if left <= 0:
        return problems
    more = Problem(f"and {left} more lines like these", "more", Where(PurePath(name)))
    return [*problems[:_MOST_PROBLEMS], more]


def read_entry(raw: bytes, depth: int, *, first_line: bool) -> AnswerEntry | Problem:
    """Return what a line says, or what is wrong with it."""
    parsed = _parsed(raw, depth, first_line=first_line)
    if isinstance(parsed, Problem):
        return parsed
    fields = parsed.value
    if not isinstance(fields, dict):
        return Problem("not a JSON object", "bad-line", hint='write {"id": ..., "value": ...}')
    return entry_of_run(fields, parsed) if "said" in fields else entry_of_user(fields, parsed)


def _parsed(raw: bytes, depth: int, *, first_line: bool) -> ParsedJson | Problem:
    try:
        text = raw.decode("utf-8-sig" if first_line else "utf-8")
    except UnicodeDecodeError as error:
        return Problem(f"not UTF-8: byte {error.start} of the line", "bad-line")
    parsed = parse(text.rstrip(), depth)
    if isinstance(parsed, Broken):
        if parsed.too_deep:
            return Problem(parsed.why, _TOO_DEEP)
        return Problem(f"not JSON: {parsed.why} (column {parsed.offset + 1})", "bad-line")
    bad = _NOT_MENDED.intersection(parsed.repairs)
    return Problem(f"not JSON: {min(bad)}", "bad-line") if bad else parsed


def has_answer_keys(record: Mapping[str, Json]) -> bool:
    """Tell whether an object may be a line of the first two forms, by its keys.

    >>> has_answer_keys({"id": "a", "value": 1}), has_answer_keys({"id": "a", "usage": "kWh"})
    (True, False)
    """
    is_usage = record.get("usage") is None or isinstance(record["usage"], dict)
    return is_usage and record.keys() <= set(ANSWER_KEYS)


def entry_of_user(fields: Mapping[str, Json], parsed: ParsedJson) -> AnswerEntry | Problem:
    """Return what a line of the first two forms says, or what is wrong with it."""
    for key in fields:
        if key not in ANSWER_KEYS:
            hint = did_you_mean(key, ANSWER_KEYS)
            return Problem(f"unknown key {key!r}", "unknown-key", hint=hint)
    case_id = fields.get("id")
    if not isinstance(case_id, str):
        return Problem("'id' is not a string", "bad-line")
    sure = shares(fields.get("confidences", dict(_NO_SHARES)))
    if sure is None:
        hint = 'write {"total": 0.9, "items[0].name": 0.5}'
        what = "'confidences' is not an object of field paths and numbers from 0 to 1"
        return Problem(what, "bad-line", hint=hint)
    places = places_by_path(fields.get("places", dict(_NO_SHARES)))
    if places is None:
        hint = 'write {"total": {"page": 1, "box": [0.1, 0.2, 0.3, 0.25]}}'
        return Problem("'places' is not an object of field paths and places", "bad-line", hint=hint)
    usage = stated_usage(fields.get("usage"))
    if isinstance(usage, Problem):
        return usage
    about = StatedAnswer(fields.get("value"), sure, places)
    entry = _answer_of_user(nfc(case_id), fields, about, parsed)
    return replace(entry, usage=usage) if isinstance(entry, AnswerEntry) and usage else entry


def _answer_of_user(
    case_id: str, fields: Mapping[str, Json], about: StatedAnswer, parsed: ParsedJson
) -> AnswerEntry | Problem:
    if ("value" in fields) == ("raw" in fields):
        return Problem("neither or both of 'value' and 'raw'", "bad-line", hint="give one of them")
    if "value" in fields:
        sure, places = about.confidences, about.places
        answer = Answer(about.value, None, parsed.repairs, confidences=sure, places=places)
        return AnswerEntry(case_id, answer)
    raw = fields["raw"]
    if not isinstance(raw, str):
        return Problem("'raw' is not a string", "bad-line")
    return AnswerEntry(case_id, raw, about)


def entry_of_run(fields: Mapping[str, Json], parsed: ParsedJson) -> AnswerEntry | Problem:
    """Return what a line of a run says, or what is wrong with it."""
    case_id, answer = fields.get("case_id"), fields["said"]
    if not isinstance(case_id, str) or not isinstance(answer, dict):
        return Problem("'case_id' is not a string or 'said' is not an object", "bad-line")
    usage = stated_usage(answer.get("usage"))
    if isinstance(usage, Problem):
        return usage
    case_id = nfc(case_id)
    raw = answer.get("raw")
    reply_text = raw if isinstance(raw, str) else None
    if answer.get("status") == "answered" and "value" in answer:
        repairs = answer.get("repairs")
        names = repairs if isinstance(repairs, list) else []
        before = tuple(name for name in names if isinstance(name, str))
        known = _sure(Answer(answer["value"], reply_text, before + parsed.repairs), answer)
        return AnswerEntry(case_id, known, usage=usage)
    kind, message = answer.get("kind"), answer.get("message")
    if answer.get("status") == "failed" and kind in _KINDS and isinstance(message, str):
        failure = Failure(FailureKind(str(kind)), message, reply_text)
        return AnswerEntry(case_id, failure, usage=usage)
    return Problem("'said' is neither an answer nor a failure", "bad-line")


def _sure(answer: Answer, record: Mapping[str, Json]) -> Answer:
    """Return an answer of a run with the confidences and places stored with it."""
    places = places_by_path(_by_path(record.get("places")))
    if places:
        answer = replace(answer, places=places)
    sure = shares(_by_path(record.get("confidences")))
    source = _SOURCES.get(str(record.get("confidence_source")))
    return (
        replace(answer, confidences=sure, confidence_source=source) if sure and source else answer
    )


def _by_path(stored: Json) -> dict[str, Json]:
    """Return by path what is stored as pairs."""
    if isinstance(stored, dict):
        return stored
    pairs = stored if isinstance(stored, list) else []
    return {
        str(pair[0]): pair[1] for pair in pairs if isinstance(pair, list) and len(pair) == _PAIR
    }
