"""Gates as a pipeline meets them."""

from __future__ import annotations

import json

import pytest

from harness.report.words.gate_sentences import told
from harness.run.gates import Demand, DemandGate
from tests.cli.conftest import Project


def wrong(project: Project, *cases: str) -> None:
    """Make a suite of four cases, the total wrong in some of them."""
    project.suite(*"abcd")
    for case in cases:
        project.answer(case, json.dumps({"total": 6, "name": case}))


def critical(project: Project) -> None:
    """Mark the total as critical."""
    project.write(
        {
            "evals/notes/suite.yaml": "extractors:\n"
            "  good: {kind: recorded, answers: answers/good}\nrules: {total: {critical: true}}\n"
        }
    )


def test_a_met_gate_says_so_and_exits_with_0(project: Project) -> None:
    wrong(project)
    said = project.harness("run", "--fail-under", "macro=0.9", "--fail-under", "field:total=95%")
    assert said.code == 0
    assert "gate met      macro F1 100 %, at least 90 % asked" in said.out
    assert "gate met      field total 100 % (8/8), at least 95 % asked" in said.out


def test_a_failed_gate_exits_with_1_and_says_which_by_how_much_and_the_fraction(
    project: Project,
) -> None:
    wrong(project, "a")
    demands = ("macro=0.9", "micro=0.8", "field:total=0.95", "perfect=1")
    asked = [part for demand in demands for part in ("--fail-under", demand)]
    said = project.harness("run", "-q", *asked)
    assert said.code == 1
    # macro is (3 + 0.5) / 4, micro 14 / (14 + 2), the total's F1 6 / (6 + 2)
    assert said.err.splitlines() == [
        "gate not met: macro F1 87.5 % is 2.5 points under 90 %",
        "gate not met: field total 75.0 % (6/8) is 20.0 points under 95 %",
        "gate not met: perfect documents 75.0 % (3/4) is 25.0 points under 100 %",
    ]


