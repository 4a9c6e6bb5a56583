"""A suite of little articles whose lines are titles, facts or anything else."""

from __future__ import annotations

import json
import random
from pathlib import Path

TITLES = ("Rubus", "Quercus", "Salix", "Alnus", "Betula")
FACTS = ("leaves green", "stem hairy", "spores brown", "cap convex")
OTHERS = ("see page", "thanks to everybody", "the authors", "received in")


def write_suite(folder: Path, documents: int = 24, *, numbered: bool = True) -> Path:
    """Write the suite; documents whose number divides by four have the tag `late`."""
    rng = random.Random(3)
    suite = folder / "evals" / "articles"
    for name in ("documents", "ground_truth"):
        (suite / name).mkdir(parents=True)
    for number in range(documents):
        rows = [
            row
            for _ in range(4)
            for row in (
                (f"{rng.choice(TITLES)} nova, sp. nov.", "Title"),
                (f"{rng.choice(FACTS)} {rng.randint(2, 9)} mm", "Fact"),
                *((f"{rng.choice(OTHERS)} {rng.randint(1, 99)}", "Other") for _ in range(3)),
            )
        ]
        text = "".join(f"{line}\n" for line, _ in rows)
        items = [{"label": label} for _, label in rows]
        if numbered:
            items = [{"line": at + 1, **item} for at, item in enumerate(items)]  # type: ignore[dict-item]
        (suite / "documents" / f"a{number:02}.txt").write_text(text)
        (suite / "ground_truth" / f"a{number:02}.json").write_text(json.dumps({"lines": items}))
    tags = {f"a{number:02}": ["late"] for number in range(0, documents, 4)}
    item = {"type": "object", "properties": {"line": {"type": "integer"}, "label": {}}}
    schema = {"type": "object", "properties": {"lines": {"type": "array", "items": item}}}
    (suite / "schema.json").write_text(json.dumps(schema))
    rules = {"lines": {"align": "key", "key": ["line"]}, "lines[].line": {"ignore": True}}
    said = {
        "documents": "documents",
        "ground_truth": "ground_truth",
        "schema": "schema.json",
        "rules": rules if numbered else {"lines": {"align": "position"}},
        "tags": tags,
        "extractor": {"kind": "tagger", "model": "model"},
    }
    (suite / "suite.yaml").write_text(json.dumps(said))
    return suite


def write_moods(folder: Path, documents: int = 80) -> Path:
    """Write a suite of short texts with none, one or both of two moods, and `calm` for none."""
    suite = folder / "evals" / "moods"
    for name in ("documents", "ground_truth"):
        (suite / name).mkdir(parents=True)
    for number in range(documents):
        moods = [mood for at, mood in enumerate(("joy", "love")) if number >> at & 1] or ["calm"]
        text = f"number {number} says {' and '.join(moods)}"
        (suite / "documents" / f"m{number:02}.txt").write_text(text)
        (suite / "ground_truth" / f"m{number:02}.json").write_text(json.dumps({"labels": moods}))
    (suite / "suite.yaml").write_text(json.dumps({"description": "moods"}))
    return suite
