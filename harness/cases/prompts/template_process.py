"""Template rendering: risky templates run in a process with limits of time and memory.

A plain template is filled in where we are. What loops within loops, counts with `range`, defines
macros or makes long texts of short ones is done by a process that is ended when it takes too long.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypedDict

from harness.cases.files.limited_process import LimitedProcess, OverspentError, serve_tasks
from harness.cases.prompts.template_values import (
    TemplateValues,
    values_as_json,
    values_from_json,
)
from harness.cases.prompts.templates import Template, parse_template, wrong_template
from harness.errors import HarnessError

TEMPLATE_SECONDS: Final = 10.0
"""For one text: those of real prompts take thousandths."""


class TemplateTask(TypedDict):
    """A template, and what it is filled in with."""

    text: str
    file: str
    known: list[str]
    values: dict[str, Any] | None
    """None compiles it only."""


class TemplateResult(TypedDict):
    """Result of filling in a template: a text, or the problem with the template."""

    text: str
    what: str | None
    code: str
    line: int | None
    hint: str | None


class PromptTemplate:
    """One text of a prompt, ready to be filled in for one case after the other."""

    def __init__(self, text: str, file: Path, known: frozenset[str]) -> None:
        """Compile a text. Raises HarnessError with everything that is wrong with it."""
        parsed = parse_template(text, file, known)
        self.names = parsed.names
        self._file, self._repeats = file, parsed.repeats
        self._task = TemplateTask(text=text, file=str(file), known=sorted(known), values=None)
        self._here = Template(parsed) if parsed.is_plain else None
        if self._here is None:
            self._ask(self._task)

    def render(self, values: TemplateValues) -> str:
        """Return the text for these values. Raises HarnessError with the line that fails."""
        if self._here is not None:
            return self._here.render(values)
        return self._ask({**self._task, "values": values_as_json(values)})

    def _ask(self, task: TemplateTask) -> str:
        try:
            answer = TEMPLATES.ask(task, b"", TEMPLATE_SECONDS)
        except OverspentError as error:
            size = f"{TEMPLATES.memory_bytes >> 20:,} MB of memory"
            most = f"{TEMPLATE_SECONDS:g} s" if error.is_late else size
            what = f"filling the template in takes more than {most}"
            hint = "look for loops within loops, and for long texts made of short ones"
            raise wrong_template(what, "bad-template", self._file, self._repeats, hint) from None
        result: TemplateResult = answer[0]
        if result["what"] is not None:
            of = result["what"], result["code"], self._file
            raise wrong_template(*of, result["line"], result["hint"])
        return result["text"]


def serve(memory_bytes: int) -> None:
    """Fill in templates that come on standard input until it ends."""
    serve_tasks(memory_bytes, _done)


def _done(task: TemplateTask, data: bytes) -> tuple[TemplateResult, bytes]:
    del data
    result = TemplateResult(text="", what=None, code="", line=None, hint=None)
    try:
        template = _compiled(task["text"], task["file"], frozenset(task["known"]))
        if task["values"] is not None:
            result["text"] = template.render(values_from_json(task["values"]))
    except HarnessError as error:
        problem = error.problems[0]
        result["what"], result["code"], result["hint"] = problem.what, problem.code, problem.hint
        result["line"] = problem.where.line if problem.where else None
    return result, b""


@lru_cache(maxsize=16)
def _compiled(text: str, file: str, known: frozenset[str]) -> Template:
    return Template(parse_template(text, Path(file), known))


TEMPLATES: Final = LimitedProcess(__name__)
"""The one process of this program that fills in templates."""
