"""Options of an improvement: which suite, which engine, and up to which limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from harness.cli.improve.edit_review import review_edit
from harness.cli.options import group
from harness.cli.start.endpoint_options import EndpointOptions
from harness.cli.start.run_options import DollarsParam

if TYPE_CHECKING:
    from harness.cases.suite import Suite
    from harness.cases.suite_file.model_options import ModelOptions
    from harness.improve.search.improvement_session import Wish
    from harness.improve.trial.objective import FigureName, Objective

guard_options = group(
    click.option(
        "--max-prompt-tokens",
        type=click.IntRange(min=1),
        help="The most the prompt's texts may come to.  [default: twice what they are, and 1,000]",
    ),
    click.option(
        "--allow",
        multiple=True,
        metavar="TEXT",
        help="A value of truths that may be written into the prompt; may be repeated.",
    ),
)
"""What the guards of an edit let through: length of the prompt, values of truths."""
wish_options = group(
    click.option(
        "--target",
        type=click.FloatRange(0, 1),
        help="What the figure is to reach.  [default: the suite's goal for it]",
    ),
    click.option(
        "--by",
        type=click.Choice(["macro", "micro", "weighted", "focus", "floor"]),
        help="The figure to raise.  [default: focus where fields are in focus, else macro]",
    ),
    click.option(
        "--focus",
        multiple=True,
        metavar="FIELD",
        help="A field to improve, the others guarded; may be repeated.  "
        "[default: those that rules mark]",
    ),
    click.option(
        "--target-mode",
        type=click.Choice(["point", "lower"]),
        default="point",
        show_default=True,
        help="What must reach it: the mean, or its lower bound over documents.",
    ),
    click.option(
        "--max-calls",
        type=click.IntRange(min=1),
        help="The most questions to ask, of extractor and writer together.",
    ),
    click.option(
        "--max-usd",
        type=DollarsParam(min=0, min_open=True),
        help="The most to spend; refused where a price is not known.",
    ),
    click.option(
        "--patience",
        type=click.IntRange(min=1),
        default=3,
        show_default=True,
        help="Proposals in a row that come to nothing, after which it is over.",
    ),
    click.option(
        "-e",
        "--extractor",
        metavar="NAME",
        help="Whose prompt it is.  [default: the suite's first]",
    ),
    click.option(
        "--writer",
        metavar="NAME",
        help="The extractor that is asked for better texts.  [default: the same]",
    ),
    click.option(
        "--engine",
        default="builtin",
        show_default=True,
        metavar="ENGINE",
        help='Who edits: builtin, gepa, or command:"program and arguments".',
    ),
    click.option(
        "--agent-env",
        multiple=True,
        metavar="NAME",
        help="A variable of the environment that the command gets, as its key; may be repeated.",
    ),
    click.option(
        "--sandbox",
        type=click.Choice(["auto", "none", "required"]),
        default="auto",
        show_default=True,
        help="Whether bwrap keeps the command from truths: where it works, never, or always.",
    ),
    guard_options,
    click.option(
        "--examples",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        help="Documents that may be shown as examples, once descriptions do no more.",
    ),
    click.option(
        "--paraphrase",
        metavar="NAME",
        help="With --examples: this extractor of the suite says each example in other words, too.",
    ),
    click.option(
        "--no-promote", is_flag=True, help="Leave the prompt as it is, whatever is found."
    ),
    click.option(
        "--review",
        is_flag=True,
        help="Stop at each edit before it is tried: accept, edit, reject or skip it.",
    ),
    click.option(
        "--folds",
        type=click.IntRange(2, 20),
        metavar="N",
        help="Search N times more, each time without a part of the documents, and say what such a "
        "prompt does on that part: for suites too small to hold any out.",
    ),
    click.option(
        "--fresh", is_flag=True, help="Begin anew even if an improvement was stopped half-way."
    ),
)


@dataclass(frozen=True, slots=True)
class WishOptions:
    """Limits on what an improvement may change, ask and spend; None for no limit."""

    target: float | None
    by: Literal["macro", "micro", "weighted", "focus", "floor"] | None
    focus: tuple[str, ...]
    target_mode: Literal["point", "lower"]
    max_calls: int | None
    max_usd: float | None
    patience: int
    extractor: str | None
    writer: str | None
    engine: str
    agent_env: tuple[str, ...]
    sandbox: Literal["auto", "none", "required"]
    max_prompt_tokens: int | None
    allow: tuple[str, ...]
    examples: int
    paraphrase: str | None
    no_promote: bool
    review: bool
    folds: int | None
    fresh: bool


def wish_at(path: Path, endpoint: EndpointOptions, options: WishOptions) -> tuple[Suite, Wish]:
    """Return the suite at a path, and what is to be done with its prompt."""
    suite, extractor = asked_suite(path, options.extractor, endpoint.as_model())
    return suite, _made(suite, extractor, options)


def suite_at(path: Path) -> Suite:
    """Return the only suite at a path."""
    from harness.cases.load import load_suites
    from harness.errors import Problem, UsageError

    suites = load_suites(path)
    if len(suites) > 1:
        hint = f"name one of them: {', '.join(str(suite.folder.name) for suite in suites)}"
        raise UsageError(Problem(f"there are several suites in {path}", "many-suites", hint=hint))
    return suites[0]


def asked_suite(path: Path, extractor: str | None, model: ModelOptions) -> tuple[Suite, str]:
    """Return the suite at a path and the extractor to ask: one of its own, or the model named.

    Raises HarnessError if there is none.
    """
    from dataclasses import replace

    from harness.cases.suite_file.model_options import with_model
    from harness.errors import HarnessError, Problem, Where

    suite = suite_at(path)
    if not model and not suite.extractors:
        hint = "name one under `extractor:` in suite.yaml, or ask a model: --model NAME"
        what = "the suite has no extractor"
        raise HarnessError(Problem(what, "no-extractor", Where(suite.folder), hint))
    if not model:
        return suite, extractor or next(iter(suite.extractors))
    (with_it,), _ = with_model([suite], (extractor,) if extractor else (), model)
    name = next(iter(with_it.extractors))
    return replace(suite, extractors={**suite.extractors, **with_it.extractors}), name


def _objective(suite: Suite, options: WishOptions) -> Objective:
    """Return the figure to raise. Raises UsageError for a focus on fields that are not there."""
    from harness.cases.schemas.rule_checks import unknown_fields
    from harness.errors import Problem, UsageError
    from harness.improve.diagnosis.steering import marked_focus
    from harness.improve.trial.objective import Objective

    fields: tuple[str, ...] = options.focus
    schemas = [case.schema for case in suite.cases if isinstance(case.schema, Mapping)]
    truths = (case.truth for case in suite.cases)
    problems = unknown_fields(fields, suite.rules, schemas, truths) if fields else []
    if problems:
        raise UsageError(*problems)
    is_marked = bool(marked_focus(suite))
    by: FigureName = options.by or ("focus" if fields or is_marked else "macro")
    if fields and by != "focus":
        raise click.UsageError(f"--focus and --by {by} are two figures: give one of them")
    if by == "focus" and not (fields or is_marked):
        hint = (
            "name one with --focus FIELD, or mark it with focus: true in the suite's rules or in "
            "a schema's x-match"
        )
        raise UsageError(Problem("no field is in focus", "no-focus", hint=hint))
    return Objective(by, tuple(dict.fromkeys(fields)))


def _goal(suite: Suite, by: FigureName) -> float | None:
    """Return what a suite's target tier asks of a figure; None where it names nothing."""
    target = (suite.goals or {}).get("target", {})
    if by == "macro":
        return suite.target_f1
    return target.get(by) if by in ("micro", "floor") else None


def _made(suite: Suite, extractor: str, options: WishOptions) -> Wish:
    from harness.improve.search.improvement_session import Wish
    from harness.improve.trial.limits import Aims

    objective = _objective(suite, options)
    if options.target_mode == "lower" and objective.by != "macro":
        raise click.UsageError("--target-mode lower is of macro F1 only: a mean over documents")
    aims = Aims(
        _goal(suite, objective.by) if options.target is None else options.target,
        options.target_mode,
        options.max_calls,
        options.max_usd,
        options.patience,
        not options.no_promote,
        objective,
    )
    return Wish(
        extractor,
        options.writer or extractor,
        options.engine,
        aims,
        options.max_prompt_tokens,
        frozenset(options.allow),
        options.examples,
        options.paraphrase,
        options.fresh,
        tuple(options.agent_env),
        options.sandbox,
        review_edit if options.review else None,
    )
