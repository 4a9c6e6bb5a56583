"""Few-shot examples of a prompt: a case of the suite by its id, or a document with its answer."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.cases.files.places import at, near_name
from harness.cases.files.strict_json import line_of_offset, parse_json, strict_json_lines
from harness.cases.prompts.prompt import EXAMPLES, section_path
from harness.cases.suite import Example, Prompt
from harness.core.records import Case, Document
from harness.core.values import Json
from harness.errors import HarnessError, Problem, did_you_mean

_KEYS: Final = ("case", "document", "answer")


@dataclass(frozen=True, slots=True)
class ExampleAnswer:
    """Content of a file under `examples/`."""

    name: str
    file: Path
    case: str | None
    document: str | None
    answer: Json
    line: int | None = None
    """Of `case`, for messages."""


def example_files(prompt: Prompt) -> tuple[ExampleAnswer, ...]:
    """Return what the examples of a prompt say, in order of name.

    Raises HarnessError with everything that is wrong with them.
    """
    problems: list[Problem] = []
    answers: list[ExampleAnswer] = []
    for section in prompt.sections:
        if section.name.startswith(EXAMPLES):
            try:
                answers.append(
                    _read(section.name, section.text, section_path(prompt, section.name))
                )
            except HarnessError as error:
                problems.extend(error.problems)
    if problems:
        raise HarnessError(*problems)
    return tuple(answers)


def example_cases(prompt: Prompt) -> tuple[str, ...]:
    """Return the ids of the cases a prompt's examples are, or are taken from; each once."""
    return tuple(dict.fromkeys(e.case for e in example_files(prompt) if e.case is not None))


def examples_of(
    files: Iterable[ExampleAnswer], cases: Mapping[str, Case | None], ids: Collection[str]
) -> tuple[Example, ...]:
    """Return examples with their documents and answers.

    A case that could not be read is None, and an example that needs it is left out. Raises
    HarnessError for an id that is no case's.
    """
    examples: list[Example] = []
    problems: list[Problem] = []
    for answer in files:
        case = cases.get(answer.case) if answer.case is not None else None
        if answer.case is not None and answer.case not in cases:
            hint = near_name(answer.case, {*cases, *ids})
            what = f"there is no case {answer.case!r}"
            problems.append(Problem(what, "unknown-case", at(answer.file, answer.line), hint))
        elif answer.document is not None:
            sha256 = hashlib.sha256(answer.document.encode()).hexdigest()
            documents = (Document(answer.name, sha256, answer.document),)
            examples.append(Example(answer.case, documents, answer.answer))
        elif case is not None and case.truth is None and not case.is_labelled:
            what = f"case {answer.case!r} has no ground truth yet"
            problems.append(Problem(what, "no-truth", at(answer.file, answer.line)))
        elif case is not None:
            examples.append(Example(case.id, case.documents, case.truth))
    if problems:
        raise HarnessError(*problems)
    return tuple(examples)


def unreviewed_examples(
    examples: Iterable[Example], cases: Iterable[Case], prompt: Prompt | None
) -> Iterator[Problem]:
    """Yield a warning for each example whose truth has fields that nobody vouches for yet.

    An example with an answer of its own is the prompt's, whatever the case's truth says.
    """
    waiting = {c.id: c for c in cases if c.review is not None and not c.review.covers(())}
    for example in examples:
        case = waiting.get(example.case_id) if example.case_id is not None else None
        if case is None or case.review is None or example.answer != case.truth:
            continue
        reviewed, of = case.review.fields
        what = f"shows the truth of {case.id!r}, of which {reviewed} of {of} fields are reviewed"
        hint = "review it, or show another case"
        place = at(prompt.path) if prompt is not None and prompt.path is not None else None
        yield Problem(what, "unreviewed-example", place, hint)


def _read(name: str, text: str, file: Path) -> ExampleAnswer:
    value = parse_json(text, file)
    lines = strict_json_lines(text)
    if not isinstance(value, dict):
        hint = 'write `{"case": "<id>"}`, or `{"document": "…", "answer": {…}}`'
        raise HarnessError(
            Problem("an example must be an object", "bad-example", at(file, 1), hint)
        )
    problems = [
        Problem(
            f"unknown key {key!r}",
            "unknown-key",
            at(file, line_of_offset(lines, (key,))),
            did_you_mean(key, _KEYS),
        )
        for key in value
        if key not in _KEYS
    ]
    for key in ("case", "document"):
        given = value.get(key, "x")
        if not isinstance(given, str) or not given:
            what = f"{key} must be text"
            problems.append(Problem(what, "bad-value", at(file, line_of_offset(lines, (key,)))))
    if not problems and ("document" in value) != ("answer" in value):
        what = "`document` and `answer` go together"
        problems.append(Problem(what, "bad-example", at(file, 1)))
    if not problems and not value.keys() & {"case", "document"}:
        hint = 'write `{"case": "<id>"}`, or `{"document": "…", "answer": {…}}`'
        problems.append(Problem("the example is empty", "bad-example", at(file, 1), hint))
    if problems:
        raise HarnessError(*problems)
    case, document = value.get("case"), value.get("document")
    return ExampleAnswer(
        name,
        file,
        case if isinstance(case, str) else None,
        document if isinstance(document, str) else None,
        value.get("answer"),
        line_of_offset(lines, ("case",)),
    )
