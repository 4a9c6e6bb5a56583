"""How many tokens a model will count, estimated without its tokenizer."""

from __future__ import annotations

import string
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

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
    """Return an estimate that is meant to be too high.

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
