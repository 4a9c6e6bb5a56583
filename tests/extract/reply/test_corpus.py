"""The reader agrees with a careful person on a corpus of messy replies."""

from __future__ import annotations

import pytest

from harness.cases.suite import Limits
from harness.core.records import Failure, FailureKind
from harness.extract.reply.read_reply import read_reply
from tests.extract.reply.corpus import MessyReply, Outcome, corpus, outcome

REPLIES = tuple(corpus())
REASONING = [each for each in REPLIES if each.kind == "reasoning never ends"]
INNER = [each for each in REPLIES if "inner object whole" in each.kind]
LINES = 3_000


def test_the_corpus_is_large_and_no_reply_of_it_is_read_wrongly() -> None:
    assert len(REPLIES) >= 200
    assert [each.name for each in REPLIES if outcome(each) is Outcome.WRONG] == []


def test_hardly_a_reply_is_refused_where_a_person_reads_it() -> None:
    refused = [each.name for each in REPLIES if outcome(each) is Outcome.REFUSED]
    literals = [name for name in refused if name.startswith("Python and JavaScript")]
    assert len(literals) == 3
    assert len(refused) - len(literals) <= 2


def test_a_reply_that_ends_inside_any_family_of_reasoning_is_truncated() -> None:
    found = [read_reply(each.text, Limits()) for each in REASONING]
    kinds = {each.kind for each in found if isinstance(each, Failure)}
    assert kinds <= {FailureKind.TRUNCATED, FailureKind.EMPTY}
    assert len([each for each in found if isinstance(each, Failure)]) == len(REASONING)


@pytest.mark.parametrize("reply", INNER[:: max(1, len(INNER) // 12)], ids=lambda each: each.name)
def test_an_inner_object_is_no_answer_however_long_the_outer_one_is(reply: MessyReply) -> None:
    inner = '{"city": "Bonn", "zip": "53111"}'
    many = "[" + ", ".join(inner for _ in range(LINES)) + "]"
    assert isinstance(read_reply(reply.text.replace(inner, many), Limits()), Failure)


@pytest.mark.parametrize(
    "piece", ["<think>", "</think>", "[THINK]a", "{</think>", '{"a": "</think>']
)
def test_half_a_megabyte_of_marks_ends_soon(piece: str) -> None:
    assert isinstance(read_reply(piece * (500_000 // len(piece)), Limits()), Failure)
