"""From a dialect to its batch interface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

from harness.extract.batches.anthropic_batches import AnthropicBatches
from harness.extract.batches.batch_api import BatchApi
from harness.extract.batches.batch_http import BatchHttp
from harness.extract.batches.gemini_batches import GeminiBatches
from harness.extract.batches.openai_batches import OpenAiBatches
from harness.extract.dialects.dialect import Dialect

_APIS: Final[dict[str, Callable[[str], BatchApi]]] = {
    "openai": OpenAiBatches,
    "anthropic": lambda _path: AnthropicBatches(),
    "gemini": lambda _path: GeminiBatches(),
}
"""By the names of dialects; OpenAI's newer interface has the same batches as the older one."""


@dataclass(frozen=True, slots=True)
class BatchService:
    """One vendor's batch interface, and how it is reached."""

    api: BatchApi
    http: BatchHttp


@runtime_checkable
class BatchExtractor(Protocol):
    """An extractor whose requests can be put into batches."""

    @property
    def batches(self) -> BatchService | None:
        """Service that batches are submitted to; None where there is none."""
        ...


def service_for(dialect: Dialect, http: BatchHttp) -> BatchService:
    """Return the batch interface of an endpoint that speaks a dialect."""
    api = _APIS[dialect.name.partition(" ")[0]]
    return BatchService(api(http.path), http)
