"""No test depends on load: what a busy machine makes flaky is refused before it has failed once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
MODULES = sorted(TESTS.rglob("*.py"))
LOOKS = {
    *("all_inner_texts", "all_text_contents", "bounding_box", "evaluate", "evaluate_all"),
    *("get_attribute", "inner_html", "inner_text", "input_value", "is_checked", "is_disabled"),
    *("is_enabled", "is_hidden", "is_visible", "text_content", "url"),
}
"""What a tab or an element tells of one moment; `count` is told from that of a list."""
WAITS = {"communicate", "join", "result", "select", "sleep", "wait"}
"""What takes seconds after which it gives up; a pace is asked about a moment."""


def looks_once(tree: ast.AST) -> Iterator[int]:
    """Yield the lines of assertions on one look at a page, which may be drawing.

    `expect(...)` and `becomes(...)` look until it is so.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            for each in ast.walk(node.test):
                looks = isinstance(each, ast.Attribute) and each.attr in LOOKS
                if looks or (isinstance(each, ast.Call) and is_count(each)):
                    yield node.lineno


def is_count(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "count" and not call.args


def short_waits(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that give up, or go on, after a number of seconds of their own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            named = [each.value for each in node.keywords if each.arg == "timeout"]
            is_wait = node.func.attr in WAITS and ast.unparse(node.func.value) != "pace"
            given = [*node.args] if is_wait else []
            if any(is_number(each) for each in (*named, *given)):
                yield node.lineno


def is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value != 0


OPENS_PAGES = [module for module in MODULES if "playwright" in module.read_text("utf-8")]


@pytest.mark.parametrize("module", OPENS_PAGES, ids=lambda m: str(m.relative_to(TESTS)))
def test_what_a_page_shows_is_waited_for_and_not_looked_at_once(module: Path) -> None:
    assert list(looks_once(ast.parse(module.read_text("utf-8")))) == []


def test_no_test_waits_less_than_all_others_do() -> None:
    found = {
        module.relative_to(TESTS).as_posix(): lines
        for module in MODULES
        if module.name != "patience.py"
        and (lines := list(short_waits(ast.parse(module.read_text("utf-8")))))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("code", "finds"),
    [
        ("assert rows.count() == 6", looks_once),
        ("assert [*rows.all_inner_texts()] == ['a']", looks_once),
        ("assert page.url.endswith('#a')", looks_once),
        ("process.communicate(timeout=30)", short_waits),
        ("event.wait(2)", short_waits),
        ("time.sleep(0.5)", short_waits),
    ],
)
def test_what_is_refused_is_found(code: str, finds: object) -> None:
    assert callable(finds)
    assert list(finds(ast.parse(code))) == [1]


@pytest.mark.parametrize(
    "code",
    [
        "assert text.count('a') == 1",
        "expect(rows).to_have_count(6)",
        "becomes(lambda: page.evaluate('1'), 1)",
        "process.communicate(timeout=PATIENCE)",
        "await asyncio.sleep(0)",
        "event.wait()",
    ],
)
def test_what_waits_is_left_alone(code: str) -> None:
    tree = ast.parse(f"async def all():\n    {code}")
    assert [*looks_once(tree), *short_waits(tree)] == []
