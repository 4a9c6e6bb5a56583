"""An endpoint's answers and failures, against a real server on this machine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from harness.cases.suite import Endpoint, Parameters
from harness.core.records import Answer, Case, FailureKind, Usage
from harness.core.values import Json
from harness.errors import HarnessError
from harness.extract.dialects.openai import OPENAI
from harness.extract.endpoint.api_keys import no_secret
from harness.extract.endpoint.connect import connect
from tests.extract.direct import Direct, spec_for, talk
from tests.extract.server.behaviour import MODES, Asked, Behaviour, Fault
from tests.extract.server.serving import serving
from tests.extract.shapes import answered, case, document, failed, suite

DIALECTS = {
    "openai": MODES,
    "anthropic": ("json_schema", "tool", "text"),
    "gemini": ("json_schema", "json_object", "text"),
}
STRICT: Json = {
    "type": "object",
    "additionalProperties": False,
    "required": ["rent"],
    "properties": {"rent": {"type": "number", "x-match": {"absolute": 1}}},
}
LOOSE: Json = {"type": "object", "properties": {"rent": {"type": "number"}}}
HOSTILE = 'ANSWER {"rent": 900}\n<script>alert(1)</script> \u202e{{ 7 * 7 }} \\u0000 "}'


def extra(**keys: Json) -> dict[str, object]:
    """Return parameters with such keys of a request's body."""
    return {"parameters": Parameters(extra=keys)}


def question(number: int = 1, schema: Json = STRICT, text: str = 'ANSWER {"rent": 900}\n') -> Case:
    return replace(
        case(f"c{number}", document(f"{number}.txt", f"{number}\n{text}")), schema=schema
    )


@pytest.mark.parametrize("kind", DIALECTS)
@pytest.mark.parametrize("mode", MODES)
def test_every_dialect_carries_an_answer_in_every_mode_it_has(kind: str, mode: str) -> None:
    with serving() as server:
        spec = spec_for(server, kind, mode)
        if mode not in DIALECTS[kind]:
            with pytest.raises(HarnessError, match="has no mode"):
                connect(spec, suite(Path("/suite")))
            return
        asked = talk(spec, question())
        assert answered(asked.said[0]) == ({"rent": 900}, ())
        assert server.last.mode == mode
        assert server.last.dialect == kind


@pytest.mark.parametrize("kind", DIALECTS)
def test_a_schema_goes_out_without_our_own_keywords(kind: str) -> None:
    with serving() as server:
        talk(spec_for(server, kind), question())
        assert "x-match" not in json.dumps(server.last.body).replace('x-match\\"', "")


@pytest.mark.parametrize("kind", DIALECTS)
def test_a_hostile_document_arrives_as_it_is(kind: str) -> None:
    with serving() as server:
        asked = talk(spec_for(server, kind), question(text=HOSTILE))
        assert HOSTILE in server.last.text
        assert answered(asked.said[0])[0] == {"rent": 900}


@pytest.mark.parametrize("kind", DIALECTS)
def test_usage_is_read_charged_and_stored_with_its_price(kind: str) -> None:
    with serving() as server:
        asked = talk(spec_for(server, kind), question())
        (said,) = asked.said
        assert isinstance(said, Answer)
        assert said.usage is not None
        assert said.usage.output_tokens == len('{"rent": 900}') // 4
        assert said.usage.usd == 0.5
        assert [replace(said.usage, usd=None)] == asked.calls.charged


REFUSED = [
    (Fault.REFUSAL, FailureKind.REFUSAL),
    (Fault.LENGTH, FailureKind.TRUNCATED),
    (Fault.NO_CONTENT, FailureKind.EMPTY),
    (Fault.EMPTY_CHOICES, FailureKind.EMPTY),
    (Fault.PROSE, FailureKind.NOT_JSON),
    (Fault.HUGE, FailureKind.TOO_LARGE),
    (Fault.TRUNCATED_JSON, FailureKind.TRANSPORT),
    (Fault.CONTENT_TYPE, FailureKind.TRANSPORT),
    (Fault.ERROR_200, FailureKind.TRANSPORT),
    (Fault.TOO_LONG, FailureKind.TOO_LONG),
    (Fault.REDIRECT, FailureKind.TRANSPORT),
    (Fault.UNAUTHORISED, FailureKind.TRANSPORT),
    (Fault.QUOTA, FailureKind.RATE_LIMIT),
]


