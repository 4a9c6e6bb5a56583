"""Template variables: texts, documents, examples and notes on fields, as JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from harness.cases.prompts.descriptions import FieldNote

TemplateValues: TypeAlias = Mapping[
    str, "str | tuple[ShownDocument | ShownExample | FieldNote, ...]"
]
"""By the name that a template uses."""


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A document as templates see it."""

    name: str
    text: str
    pages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownExample:
    """An example as templates see it."""

    document: str
    answer: str
    """JSON, on one line."""


_KINDS: Final = MappingProxyType(
    {kind.__name__: kind for kind in (ShownDocument, ShownExample, FieldNote)}
)


def values_as_json(values: TemplateValues) -> dict[str, Any]:
    """Return values as JSON holds them."""
    return {
        name: value
        if isinstance(value, str)
        else [[type(each).__name__, asdict(each)] for each in value]
        for name, value in values.items()
    }


def values_from_json(values: Mapping[str, Any]) -> TemplateValues:
    """Return the values that `values_as_json` has written."""
    return {
        name: value
        if isinstance(value, str)
        else tuple(_KINDS[kind](**_frozen(fields)) for kind, fields in value)
        for name, value in values.items()
    }


def _frozen(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
