"""Whether the scorer and the second one say the same of a document."""

from __future__ import annotations

import json
import re
from collections import Counter

import harness
from harness.errors import HarnessError

from .brute_force import BruteForce, Counts
from .random_documents import Example


def is_open(example: Example) -> bool:
    """Return whether the rules leave open what an example shows, or a known fault does.

    Of namesakes that one side has more of, the scorer keeps those that others refer to, the second
    one those whose fields agree. Where a rule makes white space a value and the truth has nothing
    there, `blank` and "absent on both sides" say two things. Events that lie a day apart and name
    nobody are paired in their order.
    """
    if any("blank" in rule for rule in example.rules.values()):
        return bool(re.search(r'" ?"', json.dumps([example.expected, example.predicted])))
    if not any(rule.get("align") == "entity" for rule in example.rules.values()):
        return False
    sides = (example.expected, example.predicted)
    names, other = (Counter(p.get("name") for p in side.get("people", ())) for side in sides)
    more = any(names[n] != other[n] and max(names[n], other[n]) > 1 for n in names | other)
    return more or any("who" not in e for side in sides for e in side.get("events", ()))


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
