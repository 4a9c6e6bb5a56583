"""`harness score` on JSON files that hold many cases: arrays of records, objects keyed by id."""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Callable
from typing import Any, Literal

import pytest

from harness.core import number_text
from tests.cli.conftest import Project

Record = dict[str, Any]


def records(count: int, mistakes: float = 0.0) -> dict[str, Record]:
    """Return records by id; neighbours hold nearly the same, so that content pairs them wrongly."""
    draw = random.Random(count)
    return {
        f"inv-{number:04}": {
            "seller": "ACME" if number % 2 else "Bolt",
            "total": number // 3 + (draw.random() < mistakes),
            "rows": [{"sku": f"A-{number % 5}", "n": number % 7}],
        }
        for number in range(count)
    }


def as_array(cases: dict[str, Record]) -> str:
    listed = [{"id": key, **record} for key, record in cases.items()]
    random.Random(7).shuffle(listed)
    return json.dumps(listed)


def as_answers(cases: dict[str, Record]) -> str:
    return json.dumps([{"id": key, "value": record} for key, record in cases.items()])


def as_lines(cases: dict[str, Record]) -> str:
    return "".join(json.dumps({"id": key, "value": value}) + "\n" for key, value in cases.items())


FORMS: dict[str, Callable[[dict[str, Record]], str]] = {
    "array": as_array,
    "answers": as_answers,
    "keyed": json.dumps,
}


@pytest.mark.parametrize("count", [3, 3000])
def test_a_set_scores_as_its_records_do_as_lines_whatever_its_form(
    project: Project, count: int
) -> None:
    truths, said = records(count), records(count, 0.3)
    project.write({"t.jsonl": as_lines(truths), "p.jsonl": as_lines(said)})
    lines = project.harness("score", "t.jsonl", "p.jsonl", "--format", "json")
    wanted = json.loads(lines.out)
    forms = [("array", "keyed"), ("keyed", "array"), ("answers", "array"), ("array", "answers")]
    for expected, predicted in forms if count == 3 else forms[:1]:
        project.write({"t.json": FORMS[expected](truths), "p.json": FORMS[predicted](said)})
        found = project.harness("score", "t.json", "p.json", "--format", "json")
        assert found.code == 0
        document = json.loads(found.out)
        assert document["aggregate"] == wanted["aggregate"]
        assert [c["id"] for c in document["cases"]] == sorted(truths)


@pytest.mark.parametrize("form", sorted(FORMS))
def test_a_set_says_in_one_line_how_it_was_read(project: Project, form: str) -> None:
    project.write({"t.json": FORMS[form](records(3))})
    said = project.harness("score", "t.json", "t.json")
    assert said.code == 0
    what = "an object keyed by id" if form == "keyed" else "an array of records with ids"
    assert said.err == (
        f"warning: t.json: holds {what}: scored as 3 cases, paired by id [set-of-cases]\n"
        "  hint: if it is one case: --cases one\n"
    )
    assert said.out.startswith("t · 3 cases\n")


def test_records_swapped_between_ids_are_wrong_though_their_contents_pair(
    project: Project,
) -> None:
    project.write(
        {
            "t.json": '[{"id": 1, "total": 5}, {"id": 2, "total": 7}]',
            "p.json": '[{"id": 1, "total": 7}, {"id": 2, "total": 5}]',
        }
    )
    said = project.harness("score", "t.json", "p.json")
    # 2 wrong values; the ids pair the records and are no fields that could be right.
    assert "micro F1    0 % (0/4)" in said.out


def test_an_id_that_the_schema_describes_stays_and_is_not_scored(project: Project) -> None:
    schema = {
        "type": "object",
        "required": ["id", "total"],
        "additionalProperties": False,
        "properties": {"id": {"type": "string"}, "total": {"type": "number"}},
    }
    project.write(
        {
            "s.json": json.dumps(schema),
            "t.json": '[{"id": "a", "total": 5}]',
            "p.json": '[{"id": "a", "total": 7}]',
        }
    )
    said = project.harness("score", "t.json", "p.json", "--schema", "s.json")
    assert "micro F1    0 % (0/2)" in said.out
    assert "truth-breaks-schema" not in said.err


