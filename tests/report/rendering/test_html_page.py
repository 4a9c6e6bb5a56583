"""The report as text: what it says without JavaScript, and that nothing in it can act."""

from __future__ import annotations

import base64
import copy
import hashlib
import re
from html.parser import HTMLParser
from typing import ClassVar

import pytest

from harness.report.rendering.html_page import render
from tests.report.fixtures import hostile, large
from tests.report.letters import realistic
from tests.report.records import Run, case, diff, results, run

ONWARD = {
    "../index.html",
    "../history.html",
    "https://extraction-harness.readthedocs.io/reading-a-report/",
}
"""What a report leads to besides itself."""


class Page(HTMLParser):
    """What a browser would find in a page."""

    VOID: ClassVar = {"meta", "wbr", "input", "br"}

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.parts: dict[str, list[str]] = {}
        self.visible = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open, f"left open: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        for name, value in attrs:
            self.attributes.add((tag, name))
            if name in ("href", "src", "action", "fill"):
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")
        if tag not in self.VOID:
            self._open.append(tag)
            self.parts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.parts[tag][-1] += data
        if not {"script", "style", "title"} & set(self._open):
            self.visible += data


OURS = set(
    "html head meta title style body a svg defs pattern rect circle line text g path div header "  # noqa: SIM905
    "main section article footer nav p h1 h2 h3 span small strong code bdi wbr dl dt dd ul ol li "
    "table thead tbody tfoot tr th td details summary mark cite noscript script fieldset legend "
    "input label polyline caption dialog button kbd".split()
)


def page(made: Run) -> Page:
    return Page(render(*made).html)


@pytest.fixture(scope="module")
def real() -> Page:
    return page(realistic(complete=False))


@pytest.fixture(scope="module")
def enemy() -> str:
    return render(*hostile()).html


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_without_javascript_the_page_says_what_to_fix_first(real: Page) -> None:
    seen = squeezed(real.visible)
    assert "Most is lost on revenues[].revenue: 25 wrong values; 17 answers are right" in seen
    assert seen.index("Fix first") < seen.index("revenues[].change_percent")
    assert seen.index("revenues[].change_percent") < seen.index("Worst first")
    assert "Wholesale 7,528 -9.4 % Licensing" in seen, "the words of the document around a value"


def test_the_headline_shows_each_score_with_its_fraction_and_interval(real: Page) -> None:
    seen = squeezed(real.visible)
    assert "Micro F1 over 264 expected fields 68.8 % (344/500) interval 64.7\u201372.1 %" in seen
    assert "target 90 % 53 more correct fields" in seen
    assert "target 90 % 23.5 points to go" in seen


def test_an_incomplete_run_says_so_in_title_and_banner(real: Page) -> None:
    assert real.parts["title"] == [
        "annual-reports · ollama:qwen3-4b · macro F1 66.5 % (incomplete)"
    ]
    assert "21 of 24 answered; the rest were never answered: these numbers cover 21." in (
        real.visible
    )


def test_a_complete_run_has_no_banner() -> None:
    made = page(realistic())
    assert made.parts["title"] == ["annual-reports · ollama:qwen3-4b · macro F1 68.1 %"]
    assert "ncomplete" not in made.visible


def test_missing_cases_stand_apart_from_wrong_ones(real: Page) -> None:
    seen = squeezed(real.visible)
    wrong, missing = seen.index("Counted as wrong"), seen.index("Never answered")
    assert wrong < seen.index("truncated", wrong) < missing < seen.index("HTTP 429", wrong)


def test_the_small_print_names_convention_policy_and_digests(real: Page) -> None:
    seen = squeezed(real.visible)
    assert "standard. A wrong value or a wrong format costs twice" in seen
    assert "is left out of the mean: 0 such cases here." in seen
    assert "guide-code" in seen
    assert "b81d20aa94f6" in seen
    assert "harness 0.1.0" in seen


