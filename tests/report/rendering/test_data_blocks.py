"""The data block: what the case view is given, and what is left out and said so."""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any

import pytest

from harness.report.embedded.long_texts import LONGEST_TEXT
from harness.report.rendering import data_blocks as packing
from harness.report.rendering.data_blocks import PLAIN, Block, pack
from tests.report.fixtures import large
from tests.report.records import Record, case, diff


def unpack(block: Block) -> Any:  # noqa: ANN401  # JSON
    if block.encoding == "json":
        return json.loads(block.text)
    return json.loads(zlib.decompress(base64.b64decode(block.text), -zlib.MAX_WBITS))


def documents(*texts: str | None) -> Record:
    return {"a": {"raw": None, "documents": [
        {"name": f"{place}.txt", "text": text, "note": ""} for place, text in enumerate(texts)
    ]}}  # fmt: skip


def only_case(diffs: list[Record], sources: Record) -> list[Any]:
    found: list[Any] = unpack(pack([case("a", diffs)], sources).chunks[0])["cases"][0]
    return found


ROWS, DOCUMENTS, REPLY = 6, 3, 4
"""Where they stand in a stored case."""


def test_offsets_count_utf_16_units_as_javascript_does() -> None:
    text = "\U0001f600 12"
    span = [{"document": "0.txt", "start": 2, "end": 4}]
    wrong = diff("x", "wrong_value", expected=12, predicted=1, evidence={"expected": span})
    row = only_case([wrong], documents(text))[ROWS][0]
    assert row[4] == [0, 3, 5], "the face takes two units"


def test_a_prediction_equal_to_the_expectation_is_not_repeated() -> None:
    row = only_case([diff("x", "correct", expected="same", predicted="same")], {})[ROWS][0]
    assert row[2:] == ["same", 0]


def test_a_correct_prediction_written_differently_is_kept() -> None:
    row = only_case([diff("x", "correct", expected=12, predicted=12.0)], {})[ROWS][0]
    assert row[2:] == [["12"], ["12.0"]]


def test_numbers_keep_digits_that_javascript_would_lose() -> None:
    row = only_case([diff("x", "omission", expected=9007199254740993)], {})[ROWS][0]
    assert row[2] == ["9007199254740993"]


def test_null_is_a_value_and_absent_is_none() -> None:
    row = only_case([diff("x", "hallucination", predicted=None)], {})[ROWS][0]
    assert row[2:] == [None, ["null"]]


def test_nowhere_in_the_text_differs_from_nobody_looked() -> None:
    looked = diff("x", "omission", expected=1, evidence={"expected": []})
    rows = only_case([looked, diff("y", "omission", expected=1)], documents("text"))[ROWS]
    assert rows[0][4] == []
    assert len(rows[1]) == 3


def test_evidence_in_an_unknown_document_is_dropped() -> None:
    span = [{"document": "gone.txt", "start": 0, "end": 1}]
    gone = diff("x", "omission", expected=1, evidence={"expected": span})
    assert len(only_case([gone], documents("text"))[ROWS][0]) == 3, "not said to stand nowhere"


def test_where_no_text_is_shown_nothing_is_marked() -> None:
    span = [{"document": "0.txt", "start": 0, "end": 1}]
    found = diff("x", "omission", expected=1, evidence={"expected": span})
    assert len(only_case([found], documents(None))[ROWS][0]) == 3


def test_a_document_over_100_000_characters_goes_to_a_file_and_the_page_says_so() -> None:
    packed = pack([case("a", [])], documents("a" * 100_000, "b" * 100_001))
    kept, left = unpack(packed.chunks[0])["cases"][0][DOCUMENTS]
    assert kept[3] is None
    assert packed.beside == {left[3]: "b" * 100_001}
    assert re.fullmatch(r"report-texts/[0-9a-f]{16}\.txt", left[3]), "named by no stranger"
    assert kept[1] == "a" * 100_000
    assert left[1] is None
    assert left[2].replace("\u202f", " ") == (
        "Left out of this page: the document has 100 001 characters, more than 100 000."
    )


@pytest.mark.parametrize("pages", [3, 300])
@pytest.mark.parametrize("filler", ["x", "\U0001f600"])
def test_of_a_long_document_the_parts_around_its_evidence_are_shown_with_their_marks(
    pages: int, filler: str
) -> None:
    sheet = f"{filler * 79}\n" * (1_400 if pages < 10 else 50)
    text = "\f".join(f"{sheet}total {number:03d}\n{sheet}" for number in range(pages))
    starts = [text.index(f"total {number:03d}") + 6 for number in range(pages)]
    rows = [
        diff(f"x[{n}]", "correct", expected="0", predicted="0", evidence=spans(start, start + 3))
        for n, start in enumerate(starts)
    ]
    packed = only_case(rows, documents(text))
    _, shown, note, place = packed[DOCUMENTS][0]
    assert len(shown) <= LONGEST_TEXT + 64
    assert place.startswith("report-texts/")
    assert "here are the parts around the values" in note
    wide = shown.encode("utf-16-le")
    for number, row in enumerate(packed[ROWS]):
        document, start, end = row[4]
        assert wide[2 * start : 2 * end].decode("utf-16-le") == f"{number:03d}", document


