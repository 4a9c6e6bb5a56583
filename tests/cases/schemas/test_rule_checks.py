"""Names inside rules that no item bears, and alignments of what is no list."""

from __future__ import annotations

from typing import Any

import pytest

from harness import score
from harness.cases.schemas.rule_checks import broken_rules
from harness.cases.schemas.rule_warnings import rule_warnings
from harness.core.rules.field_rule import parse_rules
from harness.core.values import Json
from harness.errors import HarnessError
from tests.cases.conftest import Project

ENTITY: dict[str, Any] = {"align": "entity", "match": ["kind"]}


def told(
    rules: dict[str, Any], *truths: dict[str, Any], schema: dict[str, Any] | None = None
) -> list[str]:
    """Return what is said of rules."""
    schemas = [] if schema is None else [schema]
    return [str(problem) for _, problem in broken_rules(parse_rules(rules), schemas, truths)]


@pytest.mark.parametrize("rows", [3, 3_000])
@pytest.mark.parametrize(
    ("rule", "setting"),
    [
        ({"align": "entity", "match": ["kynd"]}, "match"),
        ({"align": "entity", "match": ["name + kynd"]}, "match"),
        ({"align": "key", "key": ["kynd"]}, "key"),
        ({**ENTITY, "id": "kynd"}, "id"),
        ({**ENTITY, "unknown": ["kynd"]}, "unknown"),
        ({**ENTITY, "unordered": ["kynd", "name"]}, "unordered"),
    ],
)
def test_a_name_no_item_bears_is_told_with_the_nearest(
    rule: dict[str, Any], setting: str, rows: int
) -> None:
    truth = {"events": [{"kind": f"k{n}", "name": "n"} for n in range(rows)]}
    assert told({"events": rule}, truth) == [
        (
            f"rules.events.{setting}: no item has a field 'kynd' [unknown-field]\n"
            "  hint: did you mean 'kind'?"
        )
    ]
    whole: Any = {"properties": {"events": {"items": {"properties": {"kind": {}, "name": {}}}}}}
    assert len(told({"events": rule}, schema=whole)) == 1


@pytest.mark.parametrize("rows", [3, 3_000])
def test_a_name_that_one_item_of_many_bears_is_right(rows: int) -> None:
    items: list[dict[str, Any]] = [{"kind": "k"} for _ in range(rows)]
    items[-1] = {"at": {"city": "Oslo"}, "kind": "k", "tags": ["x"]}
    rule = {"align": "entity", "match": ["kind", "at.city", "tags"]}
    assert told({"events": rule}, {"events": items}) == []
    assert told({"box.*": rule}, {"box": {"events": items}}) == []


def test_lists_of_which_no_item_is_known_are_not_judged() -> None:
    assert told({"events": ENTITY}, {"events": []}) == []
    open_items: Any = {"properties": {"events": {"items": {"additionalProperties": {}}}}}
    assert told({"events": ENTITY}, schema=open_items) == []


@pytest.mark.parametrize("keys", [3, 3_000])
@pytest.mark.parametrize("rule", [{"align": "sequence"}, {"align": "position"}])
def test_an_alignment_on_an_object_is_told(rule: dict[str, Any], keys: int) -> None:
    truth = {"events": {f"m{n}": {"kind": "k"} for n in range(keys)}}
    said = told({"events": rule}, truth)
    assert said == [
        (
            f"rules.events: `align: {rule['align']}` is for lists, and this is an object "
            "[bad-rule]\n  hint: the values of an object are paired by their keys; "
            "of a map, by `align: best`"
        )
    ]


@pytest.mark.parametrize("keys", [3, 3_000])
def test_entities_on_an_object_that_is_no_map_of_objects_are_told(keys: int) -> None:
    truth = {"events": {"kind": "k", **{f"m{n}": {"kind": "k"} for n in range(keys)}}}
    flaw = (
        "rules.events: `align: entity` is for maps of objects, and events.kind is none [bad-rule]\n"
        "  hint: entries that are single values are matched by `match: [$value]`"
    )
    assert told({"events": ENTITY}, truth) == [flaw]
    with pytest.raises(HarnessError, match="is for maps of objects"):
        score(truth, truth, rules={"events": ENTITY})
    named = {"properties": {"events": {"properties": {"kind": {"type": "string"}}}}}
    with pytest.raises(HarnessError, match="the schema names the keys"):
        score(truth, truth, named, rules={"events": ENTITY})
    assert len(told({"events": ENTITY}, truth, schema=named)) == 1


@pytest.mark.parametrize("keys", [3, 3_000])
def test_rules_of_entity_maps_are_held_against_their_entries(keys: int) -> None:
    truth = {"events": {f"m{n}": {"kind": "k"} for n in range(keys)}}
    assert told({"events": ENTITY}, truth) == []
    assert told({"events": {"align": "entity", "match": ["kynd"]}}, truth) == [
        (
            "rules.events.match: no item has a field 'kynd' [unknown-field]\n"
            "  hint: did you mean 'kind'?"
        )
    ]
    (ids,) = told({"events": {**ENTITY, "id": "kind"}}, truth)
    assert ids.startswith("rules.events.id: the entities of a map go by their keys")
    texts = {"events": {f"m{n}": "k" for n in range(keys)}}
    assert told({"events": {"align": "entity", "match": ["$value"]}}, texts) == []
    assert len(told({"events": ENTITY}, texts)) == 1


def test_an_entity_collection_has_a_name_that_references_say() -> None:
    for name in ("$", "events[]", "events{}"):
        assert told({name: ENTITY}, {"events": []}) == [
            (
                f"rules.{name}: `align: entity` is for a property of an object [bad-rule]\n"
                "  hint: references name the property"
            )
        ]
    with pytest.raises(HarnessError, match="the schema has a single value there"):
        score({}, {}, {"properties": {"events": {"type": "string"}}}, rules={"events": ENTITY})


