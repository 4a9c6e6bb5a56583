"""Messages sent to a model, by role, made of text and images."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from harness.cases.digest import canonical
from harness.core.values import Json


@dataclass(frozen=True, slots=True)
class TextPart:
    """A text as it is sent."""

    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """An image as it is sent: a page of a scan, or a picture that is a document."""

    media_type: str
    """`image/png`, `image/jpeg`, `image/webp` or `image/gif`."""
    data: bytes


Part: TypeAlias = TextPart | ImagePart


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """Messages of a prompt for one case."""

    messages: tuple[Message, ...]
    sha256: str
    """Of the messages, images included."""
    input_tokens: int
    """An estimate that is meant to be too high rather than too low."""
    schema: Json = None
    """The answer's schema, with the prompt's own descriptions of fields; None without a schema."""


def messages_digest(messages: Iterable[Message]) -> str:
    """Return the sha256 of messages."""
    listed: list[Json] = [
        [message.role, *(_digested(part) for part in message.parts)] for message in messages
    ]
    return hashlib.sha256(canonical(listed).encode(errors="surrogatepass")).hexdigest()


def _digested(part: Part) -> Json:
    if isinstance(part, TextPart):
        return part.text
    return [part.media_type, hashlib.sha256(part.data).hexdigest()]