def test_every_figure_that_a_suite_may_call_primary_is_one_of_a_gate(project: Project) -> None:
    project.suite("a", "b")
    rules = "name: {focus: true, weight: 3}, people: {align: entity, id: id, match: [name]}"
    project.write(
        {
            "evals/notes/suite.yaml": f"rules: {{{rules}}}\n"
            "extractors: {good: {kind: recorded, answers: answers/good}}\n"
        }
    )
    people = [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bob"}]
    for case, named in (("a", people), ("b", people[:1])):
        truth = {"total": 5, "name": case, "people": people}
        project.write({f"ground_truth/notes/{case}.json": json.dumps(truth)})
        project.answer(case, json.dumps({**truth, "name": "a", "people": named}))
    figures = {
        "focus": "focus F1 (guard 92.9 %) 50.0 %",  # 1 of 2 names; total 1, people[].name 6/7
        "guard": "guard F1 92.9 %",
        "weighted": "F1 of fields by weight 67.1 %",  # (3 x .5 + 1 + 6/7) / 5
        "items": "items F1, pooled 85.7 % (6/7)",
        "items:people": "items F1 of people 85.7 % (6/7)",
        "floor": "lowest F1 of a field, name, 50.0 %",
    }
    met = [word for name in figures for word in ("--fail-under", f"{name}=0.1")]
    said = project.harness("run", *met)
    assert said.code == 0
    for figure in figures.values():
        assert f"gate met      {figure}, at least 10 % asked" in said.out
    for name in figures:
        assert project.harness("gate", "--fail-under", f"{name}=0.99").code == 1
    assert project.harness("gate", "--fail-under", "p95=60s").code == 0
    assert project.harness("gate", "--fail-under", "cumulative=0.1").code == 1, "there is none"
    unknown = project.harness("gate", "--fail-under", "items:peple=0.1")
    assert (unknown.code, "did you mean 'people'?" in unknown.err) == (2, True)


def test_a_gate_command_holds_a_run_of_earlier_against_the_same(project: Project) -> None:
    wrong(project, "a")
    assert project.harness("run", "-q").code == 0
    assert project.harness("gate", "last", "--fail-under", "micro=0.8").code == 0
    assert project.harness("gate", "--fail-under", "micro=0.9").code == 1
    said = project.harness("gate", "--fail-under", "lenient=0.9", "--format", "json")
    found = json.loads(said.out)
    assert said.code == 1
    assert [(g["gate"], g["met"]) for g in found["gates"]] == [
        ("complete", True),
        ("current", True),
        ("reached", False),
    ]
    assert found["gates"][2]["found"] == 0.875


def test_a_suites_own_target_is_its_gate_where_no_other_is_named(project: Project) -> None:
    wrong(project, "a")
    extractors = "extractors:\n  good: {kind: recorded, answers: answers/good}\n"
    project.write({"evals/notes/suite.yaml": f"{extractors}target_f1: 0.95\n"})
    assert project.harness("run", "-q").code == 0
    said = project.harness("gate")
    assert said.code == 1
    assert said.err == "gate not met: macro F1 87.5 % is 7.5 points under 95 %\n"


GOALS = """\
goals:
  minimum: {macro: 0.5, floor: 0.3}
  target: {macro: 0.75, micro: 0.9, floor: 0.8, class_floor: 0.9, p95_seconds: 60}
  stretch: {macro: 0.9, usd_per_document: 0.01}
"""


def in_tiers(project: Project) -> None:
    """Make a suite with goals whose labels and names are wrong in some cases."""
    project.suite(*"abcd")
    schema = {"properties": {"total": {"type": "integer"}, "kind": {"enum": ["x", "y"]}}}
    project.write(
        {
            "evals/notes/schema.json": json.dumps(schema),
            "evals/notes/suite.yaml": "extractors:\n"
            f"  good: {{kind: recorded, answers: answers/good}}\nschema: schema.json\n{GOALS}",
        }
    )
    for number, case in enumerate("abcd"):
        truth = {"total": 5, "name": case, "kind": "y" if case == "a" else "x"}
        project.write({f"ground_truth/notes/{case}.json": json.dumps(truth)})
        wrong = {"kind": "x", "name": "-" if number < 3 else case}
        project.answer(case, json.dumps({**truth, **wrong}))


def test_the_lowest_tier_of_goals_is_the_gate_and_others_can_be_asked_for(project: Project) -> None:
    in_tiers(project)
    assert project.harness("run", "-q").code == 0
    least = project.harness("gate")
    # of 12 fields 8 are right: kinds 3 of 4, names 1 of 4; macro (1/3 + 2/3 + 2/3 + 1) / 4 = 2/3
    assert "macro F1 66.7 %, at least 50 % asked" in least.out
    assert (least.code, least.err) == (
        1,
        "gate not met: lowest F1 of a field, name, 25.0 % is 5.0 points under 30 %\n",
    )
    aim = project.harness("gate", "--tier", "target")
    assert aim.code == 1
    assert aim.err.splitlines() == [
        "gate not met: macro F1 66.7 % is 8.3 points under 75 %",
        "gate not met: micro F1 66.7 % (16/24) is 23.3 points under 90 %",
        "gate not met: lowest F1 of a field, name, 25.0 % is 55.0 points under 80 %, and 1 more is",
        # of x 3 are right and 1 is none: 6/7; of y none is found
        "gate not met: lowest F1 of a label, kind=y, 0 % is 90.0 points under 90 %, and 1 more is",
    ]
    far = project.harness("gate", "--tier", "stretch", "--format", "json")
    unmet = [gate["said"] for gate in json.loads(far.out)["gates"] if not gate["met"]]
    assert unmet == [
        "macro F1 66.7 % is 23.3 points under 90 %",
        "nobody knows what every answer costs, $0.01 asked: there is nothing to judge",
    ]


def test_goals_that_were_raised_after_a_run_are_the_ones_asked_of_it(project: Project) -> None:
    in_tiers(project)
    assert project.harness("run", "-q").code == 0
    settings = (project.root / "evals/notes/suite.yaml").read_text("utf-8")
    project.write({"evals/notes/suite.yaml": settings.replace("macro: 0.9,", "macro: 0.99,")})
    said = project.harness("gate", "--tier", "stretch")
    assert said.code == 1
    assert said.err.splitlines()[:2] == [
        "warning: the goals of the suite have changed since the run: those of today are asked",
        "gate not met: macro F1 66.7 % is 32.3 points under 99 %",
    ]
    plain = project.harness("gate", "--fail-under", "macro=0.5")
    assert (plain.code, plain.err) == (0, "")
    (project.root / "evals/notes").rename(project.root / "elsewhere")
    gone = project.harness("gate", "--tier", "stretch")
    assert "gate not met: macro F1 66.7 % is 23.3 points under 90 %" in gone.err


def test_a_tier_that_a_suite_does_not_have_is_a_mistake(project: Project) -> None:
    wrong(project)
    assert project.harness("run", "-q").code == 0
    said = project.harness("gate", "--tier", "minimum")
    assert (said.code, "the suite has no minimum goals" in said.err) == (2, True)


def test_a_run_tells_of_every_tier_and_of_neglected_fields(project: Project) -> None:
    in_tiers(project)
    said = project.harness("run")
    lines = [line for line in said.out.splitlines() if line.startswith(("minimum", "neglected"))]
    assert lines == [
        (
            "minimum     1 of 2 goals reached \u00b7 lowest F1 of a field, name, 25.0 % is "
            "5.0 points under 30 %"
        ),
        (
            "neglected   name F1 25.0 % of 4 values \u00b7 kind F1 75.0 % of 4 values \u00b7 "
            "total F1 100 % of 4 values"
        ),
    ]
    (page,) = project.root.glob("**/report.html")
    html = page.read_text()
    assert "Goals in tiers" in html
    assert "nobody knows what every answer costs" in html


@pytest.mark.parametrize("letters", [1, 60])
def test_the_terminal_tells_every_goal_that_is_missing_to_its_end(
    project: Project, letters: int
) -> None:
    in_tiers(project)
    wide = {"total": 5, "name": "a", "kind": "y", "n" * letters: 5}
    for case in "abcd":
        project.write({f"ground_truth/notes/{case}.json": json.dumps(wide)})
    said = project.harness("run").out
    for tier in ("minimum", "target", "stretch"):
        (line,) = [line for line in said.splitlines() if line.startswith(tier)]
        gates = json.loads(project.harness("gate", "--tier", tier, "--format", "json").out)["gates"]
        missing = [gate["said"] for gate in gates if gate["gate"] == "reached" and not gate["met"]]
        assert line.split(" \u00b7 ")[1:] == missing


@pytest.mark.parametrize(
    ("measure", "most", "found", "said"),
    [
        ("p95", 2.0, 2.0004, "x just over 2.0 s, and at most 2.0 s are allowed"),
        ("p95", 2.0, 2.06, "x 2.1 s, and at most 2.0 s are allowed"),
        ("usd", 0.01, 0.01000004, "x just over $0.01, and at most $0.01 is allowed"),
        ("p95", 2.0, 2.0, "x 2.0 s, at most 2.0 s asked"),
    ],
)
def test_a_limit_that_is_passed_by_little_does_not_look_as_if_it_were_kept(
    measure: str, most: float, found: float, said: str
) -> None:
    assert told(DemandGate(Demand(measure, most), "x", found, None)) == said


def test_goals_are_kept_when_a_run_is_scored_again(project: Project) -> None:
    in_tiers(project)
    assert project.harness("run", "-q").code == 0
    assert project.harness("rescore", "last").code == 0
    assert project.harness("gate").code == 1
    text = (project.root / "evals/notes/suite.yaml").read_text()
    project.write({"evals/notes/suite.yaml": text.replace("floor: 0.3", "floor: 0.2")})
    assert project.harness("rescore", "last", "--suite", "evals/notes").code == 0
    assert project.harness("gate").code == 0


def test_a_wrong_critical_field_fails_whatever_the_figures(project: Project) -> None:
    wrong(project, "c")
    critical(project)
    said = project.harness("run", "-q", "--fail-under", "macro=0.1")
    assert said.code == 1
    assert (
        said.err == "gate not met: critical fields (total) wrong in 25.0 % (1/4) of the cases: c\n"
    )
    assert project.harness("gate").code == 1


def test_right_critical_fields_are_said_to_be_right(project: Project) -> None:
    wrong(project)
    critical(project)
    said = project.harness("run", "--fail-under", "macro=0.1")
    assert said.code == 0
    assert "gate met      critical fields right in all of 4 cases: total" in said.out


def test_a_regression_is_measured_against_a_run_of_earlier(project: Project) -> None:
    wrong(project)
    assert project.harness("run", "-q").code == 0
    project.answer("a", json.dumps({"total": 6, "name": "a"}))
    gate = ("--baseline", "last", "--max-regression")
    said = project.harness("run", "-q", *gate, "0.1")
    assert said.code == 1
    assert "macro F1 100 % → 87.5 % from" in said.err
    assert "12.5 points lost, 10.0 allowed (interval" in said.err
    assert project.harness("run", "-q", *gate, "0").code == 0


def test_a_run_is_never_held_against_itself(project: Project) -> None:
    wrong(project, "a")
    assert project.harness("run", "-q").code == 0
    said = project.harness("gate", "last", "--baseline", "last")
    assert said.code == 2
    assert "is its own baseline" in said.err


def test_replicates_do_not_make_a_broken_case_look_rare(project: Project) -> None:
    wrong(project, "c")
    critical(project)
    said = project.harness("run", "-q", "--repeat", "3", "--fail-under", "macro=0.1")
    assert "wrong in 25.0 % (1/4) of the cases: c" in said.err


def test_cases_that_failed_are_not_said_to_be_answered(project: Project) -> None:
    wrong(project)
    project.answer("a", "I cannot read this.")
    project.harness("run", "-q")
    said = project.harness("gate", "last")
    assert "complete: of 4 cases 1 without a usable answer, scored as one of nothing" in said.out
    assert "answered" not in said.out


def test_a_part_of_a_run_never_passes(project: Project) -> None:
    wrong(project)
    (project.root / "evals/notes/answers/good/b.json").unlink()
    said = project.harness("run", "-q", "--fail-under", "macro=0.5")
    assert said.code == 4
    assert "gate not met: incomplete: 1 of 4 cases never answered, nothing passes" in said.err
    assert project.harness("gate", "--fail-under", "macro=0.5").code == 4


@pytest.mark.parametrize(
    ("demand", "said"),
    [
        ("macro", "hint: write it as macro=0.9"),
        ("macros=0.9", "hint: did you mean 'macro'?"),
        ("field:=0.9", "is no demand"),
        ("macro=90", "'90' is no share from 0 to 1"),
        ("macro=nan", "'nan' is no share from 0 to 1"),
        ("p95=soon", "'soon' is no number of seconds"),
        ("p95=-1", "'-1' is no number of seconds"),
        ("focsu=0.9", "hint: did you mean 'focus'?"),
    ],
)
def test_a_demand_that_means_nothing_is_refused_before_anything_runs(
    project: Project, demand: str, said: str
) -> None:
    wrong(project)
    refused = project.harness("run", "--fail-under", demand)
    assert refused.code == 2
    assert said in refused.err
    assert not (project.root / "reports").exists()


def test_a_field_the_run_does_not_know_is_refused_with_the_nearest(project: Project) -> None:
    wrong(project)
    assert project.harness("run", "-q").code == 0
    said = project.harness("gate", "--fail-under", "field:totl=0.9", "--fail-under", "tag:x=1")
    assert said.code == 2
    assert "the run has no field 'totl' [unknown-field]\n  hint: did you mean 'total'?" in said.err
    assert "the run has no tag 'x' [unknown-tag]" in said.err


def test_a_baseline_of_another_suite_is_none(project: Project) -> None:
    wrong(project)
    assert project.harness("run", "-q").code == 0
    folder = project.run_folder()
    project.suite("x", name="letters")
    said = project.harness("run", "evals/letters", "-q", "--baseline", folder)
    assert said.code == 2
    assert "none of the baselines is of suite 'letters'" in said.err
    assert project.harness("gate", "--max-regression", "0.1").code == 2


def test_hostile_field_names_stay_texts(project: Project) -> None:
    name = "\x1b[31m\u202e<b>"
    project.suite("a")
    project.write({"ground_truth/notes/a.json": json.dumps({name: 1})})
    project.answer("a", json.dumps({name: 2}))
    assert project.harness("run", "-q").code == 0
    shown = json.loads(project.harness("show", "--format", "json").out)[0]["field"]
    said = project.harness("gate", "--fail-under", f"field:{shown}=0.5")
    assert said.code == 1
    assert "\x1b" not in said.err
    assert "\u202e" not in said.err
