"""Long documents are asked about some pages at a time, and no answer is lost in the merging."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cases.suite import DocumentReading, Limits
from harness.core.records import (
    Answer,
    Case,
    Document,
    Failure,
    FailureKind,
    StatedPlace,
    Usage,
)
from harness.core.values import Json
from harness.extract.build import build
from harness.extract.chunks import ChunkExtractor, chunks, merged_answer, placed_in_whole
from tests.extract.direct import Direct, spec_for, talk
from tests.extract.server.serving import serving
from tests.extract.shapes import suite

LONG = Case(
    "a",
    (
        Document("a.pdf", "x", "one\f\fthree\ffour\ffive", "/a.pdf", (2, 4)),
        Document("b.txt", "y", "six"),
    ),
    {},
)


def answered(*values: Json) -> Answer | Failure:
    return merged_answer(
        [(f"pages {n}", Answer(value, f"raw {n}")) for n, value in enumerate(values)]
    )


def asked_in_parts(long: Case) -> tuple[Answer, int]:
    """Ask an endpoint about each page of a case; return the one answer, and how often it asked."""
    paged = replace(suite(Path("/suite"), long), reading=DocumentReading(chunk_pages=1))
    with serving() as server:
        extractor = build(spec_for(server), paged)
        assert isinstance(extractor, ChunkExtractor)
        assert extractor.shown()["chunk_pages"] == 1
        calls = Direct(extractor.transport)

        async def ask() -> Answer | Failure:
            try:
                return await extractor.extract_with(long, calls)
            finally:
                await extractor.transport.close()

        answer = asyncio.run(ask())
        assert isinstance(answer, Answer)
        return answer, len(calls.asked)


def test_every_page_is_asked_about_once_with_its_own_number() -> None:
    parts = chunks(LONG, 2)
    assert [
        [(d.name, d.text, d.first_page, d.image_pages) for d in p.documents] for p in parts
    ] == [
        [("a.pdf", "one\f", 1, (2,))],
        [("a.pdf", "three\ffour", 3, (4,))],
        [("a.pdf", "five", 5, ()), ("b.txt", "six", 1, ())],
    ]
    assert {part.id for part in parts} == {"a"}


def test_a_document_that_fits_is_asked_about_as_it_is() -> None:
    assert chunks(LONG, 6) == (LONG,)


def test_lists_are_joined_and_the_first_value_that_says_something_stays() -> None:
    said = answered(
        {"total": None, "lines": [{"n": 1}], "buyer": {"name": ""}},
        {"total": 5, "lines": [{"n": 1}, {"n": 2}], "buyer": {"name": "ACME"}, "note": "x"},
    )
    assert isinstance(said, Answer)
    assert said.value == {
        "total": 5,
        "lines": [{"n": 1}, {"n": 1}, {"n": 2}],
        "buyer": {"name": "ACME"},
        "note": "x",
    }
    assert said.repairs == ("merged 2 parts",)
    assert said.raw == "raw 0\n\f\nraw 1"


def test_parts_that_disagree_are_told() -> None:
    said = answered({"total": 5, "ok": True}, {"total": 6, "ok": True}, {"total": 7, "ok": []})
    assert isinstance(said, Answer)
    assert said.value == {"total": 5, "ok": True}
    assert said.repairs == (
        "merged 3 parts",
        "total: kept 5, pages 1 says 6",
        "total: kept 5, pages 2 says 7",
    )


def test_true_is_not_one_and_a_list_is_no_object() -> None:
    said = answered({"a": 1, "b": [1]}, {"a": True, "b": {"c": 1}})
    assert isinstance(said, Answer)
    assert said.value == {"a": 1, "b": [1]}
    assert len(said.repairs) == 3


def test_a_merged_answer_is_as_sure_of_a_field_as_the_part_that_says_it() -> None:
    first: Json = {"total": 5, "note": None, "rows": [{"v": 1}], "by": None, "at": {"x": 1}}
    later: Json = {
        "total": 6,
        "note": "n",
        "rows": [{"v": 2}, {"v": 3}],
        "by": None,
        "at": {"y": 2},
    }
    sure = [
        {"total": 0.9, "note": 0.8, "rows[0].v": 0.7, "by": 0.6, "at.x": 0.5, "gone": 0.4},
        {
            "total": 0.1,
            "note": 0.2,
            "rows[0].v": 0.3,
            "rows[1].v": 0.35,
            "by": 0.15,
            "at.x": 0.99,
            "at.y": 0.45,
            "gone": 0.95,
        },
    ]
    said = merged_answer(
        [
            (name, Answer(value, confidences=tuple(known.items()), confidence_source="logprobs"))
            for name, value, known in zip("ab", (first, later), sure, strict=True)
        ]
    )
    assert isinstance(said, Answer)
    assert said.confidence_source == "logprobs"
    assert dict(said.confidences) == {
        "total": 0.9,  # what was kept
        "note": 0.2,  # said by the second
        "rows[0].v": 0.7,
        "rows[1].v": 0.3,
        "rows[2].v": 0.35,
        "by": 0.15,  # said by neither
        "at.x": 0.5,
        "at.y": 0.45,
        "gone": 0.4,
    }


def test_parts_without_a_word_take_nothing_from_the_confidences_of_others() -> None:
    sure = (("total", 0.5), ("rows[0]", 0.25))
    said = merged_answer(
        [
            ("a", Answer({})),
            ("b", Answer({"total": 1, "rows": [2]}, confidences=sure, confidence_source="stated")),
            ("c", Answer({"rows": []})),
        ]
    )
    assert isinstance(said, Answer)
    assert (said.confidence_source, said.confidences) == ("stated", sure)


def test_one_part_without_an_answer_leaves_the_case_without() -> None:
    usage = Usage(10, 5, None, 0.5)
    said = merged_answer(
        [
            ("pages 1-2", Answer({}, usage=usage)),
            ("pages 3-4", Failure(FailureKind.REFUSAL, "no", usage=usage)),
        ]
    )
    assert isinstance(said, Failure)
    assert (said.kind, said.message) == (FailureKind.REFUSAL, "pages 3-4: no")
    assert said.usage == Usage(20, 10, None, 1.0), "what was paid is counted"


@pytest.mark.parametrize("numbered", [False, True])
@pytest.mark.parametrize("count", [3, 300])
def test_places_of_parts_are_pages_of_the_whole_document(count: int, numbered: bool) -> None:  # noqa: FBT001
    """Each page holds one row; a model says its page as it counts, or as the file numbers it."""
    case = Case("a", (Document("a.pdf", "x", "\f".join(f"r{n}" for n in range(count))),), {})
    replies: list[tuple[str, Answer | Failure]] = []
    for part in chunks(case, 2):
        (document,) = part.documents
        pages = [
            (f"rows[{at}]", StatedPlace(at + (document.first_page if numbered else 1)))
            for at in range(len(document.pages))
        ]
        answer = Answer({"rows": list(document.pages)}, places=tuple(pages))
        replies.append((document.name, placed_in_whole(answer, part)))
    whole = merged_answer(replies)
    assert isinstance(whole, Answer)
    assert {path: place.page for path, place in whole.places} == {
        f"rows[{at}]": at + 1 for at in range(count)
    }


def test_a_place_goes_with_the_value_that_is_kept_and_not_with_that_of_another_part() -> None:
    told: list[Json] = [
        {"total": {"value": None, "page": 1}, "city": {"value": "Oslo", "page": 1}},
        {"total": {"value": 5, "page": 1}, "city": {"value": "Bergen", "page": 1}},
    ]
    pages = [f"ANSWER {json.dumps(one)}\n" for one in told]
    long = Case("a", (Document("a.txt", "x", "\f".join(pages)),), {"total": 5, "city": "Oslo"})
    answer, _ = asked_in_parts(long)
    assert answer.value == {"total": 5, "city": "Oslo"}
    assert {path: place.page for path, place in answer.places} == {"total": 2, "city": 1}


def test_a_page_that_two_documents_of_a_part_may_mean_is_left_out() -> None:
    part = chunks(LONG, 2)[2]
    places = (("a", StatedPlace(1)), ("b", StatedPlace(1, document="b.txt")))
    answer = placed_in_whole(Answer({"a": 1, "b": 2}, places=places), part)
    assert isinstance(answer, Answer)
    assert answer.places == (("b", StatedPlace(1, document="b.txt")),)


@pytest.mark.parametrize("hostile", ["\f" * 10_000, "{{ x }}\f<script>", "\u202e\f\u0000"])
def test_no_text_is_lost_in_the_cutting(hostile: str) -> None:
    case = Case("a", (Document("a", "x", hostile),), {})
    parts = chunks(case, 3)
    assert "\f".join(part.documents[0].text for part in parts) == hostile


def test_an_endpoint_is_asked_about_each_part_and_the_answers_are_one() -> None:
    pages = [f'ANSWER {{"rent": {rent}, "rooms": [{rent}]}}\n' for rent in ("null", "900", "900")]
    long = Case("a", (Document("a.txt", "x", "\f".join(pages)),), {})
    answer, asked = asked_in_parts(long)
    assert answer.value == {"rent": 900, "rooms": [None, 900, 900]}
    assert asked == 3


def test_a_prompt_over_the_limit_is_never_sent() -> None:
    case = Case("a", (Document("a.txt", "x", "word " * 5_000),), {})
    said = replace(suite(Path("/suite"), case), limits=Limits(input_tokens=100))
    with serving() as server:
        asked = talk(spec_for(server), case, of=said)
        (failure,) = asked.said
        assert isinstance(failure, Failure)
        assert failure.kind is FailureKind.TOO_LONG
        assert asked.calls.asked == []