@pytest.mark.parametrize("kind", DIALECTS)
@pytest.mark.parametrize(("fault", "expected"), REFUSED, ids=str)
def test_a_response_without_an_answer_is_a_failure_that_is_not_kept(
    kind: str, fault: Fault, expected: FailureKind
) -> None:
    with serving(Behaviour(script=(fault,))) as server:
        asked = talk(spec_for(server, kind), question())
        assert failed(asked.said[0])[0] is expected
        assert asked.calls.kept == []
        assert server.counts.calls.total() == 1, "a form was blamed for what it is not"


def test_a_refusal_and_a_cut_answer_are_paid_for_and_counted() -> None:
    for fault in (Fault.REFUSAL, Fault.LENGTH, Fault.PROSE):
        with serving(Behaviour(script=(fault,))) as server:
            (said,) = talk(spec_for(server), question()).said
            assert said.usage is not None, fault
            assert said.usage.usd == 0.5


def test_a_rejected_key_is_asked_with_only_once() -> None:
    with serving(Behaviour(key="another")) as server:
        asked = talk(spec_for(server), question(1), question(2), question(3))
        assert [failed(said) for said in asked.said] == [failed(asked.said[0])] * 3
        assert server.counts.calls.total() == 1
        assert "401" in failed(asked.said[0])[1]


def test_what_goes_wrong_once_does_not_stop_the_next_case() -> None:
    with serving(Behaviour(script=(Fault.BAD_REQUEST,), answer=lambda _: "{}")) as server:
        asked = talk(spec_for(server, mode="text"), question(1), question(2))
        assert [failed(said)[0] for said in asked.said] == [FailureKind.TRANSPORT] * 2


# --- forms -----------------------------------------------------------------------------------


def modes_asked(asked: Direct) -> list[str]:
    found = []
    for one in asked.asked:
        body = json.loads(one.request.body)
        form = body.get("response_format", {"type": "tool" if "tools" in body else "text"})
        found.append(form["type"] + ("+schema" if "schema" in form else ""))
    return found


@pytest.mark.parametrize(
    ("takes", "status", "tried"),
    [
        ("json_schema", 400, ["json_schema"]),
        ("json_object_schema", 500, ["json_schema", "json_schema", "json_object+schema"]),
        ("json_object_schema", 400, ["json_schema", "json_object+schema"]),
        ("tool", 400, ["json_schema", "json_object+schema", "tool"]),
        ("json_object", 422, ["json_schema", "json_object+schema", "tool", "json_object"]),
        ("text", 400, ["json_schema", "json_object+schema", "tool", "json_object", "text"]),
    ],
)
def test_a_form_an_endpoint_refuses_is_found_out_once(
    takes: str, status: int, tried: list[str]
) -> None:
    with serving(Behaviour(modes=frozenset({takes}), refuses_modes_with=status)) as server:
        asked = talk(spec_for(server), *(question(number) for number in range(4)))
        assert [answered(said)[0] for said in asked.said] == [{"rent": 900}] * 4
        tries = 3 if status == 500 else 1  # one server error may be no word on the form
        assert modes_asked(asked.calls) == tried * tries + tried[-1:] * (4 - tries)
        shown = asked.client.shown()
        assert isinstance(shown["forms"], dict)
        strict = " strict" if takes in ("json_schema", "tool") else ""
        assert shown["forms"]["answers"] == {takes + strict: 4}


