"""Laws hold for documents of any shape, with values, schemas and rules of every kind."""

from __future__ import annotations

import pytest

from .wild_documents import broken_wild_laws


@pytest.mark.parametrize("seed", range(0, 400, 40))
def test_documents_of_any_shape_keep_the_laws_under_any_schema_and_rules(seed: int) -> None:
    broken = {number: broken_wild_laws(number) for number in range(seed, seed + 40)}
    assert {number: laws for number, laws in broken.items() if laws} == {}
