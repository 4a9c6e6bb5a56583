"""What a case says of its own fields, in a file beside its truth."""

from __future__ import annotations

import json

import pytest

from harness.run.results.score_cases import Scorer
from tests.cases.conftest import Project

OWN = "ground_truth/notes/a.rules.yaml"


def test_a_case_may_accept_further_readings_of_its_fields(project: Project) -> None:
    project.suite("rules: {by: {compare: text}}")
    project.write(
        {
            "ground_truth/notes/a.json": '{"total": 5, "by": "J. Roe"}',
            OWN: "by: {any_of: [Jane Roe]}  # the letter says both\n",
            "evals/notes/documents/b.txt": "Total 6",
            "ground_truth/notes/b.json": '{"total": 6, "by": "J. Roe"}',
        }
    )
    suite = project.load()
    scorer = Scorer(suite.rules)
    said = {"total": 5, "by": "Jane Roe"}
    own, other = (scorer.plan(c.schema, c.rules).score(c.truth, said) for c in suite.cases)
    assert (own.f1, other.f1) == (1, 0)
    assert suite.warnings == ()


def test_a_cases_rules_are_part_of_what_was_scored(project: Project) -> None:
    project.suite()
    before = project.load().digest
    project.write({OWN: "# nothing yet\n"})
    assert project.load().digest == before
    project.write({OWN: "total: {any_of: [6]}\n"})
    assert project.load().digest != before


def test_every_mistake_in_them_has_its_line(project: Project) -> None:
    project.suite()
    project.write({OWN: "total: {any_off: [6]}\nname: {compare: textt}\n"})
    said = project.refusal()
    assert f"{OWN}:1: rules.total: unknown setting 'any_off' [unknown-key]" in said
    assert "did you mean 'any_of'?" in said
    assert f"{OWN}:2: rules.name.compare" in said


def test_a_case_cannot_say_what_a_field_weighs_in_all_of_them(project: Project) -> None:
    project.suite()
    project.write({OWN: "total: {weight: 3, critical: true}\nby: {focus: true}\n"})
    said = project.refusal()
    assert f"{OWN}:1: total: `weight` is of the field in all cases" in said
    assert f"{OWN}:2: by: `focus`" in said
    assert "say it under `rules:` in suite.yaml" in said
    project.write({OWN: "total: {critical: true}\n"})
    assert project.load().warnings == ()


def test_rules_that_mean_nothing_are_told_of(project: Project) -> None:
    project.suite()
    project.write(
        {
            OWN: "totl: {any_of: [6]}\n",
            "ground_truth/notes/aa.rules.yaml": "total: {any_of: [6]}\n",
            "ground_truth/notes/a.rules.yml": "total: {any_of: [6]}\n",
        }
    )
    said = project.warnings()
    assert f"{OWN}: rules.totl: no field" in said
    assert "aa.rules.yaml: there is no ground truth 'aa' beside it" in said
    assert "rename it to a.rules.yaml" in said


@pytest.mark.parametrize("cases", [3, 300])
def test_a_loose_rule_of_one_case_is_warned_of_where_it_stands(
    project: Project, cases: int
) -> None:
    project.suite()
    truths = {
        f"ground_truth/notes/c{n}.json": json.dumps({"by": f"Jane Roe {n}"}) for n in range(cases)
    }
    documents = {f"evals/notes/documents/c{n}.txt": f"By {n}" for n in range(cases)}
    own = {"ground_truth/notes/c1.rules.yaml": "by: {threshold: 0}\n"}
    project.write({**truths, **documents, **own})
    said = project.warnings()
    assert "c1.rules.yaml: rules.by: 'zqx' is correct where the truth is 'Jane Roe 1'" in said
    assert said.count("loose-rule") == 1


def test_fields_behind_an_anchor_are_fields_of_the_schema(project: Project) -> None:
    project.suite("schema: schema.json\nrules: {by.name: {compare: text}}")
    project.write(
        {
            "evals/notes/schema.json": '{"properties": {"by": {"$ref": "#person"}}, "$defs": '
            '{"p": {"$anchor": "person", "properties": {"name": {"type": "string"}}}}}'
        }
    )
    assert "no field" not in project.warnings()


def test_a_suites_name_is_limited_in_bytes(project: Project) -> None:
    project.suite(f"name: {'é' * 51}")
    assert "at most 100 bytes" in project.refusal()