def test_only_one_question_tries_the_forms_when_many_are_asked_at_once() -> None:
    with serving(Behaviour(modes=frozenset({"text"}), latency=0.01)) as server:
        client = connect(spec_for(server), suite(Path("/suite")))
        calls = Direct(client.transport)

        async def everything() -> None:
            cases = (question(number) for number in range(20))
            await asyncio.gather(*(client.extract_with(case, calls) for case in cases))
            await client.transport.close()

        asyncio.run(everything())
        assert server.counts.calls.total() == 4 + 20


def test_refused_forms_are_kept_so_that_a_later_run_need_not_ask() -> None:
    with serving(Behaviour(modes=frozenset({"tool"}))) as server:
        asked = talk(spec_for(server), question())
        assert [reply.received.status for reply in asked.calls.kept] == [400, 400, 200]


def test_a_server_error_in_the_first_answer_is_not_taken_for_a_refused_form() -> None:
    with serving(Behaviour(script=(Fault.SERVER_ERROR,))) as server:
        asked = talk(spec_for(server), question(1))
        assert modes_asked(asked.calls) == ["json_schema", "json_schema"]
        assert answered(asked.said[0])[0] == {"rent": 900}


def test_a_bad_request_is_not_tried_in_every_form_for_ever() -> None:
    with serving(Behaviour(modes=frozenset())) as server:
        talk(spec_for(server), *(question(number) for number in range(10)))
        assert server.counts.calls.total() == 3 * 5 + 7


def test_a_schema_is_strict_where_it_can_be_and_the_run_says_why_where_not() -> None:
    with serving() as server:
        asked = talk(spec_for(server), question(1, STRICT), question(2, LOOSE))
        sent = [json.loads(one.request.body)["response_format"] for one in asked.calls.asked]
        assert [one["json_schema"]["strict"] for one in sent] == [True, False]
        forms = asked.client.shown()["forms"]
        assert isinstance(forms, dict)
        assert forms["not_strict"] == [
            "$: additionalProperties is not false",
            "$: not required: rent",
        ]


def test_without_a_schema_nothing_but_text_is_asked_for() -> None:
    with serving() as server:
        talk(spec_for(server), question(schema=None))
        assert server.last.mode == "text"


# --- what goes out ---------------------------------------------------------------------------


def test_parameters_and_extra_keys_go_out_as_they_are() -> None:
    said = Parameters(0.0, 0.9, 11, 99, "low", extra={"top_k": 5, "temperature": 1})
    with serving() as server:
        talk(replace(spec_for(server), parameters=said), question(), replicate=3)
        body = server.last.body
        assert {k: body[k] for k in ("temperature", "top_p", "seed", "max_tokens", "top_k")} == {
            "temperature": 1,
            "top_p": 0.9,
            "seed": 13,
            "max_tokens": 99,
            "top_k": 5,
        }
        assert body["reasoning_effort"] == "low"


def test_extra_keys_that_allow_a_longer_reply_count_against_the_caps() -> None:
    said = Parameters(max_tokens=99, extra={"max_completion_tokens": 500, "n": 3})
    with serving() as server:
        found = talk(replace(spec_for(server), parameters=said), question())
        assert found.calls.asked[0].output_tokens == 1500
        said = Parameters(extra={"generationConfig": {"topK": 3}})
        talk(replace(spec_for(server, "gemini"), parameters=said), question())
        assert server.last.body["generationConfig"].keys() >= {"topK", "maxOutputTokens"}


def test_headers_of_the_users_own_go_out_and_are_stored_nowhere() -> None:
    own = {"X-Auth-Token": "tok-123456789", "x-beta": "long-context"}
    with serving(Behaviour(script=(Fault.UNAUTHORISED,), key="other")) as server:
        plain = talk(spec_for(server), question())
        asked = talk(replace(spec_for(server), headers=own), question())
        assert server.last.headers["x-auth-token"] == "tok-123456789"
        assert server.last.headers["x-beta"] == "long-context"
    assert not {"x-auth-token", "x-beta"} & dict(asked.calls.asked[0].request.headers).keys()
    assert "123456789" not in repr((asked, asked.client, asked.client.shown()))
    assert asked.calls.asked[0].key != plain.calls.asked[0].key, "x-beta can change the answer"


