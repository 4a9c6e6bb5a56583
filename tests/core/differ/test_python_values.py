"""Python values at the door of the scorer: what they are read as, on both sides."""

from __future__ import annotations

import json
from collections import UserDict, UserList, UserString, deque
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from pydantic import BaseModel, Field

import harness


class Colour(StrEnum):
    """A closed set of texts."""

    RED = "red"


class Level(Enum):
    """A closed set of numbers."""

    LOW = 1


@dataclass(frozen=True)
class Line:
    """A line of an order."""

    text: str
    amount: Decimal


class Order(BaseModel):
    """An order."""

    on: date
    total: Decimal
    at: datetime


class Attributes:
    """What the attrs library makes of a class, with slots and without `__dict__`."""

    __slots__ = ("name", "parts")
    __attrs_attrs__ = (SimpleNamespace(name="name"), SimpleNamespace(name="parts"))

    def __init__(self, name: str, parts: list[Attributes]) -> None:
        self.name = name
        self.parts = parts


class Aliased(BaseModel):
    """A model whose JSON has other names than its fields."""

    number: str = Field(alias="invoiceNumber")


ORDER = Order(on=date(2024, 3, 31), total=Decimal("5.00"), at=datetime(2024, 3, 31, 10, tzinfo=UTC))

VALUES: dict[str, tuple[Any, Any]] = {
    "decimal": (Decimal("12.50"), 12.5),
    "whole decimal": (Decimal("5.0"), 5),
    "date": (date(2024, 3, 31), "2024-03-31"),
    "moment": (datetime(2024, 3, 31, 10, tzinfo=UTC), "2024-03-31T10:00:00Z"),
    "time": (time(10, 30), "10:30:00"),
    "uuid": (UUID(int=5), "00000000-0000-0000-0000-000000000005"),
    "enum of text": (Colour.RED, "red"),
    "enum": (Level.LOW, 1),
    "tuple": ((1, "a"), [1, "a"]),
    "set": ({"a", "b"}, ["a", "b"]),
    "frozenset": (frozenset({2, 1}), [1, 2]),
    "dataclass": (Line("x", Decimal("2.5")), {"text": "x", "amount": 2.5}),
    "model": (ORDER, {"on": "2024-03-31", "total": 5, "at": "2024-03-31T10:00:00Z"}),
    "number keys": ({1: "x"}, {"1": "x"}),
    "mapping": (UserDict({"a": 1}), {"a": 1}),
    "NumPy float": (np.float64(2.5), 2.5),
    "NumPy integer": (np.int64(7), 7),
    "NumPy truth value": (np.bool_(True), True),  # noqa: FBT003  # a scalar's value
    "NumPy text": (np.str_("a"), "a"),
    "NumPy date": (np.datetime64("2024-03-31"), "2024-03-31"),
    "NumPy nanoseconds": (np.datetime64("2024-03-31T10:00:00", "ns"), "2024-03-31T10:00:00"),
    "length of time": (timedelta(minutes=90, milliseconds=500), "PT5400.5S"),
    "negative length of time": (timedelta(days=-1), "-PT86400S"),
    "narrow float": (np.float32(0.1), 0.1),
    "narrow floats": (np.array([0.1, 2.5], dtype="float16"), [0.1, 2.5]),
    "deque": (deque([1, 2]), [1, 2]),
    "range": (range(3), [0, 1, 2]),
    "keys": ({"a": 1}.keys(), ["a"]),
    "values": ({"a": 1}.values(), [1]),
    "list of a subclass": (UserList([1, "a"]), [1, "a"]),
    "text of a subclass": (UserString("x"), "x"),
    "NumPy keys": ({np.int64(1): "x"}, {"1": "x"}),
    "attrs": (Attributes("x", [Attributes("y", [])]), {"name": "x", "parts": [{"name": "y"}]}),
    "aliases": (Aliased(invoiceNumber="A-1"), {"invoiceNumber": "A-1"}),
    "array": (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
}


@pytest.mark.parametrize("rows", [3, 3_000])
@pytest.mark.parametrize("name", VALUES)
def test_a_python_value_is_its_json_on_either_side(name: str, rows: int) -> None:
    value, plain = ([one] * rows for one in VALUES[name])
    for expected, predicted in ((value, plain), (plain, value), (value, value)):
        result = harness.score({"v": expected}, {"v": predicted})
        assert result.f1 == 1.0
        json.dumps([(d.expected, d.predicted) for d in result.diffs])


def test_python_values_keep_to_a_schema_as_their_json_does() -> None:
    schema = {
        "type": "object",
        "properties": {"n": {"type": "number"}, "on": {"type": "string", "format": "date"}},
    }
    truth, answer = {"n": Decimal("5.0"), "on": date(2024, 3, 31)}, {"n": 5, "on": "2024-03-31"}
    assert harness.score(truth, answer, schema).f1 == 1.0
    assert harness.Plan(schema).score(answer, truth).f1 == 1.0


def test_two_models_that_differ_are_told_apart_field_by_field() -> None:
    result = harness.score(ORDER, ORDER.model_copy(update={"total": Decimal("5.01")}), Order)
    assert [(d.path, d.outcome.value) for d in result.diffs] == [
        ("on", "correct"),
        ("total", "wrong_value"),
        ("at", "correct"),
    ]


@pytest.mark.parametrize(
    "nothing",
    [float("nan"), np.float64("nan"), Decimal("NaN"), np.datetime64("NaT")],
    ids=["float", "NumPy", "decimal", "NaT"],
)
def test_nan_is_a_missing_value(nothing: object) -> None:
    truth = {"a": 1, "n": nothing}
    assert harness.score(truth, {"a": 1}).f1 == 1.0
    assert harness.score({"a": 1, "n": 2}, truth).counts.omission == 1
    assert harness.score(truth, {"a": 1, "n": 2}).counts.hallucination == 1


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"a": [b"x"]}, r"a\[0\] is a bytes"),
        ({"a": {"b": object()}}, "a.b is a object"),
        ({"a": float("inf")}, "a is inf"),
        ({(1, 2): "a"}, r"\$ has the key \(1, 2\)"),
        ({1: "a", "1": "b"}, r"\$ has the key '1' twice"),
        ({"a": [len]}, r"a\[0\] is a builtin_function_or_method"),
    ],
)
def test_what_has_no_json_form_gets_one_error_that_names_the_path(value: object, told: str) -> None:
    for expected, predicted, side in ((value, {}, "expected"), ({}, value, "predicted")):
        with pytest.raises(harness.HarnessError, match=f"in the {side} value, {told}") as caught:
            harness.score(expected, predicted)
        assert len(caught.value.problems) == 1


