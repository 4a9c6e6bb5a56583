"""What the guards refuse before a call is spent, and what they let through."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cases.prompts.prompt import prompt_of, with_section
from harness.cases.suite import Prompt, Suite
from harness.core.records import Case, Document
from harness.core.values import Json
from harness.improve.trial.guards import GuardLimits, check_guards, default_bounds

SCHEMA: Json = {
    "type": "object",
    "properties": {"firm": {"type": "string"}, "kind": {"enum": ["invoice", "receipt"]}},
}
TEXT = "The firm Harrow and Pike wrote this on the third of May in blue ink."


def case(number: int, firm: str, split: str = "dev") -> Case:
    document = Document(f"bill-{number}.txt", f"{number:064}", f"{TEXT} Number {number} of them.")
    truth: Json = {"firm": firm, "kind": "invoice", "city": "Ljubljana"}
    return Case(f"bill-{number}", (document,), truth, SCHEMA, split=split)


PROMPT = prompt_of(
    "bills", {"user.md": "Read it. {{ fields | length }}\n{{ document }}", "fields/firm.md": "Name"}
)
SUITE = Suite(
    "bills",
    Path("/nowhere"),
    Path("/nowhere"),
    (case(1, "Osprey Lane"), case(2, "Nordwind"), case(3, "Tamarisk", "holdout")),
    {},
    prompt=PROMPT,
)


def refusals(
    after: Prompt, bounds: GuardLimits | None = None, suite: Suite = SUITE
) -> tuple[str, ...]:
    return check_guards(suite, PROMPT, after, bounds or default_bounds(PROMPT)).refusals


def said(text: str, name: str = "fields/firm.md") -> tuple[str, ...]:
    return refusals(with_section(PROMPT, name, text))


def test_a_plain_description_is_let_through_and_its_growth_told() -> None:
    after = with_section(PROMPT, "fields/firm.md", "Who asks for the money, without the address.")
    found = check_guards(SUITE, PROMPT, after, default_bounds(PROMPT))
    assert (found.refusals, found.changed) == ((), ("fields/firm.md",))
    assert found.tokens_after - found.tokens_before == 12  # what was there was estimated at 2


def test_nothing_changed_is_nothing_to_try() -> None:
    assert refusals(PROMPT) == ("nothing is changed",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("For example OSPREY  lane.", "fields/firm.md: holds a right answer, 'Osprey Lane'"),
        ("Not Tamarisk!", "fields/firm.md: holds a right answer, 'Tamarisk'"),
        ("As in bill-2.", "fields/firm.md: names the case 'bill-2'"),
    ],
)
def test_answers_and_ids_are_not_copied_from_any_split(text: str, why: str) -> None:
    assert said(text) == (why,)


def test_runs_of_five_words_of_a_document_are_not_copied() -> None:
    assert said("Number 2 of them, as said.") == ()
    assert said("in blue ink number 2") == (
        "fields/firm.md: copies a document, 'in blue ink number 2'",
    )


def test_words_of_the_trade_are_no_answers() -> None:
    assert said("An invoice, or what stands for it.") == ()  # a member of the enum
    assert said("Not the town, Ljubljana.") == ()  # three documents share it
    assert said("Nordwind") != ()
    allowed = GuardLimits(1000, frozenset({"Nordwind"}))
    assert refusals(with_section(PROMPT, "fields/firm.md", "Nordwind"), allowed) == ()


def test_a_template_must_go_on_using_what_it_was_given() -> None:
    assert said("Read it. {{ fields | length }}", "user.md") == (
        "`{{ document }}` is gone from the templates",
    )


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("user.md", "{{ document }} {{ fields }} {{ truth }}", "unknown-variable"),
        ("user.md", "{{ document }} {{ fields }} {% if %}", "bad-template"),
        ("fields/frim.md", "Name", "unknown-field"),
    ],
)
def test_a_prompt_that_does_not_work_is_not_tried(name: str, text: str, code: str) -> None:
    assert [why.rpartition("[")[2] for why in said(text, name)] == [f"{code}]"]


def test_a_prompt_may_not_grow_without_end() -> None:
    assert said("word " * 5000) == ("the prompt would come to 6520 tokens; 1044 is the cap",)


def test_examples_are_for_the_selection_of_examples_alone_and_never_of_the_holdout() -> None:
    dev = with_section(PROMPT, "examples/a.json", '{"case": "bill-1"}')
    held = with_section(PROMPT, "examples/a.json", '{"case": "bill-3"}')
    assert refusals(dev) == ("examples/a.json: examples are not for this edit to change",)
    assert refusals(dev, GuardLimits(1000, examples=True)) == ()
    assert refusals(held, GuardLimits(1000, examples=True)) == (
        "example 'bill-3' is of the holdout",
    )


def test_hostile_texts_are_looked_at_like_any_other() -> None:
    assert said("<script>alert(1)</script>\u202e") == ()
    assert any("right answer" in why for why in said("x" * 1_000_000 + " Nordwind"))
