"""The data block: what the case view is given, and what is left out and said so."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from harness.report import pack as packing
from harness.report.pack import Block, pack
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
    found: list[Any] = unpack(pack([case("a", diffs)], sources))["cases"][0]
    return found


def test_offsets_count_utf_16_units_as_javascript_does() -> None:
    text = "\U0001f600 12"
    span = [{"document": "0.txt", "start": 2, "end": 4}]
    wrong = diff("x", "wrong_value", expected=12, predicted=1, evidence={"expected": span})
    row = only_case([wrong], documents(text))[10][0]
    assert row[5] == [0, 3, 5], "the face takes two units"


def test_a_prediction_equal_to_the_expectation_is_not_repeated() -> None:
    row = only_case([diff("x", "correct", expected="same", predicted="same")], {})[10][0]
    assert row[3:] == ['"same"', 0]


def test_a_correct_prediction_written_differently_is_kept() -> None:
    row = only_case([diff("x", "correct", expected=12, predicted=12.0)], {})[10][0]
    assert row[3:] == ["12", "12.0"]


def test_numbers_keep_digits_that_javascript_would_lose() -> None:
    row = only_case([diff("x", "omission", expected=9007199254740993)], {})[10][0]
    assert row[3] == "9007199254740993"


def test_null_is_a_value_and_absent_is_none() -> None:
    row = only_case([diff("x", "hallucination", predicted=None)], {})[10][0]
    assert row[3:] == [None, "null"]


def test_nowhere_in_the_text_differs_from_nobody_looked() -> None:
    looked = diff("x", "omission", expected=1, evidence={"expected": []})
    rows = only_case([looked, diff("y", "omission", expected=1)], documents("text"))[10]
    assert rows[0][5] == []
    assert len(rows[1]) == 4


def test_evidence_in_an_unknown_document_is_dropped() -> None:
    span = [{"document": "gone.txt", "start": 0, "end": 1}]
    row = only_case([diff("x", "omission", expected=1, evidence={"expected": span})], {})[10][0]
    assert row[5] == []


def test_a_document_over_100_000_characters_is_left_out_and_said_so() -> None:
    kept, left = only_case([], documents("a" * 100_000, "b" * 100_001))[8]
    assert kept[1] == "a" * 100_000
    assert left[1] is None
    assert left[2].replace("\u202f", " ") == (
        "Left out of this page: the document has 100 001 characters, more than 100 000."
    )


def test_documents_beyond_eight_million_characters_are_left_out() -> None:
    found = only_case([], documents(*["a" * 100_000] * 82))[8]
    assert [text is None for _, text, _ in found] == [False] * 80 + [True] * 2
    assert "all texts exceed" in found[80][2]


def test_a_text_that_was_not_kept_says_so() -> None:
    assert only_case([], documents(None))[8] == [["0.txt", None, "The text was not kept."]]


def test_a_reply_too_long_is_left_out_and_said_so() -> None:
    text, note = only_case([], {"a": {"documents": [], "raw": "x" * 100_001}})[9]
    assert text is None
    assert note.startswith("Left out of this page: the reply")


def test_a_long_value_is_cut_and_its_length_said() -> None:
    row = only_case([diff("x", "omission", expected="v" * 30_000)], {})[10][0]
    assert len(row[3]) < packing.LONGEST_VALUE + 60
    assert row[3].endswith("[cut: 30\u202f002 characters in all]"), "with its quotation marks"


def test_lone_surrogates_and_markup_survive_as_json() -> None:
    nasty = "\ud800 </script><!-- \u2028"
    block = pack([case(nasty, [])], {})
    assert "<" not in block.text
    assert block.text.encode("utf-8")
    assert unpack(block)["cases"][0][0] == nasty


def test_a_large_block_is_deflated_and_comes_back_whole() -> None:
    made = large(200)
    block = pack(made.results["cases"], made.sources)
    assert block.encoding == "deflate-raw"
    cases = unpack(block)["cases"]
    assert [one[0] for one in cases] == [one["id"] for one in made.results["cases"]]
    assert cases[7][8][0][1] == made.sources["case-0007"]["documents"][0]["text"]
