"""Vote shares: who agrees with whom is the scorer's own judgement."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.core.differ.plan import Plan
from harness.core.rules.field_rule import parse_rules
from harness.core.scores.replicate_agreement import vote_shares
from harness.core.values import Json

SCHEMA: Json = {
    "type": "object",
    "properties": {"date": {"type": "string", "format": "date"}, "rows": {"type": "array"}},
}
flat = st.dictionaries(
    st.sampled_from("abc"), st.sampled_from([1, 2, "x", None]), min_size=1, max_size=3
)


def test_what_the_scorer_takes_for_one_is_one_vote() -> None:
    plan = Plan(SCHEMA, parse_rules({"name": {"threshold": 0.8}}))
    answers: list[Json] = [
        {"date": "2024-05-01", "name": "Harbour Works Ltd"},
        {"date": "2024-05-01", "name": "Harbour Works Ltd."},
        {"date": "2024-05-02", "name": "Somebody Else"},
    ]
    first, _, third = vote_shares(answers, plan)
    assert dict(first) == {"date": 0.666667, "name": 0.666667}
    assert dict(third) == {"date": 0.333333, "name": 0.333333}


def test_the_order_of_a_list_takes_no_votes() -> None:
    answers: list[Json] = [{"rows": [{"n": 1}, {"n": 2}]}, {"rows": [{"n": 2}, {"n": 1}]}]
    for shares in vote_shares(answers, Plan(SCHEMA)):
        assert set(dict(shares).values()) == {1.0}


@given(st.lists(flat, min_size=1, max_size=4))
def test_every_answer_votes_for_itself_and_no_share_is_over_one(answers: list[Json]) -> None:
    plan = Plan()
    for answer, shares in zip(answers, vote_shares(answers, plan), strict=True):
        found = dict(shares)
        assert all(1 / len(answers) <= share + 1e-6 <= 1.000001 for share in found.values())
        stated = {key for key, value in dict(answer).items() if value is not None}  # type: ignore[arg-type]  # flat answers
        assert stated <= found.keys()


@given(flat, st.integers(1, 4))
def test_equal_answers_agree_on_everything(answer: Json, count: int) -> None:
    for shares in vote_shares([answer] * count, Plan()):
        assert all(share == 1.0 for _, share in shares)
