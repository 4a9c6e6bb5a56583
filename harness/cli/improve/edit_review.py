"""Showing an edit of a prompt in the terminal, and asking what becomes of it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from harness.cases.suite import Example, Prompt
    from harness.improve.editors.person_review import ReviewedEdit
    from harness.improve.trial.editor import Proposal

_LINES = 20
"""Of an example's document and of its answer that are shown, at most."""
_KEYS = {"a": "accept", "e": "edit", "r": "reject", "s": "skip"}


def review_edit(before: Prompt, proposal: Proposal, examples: Sequence[Example]) -> ReviewedEdit:
    """Show a proposed edit, and return what a person says of it."""
    from harness.cases.prompts.prompt import changed_sections, texts_of
    from harness.core.inert_text import inert
    from harness.improve.editors.person_review import ReviewedEdit

    for line in (*shown_edit(before, proposal), *shown_examples(examples)):
        click.echo(inert(line))
    prompt_text = "accept, edit, reject or skip? [a/e/r/s]"
    key = click.prompt(prompt_text, type=click.Choice([*_KEYS]), show_choices=False)
    match _KEYS[key]:
        case "edit":
            texts = texts_of(proposal.prompt)
            names = [name for name in changed_sections(before, proposal.prompt) if name in texts]
            edits = {name: click.edit(texts[name]) for name in names}
            return ReviewedEdit("edit", {n: t for n, t in edits.items() if t is not None})
        case "reject":
            reason = click.prompt("why? (the writer is told)", default="", show_default=False)
            return ReviewedEdit("reject", reason=reason)
        case "skip":
            return ReviewedEdit("skip")
        case _:
            return ReviewedEdit("accept")


def shown_edit(before: Prompt, proposal: Proposal) -> Iterator[str]:
    """Yield what an edit is meant to cure, what that would win at most, and what it changes."""
    from harness.cases.prompts.prompt import changed_sections, texts_of
    from harness.core.number_text import gain

    yield f"proposed: {proposal.why}"
    for cluster in proposal.meant:
        yield f"  cures  {cluster}"
    if proposal.estimate is not None:
        won = f"{proposal.figure} {gain(proposal.estimate)} points"
        yield f"  all cured would be {won} on these documents"
    old, new = texts_of(before), texts_of(proposal.prompt)
    for name in changed_sections(before, proposal.prompt):
        sides = (old.get(name, "").splitlines(), new.get(name, "").splitlines())
        yield from difflib.unified_diff(*sides, f"{name} now", f"{name} proposed", lineterm="")


def shown_examples(examples: Sequence[Example]) -> Iterator[str]:
    """Yield what each example shows a model: its document, cut where it is long, and its answer."""
    from harness.cases.files.wording import laid_out
    from harness.core.number_text import counted

    for example in examples:
        texts = [line for one in example.documents for line in one.text.splitlines()]
        for name, lines in (("shows", texts), ("answer", laid_out(example.answer).splitlines())):
            yield f"{name}  {example.case_id or 'a document of its own'}"
            yield from (f"  | {line}" for line in lines[:_LINES])
            if len(lines) > _LINES:
                yield f"  | and {counted(len(lines) - _LINES, 'more line')}"
