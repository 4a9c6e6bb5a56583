"""`harness run --repeat N --ensemble`: the answers of one model merged by their votes."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Project

WAVERING = '''
import itertools, threading
times, lock = {}, threading.Lock()

def extract(case):
    """Right twice out of three times, wrong in another way each time."""
    with lock:
        number = next(times.setdefault(case.id, itertools.count()))
    return {"total": 6 + number if number % 3 == 2 else 5, "name": case.id}
'''


def wavering(project: Project, *cases: str) -> None:
    project.suite(*cases)
    module = f"wavering_{len(cases)}"  # a process knows a module by its name
    project.write(
        {
            f"evals/notes/{module}.py": WAVERING,
            "evals/notes/suite.yaml": "extractors:\n"
            f"  model: {{kind: python, function: '{module}:extract'}}\n",
        }
    )


def test_answers_of_one_model_are_merged_and_gates_are_for_what_is_merged(
    project: Project,
) -> None:
    wavering(project, *"abcd")
    said = project.harness("run", "--repeat", "3", "--ensemble", "--fail-under", "macro=1")
    assert said.code == 0, said.err
    assert "members     3; the best alone, " in said.out
    assert "ensemble    macro F1 100 %, above the best member" not in said.out  # two are perfect
    assert "ensemble    macro F1 100 %, not above the best member" in said.out
    single, merged = sorted((project.root / "reports").glob("*/run.json"))
    records = [json.loads(path.read_text("utf-8")) for path in (single, merged)]
    assert [one["extractor_kind"] for one in records] == ["python", "ensemble"]
    assert records[1]["extractor"] == "model-ensemble"
    results = json.loads((merged.parent / "eval-results.json").read_text("utf-8"))
    sure = {
        diff["path"]: diff["confidences"]["votes"]
        for case in results["cases"]
        for diff in case["diffs"]
    }
    assert sure == {"total": pytest.approx(2 / 3, abs=1e-6), "name": 1.0}


def test_votes_of_answers_that_never_differ_are_said_to_tell_nothing(project: Project) -> None:
    project.suite("a", "b")
    said = project.harness("run", "--repeat", "2", "--ensemble")
    assert "all members say the same throughout: their votes tell nothing" in said.out
    wavering(project, "a", "b")
    assert "tell nothing" not in project.harness("run", "--repeat", "3", "--ensemble").out


def test_one_answer_is_no_ensemble(project: Project) -> None:
    project.suite("a")
    said = project.harness("run", "--ensemble")
    assert said.code == 2
    assert "each is asked once [one-member]" in said.err
    assert "hint: ask several times: --repeat 5" in said.err
    assert not (project.root / "reports").exists()


def test_a_run_with_answers_missing_is_not_merged(project: Project) -> None:
    project.suite("a", "b")
    (project.root / "evals/notes/answers/good/b.json").unlink()
    said = project.harness("run", "--repeat", "3", "--ensemble")
    assert said.code == 4
    assert "not merged, since answers are missing: harness ensemble " in said.err
    assert len(list((project.root / "reports").glob("*/run.json"))) == 1
