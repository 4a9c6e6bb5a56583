"""The matching of entities is the best there is by the rules: as many pairs, then as alike ones."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

import pytest

from harness import Plan
from tests.reference.agreement import allowed
from tests.reference.random_documents import ENTITY_RULES, Example, entity_example


def _copies(value: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a graph so many times over, each time under other names and ids."""
    copies: dict[str, Any] = {"people": [], "events": []}
    for n in range(number):
        for person in copy.deepcopy(value["people"]):
            person["name"] = f"{person['name']} {n}"
            for key in ("id", "parent"):
                if key in person:
                    person[key] = f"{person[key]} {n}"
            copies["people"].append(person)
        for event in copy.deepcopy(value["events"]):
            who = event.get("who")
            event |= {"id": f"{event['id']} {n}", "kind": f"{event.get('kind')} {n}"}
            copies["events"].append({**event, "who": f"{who} {n}"})
    return copies


@pytest.mark.parametrize("number", [1, 1_000])
@pytest.mark.parametrize("seed", [684, 1957, 2137])
def test_many_families_are_matched_as_well_as_one(seed: int, number: int) -> None:
    one = entity_example(Random(seed))
    truth, answer = _copies(one.expected, number), _copies(one.predicted, number)
    plan = Plan(None, ENTITY_RULES)
    best = max(
        sum(count for (_, outcome, _), count in counts if outcome == "correct")
        for counts in allowed(
            Example(_copies(one.expected, 1), _copies(one.predicted, 1), None, one.rules)
        )
    )
    shuffled = {key: Random(number).sample(rows, len(rows)) for key, rows in answer.items()}
    for other in (answer, shuffled):
        result = plan.score(truth, other)
        assert result.counts.correct == number * best
        assert result.approximate == ()
