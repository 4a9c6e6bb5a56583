"""Laws that hold for small documents hold for large ones."""

from __future__ import annotations

import pytest

from .metamorphic import broken_graph_laws, broken_laws


@pytest.mark.parametrize(("seed", "rows"), [(s, s % 5) for s in range(40)] + [(1, 30), (2, 150)])
def test_no_change_of_order_spelling_or_blanks_changes_what_a_table_scores(
    seed: int, rows: int
) -> None:
    assert broken_laws(seed, rows) == []


@pytest.mark.parametrize(("seed", "people"), [(s, 1 + s % 6) for s in range(40)] + [(2, 60)])
def test_a_graph_under_other_ids_is_itself(seed: int, people: int) -> None:
    assert broken_graph_laws(seed, people) == []
