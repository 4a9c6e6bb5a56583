"""User-defined comparators: a Python function of the expected and the predicted value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from harness.core.comparators.comparator import Comparator, Key
from harness.core.rules.field_rule import FieldRule
from harness.core.rules.rule_settings import is_function
from harness.core.values import Json
from harness.errors import HarnessError, Problem, did_you_mean

Function: TypeAlias = Callable[[Any, Any], bool | float]
"""Pure, from expected and predicted value (JSON, both present) to same or not, or to a similarity
in [0, 1], for which the rule must give a `threshold`."""

Functions: TypeAlias = Mapping[str, Function]
"""By the name that rules call them: `module:function`."""

NO_FUNCTIONS: Final[Functions] = MappingProxyType({})


def function_comparator(field: str, rule: FieldRule, functions: Functions) -> Comparator | None:
    """Return the comparator of a rule that names a function; None for a rule that names none.

    Equal JSON values are the same unasked. Raises HarnessError, here when the function was not
    given, and on comparing when it raises or returns what is neither a bool nor a similarity.

    >>> functions = {"lab:same_unit": lambda expected, predicted: expected[-2:] == predicted[-2:]}
    >>> found = function_comparator("dose", FieldRule(compare="lab:same_unit"), functions)
    >>> found.same(found.read("5 mg"), found.read("50 mg"))
    True
    """
    name = rule.compare
    if name is None or not is_function(name):
        return None
    check_given({field: rule}, functions)
    function = functions[name]
    asked_function = _Asked(field, name, function)
    threshold, strictly = rule.threshold, rule.bound == ">"

    def near_by(one: Key, other: Key) -> float:
        return float(asked_function.similarity(one, other))

    def same(one: Key, other: Key) -> bool:
        answer = asked_function.similarity(one, other)
        if isinstance(answer, bool):
            return answer
        if threshold is None:
            what = f"returned the similarity {answer:g}, and the rule has no `threshold`"
            raise asked_function.trouble(what, "add `threshold: 0.8`, or return True or False")
        return answer > threshold if strictly else answer >= threshold

    return Comparator(name, _wrapped, near_by, same)


def check_given(rules: Mapping[str, FieldRule], functions: Functions) -> None:
    """Raise HarnessError for every function that rules name and nobody gave."""
    problems = []
    for field, rule in rules.items():
        name = rule.compare or ""
        if is_function(name) and name not in functions:
            near = did_you_mean(name, functions)
            hint = (
                near or f"give the function: `Plan(schema, rules, comparators={{{name!r}: ...}})`"
            )
            what = f"rules.{field}: no comparator {name!r} was given"
            problems.append(Problem(what, "bad-rule", hint=hint))
    if problems:
        raise HarnessError(*problems)


class _Value(tuple[str, Json]):
    """A JSON value as a key: its type and the value, so that `true` is not 1."""

    __slots__ = ()


def _wrapped(value: Json) -> Key:
    if isinstance(value, (list, dict)) or (isinstance(value, str) and not value.strip()):
        return None
    kind = "number" if isinstance(value, (int, float)) else "text"
    return _Value(("boolean" if isinstance(value, bool) else kind, value))


class _Asked:
    """A function, and the field it is asked about."""

    def __init__(self, field: str, name: str, function: Callable[[Any, Any], object]) -> None:
        self._field = field
        self._name = name
        self._function = function

    def similarity(self, one: Key, other: Key) -> bool | float:
        """Return what the function says of two keys, checked."""
        try:
            answer = self._function(_value(one), _value(other))
        except Exception as error:
            message = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            raise self.trouble(
                f"failed on {_value(one)!r} and {_value(other)!r}: {message}"
            ) from error
        if isinstance(answer, bool):
            return answer
        if isinstance(answer, (int, float)) and 0 <= answer <= 1:
            return float(answer)
        raise self.trouble(f"returned {answer!r}", "return True, False, or a number from 0 to 1")

    def trouble(self, what: str, hint: str | None = None) -> HarnessError:
        """Return the error that tells what went wrong, at which field and in which function."""
        whole = f"{self._field}: comparator {self._name!r} {what}"
        return HarnessError(Problem(whole, "comparator-failed", hint=hint))


def _value(key: Key) -> Json:
    assert isinstance(key, _Value)  # noqa: S101  # keys are what `read` returns
    return key[1]
