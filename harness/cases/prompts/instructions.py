"""A prompt's texts for one case: templates filled in, documents and examples as data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from harness.cases.documents.pages import BREAK
from harness.cases.files.findings import Findings
from harness.cases.files.places import at
from harness.cases.files.wording import laid_out
from harness.cases.prompts.descriptions import (
    FieldNote,
    field_names,
    field_notes,
    has_field,
    shown_schema,
)
from harness.cases.prompts.prompt import SYSTEM, USER, fields_of, prompt_of, section_path, texts_of
from harness.cases.prompts.template_process import PromptTemplate
from harness.cases.prompts.template_values import ShownDocument, ShownExample, TemplateValues
from harness.cases.suite import Example, Prompt
from harness.core.records import Case, Document
from harness.core.values import Json
from harness.errors import HarnessError, Problem, did_you_mean

NAMES: Final = frozenset({"document", "documents", "schema", "fields", "examples"})
"""What a template may use."""

DEFAULT: Final = prompt_of(
    "default",
    {
        USER: """\
You read one document and return one JSON object.

- Take every value from the document. Do not guess, estimate or calculate.
- Use `null` for what the document does not say.
- Write dates as YYYY-MM-DD, numbers as JSON numbers without units, currency signs or
  thousands separators.
{% if schema %}
- Use the keys, nesting and enum members of the JSON Schema below, and no other keys.
{% endif %}
- List every row of a table once, in the order of the document.
- Return the JSON object only.

{% if schema %}
Schema:

{{ schema }}

{% endif %}
Document:

