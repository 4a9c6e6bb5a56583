"""Answers, or truths, that stand below a key of their own are told of on every way in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

import pytest

import harness
from harness.core.values import Json
from tests.cli.conftest import Project

Pair = tuple[Json, Json]


def _bare(number: int) -> dict[str, Json]:
    return {"total": number, "vendor": f"v{number}"}


WRAPPED: Final[dict[str, tuple[Callable[[int], Pair], str]]] = {
    "one key": (
        lambda n: (_bare(n), {"data": _bare(n)}),
        "every prediction holds its values below 'data', the truths hold theirs at the top",
    ),
    "two keys": (
        lambda n: (_bare(n), {"ok": True, "response": {"result": _bare(n)}}),
        "every prediction holds its values below 'response.result', the truths hold theirs",
    ),
    "beside an id": (
        lambda n: ({"id": n, **_bare(n)}, {"id": n, "data": _bare(n)}),
        "every prediction holds its values below 'data', the truths hold theirs at the top",
    ),
    "a list": (
        lambda n: ([{"qty": n}, {"qty": n + 1}], {"data": [{"qty": n}, {"qty": n + 1}]}),
        "every prediction holds its values below 'data', the truths hold theirs at the top",
    ),
    "the truths": (
        lambda n: ({"label": _bare(n)}, _bare(n)),
        "every truth holds its values below 'label', the predictions hold theirs at the top",
    ),
    "most of them": (
        lambda n: (_bare(n), {"data": _bare(n)} if n else _bare(n)),
        "predictions hold their values below 'data', the truths hold theirs at the top",
    ),
}


def _lines(project: Project, pairs: list[Pair]) -> None:
    for at, name in enumerate(("truths.jsonl", "said.jsonl")):
        lines = (json.dumps({"id": f"c{n:04}", "value": pair[at]}) for n, pair in enumerate(pairs))
        project.write({name: "\n".join(lines) + "\n"})


@pytest.mark.parametrize("cases", [3, 3_000])
@pytest.mark.parametrize("kind", WRAPPED)
def test_files_and_streams_and_python_tell_of_wrapped_answers(
    project: Project, kind: str, cases: int
) -> None:
    pair_of, words = WRAPPED[kind]
    pairs = [pair_of(number) for number in range(cases)]
    _lines(project, pairs)
    said = project.harness("score", "truths.jsonl", "said.jsonl", "-j", "1")
    assert words in said.err
    assert ("looked at) [wrapped-answer]" in said.err) == (cases > 200)
    report = harness.evaluate(pairs=pairs)
    assert words in report.warnings[0]
    assert words in str(report)


@pytest.mark.parametrize("kind", WRAPPED)
def test_a_run_its_page_and_all_that_is_made_of_it_tell_of_wrapped_answers(
    project: Project, kind: str
) -> None:
    pair_of, words = WRAPPED[kind]
    pairs = [pair_of(number) for number in range(3)]
    _lines(project, pairs)
    project.write({"evals/n/suite.yaml": "extractor: {kind: recorded, answers: said.jsonl}\n"})
    (project.root / "said.jsonl").rename(project.root / "evals/n/said.jsonl")
    for number, (truth, _) in enumerate(pairs):
        project.write(
            {
                f"evals/n/documents/c{number:04}.txt": "a text",
                f"ground_truth/n/c{number:04}.json": json.dumps(truth),
            }
        )
    assert words in " ".join(project.harness("run").out.split())
    assert words in " ".join(project.harness("rescore").out.split())
    page = (project.run_folder() / "report.html").read_text("utf-8")
    assert words.partition("'")[0] in page
    assert "**Wrapped.**" in project.harness("export", "--format", "markdown").out
    assert words in project.harness("run", "-q").err


def test_answers_of_which_less_than_half_are_wrapped_are_errors_like_others(
    project: Project,
) -> None:
    pairs: list[Pair] = [(_bare(n), {"data": _bare(n)} if n == 2 else _bare(n)) for n in range(4)]
    pairs += [({"a": {"b": 1}, "c": 2}, {"a": {"b": 1, "c": 2}})]  # a key of the truth's own
    _lines(project, pairs)
    assert "wrapped" not in project.harness("score", "truths.jsonl", "said.jsonl").err
    assert harness.evaluate(pairs=pairs).warnings == ()
