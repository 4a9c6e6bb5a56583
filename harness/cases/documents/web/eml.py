"""EML: an e-mail's headers, what it says, and the names of what is attached."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from harness.cases.documents.pages import Bounds, Pages, broken, too_much
from harness.cases.documents.web.html import visible_text

_HEADERS: Final = ("From", "To", "Cc", "Bcc", "Reply-To", "Date", "Subject")


def read(data: bytes, file: Path, bounds: Bounds) -> Pages:
    """Return the text of an e-mail. Raises HarnessError if it cannot be read or holds too much."""
    try:
        message = message_from_bytes(data, policy=policy.default)
        assert isinstance(message, EmailMessage)  # noqa: S101  # what this policy makes
        text = _text(message)
    except (
        LookupError,
        ValueError,
        RecursionError,
        AttributeError,
        TypeError,
        IndexError,
    ) as error:
        raise broken(file, "an e-mail", f"{type(error).__name__}: {error}") from None
    if len(text) > bounds.characters:
        what = f"holds more than {bounds.characters:,} characters"
        raise too_much(file, what, "document_bytes")
    return Pages(text)


def _text(message: EmailMessage) -> str:
    lines = [
        f"{name}: {' '.join(str(value).split())}"
        for name in _HEADERS
        for value in message.get_all(name, ())
    ]
    body = message.get_body(preferencelist=("plain", "html"))
    if body is not None:
        content = body.get_content()
        said = content if isinstance(content, str) else content.decode("utf-8", "replace")
        if body.get_content_subtype() == "html":
            said = visible_text(said)
        lines += ["", said.replace("\r\n", "\n").replace("\f", "\n").strip("\n")]
    attached = [_attachment(part) for part in message.iter_attachments()]
    if attached:
        lines += ["", *attached]
    return "\n".join(lines)


def _attachment(part: EmailMessage) -> str:
    name = part.get_filename() or "without a name"
    return f"[attachment: {' '.join(name.split())}, {part.get_content_type()}]"
