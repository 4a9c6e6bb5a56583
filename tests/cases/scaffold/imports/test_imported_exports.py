"""Each tool's export becomes the truths, texts and answers that it holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.cases.scaffold.imports.export_content import ExportContent, ReadAnswer
from harness.cases.scaffold.imports.read_export import read_export
from harness.errors import HarnessError
from tests.cases.scaffold.imports import exports


def read(folder: Path, value: object, name: str = "export.json") -> tuple[str, ExportContent]:
    file = folder / name
    lines = value if name.endswith(".jsonl") and isinstance(value, list) else [value]
    file.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    return read_export(file, None)


def answers(found: ExportContent) -> dict[str, dict[str, Any]]:
    return {name: {k: a.value for k, a in cases.items()} for name, cases in found.answers.items()}


def test_label_studio_gives_spans_choices_numbers_transcriptions_and_predictions(
    tmp_path: Path,
) -> None:
    form, found = read(tmp_path, exports.LABEL_STUDIO)
    assert form == "label-studio"
    assert found.truths == {
        "11": {"vendor": "ACME GmbH", "kind": "invoice", "pages": 2},
        "scan-7": {"vendor": "Bolt Ltd"},
    }
    assert found.texts == {"11": "ACME GmbH, total 12.50 EUR"}
    assert list(found.files) == ["scan-7"]
    assert answers(found) == {"ner-1": {"11": {"vendor": "ACME"}}}
    assert found.notes == ()


def test_label_studio_tells_which_of_several_annotations_it_took(tmp_path: Path) -> None:
    task = json.loads(json.dumps(exports.LABEL_STUDIO[0]))
    other = {"id": 9, "ground_truth": True, "result": task["annotations"][0]["result"][1:2]}
    task["annotations"].insert(0, other)
    _, found = read(tmp_path, [task])
    assert found.truths == {"11": {"kind": "invoice"}}
    assert found.notes[0].startswith("1 task with several annotations")


def test_argilla_takes_what_most_responses_say_and_suggestions_with_their_scores(
    tmp_path: Path,
) -> None:
    form, found = read(tmp_path, exports.ARGILLA)
    assert form == "argilla"
    assert found.truths == {"r-1": {"kind": "sale", "spans": {"vendor": ["Bolt Ltd"]}}}
    assert found.answers == {"small-model": {"r-1": ReadAnswer({"kind": "sale"}, {"kind": 0.7})}}
    assert found.notes == ("1 answer that people differ in: what most say is taken",)


def test_doccano_gives_texts_of_spans_as_lists_where_any_case_has_several(tmp_path: Path) -> None:
    form, found = read(tmp_path, exports.DOCCANO, "all.jsonl")
    assert form == "doccano"
    assert found.truths == {
        "1": {"PER": "Anna", "LOC": ["Rome"]},
        "2": {"LOC": ["Rome", "Bonn"]},
    }
    assert found.texts["2"] == "Rome and Bonn"
    assert found.notes == ("relations between spans are left out",)


def test_promptfoo_gives_one_case_with_the_answers_of_each_provider(tmp_path: Path) -> None:
    form, found = read(tmp_path, exports.PROMPTFOO)
    assert form == "promptfoo"
    assert found.truths == {"1": {"total": 5}}
    assert found.texts == {"1": "Total 5 EUR, thank you"}
    assert answers(found) == {
        "openai:gpt-4o-mini": {"1": {"total": 5}},
        "anthropic:claude": {"1": {"total": 50}},
    }


def test_promptfoo_tests_of_a_configuration_are_read_too(tmp_path: Path) -> None:
    text = (
        "prompts: [p.txt]\ntests:\n"
        "  - vars: {document: 'Sum 7, thanks', expected: '{\"sum\": 7}'}\n"
        "  - vars: {document: 'Sum 8, thanks'}\n    assert: [{type: contains, value: '8'}]\n"
    )
    (tmp_path / "promptfooconfig.yaml").write_text(text, "utf-8")
    form, found = read_export(tmp_path / "promptfooconfig.yaml", None)
    assert (form, found.truths) == ("promptfoo", {"1": {"sum": 7}})
    assert found.notes[0].startswith("1 test without a truth")


def test_inspect_logs_give_targets_and_the_model_s_answers(tmp_path: Path) -> None:
    form, found = read(tmp_path, exports.INSPECT)
    assert form == "inspect"
    assert (found.truths, found.texts) == ({"inv-1": {"sum": 7}}, {"inv-1": "Sum 7"})
    assert answers(found) == {"openai/gpt-4o": {"inv-1": {"sum": 7}}}
    assert found.notes == ("1 further epoch left out",)


def test_langfuse_items_give_inputs_and_expected_outputs(tmp_path: Path) -> None:
    form, found = read(tmp_path, exports.LANGFUSE)
    assert form == "langfuse"
    assert (found.truths, found.texts) == (
        {"item-1": {"order": 44}},
        {"item-1": "Order 44 of Anna"},
    )
    assert found.notes == ("1 archived item left out",)


def test_langsmith_examples_give_inputs_and_outputs(tmp_path: Path) -> None:
    form, found = read(tmp_path, exports.LANGSMITH, "examples.jsonl")
    assert form == "langsmith"
    assert found.truths == {"e-1": {"order": 44, "who": "Anna"}}
    assert found.texts == {"e-1": "Which order? Order 44 of Anna"}


def test_braintrust_rows_give_expected_values_and_outputs(tmp_path: Path) -> None:
    form, found = read(tmp_path, exports.BRAINTRUST)
    assert form == "braintrust"
    assert found.truths == {"b-1": {"order": 44}}
    assert answers(found) == {"output": {"b-1": {"order": 45}}}


def test_a_folder_with_metadata_gives_its_files_and_parses(tmp_path: Path) -> None:
    read(tmp_path, exports.HUGGINGFACE, "metadata.jsonl")
    form, found = read_export(tmp_path, None)
    assert form == "huggingface"
    assert found.truths == {"r1": {"total": "5"}, "r2": {"total": "6"}}


def service(folder: Path, value: object) -> tuple[str, ReadAnswer]:
    form, found = read(folder, value, "inv-01.pdf.json")
    return form, found.answers[form]["inv-01"]


def test_llamaextract_results_keep_confidences_and_citations(tmp_path: Path) -> None:
    form, answer = service(tmp_path, exports.LLAMAEXTRACT)
    assert form == "llamaextract"
    assert answer.value == {"phone": "555-1234", "items": [{"qty": 2}]}
    assert answer.confidences == {"phone": 0.97, "items[0].qty": 0.5}
    assert answer.places["phone"] == [{"page": 1, "matching_text": "(555) 1234"}]


def test_azure_results_keep_typed_values_confidences_and_regions(tmp_path: Path) -> None:
    form, answer = service(tmp_path, exports.AZURE)
    assert form == "azure"
    assert answer.value == {"VendorName": "ACME", "InvoiceTotal": 12.5, "Items": [{"Quantity": 2}]}
    assert answer.confidences == {
        "VendorName": 0.93,
        "InvoiceTotal": 0.9,
        "Items[0].Quantity": 0.6,
    }
    assert list(answer.places) == ["VendorName"]


def test_textract_expenses_have_confidences_from_0_to_1(tmp_path: Path) -> None:
    form, answer = service(tmp_path, exports.TEXTRACT)
    assert form == "textract"
    assert answer.value == {"TOTAL": "$12.50", "LineItems": [{"ITEM": "Chair"}]}
    assert answer.confidences == {"TOTAL": 0.985, "LineItems[0].ITEM": 0.8}
    assert list(answer.places) == ["TOTAL"]


def test_textract_queries_and_forms_are_fields(tmp_path: Path) -> None:
    _, answer = service(tmp_path, exports.TEXTRACT_QUERIES)
    assert answer.value == {"total": "12.50", "Name:": "Anna Roe"}
    assert answer.confidences == {"total": 0.75, "Name:": 0.6}


def test_google_entities_are_normalised_and_nested(tmp_path: Path) -> None:
    form, answer = service(tmp_path, exports.GOOGLE)
    assert form == "google"
    assert answer.value == {
        "supplier_name": "ACME",
        "total_amount": 12.5,
        "invoice_date": "2025-01-31",
        "line_item": [{"quantity": "2"}],
    }
    assert answer.confidences["line_item[0].quantity"] == 0.4
    assert answer.places == {"supplier_name": {"pageRefs": [{"page": "0"}]}}


@pytest.mark.parametrize("value", [{"a": 1}, [{"a": 1}], [], 5])
def test_what_no_tool_writes_is_refused_with_the_names_of_those_known(
    tmp_path: Path, value: object
) -> None:
    with pytest.raises(HarnessError, match="is no export known here"):
        read(tmp_path, value)
