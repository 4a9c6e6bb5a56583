"""Documents of any shape and any values, with schemas and rules of every kind, and their laws."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, TypeAlias

import harness
from harness.core.rules.rule_settings import COMPARATORS

from .metamorphic import shuffled, turned

Json: TypeAlias = Any
Shape: TypeAlias = tuple[str, Any]
"""`scalar` with its schema, `object` with its keys, `list` or `map` with what they hold."""
Verdicts: TypeAlias = "Counter[tuple[str, bool]]"

TEXTS: Final = (
    *("Acme", "ACME", "Acme, Corp.", "n/a", "-", "none", "N/A", "unknown", "#", "--", "a\nb", "0"),
    *("5 kg", "3 g", "$5", "\u20ac5", "12 %", "1,234.50", "1.234,50", "(12)", "10\u00b2", "5M"),
    *("2024-03-31", "31 March 2024", "01/02/2024", "2024-03-31T10:00:00Z", "March 2024", "2020"),
    *("2024-03-31T12:00:00+02:00", "2024-03-31T10:00:00", "P1D", "90 minutes", "1:30:00", "359"),
    *("yes", "no", "true", "007", "7", "-0", "INV-10/45", "inv1045", "5.0", "1e3", "\u00bd", "<5"),
    *("\u05d0\u05d1\u200f", "caf\u00e9", "cafe\u0301", "\uff21\uff22", "\u00df", "ss", "\u200b"),
    *("  ", "a; b", "b; a", '["a"]', '{"a": 1}', "x" * 80, "A+", "A-", "1e-400", "5 KG", "null"),
)
NUMBERS: Final = (
    *(0, -0.0, 1, 1.0, -1, 5, 5.0, 0.1, 0.1 + 0.2, 0.3, 1e-300, 1e300, 10**30, 2**53, 2**53 + 1),
    *(12345678.9, 12345678.91, 359, 360, -5, 100, 0.05),
)
BLANKS: Final[tuple[Json, ...]] = (None, "", [], {}, [None], {"q": None}, [[]], [{}], {"q": []})
SCALARS: Final[tuple[Json, ...]] = (
    *({"type": kind} for kind in ("string", "number", "integer", "boolean")),
    *({"type": "string", "format": name} for name in ("date", "date-time", "duration")),
    *({"enum": ["Acme", "ACME", "n/a", None]}, {"enum": [1, "1", True]}, {"const": "Acme"}, {}),
    *(
        {"type": ["string", "null"]},
        {"type": ["string", "number"]},
        {"type": "number", "minimum": 0},
    ),
    *({"type": "string", "pattern": "^[A-Z]"}, {"type": "string", "maxLength": 3}),
)
SETTINGS: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    "text": ({"threshold": 0.8}, {"threshold": 0.5, "similarity": "token_set", "bound": ">"}),
    "number": ({"absolute": 0.5}, {"relative": 0.1}, {"decimal": ","}, {"percent": True}),
    "money": ({"currency": "USD"}, {"absolute": 0.5}),
    "date": ({"date_order": "dmy"}, {"days": 2}, {"precision": "month"}),
    "datetime": ({"timezone": "+02:00"}, {"days": 2}),
    "set": ({"threshold": 0.5},),
    "bag": ({"threshold": 0.5},),
}
BLANK_RULES: Final[tuple[dict[str, Any], ...]] = (
    {"placeholders": ["n/a", "-"]},
    *({"blank": said} for said in ([], ["missing"], ["missing", "null"])),
)


@dataclass(slots=True)
class Wild:
    """A generator of one kind of document: its shape, schema, rules and values."""

    rng: Random
    rules: dict[str, Any] = field(default_factory=dict)
    definitions: dict[str, Json] = field(default_factory=dict)

    def rule(self) -> dict[str, Any]:
        """Return a rule of any comparator."""
        name = self.rng.choice(COMPARATORS)
        chosen = self.rng.choice((*SETTINGS.get(name, ()), {}))
        blank = self.rng.choice((*BLANK_RULES, {}, {}, {}, {}, {}))
        return {"compare": name, **chosen, **blank}

    def shape(self, depth: int, path: str) -> Shape:
        """Return what stands at a path, and note the rules for it."""
        luck = self.rng.random()
        if not depth or luck < 0.45:
            if self.rng.random() < 0.7:
                self.rules[path] = self.rule()
            one = self.rng.choice(SCALARS)
            union = {self.rng.choice(("anyOf", "oneOf")): [one, self.rng.choice(SCALARS)]}
            return "scalar", one if self.rng.random() < 0.6 else union
        if luck < 0.7:
            keys = self.rng.sample(("a", "b", "c", "id", "name"), self.rng.randint(1, 4))
            named = {key: self.shape(depth - 1, f"{path}.{key}" if path else key) for key in keys}
            return "object", named
        kind, step = ("list", "[]") if luck < 0.93 else ("map", "{}")
        align = self.rng.choice((*[None] * 6, "best"))
        if path and align:
            self.rules[path] = {"align": align}
        return kind, self.shape(depth - 1, path + step)

    def schema(self, shape: Shape) -> Json:
        """Return the schema of a shape, behind a reference or in a union now and then."""
        kind, held = shape
        if kind == "scalar":
            found = held
        elif kind == "object":
            named = {key: self.schema(child) for key, child in held.items()}
            found = {"type": "object", "properties": named}
        elif kind == "list":
            found = {"type": "array", "items": self.schema(held)}
        else:
            found = {"type": "object", "additionalProperties": self.schema(held)}
        luck = self.rng.random()
        if luck < 0.1:
            return {"allOf": [found]}
        if luck < 0.25:
            return {"anyOf": [found, {"type": "null"}]}
        if luck < 0.35:
            name = f"d{len(self.definitions)}"
            self.definitions[name] = found
            return {"$ref": f"#/$defs/{name}"}
        return found

    def scalar(self) -> Json:
        """Return any scalar."""
        kinds: tuple[tuple[Json, ...], ...] = (TEXTS, TEXTS, TEXTS, NUMBERS, (True, False, None))
        return self.rng.choice(self.rng.choice(kinds))

    def value(self, shape: Shape) -> Json:
        """Return a value of a shape, or of another one now and then."""
        kind, held = shape
        if self.rng.random() < 0.08:
            return copy.deepcopy(self.rng.choice(BLANKS))
        if kind == "scalar" or self.rng.random() < 0.03:
            return self.scalar()
        if kind == "object":
            return {k: self.value(child) for k, child in held.items() if self.rng.random() < 0.8}
        if kind == "list":
            return [self.value(held) for _ in range(self.rng.choice((0, 1, 2, 3, 3, 5, 7)))]
        keys = self.rng.sample(("p", "q", "\u00fc", "a b", "m1"), self.rng.randint(0, 3))
        return {key: self.value(held) for key in keys}

    def damaged(self, value: Json) -> Json:
        """Return a value as an extractor might give it."""
        if self.rng.random() < 0.1:
            return self.scalar()
        if isinstance(value, dict):
            return {k: self.damaged(v) for k, v in value.items() if self.rng.random() < 0.93}
        if isinstance(value, list):
            kept = [self.damaged(v) for v in value if self.rng.random() < 0.92]
            return kept if self.rng.random() < 0.7 else self.rng.sample(kept, len(kept))
        return value


def broken_wild_laws(seed: int) -> list[str]:
    """Return the laws that a document drawn by a seed breaks, each with what was given."""
    wild = Wild(Random(seed))
    shape = "object", {key: wild.shape(3, key) for key in ("u", "v")}
    schema = None
    if seed % 2:
        named = {key: wild.schema(child) for key, child in shape[1].items()}
        schema = {"type": "object", "properties": named, "$defs": wild.definitions}
    truth = {key: wild.value(child) for key, child in shape[1].items()}
    answer = {key: wild.damaged(value) for key, value in truth.items()}
    plan = harness.Plan(schema, wild.rules)

    def verdicts(expected: Json, predicted: Json) -> Verdicts:
        found = plan.score(expected, predicted)
        return Counter((str(d.outcome), d.value_equal) for d in found.diffs)

    count = verdicts(truth, {}).total()
    itself, given = Counter({("correct", False): count}) - Counter(), verdicts(truth, answer)
    said = given.total() - given["hallucination", False]
    rng = wild.rng
    laws = {
        "an empty answer omits": set(verdicts(truth, {})) <= {("omission", False)},
        "an empty truth is made up": verdicts({}, truth)
        == Counter({("hallucination", False): count} if count else {}),
        "identity": verdicts(truth, copy.deepcopy(truth)) == itself,
        "identity in another order": verdicts(truth, shuffled(truth, rng)) == itself,
        "every truth once": said == count,
        "keys in another order": verdicts(truth, turned(answer, rng)) == given,
        "items in another order": verdicts(truth, shuffled(answer, rng)) == given,
        "truths in another order": verdicts(shuffled(truth, rng), answer) == given,
    }
    return [law for law, holds in laws.items() if not holds]
