"""A schema is asked for as far as a vendor enforces it; what is refused is refused for it alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from harness.core.records import Answer, Case
from harness.core.values import Json
from harness.extract.dialects.dialect import AnswerForm, Mode
from harness.extract.endpoint.answer_modes import Ladder, ModeRefusal
from tests.extract.direct import Talk, spec_for, talk
from tests.extract.server.behaviour import Asked, Behaviour
from tests.extract.server.serving import serving
from tests.extract.shapes import case, document

BEYOND: dict[str, Json] = {
    "format": {"type": "string", "format": "uri"},
    "default": {"type": "string", "default": "x"},
    "uniqueItems": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    "minLength": {"type": "string", "minLength": 2},
    "propertyNames": {"type": "string", "propertyNames": {"minLength": 1}},
    "$ref": {"$ref": "#/$defs/name", "description": "who sells"},
}


def schema(*keywords: str) -> Json:
    properties: dict[str, Json] = {"rent": {"type": "number"}}
    properties |= {"p_" + keyword.strip("$"): BEYOND[keyword] for keyword in keywords}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
        "$defs": {"name": {"type": "string"}},
    }


def question(number: int, wanted: Json) -> Case:
    text = document(f"{number}.txt", f'{number}\nANSWER {{"rent": 900}}\n')
    return replace(case(f"c{number}", text), schema=wanted)


def strict_subset(asked: Asked) -> str | None:
    """Return what OpenAI says to a strict schema with a keyword outside its subset."""
    form = asked.body.get("response_format", {}).get("json_schema", {})
    for tool in asked.body.get("tools", ()):
        form = {"strict": tool["function"].get("strict"), "schema": tool["function"]["parameters"]}
    if not form.get("strict"):
        return None
    return next((f"{word} is not permitted" for word in outside(form["schema"])), None)


def outside(found: Any) -> list[str]:  # noqa: ANN401 - any JSON
    if isinstance(found, list):
        return [word for each in found for word in outside(each)]
    if not isinstance(found, dict):
        return []
    own = [
        word for word in ("default", "uniqueItems", "minLength", "propertyNames") if word in found
    ]
    own += ["format"] if found.get("format") == "uri" else []
    own += ["$ref"] if "$ref" in found and len(found) > 1 else []
    return own + [word for each in found.values() for word in outside(each)]


def forms_of(asked: Talk) -> list[str | None]:
    return [said.form if isinstance(said, Answer) else None for said in asked.said]


@pytest.mark.parametrize("keyword", BEYOND)
def test_a_keyword_outside_the_strict_subset_keeps_the_schema_strict(keyword: str) -> None:
    with serving(Behaviour(refuses=strict_subset)) as server:
        asked = talk(spec_for(server), question(1, schema(keyword)), question(2, schema(keyword)))
        sent = json.loads(asked.calls.asked[-1].request.body)["response_format"]["json_schema"]
    assert sent["strict"] is True
    assert all((form or "").startswith("json_schema strict") for form in forms_of(asked))
    if keyword == "minLength":
        assert sent["schema"]["properties"]["p_minLength"]["description"] == "minLength: 2"
        assert forms_of(asked)[0] == "json_schema strict, without minLength"


@pytest.mark.parametrize("keyword", ["prefixItems", "oneOf", "not", "futureWord"])
@pytest.mark.parametrize(("dialect", "form"), [("openai", "json_schema"), ("anthropic", "tool")])
def test_a_keyword_that_no_strict_form_takes_is_asked_for_without_strictness(
    keyword: str, dialect: str, form: str
) -> None:
    def refuses(asked: Asked) -> str | None:
        text = json.dumps(asked.body)
        is_strict = '"strict": true' in text or "output_config" in text
        return f"'{keyword}' is not supported" if is_strict and f'"{keyword}": [' in text else None

    odd = schema()
    assert isinstance(odd, dict)
    odd = odd | {"properties": {"rent": {keyword: [{"type": "number"}]}}}
    with serving(Behaviour(refuses=refuses)) as server:
        asked = talk(spec_for(server, dialect), question(1, odd), question(2, odd))
    assert forms_of(asked) == [form, form]


@pytest.mark.parametrize("odd_first", [True, False])
@pytest.mark.parametrize("cases", [3, 60])
def test_one_refused_schema_demotes_no_other_whatever_their_order(
    cases: int,
    odd_first: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    def refuses(asked: Asked) -> str | None:
        is_odd = "pattern" in json.dumps(asked.body.get("response_format", ""))
        return "'pattern' is not permitted" if is_odd else None

    odd = schema()
    assert isinstance(odd, dict)
    odd = odd | {"properties": {"rent": {"type": "string", "pattern": "^9"}}}
    numbers = range(cases)
    which = 0 if odd_first else cases - 1
    plain = schema()
    questions = [question(n, odd if n == which else plain) for n in numbers]
    with serving(Behaviour(refuses=refuses)) as server:
        asked = talk(spec_for(server), *questions)
    found = forms_of(asked)
    assert found[which] == "tool strict"
    assert {form for n, form in enumerate(found) if n != which} == {"json_schema strict"}


def test_two_server_errors_at_the_start_demote_no_run() -> None:
    best, less = AnswerForm(Mode.JSON_SCHEMA, {}, strict=True), AnswerForm(Mode.TEXT)
    ladder = Ladder()
    for times in range(3):
        assert ladder.rungs((best, less), "a")[0] is best, times
        ladder.took(less, "a", [ModeRefusal(best, "no", is_fault=True)])
    assert ladder.rungs((best, less), "a") == [less]


def test_anthropic_gets_closed_objects_and_bounds_in_descriptions() -> None:
    wanted: Json = {"type": "object", "properties": {"rent": {"type": "number", "minimum": 1}}}
    with serving() as server:
        asked = talk(spec_for(server, "anthropic"), question(1, wanted))
        sent = json.loads(asked.calls.asked[-1].request.body)["output_config"]["format"]["schema"]
    assert sent == {
        "type": "object",
        "properties": {"rent": {"type": "number", "description": "minimum: 1"}},
        "additionalProperties": False,
    }
    assert forms_of(asked) == ["json_schema strict, without minimum"]