def test_a_truth_without_a_record_is_missing_as_in_a_run(project: Project) -> None:
    truths = records(3)
    project.write(
        {
            "t.json": as_array(truths),
            "p.json": as_array({key: truths[key] for key in ("inv-0000", "inv-0002")}),
        }
    )
    said = project.harness("score", "t.json", "p.json")
    assert said.code == 4
    assert "INCOMPLETE  2 of 3 answered" in said.out.split("\n")[1]
    assert "not asked   inv-0001: no recording" in said.out


def test_records_without_ids_are_one_case_and_it_is_said(project: Project) -> None:
    project.write({"t.json": '[{"sku": "A"}, {"sku": "B"}]'})
    said = project.harness("score", "t.json", "t.json")
    assert "t · 1 case\n" in said.out
    assert said.err.startswith("warning: t.json: holds an array of records without ids: scored as")


@pytest.mark.parametrize("count", [3, 3000])
def test_a_list_of_records_under_one_key_is_told_of_and_can_be_cases(
    project: Project, count: int
) -> None:
    truths, said = records(count), records(count, 0.3)
    for name, cases in (("t", truths), ("p", said)):
        wrapped = {"documents": json.loads(as_array(cases))}
        project.write({f"{name}.json": json.dumps(wrapped), f"{name}.jsonl": as_lines(cases)})
    lines = json.loads(project.harness("score", "t.jsonl", "p.jsonl", "--format", "json").out)
    many = project.harness("score", "t.json", "p.json", "--cases", "many", "--format", "json")
    assert (many.code, many.err) == (0, "")
    assert json.loads(many.out)["aggregate"] == lines["aggregate"]
    one = project.harness("score", "t.json", "p.json")
    assert one.out.startswith("t · 1 case\n")
    assert "holds one list of records with ids, under a key: scored as one case" in one.err
    assert "if the records are cases: --cases many" in one.err


def test_records_of_ids_of_another_name_are_cases_where_the_name_is_given(project: Project) -> None:
    project.write(
        {
            "t.json": '[{"doc": "a", "n": 1}, {"doc": "b", "n": 2}]',
            "p.json": '[{"doc": "a", "n": 2}, {"doc": "b", "n": 1}]',
        }
    )
    flattering = project.harness("score", "t.json", "p.json")
    assert "name the key that holds their ids: --id NAME" in flattering.err
    assert "macro F1    0 %" in project.harness("score", "t.json", "p.json", "--id", "doc").out


def test_keys_that_are_words_are_fields_and_it_is_said_and_can_be_changed(
    project: Project,
) -> None:
    project.write({"t.json": '{"seller": {"name": "A"}, "buyer": {"name": "B"}}'})
    one = project.harness("score", "t.json", "t.json")
    assert one.out.startswith("t · 1 case\n")
    assert "if its keys are ids of cases: --cases many" in one.err
    many = project.harness("score", "t.json", "t.json", "--cases", "many")
    assert many.out.startswith("t · 2 cases\n")
    assert many.err == ""


@pytest.mark.parametrize(
    ("truth", "schema", "rules"),
    [
        ('[{"id": 1, "n": 2}]', '{"type": "array", "items": {"type": "object"}}', ""),
        ('[{"id": 1, "n": 2}]', "", "'[].n': {absolute: 1}"),
        ('{"w2": {"n": 1}, "w3": {"n": 2}}', '{"properties": {"w2": {"type": "object"}}}', ""),
        ('{"w2": {"n": 1}, "w3": {"n": 2}}', "", "w2.n: {absolute: 0.1}"),
        ('{"a": {"n": 1}, "total": 3}', "", ""),
        ("[1, 2, 3]", "", ""),
    ],
)
def test_what_a_schema_or_rules_describe_as_a_whole_is_one_case_without_a_word(
    project: Project, truth: str, schema: str, rules: str
) -> None:
    project.write({"t.json": truth, "s.json": schema or "{}", "r.yaml": rules or "{}"})
    said = project.harness("score", "t.json", "t.json", "--schema", "s.json", "--rules", "r.yaml")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("t · 1 case\n")


