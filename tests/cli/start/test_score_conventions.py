"""`harness score --convention`: the same verdicts as other fields count them."""

from __future__ import annotations

import json

from tests.cli.conftest import Project


def files(project: Project) -> None:
    project.write(
        {
            "truth.json": json.dumps({"name": "Acme Corp", "total": 12, "city": "Oslo"}),
            "said.json": json.dumps({"name": "Acme Corporation", "total": "12", "city": "Oslo"}),
        }
    )


def test_several_are_printed_side_by_side_the_headline_first(project: Project) -> None:
    files(project)
    said = project.harness(
        *("score", "truth.json", "said.json"),
        *("--convention", "semeval-partial", "--convention", "correction-cost"),
    )
    assert (said.code, said.err) == (0, "")
    table = [line.split("  ") for line in said.out.splitlines()[-4:]]
    assert [row[0].strip() for row in table] == [
        "convention",
        "standard",
        "semeval-partial",
        "correction-cost",
    ]
    # One of three right: 1/3. With half a point for the name and one for the total: 2.5/3.
    assert "33.3 %" in said.out.splitlines()[-3]
    assert "83.3 %" in said.out.splitlines()[-2]
    assert "convention  standard; no vacuous case" in said.out


def test_a_convention_nobody_has_named_is_refused_with_the_nearest(project: Project) -> None:
    files(project)
    said = project.harness("score", "truth.json", "said.json", "--convention", "semeval-partail")
    assert said.code == 2
    assert "did you mean 'semeval-partial'?" in said.err


def test_streamed_files_refuse_what_counts_alone_do_not_give(project: Project) -> None:
    project.write(
        {"t.jsonl": '{"id": "a", "value": {"x": 1}}', "p.jsonl": '{"id": "a", "value": {}}'}
    )
    both = "score", "t.jsonl", "p.jsonl", "--workers", "1", "--convention"
    refused = project.harness(*both, "similarity")
    assert refused.code == 2
    assert "streamed files are not scored by similarity" in refused.err
    assert project.harness(*both, "correction-cost").code == 0


def test_a_truth_that_breaks_the_schema_is_told_of_with_its_line(project: Project) -> None:
    schema = {"properties": {"total": {"type": "integer"}}}
    lines = ['{"id": "a", "value": {"total": 1}}', '{"id": "b", "value": {"total": "x"}}']
    project.write(
        {
            "schema.json": json.dumps(schema),
            "t.jsonl": "\n".join(lines),
            "truth.json": '{\n "total": "x"\n}',
        }
    )
    said = project.harness("score", "t.jsonl", "t.jsonl", "--schema", "schema.json")
    assert "t.jsonl:2: total: expected integer, got string" in said.err
    said = project.harness("score", "truth.json", "truth.json", "--schema", "schema.json")
    assert "truth.json:2: total: expected integer" in said.err


def test_the_headline_of_fields_marked_by_rules_is_shown(project: Project) -> None:
    files(project)
    project.write({"rules.yaml": "name: {critical: true}\ncity: {focus: true, weight: 3}\n"})
    said = project.harness("score", "truth.json", "said.json", "--rules", "rules.yaml")
    assert "focus       100 % mean F1 of city \u00b7 guard 0 %, all others" in said.out
    assert "F1 weighted 60.0 % mean F1 of the fields by the weights of the rules" in said.out
    assert "critical    0 % (0/1) of the cases have name right \u00b7 broken: truth" in said.out
