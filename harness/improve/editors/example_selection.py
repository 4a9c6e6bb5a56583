"""Example selection: documents to show as few-shot examples where descriptions cure no more."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from harness.cases.prompts.few_shot_examples import example_cases
from harness.cases.prompts.prompt import EXAMPLES, prompt_of, texts_of
from harness.cases.suite import Suite
from harness.core.records import Case
from harness.core.values import Json, field_of_path, is_blank, json_leaves, show
from harness.improve.editors.paraphrase import Paraphraser
from harness.improve.trial.editor import Brief, Editor, Proposal, Reach
from harness.improve.trial.measurement import CaseMark

_IN_VAIN: Final = 2
PARAPHRASED: Final = ".in-other-words.json"
"""How the files of paraphrases end."""


@dataclass(frozen=True, slots=True)
class WithExamples:
    """An editor that proposes examples once another has nothing to say, or two edits in vain.

    A document that is shown as an example leaves the score of both sides.
    """

    editor: Editor
    suite: Suite
    """Its cases are those that may be looked at."""
    most: int
    """Examples a prompt may have."""
    paraphraser: Paraphraser | None = None
    """Says each example in other words as well; None shows documents only as they are."""

    def propose(self, brief: Brief) -> Proposal | None:
        """Return what the other editor says, or else the prompt with one more example."""
        shown = set(example_cases(brief.prompt))
        if len(shown) >= self.most:
            return self.editor.propose(brief)
        last = [attempt.decision for attempt in brief.attempts[-_IN_VAIN:]]
        if len(last) < _IN_VAIN or "keep" in last:
            proposal = self.editor.propose(brief)
            if proposal is not None:
                return proposal
        tried = {name for attempt in brief.attempts for name in attempt.sections}
        for case in ranked(self.suite.cases, brief.measured.marks.values(), shown):
            name = f"{EXAMPLES}{case.id}.json"
            if name not in tried:
                return self._shown(brief, case, name)
        return None

    def _shown(self, brief: Brief, case: Case, name: str) -> Proposal:
        """Return a prompt that shows a case, and says it in other words where that can be had."""
        texts = {**texts_of(brief.prompt), name: json.dumps({"case": case.id}) + "\n"}
        why = f"shows {case.id} as an example"
        other = self.paraphraser.of(case) if self.paraphraser is not None else None
        if other is not None:
            record = {"case": case.id, "document": other, "answer": case.truth}
            texts[f"{EXAMPLES}{case.id}{PARAPHRASED}"] = _json(record)
            why += ", and once more in other words"
        prompt = prompt_of(brief.prompt.name, texts, brief.prompt.path)
        return Proposal(prompt, why)

    def reach(self, brief: Brief) -> Reach | None:
        """Return how far it can lead: what descriptions do not cure, an example may."""
        room = len(example_cases(brief.prompt)) < self.most
        return self.editor.reach(replace(brief, attempts=()) if room else brief)


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def ranked(cases: Iterable[Case], marks: Iterable[CaseMark], shown: Collection[str]) -> list[Case]:
    """Return cases that may be examples, the most telling first.

    Telling is a document whose truth has values in the fields that are wrong most often where they
    are expected: a rare field that is always wrong counts as much as a frequent one, and more than
    one that is wrong now and then. Of two documents the shorter one is taken. A truth of which
    a field is still to be reviewed is no example: a prompt would teach what nobody vouches for.
    """
    cases = tuple(case for case in cases if case.review is None or case.review.covers(()))
    wrong = Counter(field for mark in marks for field in mark.wrong)
    borne = {case.id: set(_fields(case.truth)) for case in cases}
    support = Counter(field for fields in borne.values() for field in fields)

    def rank(case: Case) -> tuple[float, int, str]:
        length = sum(len(document.text) for document in case.documents)
        shares = (min(1.0, wrong[field] / support[field]) for field in sorted(borne[case.id]))
        return -math.fsum(shares), length, case.id

    return sorted((case for case in cases if case.id not in shown), key=rank)


def _fields(value: Json) -> Iterator[str]:
    """Yield the names of the fields that have a value."""
    return (field_of_path(show(path)) for path, leaf in json_leaves(value) if not is_blank(leaf))
