"""One small export of each tool, in the shape that the tool writes; every value is invented."""

from __future__ import annotations

from typing import Any

LABEL_STUDIO: list[dict[str, Any]] = [
    {
        "id": 11,
        "data": {"text": "ACME GmbH, total 12.50 EUR"},
        "annotations": [
            {
                "id": 1,
                "was_cancelled": False,
                "ground_truth": False,
                "result": [
                    {
                        "id": "a1",
                        "from_name": "label",
                        "to_name": "text",
                        "type": "labels",
                        "value": {"start": 0, "end": 9, "text": "ACME GmbH", "labels": ["vendor"]},
                    },
                    {
                        "id": "a2",
                        "from_name": "kind",
                        "to_name": "text",
                        "type": "choices",
                        "value": {"choices": ["invoice"]},
                    },
                    {
                        "id": "a3",
                        "from_name": "pages",
                        "to_name": "text",
                        "type": "number",
                        "value": {"number": 2},
                    },
                ],
            },
            {"id": 2, "was_cancelled": True, "result": []},
        ],
        "predictions": [
            {
                "model_version": "ner-1",
                "score": 0.8,
                "result": [
                    {
                        "id": "p1",
                        "from_name": "label",
                        "to_name": "text",
                        "type": "labels",
                        "value": {"start": 0, "end": 4, "text": "ACME", "labels": ["vendor"]},
                    }
                ],
            }
        ],
    },
    {
        "id": 12,
        "data": {"image": "/data/upload/3/scan-7.png"},
        "annotations": [
            {
                "id": 3,
                "was_cancelled": False,
                "result": [
                    {
                        "id": "r",
                        "from_name": "box",
                        "to_name": "image",
                        "type": "rectanglelabels",
                        "value": {
                            "x": 1.0, "y": 2.0, "width": 3.0, "height": 4.0, "rotation": 0,
                            "rectanglelabels": ["vendor"],
                        },
                    },
                    {
                        "id": "r",
                        "from_name": "transcription",
                        "to_name": "image",
                        "type": "textarea",
                        "value": {"x": 1.0, "y": 2.0, "text": ["Bolt Ltd"]},
                    },
                ],
            }
        ],
        "predictions": [],
    },
]  # fmt: skip

ARGILLA: list[dict[str, Any]] = [
    {
        "id": "r-1",
        "status": "completed",
        "fields": {"text": "Bolt Ltd sold 3 chairs"},
        "metadata": {},
        "suggestions": {"kind": {"value": "sale", "score": 0.7, "agent": "small-model"}},
        "responses": {
            "kind": [
                {"value": "sale", "user_id": "u1"},
                {"value": "offer", "user_id": "u2"},
                {"value": "sale", "user_id": "u3"},
            ],
            "spans": [{"value": [{"start": 0, "end": 8, "label": "vendor"}], "user_id": "u1"}],
        },
    }
]

DOCCANO: list[dict[str, Any]] = [
    {"id": 1, "text": "Anna lives in Rome", "label": [[0, 4, "PER"], [14, 18, "LOC"]]},
    {
        "id": 2,
        "text": "Rome and Bonn",
        "entities": [
            {"id": 5, "label": "LOC", "start_offset": 0, "end_offset": 4},
            {"id": 6, "label": "LOC", "start_offset": 9, "end_offset": 13},
        ],
        "relations": [{"id": 1, "from_id": 5, "to_id": 6, "type": "near"}],
    },
]

PROMPTFOO: dict[str, Any] = {
    "evalId": "eval-1",
    "results": {
        "version": 3,
        "results": [
            {
                "provider": {"id": "openai:gpt-4o-mini", "label": ""},
                "vars": {"document": "Total 5 EUR, thank you"},
                "response": {"output": '{"total": 5}', "tokenUsage": {"total": 9}},
                "testCase": {
                    "vars": {"document": "Total 5 EUR, thank you"},
                    "assert": [{"type": "is-json"}, {"type": "equals", "value": '{"total": 5}'}],
                },
                "success": True,
            },
            {
                "provider": {"id": "anthropic:claude", "label": ""},
                "vars": {"document": "Total 5 EUR, thank you"},
                "response": {"output": {"total": 50}},
                "testCase": {
                    "vars": {"document": "Total 5 EUR, thank you"},
                    "assert": [{"type": "equals", "value": '{"total": 5}'}],
                },
                "success": False,
            },
        ],
        "stats": {"successes": 1, "failures": 1},
    },
    "config": {},
}

INSPECT: dict[str, Any] = {
    "version": 2,
    "status": "success",
    "eval": {"task": "invoices", "model": "openai/gpt-4o"},
    "samples": [
        {
            "id": "inv-1",
            "epoch": 1,
            "input": [{"role": "system", "content": "Read."}, {"role": "user", "content": "Sum 7"}],
            "target": '{"sum": 7}',
            "output": {
                "model": "gpt-4o",
                "choices": [
                    {
                        "message": {"role": "assistant", "content": '```json\n{"sum": 7}\n```'},
                        "stop_reason": "stop",
                    }
                ],
            },
        },
        {"id": "inv-1", "epoch": 2, "input": "Sum 7", "target": '{"sum": 7}'},
    ],
}

LANGFUSE: list[dict[str, Any]] = [
    {
        "id": "item-1",
        "status": "ACTIVE",
        "input": {"text": "Order 44 of Anna"},
        "expectedOutput": {"order": 44},
        "metadata": None,
        "datasetName": "orders",
    },
    {"id": "item-2", "status": "ARCHIVED", "input": "x", "expectedOutput": {}, "metadata": None},
]