@pytest.mark.parametrize("cost", [10**400, float("inf"), -1, True, "one", "nan", "-2", "1e999"])
def test_a_price_no_endpoint_can_mean_is_none(cost: Json) -> None:
    usage = {"prompt_tokens": 10**400, "completion_tokens": 2, "cost": cost}
    assert OPENAI.read({"choices": [], "usage": usage}).usage == Usage(None, 2)


def test_azure_gets_its_version_and_its_own_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_KEY", "az-123456")
    with serving() as server:
        base_url = f"{server.origin}/openai/deployments/mine"
        azure = Endpoint("openai", "m", base_url, "AZURE_KEY", api_version="2024-10-21")
        assert answered(talk(azure, question()).said[0])[0] == {"rent": 900}
        assert server.last.headers["api-key"] == "az-123456"
        assert server.last.headers["query"] == "api-version=2024-10-21"
        assert "authorization" not in server.last.headers


def test_equal_questions_have_one_key_and_anything_else_another() -> None:
    with serving() as server:
        spec = spec_for(server)
        warm = replace(spec, parameters=Parameters(temperature=1.0))
        asked = [
            talk(spec, question()),
            talk(spec, question()),
            talk(spec, question(2)),
            talk(spec, question(schema=LOOSE)),
            talk(warm, question()),
            talk(replace(spec, model="m-2"), question()),
        ]
        keys = [one.calls.asked[0].key for one in asked]
        assert keys[0] == keys[1]
        assert len(set(keys)) == 5


# --- confidence ------------------------------------------------------------------------------


def test_log_probabilities_become_a_confidence_for_every_leaf() -> None:
    text = 'ANSWER {"rent": 900, "tenant": {"name": "Åsa \\u00e9", "phones": []}}\n'
    said = Parameters(logprobs=True)
    schema: Json = {"type": "object", "properties": {"rent": {}, "deposit": {}}}
    with serving() as server:
        asked = talk(replace(spec_for(server), parameters=said), question(1, schema, text))
        (answer,) = asked.said
        assert isinstance(answer, Answer)
        found = dict(answer.confidences)
        assert list(found) == ["rent", "tenant.name", "tenant.phones", "deposit"]
        assert found["rent"] == round(2.718281828459045 ** (-0.01 * 3), 6)
        assert found["deposit"] == round(2.718281828459045**-0.01, 6)


def test_a_stated_confidence_is_taken_out_of_the_answer() -> None:
    text = 'ANSWER {"rent": {"value": 900, "confidence": 0.75}, "a": 1, "a__confidence": 0.5}\n'
    with serving() as server:
        spec = replace(spec_for(server), stated_confidence=True)
        (answer,) = talk(spec, question(text=text)).said
        assert isinstance(answer, Answer)
        assert answer.value == {"rent": 900, "a": 1}
        assert answer.confidences == (("rent", 0.75), ("a", 0.5))
        assert answer.repairs == ("stated_confidence",)
        assert answer.confidence_source == "stated"


def test_a_form_that_is_kept_to_has_a_place_for_stated_confidences() -> None:
    rent: Json = {"type": ["number", "null"]}
    schema: Json = {
        "type": "object",
        "additionalProperties": False,
        "required": ["rent", "rooms"],
        "properties": {
            "rent": rent,
            "rooms": {"type": "array", "items": {"type": "object", "properties": {"m2": rent}}},
        },
    }
    with serving() as server:
        talk(replace(spec_for(server), stated_confidence=True), question(schema=schema))
        sent: Any = server.last.body["response_format"]["json_schema"]["schema"]
    assert sent["required"] == ["rent", "rooms", "rent__confidence"]
    assert list(sent["properties"]) == ["rent", "rooms", "rent__confidence"]
    assert list(sent["properties"]["rooms"]["items"]["properties"]) == ["m2", "m2__confidence"]


