"""Tests of `harness truth audit`."""

from __future__ import annotations

import json
import random

import pytest

from harness import Plan
from harness.cases.schemas.field_checks import parse_check
from harness.core.records import Case, Document
from harness.core.values import Json
from harness.review.audit.truth_audit import AuditEvidence, audit_questions
from tests.review.conftest import Desk

PLAN = Plan(
    {
        "properties": {
            "total": {"type": "number"},
            "lines": {
                "type": "array",
                "items": {"properties": {"sku": {"type": "string"}, "qty": {"type": "integer"}}},
            },
        }
    }
)


def invoice(draw: random.Random, lines: int) -> dict[str, Json]:
    items: list[Json] = [
        {"sku": f"S{n}-{draw.randrange(10_000)}", "qty": draw.randrange(1, 500)}
        for n in range(lines)
    ]
    return {"total": draw.randrange(1_000, 9_999), "lines": items}


def asked(truths: dict[str, Json], answers: dict[str, dict[str, Json]]) -> list[tuple[str, str]]:
    cases = [
        (
            Case(key, (Document("d", "", json.dumps(answers["a"][key])),), truth),
            PLAN,
            {name: said[key] for name, said in answers.items()},
        )
        for key, truth in truths.items()
    ]
    return [(each.case, each.field) for each in audit_questions(cases)]


@pytest.mark.parametrize("size", [3, 60])
def test_nothing_is_asked_of_a_set_against_itself(size: int) -> None:
    draw = random.Random(size)
    truths: dict[str, Json] = {f"c{n}": invoice(draw, size) for n in range(3)}
    assert asked(truths, dict.fromkeys("abc", truths)) == []


@pytest.mark.parametrize("seed", range(3))
def test_planted_errors_are_found_by_three_good_systems(seed: int) -> None:
    # 3 % of the truths' values are wrong, each system errs by itself in 3 % of its own.
    draw = random.Random(seed)
    right: dict[str, Json] = {f"c{n:02d}": invoice(draw, 8) for n in range(30)}

    def spoilt() -> tuple[dict[str, Json], set[tuple[str, str]]]:
        copy = json.loads(json.dumps(right))
        spots = set()
        for key, one in copy.items():
            for line in one["lines"]:
                if draw.random() < 0.03:
                    line["qty"] += draw.randrange(1, 400)
                    spots.add((key, "lines[].qty"))
            if draw.random() < 0.03:
                one["total"] += draw.randrange(1, 400)
                spots.add((key, "total"))
        return copy, spots

    answers = {name: spoilt()[0] for name in "abc"}
    truths, planted = spoilt()
    found = set(asked(truths, answers))
    assert len(planted) > 3
    assert len(found & planted) / len(planted) >= 0.9
    assert len(found & planted) / len(found) >= 0.9


def test_form_does_not_matter_and_items_of_both_sides_are_asked_about() -> None:
    truth: Json = {"total": 5, "lines": [{"sku": "A", "qty": 1}, {"sku": "B", "qty": 2}]}
    said: Json = {"total": "5.00", "lines": [{"sku": "A", "qty": "1"}, {"sku": "C", "qty": 7}]}
    cases = [(Case("c", (), truth), PLAN, {"x": said, "y": said})]
    found = {(each.kind, each.places[0].path) for each in audit_questions(cases)}
    assert found == {("missing_item", "lines"), ("extra_item", "lines[1]")}
    assert audit_questions([(cases[0][0], PLAN, {"x": said})]) == []


def test_questions_are_answered_in_the_log_and_the_precision_so_far_is_told(desk: Desk) -> None:
    desk.suite({"a": {"n": 1, "m": 2}, "b": {"n": 3, "m": 4}})
    said: dict[str, Json] = {"a": {"n": 9, "m": 2}, "b": {"n": 3, "m": 8}}
    runs = [str(desk.run(name, said)) for name in ("one", "two")]
    audit = ("truth", "audit", "evals/notes", *runs)
    told = desk.harness(*audit)
    assert "2 questions by one, two" in told.output
    found = json.loads(desk.harness(*audit, "--format", "json").stdout)
    first, second = (each["id"] for each in found["questions"])
    assert desk.harness(*audit, "--answer", first, "truth", "--as", "ann").exit_code == 0
    assert desk.harness(*audit, "--answer", second, "models", "--as", "ann").exit_code == 0
    told = desk.harness(*audit, "--sample", "5")
    assert "0 questions" in told.output
    assert "2 questions answered, 1 truth wrong (50.0 %, 9.5 % to 90.5 %)" in told.output
    assert "sample  a m" in told.output
    assert desk.truth("a") == {"n": 1, "m": 2}, "a truth changes by a person's edit only"
    alone = desk.harness("truth", "audit", "evals/notes", runs[0])
    assert (alone.exit_code, "two extractors of different model families" in alone.output) == (
        2,
        True,
    )


