"""Evidence and tags are what a person signed who read the documents."""

from __future__ import annotations

from .judged_set import by_tag, judged_places, judged_tags


def test_values_are_found_where_a_person_who_read_the_receipts_finds_them() -> None:
    judged = judged_places()
    wrong = [one for one in judged if not one.agrees]
    assert len(judged) > 300
    assert len(wrong) <= 0.02 * len(judged), wrong


def test_fields_bear_the_tags_that_a_person_gave_them() -> None:
    judged = judged_tags()
    below = {tag: n for tag, n in by_tag(judged).items() if n[0] < 0.95 * n[1]}
    assert not below, [one for one in judged if not one.agrees]
