"""Leaked answers: enums, examples, defaults and texts of a prompt that hold a truth.

Whoever shows the answers measures copying. To blame nobody wrongly, short and common values, closed
sets that truths repeat or do not exhaust, and names that a schema itself gives are passed over.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from harness.cases.files.wording import listed, shortened
from harness.cases.schemas.subschemas import Subschema, children, subschemas
from harness.core.number_text import counted
from harness.core.rules.rule_names import ANY_KEY, ITEM, FieldSteps, field_of
from harness.core.schema.merging import RULE_WORD
from harness.core.values import FieldPath, Json, value_texts
from harness.errors import Problem

_TELLING: Final = 6
"""Characters from which a value is one that nobody writes by chance."""
_VOCABULARY: Final = 3
"""Documents that share a value from which it is a word of the trade, not an answer."""
_REPEATED: Final = 2
"""Times that truths use a member, on average, from which an enum is taken for a closed set."""
_WORDS: Final = 12
"""Words of a value that is sought in texts."""
_WORD: Final = re.compile(r"\w+")
_EDGES: Final = re.compile(r"^\W+|\W+$")
_YES_NO: Final = frozenset({"yes", "no", "y", "n", "true", "false", "ja", "nein", "oui", "non"})


_SHOWN: Final = frozenset({"examples", "default", "description", "title", "$comment", "pattern"})
_ALTERNATIVES: Final = re.compile(
    r"\^?\(?(?:\?:)?([^()\[\]{}*+?\\|^$]+(?:\|[^()\[\]{}*+?\\|^$]+)+)\)?\$?"
)
"""A pattern that is a list of words and nothing else."""
_GIVEN: Final = frozenset({"examples", "default"})
"""The keywords of a schema that give values."""
_NAMES_OF_OWN: Final = re.compile(r"(?:\D*\d){3}|(?:[^\W\d_a-z]\S*[\s,.&-]+){1,}[^\W\d_a-z]\S*")
"""A number of three digits and more, or words that all begin with a capital: a name for one thing,
hardly a member of a closed set."""


class TruthValues:
    """The values of truths, given by case id: what schemas and prompts are held against."""

    def __init__(self, truths: Iterable[tuple[str, Json]]) -> None:
        self._truths = tuple(truths)

    @cached_property
    def fields(self) -> Mapping[str, Counter[str]]:
        """By field, its values as text, and in how many places they stand."""
        fields: defaultdict[str, Counter[str]] = defaultdict(Counter)
        names: dict[FieldSteps, str] = {}
        for _, truth in self._truths:
            for steps, text in _leaves(truth):
                field = names.get(steps) or names.setdefault(steps, field_of(steps))
                fields[field][text] += 1
        return fields

    @cached_property
    def telling(self) -> Mapping[str, tuple[str, str]]:
        """By folded text, a value that gives a document away: as it is written, and whose it is."""
        met: defaultdict[str, set[str]] = defaultdict(set)
        first: dict[str, tuple[str, str]] = {}
        for case_id, truth in self._truths:
            for _, text in _leaves(truth):
                key = _folded(text) if len(text) >= _TELLING else ""
                if len(key) >= _TELLING and key.count(" ") < _WORDS:
                    met[key].add(case_id)
                    first.setdefault(key, (text, case_id))
        return {key: first[key] for key, ids in met.items() if len(ids) < _VOCABULARY}


def schema_shows(
    schema: Mapping[str, Json], values: TruthValues
) -> Iterator[tuple[FieldPath, Problem]]:
    """Yield what of a schema shows right answers, with the place in the schema's file."""
    parts = list(subschemas(schema))
    unlike: Mapping[str, tuple[str, str]] = {}
    if any(_is_shown(keyword) for here in parts for keyword in here.schema):
        named = {_folded(word) for word in _names(schema)}
        unlike = {key: value for key, value in values.telling.items() if key not in named}
    for here in parts:
        yield from _enum(here, values)
        for keyword in here.schema:
            if not _is_shown(keyword) or (keyword == "default" and "enum" in here.schema):
                continue
            for text in value_texts(here.schema[keyword]):
                for holds in _held(text, keyword, values.fields.get(field_of(here.steps)), unlike):
                    what = f"{field_of(here.steps)}: `{keyword}` holds a right answer, {holds}"
                    hint = "the schema goes to the model: invent a value that no document has"
                    problem = Problem(what, "answer-in-schema", hint=hint)
                    yield (*here.pointer, keyword), problem


def _held(
    text: str,
    keyword: str,
    of_field: Counter[str] | None,
    telling: Mapping[str, tuple[str, str]],
) -> Iterator[str]:
    """Yield the right answers that a text of a schema holds, in words.

    A value given as an example is an answer however many documents have it, if it is a name.
    """
    is_found = False
    for shown, case_id in _standing(text, telling):
        is_found = True
        yield f"{shortened(shown)} of {case_id!r}"
    times = of_field[text] if of_field else 0
    if keyword in _GIVEN and times and not is_found and _NAMES_OF_OWN.match(text):
        yield f"{shortened(text)}, {counted(times, 'time')} in the truths"


