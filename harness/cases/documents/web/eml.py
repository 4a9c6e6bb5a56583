"""EML: text of e-mails and of those forwarded within them, and the names of attachments."""

from __future__ import annotations

import base64
import quopri
import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from email.message import Message
from pathlib import Path
from typing import Final

from harness.cases.documents.pages import PageLimits, Pages, broken, too_much, warning
from harness.cases.documents.web.encodings import DecodedText, decode_as
from harness.cases.documents.web.html import declared_encoding, visible_text

_HEADERS: Final = ("From", "To", "Cc", "Bcc", "Reply-To", "Date", "Subject")
_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bqBQ])\?([^?\s]*)\?=")
_NAMELESS: Final = "without a name"
_DEEPEST: Final = 20
"""Mails within mails, and parts within parts."""
_LONGEST: Final = 10_000
"""Characters of a header that is taken apart: parameters beyond are no longer looked for."""
_STUB: Final = 200
"""Letters below which a plain text may be a word to those who cannot see the page."""
_TIMES: Final = 5
"""How much more a page must say for its plain text to be such a word."""
_FEW_NUMBERS: Final = 3
"""Numbers of a page, of which its plain text must have half to be taken for it."""
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
_PARAMETERS: Final = re.compile(
    rb"^(content-(?:type|disposition):[^\n]{%d})[^\n]*(?:\r?\n[ \t][^\n]*)*" % _LONGEST,
    re.IGNORECASE | re.MULTILINE,
)
_FOLDED: Final = re.compile(
    rb"^(content-(?:type|disposition):[^\n]*(?:\r?\n[ \t][^\n]*){100})(?:\r?\n[ \t][^\n]*)*",
    re.IGNORECASE | re.MULTILINE,
)


def read(data: bytes, file: Path, bounds: PageLimits) -> Pages:
    """Return the text of an e-mail. Raises HarnessError if it cannot be read or holds too much.

    Parts whose bytes are not in the encoding that they name are read as well as they can be; what
    was doubtful is among the warnings.
    """
    try:
        message = message_from_bytes(_shortened(data), policy=policy.compat32)
        reader = _Mail()
        text = "\n".join(reader.lines(message, 0)).strip("\n")
    except (LookupError, ValueError, RecursionError, AttributeError, TypeError) as error:
        raise broken(file, "an e-mail", f"{type(error).__name__}: {error}") from None
    if len(text) > bounds.characters:
        what = f"holds more than {bounds.characters:,} characters"
        raise too_much(file, what, "document_bytes")
    hint = "look whether its letters are right; save it again as UTF-8 if they are not"
    doubts = dict.fromkeys(reader.doubts)
    return Pages(text, warnings=tuple(warning(file, d, "doubtful-encoding", hint) for d in doubts))


def _shortened(data: bytes) -> bytes:
    """Return a mail whose headers with parameters are no longer than can be taken apart."""
    for pattern in (_FOLDED, _PARAMETERS):
        data = pattern.sub(rb"\1", data)
    return data


