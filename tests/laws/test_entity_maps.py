"""Entity maps, whose keys are local names: the same graph under other keys, at any size."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from harness import HarnessError, score

MATCHED: dict[str, Any] = {
    "people": {"align": "entity", "match": {"name": 1, "boss": 0}},
    "bonds": {"align": "entity", "match": ["a", "b"], "unordered": ["a", "b"]},
    "events[].who": {"refers_to": "people"},
}
REFERENCES = {
    "people*.boss": "boss",
    "people*.friends": "friends",
    "bonds*.a": "a",
    "bonds*.b": "b",
}
MAPS: dict[str, Any] = MATCHED | {
    name.replace("*", "{}"): {"refers_to": "people"} for name in REFERENCES
}
LISTS: dict[str, Any] = MATCHED | {
    name.replace("*", "[]"): {"refers_to": "people"} for name in REFERENCES
}
TEXT = {"type": "string"}
PERSON = {
    "properties": {
        "name": TEXT,
        "born": {"type": "integer"},
        "boss": TEXT,
        "friends": {"type": "array", "items": TEXT},
    }
}
SCHEMA: dict[str, Any] = {
    "properties": {
        "people": {"additionalProperties": PERSON},
        "bonds": {"additionalProperties": {"properties": {"a": TEXT, "b": TEXT, "kind": TEXT}}},
        "events": {"items": {"properties": {"what": TEXT, "who": TEXT}}},
    }
}
SIZES = (3, 3_000)
SCHEMAS = (None, SCHEMA)


def graph(size: int) -> dict[str, Any]:
    """Return people of different names, each with a boss and friends, bonds and events."""
    keys = [f"p{n}" for n in range(size)]
    people = {
        key: {
            "name": f"Person {n}",
            "born": 1900 + n % 90,
            "boss": keys[n // 2],
            "friends": [keys[n - 1], keys[n - 2]],
        }
        for n, key in enumerate(keys)
    }
    bonds = {f"b{n}": {"a": keys[n], "b": keys[n - 1], "kind": "kin"} for n in range(0, size, 3)}
    events = [{"what": f"event {n}", "who": keys[-n]} for n in range(0, size, 2)]
    return {"people": people, "bonds": bonds, "events": events}


def renamed(whole: dict[str, Any], seed: int = 1) -> dict[str, Any]:
    """Return the same graph in another order under other keys, pairs the other way round."""
    rng = random.Random(seed)
    order = list(whole["people"])
    rng.shuffle(order)
    other = {key: str(n) for n, key in enumerate(order)}
    people = {
        other[key]: {
            **whole["people"][key],
            "boss": other[whole["people"][key]["boss"]],
            "friends": [other[key] for key in reversed(whole["people"][key]["friends"])],
        }
        for key in order
    }
    bonds = {
        f"bond_{n}": {"a": other[bond["b"]], "b": other[bond["a"]], "kind": bond["kind"]}
        for n, bond in enumerate(reversed(whole["bonds"].values()))
    }
    events = [{**event, "who": other[event["who"]]} for event in reversed(whole["events"])]
    return {"people": people, "bonds": bonds, "events": events}


def as_lists(whole: dict[str, Any]) -> dict[str, Any]:
    """Return a graph whose collections are lists of entities with ids."""
    return whole | {
        name: [{"id": key, **entity} for key, entity in (whole.get(name) or {}).items()]
        for name in ("people", "bonds")
    }


def numbers(result: Any) -> tuple[Any, ...]:  # noqa: ANN401  # a case's result
    counts = result.counts
    kinds = counts.correct, counts.wrong_value, counts.omission, counts.hallucination
    items = {name.replace("{}", "[]"): some for name, some in result.items.items()}
    return (*kinds, counts.format_error, counts.true_negatives, items)


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("size", SIZES)
def test_a_graph_is_its_own_copy_under_any_keys_and_in_any_order(schema: Any, size: int) -> None:  # noqa: ANN401  # JSON
    truth = graph(size)
    bonds, events = len(truth["bonds"]), len(truth["events"])
    for answer in (truth, renamed(truth)):
        found = score(truth, answer, schema, MAPS)
        # Of a person name, year, boss and two friends; of a bond three fields, of an event two.
        assert found.counts.correct == found.counts.total == 5 * size + 3 * bonds + 2 * events
        assert (found.items["people"], found.items["bonds"]) == ((size, 0, 0), (bonds, 0, 0))


@pytest.mark.parametrize("size", SIZES)
def test_references_are_right_by_whom_they_name_and_not_by_the_key(size: int) -> None:
    truth, answer = graph(size), renamed(graph(size))
    answer["events"][0]["who"], other = next(iter(answer["people"])), answer["events"][0]["who"]
    is_other = answer["events"][0]["who"] != other
    assert score(truth, answer, SCHEMA, MAPS).counts.wrong_value == is_other
    nobody = renamed(truth)
    for event in nobody["events"]:
        event["who"] = "p1"  # a key of the truth, and nobody's here
    assert score(truth, nobody, SCHEMA, MAPS).counts.wrong_value == len(truth["events"])


def broken(whole: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return an answer with mistakes: people left out and made up, names and bosses wrong."""
    rng = random.Random(seed)
    answer = json.loads(json.dumps(renamed(whole, seed)))
    people = answer["people"]
    keys = list(people)
    for key in rng.sample(keys, len(keys) // 3):
        change = rng.choice(("gone", "name", "boss", "born", "friends"))
        if change == "gone":
            del people[key]
        elif change == "name":
            people[key]["name"] += " Jr"
        elif change == "boss":
            people[key]["boss"] = rng.choice([*keys, "nobody"])
        else:
            people[key].pop(change)
    people["new"] = {"name": "Somebody", "boss": keys[0]}
    return {**answer, "people": people}


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("size", [3, 30, 3_000])
def test_a_graph_scores_the_same_as_a_map_and_as_a_list(schema: Any, size: int) -> None:  # noqa: ANN401  # JSON
    truth = graph(size)
    whole = None
    if schema is not None:
        listed = {
            name: {"items": one["additionalProperties"]}
            for name, one in schema["properties"].items()
            if name != "events"
        }
        whole = {"properties": schema["properties"] | listed}
    for seed in range(1 if size == SIZES[-1] else 8):
        answer = broken(truth, seed)
        for one, other in ((truth, answer), (answer, truth)):
            as_map = score(one, other, schema, MAPS)
            as_list = score(as_lists(one), as_lists(other), whole, LISTS)
            assert numbers(as_map) == numbers(as_list)


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("nothing", [{}, {"people": None}, {"people": {}}])
def test_an_empty_side_is_omitted_or_made_up_as_a_list_is(
    schema: Any,  # noqa: ANN401  # JSON
    size: int,
    nothing: dict[str, Any],
) -> None:
    rules = {name: rule for name, rule in MATCHED.items() if name == "people"}
    maps = schema and {"properties": {"people": SCHEMA["properties"]["people"]}}
    lists = schema and {"properties": {"people": {"items": PERSON}}}
    truth = {"people": graph(size)["people"]}
    empty = {key: [] if value == {} else value for key, value in nothing.items()}
    listed = {"people": as_lists(truth)["people"]}
    for one, other, left, right in (
        (truth, nothing, listed, empty),
        (nothing, truth, empty, listed),
        (nothing, nothing, empty, empty),
    ):
        found = score(one, other, maps, rules)
        assert found.counts.total == (0 if one is other else 5 * size)
        assert numbers(found) == numbers(score(left, right, lists, rules))


def test_entities_that_say_nothing_are_named_all_the_same() -> None:
    rules = {**MAPS, "lead": {"refers_to": "people"}}
    truth = {"people": {"a": {}, "b": {"name": "Bob"}}, "lead": "a"}
    assert (
        score(truth, {"people": {"x": {"name": "Bob"}, "y": {}}, "lead": "y"}, rules=rules).f1 == 1
    )
    wrong = {"people": {"x": {"name": "Bob"}, "y": {}}, "lead": "x"}
    assert score(truth, wrong, rules=rules).counts.wrong_value == 1


@pytest.mark.parametrize("size", SIZES)
def test_keys_that_are_numbers_are_named_by_numbers(size: int) -> None:
    rules = {"people": {"align": "entity", "match": ["name"]}, "order[]": {"refers_to": "people"}}
    truth = {
        "people": {str(n): {"name": f"P {n}"} for n in range(size)},
        "order": list(range(size)),
    }
    answer = {
        "people": {str(n): {"name": f"P {size - 1 - n}"} for n in range(size)},
        "order": [str(size - 1 - n) for n in range(size)],
    }
    assert score(truth, truth, rules=rules).f1 == 1
    found = score(truth, answer, rules=rules).counts
    assert (found.correct, found.total) == (size * 2, size * 2)


@pytest.mark.parametrize("size", SIZES)
def test_a_map_of_single_values_is_matched_by_them(size: int) -> None:
    rules = {"names": {"align": "entity", "match": ["$value"]}, "said[].by": {"refers_to": "names"}}
    truth = {
        "names": {f"n{n}": f"Name {n}" for n in range(size)},
        "said": [{"what": f"w{n}", "by": f"n{n}"} for n in range(size)],
    }
    answer: dict[str, Any] = {
        "names": {f"x{n}": f"Name {n}" for n in reversed(range(size))},
        "said": [{"what": f"w{n}", "by": f"x{n}"} for n in range(size)],
    }
    assert score(truth, answer, rules=rules).f1 == 1
    answer["said"][0]["by"] = "x1"
    assert score(truth, answer, rules=rules).counts.wrong_value == 1


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("size", SIZES)
def test_another_shape_is_a_format_error_of_every_field(schema: Any, size: int) -> None:  # noqa: ANN401  # JSON
    truth = {"people": graph(size)["people"]}
    right = renamed(graph(size))["people"]
    encoded = score(truth, {"people": json.dumps(right)}, schema, MAPS).counts
    assert (encoded.format_error, encoded.correct) == (encoded.expected, 0)
    listed = score(truth, as_lists({"people": right}), schema, MAPS).counts
    assert (listed.format_error, listed.correct) == (listed.expected, 0)
    back = score(as_lists(truth), {"people": right}, None, LISTS).counts
    assert (back.format_error, back.correct) == (back.expected, 0)


@pytest.mark.parametrize("size", SIZES)
def test_a_list_of_entities_sent_as_text_is_no_omission(size: int) -> None:
    truth = as_lists({"people": graph(size)["people"]})
    answer = {"people": json.dumps(truth["people"])}
    found = score(truth, answer, rules=LISTS).counts
    assert (found.format_error, found.omission) == (found.expected, 0)


def test_maps_inside_of_items_and_of_maps_have_names_of_their_own() -> None:
    match = {"align": "entity", "match": ["name"]}
    people = {"a": {"name": "Ann"}, "b": {"name": "Bob"}}
    turned = {"b": {"name": "Ann"}, "a": {"name": "Bob"}}
    for truth, answer, at in (
        ([{"people": people, "lead": "a"}], [{"people": turned, "lead": "b"}], "acts[]"),
        ({"x": {"people": people, "lead": "a"}}, {"y": {"people": turned, "lead": "b"}}, "acts{}"),
    ):
        rules = {f"{at}.people": match, f"{at}.lead": {"refers_to": "people"}}
        rules |= {"acts": {"align": "best"}, "acts{}.$key": {"ignore": True}} if "{" in at else {}
        assert score({"acts": truth}, {"acts": answer}, rules=rules).f1 == 1


def test_statements_of_maps_add_up_by_key() -> None:
    rules = {"told": {"cumulative": True}, "told[].people": {"align": "entity", "match": ["name"]}}
    truth = {"told": [{"people": {"a": {"name": "Ann"}}}, {"people": {"a": {"age": 9}}}]}
    answer = {"told": [{"people": {"x": {"name": "Ann", "age": 9}}}, {}]}
    whole = score(truth, answer, rules=rules).cumulative
    assert whole is not None
    assert (whole.counts.correct, whole.counts.total) == (2, 2)


@pytest.mark.parametrize("name", ["$key", "name"])
def test_what_is_never_compared_is_no_criterion(name: str) -> None:
    rules = {"people": {"align": "entity", "match": [name]}, "people{}.name": {"ignore": True}}
    with pytest.raises(HarnessError, match="is never compared, and `match` names it"):
        score({"people": {"a": {"name": "x"}}}, {"people": {}}, rules=rules)


@pytest.mark.parametrize("pattern", ["**", "peo*"])
@pytest.mark.parametrize("size", SIZES)
def test_a_pattern_makes_no_map_a_collection(pattern: str, size: int) -> None:
    truth = {"people": graph(size)["people"], "phone": "12"}
    for schema in SCHEMAS:
        with pytest.raises(HarnessError, match="patterns pair lists only"):
            score(truth, truth, schema, {pattern: {"align": "entity", "match": ["name"]}})
    texts = {"properties": {"phone": TEXT}}
    rules = {"ph*": {"align": "entity", "match": ["name"]}}
    assert score({"phone": "12"}, {"phone": "12"}, texts, rules).f1 == 1


@pytest.mark.parametrize("size", [3, 3_000])
@pytest.mark.parametrize("name", ["$key", "$value"])
def test_a_property_called_as_the_key_or_the_value_is_takes_the_place_of_neither(
    name: str, size: int
) -> None:
    rules = {"parts": {"align": "entity", "match": ["name"]}, "uses[].of": {"refers_to": "parts"}}
    truth, answer = (
        {
            "parts": {f"{own}{n}": {"name": f"n{n}", name: "same"} for n in range(size)},
            "uses": [{"no": n, "at": n, "of": f"{own}{n}"} for n in range(size)],
        }
        for own in ("p", "q")
    )
    for other in (truth, answer):
        result = score(truth, other, None, rules)
        assert (result.f1, result.items["parts"]) == (1, (size, 0, 0))
