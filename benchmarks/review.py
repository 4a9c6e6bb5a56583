"""Measure `harness review`: `python benchmarks/review.py --data DIR [SET ...] [--cases N]`.

A scripted reviewer in a real Chromium, who knows the truth and has nothing but keys, mends copies
of public sets' truths in which 3 % of the values are wrong, with three systems' answers beside
them. Then the truths are made from nothing: from the first system's answers as drafts.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from measure import Goal, table
from review_audit import Audited, audited
from review_sets import SETS, project_of
from review_speed import NOTE_KEYS, LargeCase, large_case, replay

from harness.cases.decisions.decision import value_digest
from harness.cases.decisions.field_reviews import FieldState
from harness.core import number_text
from harness.core.values import Json
from harness.review.reviewed_suite import ReviewedSuite
from tests.review.web.by_keys import go, harness, opened, plant, reviewing
from tests.review.web.scripted import Reviewer

CHROMIUM: Final = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SHARE: Final = 0.03
PARTS: Final = ("audit", "speed", "planted", "drafted")


@dataclass
class Work:
    """What a reviewer did to one set, and what came of it."""

    name: str
    cases: int = 0
    fields: int = 0
    planted: int = 0
    keys: int = 0
    spent: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    """Milliseconds from each key to the screen."""
    equal: int = 0
    """Truth files that are what they were before, byte by byte."""
    complete: int = 0
    """Cases whose log leads from the truth as it was to the file, with every field approved."""
    badges: tuple[int, int] = (0, 0)
    """Badges, and those that say what `harness score` says."""

    @property
    def slow(self) -> float:
        """Milliseconds that one key in twenty takes longer than."""
        return quantiles(self.times, n=20)[-1]


def review(browser: Browser, project: Path, name: str, truths: Mapping[str, Json], work: Work,
           *options: str) -> dict[str, list[str]]:  # fmt: skip
    """Let the reviewer work through a suite; return the badges of each case."""
    with reviewing(project, f"evals/{name}", *options) as served:
        page, complaints = opened(browser, served.address)
        page.evaluate(NOTE_KEYS)
        reviewer = Reviewer(page, truths)
        badges = {}
        for case in truths:
            go(page, case)
            work.fields += reviewer.review(case)
            texts = page.locator("#case-facts .badge").all_inner_texts()
            badges[case] = [" ".join(text.split()) for text in texts]
        work.times = page.evaluate("window.keyTimes()")
        page.close()
    if complaints:
        raise SystemExit(f"{name}: the page complains: {complaints[:3]}")
    work.cases, work.keys, work.spent = len(truths), reviewer.keys.total(), reviewer.spent
    return badges


def mended(browser: Browser, data: Path, name: str, home: Path, most: int) -> Work:
    """Plant errors into a set's truths and let the reviewer find them."""
    project = project_of(data, name, home / f"{name}-planted", most)
    truths, files, planted = plant(project, name, SHARE)
    before = {case: json.loads(_file(project, name, case).read_text("utf-8")) for case in truths}
    work = Work(name, planted=planted)
    badges = review(browser, project, name, truths, work)
    work.equal = sum(_file(project, name, case).read_bytes() == files[case] for case in truths)
    os.chdir(project)
    suite = ReviewedSuite.open(Path("evals", name))
    work.complete = sum(_is_complete(suite, case, before[case]) for case in truths)
    work.badges = _badges(project, name, badges)
    return work


def _file(project: Path, name: str, case: str) -> Path:
    return project / "ground_truth" / name / f"{case}.json"


def _is_complete(suite: ReviewedSuite, case: str, before: Json) -> bool:
    """Tell whether the log says how the truth came to be what the file says."""
    seen = suite.case(case)
    began, *_ = seen.history.decisions
    approved = all(each.state is FieldState.APPROVED for each in seen.fields)
    return approved and not seen.hand_edits and value_digest(began.to) == value_digest(before)


def _badges(project: Path, name: str, shown: Mapping[str, Sequence[str]]) -> tuple[int, int]:
    """Return how many badges there are, and how many say what `harness score` says."""
    wanted = [
        (case, _badge(system, one))
        for system in SETS[name]
        for case, one in _scored(project, name, system)
    ]
    return len(wanted), sum(text in shown[case] for case, text in wanted)


def _scored(project: Path, name: str, system: str) -> Iterator[tuple[str, Any]]:
    """Yield what `harness score` says of each case of a system; one schema is asked once."""
    suite, truths = Path("evals", name), Path("ground_truth", name)
    answers = suite / "answers" / system
    pairs = [(truths, answers, suite / "schema.json")]
    if not (project / suite / "schema.json").is_file():
        files = [f"{file.stem}.json" for file in sorted((project / truths).glob("*.json"))]
        pairs = [(truths / file, answers / file, suite / "schemas" / file) for file in files]
    for truth, answer, schema in pairs:
        words = ("--schema", str(schema), "--format", "json")
        document = json.loads(harness(project, "score", str(truth), str(answer), *words))
        for one in document["cases"]:
            if one.get("f1", 0) is None or "true_positives" in one:
                yield truth.stem if truth.suffix else one["id"], one


