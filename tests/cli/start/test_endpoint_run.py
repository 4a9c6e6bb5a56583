"""A run against an endpoint, from the command line: answers come, the key goes nowhere else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.asked import asking
from tests.cli.conftest import Project
from tests.extract.server.behaviour import Behaviour, Fault
from tests.extract.server.serving import Served, serving

KEY = "sk-top/secret+0123456789"
SCHEMA = {"type": "object", "properties": {"total": {"type": "number"}}}


@pytest.fixture
def asked(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose documents say their answers, and everything it can write below one folder."""
    monkeypatch.setenv("MY_KEY", KEY)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    project.suite()
    project.write({"evals/notes/schema.json": json.dumps(SCHEMA)})
    for name in "abc":
        answer = json.dumps({"total": 5, "name": name})
        text = f"Total 5 <script>alert(1)</script>\nANSWER {answer}\n"
        project.write({f"evals/notes/documents/{name}.txt": text})
    return project


def run(project: Project, server: Served, *more: str) -> tuple[int, str]:
    settings = ("--param", "key_env=MY_KEY", "--param", "seconds=20")
    found = project.harness(
        "run", "evals", "--model", "m-1", "--base-url", server.url, *settings, *more
    )
    return found.code, found.out + found.err


def assert_no_key(folder: Path, said: str) -> None:
    for secret in (KEY, json.dumps(KEY)[1:-1], KEY.replace("/", "\\/"), "0123456789"):
        assert secret not in said
        for path in folder.rglob("*"):
            assert secret.encode() not in (path.read_bytes() if path.is_file() else b""), path


def test_a_run_asks_the_model_and_says_in_which_form(asked: Project, tmp_path: Path) -> None:
    with serving(Behaviour(modes=frozenset({"tool"}), key=KEY)) as server:
        code, said = run(asked, server)
        assert code == 0, said
        assert server.last.headers["authorization"] == f"Bearer {KEY}"
    endpoint = asked.stored("run.json")["endpoint"]
    assert endpoint["model"] == "m-1"
    assert endpoint["forms"]["answers"] == {"tool": 3}
    assert list(endpoint["forms"]["refused"]) == ["json_schema", "json_object_schema"]
    assert {case["f1"] for case in asked.results()["cases"]} == {1.0}
    assert_no_key(tmp_path, said)


def test_places_that_a_model_states_are_no_fields_and_are_judged(asked: Project) -> None:
    for name in "abc":
        told = {"total": {"value": 5, "page": 1 + (name == "b")}, "name": name}
        text = f"Total 5\nANSWER {json.dumps(told)}\n"
        asked.write({f"evals/notes/documents/{name}.txt": text})
    with serving(Behaviour(modes=frozenset({"text"}), key=KEY)) as server:
        code, said = run(asked, server)
    assert code == 0, said
    results = asked.results()
    assert {case["f1"] for case in results["cases"]} == {1.0}
    assert results["stated_places"]["all"]["pages"] == {"hits": 2, "of": 3}


@pytest.mark.parametrize("fault", [Fault.UNAUTHORISED, Fault.REFUSAL, Fault.CONTENT_TYPE])
def test_a_failed_run_holds_no_key_either(asked: Project, tmp_path: Path, fault: Fault) -> None:
    with serving(Behaviour(faults={fault: 1.0})) as server:
        code, said = run(asked, server)
        assert code == 4, said
    assert_no_key(tmp_path, said)


def test_a_second_run_asks_nothing_again_whatever_the_form_was(asked: Project) -> None:
    with serving(Behaviour(modes=frozenset({"text"}))) as server:
        assert run(asked, server)[0] == 0
        before = server.counts.calls.total()
        assert run(asked, server)[0] == 0
        assert server.counts.calls.total() == before


def test_a_template_that_fails_on_one_case_is_told_before_anything_is_asked(
    project: Project,
) -> None:
    template = "Read.\n{% if 'Case 2' in document %}{{ 1 // 0 }}{% endif %}{{ document }}"
    with serving() as server:
        asking(project, server, 3)
        project.write({"evals/asked/prompt.md": template})
        said = project.harness("run")
        assert server.counts.calls.total() == 0
    assert said.code == 3
    assert said.err.startswith("evals/asked/prompt.md:2: the template fails: integer division")
