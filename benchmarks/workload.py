"""Seeded documents with planted mistakes: flat records, nested invoices, long lists.

Every mistake is counted as it is planted, so a workload is also the oracle of what must be found.
"""

from __future__ import annotations

import copy
import datetime as dt
import random
import string
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

Record = dict[str, Any]
Planted = Counter[str]
"""How many fields are `correct`, or of each kind of mistake."""

OMITTED: Final = 0.05
MISTYPED: Final = 0.03
WRONG: Final = 0.07
INVENTED: Final = 0.03
REFORMATTED: Final = 0.25
HALF: Final = 0.5
CHANGED: Final = 0.10
"""Share of the long list's cells that are changed."""


@dataclass(frozen=True)
class Case:
    """A truth, a prediction of it, and what is wrong with that."""

    expected: Record
    predicted: Record
    planted: Planted


@dataclass(frozen=True)
class Workload:
    """Cases of one shape, with the schema both sides follow."""

    name: str
    schema: Record
    cases: list[Case]


def _word(draw: random.Random, size: int) -> str:
    return "".join(draw.choices(string.ascii_lowercase, k=size))


def _text(draw: random.Random) -> str:
    words = [_word(draw, draw.randint(3, 9)).capitalize() for _ in range(draw.randint(2, 5))]
    return " ".join(words)


def _date(draw: random.Random) -> str:
    return (dt.date(2015, 1, 1) + dt.timedelta(draw.randint(0, 4000))).isoformat()


def _identifier(draw: random.Random) -> str:
    return f"{_word(draw, 3).upper()}-{draw.randint(1000, 99999)}"


_MAKERS: Final[dict[str, Callable[[random.Random], Any]]] = {
    "text": _text,
    "id": _identifier,
    "date": _date,
    "amount": lambda draw: round(draw.uniform(1, 90_000), 2),
    "count": lambda draw: draw.randint(1, 12),
    "flag": lambda draw: draw.random() < 0.5,
    "unit": lambda draw: draw.choice(["pcs", "kg", "m", "h"]),
}
_SCHEMAS: Final[dict[str, Record]] = {
    "text": {"type": "string"},
    "id": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "amount": {"type": "number"},
    "count": {"type": "integer"},
    "flag": {"type": "boolean"},
    "unit": {"type": "string", "enum": ["pcs", "kg", "m", "h"]},
}
FLAT: Final = ["text"] * 8 + ["id"] * 3 + ["date"] * 3 + ["amount"] * 3 + ["count", "flag", "unit"]
HEADER: Final = ["text"] * 5 + ["id"] * 2 + ["date"] * 2 + ["amount"] * 2 + ["unit"]
ITEM: Final = ["id", "text", "count", "unit", "amount", "amount"]
ROW: Final = ["id", "text", "date", "count", "amount"]


def _record(draw: random.Random, kinds: Sequence[str]) -> Record:
    return {f"{kind}_{n}": _MAKERS[kind](draw) for n, kind in enumerate(kinds)}


def _schema(kinds: Sequence[str]) -> Record:
    properties = {f"{kind}_{n}": _SCHEMAS[kind] for n, kind in enumerate(kinds)}
    return {"type": "object", "properties": properties}


def _other(draw: random.Random, kind: str, value: Any) -> Any:  # noqa: ANN401  # any JSON
    """Return another value of the same kind, never the same one."""
    while True:
        other = _MAKERS[kind](draw)
        if other != value:
            return other


def _reformatted(draw: random.Random, kind: str, value: Any) -> Any:  # noqa: ANN401  # any JSON
    if kind in ("text", "id"):
        return draw.choice([value.upper(), value.replace(" ", "  "), value.lower()])
    return float(value) if kind == "count" else value


def _framed(draw: random.Random, value: Any) -> Any:  # noqa: ANN401  # any JSON
    """Return a value as models send it that answer a question of their own."""
    return draw.choice([{"value": value}, [value], ["n/a"]])


def _mistyped(kind: str, value: Any) -> Any:  # noqa: ANN401  # any JSON
    if kind == "date":
        year, month, day = value.split("-")
        return f"{day}. {month}. {year}"
    return f"about {value}" if kind in ("amount", "count", "flag") else 12345