def _badge(system: str, one: Any) -> str:  # noqa: ANN401  # JSON
    if one["f1"] is None:
        return f"{system} nothing expected, nothing predicted"
    counts = f"TP {one['true_positives']} FP {one['false_positives']} FN {one['false_negatives']}"
    return f"{system} F1 {number_text.percent(one['f1'])} {counts}"


def drafted(browser: Browser, data: Path, name: str, home: Path, most: int) -> Work:
    """Make a set's truths from nothing: from the first system's answers."""
    project = project_of(data, name, home / f"{name}-drafted", most)
    folder = project / "ground_truth" / name
    files = sorted(folder.glob("*.json"))
    truths = {file.stem: json.loads(file.read_text("utf-8")) for file in files}
    shutil.rmtree(folder)
    shutil.rmtree(project / "reports")
    harness(project, "run", f"evals/{name}", "-q")
    work = Work(name)
    review(browser, project, name, truths, work)
    os.chdir(project)
    suite = ReviewedSuite.open(Path("evals", name))
    for case, truth in truths.items():
        file = _file(project, name, case)
        said = json.loads(file.read_text("utf-8")) if file.is_file() else None
        work.equal += suite.case(case).plan.score(truth, said).f1 in (None, 1.0)
        draft = suite.case(case).history.decisions[0]
        work.complete += _is_complete(suite, case, draft.to)
    return work


def show(title: str, works: Sequence[Work]) -> None:
    """Print what came of it, and where the keys went."""
    print(f"## {title}\n")
    head = (
        *("set", "cases", "fields", "planted", "truths equal", "histories complete"),
        *("badges as `harness score`", "keys", "keys a field", "keys a field not mended"),
        "key to screen, p95 ms",
    )
    table(
        head,
        [
            (
                each.name,
                str(each.cases),
                str(each.fields),
                str(each.planted),
                f"{each.equal} of {each.cases}",
                f"{each.complete} of {each.cases}",
                f"{each.badges[1]} of {each.badges[0]}",
                str(each.keys),
                f"{each.keys / each.fields:.2f}",
                f"{(each.keys - each.spent['mended']) / each.fields:.2f}",
                f"{each.slow:.0f}",
            )
            for each in works
        ],
    )
    purposes = sorted({what for each in works for what in each.spent})
    table(
        ("keys spent on", *purposes),
        [(each.name, *(str(each.spent[what]) for what in purposes)) for each in works],
    )


def show_audits(audits: Sequence[Audited]) -> None:
    """Print what the audit asked."""
    print("## Audit by three systems, three per cent planted\n")
    head = ("set", "questions on the published truths", "wrong fields planted", "new questions")
    table(
        (*head, "recall", "precision", "questions on itself"),
        [
            (
                each.name,
                *map(str, (each.before, each.wrong, each.new)),
                number_text.ratio(each.found, each.wrong),
                number_text.ratio(each.right, each.new),
                str(each.itself),
            )
            for each in audits
        ],
    )


def show_speed(case: LargeCase, seconds: float) -> None:
    """Print each goal of speed beside what was measured."""
    print("## Speed\n")
    goals = [
        Goal("a case of 300 fields and 40 pages: fields on screen", 1000, case.drawn, "ms"),
        Goal("its page on screen", 1000, case.shown, "ms"),
        Goal("its values marked", 1000, case.marked, "ms"),
        Goal("key to screen, p95", 50, case.key, "ms"),
        Goal("the browser's own work for a key", 50, case.cpu, "ms"),
        Goal("20,200 decisions read and added up, CPU", 0.3, seconds, "s"),
    ]
    table(("figure", "goal", "measured", ""), [each.cells for each in goals])


def main(arguments: Sequence[str] | None = None) -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cases", type=int, default=1_000_000, help="of each set at most")
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("sets", nargs="*", default=[*SETS])
    chosen = parser.parse_args(arguments)
    data = chosen.data.resolve()
    parts = (chosen.only,) if chosen.only else PARTS
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        if "audit" in parts:
            show_audits([audited(data, n, home, chosen.cases, SHARE) for n in chosen.sets])
        with sync_playwright() as playwright:
            options = ["--no-sandbox", "--disable-gpu"]
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
            if "speed" in parts:
                show_speed(large_case(browser, home / "large"), replay(home / "replay", rounds=5))
            if "planted" in parts:
                works = [mended(browser, data, name, home, chosen.cases) for name in chosen.sets]
                show("Three per cent planted, three systems beside", works)
            if "drafted" in parts:
                works = [drafted(browser, data, name, home, chosen.cases) for name in chosen.sets]
                show("From nothing: drafts of the first of three systems", works)
            browser.close()


if __name__ == "__main__":
    main()
