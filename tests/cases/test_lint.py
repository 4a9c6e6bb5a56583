"""What is odd about a suite that runs all the same."""

# ruff: noqa: E501  # messages are quoted whole

from __future__ import annotations

import pytest
from inline_snapshot import snapshot

from tests.cases.conftest import Project


def test_files_without_a_partner_are_told_with_the_nearest_name(project: Project) -> None:
    project.suite()
    project.write(
        {
            "evals/notes/documents/invoice_1.txt": "1",
            "evals/notes/documents/zebra.txt": "z",
            "ground_truth/notes/invoice_01.json": "{}",
            "ground_truth/notes/~lock.json~": "",
        }
    )
    assert project.warnings() == snapshot("""\
evals/notes/documents/invoice_1.txt: case 'invoice_1' is left out: no ground truth [no-truth]
  hint: did you mean 'invoice_01'?
evals/notes/documents/zebra.txt: case 'zebra' is left out: no ground truth [no-truth]
  hint: add ground_truth/notes/zebra.json; harness run --drafts asks about it
ground_truth/notes/invoice_01.json: there is no document 'invoice_01': the ground truth is not used [orphan-truth]\
""")


def test_listed_cases_leave_other_truths_alone(project: Project) -> None:
    project.suite("cases:\n- {id: a}\n- {id: b, documents: documents/a.txt}\n")
    project.write({"ground_truth/notes/c.json": "{}"})
    assert project.warnings() == snapshot("""\
evals/notes/suite.yaml:1: case 'b' is left out: no ground truth [no-truth]
  hint: add ground_truth/notes/b.json; harness run --drafts asks about it\
""")


def test_an_empty_truth_is_told(project: Project) -> None:
    project.suite()
    project.write({"ground_truth/notes/a.json": '{"total": null, "rows": [{"x": ""}]}'})
    assert project.warnings() == snapshot(
        "ground_truth/notes/a.json: expects nothing: no value is present [empty-truth]"
    )


def test_cases_that_look_alike_are_told(project: Project) -> None:
    project.suite()
    project.write(
        {
            "evals/notes/documents/A.txt": "Total 5",
            "ground_truth/notes/A.json": '{"total": 5}',
        }
    )
    assert project.warnings() == snapshot("""\
evals/notes/documents/a.txt: has the same content as documents/A.txt, which is in another case [duplicate-document]
ground_truth/notes/a.json: cases 'A' and 'a' differ only in upper and lower case [similar-cases]
  hint: some file systems take them for one\
""")


def test_rules_that_mean_no_field_are_told(project: Project) -> None:
    project.suite(
        """\
rules:
  total: {compare: number}
  "items[].amuont": {compare: number}
  "items[].amount": {compare: number}
  items: {align: position}
  "*": {compare: exact}
  "**.deep": {compare: exact}
  "**.sku": {compare: exact}
  "masses{}.kg": {compare: number}
  "masses.iron.kg": {compare: number}
  "items[].child.child.name": {compare: text}
  "$": {blank: [missing]}
"""
    )
    project.write(
        {
            "evals/notes/schema.json": """{
                "properties": {
                    "total": {},
                    "items": {"items": {"$ref": "#/$defs/Item"}},
                    "masses": {"additionalProperties": {"properties": {"kg": {}}}}
                },
                "$defs": {"Item": {"properties": {
                    "amount": {}, "name": {}, "child": {"$ref": "#/$defs/Item"}}}}
            }""",
            "ground_truth/notes/a.json": '{"extra": [{"sku": "A"}]}',
        }
    )
    assert project.warnings() == snapshot("""\
evals/notes/suite.yaml:3: rules.items[].amuont: no field of the schema or the ground truth goes by that name [unused-rule]
  hint: did you mean 'items[].amount'?
evals/notes/suite.yaml:7: rules.**.deep: no field of the schema or the ground truth goes by that name [unused-rule]
evals/notes/suite.yaml:10: rules.masses.iron.kg: no field of the schema or the ground truth goes by that name [unused-rule]
  hint: did you mean 'masses{}.kg'?\
""")


def test_one_chosen_case_is_not_blamed_for_the_others(project: Project) -> None:
    project.suite("rules: {only_in_b: {compare: exact}}")
    project.write(
        {
            "evals/notes/documents/b.txt": "b",
            "evals/notes/documents/c.txt": "c",
            "ground_truth/notes/b.json": '{"only_in_b": 1}',
        }
    )
    chosen = project.load("evals/notes/documents/a.txt")
    assert (chosen.warnings, chosen.unscored) == ((), ())


@pytest.mark.parametrize("text", ["", " \n\t\n", "\f\f"])
def test_a_document_without_a_word_in_it_is_told_before_anything_is_asked(
    project: Project, text: str
) -> None:
    project.suite()
    project.write(
        {
            "evals/notes/documents/empty.txt": text,
            "ground_truth/notes/empty.json": '{"total": 5}',
        }
    )
    assert "documents/empty.txt: is empty" in project.warnings()
    assert "[empty-document]" in project.warnings()