class _Spoiler:
    """Copies records with mistakes in them and keeps count; `typed` plants none of format.

    `framed` wraps half of the mistyped values in lists and objects.
    """

    def __init__(self, draw: random.Random, *, typed: bool, framed: bool = False) -> None:
        self.draw = draw
        self.typed = typed
        self.framed = framed
        self.planted = Planted()

    def record(self, truth: Record, kinds: Sequence[str]) -> tuple[Record, Record]:
        """Return truth and prediction; the truth lacks what the prediction invents."""
        known, said = dict(truth), {}
        for kind, (key, value) in zip(kinds, truth.items(), strict=True):
            outcome = self._outcome()
            self.planted[outcome] += 1
            if outcome == "hallucination":
                del known[key]
            if outcome == "format_error":
                wraps = self.framed and self.draw.random() < HALF
                said[key] = _framed(self.draw, value) if wraps else _mistyped(kind, value)
            elif outcome == "wrong_value":
                said[key] = _other(self.draw, kind, value)
            elif outcome != "omission":
                harmless = not self.typed and self.draw.random() < REFORMATTED
                said[key] = _reformatted(self.draw, kind, value) if harmless else value
        return known, said

    def _outcome(self) -> str:
        names = ("omission", "format_error", "wrong_value", "hallucination")
        shares = (OMITTED, 0.0 if self.typed else MISTYPED, WRONG, INVENTED)
        return self.draw.choices((*names, "correct"), (*shares, 1 - sum(shares)))[0]

    def items(self, truths: Sequence[Record], kinds: Sequence[str]) -> tuple[list[Record], ...]:
        """Return expected and predicted items: some left out, some made up, all shuffled."""
        expected, predicted = [], []
        for truth in truths:
            if self.draw.random() < OMITTED:
                expected.append(truth)
                self.planted["omission"] += len(truth)
                continue
            known, said = self.record(truth, kinds)
            expected.append(known)
            predicted.append(said)
        for _ in truths:
            if self.draw.random() < INVENTED:
                predicted.append(_record(self.draw, kinds))
                self.planted["hallucination"] += len(kinds)
        self.draw.shuffle(predicted)
        return expected, predicted


def flat(cases: int, seed: int = 1, *, typed: bool = False) -> Workload:
    """Return records of 20 scalars, about 1.2 kB a pair."""
    draw = random.Random(seed)
    made = []
    for _ in range(cases):
        spoiler = _Spoiler(draw, typed=typed)
        known, said = spoiler.record(_record(draw, FLAT), FLAT)
        made.append(Case(known, said, spoiler.planted))
    return Workload("flat, typed" if typed else "flat", _schema(FLAT), made)


def nested(
    cases: int,
    seed: int = 2,
    *,
    typed: bool = False,
    framed: bool = False,
    items: tuple[int, int] = (5, 40),
) -> Workload:
    """Return invoices: 12 header fields and shuffled, dropped and added items of 6 fields."""
    draw = random.Random(seed)
    made = []
    for _ in range(cases):
        spoiler = _Spoiler(draw, typed=typed, framed=framed)
        known, said = spoiler.record(_record(draw, HEADER), HEADER)
        rows = [_record(draw, ITEM) for _ in range(draw.randint(*items))]
        expected, predicted = spoiler.items(rows, ITEM)
        case = Case(known | {"items": expected}, said | {"items": predicted}, spoiler.planted)
        made.append(case)
    schema = _schema(HEADER)
    schema["properties"]["items"] = {"type": "array", "items": _schema(ITEM)}
    return Workload("nested, typed" if typed else "nested", schema, made)


def long_list(rows: int, seed: int = 3) -> Workload:
    """Return one list of shuffled rows x 5 columns with a tenth of the cells changed."""
    draw = random.Random(seed)
    truth = [_record(draw, ROW) for _ in range(rows)]
    found = copy.deepcopy(truth)
    planted = Planted()
    for row in found:
        for kind, key in zip(ROW, row, strict=True):
            changed = draw.random() < CHANGED
            planted["wrong_value" if changed else "correct"] += 1
            if changed:
                row[key] = _other(draw, kind, row[key])
    draw.shuffle(found)
    schema = {
        "type": "object",
        "properties": {"rows": {"type": "array", "items": _schema(ROW)}},
    }
    return Workload("long list", schema, [Case({"rows": truth}, {"rows": found}, planted)])
