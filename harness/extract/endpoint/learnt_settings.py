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
    r"|(?:unknown|unrecognized|invalid) (?:parameter|argument|request argument)"
)
_VALUE: Final = re.compile(r"supported values|valid values|unsupported value|invalid value|one of")
"""Words on a value and not on a setting: a level that a model has not is for its user to mend."""
_EFFORT: Final = re.compile(r"\beffort|reasoning.?effort|thinking.?(?:level|budget)")
_OLD: Final = "max_tokens"
_NEW: Final = "max_completion_tokens"
_SAMPLING: Final = ("temperature", "top_p")


@dataclass(frozen=True, slots=True)
class LearntSettings:
    """Settings that an endpoint is asked with, as far as they were given and are taken."""

    parameters: Parameters
    max_tokens_key: str
    left_out: tuple[str, ...] = ()
    """Parameters that were given and that the endpoint refuses."""

    def after(self, words: str) -> LearntSettings:
        """Return the settings for the next request, once the endpoint has refused these.

        >>> told = LearntSettings(Parameters(temperature=0.0), "max_tokens").after(
        ...     "'temperature' does not support 0 with this model"
        ... )
        >>> told.parameters.temperature, told.left_out
        (None, ('temperature',))
        """
        text = words.lower()
        if self.max_tokens_key == _OLD and _NEW in text and _OLD in text.replace(_NEW, ""):
            return replace(self, max_tokens_key=_NEW)
        named = [
            name
            for name in _SAMPLING
            if name in text and getattr(self.parameters, name) is not None
        ]
        if named == list(_SAMPLING) and "both" in text:
            return self._without("top_p")
        if not _REFUSED.search(text):
            return self
        is_asked = self.parameters.reasoning_effort is not None
        if not named and is_asked and _EFFORT.search(text) and not _VALUE.search(text):
            named = ["reasoning_effort"]
        return self._without(named[0]) if named else self

    def _without(self, name: str) -> LearntSettings:
        parameters = self.parameters
        fewer = replace(
            parameters,
            temperature=None if name == "temperature" else parameters.temperature,
            top_p=None if name == "top_p" else parameters.top_p,
            reasoning_effort=None if name == "reasoning_effort" else parameters.reasoning_effort,
        )
        return replace(self, parameters=fewer, left_out=(*self.left_out, name))

    @property
    def told(self) -> str:
        """Settings that an answer was asked without; empty where nothing was left out."""
        return f"; {' and '.join(self.left_out)} left out" if self.left_out else ""