def test_an_object_predicted_for_a_list_is_no_mistake_of_the_rules() -> None:
    result = score({"events": [{"kind": "k"}]}, {"events": {"kind": "k"}}, rules={"events": ENTITY})
    assert result.counts.expected == 1


def test_patterns_that_mean_lists_too_may_mean_objects() -> None:
    rules = {"**": {"align": "sequence"}}
    truth = {"box": {"a": [1, 2]}}
    assert told(rules, truth) == []
    assert score(truth, truth, rules=rules).f1 == 1


def test_a_suite_with_such_names_is_refused_with_their_lines(project: Project) -> None:
    project.suite(
        "rules:\n  events: {align: entity, match: [kynd]}\n  events[].by: {refers_to: evnts}\n"
    )
    project.write({"ground_truth/notes/a.json": '{"events": [{"kind": "k", "by": 1}]}'})
    with pytest.raises(HarnessError) as caught:
        project.load()
    assert [str(problem) for problem in caught.value.problems] == [
        (
            "evals/notes/suite.yaml:2: rules.events.match: no item has a field 'kynd' "
            "[unknown-field]\n  hint: did you mean 'kind'?"
        ),
        (
            "evals/notes/suite.yaml:3: rules.events[].by: refers to 'evnts', which has no "
            "`align: entity` rule [bad-rule]\n  hint: did you mean 'events'?"
        ),
    ]


@pytest.mark.parametrize("rows", [3, 3_000])
@pytest.mark.parametrize(
    ("rule", "setting"),
    [
        ({"align": "entity", "match": ["kynd"]}, "match"),
        ({"align": "key", "key": ["kynd"]}, "key"),
        ({**ENTITY, "id": "kynd"}, "id"),
        ({**ENTITY, "unordered": ["kynd", "name"]}, "unordered"),
    ],
)
def test_a_name_inside_a_rule_of_a_schema_is_told_with_the_nearest(
    rule: dict[str, Any], setting: str, rows: int
) -> None:
    schema: Any = {
        "properties": {"events": {"items": {"$ref": "#/$defs/event"}, "x-match": rule}},
        "$defs": {"event": {"properties": {"kind": {}, "name": {}}}},
    }
    truth = {"events": [{"kind": f"k{n}", "name": "n"} for n in range(rows)]}
    assert told({}, truth, schema=schema) == [
        (
            f"x-match of events.{setting}: no item has a field 'kynd' [unknown-field]\n"
            "  hint: did you mean 'kind'?"
        )
    ]


def test_a_reference_of_a_schema_that_leads_nowhere_is_told() -> None:
    schema: Any = {
        "properties": {
            "people": {
                "items": {"properties": {"name": {}}},
                "x-match": {**ENTITY, "match": ["name"]},
            },
            "by": {"x-match": {"refers_to": "peple"}},
        }
    }
    assert told({}, schema=schema) == [
        (
            "x-match of by: refers to 'peple', which has no `align: entity` rule [bad-rule]\n"
            "  hint: did you mean 'people'?"
        )
    ]
    right = {"by": {"refers_to": "people"}}
    assert told(right, schema=schema) == []


def test_a_pattern_that_means_a_map_is_told_to_pair_lists_only() -> None:
    schema: Any = {
        "properties": {
            "m": {"additionalProperties": {"properties": {"a": {}}}},
            "rows": {"items": {"properties": {"a": {}}}},
        }
    }
    rules = {"**": {"align": "key", "key": ["a"]}}
    found = [str(p) for _, p in rule_warnings(parse_rules(rules), [(schema, {})])]
    assert found == [
        (
            "rules.**: a pattern pairs the items of lists only, and m is a map [unused-rule]\n"
            "  hint: write a rule of its own: `m: {align: key}`"
        )
    ]
    own = {**rules, "m": {"align": "best"}}
    assert not list(rule_warnings(parse_rules(own), [(schema, {})]))


def test_a_name_inside_a_rule_of_one_case_is_told_at_its_file(project: Project) -> None:
    project.suite()
    project.write(
        {
            "ground_truth/notes/a.json": '{"events": [{"kind": "k", "name": "n"}]}',
            "ground_truth/notes/a.rules.yaml": "events: {align: key, key: [kynd]}\n",
        }
    )
    said = project.refusal()
    assert "a.rules.yaml" in said
    assert "rules.events.key: no item has a field 'kynd' [unknown-field]" in said


@pytest.mark.parametrize("rows", [3, 3_000])
def test_ignoring_what_alone_tells_items_apart_is_warned_of(rows: int) -> None:
    lines: list[Json] = [{"line": n, "label": "ab"[n % 2]} for n in range(rows)]
    truths: list[tuple[Json, Json]] = [(None, {"doc": [{"lines": lines}]})]
    ignored = {"doc[].lines[].line": {"ignore": True}}

    def warned(rules: dict[str, object], some: list[tuple[Json, Json]]) -> list[str]:
        return [problem.what for _, problem in rule_warnings(parse_rules(rules), some)]

    (what,) = warned({**ignored}, truths)
    assert what.startswith("rules.doc[].lines[].line: it alone tells items of doc[].lines apart")
    by_key = {"doc[].lines": {"align": "key", "key": ["line"]}}
    for align in (by_key, {"doc[].lines": {"align": "position"}}):
        assert warned({**ignored, **align}, truths) == []
    apart: list[Json] = [{"line": n, "label": f"l{n}"} for n in range(rows)]
    assert warned({**ignored}, [(None, {"doc": [{"lines": apart}]})]) == []