def test_places_that_find_no_room_are_counted_and_not_said_to_be_nowhere() -> None:
    text = "\n".join(f"{number:05d} {'x' * 150}" for number in range(3_000))
    starts = [text.index(f"{number:05d} x") for number in range(3_000)]
    rows = [
        diff(f"x[{n}]", "omission", expected="0", evidence=spans(start, start + 5))
        for n, start in enumerate(starts)
    ]
    packed = only_case(rows, documents(text))
    marked = [row for row in packed[ROWS] if len(row) > 4]
    assert 100 < len(marked) < 3_000
    assert all(row[4] for row in marked)
    said = f"{3_000 - len(marked):,} places had no room.".replace(",", "\u202f")
    assert said in packed[DOCUMENTS][0][2]


def spans(start: int, end: int) -> dict[str, list[dict[str, object]]]:
    return {"expected": [{"document": "0.txt", "start": start, "end": end}]}


def test_documents_beyond_eight_million_characters_go_to_files() -> None:
    found = only_case([], documents(*["a" * 100_000] * 82))[DOCUMENTS]
    assert [text is None for _, text, *_ in found] == [False] * 80 + [True] * 2
    assert "all texts exceed" in found[80][2]


def test_a_text_that_was_not_kept_says_so() -> None:
    assert only_case([], documents(None))[DOCUMENTS] == [
        ["0.txt", None, "The text was not kept.", None]
    ]


def test_a_reply_too_long_goes_to_a_file_and_the_page_says_so() -> None:
    text, note, place = only_case([], {"a": {"documents": [], "raw": "x" * 100_001}})[REPLY]
    assert text is None
    assert place.startswith("report-texts/")
    assert note.startswith("Left out of this page: the reply")


def test_a_long_value_is_cut_and_its_length_said() -> None:
    row = only_case([diff("x", "omission", expected="v" * 30_000)], {})[ROWS][0]
    assert len(row[2][0]) < packing.LONGEST_VALUE + 60
    assert row[2][0].endswith("[cut: 30\u202f002 characters in all]"), "with its quotation marks"


def test_lone_surrogates_and_markup_survive_as_json() -> None:
    nasty = "\ud800 </script><!-- \u2028"
    block = pack([case(nasty, [])], {}).index
    assert "<" not in block.text
    assert block.text.encode("utf-8")
    assert unpack(block)["cases"][0][0] == nasty


def test_large_chunks_are_deflated_and_come_back_whole() -> None:
    made = large(450)
    packed = pack(made.results["cases"], made.sources)
    assert [len(unpack(chunk)["cases"]) for chunk in packed.chunks] == [200, 200, 50]
    assert packed.chunks[0].encoding == "deflate-raw"
    listed = unpack(packed.index)["cases"]
    assert [one[0] for one in listed] == [one["id"] for one in made.results["cases"]]
    kept = unpack(packed.chunks[1])["cases"][7]
    assert kept[DOCUMENTS][0][1] == made.sources["case-0207"]["documents"][0]["text"]


@pytest.mark.parametrize("cases", [3, 3_000])
def test_many_chunks_that_are_short_each_do_not_make_a_long_page(cases: int) -> None:
    values = [diff(f"f{n}", "correct", expected=f"v {n}", predicted=f"v {n}") for n in range(9)]
    packed = pack([case(f"case-{number}", values) for number in range(cases)], {})
    plain = [len(chunk.text) for chunk in packed.chunks if chunk.encoding == "json"]
    assert sum(plain) <= PLAIN
    assert max(len(str(unpack(chunk))) for chunk in packed.chunks) <= PLAIN, "each alone is short"
    assert (len(plain) == len(packed.chunks)) == (cases == 3)


def test_the_index_names_each_wrong_field_and_outcome_once() -> None:
    rows = [
        diff("a[0].x", "omission", expected=1) | {"field": "a[].x"},
        diff("a[1].x", "omission", expected=2) | {"field": "a[].x"},
        diff("y", "correct", expected=1, predicted=1),
    ]
    index = unpack(pack([case("a", rows)], {}).index)
    name, outcome = index["cases"][0][7]
    assert index["strings"][name] == "a[].x"
    assert index["verdicts"][outcome][2] == "omission"


def test_every_answer_to_a_case_keeps_its_own_reply_and_reasons() -> None:
    wrong = diff("x", "wrong_value", expected=1, predicted=2)
    reasoned = {**wrong, "why": ["It is 2."]}
    cases = [case("a", [wrong], replicate=1, seconds=2.5), case("a", [reasoned], replicate=2)]
    source: Record = {"documents": [], "replies": {1: "one", 2: "two"}}
    chunk = unpack(pack(cases, {"a": source}).chunks[0])
    first, second = chunk["cases"]
    assert [first[REPLY][0], second[REPLY][0]] == ["one", "two"]
    assert [first[5], second[5]] == [["2.5 s"], []]
    assert [chunk["strings"][place] for place in second[ROWS][0][-1]] == ["It is 2."]
