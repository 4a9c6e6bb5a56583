"""Tokens and dollars that a line of recorded answers states, in the shapes that vendors use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from harness.core.records import Usage
from harness.core.values import Json, value_at_path
from harness.errors import Problem, did_you_mean
from harness.extract.dialects.dialect import count_or_none, sum_of_known

_Keys = tuple[str, ...]
_INPUT: Final[Sequence[Sequence[_Keys]]] = (
    (("prompt_tokens",),),
    (("promptTokenCount",), ("toolUsePromptTokenCount",)),
    (("prompt_eval_count",),),
    (("input_tokens",), ("cache_read_input_tokens",), ("cache_creation_input_tokens",)),
    (("inputTokens",), ("cacheReadInputTokens",), ("cacheWriteInputTokens",)),
    (("tokens", "input_tokens"),),
)
"""Keys by shape, whose numbers add up to all input tokens: OpenAI's chat completions and most
servers of its dialect, Gemini, Ollama, OpenAI's responses and Anthropic, Bedrock, Cohere."""
_OUTPUT: Final[Sequence[Sequence[_Keys]]] = (
    (("completion_tokens",),),
    (("candidatesTokenCount",), ("thoughtsTokenCount",)),
    (("eval_count",),),
    (("output_tokens",),),
    (("outputTokens",),),
    (("tokens", "output_tokens"),),
)
_CACHED: Final[Sequence[Sequence[_Keys]]] = (
    (("prompt_tokens_details", "cached_tokens"),),
    (("input_tokens_details", "cached_tokens"),),
    (("input_token_details", "cache_read"),),
    (("cachedContentTokenCount",),),
    (("cache_read_input_tokens",),),
    (("cacheReadInputTokens",),),
    (("cachedInputTokens",),),
    (("prompt_cache_hit_tokens",),),
    (("cached_tokens",),),
)
_DOLLARS: Final = ("usd", "cost")
_MOST_DOLLARS: Final = 10**9
_COUNTS: Final = tuple(
    keys for shapes in (_INPUT, _OUTPUT, _CACHED) for shape in shapes for keys in shape
)
_NAMES: Final = sorted({keys[-1] for keys in _COUNTS} | {*_DOLLARS})
_HINT: Final = (
    'write {"input_tokens": 1200, "output_tokens": 85, "usd": 0.004}, or as the vendor did'
)


def stated_usage(stated: Json) -> Usage | Problem | None:
    """Return what an answer took; None where nothing is stated, a Problem where it is wrong.

    Keys beside those that are known are left alone, as vendors add some; null is unknown.

    >>> stated_usage({"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13})
    Usage(input_tokens=9, output_tokens=4, cached_tokens=None, usd=None)
    >>> stated_usage({"input_tokens": 1, "cache_read_input_tokens": 8, "output_tokens": 4})
    Usage(input_tokens=9, output_tokens=4, cached_tokens=8, usd=None)
    >>> stated_usage({"output_tokens": -4}).what
    "'usage': 'output_tokens' is no number of tokens"
    """
    if stated is None:
        return None
    if not isinstance(stated, dict):
        return Problem("'usage' is not an object", "bad-line", hint=_HINT)
    for keys in _COUNTS:
        if value_at_path(stated, keys) is not None and count_or_none(stated, *keys) is None:
            what = f"'usage': {'.'.join(keys)!r} is no number of tokens"
            return Problem(what, "bad-line", hint=_HINT)
    for name in _DOLLARS:
        if stated.get(name) is not None and _dollars(stated[name]) is None:
            return Problem(f"'usage': {name!r} is no amount of US dollars", "bad-line", hint=_HINT)
    usage = Usage(
        _first(stated, _INPUT),
        _first(stated, _OUTPUT),
        _first(stated, _CACHED),
        next((_dollars(stated[name]) for name in _DOLLARS if stated.get(name) is not None), None),
    )
    return _unknown(stated) if usage == Usage() else _within(usage)


def _first(stated: Mapping[str, Json], shapes: Sequence[Sequence[_Keys]]) -> int | None:
    """Return the number of the first shape whose own key, the first, is there."""
    for shape in shapes:
        if count_or_none(dict(stated), *shape[0]) is not None:
            return sum_of_known(*(count_or_none(dict(stated), *keys) for keys in shape))
    return None


def _unknown(stated: Mapping[str, Json]) -> Problem | None:
    """Return what is wrong where no key is known; nothing is where all of them say null."""
    if stated and all(stated.get(key) is None for key in stated):
        return None
    near = next((hint for key in stated if (hint := did_you_mean(key, _NAMES))), None)
    what = "'usage' tells neither tokens nor dollars"
    return Problem(what, "bad-line", hint=near if near and near.startswith("did you") else _HINT)


def _within(usage: Usage) -> Usage | Problem:
    cached, read = usage.cached_tokens, usage.input_tokens
    if cached is not None and read is not None and cached > read:
        what = f"'usage' has {cached} cached tokens of {read} input tokens"
        return Problem(what, "bad-line", hint="cached tokens are counted among the input tokens")
    return usage


def _dollars(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= _MOST_DOLLARS else None