def test_a_value_that_holds_itself_is_refused() -> None:
    loop: list[Any] = [1]
    loop.append(loop)
    with pytest.raises(harness.HarnessError, match=r"a\[1\] refers to itself"):
        harness.score({"a": loop}, {"a": [1]})
    with pytest.raises(harness.HarnessError, match=r"predicted value, a\[1\] refers to itself"):
        harness.score({"a": [1]}, {"a": loop})
    loop.append(date(2024, 3, 31))
    with pytest.raises(harness.HarnessError, match="refers to itself"):
        harness.score({"a": loop}, {"a": [1]})


@pytest.mark.parametrize("rows", [3, 3_000])
@pytest.mark.parametrize("value", [b"x", float("inf")], ids=["bytes", "infinity"])
def test_what_has_no_json_form_is_found_in_any_row_of_either_side(rows: int, value: object) -> None:
    sound: dict[str, Any] = {"rows": [{"n": n + 0.5} for n in range(rows)]}
    odd = {"rows": [*sound["rows"][:-1], {"n": value}]}
    for expected, predicted, side in ((odd, sound, "expected"), (sound, odd, "predicted")):
        told = rf"in the {side} value, rows\[{rows - 1}\]\.n is "
        with pytest.raises(harness.HarnessError, match=told):
            harness.score(expected, predicted)


def test_a_model_is_named_as_its_json_schema_names_it() -> None:
    truth = Aliased(invoiceNumber="A-1")
    result = harness.score(truth, {"invoiceNumber": "A-1"}, Aliased)
    assert (result.f1, [d.path for d in result.diffs]) == (1.0, ["invoiceNumber"])
    wrong = harness.score(truth, {"invoiceNumber": 5}, Aliased)
    assert wrong.counts.format_error == 1
