"""What a model is told holds no right answer: enums, examples, defaults, descriptions, prompts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.cases.schemas.shown_answers import TruthValues, schema_shows, text_shows
from tests.cli.conftest import Project, project

__all__ = ["project"]


def said(schema: dict[str, Any], truths: list[Any]) -> list[tuple[str, str]]:
    values = TruthValues((f"c{n}", truth) for n, truth in enumerate(truths))
    found = schema_shows(schema, values)
    return [("/".join(map(str, pointer)), problem.code) for pointer, problem in found]


def of(field: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {field: schema}}


@pytest.mark.parametrize("count", [3, 3000])
def test_an_enum_that_is_just_the_truths_is_told_of(count: int) -> None:
    names = [f"Vendor {n}" for n in range(count)]
    truths = [{"vendor": name} for name in names]
    assert said(of("vendor", {"enum": [*names, None]}), truths) == [
        ("properties/vendor/enum", "enum-of-truths")
    ]
    more = of("vendor", {"enum": [*names, "Another"]})
    assert said(more, truths) == [], "a set that is larger than the truths is closed by somebody"


@pytest.mark.parametrize("count", [3, 3000])
def test_a_set_whose_members_come_again_and_again_is_a_closed_one(count: int) -> None:
    truths = [{"kind": ("billing", "technical", "other")[n % 3]} for n in range(2 * count)]
    schema = of("kind", {"enum": ["billing", "technical", "other"]})
    assert said(schema, truths) == []


@pytest.mark.parametrize("count", [15, 3000])
@pytest.mark.parametrize(
    "names",
    [
        ("Nordlicht GmbH", "Acme Corp", "Brightwater Ltd"),
        ("DE811234567", "FR40303265045", None),
        ("Jane Roe", "John Doe"),
        ("M\u00fcller & S\u00f6hne", "L\u00f6we AG", "cash"),
        ("4711-20", "4711-30", "4712-10"),
    ],
)
def test_an_enum_of_names_that_come_again_is_the_truths_all_the_same(
    names: tuple[str | None, ...], count: int
) -> None:
    truths = [{"vendor": names[n % len(names)]} for n in range(count)]
    schema = of("vendor", {"enum": [*names, None]})
    assert said(schema, truths) == [("properties/vendor/enum", "enum-of-truths")]


@pytest.mark.parametrize("count", [15, 3000])
@pytest.mark.parametrize("keyword", ["anyOf", "oneOf", "pattern"])
def test_a_closed_set_of_truths_is_told_of_however_it_is_written(keyword: str, count: int) -> None:
    names = ("Nordlicht GmbH", "Acme Corp", "Brightwater Ltd")
    truths = [{"vendor": names[n % 3]} for n in range(count)]
    constants: list[Any] = [{"const": name} for name in names]
    written = f"^({'|'.join(names)})$" if keyword == "pattern" else [*constants, {"type": "null"}]
    assert said(of("vendor", {keyword: written}), truths) == [
        (f"properties/vendor/{keyword}", "enum-of-truths")
    ]
    more = f"^({'|'.join(names)}|Other Inc)$" if keyword == "pattern" else [*constants, {}]
    assert said(of("vendor", {keyword: more}), truths) == []


@pytest.mark.parametrize("count", [15, 3000])
@pytest.mark.parametrize("keyword", ["examples", "default"])
def test_a_name_given_as_an_example_is_an_answer_however_many_documents_have_it(
    keyword: str, count: int
) -> None:
    truths = [
        {"vendor": ("Nordlicht GmbH", "Acme Corp")[n % 2], "kind": "bill"} for n in range(count)
    ]
    shown: Any = ["Acme Corp"] if keyword == "examples" else "Acme Corp"
    assert said(of("vendor", {keyword: shown}), truths) == [
        (f"properties/vendor/{keyword}", "answer-in-schema")
    ]
    assert said(of("kind", {keyword: ["bill"]}), truths) == [], "a word of the trade"
    assert said(of("vendor", {"description": "Such as Acme Corp"}), truths) == []


@pytest.mark.parametrize(
    "members",
    [
        ("EUR", "USD"),
        ("net 30", "net 60"),
        ("A4", "A3"),
        ("low", "Medium", "HIGH"),
        ("Credit note", "Invoice"),
    ],
)
def test_a_set_of_words_that_come_again_is_a_closed_one(members: tuple[str, ...]) -> None:
    truths = [{"kind": members[n % len(members)]} for n in range(40)]
    assert said(of("kind", {"enum": [*members]}), truths) == []


def test_an_enum_of_one_member_is_the_answer_but_in_a_union() -> None:
    truths = [{"kind": "invoice"} for _ in range(50)]
    assert said(of("kind", {"enum": ["invoice"]}), truths) == [
        ("properties/kind/enum", "enum-of-truths")
    ]
    branch = {"oneOf": [of("kind", {"enum": ["invoice"]}), of("kind", {"enum": ["note"]})]}
    assert said(branch, truths) == []


def test_enums_of_items_and_definitions_are_looked_at() -> None:
    truths = [{"rows": [{"sku": "A-1"}, {"sku": "B-2"}]}]
    skus = {"enum": ["A-1", "B-2"]}
    rows = of("rows", {"items": of("sku", skus)})
    assert said(rows, truths) == [("properties/rows/items/properties/sku/enum", "enum-of-truths")]
    shared = {
        "$defs": {"Sku": skus},
        **of("rows", {"items": of("sku", {"$ref": "#/$defs/Sku"})}),
    }
    assert said(shared, truths) == [("$defs/Sku/enum", "enum-of-truths")]


@pytest.mark.parametrize(
    "shown",
    [
        {"examples": ["Müller & Söhne GmbH"]},
        {"default": "müller & söhne  gmbh"},
        {"description": "The seller, such as Müller & Söhne GmbH."},
        {"title": "Müller & Söhne GmbH"},
        {"examples": [{"nested": ["Müller & Söhne GmbH"]}]},
        {"$comment": "seen: Müller & Söhne GmbH"},
        {"pattern": "^(Müller & Söhne GmbH|.*)$"},
        {"x-hint": "Müller & Söhne GmbH"},
    ],
    ids=["examples", "default", "description", "title", "nested", "comment", "pattern", "own"],
)
@pytest.mark.parametrize("count", [3, 3000])
def test_a_telling_truth_is_found_wherever_a_schema_holds_it(
    shown: dict[str, Any], count: int
) -> None:
    truths = [{"seller": f"Vendor {n} Ltd", "total": n} for n in range(count)]
    truths[count // 2] = {"seller": "Müller & Söhne GmbH", "total": 1234.5}
    where = f"properties/seller/{next(iter(shown))}"
    assert said(of("seller", {"type": "string", **shown}), truths) == [(where, "answer-in-schema")]


@pytest.mark.parametrize(
    "shown",
    [
        {"examples": ["EUR"], "default": "EUR", "description": "EUR, USD or CHF"},
        {"description": "yes or no; true or false", "examples": ["yes", 0, 1, True]},
        {"description": "A date as YYYY-MM-DD", "examples": ["2001-01-31"]},
        {"description": "The invoice's currency"},
        {"enum": ["completed", "cancelled", "pending"], "default": "completed"},
        {"description": "An invoice number such as INV-000"},
    ],
)
def test_common_and_invented_values_are_no_answers(shown: dict[str, Any]) -> None:
    truths = [
        {"currency": c, "paid": "yes", "status": "completed", "invoice": f"INV-{n}7{n}"}
        for n, c in enumerate(["EUR", "USD", "EUR", "CHF"])
    ]
    assert said(of("currency", shown), truths) == []


def test_a_word_that_many_truths_share_is_one_of_the_trade() -> None:
    truths = [{"unit": "kilogram", "n": n} for n in range(3)]
    assert said(of("unit", {"description": "such as kilogram"}), truths) == []
    assert len(said(of("unit", {"description": "such as kilogram"}), truths[:2])) == 1


def test_names_of_fields_and_members_of_closed_sets_are_no_answers() -> None:
    schema = {
        "properties": {
            "kind": {"enum": ["technical", "billing", "other"]},
            "summary": {"description": "One line; for a technical matter name the device."},
        }
    }
    assert said(schema, [{"kind": "technical", "summary": "billing"}]) == []


def test_a_prompt_that_holds_an_answer_is_told_of() -> None:
    values = TruthValues([("c1", {"total": 98123.45, "city": "Springfield"})])
    found = [p.what for p in text_shows("In Springfield, write 98123.45 as it stands.", values)]
    assert found == [
        "holds a right answer, \"Springfield\" of 'c1'",
        "holds a right answer, \"98123.45\" of 'c1'",
    ]
    assert not list(text_shows("Springfields", values)), "whole words only"


def test_check_says_it_with_file_and_line_and_the_suite_still_runs(project: Project) -> None:
    project.suite("a", "b")
    schema = of("name", {"type": "string", "enum": ["a", "b"]})
    schema["properties"]["total"] = {"type": "integer", "examples": [7]}
    project.write(
        {
            "evals/notes/suite.yaml": "schema: schema.json\nprompt: prompt.md\n"
            "extractors: {good: {kind: recorded, answers: answers/good}}\n",
            "evals/notes/schema.json": json.dumps(schema, indent=1),
            "evals/notes/prompt.md": "Read {{ document }}. The seller is Northwind Traders.",
            "ground_truth/notes/b.json": '{"total": 5, "name": "b", "seller": "Northwind Traders"}',
        }
    )
    found = project.harness("check")
    assert found.code == 0
    assert (
        "warning: evals/notes/schema.json:6: name: `enum` is just what the truths of name say: "
        '"a", "b" [enum-of-truths]'
    ) in found.err
    assert (
        "warning: evals/notes/prompt.md: holds a right answer, \"Northwind Traders\" of 'b' "
        "[answer-in-prompt]"
    ) in found.err
    assert project.harness("run", "-q").code == 0


def test_a_fresh_suite_of_init_is_told_of_nothing(project: Project) -> None:
    for n in range(3):
        truth = {"vendor": f"Vendor {n} Ltd", "date": f"2024-03-1{n}", "total": 1000.5 + n}
        project.write({f"in/{n}.txt": f"Vendor {n} Ltd", f"out/{n}.json": json.dumps(truth)})
    assert project.harness("init", "in", "--truths", "out").code == 0
    assert "warning" not in project.harness("check").err
