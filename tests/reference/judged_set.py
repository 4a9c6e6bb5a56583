"""How far evidence and tags are what a person signed who read the documents and ran nothing.

`judged/places.jsonl`: for each value, the lines of its receipt on which it stands; none where it
stands nowhere. `judged/tags.jsonl`: the tags of each wrong field of a small pair of documents.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import harness
from harness.core.differ.plan import Plan
from harness.core.explain.explanation import answered, explain

_FOLDER: Final = Path(__file__).parent / "judged"
_OF_DOCUMENTS: Final = {"grounded", "ungrounded", "suspect_ground_truth"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person signed and what the harness says."""

    subject: str
    signed: tuple[Any, ...]
    said: tuple[Any, ...]
    agrees: bool


def _read(name: str) -> Iterator[Any]:
    with (_FOLDER / name).open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def judged_places() -> list[Judgement]:
    """Return all judged places: every line that is told must be one that was signed."""
    found = []
    for case in _read("places.jsonl"):
        scored = answered(Plan(), case["truth"], case["truth"], {"receipt": case["text"]})
        said = {}
        for index in range(len(scored.result.ledger.verdicts)):
            side = explain(scored, index).expected
            if side is not None and side.evidence is not None:
                said[side.path] = tuple(place.line for place in side.evidence)
        for path, signed in case["lines"].items():
            lines = said[path]
            agrees = set(lines) <= set(signed) and bool(lines) == bool(signed)
            found.append(Judgement(f"{case['name']} {path}", tuple(signed), lines, agrees))
    return found


def judged_tags() -> list[Judgement]:
    """Return the judged tags, one judgement for every wrong field."""
    found = []
    for case in _read("tags.jsonl"):
        result = harness.score(
            case["expected"], case["predicted"], case.get("schema"), case.get("rules")
        )
        said = {d.path: {str(t) for t in d.tags} - _OF_DOCUMENTS for d in result.diffs}
        for path, signed in case["tags"].items():
            told = tuple(sorted(said.get(path, {"no such field"})))
            subject = f"{path} of {case['predicted']}"
            found.append(Judgement(subject, tuple(signed), told, set(told) == set(signed)))
    return found


def by_tag(judgements: list[Judgement]) -> Mapping[str, tuple[int, int]]:
    """Return for each tag how many fields that bear it, signed or said, bear it on both sides."""
    counts: dict[str, Counter[bool]] = defaultdict(Counter)
    for one in judgements:
        for tag in {*one.signed, *one.said} or {"no tag"}:
            counts[tag][(tag in one.signed) == (tag in one.said)] += 1
    return {tag: (n[True], n.total()) for tag, n in sorted(counts.items())}
