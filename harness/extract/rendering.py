"""From a suite's prompt and a case to the messages that are sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.cases.documents.document_files import page_images
from harness.cases.prompts.instructions import DEFAULT, Instructions
from harness.cases.suite import Limits, Suite
from harness.core.records import Case, Document, Failure, FailureKind
from harness.extract.messages import ImagePart, Message, Rendered, TextPart, messages_digest
from harness.extract.tokens import IMAGE_TOKENS, text_tokens


class Renderer:
    """Fills a suite's prompt in for one case after the other; without one, a plain prompt."""

    def __init__(self, suite: Suite) -> None:
        """Compile the prompt. Raises HarnessError with everything wrong with its templates."""
        self._instructions = Instructions(suite.prompt or DEFAULT, suite.examples)

    def render(self, case: Case) -> Rendered:
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
        return Rendered(sent, messages_digest(sent), _tokens(sent), texts.schema)


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


def too_long(rendered: Rendered, limits: Limits) -> Failure | None:
    """Return why a model is not asked: the prompt is over the suite's limit; None if it is not."""
    limit, size = limits.input_tokens, rendered.input_tokens
    if limit is None or size <= limit:
        return None
    message = (
        f"the prompt holds about {size:,} tokens, the limit is {limit:,}: raise"
        " `limits: {input_tokens: ...}`, or ask by parts with `reading: {chunk_pages: ...}`"
    )
    return Failure(FailureKind.TOO_LONG, message)
