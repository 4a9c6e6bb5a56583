"""Reflection editor, the built-in one: any extractor, asked to describe fields better.

The writer is asked as extractors are asked about documents: the task is the document, the texts it
may write are the fields of the schema. So whatever can fill in a form can write, with the same
caps, cache, and patience with untidy replies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from harness.cases.load import with_prompt
from harness.cases.prompts.prompt import prompt_of, texts_of
from harness.cases.suite import Prompt, Suite
from harness.core.records import Answer, Case, Document, Prediction
from harness.core.rules.field_rule import NO_RULES
from harness.core.values import Json
from harness.improve.diagnosis.reach import given_up, judged_reach, reach
from harness.improve.diagnosis.steering import all_cured, steered
from harness.improve.editors.writer_brief import Task, task_of
from harness.improve.trial.editor import Brief, Proposal, Reach
from harness.improve.trial.guards import GuardLimits, check_guards
from harness.improve.trial.measurement import Measurement, total

INSTRUCTION: Final = """\
You improve the descriptions that tell a program how to fill in fields.

For each field listed below, write one or two short sentences: what the field holds, in exactly
which form it is to be written, and when it is null. See what the right values have in common, and
state that form as a general rule. Never copy a value.

Return one JSON object whose keys are the names of the fields and whose values are the texts. For
two other fields, a good answer would be:

{"birthday": "Date of birth, converted to the form YYYY-MM-DD; null if the document gives none.",
"weight": "Weight in kilograms, as a plain number without the unit."}

{{ document }}
"""
INSTRUCTION_WHOLE: Final = """\
You improve the instruction that tells a program how to read documents.

Return one JSON object with the key "instruction": the whole instruction with the smallest change
that cures the mistakes below. Keep everything in double braces as it is. Give general rules, and
never copy a value from the examples.

{{ document }}
"""

Ask = Callable[[Suite, int], Prediction]
"""Asks the writer about the only case of a suite; the number tells equal questions apart."""


@dataclass(frozen=True, slots=True)
class Reflector:
    """Asks a writer for better descriptions of the fields that lose most."""

    suite: Suite
    """Its cases are those that may be looked at."""
    recall: Callable[[Prompt, Measurement], list[Prediction]]
    """Returns what was answered to a prompt in a run."""
    ask: Ask
    bounds: GuardLimits

    def propose(self, brief: Brief) -> Proposal | None:
        """Return a prompt with the texts the writer gave."""
        predictions = self.recall(brief.prompt, brief.measured)
        reach = judged_reach(self.suite, predictions)
        task = task_of(self.suite, brief, reach)
        if task is None:
            return None
        meant = tuple(f"{one.field}: {one.signature.says}" for one in task.clusters)
        estimate = all_cured(task.clusters, reach.room, brief.objective, brief.measured)
        proposal = self.write(brief.prompt, task, brief.number)
        return replace(proposal, meant=meant, estimate=estimate, figure=brief.objective.said)

    def write(self, prompt: Prompt, task: Task, number: int) -> Proposal:
        """Return a prompt with the texts the writer gives for a task; equal ones are numbered."""
        prediction = self.ask(writer_suite(self.suite, task), number)
        texts = read_texts(task, prediction)
        why = (
            "; ".join(task.sections)
            if texts
            else f"the writer gave no text: {_said(task, prediction)}"
        )
        return Proposal(self._cleaned(prompt, texts), why, 1, total([prediction.output.usage]))

    def reach(self, brief: Brief) -> Reach | None:
        """Return how far it can still lead: fields whose edits came to nothing are given up."""
        predictions = [p for run in brief.runs for p in self.recall(brief.prompt, run)]
        limit = judged_reach(self.suite, predictions)
        meant = steered(limit.clusters, brief.objective, brief.measured)
        return reach(self.suite, replace(limit, clusters=meant), given_up(brief.attempts))

    def _cleaned(self, before: Prompt, texts: Mapping[str, str]) -> Prompt:
        """Return a prompt with new texts, less the sentences that copy answers.

        A small model is fond of examples. What remains is looked at like any other edit.
        """
        whole = texts_of(before)
        for name, text in texts.items():
            cleaned = text
            if _copies(self.suite, before, prompt_with(before, {name: text})):
                cleaned = " ".join(
                    sentence
                    for sentence in _sentences(text)
                    if not _copies(self.suite, before, prompt_with(before, {name: sentence}))
                )
            whole[name] = f"{cleaned.strip()}\n" if cleaned.strip() else text
        return prompt_of(before.name, whole, before.path)


def prompt_with(before: Prompt, texts: Mapping[str, str]) -> Prompt:
    """Return a prompt with some texts replaced or added."""
    return prompt_of(before.name, {**texts_of(before), **texts}, before.path)


def _copies(suite: Suite, before: Prompt, after: Prompt) -> bool:
    roomy = GuardLimits(tokens=10**9)
    refusals = check_guards(suite, before, after, roomy).refusals
    return any("right answer" in why or "copies a document" in why for why in refusals)


def _sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text, examples in parentheses and behind "e.g." as their own."""
    plain = re.sub(
        r"\s*[(\[](?:e\.g\.|for example|example)[^)\]]*[)\]]", "", text, flags=re.IGNORECASE
    )
    plain = re.sub(r",?\s*(?:e\.g\.|for example|such as)[^.;]*", "", plain, flags=re.IGNORECASE)
    yield from (part for part in re.split(r"(?<=[.!?])\s+|\n+", plain.strip()) if part.strip())


