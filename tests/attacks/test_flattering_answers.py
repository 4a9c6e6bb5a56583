"""Flattering answers, for every comparator, at three rows and at three thousand.

Each attack says what it may score at most; where the bound is a fraction, the arithmetic stands
beside it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import pytest

from harness import CaseResult, Outcome, score
from harness.cases.suite import Limits
from harness.core.differ.loose_rules import loose_rules
from harness.core.differ.plan import Plan
from harness.core.records import Answer
from harness.core.rules.rule_settings import COMPARATORS
from harness.extract.reply.read_reply import read_reply
from tests.attacks.comparator_targets import TARGETS, Target

SIZES: Final = (3, 3_000)
Answerer = Callable[[Any, Target], Any]


def others(value: object, target: Target) -> list[Any]:
    """Return the candidates that are not the true one."""
    return [one for one in target.values if one != value]


def text(value: object) -> str:
    return json.dumps(value) if not isinstance(value, str) else value


ALIKE: Final = str.maketrans("AaBeEoOcCpPxyHKMTi015", "ΑаВеЕоОсСрРхуНКМТіО١٥")  # noqa: RUF001
"""Letters and digits of other scripts that look like ours."""

IN_PLACE: Final[dict[str, Answerer]] = {
    "every candidate in one text": lambda _, t: " ".join(map(text, t.values)),
    "every candidate, comma by comma": lambda _, t: ", ".join(map(text, t.values)),
    "every candidate, semicolon by semicolon": lambda _, t: "; ".join(map(text, t.values)),
    "every candidate in a list": lambda _, t: list(t.values),
    "the truth and another in a list": lambda v, t: [v, others(v, t)[0]],
    "every candidate as keys": lambda _, t: {text(one): one for one in t.values},
    "every candidate in JSON text": lambda _, t: json.dumps(list(t.values)),
    "the truth under a key": lambda v, _: {"value": v},
    "the truth in a list": lambda v, _: [v],
    "the truth in a list of lists": lambda v, _: [[v]],
    "the truth as JSON text of a list": lambda v, _: json.dumps([v]),
    "the truth, and what it is not": lambda v, t: f"{text(v)} (not {text(others(v, t)[0])})",
    "another candidate": lambda v, t: others(v, t)[0],
    "a placeholder": lambda _v, _t: "N/A",
    "a question mark": lambda _v, _t: "?",
    "a star": lambda _v, _t: "*",
    "nothing": lambda _v, _t: None,
    "an empty text": lambda _v, _t: "",
    "an empty list": lambda _v, _t: [],
    "white space nobody sees": lambda _v, _t: "\u200b\u200e ",
    "every candidate, slash by slash": lambda _, t: "/".join(map(text, t.values)),
    "every candidate, bar by bar": lambda _, t: "|".join(map(text, t.values)),
    "every candidate, line by line": lambda _, t: "\n".join(f"- {text(v)}" for v in t.values),
    "every candidate, nothing between": lambda _, t: "".join(map(text, t.values)),
    "every candidate, hidden marks between": lambda _, t: "\u200b".join(map(text, t.values)),
    "a list of lists of candidates": lambda _, t: [[one] for one in t.values],
    "which candidate is true, by key": lambda v, t: {text(o): o == v for o in t.values},
    "the truth behind a null": lambda v, t: [None, v, others(v, t)[0]],
    "the truth as an item's number": lambda v, _: {"0": v},
    "the place of the truth": lambda v, t: f"#{t.values.index(v)}",
    "this or that": lambda v, t: f"{text(v)} or {text(others(v, t)[0])}",
    "from this to that": lambda v, t: f"{text(v)}-{text(others(v, t)[0])}",
    "about the truth": lambda v, _: f"about {text(v)}",
    "the truth backwards": lambda v, _: f"\u202e{text(v)[::-1]}!",
    "letters that look alike": lambda v, _: f"{text(v).translate(ALIKE)}\u0430",
    "a million letters": lambda v, _: text(v) + " " + "z" * 10_000,
}
"""By name, what is said in place of each true value. None of them is correct."""


AS_TEXT: Final = ("text", "identifier", "set", "bag")
"""Comparators of texts that leave separators out, or reach a threshold in spite of them."""


def schema_of(target: Target) -> dict[str, Any]:
    named = {"id": {"type": "string"}, "no": {"type": "integer"}, "v": dict(target.schema)}
    row = {"properties": named}
    return {"properties": {"rows": {"items": {"type": "object", **row}}}}


def truth_of(target: Target, size: int) -> dict[str, Any]:
    values = target.values
    rows = ({"id": f"row {n}", "no": n, "v": values[n % len(values)]} for n in range(size))
    return {"rows": list(rows)}


def right(result: CaseResult, field: str) -> int:
    """Return how many leaves of a field are correct."""
    found = [d for d in result.diffs if d.field == field and d.outcome == Outcome.CORRECT]
    return len(found)


def scored(truth: object, answer: object, target: Target, *, typed: bool) -> CaseResult:
    rules = {"rows[].v": target.rule, "all[]": target.rule, "v": target.rule}
    return score(truth, answer, schema_of(target) if typed else None, rules)


def test_every_comparator_faces_every_attack() -> None:
    assert set(TARGETS) == set(COMPARATORS)


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize("attack", IN_PLACE)
@pytest.mark.parametrize("name", COMPARATORS)
def test_what_is_said_in_place_of_a_value_is_not_correct(
    name: str, attack: str, *, typed: bool
) -> None:
    target = TARGETS[name]
    if name in AS_TEXT and attack == "the truth as JSON text of a list":
        pytest.skip("brackets and quotes are no part of such a text")
    truth = truth_of(target, max(3, len(target.values)))
    answer = {"rows": [{**row, "v": IN_PLACE[attack](row["v"], target)} for row in truth["rows"]]}
    result = scored(truth, answer, target, typed=typed)
    assert right(result, "rows[].v") == 0
    assert right(result, "rows[].id") == len(truth["rows"])


@pytest.mark.parametrize("name", COMPARATORS)
def test_three_thousand_rows_of_all_attacks_hold_no_correct_value(name: str) -> None:
    target, attacks = TARGETS[name], list(IN_PLACE.values())
    attacks.remove(IN_PLACE["the truth as JSON text of a list"])
    attacks.remove(IN_PLACE["a million letters"])
    truth = truth_of(target, 3_000)
    rows = enumerate(truth["rows"])
    answer = {
        "rows": [{**r, "v": attacks[n % len(attacks)](r["v"], target)} for n, r in rows],
    }
    result = scored(truth, answer, target, typed=name != "text")
    assert right(result, "rows[].v") == 0
    assert right(result, "rows[].id") == 3_000


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize("name", COMPARATORS)
def test_tricks_made_for_a_comparator_are_not_correct(name: str, *, typed: bool) -> None:
    target = TARGETS[name]
    schema = {"properties": {"v": dict(target.schema)}} if typed else None
    for value, answer in target.tricks:
        found = score({"v": value}, {"v": answer}, schema, {"v": target.rule})
        assert found.counts.correct == 0, (value, answer)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", COMPARATORS)
def test_a_list_that_holds_every_candidate_pays_for_the_wrong_ones(name: str, size: int) -> None:
    target = TARGETS[name]
    value = target.values[0]
    truth = {"all": [value] * size}
    answer = {"all": list(target.values) * size}
    found = scored(truth, answer, target, typed=False).counts
    wrong = size * (len(target.values) - 1)
    assert found.correct == size
    assert found.hallucination == wrong
    # 2 TP / (2 TP + FP): the dump holds every truth, and pays for all else it holds
    assert scored(truth, answer, target, typed=False).f1 == 2 * size / (2 * size + wrong)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", COMPARATORS)
def test_a_giant_list_of_one_value_has_it_right_once(name: str, size: int) -> None:
    target = TARGETS[name]
    truth = {"all": list(target.values)}
    answer = {"all": [target.values[0]] * size}
    found = scored(truth, answer, target, typed=False).counts
    assert found.correct == 1
    assert found.correct + found.hallucination + found.wrong_value == size


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", COMPARATORS)
def test_rows_for_every_candidate_are_right_once_each(name: str, size: int) -> None:
    target = TARGETS[name]
    truth = truth_of(target, size)
    values = target.values[:3]
    truth["rows"] = [{**row, "v": values[n % len(values)]} for n, row in enumerate(truth["rows"])]
    answer = {"rows": [{**row, "v": v} for row in truth["rows"] for v in values]}
    found = scored(truth, answer, target, typed=True).counts
    assert found.correct == 3 * size
    assert found.hallucination == 3 * size * (len(values) - 1)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", COMPARATORS)
def test_empty_items_and_silence_score_nothing(name: str, size: int) -> None:
    target = TARGETS[name]
    truth = truth_of(target, 3)
    nothing: list[Any] = [{}, None, [], {"id": ""}, {"v": None}, {"v": []}, {"v": {}}, ""]
    for said in (*([one] * size for one in nothing), nothing * (size // len(nothing) + 1)):
        found = scored(truth, {"rows": said}, target, typed=True).counts
        assert (found.correct, found.omission, found.total) == (0, 9, 9)
    silences: list[Any] = [{}, None, {"rows": None}, {"rows": {}}, {"rows": ""}]
    for silent in silences:
        found = scored(truth, silent, target, typed=True).counts
        assert (found.correct, found.total) == (0, 9)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", COMPARATORS)
def test_an_answer_of_json_text_has_nothing_correct(name: str, size: int) -> None:
    target = TARGETS[name]
    truth = truth_of(target, size)
    for answer in ({"rows": json.dumps(truth["rows"])}, [truth], {"answer": truth}):
        assert scored(truth, answer, target, typed=True).counts.correct == 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", COMPARATORS)
def test_a_right_value_in_every_other_field_is_not_correct(name: str, size: int) -> None:
    target = TARGETS[name]
    truth = truth_of(target, size)
    rows = [
        {"id": row["id"], "no": row["no"], **dict.fromkeys("abcd", row["v"])}
        for row in truth["rows"]
    ]
    result = scored(truth, {"rows": rows}, target, typed=True)
    assert right(result, "rows[].v") == 0
    # each row: its two names; four made-up fields and one left out
    assert result.f1 == 4 * size / (4 * size + 4 * size + size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", COMPARATORS)
def test_every_row_twice_with_one_cell_changed_pays_for_the_second(name: str, size: int) -> None:
    target = TARGETS[name]
    truth = truth_of(target, size)
    changed = [{**row, "v": others(row["v"], target)[0]} for row in truth["rows"]]
    for rows in (truth["rows"] + changed, changed + truth["rows"]):
        result = scored(truth, {"rows": rows}, target, typed=True)
        assert result.counts.correct == 3 * size
        # 2 TP / (2 TP + FP) with three right and three extra cells a row
        assert result.f1 == 6 * size / (6 * size + 3 * size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", COMPARATORS)
def test_a_field_under_every_spelling_of_its_name_pays_for_all_but_one(
    name: str, size: int
) -> None:
    target = TARGETS[name]
    truth = truth_of(target, size)
    for spellings in (("v", "V", "v_", " v"), ("V", "v_", " v")):
        rows = [
            {"id": r["id"], "no": r["no"], **dict.fromkeys(spellings, r["v"])}
            for r in truth["rows"]
        ]
        counts = scored(truth, {"rows": rows}, target, typed=True).counts
        assert counts.correct == (2 + spellings.count("v")) * size
        assert counts.hallucination == (len(spellings) - spellings.count("v")) * size


@pytest.mark.parametrize(("absolute", "period"), [(180, 360), (200, 360), (12, 24), (3.2, 6.3)])
def test_a_tolerance_as_wide_as_the_circle_is_warned_of(absolute: float, period: float) -> None:
    rule = {"v": {"compare": "circular", "absolute": absolute, "period": period}}
    found = score({"v": period / 10}, {"v": period * 0.6}, rules=rule).counts
    assert found.correct == 1
    assert loose_rules(Plan(rules=rule), [{"v": period * n / 10} for n in range(8)])


@pytest.mark.parametrize("name", COMPARATORS)
def test_a_key_said_many_times_counts_once(name: str) -> None:
    target = TARGETS[name]
    value, wrong = target.values[:2]
    said = ", ".join(f'"v": {json.dumps(one)}' for one in (value, wrong, value, wrong))
    answer = read_reply(f"{{{said}}}", Limits())
    assert isinstance(answer, Answer)
    found = score({"v": value}, answer.value, rules={"v": target.rule}).counts
    assert (found.total, found.correct) == (1, 0)
    assert any("duplicate_key" in repair for repair in answer.repairs)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.6, 0.8, 0.9])
@pytest.mark.parametrize(
    "measure", ["ratio", "token_sort", "token_set", "partial", "wratio", "jaro_winkler"]
)
def test_a_rule_that_a_dump_passes_is_warned_of(measure: str, threshold: float) -> None:
    """No rule lets an answer that lists everything through without a word from `check`."""
    rule = {"v": {"similarity": measure, "threshold": threshold}}
    values = TARGETS["text"].values
    dump = " ".join(values)
    passed = [v for v in values if score({"v": v}, {"v": dump}, rules=rule).counts.correct]
    if len(passed) * 2 >= len(values):
        assert loose_rules(Plan(rules=rule), [{"v": value} for value in values])
