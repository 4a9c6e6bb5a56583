"""Read a model's reply: the JSON in it, or the reason why it is not certain.

The rule: of all JSON values in the reply (see `candidates`), those that differ must be one. A
value next to one that differs, or to a stretch that looks like a misspelt object, is ambiguous.
Where there is no value, a faint one counts if it is set off as an answer: alone in a code fence,
or the end of its line and first on it or behind a colon; numbers alone (`[797]`, a citation) only
in a fence. A value that is one member of something larger, in whatever notation, is no answer (see
`surroundings`). A reply that ends inside a value is truncated, whatever came before; nothing is
ever closed on the model's behalf.

Repairs recorded here: `byte_order_mark`, `reasoning_removed`, `code_fence`, `prose_around`,
`repeated`; the others are described in `json_text`.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Final

from harness.cases.suite import Limits
from harness.core.inert_text import whole_text
from harness.core.records import Answer, Failure, FailureKind
from harness.extract.reply.brackets import DEEPEST
from harness.extract.reply.candidates import (
    CandidateSearch,
    Distinct,
    JsonCandidate,
    only_numbers,
    search,
)
from harness.extract.reply.context.surroundings import larger_whole
from harness.extract.reply.excerpt import bytes_excerpt, excerpt, place
from harness.extract.reply.json_text import Broken, ParsedJson, parse_scalar, unwrapped
from harness.extract.reply.reasoning import UnendedReasoning, without_reasoning
from harness.extract.reply.refusal import is_refusal

_FENCES: Final = ("```", "~~~")
_MARK: Final = "\ufeff"
SHOWN: Final = 4_000
"""Characters kept of a reply that was refused for its size."""


@dataclass(frozen=True, slots=True)
class _Reply:
    """A reply on its way: its whole text, and the part of it that is still in question."""

    text: str
    start: int
    body: str
    repairs: tuple[str, ...]

    def place(self, offset: int) -> str:
        return place(self.text, self.start + offset)

    def answer(self, parsed: ParsedJson, *repairs: str) -> Answer:
        return Answer(parsed.value, self.text, self.repairs + repairs + parsed.repairs)

    def failure(self, kind: FailureKind, message: str) -> Failure:
        return Failure(kind, message, excerpt(self.text))


def read_reply(raw: str | bytes, limits: Limits) -> Answer | Failure:
    r"""Return the one JSON value of a reply, or why there is none. Raises nothing.

    >>> answer = read_reply('The rent [2] is:\n```json\n{"rent": 900}\n```', Limits())
    >>> answer.value, answer.repairs
    ({'rent': 900}, ('code_fence', 'prose_around'))
    """
    text = _decoded(raw, limits)
    if isinstance(text, Failure):
        return text
    reply = _without_reasoning(_begun(text))
    if isinstance(reply, Failure):
        return reply
    if not reply.body:
        return reply.failure(FailureKind.EMPTY, "the reply is empty")
    scalar = _scalar(reply, limits)
    if scalar is not None:
        return scalar
    return _chosen(reply, search(reply.body, limits.reply_depth), limits)


def too_large(size: int, limits: Limits, excerpt_kept: str) -> Failure:
    """Return the failure for a reply of `size` bytes or more, of which `kept` is at hand."""
    message = f"the reply has {size} bytes or more; at most {limits.reply_bytes} are read"
    return Failure(FailureKind.TOO_LARGE, message, excerpt_kept)


def _decoded(raw: str | bytes, limits: Limits) -> str | Failure:
    size = len(raw)
    if isinstance(raw, str) and size <= limits.reply_bytes and not raw.isascii():
        raw = whole_text(raw)
        size = len(raw.encode())
    if size > limits.reply_bytes:
        shown_text = excerpt(raw, SHOWN) if isinstance(raw, str) else bytes_excerpt(raw, SHOWN)
        return too_large(size, limits, whole_text(shown_text))
    if isinstance(raw, str):
        return raw
    try:
        return raw.decode(_encoding(raw))
    except UnicodeDecodeError as error:
        shown_text = excerpt(raw.decode("utf-8", "backslashreplace"))
        message = f"the reply is not text: {error.reason} at byte {error.start} ({error.encoding})"
        return Failure(FailureKind.NOT_JSON, message, shown_text)


def _encoding(raw: bytes) -> str:
    """Return UTF-8 unless a byte-order mark says otherwise; the mark stays in the text."""
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32-le" if raw[0] else "utf-32-be"
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16-le" if raw[0] == codecs.BOM_UTF16_LE[0] else "utf-16-be"
    return "utf-8"


def _begun(text: str) -> _Reply:
    marked = text.startswith(_MARK)
    return _part(_Reply(text, 0, "", ("byte_order_mark",) if marked else ()), int(marked))


def _part(reply: _Reply, start: int, *repairs: str) -> _Reply:
    rest = reply.text[start:]
    body = rest.lstrip()
    start += len(rest) - len(body)
    return _Reply(reply.text, start, body.rstrip(), reply.repairs + repairs)


def _without_reasoning(reply: _Reply) -> _Reply | Failure:
    """Leave out reasoning; offsets stay those of the whole reply."""
    blanked = without_reasoning(reply.body)
    if isinstance(blanked, UnendedReasoning):
        message = f"the reply ends inside its reasoning, begun at {reply.place(blanked.offset)}"
        return reply.failure(FailureKind.TRUNCATED, message)
    if blanked == reply.body:
        return reply
    body = blanked.lstrip()
    start = reply.start + len(blanked) - len(body)
    return _Reply(reply.text, start, body.rstrip(), (*reply.repairs, "reasoning_removed"))


def _scalar(reply: _Reply, limits: Limits) -> Answer | Failure | None:
    """Return the answer where the reply is a bare string, number, boolean or null."""
    if reply.body.startswith(("[", "{")):
        return None
    inner = _unfenced(reply.body)
    if inner.startswith(("[", "{")):
        return None
    parsed = parse_scalar(inner) if inner else None
    if not isinstance(parsed, ParsedJson):
        return None
    read = unwrapped(parsed, limits.reply_depth)
    if isinstance(read, Broken):
        message = f"the reply is JSON text in which no JSON stands: {read.why}"
        return reply.failure(FailureKind.NOT_JSON, message)
    return reply.answer(read, *(() if inner is reply.body else ("code_fence",)))


def _unfenced(body: str) -> str:
    if not body.startswith(_FENCES):
        return body
    mark = body[0]
    first, _, rest = body.lstrip(mark).partition("\n")
    return rest.rstrip().rstrip(mark).strip() if first.strip().isalnum() or not first else body


def _chosen(reply: _Reply, candidates: CandidateSearch, limits: Limits) -> Answer | Failure:
    if candidates.too_deep is not None:
        where = reply.place(candidates.too_deep)
        deepest = min(limits.reply_depth, DEEPEST)
        message = f"brackets are nested deeper than {deepest} levels at {where}"
        return reply.failure(FailureKind.TOO_DEEP, message)
    if candidates.cut_short is not None:
        where = reply.place(candidates.cut_short)
        message = f"the reply ends inside the JSON value that begins at {where}"
        return reply.failure(FailureKind.TRUNCATED, message)
    if candidates.tangled:
        message = "the reply has too many brackets to tell what is JSON in it"
        return reply.failure(FailureKind.NOT_JSON, message)
    values = candidates.values
    if not values.values and not candidates.broken:
        for one in candidates.faint:
            if _is_set_off(reply.body, one):
                values.add(one)
    if len(values.values) == 1 and not candidates.broken:
        one = values.values[0]
        whole = larger_whole(reply.body, one.start, values.last_end)
        if whole is not None:
            message = f"what begins at {reply.place(one.start)} is JSON, but part of {whole}"
            return reply.failure(FailureKind.NOT_JSON, message)
        return reply.answer(values.values[0].parsed, *_surroundings(reply.body, values))
    return _unreadable(reply, candidates)


def _unreadable(reply: _Reply, candidates: CandidateSearch) -> Failure:
    values = candidates.values.values
    if len(values) > 1:
        where = ", ".join(reply.place(one.start) for one in values)
        message = f"the reply holds different JSON values, at {where}"
        return reply.failure(FailureKind.AMBIGUOUS, message)
    if candidates.broken:
        start, broken = candidates.broken[0]
        message = f"what begins at {reply.place(start)} is not JSON: {broken.why}"
        message += f" at {reply.place(broken.offset)}"
        if not values:
            return reply.failure(FailureKind.NOT_JSON, message)
        message += f"; what begins at {reply.place(values[0].start)} is"
        return reply.failure(FailureKind.AMBIGUOUS, message)
    if is_refusal(reply.body):
        return reply.failure(FailureKind.REFUSAL, f"the model refused: {excerpt(reply.body, 200)}")
    begins = excerpt(reply.body, 80).partition("\n")[0]
    return reply.failure(FailureKind.NOT_JSON, f"no JSON object or array in the reply: {begins!r}")


def _surroundings(body: str, values: Distinct) -> list[str]:
    """Name what was left out around the value."""
    start, end = values.values[0].start, values.last_end
    before, after = _fence_before(body, start), _fence_after(body, end)
    repairs = ["code_fence"] if before is not None else []
    if before is None:
        before = start
    if body[:before].strip() or body[end if after is None else after :].strip():
        repairs.append("prose_around")
    if values.repeated:
        repairs.append("repeated")
    return repairs


def _fence_before(body: str, at: int) -> int | None:
    """Return where the fence begins that opens right before `at`; None if there is none."""
    while at and body[at - 1].isspace():
        at -= 1
    while at and (body[at - 1].isalnum() or body[at - 1] == " "):
        at -= 1
    if not body.endswith(_FENCES, 0, at):
        return None
    mark = body[at - 1]
    while at and body[at - 1] == mark:
        at -= 1
    return at


def _fence_after(body: str, at: int) -> int | None:
    """Return where the fence ends that closes right behind `at`; None if there is none."""
    while at < len(body) and body[at].isspace():
        at += 1
    if not body.startswith(_FENCES, at):
        return None
    mark = body[at]
    while at < len(body) and body[at] == mark:
        at += 1
    return at


def _is_set_off(body: str, one: JsonCandidate) -> bool:
    if _fence_before(body, one.start) is not None and _fence_after(body, one.end) is not None:
        return True
    start, end = one.start, one.end
    while start and body[start - 1] in " \t":
        start -= 1
    while end < len(body) and body[end] in " \t":
        end += 1
    introduced = start == 0 or body[start - 1] in "\n:"
    last = end == len(body) or body[end] == "\n"
    return introduced and last and not only_numbers(one.parsed.value)
