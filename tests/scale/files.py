"""Truths and predictions in JSONL files, and both ways to score them."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

from harness.core.rules.field_rule import NO_RULES, Rules
from harness.core.values import Json
from harness.errors import HarnessError
from harness.run.scored_files.score_files import score_files
from harness.run.scored_files.standalone_rules import Ruler
from harness.run.stored.stored_results import ResultsDocument
from harness.scale.stream import How, StreamResult, score_lines

SCHEMA: Json = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "total": {"type": "number"},
        "date": {"type": "string", "format": "date"},
        "rows": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"sku": {"type": "string"}, "n": {"type": "integer"}},
            },
        },
    },
}
ALONE = How(workers=1)


@dataclass(frozen=True, slots=True)
class Files:
    """A folder with two files in it."""

    folder: Path

    @property
    def both(self) -> tuple[Path, Path]:
        return self.folder / "truths.jsonl", self.folder / "said.jsonl"

    def write(self, truths: bytes | str, said: bytes | str) -> Files:
        for file, content in zip(self.both, (truths, said), strict=True):
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return self

    def in_memory(
        self, schema: Json = SCHEMA, rules: Rules = NO_RULES
    ) -> tuple[ResultsDocument, list[str]]:
        results, warnings = score_files(self.both, Ruler(schema, rules))
        return results, list(map(str, warnings))

    def streamed(
        self, how: How = ALONE, schema: Json = SCHEMA, rules: Rules = NO_RULES
    ) -> StreamResult:
        return score_lines(self.both, Ruler(schema, rules), how, lambda _done, _cases: None)

    def problems(self) -> tuple[list[str], list[str]]:
        """Return what both ways have against the files."""
        found: list[list[str]] = []
        for way in (self.in_memory, self.streamed):
            try:
                way()
            except HarnessError as error:
                found.append(list(map(str, error.problems)))
            else:
                found.append([])
        return found[0], found[1]


NOT_STREAMED: dict[str, Json] = {"attributes": [], "classification": [], "causes": None}
"""What needs every verdict at hand."""


def figures(results: ResultsDocument) -> str:
    """Return a document but for its cases and the suite's digest, as text."""
    signature = {**results["signature"], "suite": ""}
    by_counts = ("standard", "guide-code", "semeval-strict", "correction-cost")
    conventions = {name: results["conventions"][name] for name in by_counts}
    same = {**NOT_STREAMED, "conventions": conventions, "cases": [], "signature": signature}
    return json.dumps({**results, **same})


def line(case_id: Json, value: Json) -> str:
    return json.dumps({"id": case_id, "value": value}, ensure_ascii=False)


def invoice(draw: random.Random, mistakes: float) -> Json:
    """Return an invoice; a second one of the same seed and other mistakes has some."""

    def said(value: Json, other: Json) -> Json:
        return other if draw.random() < mistakes else value

    rows: list[Json] = [
        {"sku": said(f"A-{row}", f"B-{row}"), "n": said(row, str(row))}
        for row in range(draw.randint(0, 5))
        if draw.random() >= mistakes
    ]
    return {
        "name": said("ACME Corp", "ACME"),
        "total": said(1200.5, "1,200.50"),
        "date": said("2024-03-31", None),
        "rows": rows,
    }


def invoices(count: int) -> tuple[list[str], list[str]]:
    """Return lines of truths and of predictions with mistakes, in order of id."""
    ids = [f"inv-{number:05}" for number in range(count)]
    truths = [line(name, invoice(random.Random(name), 0.0)) for name in ids]
    said = [line(name, invoice(random.Random(name), 0.2)) for name in ids]
    return truths, said