@pytest.mark.parametrize("rows", [3, 300])
def test_the_suites_checks_say_who_is_right(rows: int) -> None:
    lines: list[Json] = [{"sku": f"S{n}", "qty": n + 1} for n in range(rows)]
    total = sum(range(1, rows + 1))
    checks = [parse_check("sum(lines[].qty) = total")]
    right: Json = {"total": total, "lines": lines}
    slip: Json = {"total": total, "lines": [{"sku": "S0", "qty": 900}, *lines[1:]]}
    known = AuditEvidence(checks=checks)
    (asked,) = audit_questions([(Case("a", (), slip), PLAN, {"x": right, "y": right})], known)
    assert asked.places[0].checks is True
    (other,) = audit_questions([(Case("a", (), right), PLAN, {"x": slip, "y": slip})], known)
    assert other.places[0].checks is False
    assert asked.score > 0.5 > other.score
    short: Json = {"total": total, "lines": lines[1:]}
    (lost,) = audit_questions([(Case("a", (), short), PLAN, {"x": right, "y": right})], known)
    assert (lost.kind, lost.places[0].checks) == ("missing_item", True)


def test_models_of_one_family_share_a_vote() -> None:
    case, wrong, right = (
        Case("a", (), {"total": 1}),
        dict[str, Json](total=2),
        dict[str, Json](total=1),
    )
    answers: dict[str, Json] = {"g1": wrong, "g2": wrong, "g3": wrong, "claude": right}
    assert len(audit_questions([(case, PLAN, answers)])) == 1
    family = AuditEvidence(families=dict.fromkeys(("g1", "g2", "g3"), "gpt"))
    assert audit_questions([(case, PLAN, answers)], family) == []
    alone: dict[str, Json] = {"g1": wrong, "g2": wrong}
    assert audit_questions([(case, PLAN, alone)], family) == []


def test_a_convention_is_noted_with_what_can_be_done_about_it(desk: Desk) -> None:
    desk.suite({"a": {"name": "NSA.JEA. 18/2", "total": 5}, "b": {"name": "x", "total": 7}})
    said: dict[str, Json] = {
        "a": {"name": "NSA.JEA.18/2", "total": 5},
        "b": {"name": "x", "total": 7},
    }
    runs = [str(desk.run(name, said)) for name in ("one", "two")]
    audit = ("truth", "audit", "evals/notes", *runs)
    (question,) = json.loads(desk.harness(*audit, "--format", "json").stdout)["questions"]
    done = desk.harness(*audit, "--as", "ann", "--accept", "--answer", question["id"], "convention")
    assert done.exit_code == 0, done.output
    told = done.output
    assert '`name`: write "NSA.JEA. 18/2", not "NSA.JEA.18/2".' in told
    assert '"name": {compare: identifier}   under rules: of the suite' in told
    rules = (desk.root / "ground_truth/notes/a.rules.yaml").read_text("utf-8")
    assert rules == '"name": {any_of: ["NSA.JEA.18/2"]}\n'
    again = desk.run("three", said)
    found = json.loads((again / "eval-results.json").read_text("utf-8"))
    assert found["aggregate"]["micro"]["f1"] == 1.0
    desk.write("evals/notes/one/b.json", '{"name": "y", "total": 7}')
    desk.harness("run", "evals/notes", "--extractor", "one")
    desk.harness("feedback", "last", "-o", "bundle")
    task = next(desk.root.glob("**/TASK.md")).read_text("utf-8")
    assert "## Conventions of the truths" in task
    assert "NSA.JEA. 18/2" in task
    feedback = json.loads(next(desk.root.glob("**/feedback.json")).read_text("utf-8"))
    assert feedback["conventions"] == ['`name`: write "NSA.JEA. 18/2", not "NSA.JEA.18/2".']


def test_an_audit_by_one_family_is_refused_until_somebody_says_who_is_independent(
    desk: Desk,
) -> None:
    desk.suite({"a": {"total": 5}})
    runs = [str(desk.run(name, {"a": {"total": 6}})) for name in ("one", "two")]
    audit = ("truth", "audit", "evals/notes", *runs)
    one = desk.harness(*audit, "--family", "one=gpt", "--family", "two=gpt")
    assert one.exit_code == 2
    assert "one, two are one" in one.output
    assert "1 question by" in desk.harness(*audit).output
    assert "no run is of 'tow'" in desk.harness(*audit, "--family", "tow=x").output
