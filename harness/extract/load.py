"""Finding the function a suite names as its extractor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from harness.cases.user_functions import Call, Home, load_function
from harness.core.records import Case

_EXTRACTING: Final = Call(1, "a case alone", "function(case)")


def load(name: str, home: Home) -> Callable[[Case], object]:
    """Return the function `module:function` stands for. Its folder stays importable.

    Raises:
        HarnessError: there is no such module or function, importing it fails, or it cannot be
            called with one argument.
    """
    return load_function(name, home, _EXTRACTING)
