"""House limits that no linter knows. Each limit is a number to argue about, in one place."""

from __future__ import annotations

import ast
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