def test_a_field_has_no_two_confidences() -> None:
    parameters = Parameters(logprobs=True)
    spec = Endpoint("openai", "m", "http://127.0.0.1:9", parameters=parameters)
    with pytest.raises(HarnessError, match="one confidence"):
        connect(replace(spec, stated_confidence=True), suite(Path("/suite")))


# --- keys ------------------------------------------------------------------------------------


def test_a_key_comes_from_a_variable_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("sk-from-a-file\n", "utf-8")
    monkeypatch.setenv("MY_KEY", "sk-from-a-variable")
    with serving() as server:
        talk(replace(spec_for(server), key_env="MY_KEY"), question())
        assert server.last.headers["authorization"] == "Bearer sk-from-a-variable"
        talk(replace(spec_for(server, "anthropic"), key_file=tmp_path / "key"), question())
        assert server.last.headers["x-api-key"] == "sk-from-a-file"


@pytest.mark.parametrize("spelling", [str, quote, lambda s: json.dumps(s).replace("+", "\\u002b")])
def test_further_secret_headers_come_from_variables_and_files_and_are_stored_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelling: Callable[[str], str]
) -> None:
    (tmp_path / "org").write_text("org-plain+name\n", "utf-8")
    monkeypatch.setenv("GATEWAY_KEY", "gw-123+456789")

    def echo(asked: Asked) -> str:
        del asked
        return f"no: {spelling('gw-123+456789')} {spelling('org-plain+name')}"

    with serving(Behaviour(answer=echo)) as server:
        spec = replace(
            spec_for(server),
            header_env={"X-Portkey-Api-Key": "GATEWAY_KEY"},
            header_file={"x-account": tmp_path / "org"},
        )
        asked = talk(spec, question())
        assert server.last.headers["x-portkey-api-key"] == "gw-123+456789"
        assert server.last.headers["x-account"] == "org-plain+name"
        plain = talk(replace(spec, header_env={}, header_file={}), question())
    told = repr((asked, asked.client, asked.client.shown()))
    assert "123+456789" not in told
    assert "plain+name" not in told
    assert "[key]" in repr(asked.said)
    assert asked.calls.asked[0].key == plain.calls.asked[0].key, "a secret changes no answer"


@pytest.mark.parametrize(
    ("name", "said"),
    [("NOT_THERE", "NOT_THERE, which holds a header, is not set"), ("sk-123-45", "not the secret")],
)
def test_a_secret_header_that_is_not_where_it_is_said_to_be_is_refused_without_showing_it(
    name: str, said: str
) -> None:
    spec = Endpoint("openai", "m", "http://127.0.0.1:9", header_env={"x-key": name})
    with pytest.raises(HarnessError, match=said) as caught:
        connect(spec, suite(Path("/suite")))
    assert "sk-123" not in str(caught.value)
    connect(spec, suite(Path("/suite")), no_secret)


def test_the_vendors_key_does_not_go_to_another_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-vendor")
    with serving() as server:
        talk(spec_for(server), question())
        assert "authorization" not in server.last.headers


