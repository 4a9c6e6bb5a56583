"""What a model is sent: templates are filled in, and documents are never templates."""

from __future__ import annotations

from pathlib import Path

from harness.cases.documents.document_files import DocumentReader
from harness.cases.files.places import FilePlace
from harness.cases.prompts.prompt import prompt_of
from harness.cases.suite import DocumentReading, Example, Limits
from harness.core.records import Case, Document, FailureKind
from harness.core.values import Json
from harness.extract.endpoint.rendering import IMAGE_TOKENS, Renderer, too_long
from harness.extract.messages import ImagePart, Message, TextPart
from tests.cases.documents.office import pdf
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


def test_pages_without_text_are_sent_as_images_and_named_in_the_text(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(pdf("Invoice 7, to be paid", "", "Terms and conditions"))
    document = DocumentReader(FilePlace(tmp_path, tmp_path), Limits(), DocumentReading()).read(file)
    scanned = Case("a", (document,), {})
    prompt = prompt_of("p", {"user.md": "<{{ document }}>"})
    rendered = Renderer(suite_of(prompt, scanned)).render(scanned)
    text, image = rendered.messages[0].parts
    assert text == TextPart(
        "<Invoice 7, to be paid\f[page 2 of a.pdf: see the image]\fTerms and conditions>"
    )
    assert isinstance(image, ImagePart)
    assert image.media_type == "image/png"
    assert rendered.input_tokens > IMAGE_TOKENS


def test_a_prompt_over_the_limit_is_refused_with_both_numbers() -> None:
    prompt = prompt_of("p", {"user.md": "{{ document }}"})
    long = case("word " * 900)
    rendered = Renderer(suite_of(prompt, long)).render(long)
    assert too_long(rendered, Limits()) is None
    assert too_long(rendered, Limits(input_tokens=rendered.input_tokens)) is None
    failure = too_long(rendered, Limits(input_tokens=900))
    assert failure is not None
    assert failure.kind == FailureKind.TOO_LONG
    assert f"about {rendered.input_tokens:,} tokens, the limit is 900" in failure.message
