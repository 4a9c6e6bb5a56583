"""A comparison on every surface: the words, the tables, the page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from harness.report.comparison.comparison_page import Sheet, address, render_comparison
from harness.report.comparison.comparison_text import COMMENT, bounded, markdown_lines, text_lines
from harness.report.comparison.comparison_view import ComparisonView, page
from harness.report.comparison.runs_view import runs_view
from harness.report.words import comparison_claims
from harness.run.comparison.compare import Comparison, compare_arms
from harness.run.comparison.verdict import Terms
from tests.report.browser.opened import IN_BROWSER
from tests.report.browser.test_accessible import Scheme, found_by_axe
from tests.report.fixtures import HOSTILE
from tests.report.records import Record, diff
from tests.run.sides import GONE, RIGHT, side, verdicts

GOOD = verdicts(a=RIGHT, b=RIGHT)
HALF = verdicts(a=RIGHT, b=2)

UNDECIDED = (
    "Undecided: two has 50.0 points of macro F1 more, and these documents cannot tell whether that "
    "is chance."
)


def compared(base: object, new: object, cases: int = 8) -> Comparison:
    arms = [
        side({f"case-{n}": said for n in range(cases)}, name)  # type: ignore[misc]
        for name, said in (("one", base), ("two", new))
    ]
    return compare_arms(arms[0], arms[1:], Terms())[0]


def test_a_prompt_that_was_rewritten_is_not_taken_to_speak_for_other_documents() -> None:
    same = compared([HALF], [GOOD])
    changed: Record = {**same.new.run, "prompt": {"name": "figures-v4", "sha256": "77aa01"}}
    other = replace(same, new=replace(same.new, run=changed))
    note = "the prompts differ: of one that was written by these documents this is but an L1"
    assert note not in list(comparison_claims.remarks(same))
    assert note in list(comparison_claims.remarks(other))


def shown(found: Comparison, most: int = 20) -> ComparisonView:
    return page(found, ("one", "two"), most)


@pytest.mark.parametrize(
    ("base", "new", "cases", "sentence"),
    [
        ([HALF], [GOOD], 8, "two is better by 50.0 points of macro F1."),
        ([GOOD], [HALF], 8, "two is worse by 50.0 points of macro F1."),
        ([GOOD], [GOOD], 8, "Equal: both score the same on every document."),
        ([GOOD], [GOOD], 6, "Equal: both score the same on every document."),
        ([GOOD], [GOOD], 5, "Both score the same on 5 documents: too few to show a difference."),
        ([GOOD], [GOOD], 2, "Both score the same on 2 documents: too few to show a difference."),
        ([HALF], [GOOD], 3, UNDECIDED),
        (GONE, [GOOD], 3, "Undecided: no case was scored in both runs."),
    ],
)  # fmt: skip
def test_the_verdict_is_a_sentence(base: object, new: object, cases: int, sentence: str) -> None:
    assert comparison_claims.comparison_lead(compared(base, new, cases), "two") == sentence


def test_a_run_with_holes_is_undecided_for_its_holes() -> None:
    base = side({f"c{n}": [HALF] for n in range(10)})
    holes = {f"c{n}": [GOOD] if n else GONE for n in range(10)}
    (found,) = compare_arms(base, [side(holes, "two")], Terms())
    said = "Undecided: only 90.0 % (9/10) of the cases were scored in both runs."
    assert comparison_claims.comparison_lead(found, "two") == said
    assert ("not counted", "c0 (two: transport)") in shown(found).facts


def test_the_smallest_detectable_effect_is_always_said() -> None:
    few = dict(shown(compared([HALF], [GOOD], 5)).facts)["this suite"]
    assert few.startswith("5 documents can never give a p-value below 0.062")
    many = dict(shown(compared([HALF], [HALF], 20)).facts)["this suite"]
    assert many == (
        "with 20 documents a true difference of 6.6 points is found four times in five "
        "(taking a usual spread of 10.0 points)"
    )
    none = dict(shown(compared(GONE, GONE)).facts)["this suite"]
    assert none == "0 documents: no difference can be told from chance"


def test_a_lenient_reading_that_says_otherwise_is_not_kept_quiet() -> None:
    strict = [diff("a", "format_error", expected=1, predicted="1", value_equal=True)]
    found = compared([strict], [verdicts(a=None)])
    assert found.macro.delta == 0
    loose = compared([[*strict, *verdicts(b=2)]], [verdicts(a=2, b=RIGHT)])
    remark = "read leniently the difference is"
    assert not any(remark in said for _, said in shown(loose).facts)
    turned = compared([[*strict, *strict, *verdicts(c=2)]], [verdicts(a=2, b=2, c=RIGHT)])
    assert (turned.macro.delta or 0) > 0 > (turned.lenient.delta or 0)
    assert any(remark in said for _, said in shown(turned).facts)
    assert re.search(
        r"better by .* but worse by .* read leniently",
        comparison_claims.comparison_lead(turned, "two"),
    )


def test_flips_are_listed_broken_first_and_the_rest_is_counted() -> None:
    base, new = verdicts(a=RIGHT, b=2, c=3), verdicts(a=1.5, b=RIGHT, c=4)
    flips = shown(compared([base], [new]), most=5).flips
    assert [(f.word, f.number, f.more) for f in flips] == [
        ("broken", 8, 3),
        ("fixed", 8, 3),
        ("still wrong, another value", 8, 3),
    ]


def test_text_names_both_runs_and_both_values() -> None:
    lines = list(text_lines(shown(compared([HALF], [GOOD])), None))
    assert lines[0] == "annual-reports · one → two · 8 cases"
    assert any(re.fullmatch(r" {2}case-0 +b +1 +≠ 2 +✓ 1", line) for line in lines)


def test_runs_are_told_apart_by_what_differs() -> None:
    one, two = side({"c": [GOOD]}), side({"c": [GOOD]})
    assert comparison_claims.labels(one, [side({"c": [GOOD]}, "two")]) == ("one", "two")
    prompts = []
    for arm, name in ((one, "p"), (two, "q")):
        record: Record = {**arm.run, "prompt": {"name": name}}
        prompts.append(replace(arm, run=record))
    assert comparison_claims.labels(prompts[0], prompts[1:]) == ("p", "q")
    runs = [replace(a, run={**a.run, "run_id": n}) for a, n in ((one, "r1"), (two, "r2"))]
    assert comparison_claims.labels(runs[0], runs[1:]) == ("r1", "r2")


def hostile() -> Comparison:
    def said(value: str) -> list[object]:
        return [[diff(text, "wrong_value", expected=text, predicted=text + value,
                      evidence={"expected": [{"document": text, "start": 0, "end": len(text)}]})
                 for text in HOSTILE]]  # fmt: skip

    base = side({text: said("!") for text in HOSTILE}, "".join(HOSTILE))  # type: ignore[misc]
    new = side({text: said("?") for text in HOSTILE}, HOSTILE[0])  # type: ignore[misc]
    return compare_arms(base, [new], Terms())[0]


def test_nothing_in_a_comparison_acts_on_a_terminal_or_in_markdown() -> None:
    seen = page(hostile(), ("".join(HOSTILE), HOSTILE[0]), 500)
    text = "\n".join(text_lines(seen, 80))
    assert "\x1b" not in text
    assert "\u202e" not in text
    markdown = "\n".join(markdown_lines(seen))
    assert "<script" not in markdown
    assert "<img" not in markdown
    markdown.encode()


def test_a_comment_stays_within_what_code_hosts_take() -> None:
    seen = page(hostile(), ("one", "two"), 500)
    lines = list(bounded(line for _ in range(9) for line in markdown_lines(seen)))
    assert len("\n".join(lines)) < COMMENT + 100
    assert lines[-1] == "_The rest is too long for a comment._"


def test_the_page_runs_nothing_it_was_given() -> None:
    names = ("".join(HOSTILE), HOSTILE[0])
    sources: Record = {text: [{"name": text, "text": text + " and more"}] for text in HOSTILE}
    sheet = Sheet(page(hostile(), names, 500), (None, None, None), "a/report.html",
                  "b/report.html", sources)  # fmt: skip
    found = hostile()
    view = runs_view([found], names, [Path("a"), Path("b")])
    html = render_comparison([sheet], view, (found.base, found.new), ["a/report.html"] * 2)
    html.encode()
    assert not re.search(r"<(img|svg onload|base|iframe)\b", html)
    assert not re.search(
        r"href=\"(?!a/report\.html|b/report\.html|#|index\.html|history\.html)", html
    )
    scripts = re.findall(r"<script([^>]*)>", html)
    assert [said for said in scripts if "application/json" not in said] == [""]
    assert re.search(r"script-src (&#39;|')sha256-", html)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 420)])
class TestAxe:
    """axe-core, in both themes, wide and narrow, with an overview of several runs."""

    pytestmark = IN_BROWSER

    def test_nothing_is_held_against_a_comparison(
        self, browser: Browser, tmp_path: Path, scheme: Scheme, width: int
    ) -> None:
        found = compared([HALF], [GOOD])
        names = ("one", "two", "three")
        sheets = [
            Sheet(page(found, ("one", name), 20), (None, None, None), "a/", "b/", {})
            for name in names[1:]
        ]
        view = runs_view([found, found], names, [tmp_path] * 3)
        arms = (found.base, found.new, found.new)
        file = tmp_path / "comparison.html"
        file.write_text(render_comparison(sheets, view, arms, ["a/", "b/", "c/"]), "utf-8")
        assert found_by_axe(browser, file.as_uri(), scheme, width) == []


def test_a_page_leads_to_both_reports(tmp_path: Path) -> None:
    assert address(tmp_path / "a b", tmp_path / "x.html") == "a%20b/report.html"
    assert address(tmp_path / "a", tmp_path / "below" / "x.html") == "../a/report.html"
