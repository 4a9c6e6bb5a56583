"""Suites for `taggers.py`, made of a folder of public data sets.

`line_labels/train.jsonl` has lines of journal articles (document, line, text, label), the volume
being what a document's name begins with; `goemotions/jsonl/{train,dev}.jsonl` has texts with sets
of labels. A language model's reading of six articles is recorded here, as line numbers alone.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

READER: Final = "a language model (Claude)"
READ_TAG: Final = "read"
READ_VOLUME: Final = "119"
RARE: Final = ("Nomenclature", "Description")
_OTHER: Final = "Misc"
READ: Final[Mapping[str, tuple[str, str]]] = {
    "v119-s12": ("58-59 79-80", "61-64 67-78 83 89-106"),
    "v119-s13": (
        "174 197 215-216 219 220 240 320",
        """176-179 182-194 200-201 205-214 222-223 231-239 243 248-254 256-293 307-315 323-324
        330-340 354-381""",
    ),
    "v119-s18": (
        """89-90 98 106 119 129-130 136 146 155-156 163-164 173-174 199-200 202 205 207-208 222
        224-225 231""",
        "234-235 242-252 257-266",
    ),
    "v119-s28": ("25 58", "28-29 33-36 41-49 61 65-73 78-80"),
    "v119-s32": ("100-109", "112 116-117 122-143"),
    "v119-s47": ("76 147", "78-92 96-108 149-162 167-177"),
}
"""The lines of each rare label as Claude read them on 2026-11-30, in six articles drawn by lot of
the 61 of volume 119; it had seen one labelled article of volume 118."""
_ENDS: Final = re.compile(r"[\n\r\f]")
_RULES: Final = {"lines": {"align": "key", "key": ["line"]}, "lines[].line": {"ignore": True}}


def lines_suite(data: Path, project: Path) -> Path:
    """Write the articles as a suite whose cases have their volume as a tag, and return it."""
    rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(data / "line_labels" / "train.jsonl"):
        rows[row["document"]].append(row)
    texts = {  # whatever else ends a line would move the labels of those after it
        name: "".join(f"{_ENDS.sub(' ', one['text'])}\n" for one in lines)
        for name, lines in rows.items()
    }
    truths = {name: _labelled([one["label"] for one in lines]) for name, lines in rows.items()}
    tags = {name: [name[:4], *([READ_TAG] if name in READ else [])] for name in rows}
    suite = _write(project / "evals" / "articles", texts, truths)
    with (suite / "read.jsonl").open("w", encoding="utf-8") as out:
        for name in READ:
            said = {"id": name, "value": _labelled(_read(name, len(rows[name])))}
            out.write(json.dumps(said) + "\n")
    extractors = {READER: {"kind": "recorded", "answers": "read.jsonl"}}
    settings = {"tags": tags, "rules": _RULES, "extractors": extractors}
    (suite / "suite.yaml").write_text(json.dumps(settings), "utf-8")
    return suite


def texts_suite(data: Path, project: Path, most: int) -> Path:
    """Write texts with sets of labels as a suite, those of `dev` with the tag `dev`."""
    texts: dict[str, str] = {}
    truths: dict[str, dict[str, Any]] = {}
    tags: dict[str, list[str]] = {}
    for part in ("train", "dev"):
        for row in [*_rows(data / "goemotions" / "jsonl" / f"{part}.jsonl")][:most]:
            name = f"{part}-{row['id']}"
            texts[name], truths[name] = row["text"], {"labels": row["labels"]}
            tags[name] = [part]
    suite = _write(project / "evals" / "goemotions", texts, truths)
    (suite / "suite.yaml").write_text(json.dumps({"tags": tags}), "utf-8")
    return suite


def _write(suite: Path, texts: Mapping[str, str], truths: Mapping[str, object]) -> Path:
    for folder in ("documents", "ground_truth"):
        (suite / folder).mkdir(parents=True)
    for name, text in texts.items():
        (suite / "documents" / f"{name}.txt").write_text(text, "utf-8")
        (suite / "ground_truth" / f"{name}.json").write_text(json.dumps(truths[name]), "utf-8")
    return suite


def _labelled(labels: list[str]) -> dict[str, Any]:
    return {"lines": [{"line": at, "label": label} for at, label in enumerate(labels, 1)]}


def _read(name: str, size: int) -> list[str]:
    labels = [_OTHER] * size
    for label, spans in zip(RARE, READ[name], strict=True):
        for span in spans.split():
            first, _, last = span.partition("-")
            for line in range(int(first), int(last or first) + 1):
                labels[line - 1] = label
    return labels


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text("utf-8").splitlines():
        yield json.loads(line)
