"""Change since the run before, of one suite and extractor: how F1 moved and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.core import number_text
from harness.core.inert_text import inert
from harness.run.stored.stored_run import HeadlineRecord, PromptRecord, RunDocument

_SHORT: Final = 7
"""Characters of a digest that are enough to tell it by."""


def since_before(
    now: tuple[RunDocument, HeadlineRecord], before: tuple[RunDocument, HeadlineRecord]
) -> str:
    """Return how macro F1 moved since an earlier run, where both compare, and what was changed."""
    (run, scored), (earlier, scored_before) = now, before
    changed = ", ".join(_changed(run, earlier))
    f1, was = (each["aggregate"]["macro"]["f1"] for each in (scored, scored_before))
    if run["signature"] != earlier["signature"]:
        return f"Does not compare with the run before: {changed or 'scored by other rules'}."
    if not run["complete"] or not earlier["complete"]:
        return f"Not compared with the run before: one is not complete. {changed}".strip()
    if f1 is None or was is None:
        return changed
    moved = (
        "as the run before" if f1 == was else f"{number_text.gained(f1 - was)} since the run before"
    )
    return f"{moved[0].upper()}{moved[1:]}{': ' if changed else ''}{changed}."


def _changed(run: RunDocument, earlier: RunDocument) -> Iterator[str]:
    """Yield what two runs do not share, of what changes an answer or its score."""
    mine, theirs = run["signature"], earlier["signature"]
    if mine.get("suite") != theirs.get("suite"):
        yield "other cases or truths"
    if mine.get("rules") != theirs.get("rules"):
        yield "other rules"
    if (mine.get("convention"), mine.get("empty")) != (
        theirs.get("convention"),
        theirs.get("empty"),
    ):
        yield "counted in another way"
    if mine.get("harness") != theirs.get("harness"):
        yield "another version of harness"
    if run.get("model") != earlier.get("model"):
        yield f"model {inert(str(run.get('model')))} after {inert(str(earlier.get('model')))}"
    prompt, old = run["prompt"], earlier["prompt"]
    if (prompt and prompt["sha256"]) != (old and old["sha256"]):
        yield f"prompt {_version(prompt)} after {_version(old)}"


def _version(prompt: PromptRecord | None) -> str:
    return f"{inert(prompt['name'])}@{prompt['sha256'][:_SHORT]}" if prompt else "none"
