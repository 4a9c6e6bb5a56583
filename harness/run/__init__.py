"""Running a suite, and the run folder everything later is read from."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inspect import Signature

    from harness.run.evaluation.corpus_report import Report


class CallablePackage(ModuleType):
    """This package, which can be called: `harness.run(cases, function)` shares its name."""

    @property
    def __call__(self) -> Callable[..., Report]:
        """`ask_function.run`, imported when it is first asked for: it is slow to import."""
        from harness.run.evaluation.ask_function import run  # noqa: PLC0415  # slow to import

        return run

    @property
    def __signature__(self) -> Signature:
        """The signature of `ask_function.run`, for help and editors."""
        from inspect import signature  # noqa: PLC0415  # rarely asked for

        return signature(self.__call__)


sys.modules[__name__].__class__ = CallablePackage
