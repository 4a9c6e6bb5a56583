"""Learnt settings: parameters that an endpoint refuses are left out from then on."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from harness.cases.suite import Parameters

_REFUSED: Final = re.compile(
    r"unsupported|not support|only the default|not allowed|deprecated|not permitted|no longer"
    r"|not available|(?:cannot|can't|may not|must not) be (?:set|used|specified|given|sent)"
    r"|only (?:\w+ ?= ?)?1(?:\.0)? is"
    r"|(?:unknown|unrecognized|invalid|unexpected|extraneous)"
    r" (?:parameter|argument|request argument|keyword|key|name|field)|cannot find field"
)
_VALUE: Final = re.compile(r"supported values|valid values|unsupported value|invalid value|one of")
"""Words on a value and not on a setting: a level that a model has not is for its user to mend."""
_EFFORT: Final = re.compile(
    r"\beffort|reasoning.?effort|thinking.?(?:level|budget)|\boutput_config\b(?!\.format)"
)
_OLD: Final = "max_tokens"
_NEW: Final = "max_completion_tokens"
_SAMPLING: Final = ("temperature", "top_p", "seed")


@dataclass(frozen=True, slots=True)
class LearntSettings:
    """Settings that an endpoint is asked with, as far as they were given and are taken."""

    parameters: Parameters
    max_tokens_key: str
    left_out: tuple[str, ...] = ()
    """Parameters that were given and that the endpoint refuses."""
    is_switched: bool = False
    """The word for the limit of tokens is no longer the one that was tried first."""

    def after(self, words: str) -> LearntSettings:
        """Return the settings for the next request, once the endpoint has refused these.

        >>> told = LearntSettings(Parameters(temperature=0.0), "max_tokens").after(
        ...     "'temperature' does not support 0 with this model"
        ... )
        >>> told.parameters.temperature, told.left_out
        (None, ('temperature',))
        """
        text = words.lower()
        if (key := self._other_key(text)) is not None:
            return replace(self, max_tokens_key=key, is_switched=True)
        named = [
            name
            for name in _SAMPLING
            if re.search(rf"\b{name}\b", text) and getattr(self.parameters, name) is not None
        ]
        if {"temperature", "top_p"} <= {*named} and "both" in text:
            return self._without("top_p")
        if not _REFUSED.search(text):
            return self
        is_asked = self.parameters.reasoning_effort is not None
        if not named and is_asked and _EFFORT.search(text) and not _VALUE.search(text):
            named = ["reasoning_effort"]
        return self._without(named[0]) if named else self

    def _other_key(self, text: str) -> str | None:
        """Return the other word for the limit of tokens, if the endpoint wants that; once."""
        names_old = re.search(rf"\b{_OLD}\b", text) is not None
        is_refused = _REFUSED.search(text) is not None
        if self.is_switched or self.max_tokens_key not in (_OLD, _NEW):
            return None
        if self.max_tokens_key == _OLD:
            return _NEW if _NEW in text or (names_old and is_refused) else None
        return _OLD if _NEW in text and is_refused else None

    def _without(self, name: str) -> LearntSettings:
        parameters = self.parameters
        fewer = replace(
            parameters,
            temperature=None if name == "temperature" else parameters.temperature,
            top_p=None if name == "top_p" else parameters.top_p,
            seed=None if name == "seed" else parameters.seed,
            reasoning_effort=None if name == "reasoning_effort" else parameters.reasoning_effort,
        )
        return replace(self, parameters=fewer, left_out=(*self.left_out, name))

    @property
    def told(self) -> str:
        """Settings that an answer was asked without; empty where nothing was left out."""
        return f"; {' and '.join(self.left_out)} left out" if self.left_out else ""
