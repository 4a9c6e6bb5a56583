"""Refusal detection: tells a model that will not answer from one that answered badly."""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 1_000
"""Characters; a longer text has more to say than no."""
_REFUSAL: Final = re.compile(
    r"""
    (?: (?:I['\u2019]m|I\ am)\ (?:very\ |so\ |truly\ )?sorry | Sorry | I\ apologi[sz]e
      | My\ apologies | Unfortunately | As\ an\ AI(?:\ \w+){0,3} )?
    [ ,.;:!\u2013\u2014-]* (?: but\  | however,?\  | that\  )*
    I(?: \ must\ (?:respectfully\ )?(?:decline|refuse)
      | (?: \ can(?:no|['\u2019])t | \ can\ not | \ won['\u2019]t | \ will\ not
          | (?:['\u2019]m|\ am)\ (?:unable|not\ able)\ to )
        \ (?:be\ able\ to\ )?
        (?: help|assist|comply|provide|fulfil|process|do\ (?:that|this|so)|complete|continue|answer
          | extract|share|generate|create|perform|discuss|engage|access ) )
    """,
    re.IGNORECASE | re.VERBOSE,
)


def is_refusal(text: str) -> bool:
    """Tell whether a text without any JSON is certainly a refusal: short, and begun as one.

    Not finding something is an answer, if not in JSON; only not wanting to is a refusal.

    >>> is_refusal("I'm sorry, but I can't help with that.")
    True
    >>> is_refusal("I'm sorry, but I cannot find a rent in this contract.")
    False
    """
    return len(text) <= _LONGEST and _REFUSAL.match(text) is not None
