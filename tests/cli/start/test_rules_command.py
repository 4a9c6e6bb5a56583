"""`harness rules`: how every field of a suite is judged, and by whose rule."""

from __future__ import annotations

import json

from tests.cli.conftest import REPOSITORY, Project

RULES = """\
schema: schema.json
rules:
  total: {absolute: 0.5}
  "**.name": {threshold: 0.9}
  totel: {absolute: 1}
"""
SCHEMA = {"type": "object", "properties": {"total": {"type": "number"}}}


def suite(project: Project) -> None:
    project.suite("a", "b")
    path = project.root / "evals/notes/suite.yaml"
    path.write_text(path.read_text() + RULES)
    project.write({"evals/notes/schema.json": json.dumps(SCHEMA)})


def test_every_field_tells_its_comparator_its_settings_and_who_said_so(project: Project) -> None:
    suite(project)
    before = project.tree()
    said = project.harness("rules", "evals/notes")
    assert (said.code, said.err) == (0, "")
    assert said.out == (
        "notes · 2 cases\n"
        "\n"
        "total  number (the schema's `type: number`)\n"
        "       absolute: 0.5 (rule `total`)\n"
        "name   text (the expected value's JSON type: string)\n"
        "       threshold: 0.9 (rule `**.name`, a pattern)\n"
        "       similarity: ratio (the default)\n"
        "       bound: >= (the default)\n"
        "\n"
        "rules that no field goes by\n"
        "totel  did you mean 'total'?\n"
    )
    assert project.tree() == before


def test_json_says_the_same(project: Project) -> None:
    suite(project)
    (found,) = json.loads(project.harness("rules", "--format", "json").out)
    assert found["suite"] == "notes"
    assert found["unused"] == ["totel"]
    (plan,) = found["plans"]
    assert plan["cases"] == ["a", "b"]
    assert plan["fields"][0] == {
        "field": "total",
        "kind": "scalar",
        "comparator": {
            "name": "compare",
            "value": "number",
            "from": "schema",
            "said": "the schema's `type: number`",
        },
        "settings": [
            {"name": "absolute", "value": 0.5, "from": "rule", "said": "rule `total`"},
        ],
    }


def test_lists_entities_and_ignored_fields_are_named(project: Project) -> None:
    said = project.harness("rules", REPOSITORY / "evals/basics")
    assert (said.code, said.err) == (0, "")
    assert "basics · parts-list\n" in said.out
    assert 'key: ["part_no"] (x-match in the schema)\n' in said.out
    assert "rules that no field goes by" not in said.out


def test_several_suites_follow_each_other(project: Project) -> None:
    project.suite("a")
    project.suite("b", name="more")
    said = project.harness("rules")
    assert said.out.count(" · ") == 2
    assert "more · b\n" in said.out


def test_a_field_s_name_cannot_act_on_the_terminal(project: Project) -> None:
    project.suite("a")
    project.write({"ground_truth/notes/a.json": json.dumps({"\x1b[31m\u202ex": 1})})
    said = project.harness("rules")
    assert "\x1b" not in said.out
    assert "\u202e" not in said.out


def test_a_suite_that_is_wrong_is_an_error(project: Project) -> None:
    project.suite("a")
    project.write({"evals/notes/suite.yaml": "rules: {total: {absolut: 1}}\n"})
    said = project.harness("rules", "evals/notes")
    assert (said.code, said.out) == (3, "")
    assert "did you mean 'absolute'?" in said.err
