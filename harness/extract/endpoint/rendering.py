"""Rendering: the messages for a case, made of a suite's prompt, and their estimated tokens."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from harness.cases.documents.document_files import page_images
from harness.cases.prompts.instructions import DEFAULT, Instructions
from harness.cases.suite import Limits, Suite
from harness.core.records import Case, Document, Failure, FailureKind
from harness.extract.messages import ImagePart, Message, RenderedPrompt, TextPart, messages_digest

IMAGE_TOKENS: Final = 1_600
"""What the large vendors count for an image of a page, rounded up."""
_TENTHS: Final[Mapping[bytes, int]] = MappingProxyType(
    {
        string.ascii_lowercase.encode(): 3,
        string.ascii_uppercase.encode(): 6,
        b" \t\r\f": 1,
        bytes(range(128, 256)): 6,
    }
)
"""Tenths of a token for a byte of each kind. All others, digits foremost, are a token each: the
tokenizers that are worst at a thing are the measure, since an estimate is there for caps."""
_OTHER: Final = 10


def text_tokens(text: str) -> int:
    """Return an upper estimate of a text's tokens.

    >>> text_tokens("Total due: 1,234.50")
    12
    """
    data = text.encode(errors="surrogatepass")
    tenths, left = 0, len(data)
    for kind, weight in _TENTHS.items():
        count = len(data) - len(data.translate(None, kind))
        tenths += weight * count
        left -= count
    return -(-(tenths + _OTHER * left) // 10)


class Renderer:
    """Fills a suite's prompt in for one case after the other; without one, a plain prompt."""

    def __init__(self, suite: Suite) -> None:
        """Compile the prompt. Raises HarnessError with everything wrong with its templates."""
        self._instructions = Instructions(suite.prompt or DEFAULT, suite.examples)

    def render(self, case: Case) -> RenderedPrompt:
        """Return what is sent about a case. Raises HarnessError where a template fails."""
        texts = self._instructions.texts(case)
        messages: list[Message] = []
        if texts.system is not None:
            messages.append(Message("system", (TextPart(texts.system),)))
        for turn in texts.turns:
            messages.append(Message("user", (TextPart(turn.user), *_images(turn.documents))))
            messages.append(Message("assistant", (TextPart(turn.assistant),)))
        messages.append(Message("user", (TextPart(texts.user), *_images(case.documents))))
        sent = tuple(messages)
        return RenderedPrompt(sent, messages_digest(sent), _tokens(sent), texts.schema)


def _images(documents: Iterable[Document]) -> Iterator[ImagePart]:
    for document in documents:
        for image in page_images(document):
            yield ImagePart(image.media_type, image.data)


def _tokens(messages: Iterable[Message]) -> int:
    return sum(
        text_tokens(part.text) if isinstance(part, TextPart) else IMAGE_TOKENS
        for message in messages
        for part in message.parts
    )


def too_long(rendered: RenderedPrompt, limits: Limits) -> Failure | None:
    """Return why a model is not asked: the prompt is over the suite's limit; None if it is not."""
    limit, size = limits.input_tokens, rendered.input_tokens
    if limit is None or size <= limit:
        return None
    message = (
        f"the prompt holds about {size:,} tokens, the limit is {limit:,}: raise"
        " `limits: {input_tokens: ...}`, or ask by parts with `reading: {chunk_pages: ...}`"
    )
    return Failure(FailureKind.TOO_LONG, message)
