"""Imported export: cases with texts and truths, answers with confidences and places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from harness.cases.files.places import nfc
from harness.core.inert_text import inert
from harness.core.values import Json

ExportRecord = Mapping[str, Json]
"""One record of an export."""

_UNSAFE: Final = re.compile(r"[/\\\x00-\x1f]+")
_LONGEST: Final = 150


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """One answer, and what its service says of each value."""

    value: Json
    confidences: Mapping[str, float] = field(default_factory=dict)
    """By path, from 0 to 1."""
    places: Mapping[str, Json] = field(default_factory=dict)
    """By path, where the value stands, in the words and units of the service."""


@dataclass(frozen=True, slots=True)
class ExportContent:
    """An export, read."""

    truths: Mapping[str, Json] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    """The documents' texts, where the export holds them."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The names of documents that are files, where it names them."""
    answers: Mapping[str, Mapping[str, ReadAnswer]] = field(default_factory=dict)
    """By model or service, then by case."""
    notes: tuple[str, ...] = ()
    """What could be read in several ways, and how it was."""


def case_id(written: object) -> str:
    """Return an id that can be the name of a file.

    >>> case_id("scans/a 1.pdf"), case_id(7), case_id("..")
    ('scans-a 1.pdf', '7', 'case')
    """
    text = _UNSAFE.sub("-", nfc(inert(str(written)))).strip(" .-")
    return text[:_LONGEST] or "case"


def exported_file_id(name: str) -> str:
    """Return the id of a document's file, or of the link to it: its name without the ending.

    >>> exported_file_id("https://host/scans/inv-01.pdf?x=1"), exported_file_id("inv-02")
    ('inv-01', 'inv-02')
    """
    last = name.split("?", 1)[0].replace("\\", "/").rstrip("/").rpartition("/")[2]
    stem, dot, ending = last.rpartition(".")
    return case_id(stem if dot and stem and len(ending) <= 5 else last)  # noqa: PLR2004  # .jsonl


def is_link(text: str) -> bool:
    """Tell whether a text is the name of a file or a link, rather than a document's own text.

    >>> is_link("/data/upload/1/a.pdf"), is_link("s3://b/a.png"), is_link("Total: 5 EUR")
    (True, True, False)
    """
    if re.match(r"[a-z][a-z0-9+.-]*://\S+$", text):
        return True
    return len(text) < 500 and re.search(r"^\S*\.[A-Za-z0-9]{2,5}$", text) is not None  # noqa: PLR2004


def single_or_list(
    values: Mapping[str, Mapping[str, Sequence[Json]]],
) -> dict[str, dict[str, Json]]:
    """Return fields by case: a list where any case has several values, else the one there is.

    >>> single_or_list({"a": {"x": ["1"], "y": ["2"]}, "b": {"y": ["3", "4"]}})
    {'a': {'x': '1', 'y': ['2']}, 'b': {'y': ['3', '4']}}
    """
    many = {name for fields in values.values() for name, given in fields.items() if len(given) > 1}
    return {
        key: {name: list(given) if name in many else given[0] for name, given in fields.items()}
        for key, fields in values.items()
    }


def unique_ids(ids: Iterable[str]) -> list[str]:
    """Return ids in their order, a number behind each that was given before.

    >>> unique_ids(["a", "b", "a", "a-2"])
    ['a', 'b', 'a-2', 'a-2-2']
    """
    given_ids = GivenIds()
    return [given_ids.unique(name) for name in ids]


@dataclass(frozen=True, slots=True)
class GivenIds:
    """Ids that are given to cases, so that none is given twice."""

    times: dict[str, int] = field(default_factory=dict)
    """How often each was asked for."""

    def unique(self, name: str) -> str:
        """Return an id, with a number behind it where it was given before."""
        candidate = name
        while candidate in self.times:
            self.times[name] += 1
            candidate = f"{name}-{self.times[name]}"
        self.times[candidate] = 1
        return candidate


def as_object(value: Json) -> dict[str, Json]:
    """Return an object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items_of(value: Json) -> list[Json]:
    """Return a list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def objects_of(value: Json) -> list[dict[str, Json]]:
    """Return the objects of a list."""
    return [item for item in items_of(value) if isinstance(item, dict)]