{{ document }}
"""
    },
)
"""What is asked where a suite has no prompt of its own."""


_ANOTHER: Final = "\ue000 a text that no document has \ue001"


@dataclass(frozen=True, slots=True)
class Turn:
    """An example that is shown as a question answered before."""

    user: str
    documents: tuple[Document, ...]
    assistant: str


@dataclass(frozen=True, slots=True)
class InstructionTexts:
    """Texts of a prompt for one case."""

    system: str | None
    turns: tuple[Turn, ...]
    user: str
    schema: Json


class Instructions:
    """A prompt made ready: templates compiled, schemas described."""

    def __init__(self, prompt: Prompt, examples: tuple[Example, ...]) -> None:
        """Compile a prompt. Raises HarnessError with everything wrong with its templates."""
        self._prompt = prompt
        self._examples = examples
        self._notes = {name: s.text.strip() for name, s in fields_of(prompt).items()}
        self._schemas: dict[int, tuple[Json, str, tuple[FieldNote, ...], Json]] = {}
        self._templates: dict[str, PromptTemplate] = {}
        problems: list[Problem] = []
        texts = texts_of(prompt)
        for name in (SYSTEM, USER):
            try:
                if name in texts:
                    path = section_path(prompt, name)
                    self._templates[name] = PromptTemplate(texts[name], path, NAMES)
            except HarnessError as error:
                problems.extend(error.problems)
        if problems:
            raise HarnessError(*problems)
        self.names = frozenset[str]().union(*(t.names for t in self._templates.values()))
        """The names its templates use."""

    def texts(self, case: Case) -> InstructionTexts:
        """Return the texts for a case. Raises HarnessError where a template fails.

        An example that is this very case, or has a document of it, is not shown to it.
        """
        shown, schema_text, notes, _ = self._schema(case.schema)
        own = {document.sha256 for document in case.documents}
        examples = [
            example
            for example in self._examples
            if example.case_id != case.id and own.isdisjoint(d.sha256 for d in example.documents)
        ]
        fixed: TemplateValues = {
            "schema": schema_text,
            "fields": notes,
            "examples": tuple(
                ShownExample(_joined(e.documents), _line(e.answer)) for e in examples
            ),
        }
        turns: tuple[Turn, ...] = ()
        if "examples" not in self.names:
            turns = tuple(
                Turn(self._user(e.documents, fixed), e.documents, _line(e.answer)) for e in examples
            )
        system = None
        if SYSTEM in self._templates:
            system = self._templates[SYSTEM].render({**fixed, **_documents(case.documents)})
        return InstructionTexts(system, turns, self._user(case.documents, fixed), shown)

    def _user(self, documents: tuple[Document, ...], fixed: TemplateValues) -> str:
        return self._templates[USER].render({**fixed, **_documents(documents)})

    def _schema(self, schema: Json) -> tuple[Json, str, tuple[FieldNote, ...], Json]:
        """Return a schema as it is shown, its text, what is said of its fields, and itself."""
        if id(schema) not in self._schemas:
            if schema is None:
                notes = tuple(FieldNote(name, text, "") for name, text in self._notes.items())
                self._schemas[id(schema)] = (None, "", notes, None)
            else:
                shown = shown_schema(schema, self._notes)
                text = laid_out(shown)
                self._schemas[id(schema)] = (shown, text, field_notes(shown), schema)
        return self._schemas[id(schema)]


def check_prompt(prompt: Prompt, cases: Iterable[Case], examples: tuple[Example, ...]) -> None:
    """Fill a prompt in for one case of every kind. Raises HarnessError with what is wrong with it.

    Cases are of one kind if they share a schema and have as many documents.
    """
    kinds = _kinds(cases)
    findings = Findings()
    findings.add(_unknown_fields(prompt, [case.schema for case in kinds]))
    instructions = findings.attempt(lambda: Instructions(prompt, examples))
    if instructions is not None:
        for case in kinds:
            findings.attempt(partial(instructions.texts, case))
    findings.stop()


def hidden_documents(
    prompt: Prompt, cases: Iterable[Case], examples: tuple[Example, ...]
) -> Iterator[Problem]:
    """Yield a warning where a prompt says the same whatever a document says.

    Documents with pages that are sent as images are left out: these are seen anyway.
    """
    instructions = Instructions(prompt, examples)
    visited: set[int] = set()
    for case in _kinds(cases):
        for place, document in enumerate(case.documents):
            if place in visited or document.image_pages or not document.text.strip():
                continue
            if _is_hidden(instructions, case, place):
                visited.add(place)
                many = len(case.documents) > 1
                which = (
                    f"document {place + 1} of a case, as {document.name}" if many else "document"
                )
                what = f"the prompt does not show the {which}"
                hint = "say `{{ document }}` where its text is to stand"
                yield Problem(what, "hidden-document", at(section_path(prompt, USER)), hint)


def _is_hidden(instructions: Instructions, case: Case, place: int) -> bool:
    documents = list(case.documents)
    documents[place] = replace(documents[place], text=_ANOTHER)
    try:
        another = instructions.texts(replace(case, documents=tuple(documents)))
    except HarnessError:  # a template that takes the text apart, which it sees then
        return False
    texts = instructions.texts(case)
    return (texts.system, texts.user) == (another.system, another.user)


def _kinds(cases: Iterable[Case]) -> list[Case]:
    return list({(id(case.schema), len(case.documents)): case for case in cases}.values())


def _unknown_fields(prompt: Prompt, schemas: list[Json]) -> Iterable[Problem]:
    if not schemas or any(schema is None for schema in schemas):
        return
    for field, section in fields_of(prompt).items():
        if not any(has_field(schema, field) for schema in schemas):
            what = f"the schema has no field {field!r}"
            hint = did_you_mean(field, field_names(schemas))
            yield Problem(what, "unknown-field", at(section_path(prompt, section.name)), hint)


def _documents(documents: tuple[Document, ...]) -> TemplateValues:
    shown = tuple(ShownDocument(d.name, _text(d), tuple(_pages(d))) for d in documents)
    return {"document": _joined(documents), "documents": shown}


def _joined(documents: tuple[Document, ...]) -> str:
    """Return the one document's text, or all texts, each below its name."""
    if len(documents) == 1:
        return _text(documents[0])
    return "\n\n".join(f"=== {document.name} ===\n\n{_text(document)}" for document in documents)


def _text(document: Document) -> str:
    """Return a document's text, with a word where a page is sent as an image."""
    return BREAK.join(_pages(document)) if document.image_pages else document.text


def _pages(document: Document) -> Iterator[str]:
    for number, page in enumerate(document.pages, start=document.first_page):
        if number in document.image_pages:
            image = f"[page {number} of {document.name}: see the image]"
            yield f"{page}\n{image}" if page.strip() else image
        else:
            yield page


def _line(answer: Json) -> str:
    return json.dumps(answer, ensure_ascii=False)
