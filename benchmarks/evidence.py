"""Print how far evidence and tags are what a person signed, and how far marks lie in their own row.

`python benchmarks/evidence.py [--folder FOLDER ...]`

A value of a list item has its own row where a text of the item stands once in the document: the
first mark is to lie nearer to it than to that of any other item. Tables are generated: invoices of
12 lines and tables of 200 rows, whose small numbers stand everywhere. A FOLDER holds `documents/`
with texts and `ground_truth/` with JSON of the same names.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from harness.core.differ.plan import Plan
from harness.core.explain.explanation import answered, explain
from harness.core.values import Json
from tests.reference.judged_set import by_tag, judged_places, judged_tags

WORDS: Final = ("valve", "hose", "pump", "gasket", "filter", "flange", "bolt", "seal", "rod")
LEAST: Final = 4
"""Characters of a text that tells a row."""


def rows_hit(text: str, truth: Json) -> tuple[int, int]:
    """Return how many first marks lie in their own row, and how many values have one."""
    lines = text.splitlines()
    scored = answered(Plan(), truth, truth, {"document": text})
    marks: dict[str, dict[str, int]] = defaultdict(dict)
    values: dict[str, dict[str, Any]] = defaultdict(dict)
    for index in range(len(scored.result.ledger.verdicts)):
        side = explain(scored, index).expected
        step = re.match(r"(.*\[\d+\])\.?(.*)", side.path) if side is not None else None
        if side is not None and step is not None:
            values[step[1]][step[2]] = side.value
            if side.evidence:
                marks[step[1]][step[2]] = side.evidence[0].line
    anchors = {item: found for item in values if (found := _anchor(values[item], lines))}
    homes = defaultdict(list)
    for item, (_, line) in anchors.items():
        homes[re.sub(r"\[\d+\]$", "", item)].append(line)
    hits = of = 0
    for item, (name, line) in anchors.items():
        others = homes[re.sub(r"\[\d+\]$", "", item)]
        for field, mark in marks[item].items():
            if field != name:
                of += 1
                hits += abs(mark - line) == min(abs(mark - other) for other in others)
    return hits, of


def _anchor(item: dict[str, Any], lines: list[str]) -> tuple[str, int] | None:
    """Return the field and the line, from 1, of an item's longest text that stands once."""
    texts = [(value, name) for name, value in item.items() if isinstance(value, str)]
    for value, name in sorted(texts, key=lambda one: -len(one[0])):
        at = [number for number, line in enumerate(lines, start=1) if value in line]
        if len(value) >= LEAST and len(at) == 1:
            return name, at[0]
    return None


def tables(rows: int, documents: int) -> Iterator[tuple[str, Any]]:
    """Yield generated tables: position, article, words, quantity, price and amount."""
    rng = random.Random(rows)
    for _ in range(documents):
        items: list[dict[str, Any]] = []
        lines = ["INVOICE 4711", "12 March 2026", ""]
        for place in range(1, rows + 1):
            sku = f"AX-{rng.randrange(10**5, 10**6)}"
            name = " ".join(rng.sample(WORDS, 2))
            count, price = rng.randint(1, 12), rng.randint(1, 60) / 2
            amount = round(count * price, 2)
            item: dict[str, Any] = {
                "sku": sku,
                "name": name,
                "qty": count,
                "price": price,
                "amount": amount,
            }
            items.append(item)
            lines.append(f"{place:>4}  {sku}  {name:<16} {count:>4} {price:>8.2f} {amount:>9.2f}")
        lines.append(f"Total {sum(one['amount'] for one in items):.2f}")
        yield "\n".join(lines), {"items": items}


def read_folder(folder: Path) -> Iterator[tuple[str, Any]]:
    """Yield the texts and truths of a folder."""
    for file in sorted((folder / "ground_truth").glob("*.json")):
        document = folder / "documents" / f"{file.stem}.txt"
        if document.is_file():
            yield document.read_text(encoding="utf-8"), json.loads(file.read_text(encoding="utf-8"))


def main() -> None:
    """Print the agreement for places and for each tag, every disagreement, and rows hit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, nargs="*", default=[])
    places, tags = judged_places(), judged_tags()
    for one in (*places, *tags):
        if not one.agrees:
            print(f"{one.subject}: signed {one.signed}, said {one.said}")
    right = sum(one.agrees for one in places)
    print(f"evidence: {right} of {len(places)} ({right / len(places):.1%})")
    for tag, (agreed, total) in by_tag(tags).items():
        print(f"{tag}: {agreed} of {total} ({agreed / total:.1%})")
    sets = [("12-line invoices", tables(12, 100)), ("200-row tables", tables(200, 10))]
    sets += [(folder.name, read_folder(folder)) for folder in parser.parse_args().folder]
    for name, documents in sets:
        counts = [rows_hit(text, truth) for text, truth in documents]
        hits, of = (sum(column) for column in zip(*counts, strict=True))
        share = f"{hits / of:.1%}" if of else "no list"
        print(f"own row, {name}: {hits} of {of} ({share})")


if __name__ == "__main__":
    main()
