"""Finding out once in which form an endpoint takes the question for an answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from harness.core.values import Json
from harness.extract.dialects.dialect import Form, Mode

_HOPELESS: Final = 3
"""Cases after which the form is not taken for what is wrong."""
_REASONS: Final = 5


@dataclass(slots=True)
class Ladder:
    """What one endpoint and model have been seen to take. Used in one event loop: no locks."""

    takes: Counter[Mode] = field(default_factory=Counter)
    """Answers by the form they were asked for in."""
    refused: dict[Mode, str] = field(default_factory=dict)
    """Forms it does not take, with its own words."""
    loose: tuple[str, ...] = ()
    """Why some schema could not be asked for strictly."""
    _taken: set[tuple[Mode, str]] = field(default_factory=set)
    _refused: set[tuple[Mode, str]] = field(default_factory=set)
    _given_up: int = 0
    """Cases for which all forms were refused, while none was taken."""
    _tried: asyncio.Event = field(default_factory=asyncio.Event)
    _first: asyncio.Lock = field(default_factory=asyncio.Lock)

    def rungs(self, forms: Sequence[Form], schema: str) -> list[Form]:
        """Return the forms still to be tried for a schema, which goes by its digest."""
        if self._given_up >= _HOPELESS:
            return list(forms[:1])
        for form in forms:
            if (form.mode, schema) in self._taken:
                return [form]
        last = forms[-1]
        left = [f for f in forms if not self._refuses(f.mode, schema)]
        return left or [last]

    def _refuses(self, mode: Mode, schema: str) -> bool:
        is_refused = mode in self.refused and mode not in self.takes
        return is_refused or (mode, schema) in self._refused

    def is_sure(self, mode: Mode) -> bool:
        """Tell whether a form has been taken before: then an error is not about the form."""
        return mode in self.takes

    def took(self, form: Form, schema: str, refused: Sequence[tuple[Mode, str]]) -> None:
        """Note that a form was taken after others had been refused, with what was said."""
        self.takes[form.mode] += 1
        self._taken.add((form.mode, schema))
        self._given_up = 0
        for mode, said in refused:
            self._refused.add((mode, schema))
            if mode not in self.takes:
                self.refused[mode] = said

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

    def shown(self) -> dict[str, Json]:
        """Return what was found out, for the record of a run."""
        takes: dict[str, Json] = {str(mode): number for mode, number in self.takes.items()}
        refused: dict[str, Json] = {str(mode): said for mode, said in self.refused.items()}
        return {"answers": takes, "refused": refused, "not_strict": list(self.loose)}
