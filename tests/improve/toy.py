"""A small project, and a model that reads it better the better it is told how."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from harness.cli.main import main
from tests.extract.server.behaviour import Asked

USER = """\
Return JSON with: when, currency, note.
{% for field in fields %}
- {{ field.path }}: {{ field.description }}
{% endfor %}

Document:

{{ document }}
"""
MONTHS = "January February March April May June July August September October November December"
NAMES = ("euros", "dollars", "pounds")
CODES = ("EUR", "USD", "GBP")


def write_project(folder: Path, documents: int, url: str) -> Path:
    """Write a project whose extractor `model` is at a URL; return the suite's folder."""
    suite, truths = folder / "evals" / "toy", folder / "ground_truth" / "toy"
    for place in (suite / "documents", truths, folder / "prompts" / "toy"):
        place.mkdir(parents=True)
    properties = {name: {"type": ["string", "null"]} for name in ("when", "currency", "note")}
    schema = {"type": "object", "properties": properties, "required": [*properties]}
    (suite / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    (folder / "prompts" / "toy" / "user.md").write_text(USER, encoding="utf-8")
    held = [f"paper-{n:02}" for n in range(documents) if n % 3 == 2]
    seen = [f"paper-{n:02}" for n in range(documents) if n % 3 != 2]
    (suite / "suite.yaml").write_text(
        "prompt: ../../prompts/toy\n"
        "extractors:\n"
        f"  model: {{kind: openai, model: toy, base_url: '{url}', key_env: TOY_KEY}}\n"
        f"split: {json.dumps({'dev': seen, 'holdout': held})}\n",
        encoding="utf-8",
    )
    for number in range(documents):
        text, truth = paper(number)
        name = f"paper-{number:02}"
        (suite / "documents" / f"{name}.txt").write_text(text, encoding="utf-8")
        (truths / f"{name}.json").write_text(json.dumps(truth), encoding="utf-8")
    return suite


def write_unsplit(folder: Path, url: str) -> Path:
    """Write a project of 14 papers with no split at all; return the suite's folder."""
    suite = write_project(folder, 14, url)
    file = suite / "suite.yaml"
    file.write_text(re.sub(r"split: .*\n", "", file.read_text("utf-8")), encoding="utf-8")
    return suite


def paper(number: int) -> tuple[str, dict[str, str | None]]:
    """Return a document and its truth."""
    day = date(2026, 1 + number % 12, 1 + number)
    month = MONTHS.split()[day.month - 1]
    which = number % 3
    text = f"Written on {day.day} {month} 2026.\nPaid: {number + 3} {NAMES[which]}.\n"
    note = f"see box {number}" if number % 2 else None
    text += f"Note: {note}.\n" if note else ""
    return text, {"when": day.isoformat(), "currency": CODES[which], "note": note}


def answer(asked: Asked) -> str:
    """Return what the model says: to a writer's task, or about a document."""
    if "You improve the descriptions" in asked.text:
        return _descriptions(asked.text)
    told, _, document = asked.text.rpartition("Document:")
    written = re.search(r"Written on (\d+) (\w+) (\d+)", document)
    paid = re.search(r"Paid: \d+ (\w+)", document)
    note = re.search(r"Note: (.+)\.", document)
    assert written is not None
    assert paid is not None
    when = written[0].removeprefix("Written on ")
    if "YYYY-MM-DD" in told or re.search(r"\d{4}-\d\d-\d\d", told):
        month = MONTHS.split().index(written[2]) + 1
        when = date(int(written[3]), month, int(written[1])).isoformat()
    currency = CODES[NAMES.index(paid[1])] if "ISO 4217" in told else paid[1]
    found = {"when": when, "currency": currency, "note": note[1] if note else None}
    return json.dumps(found)


def _descriptions(task: str) -> str:
    """Return better descriptions; the first time, one that copies an answer."""
    texts = {
        "when": "The day it was written, as YYYY-MM-DD, e.g. 2026-01-01.",
        "currency": "The ISO 4217 code of the currency.",
        "note": "The note, without the full stop.",
    }
    wanted = {name: text for name, text in texts.items() if f"FIELD {name}\n" in task}
    return f"Here you are:\n```json\n{json.dumps(wanted)}\n```"


def harness(*words: object) -> Result:
    """Run a command of harness."""
    return CliRunner().invoke(main, [str(word) for word in words])


def ledger_of(folder: Path) -> list[dict[str, Any]]:
    """Return the entries of the toy's ledger below a project."""
    path = folder / "prompts" / ".history" / "toy" / "ledger.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
