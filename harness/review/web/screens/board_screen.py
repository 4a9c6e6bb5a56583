"""Board screen: scores of each run on the current truths, and the work of each person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from harness.cases.decisions.decision import Decision
from harness.core import number_text
from harness.core.values import Json
from harness.review.reviewed_suite import ReviewedSuite
from harness.review.web.screens.queue_screen import QueueRow, progress
from harness.run.results.results_document import ScoringSettings, results_document
from harness.run.results.score_cases import ScoredCase, Scorer

BoardSection: TypeAlias = dict[str, Json]


def board_screen(
    suite: ReviewedSuite, rows: Sequence[QueueRow], only: str | None, *, hides_runs: bool
) -> dict[str, Json]:
    """Return the board as the page gets it; held-out cases are left out.

    `only` is the one person whose work is told; None tells of everybody's.
    """
    shown = [row.id for row in rows if not row.is_held_out]
    done = progress([row for row in rows if not row.is_held_out], suite.decisions)
    reviewed, whole = (number_text.count(int(str(done[name]))) for name in ("reviewed", "fields"))
    lead = f"{reviewed} of {whole} fields reviewed, {done['left']}."
    sections = [] if hides_runs else [_run(suite, shown, run.name) for run in suite.runs]
    made = [each for each in suite.decisions if only in (None, each.by)]
    return {"lead": lead, "sections": [*sections, _people(made, is_own=only is not None)]}


def _run(suite: ReviewedSuite, shown: Sequence[str], name: str) -> BoardSection:
    """Return the cards and lists of one run, in the figures a run of the suite has."""
    scored = list(_scored(suite, shown, name))
    run = next(run for run in suite.runs if run.name == name)
    settings = ScoringSettings(
        suite.suite.name, "", suite.suite.rules, empty=suite.suite.empty, extractor=run.extractor
    )
    scorer = Scorer(suite.suite.rules, suite.suite.comparators.functions)
    results = results_document(settings, scored, scorer.null_floor([s.case for s in scored]))
    return {
        "title": run.extractor,
        "about": f"Run {name}, scored against the truths as they are now.",
        "cards": _cards(results),
        "head": ["Collection", "Paired", "Extra", "Missing"],
        "rows": _collections(scored),
        "empty": "",
    }


def _scored(suite: ReviewedSuite, shown: Iterable[str], name: str) -> Iterable[ScoredCase]:
    for case_id in shown:
        reviewed = suite.case(case_id)
        case = replace(reviewed.case, truth=reviewed.truth)
        for answer in reviewed.answers:
            is_draft = answer.counted is None and answer.result is not None
            if answer.run == name and not is_draft:
                yield ScoredCase(case, answer.output, answer.counted)


def _cards(results: Mapping[str, Any]) -> list[Json]:
    total, exact = results["aggregate"], results["exact_match"]
    return [
        ["Macro F1", number_text.percent(total["macro"]["f1"]), "mean over cases"],
        ["Micro F1", number_text.percent(total["micro"]["f1"]), "over all fields"],
        ["Exact match", number_text.ratio(exact["hits"], exact["of"]), "cases without any error"],
        ["True positives", number_text.count(total["total_true_positives"]), "right"],
        ["False positives", number_text.count(total["total_false_positives"]), "made up or wrong"],
        ["False negatives", number_text.count(total["total_false_negatives"]), "left out or wrong"],
    ]


def _collections(scored: Iterable[ScoredCase]) -> list[Json]:
    met: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for each in scored:
        for name, items in (each.result.items if each.result is not None else {}).items():
            met[name] = [before + more for before, more in zip(met[name], items, strict=True)]
    return [[name, *map(number_text.count, met[name])] for name in sorted(met)]


def _people(decisions: Sequence[Decision], *, is_own: bool) -> BoardSection:
    by_person: defaultdict[str, Counter[str]] = defaultdict(Counter)
    seconds: defaultdict[str, float] = defaultdict(float)
    for each in decisions:
        acts = by_person[each.by]
        acts[each.do.value] += len(each.fields) if each.do.value == "approve" else 1
        seconds[each.by] += each.seconds or 0.0
    rows: list[Json] = []
    for name, acts in sorted(by_person.items()):
        changed = acts["set"] + acts["add"] + acts["remove"]
        time = number_text.seconds(seconds[name]) if seconds[name] else "not measured"
        figures = (acts["approve"], changed, acts["dispute"], acts["note"])
        rows.append([name, *map(number_text.count, figures), time])
    return {
        "title": "Your work" if is_own else "People",
        "about": "What you have decided." if is_own else "What each person has decided.",
        "head": ["Person", "Approved", "Changed", "Disputed", "Notes", "Time"],
        "rows": rows,
        "empty": "Nothing yet.",
    }
