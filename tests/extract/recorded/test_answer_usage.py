"""Tokens and dollars of recorded answers, in the shapes in which vendors state them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.cases.suite import RecordedAnswers
from harness.core.records import Usage
from harness.errors import HarnessError
from harness.extract.build import build_recordings
from harness.run.results.cost import usage_record
from tests.cli.asked import BATCH_PRICES
from tests.cli.conftest import Project, project
from tests.extract.shapes import case, said, suite
from tests.run.stored_examples import stored_results

__all__ = ["project"]

SHAPES: dict[str, tuple[dict[str, Any], Usage]] = {
    "ours": (
        {"input_tokens": 9, "output_tokens": 4, "cached_tokens": 2, "usd": 0.5},
        Usage(9, 4, 2, 0.5),
    ),
    "OpenAI, chat": (
        {
            "prompt_tokens": 9,
            "completion_tokens": 4,
            "total_tokens": 13,
            "prompt_tokens_details": {"cached_tokens": 2, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 3},
        },
        Usage(9, 4, 2),
    ),
    "OpenAI, responses": (
        {"input_tokens": 9, "output_tokens": 4, "input_tokens_details": {"cached_tokens": 2}},
        Usage(9, 4, 2),
    ),
    "OpenRouter": (
        {"prompt_tokens": 9, "completion_tokens": 4, "cost": 0.25, "is_byok": False},
        Usage(9, 4, None, 0.25),
    ),
    "Anthropic": (
        {
            "input_tokens": 1,
            "cache_read_input_tokens": 6,
            "cache_creation_input_tokens": 2,
            "output_tokens": 4,
            "service_tier": "batch",
        },
        Usage(9, 4, 6),
    ),
    "LiteLLM of Anthropic": (
        {"prompt_tokens": 9, "completion_tokens": 4, "cache_read_input_tokens": 6},
        Usage(9, 4, 6),
    ),
    "Gemini": (
        {
            "promptTokenCount": 9,
            "candidatesTokenCount": 1,
            "thoughtsTokenCount": 3,
            "cachedContentTokenCount": 2,
        },
        Usage(9, 4, 2),
    ),
    "Bedrock": (
        {"inputTokens": 3, "cacheReadInputTokens": 6, "outputTokens": 4, "totalTokens": 13},
        Usage(9, 4, 6),
    ),
    "Ollama": ({"prompt_eval_count": 9, "eval_count": 4}, Usage(9, 4)),
    "Cohere": ({"tokens": {"input_tokens": 9.0, "output_tokens": 4.0}}, Usage(9, 4)),
    "DeepSeek": (
        {"prompt_tokens": 9, "completion_tokens": 4, "prompt_cache_hit_tokens": 2},
        Usage(9, 4, 2),
    ),
    "LangChain": (
        {"input_tokens": 9, "output_tokens": 4, "input_token_details": {"cache_read": 2}},
        Usage(9, 4, 2),
    ),
    "no details": ({"prompt_tokens": 9, "completion_tokens": None}, Usage(9)),
}
WRONG: dict[str, Any] = {
    "'usage' is not an object": 12,
    "'usage': 'prompt_tokens' is no number of tokens": {"prompt_tokens": -1},
    "'usage': 'output_tokens' is no number of tokens": {"output_tokens": 1.5},
    "'usage': 'eval_count' is no number of tokens": {"prompt_eval_count": 3, "eval_count": True},
    "'usage': 'prompt_tokens_details.cached_tokens' is no number of tokens": {
        "prompt_tokens": 3,
        "prompt_tokens_details": {"cached_tokens": "many"},
    },
    "'usage': 'cost' is no amount of US dollars": {"prompt_tokens": 3, "cost": "0.2"},
    "'usage': 'usd' is no amount of US dollars": {"usd": -0.2},
    "'usage' tells neither tokens nor dollars": {"tokens_in": 3},
    "'usage' has 8 cached tokens of 3 input tokens": {"input_tokens": 3, "cached_tokens": 8},
}


def lines(file: Path, usages: list[Any]) -> None:
    stated = [{"id": f"c{n}", "value": {"a": n}, "usage": usage} for n, usage in enumerate(usages)]
    file.write_text("".join(json.dumps(line) + "\n" for line in stated))


@pytest.mark.parametrize("vendor", SHAPES)
def test_usage_is_read_as_vendors_state_it(vendor: str, tmp_path: Path) -> None:
    stated, usage = SHAPES[vendor]
    lines(tmp_path / "answers.jsonl", [stated, None])
    recordings = build_recordings(RecordedAnswers(tmp_path / "answers.jsonl"), suite(tmp_path))
    assert [said(recordings, case(name)).usage for name in ("c0", "c1")] == [usage, None]


def test_a_failure_and_a_reply_have_what_they_took_too(tmp_path: Path) -> None:
    usage = {"input_tokens": 9, "output_tokens": 4}
    failure = {"status": "failed", "kind": "refusal", "message": "no", "raw": None, "usage": usage}
    stated = [
        {"id": "a", "raw": "I cannot.", "usage": usage},
        {"id": "b", "raw": '{"a": 1}', "usage": usage},
        {"case_id": "c", "said": failure, "seconds": 1},
    ]
    file = tmp_path / "answers.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in stated))
    recordings = build_recordings(RecordedAnswers(file), suite(tmp_path))
    assert {said(recordings, case(name)).usage for name in "abc"} == {Usage(9, 4)}


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("count", [3, 3_000])
def test_a_wrong_usage_is_an_error_with_its_line(what: str, count: int, tmp_path: Path) -> None:
    good: list[Any] = [{"prompt_tokens": 9, "completion_tokens": 4}] * (count - 1)
    lines(tmp_path / "answers.jsonl", [*good, WRONG[what]])
    with pytest.raises(HarnessError) as error:
        build_recordings(RecordedAnswers(tmp_path / "answers.jsonl"), suite(tmp_path))
    (problem,) = error.value.problems
    assert problem.what == what
    assert problem.where is not None
    assert problem.where.line == count


@pytest.mark.parametrize("count", [3, 3_000])
def test_a_recorded_suite_has_costs_by_field_and_by_item(project: Project, count: int) -> None:
    value = {"no": 1234, "rows": [{"q": 1}, {"q": 2}]}
    usage = {"prompt_tokens": 100, "completion_tokens": 19}
    cases = [f"c{number}" for number in range(count)]
    project.suite(*cases)
    for name in cases:
        project.write({f"ground_truth/notes/{name}.json": json.dumps(value)})
    stated = [{"id": name, "value": value, "usage": usage} for name in cases]
    text = "".join(json.dumps(line) + "\n" for line in stated)
    project.write({"evals/notes/answers.jsonl": text, "prices.toml": BATCH_PRICES})
    project.extractors(m="{kind: recorded, answers: answers.jsonl, model: m-1}")
    ran = project.harness("run", "--prices", "prices.toml")
    assert ran.code == 0, ran.err
    results = project.results()
    totals = results["aggregate"]["usage"]
    # 100 tokens at 10 and 19 at 100 dollars a million are 0.0029 dollars an answer
    assert totals["usd"] == pytest.approx(0.0029 * count)
    assert (totals["counted"], totals["paid_usd"]) == (count, None)
    (rows,) = results["field_costs"]["lists"]
    # "no": and 1234 are 9 characters, "q": and a digit 5, twice: 10 of 19 tokens are the rows'
    assert (rows["values"], rows["output_tokens"]) == (2 * count, pytest.approx(10 * count))
    assert rows["usd"] == pytest.approx(count * (0.0005 + 0.001))
    assert "rows[]" in project.harness("show", "--by", "cost").out
    assert "What fields cost" in (project.run_folder() / "report.html").read_text("utf-8")


def test_answers_of_a_run_replayed_cost_what_they_did(project: Project) -> None:
    project.suite("a")
    usage = {"prompt_tokens": 9, "completion_tokens": 4, "cost": 0.5}
    stated = {"id": "a", "value": {"total": 5}, "usage": usage}
    project.write({"evals/notes/first.jsonl": json.dumps(stated)})
    project.extractors(one="{kind: recorded, answers: first.jsonl}")
    assert project.harness("run", "-q").code == 0
    first = project.run_folder()
    stored = (first / "predictions.jsonl").read_text("utf-8")
    project.write({"evals/notes/second.jsonl": stored})
    project.extractors(two="{kind: recorded, answers: second.jsonl}")
    assert project.harness("run", "-q").code == 0
    (second,) = set((project.root / "reports").glob("*-two"))
    (again,) = stored_results(second)["cases"]
    assert again["usage"] == usage_record(Usage(9, 4, None, 0.5))
    compared = project.harness("compare", first.name, second.name, "--format", "json")
    (cost,) = json.loads(compared.out)["comparisons"][0]["field_costs"]
    assert cost["base_output_tokens_per_answer"] == cost["new_output_tokens_per_answer"] == 4