@pytest.mark.parametrize(
    ("predicted", "what"),
    [
        ('[{"n": 1}, {"id": "a"}]', "p.json:1: record 1 of the array has no `id` [no-id]"),
        ('[{"id": "a"},\n {"id": "a"}]', "p.json:2: a second answer for 'a' [duplicate-case]"),
        ("5", "p.json: is one value, not an array or an object of records [one-case]"),
        ("{oops", "p.json: is not JSON: "),
        (
            '[{"id": "z"}]',
            "p.json: no record has the id of a truth in 't.json' (truths: 'a', 'b'; pred",
        ),
    ],
)
def test_predictions_that_are_no_set_are_refused_with_their_place(
    project: Project, predicted: str, what: str
) -> None:
    project.write({"t.json": '[{"id": "a", "n": 1}, {"id": "b", "n": 2}]', "p.json": predicted})
    said = project.harness("score", "t.json", "p.json")
    assert (said.code, said.out) == (3, "")
    assert said.err.startswith(what)


def test_closest_prints_a_set_as_lines(project: Project) -> None:
    project.write({"t.json": '[{"id": "a", "l": [1, 2]}]', "p.json": '[{"id": "a", "l": [2, 1]}]'})
    said = project.harness("score", "t.json", "p.json", "--closest")
    assert said.out == '{"id": "a", "value": {"l": [2, 1]}}\n'


@pytest.mark.parametrize("count", [3, 3000])
def test_endings_in_capitals_are_json_as_well(project: Project, count: int) -> None:
    for key, record in records(count).items():
        project.write({f"t/{key}.JSON": json.dumps(record), f"p/{key}.Json": json.dumps(record)})
    said = project.harness("score", "t", "p")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"t · {number_text.count(count)} cases\n")
    assert "macro F1    100 %" in said.out


def test_truths_in_capitals_beside_documents_are_truths(project: Project) -> None:
    for key, record in records(3).items():
        project.write({f"docs/{key}.TXT": key, f"docs/{key}.JSON": json.dumps(record)})
    said = project.harness("init", "docs")
    assert said.code == 0
    assert "3 truths" in said.out


@pytest.mark.parametrize("count", [3, 3_000])
@pytest.mark.parametrize("shape", ["records", "keyed"])
def test_ids_are_paired_whatever_unicode_form_they_are_written_in(
    project: Project, shape: str, count: int
) -> None:
    forms: dict[str, Literal["NFC", "NFD"]] = {"t.json": "NFC", "p.json": "NFD"}
    for name, form in forms.items():
        ids = [unicodedata.normalize(form, f"M\u00fcller {number}") for number in range(count)]
        keyed = {each: {"total": number} for number, each in enumerate(ids)}
        listed = [{"id": each, **value} for each, value in keyed.items()]
        project.write({name: json.dumps(listed if shape == "records" else keyed)})
    said = project.harness("score", "t.json", "p.json")
    assert (said.code, "not expected" in said.err) == (0, False)
    figure = number_text.count(2 * count)
    assert f"micro F1    100 % ({figure}/{figure})" in said.out


def test_two_keys_that_are_one_id_are_refused(project: Project) -> None:
    twice = {"M\u00fcller 1": {"a": 1}, "Mu\u0308ller 1": {"a": 2}, "b 2": {"a": 3}}
    truths = {"b 2": {"a": 3}, "c 3": {"a": 1}}
    project.write({"t.json": json.dumps(truths), "p.json": json.dumps(twice)})
    said = project.harness("score", "t.json", "p.json")
    assert (said.code, "a second answer for 'M\u00fcller 1'" in said.err) == (3, True)
