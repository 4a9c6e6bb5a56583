"""What a model is sent: templates are filled in, and documents are never templates."""

from __future__ import annotations

from harness.cases.prompts import prompt_of
from harness.cases.suite import Example
from harness.core.records import Case, Document
from harness.core.values import Json
from harness.extract.messages import Message, TextPart
from harness.extract.rendering import Renderer
from tests.extract.suites import suite_of

SCHEMA: Json = {
    "properties": {"total": {"type": "number", "description": "Without tax.", "x-match": {}}}
}


def case(text: str, case_id: str = "a") -> Case:
    return Case(case_id, (Document(f"{case_id}.txt", f"sha-{text}", text),), {"total": 5}, SCHEMA)


def said(message: Message) -> str:
    (part,) = message.parts
    assert isinstance(part, TextPart)
    return part.text


def test_document_text_is_never_rendered() -> None:
    hostile = "{{ schema }} {% for x in range(9) %} {# hidden #} {{ 7 * 7 }} {{ document }}"
    prompt = prompt_of("p", {"user.md": "<{{ document }}>", "fields/total.md": "{{ document }}"})
    rendered = Renderer(suite_of(prompt, case(hostile))).render(case(hostile))
    assert said(rendered.messages[0]) == f"<{hostile}>"


def test_the_prompts_own_words_for_a_field_replace_the_schemas() -> None:
    prompt = prompt_of(
        "p",
        {
            "user.md": "{% for f in fields %}{{ f.path }}: {{ f.description }}\n{% endfor %}"
            "{{ schema }}",
            "fields/total.md": "In cents.\n",
        },
    )
    rendered = Renderer(suite_of(prompt, case("x"))).render(case("x"))
    text = said(rendered.messages[0])
    assert text.startswith("total: In cents.\n{")
    assert "Without tax" not in text
    assert "x-match" not in text, "how an answer is judged is not for who gives it"
    assert rendered.schema == {
        "properties": {"total": {"type": "number", "description": "In cents."}}
    }


def test_examples_are_earlier_turns_but_never_the_case_itself() -> None:
    prompt = prompt_of("p", {"system.md": "Be brief.", "user.md": "Read {{ document }}"})
    shown = tuple(Example(c.id, c.documents, c.truth) for c in (case("one", "a"), case("two", "b")))
    suite = suite_of(prompt, case("one", "a"), examples=shown)
    rendered = Renderer(suite).render(case("one", "a"))
    assert [message.role for message in rendered.messages] == [
        "system",
        "user",
        "assistant",
        "user",
    ]
    assert [said(m) for m in rendered.messages] == [
        "Be brief.",
        "Read two",
        '{"total": 5}',
        "Read one",
    ]
    copied = Renderer(suite).render(case("one", "copy of a"))
    assert "Read one" not in [said(m) for m in copied.messages[:-1]]


def test_a_template_may_show_the_examples_itself() -> None:
    prompt = prompt_of(
        "p",
        {
            "user.md": "{% for e in examples %}{{ e.document }} → {{ e.answer }}\n{% endfor %}"
            "{{ document }}"
        },
    )
    shown = (Example(None, case("two", "b").documents, {"total": 5}),)
    rendered = Renderer(suite_of(prompt, case("one"), examples=shown)).render(case("one"))
    assert [said(m) for m in rendered.messages] == ['two → {"total": 5}\none']


def test_one_character_more_is_another_digest() -> None:
    prompt = prompt_of("p", {"user.md": "Read {{ document }}"})
    renderer = Renderer(suite_of(prompt, case("x")))
    assert renderer.render(case("x")).sha256 == renderer.render(case("x")).sha256
    assert renderer.render(case("x")).sha256 != renderer.render(case("y")).sha256


def test_a_suite_without_a_prompt_is_asked_plainly() -> None:
    rendered = Renderer(suite_of(None, case("Total 5"))).render(case("Total 5"))
    assert said(rendered.messages[0]).endswith("Document:\n\nTotal 5")
    assert '"Without tax."' in said(rendered.messages[0])