LANGSMITH: list[dict[str, Any]] = [
    {
        "id": "e-1",
        "dataset_id": "d",
        "inputs": {"question": "Which order? Order 44 of Anna"},
        "outputs": {"order": 44, "who": "Anna"},
        "metadata": {},
    }
]

BRAINTRUST: list[dict[str, Any]] = [
    {
        "id": "b-1",
        "input": "Order 44 of Anna",
        "expected": {"order": 44},
        "output": '{"order": 45}',
        "metadata": {"split": "test"},
        "tags": [],
    }
]

HUGGINGFACE: list[dict[str, Any]] = [
    {"file_name": "r1.txt", "ground_truth": '{"gt_parse": {"total": "5"}}'},
    {"file_name": "r2.txt", "ground_truth": '{"gt_parse": {"total": "6"}}'},
]

LLAMAEXTRACT: dict[str, Any] = {
    "data": {"phone": "555-1234", "items": [{"qty": 2}]},
    "extraction_metadata": {
        "field_metadata": {
            "phone": {
                "confidence": 0.97,
                "citation": [{"page": 1, "matching_text": "(555) 1234"}],
            },
            "items": [{"qty": {"confidence": 0.5}}],
        },
        "usage": {"num_pages_extracted": 1},
    },
}

AZURE: dict[str, Any] = {
    "status": "succeeded",
    "analyzeResult": {
        "apiVersion": "2024-11-30",
        "modelId": "prebuilt-invoice",
        "content": "ACME 12,50",
        "documents": [
            {
                "docType": "invoice",
                "confidence": 1,
                "fields": {
                    "VendorName": {
                        "type": "string",
                        "valueString": "ACME",
                        "content": "ACME",
                        "confidence": 0.93,
                        "boundingRegions": [{"pageNumber": 1, "polygon": [1, 1, 2, 1, 2, 2, 1, 2]}],
                    },
                    "InvoiceTotal": {
                        "type": "currency",
                        "valueCurrency": {"amount": 12.5, "currencyCode": "EUR"},
                        "content": "12,50",
                        "confidence": 0.9,
                    },
                    "Items": {
                        "type": "array",
                        "valueArray": [
                            {
                                "type": "object",
                                "valueObject": {
                                    "Quantity": {
                                        "type": "number",
                                        "valueNumber": 2,
                                        "confidence": 0.6,
                                    }
                                },
                                "confidence": 0.8,
                            }
                        ],
                    },
                },
            }
        ],
    },
}

TEXTRACT: dict[str, Any] = {
    "DocumentMetadata": {"Pages": 1},
    "ExpenseDocuments": [
        {
            "ExpenseIndex": 1,
            "SummaryFields": [
                {
                    "Type": {"Text": "TOTAL", "Confidence": 99.0},
                    "ValueDetection": {
                        "Text": "$12.50",
                        "Confidence": 98.5,
                        "Geometry": {
                            "BoundingBox": {"Width": 0.1, "Height": 0.02, "Left": 0.5, "Top": 0.9}
                        },
                    },
                    "PageNumber": 1,
                }
            ],
            "LineItemGroups": [
                {
                    "LineItemGroupIndex": 1,
                    "LineItems": [
                        {
                            "LineItemExpenseFields": [
                                {
                                    "Type": {"Text": "ITEM", "Confidence": 90.0},
                                    "ValueDetection": {"Text": "Chair", "Confidence": 80.0},
                                }
                            ]
                        }
                    ],
                }
            ],
        }
    ],
}

TEXTRACT_QUERIES: dict[str, Any] = {
    "Blocks": [
        {
            "Id": "q",
            "BlockType": "QUERY",
            "Query": {"Text": "What is the total?", "Alias": "total"},
            "Relationships": [{"Type": "ANSWER", "Ids": ["a"]}],
        },
        {"Id": "a", "BlockType": "QUERY_RESULT", "Text": "12.50", "Confidence": 75.0, "Page": 1},
        {
            "Id": "k",
            "BlockType": "KEY_VALUE_SET",
            "EntityTypes": ["KEY"],
            "Confidence": 60.0,
            "Relationships": [
                {"Type": "VALUE", "Ids": ["v"]},
                {"Type": "CHILD", "Ids": ["w1"]},
            ],
        },
        {
            "Id": "v",
            "BlockType": "KEY_VALUE_SET",
            "EntityTypes": ["VALUE"],
            "Relationships": [{"Type": "CHILD", "Ids": ["w2", "w3"]}],
        },
        {"Id": "w1", "BlockType": "WORD", "Text": "Name:"},
        {"Id": "w2", "BlockType": "WORD", "Text": "Anna"},
        {"Id": "w3", "BlockType": "WORD", "Text": "Roe"},
    ]
}

GOOGLE: dict[str, Any] = {
    "text": "ACME 12,50 2025",
    "entities": [
        {
            "type": "supplier_name",
            "mentionText": "ACME",
            "confidence": 0.88,
            "pageAnchor": {"pageRefs": [{"page": "0"}]},
        },
        {
            "type": "total_amount",
            "mentionText": "12,50",
            "confidence": 0.7,
            "normalizedValue": {
                "text": "12.5 EUR",
                "moneyValue": {"currencyCode": "EUR", "units": "12", "nanos": 500000000},
            },
        },
        {
            "type": "invoice_date",
            "mentionText": "31.1.2025",
            "confidence": 0.9,
            "normalizedValue": {
                "text": "2025-01-31",
                "dateValue": {"year": 2025, "month": 1, "day": 31},
            },
        },
        {
            "type": "line_item",
            "mentionText": "2 Chair",
            "properties": [
                {"type": "line_item/quantity", "mentionText": "2", "confidence": 0.4},
            ],
        },
    ],
}
