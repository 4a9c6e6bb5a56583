"""A value in prose that has the keys of an object inside the answer is not the answer."""

from __future__ import annotations

import json

import pytest

import harness
from harness.cases.suite import Limits
from harness.core.records import Answer, Case, Failure, FailureKind
from harness.core.values import Json
from harness.extract.reply.context.nested_part import whole_answer
from harness.extract.reply.read_reply import read_reply

PATIENT: dict[str, Json] = {"name": "Ana", "born": "1970-02-01"}
TRUTH: dict[str, Json] = {"patient": PATIENT, "drugs": [{"name": "Aspirin", "mg": 100}], "ok": True}
SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {
        "patient": {"$ref": "#/$defs/person"},
        "drugs": {
            "type": "array",
            "items": {"type": "object", "properties": {"name": {}, "mg": {}}},
        },
        "ok": {"type": "boolean"},
    },
    "$defs": {"person": {"type": "object", "properties": {"name": {}, "born": {}}}},
}
NOTATIONS = [
    "Patient:\n@\nDrugs:\n- Aspirin 100 mg",
    "patient @ drugs Aspirin",
    "patient|@\ndrugs|Aspirin",
    "1. @\n2. Aspirin\n3. true",
    "- @\n- Aspirin",
    "* patient\n  @\n* drugs\n  Aspirin",
    "**patient** @\n**drugs** Aspirin",
    "{% patient %}@{% drugs %}Aspirin",
    "Patient (@) takes Aspirin 100 mg.",
    '(patient @)\n(drugs "Aspirin")',
    'I would return @ for the patient and ["Aspirin"] for the drugs.',
    "Here is the patient: @",
]


@pytest.mark.parametrize("notation", NOTATIONS)
def test_an_inner_object_in_any_notation_is_refused_by_its_keys(notation: str) -> None:
    report = harness.evaluate({"a": TRUTH}, {"a": notation.replace("@", json.dumps(PATIENT))})
    assert report.micro.f1 == 0
    failure = report.cases[0].failure
    assert failure is not None
    assert failure.kind is FailureKind.NOT_JSON


@pytest.mark.parametrize("rows", [3, 3_000])
def test_an_inner_list_in_prose_is_refused_however_long(rows: int) -> None:
    drugs: list[Json] = [{"name": f"drug {number}", "mg": number} for number in range(rows)]
    case = Case("a", (), {**TRUTH, "drugs": drugs}, SCHEMA)
    reply = Answer(drugs, f"The drugs are {json.dumps(drugs)}.", ("prose_around",))
    refused = whole_answer(reply, case)
    assert isinstance(refused, Failure)
    assert refused.kind is FailureKind.NOT_JSON
    assert "(mg, name)" in refused.message


@pytest.mark.parametrize(
    "value",
    [
        TRUTH,
        {"ok": True},
        {"patient": PATIENT},
        {"name": "Ana", "ok": True},
        {"unknown": 1},
        {},
        [TRUTH],
        None,
        "text",
    ],
)
@pytest.mark.parametrize("schema", [SCHEMA, None])
def test_whatever_may_be_the_whole_answer_stays(value: Json, schema: Json) -> None:
    reply = Answer(value, "so: ...", ("prose_around",))
    assert whole_answer(reply, Case("a", (), TRUTH, schema)) is reply


def test_a_reply_without_text_around_it_stays_whatever_its_keys() -> None:
    reply = Answer(PATIENT, json.dumps(PATIENT))
    assert whole_answer(reply, Case("a", (), TRUTH, SCHEMA)) is reply


@pytest.mark.parametrize("rows", [3, 3_000])
@pytest.mark.parametrize(
    "sentence",
    ["So, the JSON object would look like this:", "It looks like this:", "All of it stands below:"],
)
def test_a_sentence_that_points_at_the_answer_labels_no_field(sentence: str, rows: int) -> None:
    """A real reply: the values are told in a list first, then the whole answer comes."""
    answer: Json = {"rows": [{"year": number} for number in range(rows)]}
    told = "The meta information is:\n\n- (currency): USD\n- (year): 2023, 2022\n"
    reply = read_reply(f"{told}\n{sentence}\n\n{json.dumps(answer)}", Limits())
    assert isinstance(reply, Answer)
    assert reply.value == answer
