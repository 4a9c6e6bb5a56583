"""Resume a run: find it and its suite, and what is left to ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from harness.cases.suite import Suite
    from harness.cases.suite_file.model_options import ModelOptions
    from harness.cli.start.run_options import RunOptions
    from harness.run.asking.orders import RunJob
    from harness.run.asking.questions import CaseQuestion
    from harness.run.asking.resume import Earlier
    from harness.run.selection import RunRequest

_MODEL: Final = {"model": "--model", "base_url": "--base-url", "model_path": "--model-path"}
"""What a run can be told again, but not otherwise."""


def earlier_run(options: RunOptions) -> Earlier | None:
    """Return the run to go on with; None to begin a new one.

    Raises UsageError for options that do not go together, HarnessError if there is no such run.
    """
    from harness.errors import Problem, UsageError
    from harness.run.asking.resume import Earlier
    from harness.run.store import read_run

    again = options.resumption
    if again.resume is None:
        if again.retry:
            hint = "a new run asks them again anyway; to go on with a run add --resume RUN"
            raise UsageError(Problem("--retry needs --resume", "usage", hint=hint))
        return None
    folder = again.resume
    given = list(_decided(options))
    if options.reports and options.reports.resolve() != folder.resolve().parent:
        given.append("--reports")
    if given:
        what = f"{', '.join(given)} cannot be changed: the run was begun without, or with others"
        raise UsageError(Problem(what, "usage", hint="leave it out, or begin a new run"))
    return Earlier(folder, read_run(folder), again.retry)


def _decided(options: RunOptions) -> Iterator[str]:
    """Yield options that were decided when a run began, and cannot be given again."""
    selection = options.selection
    given = {
        "--extractor": options.extractors,
        "--filter": selection.patterns,
        "--filter-failing": selection.filter_failing,
        "--since": selection.since,
        "--drafts": selection.drafts,
        "--tag": selection.tags,
        "--limit": selection.limit,
        "--repeat": selection.repeat,
    }
    yield from (name for name, value in given.items() if value)


def of_run(suites: Sequence[Suite], earlier: Earlier) -> tuple[Suite, ...]:
    """Return the suite a run is of. Raises UsageError if it is not among those found."""
    from harness.errors import Problem, UsageError, did_you_mean

    name = earlier.record["suite"]
    named_suites = tuple(suite for suite in suites if suite.name == name)
    if not named_suites:
        hint = did_you_mean(name, [suite.name for suite in suites])
        raise UsageError(Problem(f"no suite {name!r}, which the run is of", "no-suite", hint=hint))
    return named_suites


def words_of(earlier: Earlier, model: ModelOptions) -> RunRequest:
    """Return what a run was told when it began, with what is said anew of its model's settings.

    Raises UsageError for another model: its answers would stand beside those of the first.
    """
    from harness.errors import Problem, UsageError
    from harness.run.selection import stored_words, unsaid_places

    words = stored_words(earlier.record.get("asked", {}))
    before = words.model
    changed = [
        option
        for name, option in _MODEL.items()
        if getattr(model, name) not in (None, getattr(before, name))
    ]
    if model.params and not before:
        changed.append("--param")
    if changed:
        what = f"{', '.join(changed)} cannot be changed: the run was begun without, or with another"
        raise UsageError(Problem(what, "usage", hint="leave it out, or begin a new run"))
    unsaid = unsaid_places(before, model)
    if unsaid:
        what = f"the run folder names {' and '.join(unsaid)}, which only a suite or you may name"
        hint = f"say again {' '.join(unsaid)} as it was said when the run was begun"
        raise UsageError(Problem(what, "usage", hint=hint))
    if not before:
        return replace(words, extractors=(earlier.record["extractor"],))
    anew = {_name(param) for param in model.params}
    parameters = (param for param in before.params if _name(param) not in anew)
    return replace(words, model=replace(before, params=(*parameters, *model.params)))


def _name(param: str) -> str:
    return param.partition("=")[0]


def to_ask(job: RunJob, earlier: Earlier | None, *, quiet: bool) -> Sequence[CaseQuestion]:
    """Return what is left to ask of a job, and say so where a run is gone on with."""
    from harness.core.number_text import count
    from harness.run.asking.questions import questions
    from harness.run.asking.run_session import RunQuestions

    questions_asked = questions(job.suite, job.name, job.words.replicates)
    if earlier is None:
        return questions_asked
    where = RunQuestions(tuple(questions_asked), earlier.retry).standing(earlier.folder)
    if not quiet:
        reasons = (
            (where.never, "never answered"),
            (where.changed, "changed since"),
            (where.again, "to try again"),
        )
        reasons_listed = ", ".join(f"{count(number)} {why}" for number, why in reasons if number)
        before, rest = count(len(where.predictions)), count(len(where.ask))
        head = f"going on: {before} answered before, {rest} to ask"
        click.echo(f"{head} ({reasons_listed})" if reasons_listed else head, err=True)
    return where.ask