def test_an_echoed_key_reaches_nothing_that_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-a/b+c=6789")
    with serving(Behaviour(script=(Fault.UNAUTHORISED,))) as server:
        asked = talk(replace(spec_for(server), key_env="MY_KEY"), question())
        everything = repr((asked, asked.client, asked.client.shown()))
        assert server.last.headers["authorization"].endswith("sk-a/b+c=6789")
        assert "6789" not in everything
        assert "[key]" in everything


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"key_env": "NO_SUCH_KEY"}, "the environment variable NO_SUCH_KEY"),
        ({"key_env": "sk-proj-123"}, "must be the name of an environment variable, not the key"),
        ({"parameters": Parameters(extra={"model": "m"})}, "'model' cannot stand in `extra`"),
        ({"key_env": "BAD_KEY"}, "the key in BAD_KEY has a blank, a line end"),
        ({"base_url": "ftp://x"}, "base_url must be an http(s) address"),
        ({"base_url": "https://me:pw@x/v1"}, "base_url must have no password"),
        ({"base_url": "https://x/v1?key=1"}, "base_url must have no password"),
        ({"base_url": "https://two words:secret@x/v1"}, "base_url must be an http(s) address"),
        ({"base_url": "https://me:secret@x/v1"}, "base_url must have no password"),
        ({"base_url": "https://@x/v1"}, "base_url must have no password"),
        ({"base_url": "http://[x"}, "base_url must be an http(s) address"),
        ({"base_url": "http://x:port/v1"}, "base_url must be an http(s) address"),
        ({"base_url": "http://x:99999/v1"}, "base_url must be an http(s) address"),
        ({"base_url": "http:///v1"}, "base_url must be an http(s) address"),
        ({"base_url": "http://x/v1\n"}, "base_url must be an http(s) address"),
        ({"base_url": "http://x\u202e/v1"}, "base_url must be an http(s) address"),
        ({"base_url": ""}, "base_url must be an http(s) address"),
        ({"base_url": "localhost:8000/v1"}, "base_url must be an http(s) address"),
        (extra(max_tokens=None), "takes away the limit of an answer's tokens"),
        (extra(max_tokens="9000"), "'max_tokens' under `extra` must be a whole number above 0"),
        (extra(max_completion_tokens=0.5), "'max_completion_tokens' under `extra` must be"),
        (extra(n="5"), "'n' under `extra` must be a whole number above 0"),
        (
            {"kind": "gemini"} | extra(generationConfig={"maxOutputTokens": None}),
            "takes away the limit of an answer's tokens",
        ),
        ({"kind": "gemini"} | extra(generationConfig=5), "must be an object"),
        ({"mode": "json_shema"}, "the openai dialect has no mode 'json_shema'"),
        ({"headers": {"Authorization": "Bearer sk"}}, "the header 'Authorization' holds a secret"),
        ({"headers": {"X-Team": "two words\nInjected: b"}}, "the header 'X-Team' has a line end"),
        ({"headers": {"X Team": "b"}}, "the header 'X Team' has a line end or a letter"),
        ({"kind": "anthropic", "parameters": Parameters(seed=1)}, "the anthropic dialect has no"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_asked(
    change: dict[str, object], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAD_KEY", "two words\nand a line")
    values: dict[str, object] = {"kind": "openai", "model": "m", "base_url": "http://x/v1"}
    spec = Endpoint(**(values | change))  # type: ignore[arg-type]  # the table holds all kinds
    with pytest.raises(HarnessError) as error:
        connect(spec, suite(Path("/suite")))
    assert what in str(error.value)
    assert "two words" not in str(error.value)
    assert "secret@" not in str(error.value)


def test_another_limit_may_stand_in_the_place_of_the_usual_one() -> None:
    with serving() as server:
        own = extra(max_tokens=None, max_completion_tokens=77)
        said = talk(replace(spec_for(server), **own), question())  # type: ignore[arg-type]  # parameters
        assert "max_tokens" not in server.last.body
        assert server.last.body["max_completion_tokens"] == 77
        assert answered(said.said[0])


def test_the_key_goes_to_its_server_however_the_address_is_spelt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MY_KEY", "sk-spelt-otherwise")
    with serving() as server:
        spec = replace(spec_for(server), key_env="MY_KEY")
        talk(replace(spec, base_url=server.url.replace("http:", "HTTP:") + "//"), question())
        assert server.last.headers["authorization"] == "Bearer sk-spelt-otherwise"


@pytest.mark.parametrize(
    ("base_url", "is_at_vendor"),
    [
        (None, True),
        ("https://api.openai.com/v1", True),
        ("https://mine.openai.azure.com/openai/deployments/x", True),
        ("http://localhost:8000/v1", False),
        ("https://api.openai.com.example.com/v1", False),
    ],
)
def test_prices_of_vendors_are_for_their_own_addresses(
    base_url: str | None, *, is_at_vendor: bool
) -> None:
    spec = Endpoint("openai", "gpt-4o-mini", base_url)
    found = connect(spec, suite(Path("/suite")), no_secret)
    assert found.is_at_vendor is is_at_vendor