def test_ids_are_unique_and_links_stay_among_the_runs(real: Page) -> None:
    assert len(real.ids) == len(set(real.ids))
    away = [link for link in real.links if not link.startswith(("#", "url(#p-"))]
    assert {link for link in away if not link.rstrip("%").isdigit()} <= ONWARD | {
        link for link in away if link.endswith("%")
    }
    anchors = {link[1:] for link in real.links if link.startswith("#") and "/" not in link}
    assert anchors <= set(real.ids)


def test_a_run_without_errors_says_that_every_field_is_right() -> None:
    right = [case("a", [diff("x", "correct", expected=1, predicted=1)])]
    seen = squeezed(page(Run(run(), results(right), {})).visible)
    assert "Every field is right." in seen
    assert "100 % (2/2)" in seen
    assert "target 90 % reached" in seen
    assert "Nothing to fix." in seen


def test_a_run_in_which_nothing_was_judged_has_no_numbers() -> None:
    seen = squeezed(page(Run(run(), results([], target=None), {})).visible)
    assert "Nothing was judged." in seen
    assert "n/a" in seen


def test_a_case_without_sources_is_shown_without_a_document() -> None:
    wrong = [case("a", [diff("x", "omission", expected=1)])]
    assert "1 omission" in page(Run(run(), results(wrong), {})).visible


def test_rendering_changes_nothing_it_was_given() -> None:
    made = realistic(6)
    before = copy.deepcopy(made)
    render(*made)
    assert made == before


def test_the_same_run_gives_the_same_bytes() -> None:
    assert render(*realistic(6)) == render(*realistic(6))


# --- hostile -----------------------------------------------------------------------------------


def test_hostile_text_becomes_no_element_and_no_attribute(enemy: str) -> None:
    found = Page(enemy)
    assert found.elements <= OURS
    assert not {name for _, name in found.attributes if name.startswith("on")}
    assert not {name for _, name in found.attributes if name in ("style", "src", "srcdoc", "xmlns")}
    assert all(link.startswith(("#", "url(#p-")) or link in ONWARD for link in found.links)


def test_hostile_text_neither_opens_nor_closes_a_script(enemy: str) -> None:
    assert len(re.findall("<script", enemy)) == 3, "index, one chunk and the code, all ours"
    assert len(re.findall("</script", enemy)) == 3
    assert "<!--" not in enemy


def test_templates_in_values_are_not_evaluated(enemy: str) -> None:
    assert "{{ 7 * 7 }}" in Page(enemy).visible


def test_what_cannot_be_seen_is_written_out_everywhere(enemy: str) -> None:
    assert {"U+202E", "U+200B", "U+2028", "U+FEFF", "U+0000", "U+001B"} <= set(
        re.findall(r"U\+[0-9A-F]{4}", Page(enemy).visible)
    )
    body = Page(enemy).visible
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\u2028\u0000\u001b]", body)


def test_the_page_can_always_be_encoded(enemy: str) -> None:
    assert len(enemy.encode("utf-8")) < 450_000, "and a value of 1 MB does not fill it"


def test_the_policy_allows_exactly_our_style_and_script(enemy: str) -> None:
    content = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', enemy)
    assert content is not None
    rules = dict(rule.strip().split(" ", 1) for rule in content[1].replace("&#39;", "'").split(";"))
    parts = Page(enemy).parts
    assert rules == {
        "default-src": "'none'",
        "style-src": digest(parts["style"][0]),
        "script-src": digest(parts["script"][2]),
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }


def digest(text: str) -> str:
    sha256 = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(sha256).decode()}'"


# --- large -------------------------------------------------------------------------------------


def test_a_thousand_cases_make_a_page_of_less_than_two_megabytes() -> None:
    html = render(*large()).html
    assert len(html.encode()) < 2_000_000
    assert html.count("<tr") < 150, "the cases beyond the worst fifty wait in the data block"
