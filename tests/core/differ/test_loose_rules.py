"""Rules that make anything correct: found for every comparator by trying wrong values."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from harness import evaluate, score
from harness.core.differ.loose_rules import loose_rules
from harness.core.differ.plan import Plan
from harness.core.outcomes import Outcome
from harness.core.rules.rule_settings import COMPARATORS
from harness.errors import Problem
from tests.cases.conftest import Project, project

__all__ = ["project"]

TEXTS = ("Jane Roe", "Acme Corp", "Bo Linden", "Otto Zwick", "Mary Ann Smith")
DATES = ("2021-03-09", "2022-07-30", "2020-11-02", "2023-01-17", "2019-05-28")
NUMBERS = (12, 340, 57.5, 2, 99)

LOOSE: dict[str, tuple[dict[str, Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "text": ({"threshold": 0}, TEXTS, ("zqx", "nobody at all", "?")),
    "number": ({"absolute": 1_000}, NUMBERS, (0, 7, 500)),
    "money": ({"compare": "money", "relative": 3}, NUMBERS, (0, 1, 1.5)),
    "date": ({"compare": "date", "days": 4_000}, DATES, ("2018-01-01", "2024-02-03")),
    "datetime": ({"compare": "datetime", "days": 4_000}, DATES, ("2018-01-01", "2024-02-03")),
    "duration": (
        {"compare": "duration", "absolute": 10**9},
        ("1 h", "20 min", "3 h", "45 s"),
        ("2 s", "100 h"),
    ),
    "enum": (
        {"compare": "enum", "synonyms": {"paid": ["open", "draft", "void"]}},
        ("paid", "open", "draft", "void"),
        ("void", "paid", "draft"),
    ),
    "boolean": (
        {"compare": "boolean", "synonyms": {"true": ["x", "o"]}},
        ("x", "o", "yes", "true"),
        ("o", "yes", "x"),
    ),
    "identifier": (
        {"compare": "identifier", "any_of": ["A-1", "B-2", "C-3"]},
        ("A-1", "B-2", "C-3"),
        ("C 3", "a1", "b2"),
    ),
    "exact": ({"compare": "exact", "any_of": [1, 2, 3]}, (1, 2, 3), (2, 3, 1)),
    "circular": ({"compare": "circular", "absolute": 180}, (10, 200, 300), (90, 333, 0)),
    "set": ({"compare": "set", "threshold": 0}, ("a; b", "c; d", "e"), ("x; y", "q")),
    "bag": ({"compare": "bag", "threshold": 0}, ("a; b", "c; d", "e"), ("x; y", "q")),
}
"""By comparator: a rule that makes anything correct, true values, and wrong ones."""

TIGHT: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {
    "text": ({"threshold": 0.8}, TEXTS),
    "number": ({"absolute": 0.5}, NUMBERS),
    "money": ({"compare": "money", "relative": 0.01}, NUMBERS),
    "date": ({"compare": "date", "days": 3}, DATES),
    "datetime": ({"compare": "datetime", "days": 3}, DATES),
    "duration": ({"compare": "duration", "absolute": 30}, ("1 h", "20 min", "3 h")),
    "enum": ({"compare": "enum", "synonyms": {"paid": ["settled"]}}, ("paid", "open", "void")),
    "boolean": ({"compare": "boolean", "synonyms": {"true": ["x"]}}, ("x", "no", "yes")),
    "identifier": ({"compare": "identifier"}, ("A-1", "B-2", "C-3")),
    "exact": ({"compare": "exact"}, (1, 2, 3)),
    "circular": ({"compare": "circular", "absolute": 5}, (10, 200, 300)),
    "set": ({"compare": "set", "threshold": 0.8}, ("a; b", "c; d", "e")),
    "bag": ({"compare": "bag", "threshold": 0.8}, ("a; b", "c; d", "e")),
}


def grown(values: tuple[Any, ...], rows: int) -> list[Any]:
    """Return so many values, told apart only by how often each comes."""
    return [values[n % len(values)] for n in range(rows)]


def told(rules: dict[str, Any], *truths: Any, schema: Any = None) -> list[str]:  # noqa: ANN401  # JSON
    """Return what is said of rules."""
    return [problem.what for problem in loose_rules(Plan(schema, rules), truths).values()]


def test_every_comparator_has_a_rule_that_makes_anything_correct() -> None:
    assert set(LOOSE) == set(TIGHT) == set(COMPARATORS)


@pytest.mark.parametrize("rows", [3, 3_000])
@pytest.mark.parametrize("name", COMPARATORS)
def test_a_rule_by_which_wrong_values_score_is_warned_of(name: str, rows: int) -> None:
    rule, values, wrong = LOOSE[name]
    rng = random.Random(7)
    for value in values:
        other = rng.choice([one for one in wrong if one != value])
        assert score({"v": value}, {"v": other}, rules={"v": rule}).f1 == 1
    rowed = {"rows": [{"v": value} for value in grown(values, max(rows, len(values)))]}
    assert len(told({"rows[].v": rule}, rowed)) == 1
    assert len(told({"v": rule}, *({"v": value} for value in values))) == 1


@pytest.mark.parametrize("rows", [3, 3_000])
@pytest.mark.parametrize("name", COMPARATORS)
def test_a_rule_that_tells_values_apart_is_not_warned_of(name: str, rows: int) -> None:
    rule, values = TIGHT[name]
    assert told({"rows[].v": rule}, {"rows": [{"v": v} for v in grown(values, rows)]}) == []


@pytest.mark.parametrize("measure", ["partial", "token_set", "wratio"])
def test_measures_that_pass_an_answer_that_lists_everything_are_warned_of(measure: str) -> None:
    rule = {"similarity": measure, "threshold": 0.8}
    dump = " ".join(TEXTS)
    assert score({"by": TEXTS[0]}, {"by": dump}, rules={"by": rule}).f1 == 1
    warned = loose_rules(Plan(rules={"by": rule}), [{"by": text} for text in TEXTS])
    assert "an answer that lists everything passes" in str(warned["by"].hint)


def test_names_that_differ_by_a_digit_need_more_than_a_threshold() -> None:
    truths = [{"place": f"Station {n}"} for n in range(1, 5)]
    assert told({"place": {"threshold": 0.8}}, *truths) == [
        "rules.place: 'Station 3' is correct where the truth is 'Station 1'"
    ]


def test_placeholders_that_take_every_value_away_are_warned_of() -> None:
    rule = {"placeholders": ["paid", "open"]}
    truths = [{"state": "paid"}, {"state": "OPEN"}]
    assert told({"state": rule}, *truths) == [
        "rules.state: every value of the ground truth counts as absent"
    ]
    assert told({"state": rule}, *truths, {"state": "void"}) == []


def test_readings_given_to_all_cases_are_warned_of() -> None:
    rule = {"any_of": ["J. Roe"]}
    assert told({"by": rule}, {"by": "Jane Roe"}) == []
    assert len(told({"by": rule}, {"by": "Jane Roe"}, {"by": "Acme Corp"})) == 1


@pytest.mark.parametrize("rows", [1, 3, 3_000])
def test_a_threshold_that_pairs_any_two_items_is_warned_of(rows: int) -> None:
    truth = {"rows": [{"a": f"n{n}", "b": n} for n in range(rows)]}
    assert told({"rows": {"threshold": 0}}, truth) == [
        "rules.rows: `threshold: 0` pairs items that share nothing"
    ]
    assert told({"rows": {"threshold": 0.7}}, truth) == []


def test_a_threshold_of_nothing_pairs_the_only_item_as_it_pairs_one_of_many() -> None:
    rules = {"rows": {"threshold": 0}}
    one, other = [{"a": "Jane Roe"}], [{"a": "Zane Poe"}]
    for more in (0, 1, 2):
        rest = [{"a": f"row {n}"} for n in range(more)]
        result = score({"rows": one + rest}, {"rows": other + rest}, rules=rules)
        assert next(d.outcome for d in result.diffs) == Outcome.WRONG_VALUE


def test_the_schema_s_own_rules_are_looked_at() -> None:
    schema = {"properties": {"by": {"type": "string", "x-match": {"threshold": 0}}}}
    assert len(told({}, {"by": "Jane Roe"}, schema=schema)) == 1


def test_a_function_of_ones_own_that_takes_everything_is_warned_of() -> None:
    def anything(_expected: object, _predicted: object) -> bool:
        return True

    plan = Plan(None, {"by": {"compare": "lab:any"}}, {"lab:any": anything})
    assert set(loose_rules(plan, [{"by": text} for text in TEXTS])) == {"by"}


def test_evaluate_tells_of_loose_and_idle_rules() -> None:
    truths = [{"by": text} for text in TEXTS]
    report = evaluate(truths, truths, rules={"by": {"threshold": 0}, "bi": {"threshold": 0.9}})
    assert len(report.warnings) == 2
    assert "rules.bi: no field" in report.warnings[0]
    assert "warning: rules.by: 'zqx' is correct" in repr(report)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ("rules:\n  total: {absolute: 1000}\n", 2),
        ("name: notes\nrules:\n  '*': {absolute: 1000}\n", 3),
    ],
)
def test_check_tells_of_a_loose_rule_with_its_line(
    project: Project, settings: str, line: int
) -> None:
    project.suite(settings)
    assert project.warnings() == (
        f"evals/notes/suite.yaml:{line}: rules.total: 0 is correct where the truth is 5 "
        "[loose-rule]\n"
        "  hint: numbers of another size pass: make `absolute` smaller than the values differ"
    )


VERSIONS = ("v1.2.11", "v1.12.1", "v2.3.4")


def warned_of_identifiers(values: Sequence[str]) -> dict[str, Problem]:
    plan = Plan(rules={"v": {"compare": "identifier"}})
    return loose_rules(plan, ({"v": value} for value in values))


@pytest.mark.parametrize("times", [1, 1000])
@pytest.mark.parametrize(
    "values", [VERSIONS, ("10.0.1.12", "10.0.11.2", "10.1.1.1"), ("§ 1-12", "§ 11-2", "§ 2-1")]
)
def test_identifiers_that_separators_alone_tell_apart_are_warned_of(
    values: Sequence[str], times: int
) -> None:
    found = warned_of_identifiers([*values] * times)
    (problem,) = found.values()
    assert problem.hint is not None
    assert problem.hint.startswith("parts that separators keep apart run together")


@pytest.mark.parametrize(
    "values",
    [
        ("INV-10045", "INV-10046", "INV-20047"),
        ("12-3456789", "98-7654321", "11-1111111"),
        ("555-123-4567", "030-1234567", "0171 555"),
        ("12.34.56", "98.76.54", "11.22.33"),
    ],
)
def test_identifiers_of_one_layout_are_not(values: Sequence[str]) -> None:
    assert not warned_of_identifiers(values)
