"""Whether the scorer and the second one say the same of a document."""

from __future__ import annotations

from collections import Counter

import harness
from harness.errors import HarnessError

from .brute_force import BruteForce, Counts
from .random_documents import Example, Json


def is_open(example: Example) -> bool:
    """Return whether the rules leave open what an example shows.

    Events that lie a day apart and name nobody are paired in their order.
    """
    if not any(rule.get("align") == "entity" for rule in example.rules.values()):
        return False
    sides = (example.expected, example.predicted)
    return any("who" not in e for side in sides for e in side.get("events", ()))


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


def as_maps(example: Example) -> Example:
    """Return an example of entities whose collections are maps, the ids being their keys."""
    names = [name for name, rule in example.rules.items() if rule.get("align") == "entity"]

    def whole(value: Json) -> Json:
        return value | {
            name: {row["id"]: {k: v for k, v in row.items() if k != "id"} for row in value[name]}
            for name in names
        }

    rules = {name.replace("[]", "{}"): rule for name, rule in example.rules.items()}
    return Example(whole(example.expected), whole(example.predicted), None, rules)


def told_of_maps(example: Example) -> Counts:
    """Return how often the scorer gives each verdict of a graph written as maps, as of lists."""
    found = told(as_maps(example))
    return tuple(sorted(((n.replace("{}", "[]"), o, same), count) for (n, o, same), count in found))
