"""The digest changes with what can change a score, and with nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given

from harness.cases.digest import canonical, truth_digest
from harness.core.values import Json
from tests.cases.conftest import Project
from tests.cases.files.test_strict_json import json_values

SETTINGS = "rules: {total: {absolute: 1}}\nprompt: p.md\n"


def _write(project: Project) -> str:
    project.suite(SETTINGS)
    project.write(
        {
            "evals/notes/p.md": "Read it.",
            "evals/notes/schema.json": '{"type": "object", "title": "t"}',
            "ground_truth/notes/a.json": '{"total": 5, "date": null}',
        }
    )
    return project.load().digest


def _reversed(value: Json) -> Json:
    if isinstance(value, dict):
        return {k: _reversed(v) for k, v in reversed(value.items())}
    return [_reversed(v) for v in value] if isinstance(value, list) else value


@given(json_values)
def test_key_order_and_format_never_matter(value: Json) -> None:
    again: Json = json.loads(json.dumps(_reversed(value), indent=3))
    assert canonical(again) == canonical(value)
    assert json.loads(canonical(value)) == value


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("ground_truth/notes/a.json", '{"date":null,\n"total": 5.0}'),
        ("evals/notes/schema.json", '{"title": "t",  "type": "object"}'),
        ("evals/notes/suite.yaml", 'prompt: ./p.md\nrules:\n  "total": {absolute: 1}\ntags: [x]\n'),
        ("evals/notes/suite.yaml", SETTINGS + "description: new\ntarget_f1: 1\nempty: skip\n"),
    ],
)
def test_what_cannot_change_a_score_leaves_the_digest(
    project: Project, file: str, content: str
) -> None:
    digest = _write(project)
    project.write({file: content})
    assert project.load().digest == digest


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("ground_truth/notes/a.json", '{"total": 6, "date": null}'),
        ("ground_truth/notes/a.json", '{"total": 5}'),
        ("evals/notes/schema.json", '{"type": "object"}'),
        ("evals/notes/documents/a.txt", "Total  5"),
        ("evals/notes/p.md", "Read it!"),
        ("evals/notes/suite.yaml", "rules: {total: {absolute: 2}}\nprompt: p.md\n"),
        ("evals/notes/suite.yaml", SETTINGS + "empty: zero\n"),
    ],
)
def test_what_can_change_a_score_changes_the_digest(
    project: Project, file: str, content: str
) -> None:
    digest = _write(project)
    project.write({file: content})
    assert project.load().digest != digest


def _rename_case() -> None:
    Path("evals/notes/documents/a.txt").rename("evals/notes/documents/b.txt")
    Path("ground_truth/notes/a.json").rename("ground_truth/notes/b.json")


def _move_suite() -> None:
    Path("evals").rename("suites")
    Path("ground_truth/notes").rename("ground_truth/moved")
    Path("suites/notes").rename("suites/moved")


@pytest.mark.parametrize(("change", "same"), [(_rename_case, False), (_move_suite, True)])
def test_ids_count_and_places_do_not(
    project: Project, change: Callable[[], None], *, same: bool
) -> None:
    digest = _write(project)
    change()
    folder = "suites" if same else "evals"
    assert (project.load(folder).digest == digest) is same


def _one_form(value: Json) -> str:
    """Return canonical JSON of a value whose whole floats are integers first."""
    whole = _with_integers(value)
    return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _with_integers(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {key: _with_integers(held) for key, held in value.items()}
    return [_with_integers(held) for held in value] if isinstance(value, list) else value


def _plain_digest(case_id: str, truth: Json) -> int:
    text = _one_form([case_id, truth])
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())


@given(json_values)
def test_the_digest_of_a_truth_is_that_of_its_one_form(truth: Json) -> None:
    assert truth_digest("a", truth) == _plain_digest("a", truth)
    assert canonical(truth) == _one_form(truth)


@pytest.mark.parametrize("size", [1, 3_000])
@pytest.mark.parametrize(
    "value",
    [
        2.0,
        -2.0,
        -0.0,
        100.0,
        0.5,
        1e15,
        float(2**53 - 1),
        float(2**53),
        -float(2**53),
        9.1e15,
        1e16,
        1e300,
        "1.0,",
        "v2.0]",
        'said "2.0", and "3.0"}',
        "back\\slash 1.0,",
        {"1.0": 1.0, "a 1.0,": ["2.0,", 2.0, "\u00e9", 3.0]},
    ],
    ids=str,
)
def test_whole_floats_and_what_looks_like_them_have_the_digest_of_the_one_form(
    value: Json, size: int
) -> None:
    truth: Json = {"first": value, "rows": [{"x": value, "y": "1.0", "z": 5.0}] * size}
    assert canonical(value) == _one_form(value)
    assert truth_digest('quoted "1.0"', truth) == _plain_digest('quoted "1.0"', truth)
    assert truth_digest("a", truth) == _plain_digest("a", truth)


@pytest.mark.parametrize("size", [3, 300_000])
def test_a_text_full_of_what_looks_like_whole_floats_is_written_in_time_proportional_to_it(
    size: int,
) -> None:
    value: Json = ["1.0," * size, 2.0, "3.0]", -4.0]
    assert canonical(value) == _one_form(value)
