"""`harness improve` from end to end, with a model on 127.0.0.1 that does as it is told."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cases.load import load_suites
from harness.cases.suite import Endpoint
from harness.cases.suite_file.model_options import ModelOptions
from harness.cli.improve.improve_options import asked_suite
from harness.cli.main import main
from tests.extract.server.behaviour import Asked, Behaviour
from tests.extract.server.serving import serving
from tests.improve.toy import USER, answer, harness, ledger_of, write_project

BEHAVIOUR = Behaviour(answer=answer)


def test_a_prompt_of_bare_names_is_improved_confirmed_shown_and_taken_back(tmp_path: Path) -> None:
    with serving(BEHAVIOUR) as server:
        suite = write_project(tmp_path, 24, server.url)
        made = harness("improve", suite, "--target", "0.95", "--max-calls", "200")
        looked = harness("holdout", suite)
    prompt = tmp_path / "prompts" / "toy"
    assert made.exit_code == 0, made.output
    assert "the target is reached" in made.output
    assert (prompt / "fields" / "when.md").read_text("utf-8") == (
        "The day it was written, as YYYY-MM-DD.\n"  # the copied answer is gone
    )
    assert looked.exit_code == 0, looked.output
    assert "the first look" in looked.output
    steps = [entry["step"] for entry in ledger_of(tmp_path)]
    assert steps[-2:] == ["holdout", "verdict"]
    assert "hushhush" not in "".join(
        path.read_text("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file()
    )
    told = harness("prompt", "log", suite)
    assert "claim    holds" in told.output
    assert "+The ISO 4217 code" in harness("prompt", "diff", prompt).output
    assert harness("prompt", "rollback", prompt).exit_code == 0
    assert (prompt / "user.md").read_text("utf-8") == USER
    assert not list(prompt.glob("fields/*"))


def test_the_same_command_again_asks_nothing_that_was_asked(tmp_path: Path) -> None:
    with serving(BEHAVIOUR) as server:
        suite = write_project(tmp_path, 24, server.url)
        words = ("improve", suite, "--no-promote", "--max-calls", "200")
        harness(*words)
        ledger = tmp_path / "prompts/.history/toy/ledger.jsonl"
        whole = ledger.read_bytes()
        asked = server.counts.calls.total()
        ledger.write_bytes(b"\n".join(whole.split(b"\n")[:9]) + b'\n{"torn')
        harness(*words)
        assert ledger.read_bytes() == whole
        assert server.counts.calls.total() == asked


def test_examples_are_tried_where_descriptions_do_not_help_and_leave_the_score(
    tmp_path: Path,
) -> None:
    def stubborn(asked: Asked) -> str:
        return "I would rather not." if "You improve" in asked.text else answer(asked)

    with serving(Behaviour(answer=stubborn)) as server:
        suite = write_project(tmp_path, 24, server.url)
        made = harness("improve", suite, "--examples", "1", "--patience", "2")
        looked = harness("holdout", suite)
    shown = list((tmp_path / "prompts" / "toy" / "examples").glob("*.json"))
    assert made.exit_code == 0, made.output
    assert len(shown) == 1
    compared = [entry for entry in ledger_of(tmp_path) if entry["step"] == "compare"]
    assert compared[0]["documents"] == 15  # of 16
    assert compared[0]["fields"] == {"when": [15, 0]}
    assert looked.exit_code == 0, looked.output


def test_who_reviews_an_example_sees_its_document_and_its_answer(tmp_path: Path) -> None:
    def stubborn(asked: Asked) -> str:
        return "I would rather not." if "You improve" in asked.text else answer(asked)

    with serving(Behaviour(answer=stubborn)) as server:
        suite = write_project(tmp_path, 24, server.url)
        words = ["improve", str(suite), "--examples", "1", "--patience", "2", "--review"]
        said = CliRunner().invoke(main, words, input="s\n" * 9)
    shown = re.search(r"^shows  (paper-\d+)\n  \| (.+)$", said.output, re.MULTILINE)
    assert shown is not None, said.output
    (document,) = tmp_path.rglob(f"{shown[1]}.txt")
    assert document.read_text("utf-8").startswith(shown[2])
    truth = json.loads((tmp_path / f"ground_truth/toy/{shown[1]}.json").read_text("utf-8"))
    assert f"answer  {shown[1]}\n  | {json.dumps(truth)}\n" in said.output


def test_a_focus_is_what_is_written_about_tried_and_claimed(tmp_path: Path) -> None:
    with serving(BEHAVIOUR) as server:
        suite = write_project(tmp_path, 24, server.url)
        made = harness("improve", suite, "--focus", "currency", "--max-calls", "200")
    assert made.exit_code == 0, made.output
    changed = {name for e in ledger_of(tmp_path) for name in e.get("sections") or ()}
    assert changed == {"fields/currency.md"}
    assert "focus F1 0 %, macro F1" in made.output
    assert "focus F1 +100.0 points on 16 documents" in made.output
    assert "the other fields 0 points" in made.output


def test_the_holdout_confirms_the_figure_that_the_improvement_was_judged_by(tmp_path: Path) -> None:
    with serving(BEHAVIOUR) as server:
        suite = write_project(tmp_path, 24, server.url)
        harness("improve", suite, "--focus", "currency", "--max-calls", "200")
        looked = harness("holdout", suite)
    assert "before   focus F1 0 %" in looked.output
    assert "after    focus F1 100 %" in looked.output
    assert "focus F1 +100.0 points" in looked.output
    assert "macro" not in looked.output


def test_marked_fields_are_in_focus_unless_another_figure_is_asked_for(tmp_path: Path) -> None:
    with serving(BEHAVIOUR) as server:
        suite = write_project(tmp_path, 24, server.url)
        with (suite / "suite.yaml").open("a", encoding="utf-8") as file:
            file.write("rules: {currency: {focus: true}}\n")
        marked = harness("improve", suite, "--no-promote", "--max-calls", "200")
        lowest = harness("improve", suite, "--by", "floor", "--fresh", "--max-calls", "200")
    assert "focus F1 +100.0 points" in marked.output
    assert "lowest F1 of a field" in lowest.output
    (suite / "suite.yaml").write_text(
        (suite / "suite.yaml").read_text("utf-8").replace("{currency:", "{curency:"), "utf-8"
    )
    refused = harness("improve", suite)
    assert refused.exit_code == 3
    assert "rules.curency: there is no such field to focus on [unknown-focus]" in refused.output
    assert "did you mean 'currency'?" in refused.output


def test_a_focus_that_a_schema_marks_is_the_figure_unless_the_suite_takes_it_back(
    tmp_path: Path,
) -> None:
    with serving(BEHAVIOUR) as server:
        suite = write_project(tmp_path, 24, server.url)
        schema = json.loads((suite / "schema.json").read_text("utf-8"))
        schema["properties"]["currency"]["x-match"] = {"focus": True}
        (suite / "schema.json").write_text(json.dumps(schema), "utf-8")
        marked = harness("improve", suite, "--no-promote", "--max-calls", "200")
        with (suite / "suite.yaml").open("a", encoding="utf-8") as file:
            file.write("rules: {currency: {focus: false}}\n")
        unmarked = harness("improve", suite, "--by", "focus")
    assert "focus F1 +100.0 points" in marked.output
    assert "no field is in focus [no-focus]" in unmarked.output


def test_each_edit_waits_for_a_person_who_accepts_rejects_or_skips_it(tmp_path: Path) -> None:
    with serving(BEHAVIOUR) as server:
        suite = write_project(tmp_path, 24, server.url)
        words = ["improve", str(suite), "--review", "--target", "0.95", "--max-calls", "300"]
        said = CliRunner().invoke(main, words, input="r\ntoo vague\na\n" + "a\n" * 5)
    assert said.exit_code == 0, said.output
    assert "accept, edit, reject or skip?" in said.output
    assert "fields/when.md proposed" in said.output
    guards = [entry for entry in ledger_of(tmp_path) if entry["step"] == "guard"]
    assert guards[0]["refusals"] == ["a person rejected it: too vague"]
    assert guards[1]["refusals"] == []
    proposed = [entry for entry in ledger_of(tmp_path) if entry["step"] == "propose"]
    assert any(cluster.startswith("when: ") for cluster in proposed[0]["meant"])
    assert 0 < proposed[0]["estimate"] <= 1
    compared = next(entry for entry in ledger_of(tmp_path) if entry["step"] == "compare")
    assert compared["delta"] > 0


def test_edits_that_a_person_skips_are_not_asked_about(tmp_path: Path) -> None:
    with serving(BEHAVIOUR) as server:
        suite = write_project(tmp_path, 24, server.url)
        words = ["improve", str(suite), "--review", "--patience", "1"]
        said = CliRunner().invoke(main, words, input="s\n" * 4)
    assert said.exit_code == 1, said.output
    assert [e["step"] for e in ledger_of(tmp_path) if e["step"] in ("compare", "screen")] == []
    assert not (tmp_path / "prompts" / "toy" / "fields").exists()


def test_what_a_budget_buys_is_told_without_a_call(tmp_path: Path) -> None:
    suite = write_project(tmp_path, 24, "http://127.0.0.1:9/v1")
    said = harness("improve", suite, "--dry-run", "--max-calls", "120")
    assert said.exit_code == 0
    assert "16 to look at, 8 held out" in said.output
    assert "buys 0 edits" in said.output
    assert not (tmp_path / "prompts" / ".history").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--engine", "magic"), "there is no engine 'magic' [unknown-engine]"),
        (("--writer", "modle"), "did you mean 'model'?"),
        (("--focus", "curency"), "did you mean 'currency'?"),
        (("--focus", "note", "--by", "micro"), "are two figures"),
        (("--by", "focus"), "no field is in focus [no-focus]"),
        (("--by", "micro", "--target-mode", "lower"), "of macro F1 only"),
    ],
)
def test_what_cannot_be_done_is_refused(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    suite = write_project(tmp_path, 3, "http://127.0.0.1:9/v1")
    found = harness("improve", suite, *words)
    assert (found.exit_code, said in found.output) == (2, True), found.output


def test_nothing_held_out_is_nothing_to_look_at(tmp_path: Path) -> None:
    suite = write_project(tmp_path, 2, "http://127.0.0.1:9/v1")
    prompt = tmp_path / "prompts" / "toy"
    assert harness("prompt", "rollback", prompt).exit_code == 3
    found = harness("holdout", suite)
    assert (found.exit_code, "[no-base]" in found.output) == (3, True), found.output


def test_a_model_named_like_one_of_the_suites_extractors_is_the_one_that_is_asked(
    tmp_path: Path,
) -> None:
    suite = write_project(tmp_path, 1, "http://127.0.0.1:9/v1")
    [own] = load_suites(suite)[0].extractors
    said = ModelOptions(model=own, base_url="http://127.0.0.1:8/v1")
    asked, name = asked_suite(suite, None, said)
    spec = asked.extractors[own]
    assert name == own
    assert isinstance(spec, Endpoint)
    assert spec.base_url == "http://127.0.0.1:8/v1"


def test_a_cap_that_is_no_number_is_refused(tmp_path: Path) -> None:
    suite = write_project(tmp_path, 1, "http://127.0.0.1:9/v1")
    said = harness("improve", suite, "--max-usd", "nan")
    assert said.exit_code == 2
    assert "no amount of money" in said.output


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"when": "Say in which form values are written."}, "repeated a text that it had been"),
        ({"when": " ", "currency": ""}, "its texts were empty"),
        ({"whom": "The day it was written."}, "its answer named none of the fields"),
    ],
)
def test_why_a_writer_changed_nothing_is_told(
    tmp_path: Path, said: dict[str, str], why: str
) -> None:
    def writer(asked: Asked) -> str:
        if "You improve" not in asked.text:
            return answer(asked)
        return json.dumps({n: _cure(asked.text) if "form" in t else t for n, t in said.items()})

    with serving(Behaviour(answer=writer)) as server:
        suite = write_project(tmp_path, 18, server.url)
        made = harness("improve", suite, "--patience", "1")
    assert made.exit_code == 1, made.output
    (line, *_) = [line for line in made.output.splitlines() if line.startswith("propose")]
    assert "changes nothing: the writer gave no text: " in line
    assert why in line
    assert "would be" not in line


def _cure(task: str) -> str:
    """Return a sentence of a writer's task."""
    (line, *_) = [line for line in task.splitlines() if line.startswith("Mistake: ")]
    return line.removeprefix("Mistake: ")
