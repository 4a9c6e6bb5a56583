"""Print how far evidence and tags are what a person signed who read the documents.

`python benchmarks/evidence.py`
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.reference.judged_set import by_tag, judged_places, judged_tags


def main() -> None:
    """Print the agreement for places and for each tag, and every disagreement."""
    places, tags = judged_places(), judged_tags()
    for one in (*places, *tags):
        if not one.agrees:
            print(f"{one.subject}: signed {one.signed}, said {one.said}")
    right = sum(one.agrees for one in places)
    print(f"evidence: {right} of {len(places)} ({right / len(places):.1%})")
    for tag, (agreed, total) in by_tag(tags).items():
        print(f"{tag}: {agreed} of {total} ({agreed / total:.1%})")


if __name__ == "__main__":
    main()