def _is_shown(keyword: str) -> bool:
    """Tell whether a keyword of a schema is shown to the model, and may say anything."""
    return keyword in _SHOWN or (keyword.startswith("x-") and keyword != RULE_WORD)


def text_shows(text: str, values: TruthValues) -> Iterator[Problem]:
    """Yield a warning for each right answer that a text of a prompt holds."""
    for shown, case_id in _standing(text, values.telling):
        what = f"holds a right answer, {shortened(shown)} of {case_id!r}"
        hint = "the prompt goes to the model: invent a value that no document has"
        yield Problem(what, "answer-in-prompt", hint=hint)


def _enum(here: Subschema, values: TruthValues) -> Iterator[tuple[FieldPath, Problem]]:
    """Yield a warning where an enum is just what the truths of its field say."""
    keyword, allowed = _closed_set(here.schema)
    members = {text for member in allowed for text in value_texts(member)}
    if not members or {member.casefold() for member in members} <= _YES_NO:
        return
    is_branch = not {"anyOf", "oneOf"}.isdisjoint(map(str, here.pointer))
    field = field_of(here.steps)
    for name, shown in _candidates(here, values.fields):
        is_alone = len(members) == 1 and not is_branch
        is_open = shown.total() < _REPEATED * len(members) or _are_names(members)
        if set(shown) == members and (is_alone or is_open):
            what = (
                f"{field}: `{keyword}` is just what the truths of {name} say: "
                f"{listed(sorted(members))}"
            )
            hint = (
                "the schema goes to the model and shows it the answers: list all that documents "
                "may say, or leave the field a string"
            )
            yield (*here.pointer, keyword), Problem(what, "enum-of-truths", hint=hint)
            return


def _closed_set(schema: Mapping[str, Json]) -> tuple[str, list[Json]]:
    """Return the keyword of a closed set, be it an enum, constants or a pattern, and its members.

    >>> _closed_set({"anyOf": [{"const": "a"}, {"const": "b"}, {"type": "null"}]})
    ('anyOf', ['a', 'b'])
    >>> _closed_set({"pattern": "^(red|blue)$"}), _closed_set({"type": "string"})
    (('pattern', ['red', 'blue']), ('enum', []))
    """
    allowed, pattern = schema.get("enum"), schema.get("pattern")
    if isinstance(allowed, list):
        return "enum", allowed
    for keyword in ("anyOf", "oneOf"):
        options = schema.get(keyword)
        branches = [b for b in options if isinstance(b, dict)] if isinstance(options, list) else []
        members = [branch["const"] for branch in branches if "const" in branch]
        if members and all("const" in b or b.get("type") == "null" for b in branches):
            return keyword, members
    words = _ALTERNATIVES.fullmatch(pattern) if isinstance(pattern, str) else None
    return ("pattern", [*words[1].split("|")]) if words else ("enum", [])


def _are_names(members: Collection[str]) -> bool:
    """Tell whether most members look like names: of companies, people, parts, accounts."""
    names = [member for member in members if _NAMES_OF_OWN.match(member)]
    return len(members) > 1 and 2 * len(names) > len(members)


def _candidates(
    here: Subschema, fields: Mapping[str, Counter[str]]
) -> Iterable[tuple[str, Counter[str]]]:
    """Return the fields that a subschema may speak of: of a definition, any."""
    if here.steps and here.steps[0] == "$defs":
        return fields.items()
    name = field_of(here.steps)
    return [(name, fields[name])] if name in fields else []


def _leaves(value: Json) -> Iterator[tuple[FieldSteps, str]]:
    """Yield each text and number of a truth with its field."""
    waiting: list[tuple[FieldSteps, Json]] = [((), value)]
    while waiting:
        steps, here = waiting.pop()
        if isinstance(here, dict):
            waiting.extend(((*steps, key), item) for key, item in here.items())
        elif isinstance(here, list):
            waiting.extend(((*steps, ITEM), item) for item in here)
        else:
            for text in value_texts(here):
                yield steps, text


def _names(schema: Mapping[str, Json]) -> Iterator[str]:
    """Yield what a schema names by itself: its fields, and members of its closed sets."""
    for here in subschemas(schema):
        yield from value_texts(here.schema.get("enum"))
        yield from value_texts(here.schema.get("const"))
        for child in children(here):
            yield from (step for step in child.steps[-1:] if step not in (ITEM, ANY_KEY))


def _standing(text: str, telling: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the telling values that stand in a text as whole words, each once."""
    folded = " ".join(text.casefold().split())
    words: Sequence[re.Match[str]] = list(_WORD.finditer(folded))
    reported: set[str] = set()
    for start, first in enumerate(words):
        for last in words[start : start + _WORDS]:
            part = folded[first.start() : last.end()]
            if part in telling and part not in reported:
                reported.add(part)
                yield telling[part]


def _folded(text: str) -> str:
    """Return a value as it is sought in texts: case, white space and marks around it aside."""
    plain = " ".join(text.casefold().split())
    is_bare = plain[:1].isalnum() and plain[-1:].isalnum()
    return plain if is_bare else _EDGES.sub("", plain)
