"""Review of edits by a person: each is accepted, edited, rejected or skipped before its trial."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from harness.cases.prompts.few_shot_examples import example_files, examples_of
from harness.cases.prompts.prompt import changed_sections, prompt_of, texts_of
from harness.cases.suite import Example, Prompt, Suite
from harness.improve.trial.editor import Brief, Editor, Proposal, Reach


@dataclass(frozen=True, slots=True)
class ReviewedEdit:
    """Decision of a person about an edit."""

    decision: Literal["accept", "edit", "reject", "skip"]
    texts: Mapping[str, str] = field(default_factory=dict)
    """Of an edit that was edited, the sections as they are now."""
    reason: str = ""
    """Why it is rejected: the writer is told."""


EditReview: TypeAlias = Callable[[Prompt, Proposal, Sequence[Example]], ReviewedEdit]
"""Shows the prompt as it is and a proposal to a person, with the examples that are new in it."""


@dataclass(frozen=True, slots=True)
class WithReview:
    """An editor whose proposals a person sees before anything is asked with them.

    What was decided is in the ledger with the proposal: a session that goes on asks nobody again.
    """

    editor: Editor
    review: EditReview
    suite: Suite
    """Its cases are what examples are taken from."""

    def propose(self, brief: Brief) -> Proposal | None:
        """Return the proposal as a person leaves it; refused, where it is rejected or skipped."""
        proposal = self.editor.propose(brief)
        if (
            proposal is None
            or proposal.refusals
            or not changed_sections(brief.prompt, proposal.prompt)
        ):
            return proposal
        shown = new_examples(self.suite, brief.prompt, proposal.prompt)
        decision = self.review(brief.prompt, proposal, shown)
        match decision.decision:
            case "accept":
                return proposal
            case "edit":
                texts = {**texts_of(proposal.prompt), **decision.texts}
                prompt = prompt_of(proposal.prompt.name, texts, proposal.prompt.path)
                return replace(proposal, prompt=prompt, why=f"{proposal.why}; edited by a person")
            case "reject":
                why = (
                    f"a person rejected it: {decision.reason}"
                    if decision.reason
                    else "a person rejected it"
                )
                return replace(proposal, refusals=(why,))
            case "skip":
                return replace(proposal, refusals=("a person skipped it",))

    def reach(self, brief: Brief) -> Reach | None:
        """Return how far the editor can lead."""
        return self.editor.reach(brief)


def new_examples(suite: Suite, before: Prompt, after: Prompt) -> tuple[Example, ...]:
    """Return the examples that an edit adds or changes, with their documents and answers."""
    changed = set(changed_sections(before, after))
    files = [file for file in example_files(after) if file.name in changed]
    return examples_of(files, {case.id: case for case in suite.cases}, ())
