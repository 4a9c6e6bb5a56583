"""The texts of a new suite: `suite.yaml`, which explains itself, its schema and its prompt."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.cases.files.places import at
from harness.cases.files.strict_yaml import plain_scalar
from harness.cases.files.user_functions import Home, load_named
from harness.cases.prompts.instructions import DEFAULT
from harness.cases.prompts.prompt import USER, texts_of
from harness.cases.schemas.infer import infer_schema
from harness.cases.suite_file.suite_keys import SCHEMA_URL
from harness.core.differ.plan import given_schema
from harness.core.values import Json
from harness.errors import HarnessError, Problem

_HEAD: Final = """\
# yaml-language-server: $schema={url}
# A suite: documents, what should be read out of them, and how answers are compared with that.
# All keys may be left out; those behind a # are examples.
name: {name}
# description: what these documents are, and where the ground truth comes from

"""
_DOCUMENTS: Final = """\
# Documents are the files in `documents`; the ground truth of documents/x.txt is
# {truths}/x.json

"""
_NO_DOCUMENTS: Final = """\
# There are no documents, only truths ({truths}/<id>.json) and answers to compare with them.
documents: []

"""
_INFERRED: Final = """\
# The shape of an answer. It was inferred from the ground truth: read it, and correct it.
# It goes to the model, so no value of the ground truth is in it. Where a field takes one of a
# closed list of values, add the whole list as `enum`, from the field's definition.
schema: schema.json

"""
_GIVEN: Final = """\
# The shape of an answer; it goes to the model.
schema: schema.json

"""
_NO_SCHEMA: Final = """\
# The shape of an answer, which goes to the model: write it before you ask one.
# schema: schema.json

"""
_PROMPT: Final = """\
# What a model is told, word for word: a template, and yours to change.
prompt: {prompt}

"""
_TAIL: Final = """\
# How a field is compared, where its type in the schema does not say it well enough:
# rules:
#   "line_items[].amount": {{compare: number, relative: 0.005}}

# The F1 to reach:
# target_f1: 0.9
"""
_EXTRACTORS: Final = """\
# Who answers. One of:
# extractor: {{kind: recorded, answers: answers/my-model}}
# extractor: {{kind: command, command: [python, extract.py, "{{document}}"]}}
# extractor: {{kind: python, function: "my_module:extract"}}

"""
_RECORDED: Final = """\
# Who answers; more go below, each by its name.
extractors:
"""


@dataclass(frozen=True, slots=True)
class SuiteText:
    """Content of `suite.yaml`."""

    name: str
    truths: str
    """The folder of truths, from the suite's."""
    schema: str
    """`inferred`, `given` or empty."""
    prompt: str | None = None
    """The prompt's folder, from the suite's."""
    answers: tuple[tuple[str, str], ...] = ()
    """The extractors that replay answers at hand: a name, and where they are, each."""
    has_documents: bool = True

    def text(self) -> str:
        """Return the whole file."""
        parts = (
            _HEAD,
            _DOCUMENTS if self.has_documents else _NO_DOCUMENTS,
            {"inferred": _INFERRED, "given": _GIVEN}.get(self.schema, _NO_SCHEMA),
            _PROMPT if self.prompt else "",
            _recorded(self.answers) if self.answers else _EXTRACTORS.format(),
            _TAIL.format(),
        )
        known = {
            "url": SCHEMA_URL,
            "name": yaml_text(self.name),
            "truths": self.truths,
            "prompt": yaml_text(self.prompt or ""),
        }
        head = "".join(part.format_map(known) for part in parts[:4])
        return head + "".join(parts[4:])


def _recorded(extractors: tuple[tuple[str, str], ...]) -> str:
    lines = (f"  {recorded_line(name, answers)}\n" for name, answers in extractors)
    return f"{_RECORDED}{''.join(lines)}\n"


def recorded_line(name: str, answers: str) -> str:
    """Return the line of `suite.yaml` that names recorded answers.

    >>> recorded_line("openai:gpt-4o", "answers/openai-gpt-4o.jsonl")
    '"openai:gpt-4o": {kind: recorded, answers: answers/openai-gpt-4o.jsonl}'
    """
    return f"{yaml_text(name)}: {{kind: recorded, answers: {yaml_text(answers)}}}"


def file_name(name: str) -> str:
    """Return a name as a file's.

    >>> file_name("openai:gpt/4o")
    'openai-gpt-4o'
    """
    return re.sub(r"[^\w.\-]+", "-", name).strip("-.") or "answers"


def yaml_text(name: str) -> str:
    """Return a name as YAML holds it: in quotes where it could be read as something else."""
    plain = re.fullmatch(r"(\.\./)*\w[\w./-]*", name) and isinstance(plain_scalar(name), str)
    return name if plain else json.dumps(name, ensure_ascii=False)


def inferred_text(values: Iterable[Json]) -> str:
    """Return the schema file of what truths have in common."""
    return json.dumps(infer_schema(values), indent=2, ensure_ascii=False) + "\n"


def prompt_text() -> str:
    """Return the template that is asked with where a suite has none: now to be changed."""
    return texts_of(DEFAULT)[USER]


def schema_text(text: str) -> str:
    """Return the schema that `--schema` names: a JSON file, or `module:Model` of Pydantic.

    Raises HarnessError for what is no schema, and where there is no such model.
    """
    path = Path(text)
    if ":" in text and not path.exists():
        home = Path.cwd()
        model = load_named(text, Home(home, home, at(home)))
        schema = given_schema(model) if hasattr(model, "model_json_schema") else None
        if not isinstance(schema, dict):
            what = f"{text!r} is no Pydantic model"
            raise HarnessError(Problem(what, "bad-schema", hint="name a class: module:Model"))
        return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    from harness.cases.schemas.json_schema import read_schema  # noqa: PLC0415  # jsonschema is slow to import

    return json.dumps(read_schema(path).value, indent=2, ensure_ascii=False) + "\n"
