"""How many tokens a model will count, estimated without its tokenizer."""

from __future__ import annotations

from typing import Final

_BYTES_PER_TOKEN: Final = 3
IMAGE_TOKENS: Final = 1_600
"""What the large vendors count for an image of a page, rounded up."""


def text_tokens(text: str) -> int:
    """Return an estimate that is meant to be too high: a token for every three bytes of UTF-8.

    >>> text_tokens("Total due: 1,234.50")
    7
    """
    return -(-len(text.encode(errors="surrogatepass")) // _BYTES_PER_TOKEN)
