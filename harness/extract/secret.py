"""A key, and keeping it out of everything that is shown or stored."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, quote_plus

BLOT: Final = "[key]"
"""What stands where a key was."""
_SHORTEST: Final = 6
"""Characters below which a text is too common to be blotted out wherever it appears."""
_SOUNDS: Final = re.compile("auth|key|token|secret|cookie|passw|credential|session", re.IGNORECASE)

_KEEPS_KEY: Final = re.compile("key|token|secret|passw|credential", re.IGNORECASE)


def sounds_secret(name: str) -> bool:
    """Tell whether what goes by a name is likely to be a secret."""
    return _SOUNDS.search(name) is not None


def without_keys(text: str) -> str:
    """Return a text without the keys in our environment, which programs we start can print."""
    for name, value in os.environ.items():
        if _KEEPS_KEY.search(name):
            text = Secret(name, "", value).blot(text)
    return text


@dataclass(frozen=True, slots=True)
class Secret:
    """A header that proves who asks.

    >>> key = Secret("authorization", "Bearer ", "sk-123456")
    >>> key, key.blot("denied: sk-123456")
    (Secret(header='authorization', scheme='Bearer '), 'denied: [key]')
    """

    header: str
    scheme: str
    """What stands before the key in the header, its blank included."""
    key: str = field(repr=False)

    @property
    def value(self) -> str:
        """The header's value. It must go nowhere but onto the wire."""
        return self.scheme + self.key

    def blot(self, text: str) -> str:
        """Return a text without the key, in whatever spelling a server may have echoed it."""
        for spelling in self._spellings():
            text = text.replace(spelling, BLOT)
        return text

    def blot_bytes(self, content: bytes) -> bytes:
        """Return bytes without the key."""
        for spelling in self._spellings():
            content = content.replace(spelling.encode(), BLOT.encode())
        return content

    def _spellings(self) -> tuple[str, ...]:
        if len(self.key) < _SHORTEST:
            return ()
        escaped = json.dumps(self.key)[1:-1]
        slashed = escaped.replace("/", "\\/")
        found = (self.key, escaped, slashed, quote(self.key, safe=""), quote_plus(self.key))
        return tuple(dict.fromkeys(sorted(found, key=len, reverse=True)))
