"""The scorer and a second one, written by somebody who had not read it, say the same."""

from __future__ import annotations

from dataclasses import asdict
from random import Random

from .agreement import allowed, disagrees, is_open, told
from .random_documents import example, shrunk


def test_thousands_of_random_documents_are_judged_as_the_second_scorer_judges_them() -> None:
    compared = 0
    for seed in range(1500):
        one = example(Random(seed))
        if is_open(one):
            continue
        compared += 1
        if disagrees(one):
            small = shrunk(one, lambda e: disagrees(e) and not is_open(e))
            raise AssertionError({"seed": seed, **asdict(small)}, told(small), allowed(small))
    assert compared > 1300
