"""Running a suite, and the run folder everything later is read from."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.run.evaluation.ask_function import Progress
    from harness.run.evaluation.case_source import Cases
    from harness.run.evaluation.corpus_report import Report


class CallablePackage(ModuleType):
    """This package, which can be called: `harness.run(cases, function)` shares its name."""

    def __call__(  # noqa: PLR0913  # as `ask_function.run`
        self,
        cases: Cases,
        function: Callable[[Any], object],
        *,
        schema: Any = None,  # noqa: ANN401  # as there
        rules: Mapping[str, object] | str | PathLike[str] | None = None,
        ids: Iterable[object] | None = None,
        concurrency: int = 8,
        seconds: float = 120.0,
        progress: Progress = True,
    ) -> Report:
        """Ask a function about every case: see `harness.run.evaluation.ask_function.run`."""
        from harness.run.evaluation.ask_function import run  # noqa: PLC0415  # slow to import

        return run(
            cases,
            function,
            schema=schema,
            rules=rules,
            ids=ids,
            concurrency=concurrency,
            seconds=seconds,
            progress=progress,
        )


sys.modules[__name__].__class__ = CallablePackage