class _Mail:
    """Reads one file. What changes is what was doubtful: it lives for one file."""

    def __init__(self) -> None:
        self.doubts: list[str] = []

    def lines(self, message: Message, depth: int) -> Iterator[str]:
        """Yield a mail's headers, its text, and a line for each attachment where it stands."""
        if depth > _DEEPEST:
            raise RecursionError
        for name in _HEADERS:
            for field_name, value in message.raw_items():
                if field_name.lower() == name.lower():
                    yield f"{name}: {self._header(value)}"
        for part in self._parts(message, depth):
            if part:
                yield f"\n{part}"

    def _parts(self, part: Message, depth: int) -> Iterator[str]:
        if depth > _DEEPEST:
            raise RecursionError
        kind = part.get_content_type()
        children = [each for each in _children(part) if isinstance(each, Message)]
        if kind == "message/rfc822" and children:
            for mail in children:
                yield "[forwarded message]\n" + "\n".join(self.lines(mail, depth + 1))
        elif kind == "multipart/alternative" and children:
            yield from self._alternative(children, depth)
        elif kind == "multipart/related" and children:
            yield from self._parts(children[0], depth + 1)
            yield from map(self._attachment, children[1:])
        elif kind == "message/delivery-status":
            listed = (item for child in children for item in child.raw_items())
            yield "\n".join(f"{name}: {self._header(value)}" for name, value in listed)
        elif children:
            for child in children:
                yield from self._parts(child, depth + 1)
        elif part.get_content_maintype() == "text" and not _is_attached(part):
            yield self._text(part, kind)
        else:
            yield self._attachment(part)

    def _alternative(self, children: Sequence[Message], depth: int) -> Iterator[str]:
        """Yield one version of a text: the plain one, unless it says next to nothing of it."""
        versions = ["\n\n".join(filter(None, self._parts(c, depth + 1))) for c in children]
        kinds = [child.get_content_type() for child in children]
        plain = next((v for v, k in zip(versions, kinds, strict=True) if k == "text/plain"), "")
        others = (v for v, k in zip(versions, kinds, strict=True) if k != "text/plain")
        page = max(others, key=_letters, default="")
        is_stub = _letters(plain) < _STUB and _letters(page) > _TIMES * _letters(plain)
        yield page if is_stub or _lacks_numbers(plain, page) else plain
        for child, kind in zip(children, kinds, strict=True):
            if not kind.startswith(("text/", "multipart/")):  # an invitation, for one
                yield self._attachment(child)

    def _text(self, part: Message, kind: str) -> str:
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
        label = _charset(part)
        if kind == "text/html":
            label = label or declared_encoding(data)
            return visible_text(self._decoded(data, label)).replace("\f", "\n")
        return self._decoded(data, label).replace("\r\n", "\n").replace("\f", "\n").strip("\n")

    def _decoded(self, data: bytes, label: str | None) -> str:
        return self._told(decode_as(data, label))

    def _told(self, decoded: DecodedText) -> str:
        if decoded.doubt is not None:
            self.doubts.append(f"a part of the mail {decoded.doubt}")
        return decoded.text.replace("\0", "")

    def _header(self, value: str) -> str:
        """Return a header's text, encoded words decoded (RFC 2047), raw bytes as UTF-8."""
        written: list[str] = []
        at, label, waiting = 0, "", b""
        for word in _WORD.finditer(value):
            between = value[at : word.start()]
            charset = word[1].partition("*")[0].lower()
            if waiting and (between.strip() or charset != label):
                written.append(self._decoded(waiting, label))
                waiting = b""
            if between.strip() or not at:
                written.append(self._decoded(between.encode("utf-8", "surrogateescape"), None))
            label, waiting, at = charset, waiting + _bytes(word), word.end()
        if waiting:
            written.append(self._decoded(waiting, label))
        written.append(self._decoded(value[at:].encode("utf-8", "surrogateescape"), None))
        return " ".join("".join(written).split())

    def _attachment(self, part: Message) -> str:
        return f"[attachment: {self._header(_filename(part))}, {part.get_content_type()}]"


def _children(part: Message) -> Sequence[object]:
    payload = part.get_payload()
    return payload if part.is_multipart() and isinstance(payload, list) else ()


def _is_attached(part: Message) -> bool:
    """Tell whether a text is a file beside the mail, not a part of what it says."""
    return part.get_content_disposition() == "attachment" or _filename(part) != _NAMELESS


def _filename(part: Message) -> str:
    try:
        return part.get_filename() or _NAMELESS
    except (TypeError, ValueError, LookupError):  # parameters that no program reads (RFC 2231)
        return _NAMELESS


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except (TypeError, ValueError, LookupError):  # as above
        return None


def _bytes(word: re.Match[str]) -> bytes:
    """Return the bytes of an encoded word; the word itself where they cannot be had."""
    content = word[3].encode("ascii", "replace")
    if word[2] in "qQ":
        return quopri.decodestring(content, header=True)
    try:
        return base64.b64decode(content + b"=" * (-len(content) % 4))
    except ValueError:
        return word[0].encode("ascii", "replace")


def _lacks_numbers(plain: str, page: str) -> bool:
    """Tell whether a plain text has less than half of the numbers of a page it stands for."""
    numbers = set(_NUMBER.findall(page))
    common = numbers & set(_NUMBER.findall(plain))
    return len(numbers) >= _FEW_NUMBERS and 2 * len(common) < len(numbers)


def _letters(text: str) -> int:
    return len("".join(text.split()))
