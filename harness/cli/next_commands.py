"""Next commands: what to type after a command, printed at its end on standard error."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.cli.options import TYPED_WORDS

if TYPE_CHECKING:
    from harness.run.stored.stored_results import ResultsDocument
    from harness.run.stored.stored_run import RunDocument

_LABEL: Final = "next"
_WIDTH: Final = 12
_HEADERS: Final = re.compile(r"^((?:--param=)?headers[^=]*=).*", re.DOTALL)


def tell_next(*commands: Sequence[str]) -> None:
    """Print commands, given as words, one below the other; nothing where there are none.

    They go to standard error: no pipe and no file has them. What was typed as a key or a header is
    not repeated, since logs keep what is printed.
    """
    from harness.core.inert_text import inert
    from harness.extract.endpoint.api_keys import without_keys

    for number, words in enumerate(commands):
        label = "" if number else _LABEL
        shown = shlex.join([_HEADERS.sub(r"\1...", word) for word in words])
        click.echo(f"{label:<{_WIDTH}}{inert(without_keys(shown))}", err=True)


def typed_again(*more: str, without: str | None = None, value: str | None = None) -> list[str]:
    """Return the command that runs now as it was typed, with more words, and an option left out.

    `value` is that of the option left out; None for a flag.
    """
    context = click.get_current_context()
    words = list(context.meta[TYPED_WORDS])
    for form in ([without, value], [f"{without}={value}"]) if value is not None else ([without],):
        places = [n for n in range(len(words)) if words[n : n + len(form)] == form]
        for place in reversed(places):
            del words[place : place + len(form)]
    names = []
    while context.parent is not None:  # the outermost is the program, as `python -m harness` is
        names.append(context.info_name or "")
        context = context.parent
    return ["harness", *reversed(names), *words, *more]


def suite_words(path: Path) -> tuple[str, ...]:
    """Return the argument that names suites; none where it is the default."""
    from harness.cases.files.places import shown_path

    shown = shown_path(path.resolve())
    return () if shown == Path("evals") else (str(shown),)


def name_of_run(folder: Path) -> str:
    """Return a run's name, or its path where that is not where runs are looked for."""
    from harness.cases.files.places import reports_here, shown_path

    whole = folder.resolve()
    is_near = whole.parent == reports_here().resolve()
    return whole.name if is_near else str(shown_path(whole))


def suite_of_run(folder: Path, record: RunDocument) -> Path | None:
    """Return the folder of a run's suite; None where it is not at hand."""
    ruler = record.get("ruler")
    home = (folder.resolve() / ruler["folder"]).resolve() if ruler else None
    return home if home is not None and home.is_dir() else None


def after_run(folder: Path, record: RunDocument, results: ResultsDocument) -> list[list[str]]:
    """Return what comes after a run: the rest of its cases, its errors, or its truths."""
    name, suite = name_of_run(folder), suite_of_run(folder, record)
    if not results["complete"] and suite is not None:
        return [_resumed(folder, suite, record)]
    if not results["cases"] or results["aggregate"]["macro"]["f1"] is None:
        return [["harness", "review", *_at(suite), name]] if suite else []
    errors = [["harness", "show", name, "--errors", "any"], ["harness", "feedback", name]]
    return errors if _has_errors(results) else [["harness", "gate", name]]


def after_runs(
    folders: Sequence[Path], runs: Sequence[tuple[RunDocument, ResultsDocument]]
) -> list[list[str]]:
    """Return what comes after several runs: those of one suite side by side, else all of them."""
    names = [name_of_run(folder) for folder in folders]
    if len({record["suite"] for record, _ in runs}) == 1:
        return [["harness", "compare", *names]]
    return [["harness", "view"]]


def _resumed(folder: Path, suite: Path, record: RunDocument) -> list[str]:
    from harness.cases.suite_file.model_options import ModelOptions
    from harness.extract.batches.batch_log import read_batches
    from harness.run.selection import stored_words, unsaid_places

    unsaid = unsaid_places(stored_words(record.get("asked", {})).model, ModelOptions())
    again = [word for each in unsaid for word in each.split(" ", 1)]
    wait = ("--wait",) if any(batch.is_open for batch in read_batches(folder)) else ()
    return ["harness", "run", *suite_words(suite), "--resume", name_of_run(folder), *wait, *again]


def _at(suite: Path | None) -> tuple[str, ...]:
    from harness.cases.files.places import shown_path

    return (str(shown_path(suite)),) if suite is not None else ()


def _has_errors(results: ResultsDocument) -> bool:
    of = results["aggregate"]["counts"]
    return bool(of["omission"] or of["hallucination"] or of["format_error"] or of["wrong_value"])
