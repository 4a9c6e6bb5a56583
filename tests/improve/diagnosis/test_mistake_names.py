"""The same mistake has the same name, whatever the values."""

from __future__ import annotations

import pytest

from harness.core.values import Json
from harness.improve.diagnosis.mistakes import WORDS, Mistake
from tests.improve.exams import analysis, by_mistake, only

DATE: Json = {"type": "object", "properties": {"v": {"type": "string", "format": "date"}}}
CHOICE: Json = {"type": "object", "properties": {"v": {"enum": ["up", "down"]}}}


@pytest.mark.parametrize(
    ("expected", "predicted", "mistake", "says"),
    [
        (12, "12", "number_as_text", "a number is written as text"),
        (1234, "1,234", "number_as_text", "a number is written as text"),
        (1234.5, "$1,234.50", "number_as_text", "a number is written as text, with its currency"),
        (38.4, "38.4 kg", "number_as_text", "a number is written as text, with its unit"),
        ("0012", 12, "text_as_number", None),
        (1200, 1.2, "scale", "the number is 1000 times too small"),
        (1, 100, "scale", "the number is 100 times too large"),
        (18378, 18.4, "scale", "the number is 1000 times too small"),
        (25, -25, "sign", None),
        (1234.5, "1.234,5", "decimal_mark", None),
        (48213, 48231, "digit_slip", None),
        (48213, 97, "not_in_document", None),
        ("GBP", "\u00a3", "currency_form", "a currency is not written as its code"),
        ("\u20ac", "EUR", "currency_form", "a currency is not written as the truth has it"),
        ("GBP", "$", "not_in_document", None),
        ("Acme Corp.", "ACME corp", "punctuation", None),
        ("Acme Corp", "Acme", "end_lost", None),
        ("Acme Corp", "Corp", "start_lost", None),
        ("The Acme Corp", "Acme", "part_lost", None),
        ("Acme Corporation", "Acme Corp", "truncated", None),
        ("Acme", "Acme of Oslo", "text_added", "more text than the value is given, after it"),
        ("Jane Mary Roe", "Roe, Jane Mary", "reordered_words", None),
        ("Jonathan Smithers", "Jonathon Smithers", "near_miss", None),
        ("Oslo", "Bergen", "other_candidate", None),
        ("Oslo", "Turku", "not_in_document", None),
        ("Oslo", "N/A", "placeholder", None),
        ("Oslo", None, "null", None),
        ("Oslo", " ", "blank", None),
        ("Oslo", ["Oslo"], "wrapped", None),
        (["Oslo"], "Oslo", "unwrapped", None),
        (7, {"value": 7}, "other_type", "an object stands where a number is expected"),
        (False, "no", "other_type", "a string stands where a boolean is expected"),
        (True, False, "confused", "`false` for `true` is said"),
        (None, "Turku", "invented", None),
        (None, "Bergen", "beyond_truth", None),
        (None, 0, "default", "`0` is given where the truth has nothing"),
    ],
)
def test_a_wrong_value_is_told_by_what_is_wrong_with_it(
    expected: Json, predicted: Json, mistake: str, says: str | None
) -> None:
    found = only(({"v": expected}, {"v": predicted}), text="From Bergen to Oslo.")
    assert found.signature.mistake == mistake
    assert says is None or found.signature.says == says


@pytest.mark.parametrize(
    ("expected", "predicted", "mistake", "says"),
    [
        ("2024-03-31", "31/03/2024", "date_format", "a date is not written `YYYY-MM-DD`"),
        ("2024-03-31", "March 31, 2024", "date_format", "a date is not written `YYYY-MM-DD`"),
        ("2024-03-03", "3rd Mar. 2024", "date_format", "a date is not written `YYYY-MM-DD`"),
        ("2024-03-05", "2024-05-03", "day_and_month", "day and month"),
        ("2024-03-05", "2022-03-05", "digit_slip", "digit"),
    ],
)
def test_a_date_is_told_by_how_it_is_written(
    expected: str, predicted: str, mistake: str, says: str
) -> None:
    found = only(({"v": expected}, {"v": predicted}), DATE, text="Signed.")
    assert found.signature.mistake == mistake
    assert says in found.signature.says


def test_a_date_in_a_field_of_text_is_a_date_all_the_same() -> None:
    found = only(({"v": "2026-05-05"}, {"v": "May 5, 2026"}), text="Written on May 5, 2026.")
    assert found.signature.says == "a date is not written `YYYY-MM-DD`"
    other = only(({"v": "2026-05-19"}, {"v": "2 June 2026"}), text="19 May. Pay by 2 June 2026.")
    assert other.signature.mistake == "other_candidate"


def test_dates_in_several_wrong_formats_are_one_mistake() -> None:
    said: list[Json] = [{"v": "March 31, 2024"}, {"v": "31/03/2024"}, {"v": "31 Mar 2024"}]
    (cluster,) = analysis([({"v": "2024-03-31"}, each) for each in said], DATE).clusters
    assert len(cluster.rows) == 3


def test_choices_are_told_by_what_is_said_for_what() -> None:
    found = only(({"v": "up"}, {"v": "down"}), CHOICE)
    assert found.signature.says == '`"down"` for `"up"` is said'


def test_the_value_of_another_field_names_that_field() -> None:
    truth: Json = {"seller": "Acme", "buyer": "Globex"}
    found = by_mistake(analysis([(truth, {"seller": "Globex", "buyer": "Globex"})]))
    assert found["other_field"].field == "seller"
    assert found["other_field"].signature.says == "the value of `buyer` is given"


