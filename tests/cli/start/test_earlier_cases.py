"""`harness run --filter-failing` and `--since`: the cases that an earlier run leaves."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Project
from tests.run.stored_examples import stored_results


def asked(project: Project) -> list[str]:
    """Return the cases of the newest run."""
    folder = max(path for path in (project.root / "reports").iterdir() if path.is_dir())
    results = stored_results(folder)
    return [case["id"] for case in results["cases"]]


def wrong_in_some(project: Project, size: int) -> list[str]:
    """Run a suite of which each third case is wrong and one is not answered; return these."""
    names = [f"c{n:04}[{n}]" for n in range(size)]
    project.suite(*names)
    project.extractors(
        bad="{kind: recorded, answers: answers/bad}", good="{kind: recorded, answers: answers/good}"
    )
    answers = {name: {"total": 7 if n % 3 == 0 else 1} for n, name in enumerate(names)}
    del answers[names[1]]
    project.write(
        {
            **{f"evals/notes/answers/bad/{n}.json": json.dumps(a) for n, a in answers.items()},
            **{f"evals/notes/answers/good/{n}.json": '{"total": 1}' for n in names},
            **{f"ground_truth/notes/{n}.json": '{"total": 1}' for n in names},
        }
    )
    assert project.harness("run", "-q", "-e", "bad").code == 4
    return sorted([*names[::3], names[1]])


@pytest.mark.parametrize("size", [6, 150])
def test_only_cases_that_failed_are_asked_again(project: Project, size: int) -> None:
    left = wrong_in_some(project, size)
    assert project.harness("run", "-q", "-e", "good", "--filter-failing", "last").code == 0
    assert asked(project) == left
    said = project.harness("run", "-q", "-e", "good", "--filter-failing", "last")
    assert (said.code, said.out) == (2, "")
    assert "nothing to ask: no case of 'notes'" in said.err


def test_failing_cases_are_narrowed_by_the_other_options(project: Project) -> None:
    left = wrong_in_some(project, 6)
    words = ("run", "-q", "-e", "good", "--filter-failing", "bad")
    assert project.harness(*words, "--filter", "c0003*").code == 0
    assert asked(project) == [left[-1]]
    assert project.harness(*words, "--limit", "1").code == 0
    assert asked(project) == left[:1]


def test_only_cases_that_changed_since_are_asked(project: Project) -> None:
    wrong_in_some(project, 6)
    words = ("run", "-q", "-e", "good", "--since", "bad")
    assert project.harness(*words).code == 2
    project.write(
        {
            "evals/notes/documents/c0002[2].txt": "another text",
            "ground_truth/notes/c0004[4].json": '{"total": 2}',
            "evals/notes/documents/new.txt": "new",
            "ground_truth/notes/new.json": '{"total": 1}',
            "evals/notes/answers/good/new.json": '{"total": 1}',
        }
    )
    assert project.harness(*words).code == 0
    assert asked(project) == ["c0002[2]", "c0004[4]", "new"]
