"""Rules for editors as `TASK.md` states them: the same that the guards keep."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Final

from harness.improve.feedback.bundle import Bundle, BundleText
from harness.improve.markdown_data import coded
from harness.improve.trial.guards import GOLD, GUARD_WORDS

_FEW: Final = 5
"""Names that are listed before the rest are counted."""


def rules(bundle: Bundle) -> Iterator[str]:
    """Yield the rules as a section of `TASK.md`."""
    yield "## Rules"
    yield ""
    yield from (f"{number}. {rule}" for number, rule in enumerate(_rules(bundle), 1))
    yield ""


def _rules(bundle: Bundle) -> Iterator[str]:
    yield (
        f"Edit only {_editable(bundle.texts)}. "
        "In a schema, nothing but `description` and `examples`."
    )
    yield (
        "Make the smallest edit that cures a whole cluster: one idea a section, the top cluster "
        "first. Several sections may change at once. What a single case shows may be an accident: "
        "leave it where no general rule is behind it."
    )
    yield (
        "State general rules. Copy no values, names or sentences of the data below into the "
        f"prompt, and name no cases: an edit with a right value of {GOLD} characters or more, "
        f"{GUARD_WORDS} words in a row of a document or a case's id is refused. "
        "Values that the schema lists and names of formats may be named."
    )
    yield (
        "Keep every placeholder in double braces and the shape of the answer. `nothing` in the "
        "data is what is absent: `null`, or no key at all."
    )
    if bundle.room is not None:
        yield (
            f"The prompt's texts come to {bundle.room.tokens} tokens, by an estimate that is meant "
            f"to be too high; more than {bundle.room.most} are refused."
        )
    yield "What is right must stay right: look at the canaries of each cluster."
    why = coded(dispute_rules(bundle.source.run, "CASE", "PATH"), 300)
    yield (
        "Leave ground truth, documents, scoring rules and this folder alone. Where a truth is "
        f"wrong, say so: {why}"
    )
    yield from _ending(bundle)


def _ending(bundle: Bundle) -> Iterator[str]:
    source = bundle.source
    suite = shlex.quote(source.suite_path or f"evals/{source.suite}")
    if source.version is not None:
        check = coded(f"harness prompt check {suite} {source.version}", 200)
        yield f"Once it is written, see what the guards say to it, without a call: {check}"
    run = shlex.join(source.again)
    compare = f"harness compare {shlex.quote(source.run)} last"
    yield (
        "Write the files and stop. Whoever asked goes on with "
        f"{coded(run, 200)} and {coded(compare, 300)}."
    )


def _editable(texts: Sequence[BundleText]) -> str:
    files = [text.file for text in texts]
    if not files:
        return "the prompt the extractor was asked with"
    named = " and ".join(coded(file, 200) for file in files[:_FEW])
    if len(files) > _FEW:
        named += f" and the {len(files) - _FEW} other sections beside them"
    fields = fields_folder(texts)
    if fields is None:
        return named
    return (
        f"{named}, or add a section for a field: {coded(fields, 200)}. It takes the place of what "
        "the schema says of the field"
    )


def fields_folder(texts: Sequence[BundleText]) -> str | None:
    """Return where a section for a field would lie; None for a prompt of a single file."""
    user = next((t.file for t in texts if t.name == "user.md"), "")
    if not user.endswith("/user.md"):
        return None
    return f"{user.removesuffix('user.md')}fields/<field>.md"


def dispute_rules(run: str, case: str, path: str) -> str:
    """Return the command that puts a truth in doubt."""
    return f"harness truth dispute {shlex.join([run, case, path])} --why '...'"