def writer_suite(suite: Suite, task: Task) -> Suite:
    """Return a suite that asks a writer to do a task."""
    properties: dict[str, Json] = {name: {"type": "string"} for name in task.sections}
    required: list[Json] = [*properties]
    schema: dict[str, Json] = {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }
    document = Document("task.txt", sha256(task.text.encode()).hexdigest(), task.text)
    case = Case("task", (document,), None, schema)
    whole = "instruction" in task.sections
    user = INSTRUCTION_WHOLE if whole else INSTRUCTION
    written = replace(suite, name="writer", cases=(case,), rules=NO_RULES, target_f1=None)
    return with_prompt(written, prompt_of("writer", {"user.md": user}))


def read_texts(task: Task, prediction: Prediction) -> dict[str, str]:
    """Return the texts a writer gave, by section; nothing else of its answer counts.

    Small models wrap, nest and rename: a name is taken where it can only mean one field.
    """
    value = prediction.output.value if isinstance(prediction.output, Answer) else None
    texts: dict[str, str] = {}
    for name, text in _pairs(value):
        section = _section(task, name)
        parroted = text.strip() in task.text
        if section is not None and text.strip() and section not in texts and not parroted:
            texts[section] = text.strip() + "\n"
    return texts


def _pairs(value: Json) -> Iterator[tuple[str, str]]:
    """Yield every text of an answer with the key it stands under."""
    if isinstance(value, list):
        for part in value:
            yield from _pairs(part)
    elif isinstance(value, dict):
        label, text = value.get("field") or value.get("name"), value.get("description")
        if isinstance(label, str) and isinstance(text, str):
            yield label, text
        for key, part in value.items():
            if isinstance(part, str):
                yield key, part
            elif isinstance(part, dict) and isinstance(part.get("description"), str):
                yield key, str(part["description"])
            else:
                yield from _pairs(part)


def _bare(name: str) -> str:
    return name.strip().removeprefix("FIELD ").removeprefix("fields/").removesuffix(".md")


def _section(task: Task, name: str) -> str | None:
    return task.sections.get(name) or task.sections.get(_bare(name))


def _said(task: Task, prediction: Prediction) -> str:
    if not isinstance(prediction.output, Answer):
        return f"{prediction.output.kind}: {prediction.output.message}"
    named = [text for name, text in _pairs(prediction.output.value) if _section(task, name)]
    if any(text.strip() for text in named):
        return "it repeated a text that it had been shown"
    return "its texts were empty" if named else "its answer named none of the fields"
