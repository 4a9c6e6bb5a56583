"""Guards: checks of a changed prompt before a single call is spent on it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from harness.cases.discovery.splits import HOLDOUT
from harness.cases.load import with_prompt
from harness.cases.prompts.instructions import Instructions
from harness.cases.prompts.prompt import EXAMPLES, changed_sections, texts_of
from harness.cases.suite import Prompt, Suite
from harness.core.records import Case
from harness.core.values import Json, value_texts
from harness.errors import HarnessError
from harness.extract.endpoint.rendering import text_tokens

GOLD: Final = 6
"""Characters from which a value of the truth is one nobody writes by chance."""
GUARD_WORDS: Final = 5
"""Words in a row of a document that nobody writes by chance."""
_VOCABULARY: Final = 3
"""Documents that share a value from which it is a word of the trade, not an answer."""
_SHOWN: Final = 60
_GROWTH: Final = 2.0
_ROOM: Final = 1_000
_ID: Final = re.compile(r"[\d_-]")


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """Limits on an edit."""

    tokens: int
    """The most the prompt's own texts may come to."""
    allowed: frozenset[str] = frozenset()
    """Texts that stand in truths and may be written all the same."""
    examples: bool = False
    """Whether examples may be added."""


@dataclass(frozen=True, slots=True)
class GuardReport:
    """Findings of the guards."""

    refusals: tuple[str, ...]
    """Why the edit is not tried; empty if it is."""
    changed: tuple[str, ...]
    """Names of the sections that differ."""
    tokens_before: int
    tokens_after: int


def default_bounds(prompt: Prompt) -> GuardLimits:
    """Return bounds that let a prompt grow, but not without end."""
    return GuardLimits(int(_GROWTH * prompt_tokens(prompt)) + _ROOM)


def prompt_tokens(prompt: Prompt) -> int:
    """Return an upper estimate of the tokens of a prompt's own texts."""
    return sum(text_tokens(section.text) for section in prompt.sections)


def check_guards(suite: Suite, before: Prompt, after: Prompt, bounds: GuardLimits) -> GuardReport:
    """Return what speaks against trying a changed prompt.

    `suite` holds all cases, the holdout's too: what is in none of them can be copied from none.
    """
    changed = changed_sections(before, after)
    tokens = prompt_tokens(before), prompt_tokens(after)
    refusals = ["nothing is changed"] if not changed else [*_refusals(suite, before, after, bounds)]
    if changed and tokens[1] > bounds.tokens:
        refusals.append(f"the prompt would come to {tokens[1]} tokens; {bounds.tokens} is the cap")
    return GuardReport(tuple(refusals), changed, *tokens)


def _refusals(suite: Suite, before: Prompt, after: Prompt, bounds: GuardLimits) -> Iterator[str]:
    old, new = texts_of(before), texts_of(after)
    touched = [name for name in changed_sections(before, after) if name.startswith(EXAMPLES)]
    if touched and not bounds.examples:
        yield f"{', '.join(touched)}: examples are not for this edit to change"
    try:
        ready = with_prompt(suite, after)
    except HarnessError as error:
        yield from (f"{problem.what} [{problem.code}]" for problem in error.problems)
        return
    yield from _contract(suite, before, after)
    held = {case.id for case in suite.cases if case.split == HOLDOUT}
    for example in ready.examples:
        if example.case_id in held:
            yield f"example {example.case_id!r} is of the holdout"
    added = {n: t for n, t in new.items() if old.get(n) != t and not n.startswith(EXAMPLES)}
    known = "\n".join([*old.values(), *bounds.allowed])
    yield from _copied(suite.cases, added, known)


def _contract(suite: Suite, before: Prompt, after: Prompt) -> Iterator[str]:
    """Yield what the old templates were given and the new ones do not use."""
    used = Instructions(before, suite.examples).names
    for name in sorted(used - Instructions(after, suite.examples).names):
        yield f"`{{{{ {name} }}}}` is gone from the templates"


def _copied(cases: Sequence[Case], added: Mapping[str, str], known: str) -> Iterator[str]:
    """Yield what new texts hold of answers, documents and ids that the old ones did not."""
    before = _folded(known)
    gold = {v: shown for v, shown in _gold(cases).items() if v not in before}
    grams = _grams(cases) - set(_fives(_words(known)))
    ids = {case.id for case in cases if _ID.search(case.id) and len(case.id) >= GOLD}
    for name, text in added.items():
        folded = _folded(text)
        for value, shown in gold.items():
            if _stands_in(value, folded):
                yield f"{name}: holds a right answer, {shown[:_SHOWN]!r}"
        copied = [gram for gram in _fives(_words(text)) if gram in grams]
        if copied:
            yield f"{name}: copies a document, {' '.join(copied[0])[:_SHOWN]!r}"
        yield from (f"{name}: names the case {i!r}" for i in sorted(ids) if _stands_in(i, text))


def _stands_in(part: str, text: str) -> bool:
    """Tell whether a text holds a part as whole words."""
    return re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text) is not None


def _gold(cases: Sequence[Case]) -> dict[str, str]:
    """Return the truths' telling values as they are looked for, with how they are written."""
    met: dict[str, set[str]] = {}
    shown: dict[str, str] = {}
    members: set[str] = set()
    schemas: dict[int, Json] = {}
    for case in cases:
        if id(case.schema) not in schemas:
            schemas[id(case.schema)] = case.schema
            members.update(_folded(value) for value in _members(case.schema))
        for value in value_texts(case.truth):
            folded = _folded(value)
            if len(folded) >= GOLD:
                met.setdefault(folded, set()).add(case.id)
                shown.setdefault(folded, value)
    return {v: shown[v] for v, ids in met.items() if len(ids) < _VOCABULARY and v not in members}


def _members(schema: Json) -> Iterator[str]:
    """Yield what a schema itself names: enum members, constants and its descriptions' words."""
    if isinstance(schema, dict):
        for key, part in schema.items():
            if key in ("enum", "const", "examples", "default"):
                yield from value_texts(part)
            else:
                yield key
                yield from _members(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _members(part)


def _grams(cases: Iterable[Case]) -> set[tuple[str, ...]]:
    """Return runs of five words that stand in few enough documents to be theirs."""
    met: dict[tuple[str, ...], int] = {}
    for case in cases:
        for gram in {g for d in case.documents for g in _fives(_words(d.text))}:
            met[gram] = met.get(gram, 0) + 1
    return {gram for gram, count in met.items() if count < _VOCABULARY}


def _fives(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for start in range(len(words) - GUARD_WORDS + 1):
        yield tuple(words[start : start + GUARD_WORDS])


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
