"""The page of one improvement says what the ledger says, and runs nothing it was given."""

from __future__ import annotations

from typing import Any

from harness.improve.versions.ledger_text import last_session
from harness.report.improvement.improvement_page import improvement, render_improvement

EVIL = '<script>alert("x")</script>\u202e'


def run(version: str, *f1: float) -> dict[str, Any]:
    marks = {f"c{n}": {"f1": score, "loss": 0, "wrong": {}} for n, score in enumerate(f1)}
    usage = {"input_tokens": 120, "output_tokens": 30, "cached_tokens": None, "usd": 0.02}
    return {"step": "run", "version": version, "replicate": 1, "cases": marks} | {
        "asked": list(marks),
        "calls": len(f1),
        "usage": usage,
    }


def propose(version: str, parent: str) -> dict[str, Any]:
    return {"step": "propose", "version": version, "parent": parent, "why": EVIL, "calls": 1}


def guarded(version: str, *refusals: str) -> dict[str, Any]:
    tokens = {"tokens_before": 100, "tokens_after": 112}
    return {"step": "guard", "version": version, "refusals": list(refusals), **tokens}


def compared(version: str, delta: float, fields: dict[str, list[int]]) -> dict[str, Any]:
    fixed, broken = (sum(moved[n] for moved in fields.values()) for n in (0, 1))
    found = {"step": "compare", "version": version, "delta": delta, "fields": fields}
    return {**found, "fixed": fixed, "broken": broken}


ENTRIES: Any = [
    {"step": "start", "version": "a" * 64, "suite": EVIL, "target": 0.9, "dev": 2, "holdout": 1},
    run("a" * 64, 0.5, 0.7),
    {"step": "noise", "floor": 0.02, "unsteady": {"due": 1}, "steady": False},
    propose("b" * 64, "a" * 64),
    guarded("b" * 64, "copies a document"),
    propose("c" * 64, "a" * 64),
    guarded("c" * 64),
    run("c" * 64, 0.9, 0.9),
    compared("c" * 64, 0.3, {EVIL: [2, 0], "due": [0, 1]}),
    {"step": "keep", "version": "c" * 64, "reason": "better"},
    propose("d" * 64, "c" * 64),
    guarded("d" * 64),
    {"step": "claim", "version": "c" * 64, "holds": True, "rung": 2}
    | {"interval": [0.1, 0.5], "reason": "macro F1 +30.0 points"},
    {"step": "promote", "version": "c" * 64, "base": "a" * 64},
    {"step": "stop", "reason": "the target is reached"},
    {"step": "holdout", "look": 2},
]
TEXTS = {
    "a" * 64: {"user.md": "Read.\nAll."},
    "c" * 64: {"user.md": "Read.\nAll.", "fields/due.md": EVIL},
}


def test_it_tells_what_was_tried_from_what_and_what_came_of_it() -> None:
    page = improvement("receipts", ENTRIES, TEXTS)
    assert [(s.word, s.depth, s.f1) for s in page.steps] == [
        ("start", 0, "60.0 %"),
        ("refused", 1, "n/a"),
        ("kept", 1, "90.0 %"),
        ("undecided", 2, "n/a"),
    ]
    kept = page.steps[2]
    assert (kept.change, kept.tokens, kept.cost) == ("+30.0 points", "112 (+12)", "60 + 15, $0.01")
    assert [section.name for section in kept.sections] == ["fields/due.md"]
    assert [(row.field, [c and (c.fixed, c.broken) for c in row.cells]) for row in page.rows] == [
        (EVIL, [(2, 0)]),
        ("due", [(0, 1)]),
    ]
    assert (page.looks, page.promoted, page.target) == (1, "c" * 8, 0.9)
    assert page.claims[0].interval == "+10.0 to +50.0 points"


def test_what_folds_have_shown_is_said_of_the_way_of_improving() -> None:
    folds: Any = {
        "step": "folds", "versions": ["a" * 64] * 3, "changed": 2, "documents": 30, "delta": 0.12,
        "interval": [0.05, 0.2], "holds": True, "p": 0.01, "alpha": 0.05, "reason": "",
    }  # fmt: skip
    assert last_session([*ENTRIES, folds, *ENTRIES]) == [folds, *ENTRIES]
    said = improvement("receipts", [folds, *ENTRIES], TEXTS).folds
    assert said.startswith("By folds, the gain holds: 3 searches")
    assert "+12.0 points, interval +5.0 to +20.0 points, over 30 documents; 2 of them" in said
    assert said in render_improvement("receipts", [folds, *ENTRIES], TEXTS)
    assert improvement("receipts", ENTRIES, TEXTS).folds == ""


def test_a_version_that_is_proposed_again_stays_what_it_was() -> None:
    again: Any = [propose("c" * 64, "c" * 64), guarded("c" * 64, "nothing is changed")]
    again += [propose("c" * 64, "a" * 64), guarded("c" * 64, "was tried before")]
    nobody: Any = {"step": "propose", "version": None, "why": "the writer did not answer"}
    page = improvement("receipts", [*ENTRIES[:12], *again, nobody, *ENTRIES[12:]], TEXTS)
    assert [(s.word, s.depth, s.f1) for s in page.steps][2:] == [
        ("kept", 1, "90.0 %"),
        ("undecided", 2, "n/a"),
        ("refused", 1, "n/a"),
    ]
    assert [step.version for step in page.compared] == ["c" * 8]


def test_nothing_from_outside_runs_and_nothing_hides() -> None:
    html = render_improvement("receipts", ENTRIES, TEXTS)
    assert "<script" not in html
    assert "\u202e" not in html
    assert "U+202E" in html
    assert "default-src &#39;none&#39;" in html or "default-src 'none'" in html


def test_a_session_that_was_stopped_half_way_says_so() -> None:
    page = improvement("receipts", ENTRIES[:3], TEXTS)
    assert page.outcome == "stopped half-way; the same command goes on"
    assert (page.claims, page.rows, page.looks) == ((), (), 0)
