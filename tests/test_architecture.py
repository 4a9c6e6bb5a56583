"""House limits that no linter knows. Each limit is a number to argue about, in one place."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

MODULE_LINES = 500
FUNCTION_LINES = 40
PACKAGE = Path(__file__).parents[1] / "harness"
MODULES = sorted(PACKAGE.rglob("*.py"))


def functions(module: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    code = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (node.end_lineno or 0) - code[0].lineno + 1 if code else 0


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(PACKAGE)))
def test_module_keeps_within_the_house_limits(module: Path) -> None:
    assert module.read_text("utf-8").count("\n") <= MODULE_LINES
    for node in functions(module):
        assert body_lines(node) <= FUNCTION_LINES, f"{module}:{node.lineno} {node.name} is too long"
        assert node.args.kwarg is None, f"{module}:{node.lineno} {node.name} takes **kwargs"


def test_no_two_modules_share_a_file_name() -> None:
    names = Counter(module.name for module in MODULES if not module.name.startswith("__"))
    assert [name for name, count in names.items() if count > 1] == []


NAMES_AT_A_GLANCE = 12
WIDER = {"cases": 14, "core": 18, "report": 15, "extract": 14}
"""Folders that show more names, each a floor of its own: core's layers, the report's surfaces."""


@pytest.mark.parametrize(
    "folder",
    sorted({module.parent for module in MODULES}),
    ids=lambda f: str(f.relative_to(PACKAGE)),
)
def test_a_folder_shows_no_more_names_than_one_takes_in_at_a_glance(folder: Path) -> None:
    shown = [
        path.name
        for path in folder.iterdir()
        if not path.name.startswith(("_", ".")) and path.suffix in ("", ".py")
    ]
    assert len(shown) <= WIDER.get(folder.name, NAMES_AT_A_GLANCE), sorted(shown)


def test_the_map_names_only_files_that_are_there() -> None:
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", text)
    assert named
    roots = (PACKAGE, PACKAGE.parent)
    assert [name for name in named if not any((root / name).is_file() for root in roots)] == []
