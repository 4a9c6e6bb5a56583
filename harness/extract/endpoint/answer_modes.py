"""Answer modes of an endpoint: found out once, from the surest to the plainest."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from harness.core.records import FormsRecord
from harness.core.values import Json
from harness.extract.dialects.dialect import AnswerForm, Mode

_HOPELESS: Final = 3
"""Cases after which the form is not taken for what is wrong; schemas after which the mode is."""
_REASONS: Final = 5


@dataclass(frozen=True, slots=True)
class ModeRefusal:
    """A form that was not taken."""

    form: AnswerForm
    words: str
    is_fault: bool
    """By a server error, which may be no word on the form."""


@dataclass(slots=True)
class Ladder:
    """Answer modes known to work for one endpoint and model. Used in one event loop: no locks.

    What is refused is refused for one schema. A mode is given up for all only once several schemas
    were refused it in the same words, and none was taken; a server error counts for one question
    until it has met several.
    """

    takes: Counter[str] = field(default_factory=Counter)
    """Answers by the name of the form they were asked for in."""
    refused: dict[str, str] = field(default_factory=dict)
    """Forms it does not take, with its own words."""
    loose: tuple[str, ...] = ()
    """Why some schema could not be asked for strictly."""
    _taken: set[tuple[str, str]] = field(default_factory=set)
    _refused: set[tuple[str, str]] = field(default_factory=set)
    _words: dict[tuple[Mode, str], set[str]] = field(default_factory=dict)
    """Schemas that were refused a mode, by mode and words."""
    _faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Server errors by form and schema."""
    _given_up: int = 0
    """Cases for which all forms were refused, while none was taken."""
    _tried: asyncio.Event = field(default_factory=asyncio.Event)
    _first: asyncio.Lock = field(default_factory=asyncio.Lock)

    def rungs(self, forms: Sequence[AnswerForm], schema: str) -> list[AnswerForm]:
        """Return the forms still to be tried for a schema, which goes by its digest."""
        if self._given_up >= _HOPELESS:
            return list(forms[:1])
        for form in forms:
            if (form.name, schema) in self._taken:
                return [form]
        return [f for f in forms if not self._refuses(f, schema)] or [forms[-1]]

    def _refuses(self, form: AnswerForm, schema: str) -> bool:
        if (form.name, schema) in self._refused:
            return True
        is_taken = any(name.split(" ")[0] == form.mode for name in self.takes)
        alike = (len(met) for (mode, _), met in self._words.items() if mode is form.mode)
        return not is_taken and max(alike, default=0) >= _HOPELESS

    def is_sure(self, form: AnswerForm, schema: str) -> bool:
        """Tell whether a schema has been taken in a form before: an error is not about the form."""
        return (form.name, schema) in self._taken

    def took(self, form: AnswerForm, schema: str, refused: Sequence[ModeRefusal]) -> None:
        """Note that a form was taken after others had been refused, with what was said."""
        self.takes[form.name] += 1
        self._given_up = 0
        settled = True
        for each in refused:
            name = (each.form.name, schema)
            self._faults[name] += each.is_fault
            if each.is_fault and self._faults[name] < _HOPELESS:
                settled = False
                continue
            self._refused.add(name)
            self.refused.setdefault(each.form.name, each.words)
            self._words.setdefault((each.form.mode, each.words), set()).add(schema)
        if settled:
            self._taken.add((form.name, schema))

    def gave_up(self) -> None:
        """Note that every form was refused."""
        self._given_up += not self.takes

    def note(self, loose: Sequence[str]) -> None:
        """Note why a schema cannot be asked for strictly."""
        self.loose = tuple(dict.fromkeys([*self.loose, *loose]))[:_REASONS]

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Let one question through before all others, so that forms are tried only once."""
        if self._tried.is_set():
            yield
            return
        async with self._first:
            is_first = not self._tried.is_set()
            if is_first:
                try:
                    yield
                finally:
                    self._tried.set()
        if not is_first:
            yield

    def shown(self) -> FormsRecord:
        """Return what was found out, for the record of a run."""
        refused: dict[str, Json] = {
            name: reason for name, reason in self.refused.items() if name not in self.takes
        }
        return {"answers": dict(self.takes), "refused": refused, "not_strict": list(self.loose)}
