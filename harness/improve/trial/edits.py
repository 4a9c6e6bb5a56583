"""Parts of an edit, and which documents show the most of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from harness.cases.prompts.prompt import FIELDS, changed_sections, prompt_of, texts_of
from harness.cases.suite import Prompt
from harness.extract.endpoint.api_keys import without_keys
from harness.improve.trial.acceptance import Contrast
from harness.improve.trial.editor import Proposal
from harness.improve.trial.measurement import Measurement

_SCREEN: Final = 0.6
"""Share of the documents above which trying an edit on some of them first saves nothing."""

SectionTexts = Mapping[str, str | None]
"""By section; None takes a section away."""


def without_secrets(before: Prompt, proposal: Proposal) -> Proposal:
    """Return a proposal in whose texts no key stands: neither one of ours nor what looks like one.

    An edit that brings one is none: it is refused, and its writer is told which section it is in.
    """
    old = texts_of(before)
    fresh = {n: t for n, t in texts_of(proposal.prompt).items() if old.get(n) != t}
    wrong = [n for n, text in fresh.items() if _holds_key(text) and not _holds_key(old.get(n, ""))]
    refusals = tuple(
        f"{without_keys(name)} holds a key, or what looks like one: leave it out" for name in wrong
    )
    return replace(
        proposal,
        prompt=before if wrong else proposal.prompt,
        why=without_keys(proposal.why),
        meant=tuple(map(without_keys, proposal.meant)),
        refusals=(*refusals, *map(without_keys, proposal.refusals)),
    )


def _holds_key(text: str) -> bool:
    return without_keys(text) != text


def edited(prompt: Prompt, texts: SectionTexts) -> Prompt:
    """Return a prompt with some of its texts changed."""
    changed = {**texts_of(prompt), **texts}
    return prompt_of(prompt.name, {n: t for n, t in changed.items() if t is not None}, prompt.path)


def only(run: Measurement, some: Measurement) -> Measurement:
    """Return a run as if only the cases of another had been asked."""
    marks = {case: mark for case, mark in run.marks.items() if case in some.case_ids}
    return replace(run, marks=marks, case_ids=some.case_ids)


def parts(before: Prompt, after: Prompt, change: Contrast) -> tuple[SectionTexts, ...]:
    """Return the parts of a rejected edit that are worth a try alone.

    Sections whose own field got better go first; where none stands out, the edit is halved.
    """
    names = changed_sections(before, after)
    if len(names) == 1 or not change.fixed:
        return ()
    better = {f"{FIELDS}{flip.field}.md" for flip in change.flips if flip.fixed > flip.broken}
    good = [name for name in names if name in better]
    if good and len(good) < len(names):
        halves: tuple[Sequence[str], ...] = (good,)
    else:
        middle = -(-len(names) // 2)
        halves = (names[:middle], names[middle:])
    texts = texts_of(after)
    return tuple({name: texts.get(name) for name in half} for half in halves)


def screen(before: Prompt, after: Prompt, known: Measurement) -> tuple[str, ...]:
    """Return the documents an edit is meant for, and as many where its fields are right.

    Nothing where that is most of them, or where the edit is not about certain fields.
    """
    names = changed_sections(before, after)
    fields = {name.removeprefix(FIELDS).removesuffix(".md") for name in names}
    if not all(name.startswith(FIELDS) for name in names):
        return ()
    meant = [case for case, mark in known.marks.items() if fields & set(mark.wrong)]
    canaries = [case for case in known.marks if case not in meant][: len(meant)]
    some = (*meant, *canaries)
    return tuple(sorted(some)) if 0 < len(some) <= _SCREEN * len(known.marks) else ()