def test_a_renamed_key_is_one_mistake_with_two_errors() -> None:
    found = only(({"built_year": 1936}, {"year_built": 1936}))
    assert found.signature.says == "the value stands under the key `year_built`"
    assert (found.errors, len(found.rows), found.headroom) == (2, 1, 1.0)


MAP: Json = {"type": "object", "additionalProperties": {"type": "number"}}
SITES: Json = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "properties": {"mass": {"type": "number"}, "unit": {"type": "string"}},
    },
}
ROWS: Json = {
    "type": "array",
    "items": {"type": "object", "properties": {"id": {"type": "string"}, "m": MAP}},
}


@pytest.mark.parametrize(
    ("expected", "predicted", "says"),
    [
        ({"net sales": 51, "tax": 13}, {"Net_Sales": 51, "tax": 13}, "spelled in another way"),
        ({"net sales": 51, "tax": 13}, {"revenue": 51, "tax": 13}, "another one"),
        ({"net sales": 5, "tax": 13}, {"net-sales": 5, "tax": 13}, "spelled in another way"),
    ],
)
def test_an_entry_of_a_map_under_another_key_is_one_mistake_with_two_errors(
    expected: Json, predicted: Json, says: str
) -> None:
    name = "figures_of_the_year"
    schema: Json = {"type": "object", "properties": {name: MAP}}
    found = only(({name: expected}, {name: predicted}), schema)
    assert found.signature.says == f"the key of an entry is {says}"
    assert (found.field, found.errors, [row.place for row in found.rows]) == (
        *(f"{name}{{}}", 2, [f'{name}["net sales"]']),
    )
    assert found.headroom == 0.5  # of two entries: one right, one missing, one invented


def test_entries_whose_values_differ_too_are_two_mistakes() -> None:
    schema: Json = {"type": "object", "properties": {"m": MAP}}
    for said in ({"revenue": 52}, {"revenue": 5}):
        wrong = by_mistake(analysis([({"m": {"net sales": 5}}, {"m": said})], schema))  # type: ignore[dict-item]  # plain JSON
        assert set(wrong) == {"key_missing", "invented"}
    both = by_mistake(analysis([({"m": {"a": 77}}, {"m": {"a": 77, "b": 77}})], schema))
    assert "other_key" not in both


def test_an_entry_with_fields_and_one_within_a_list_are_told_by_their_key_too() -> None:
    schema: Json = {"type": "object", "properties": {"o": SITES, "r": ROWS}}
    berlin: Json = {"mass": 11, "unit": "kg"}
    truth: Json = {
        "o": {"berlin": berlin},
        "r": [{"id": "a", "m": {}}, {"id": "b", "m": {"x": 51}}],
    }
    said: Json = {"o": {"Berlin, DE": berlin}, "r": [{"id": "b", "m": {"X_Y": 51}}]}
    found = [c for c in analysis([(truth, said)], schema).clusters if c.field != "r[].id"]
    assert {(c.field, c.signature.mistake.value) for c in found} == {
        *(("o{}.mass", "other_key"), ("o{}.unit", "other_key"), ("r[].m{}", "other_key")),
        ("r[]", "item_missing"),
    }


def test_items_are_missing_extra_or_twice_as_wholes() -> None:
    truth: Json = {"rooms": [{"n": "hall", "m": 5}, {"n": "bath", "m": 4}]}
    said: Json = {"rooms": [{"n": "hall", "m": 5}, {"n": "hall", "m": 5}, {"n": "attic", "m": 99}]}
    found = by_mistake(analysis([(truth, {"rooms": said["rooms"][:1]}), (truth, said)]))  # type: ignore[call-overload,index]  # it is a dict
    assert found["item_missing"].field == "rooms[]"
    assert found["item_missing"].rows[0].place == "rooms[1]"
    assert found["item_missing"].rows[0].faults[0].blame.item == {"n": "bath", "m": 4}
    assert {"item_missing", "item_twice"} <= set(found)


def test_a_text_of_a_list_that_is_nearly_there_is_not_left_out() -> None:
    found = by_mistake(analysis([({"firms": ["NIKE, Inc.", "Acme"]}, {"firms": ["Nike"]})]))
    assert set(found) == {"near_miss", "item_missing"}
    assert found["item_missing"].rows[0].place == "firms[1]"


def test_a_list_that_is_left_out_is_not_a_list_with_items_missing() -> None:
    assert only(({"a": ["x", "y"]}, {"a": []})).signature.mistake == "list_missing"
    assert only(({"a": ["x", "y"]}, {"a": ["x"]})).signature.mistake == "item_missing"


def test_a_list_whose_order_counts_is_reordered() -> None:
    found = only(
        ({"rank": ["a", "b"]}, {"rank": ["b", "a"]}), rules={"rank": {"align": "position"}}
    )
    assert found.signature.mistake == "reordered"


def test_null_blank_and_missing_key_are_three_mistakes() -> None:
    said: list[Json] = [{"b": 1, "a": None}, {"b": 1, "a": ""}, {"b": 1}]
    truth: Json = {"a": "x", "b": 1}
    assert set(by_mistake(analysis([(truth, each) for each in said]))) == {
        "null",
        "blank",
        "key_missing",
    }


def test_a_case_without_an_answer_is_one_row_of_one_cluster() -> None:
    found = only(({"a": 1, "b": 2}, None))
    assert (found.field, found.signature.detail) == ("$", "refusal")
    assert (len(found.rows), found.errors) == (1, 2)


def test_every_mistake_has_words() -> None:
    assert set(WORDS) == set(Mistake)
    for words in WORDS.values():
        assert words.cure.endswith(".")
        assert not words.says.endswith(".")
