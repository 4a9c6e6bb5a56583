"""Models of today: what an endpoint refuses in words is learnt once, told, and left out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cases.suite import Endpoint, Parameters
from harness.core.records import Answer, Failure
from harness.core.values import Json
from harness.extract.dialects.anthropic import ANTHROPIC
from harness.extract.dialects.dialect import AnswerForm, Inquiry, Mode
from harness.extract.dialects.gemini import GEMINI
from harness.extract.endpoint.connect import connect
from tests.extract.direct import spec_for, talk
from tests.extract.server.behaviour import Asked, Behaviour
from tests.extract.server.serving import serving
from tests.extract.shapes import answered, case, document, suite

CASES = 20


def asked_many(behaviour: Behaviour, parameters: Parameters) -> tuple[list[Answer], int, object]:
    """Return the answers, how many requests they took, and what the client says of itself."""
    text = 'ANSWER {"rent": 900}\n'
    cases = [case(f"c{n}", document(f"{n}.txt", f"{n}\n{text}")) for n in range(CASES)]
    with serving(behaviour) as server:
        talked = talk(replace(spec_for(server), parameters=parameters), *cases)
        assert [answered(said)[0] for said in talked.said] == [{"rent": 900}] * CASES
        answers = [said for said in talked.said if isinstance(said, Answer)]
        return answers, server.counts.calls.total(), talked.client.shown()


def test_the_word_for_the_limit_is_learnt_from_the_endpoints_own_error() -> None:
    def refuses(asked: Asked) -> str | None:
        told = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
        return told if "max_tokens" in asked.body else None

    _, requests, shown = asked_many(Behaviour(refuses=refuses), Parameters())
    assert requests == CASES + 1
    assert isinstance(shown, dict)
    assert shown["max_tokens_key"] == "max_completion_tokens"


@pytest.mark.parametrize(
    "told",
    [
        "Unrecognized request argument supplied: max_tokens",
        "This model requires max_completion_tokens",
        "body.max_tokens: Extra inputs are not permitted",
    ],
)
def test_the_word_for_the_limit_is_learnt_where_only_one_of_both_is_named(told: str) -> None:
    def refuses(asked: Asked) -> str | None:
        return told if "max_tokens" in asked.body else None

    _, requests, _ = asked_many(Behaviour(refuses=refuses), Parameters())
    assert requests == CASES + 1


def test_an_endpoint_that_refuses_both_words_is_not_asked_for_ever() -> None:
    def refuses(_asked: Asked) -> str | None:
        return "Unsupported parameter: 'max_tokens' or 'max_completion_tokens'"

    with serving(Behaviour(refuses=refuses)) as server:
        talked = talk(spec_for(server), case("a", document("a.txt", "1")))
        assert isinstance(talked.said[0], Failure)
        assert server.counts.calls.total() <= 4


@pytest.mark.parametrize(
    "told",
    [
        "The following fields are not supported by this model: seed",
        "anthropic does not support parameters: ['seed'], for model=m",
        '{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}',
    ],
)
def test_a_seed_that_is_refused_is_left_out_and_told(told: str) -> None:
    def refuses(asked: Asked) -> str | None:
        return told if "seed" in asked.body else None

    answers, requests, _ = asked_many(Behaviour(refuses=refuses), Parameters(seed=7))
    assert requests == CASES + 1
    assert {answer.form for answer in answers} == {"text; seed left out"}


def test_a_temperature_that_is_refused_is_left_out_and_told_with_every_answer() -> None:
    def refuses(asked: Asked) -> str | None:
        told = "Unsupported value: 'temperature' does not support 0 with this model."
        return told if "temperature" in asked.body else None

    answers, requests, shown = asked_many(Behaviour(refuses=refuses), Parameters(temperature=0.0))
    assert requests == CASES + 1
    assert isinstance(shown, dict)
    assert shown["left_out"] == ["temperature"]
    assert {answer.form for answer in answers} == {"text; temperature left out"}


@pytest.mark.parametrize(
    "told",
    [
        "This model does not support the effort parameter.",
        "Thinking level is not supported for this model.",
        "Unrecognized request argument supplied: reasoning_effort",
        "Unknown name 'thinkingLevel' at 'generation_config.thinking_config': Cannot find field.",
        "output_config: Extra inputs are not permitted",
    ],
)
def test_an_effort_that_a_model_does_not_know_is_left_out_and_told(told: str) -> None:
    def refuses(asked: Asked) -> str | None:
        return told if "reasoning_effort" in asked.body else None

    given = Parameters(reasoning_effort="low")
    answers, requests, _ = asked_many(Behaviour(refuses=refuses), given)
    assert requests == CASES + 1
    assert {answer.form for answer in answers} == {"text; reasoning_effort left out"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            Parameters(reasoning_effort="none"),
            "'reasoning_effort' does not support 'none'. Supported values are: 'low' and 'high'.",
        ),
        (Parameters(temperature=9.0), "temperature must not be above 2"),
    ],
)
def test_a_value_that_is_refused_is_for_its_user_to_mend(given: Parameters, told: str) -> None:
    with serving(Behaviour(refuses=lambda _asked: told)) as server:
        spec = replace(spec_for(server), parameters=given)
        talked = talk(spec, case("a", document("a.txt", "x\n")))
        assert talked.client.shown()["left_out"] == []


@pytest.mark.parametrize(
    "told",
    [
        "`top_p` may not be set for this model.",
        "invalid top_p: only 1 is allowed for this model",
        "Unknown parameter: 'top_p'.",
    ],
)
def test_other_words_that_refuse_a_setting_are_known(told: str) -> None:
    def refuses(asked: Asked) -> str | None:
        return told if "top_p" in asked.body else None

    _, requests, _ = asked_many(Behaviour(refuses=refuses), Parameters(top_p=0.9))
    assert requests == CASES + 1


def test_a_refusal_of_something_else_leaves_the_settings_alone() -> None:
    with serving(Behaviour(refuses=lambda _asked: "'foo' is not supported")) as server:
        spec = replace(spec_for(server), parameters=Parameters(temperature=0.0))
        talked = talk(spec, case("a", document("a.txt", "x\n")))
        assert talked.client.shown()["left_out"] == []
        assert server.counts.calls.total() == 1


@pytest.mark.parametrize(
    ("model", "thinking"),
    [
        ("gemini-2.5-flash", {"thinkingBudget": 1024}),
        ("gemini-3-pro", {"thinkingLevel": "low"}),
    ],
)
def test_gemini_thinks_by_level_or_by_budget(model: str, thinking: object) -> None:
    asking = Inquiry(model, (), AnswerForm(Mode.TEXT), Parameters(reasoning_effort="low"))
    config = GEMINI.body(asking)["generationConfig"]
    assert isinstance(config, dict)
    assert config["thinkingConfig"] == thinking


@pytest.mark.parametrize(
    ("model", "key"),
    [
        ("claude-sonnet-4-5", "thinking"),
        ("claude-sonnet-4-20250514", "thinking"),
        ("claude-haiku-4-5-20251001", "thinking"),
        ("claude-opus-4-1", "thinking"),
        ("claude-opus-4-5", "output_config"),
        ("claude-opus-4-6", "output_config"),
        ("claude-sonnet-5", "output_config"),
    ],
)
def test_anthropic_thinks_by_budget_or_by_effort(model: str, key: str) -> None:
    asking = Inquiry(model, (), AnswerForm(Mode.TEXT), Parameters(reasoning_effort="low"))
    assert key in ANTHROPIC.body(asking)


@pytest.mark.parametrize(
    ("pasted", "url"),
    [
        ("https://x.example/v1/chat/completions", "https://x.example/v1/chat/completions"),
        ("https://x.example/v1/chat/completions/", "https://x.example/v1/chat/completions"),
        ("https://x.example/v1", "https://x.example/v1/chat/completions"),
        ("https://x.example/v1/responses", "https://x.example/v1/responses"),
    ],
)
def test_a_pasted_address_is_the_one_it_was_copied_from(pasted: str, url: str) -> None:
    spec = Endpoint("openai", "m", pasted)
    assert connect(spec, suite(Path("/suite"))).target.url == url


@pytest.mark.parametrize(
    ("base_url", "is_read"),
    [
        ("https://eu.api.openai.com/v1", True),
        ("https://api.openai.com/v1/responses", True),
        ("https://api.openai.com.evil.example/v1", False),
        ("https://evilapi.openai.com/v1", False),
        ("http://api.openai.com/v1", False),
        ("https://api.openai.com:8443/v1", False),
    ],
)
def test_the_vendors_variable_is_for_the_vendors_own_addresses(
    base_url: str,
    is_read: bool,  # noqa: FBT001 - a parameter of the test
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789")
    client = connect(Endpoint("openai", "m", base_url), suite(Path("/suite")))
    assert (getattr(client.transport, "secret") is not None) == is_read  # noqa: B009 - any transport


def test_a_server_that_counts_far_fewer_tokens_than_were_sent_is_warned_of_once() -> None:
    long = document("a.txt", 'ANSWER {"rent": 900}\n' + "Rent 900, 1234.50. " * 3_000)
    with serving() as server:
        talked = talk(spec_for(server), case("a", long), case("b", long))
        assert talked.client.warnings == []
    short = document("a.txt", 'ANSWER {"rent": 900}\n' + "x" * 10)
    with serving() as server:
        talked = talk(spec_for(server), case("a", short))
        assert talked.client.warnings == []
    with serving(Behaviour(counted=10)) as server:
        talked = talk(spec_for(server), case("a", long), case("b", long))
        (warning,) = talked.client.warnings
    assert warning.startswith("the server counted 10 tokens of a prompt of about ")


def test_an_answer_of_the_responses_interface_is_read_with_its_schema() -> None:
    schema: Json = {"type": "object", "properties": {"rent": {"type": "number"}}}
    one = replace(case("a", document("a.txt", 'ANSWER {"rent": 900}\n')), schema=schema)
    with serving() as server:
        spec = replace(spec_for(server), base_url=f"{server.url}/responses")
        talked = talk(spec, one)
        assert answered(talked.said[0])[0] == {"rent": 900}
        body = json.loads(talked.calls.asked[0].request.body)
    assert body["text"]["format"]["type"] == "json_schema"
    assert body["store"] is False
