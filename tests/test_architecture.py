"""House limits that no linter knows. Each limit is a number to argue about, in one place."""

from __future__ import annotations

import ast
import re
import tomllib
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


def is_typed(keywords: ast.arg | None) -> bool:
    """Tell whether a function takes no `**kwargs`, or just those of the function it wraps."""
    return keywords is None or ast.unparse(keywords.annotation or keywords).endswith("P.kwargs")


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(PACKAGE)))
def test_module_keeps_within_the_house_limits(module: Path) -> None:
    assert module.read_text("utf-8").count("\n") <= MODULE_LINES
    for node in functions(module):
        assert body_lines(node) <= FUNCTION_LINES, f"{module}:{node.lineno} {node.name} is too long"
        assert is_typed(node.args.kwarg), f"{module}:{node.lineno} {node.name} takes **kwargs"


@pytest.mark.parametrize("root", [PACKAGE, Path(__file__).parent], ids=["harness", "tests"])
def test_no_two_modules_share_a_file_name(root: Path) -> None:
    shared = ("__init__.py", "conftest.py")
    names = Counter(module.name for module in root.rglob("*.py") if module.name not in shared)
    assert [name for name, count in names.items() if count > 1] == []


NAMES_AT_A_GLANCE = 12
WIDER = {"harness": 13, "core": 18}
"""Folders that show more names, each a floor of its own: the layers, and those of core."""


@pytest.mark.parametrize(
    "folder",
    sorted({module.parent for module in MODULES}),
    ids=lambda f: str(f.relative_to(PACKAGE)),
)
def test_a_folder_shows_no_more_names_than_one_takes_in_at_a_glance(folder: Path) -> None:
    shown = names_in(folder)
    assert len(shown) <= WIDER.get(folder.name, NAMES_AT_A_GLANCE), shown


def names_in(folder: Path) -> list[str]:
    """Return the modules, and the folders in which there is any source."""
    return sorted(
        path.name
        for path in folder.iterdir()
        if not path.name.startswith(("_", ".")) and path.suffix in ("", ".py") and has_source(path)
    )


def has_source(path: Path) -> bool:
    files = path.rglob("*") if path.is_dir() else [path]
    return any(file.is_file() and file.suffix != ".pyc" for file in files)


def test_a_folder_of_which_only_compiled_code_is_left_is_not_counted(tmp_path: Path) -> None:
    for name in ("gone/deep/__pycache__/a.pyc", "__pycache__/b.pyc", "b.py", "pages/page.css"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "empty").mkdir()
    assert names_in(tmp_path) == ["b.py", "pages"]


def test_the_map_names_only_files_that_are_there() -> None:
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", text)
    assert named
    roots = (PACKAGE, PACKAGE.parent)
    assert [name for name in named if not any((root / name).is_file() for root in roots)] == []


def test_the_map_names_every_package() -> None:
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text("utf-8")
    mapped = set(re.findall(r"^\| `(harness/[\w/]+)/` \| [^|]+ \|$", text, re.MULTILINE))
    folders = {path.parent.relative_to(PACKAGE.parent).as_posix() for path in MODULES}
    assert mapped == folders - {"harness"}


def test_the_way_of_a_wrong_value_names_functions_that_are_there() -> None:
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text("utf-8")
    steps = re.findall(
        r"`([\w/]+\.py)`(?:: |, which asks the scalar's )((?:`[\w.]+`(?:, )?)+)", text
    )
    assert len(steps) >= 7
    for file, names in steps:
        tree = ast.parse((PACKAGE / file).read_text("utf-8"))
        for name in re.findall(r"`([\w.]+)`", names):
            assert name in set(qualified(tree)), f"{name} is not in {file}"


def qualified(tree: ast.Module) -> Iterator[str]:
    """Yield the names of a module's functions, classes, methods and constants."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.ClassDef):
            yield from (
                f"{node.name}.{each.name}"
                for each in node.body
                if isinstance(each, ast.FunctionDef)
            )
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        yield from (each.id for each in targets if isinstance(each, ast.Name))


def test_the_map_draws_the_layers_of_the_import_contract() -> None:
    root = PACKAGE.parent
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (layers,) = (each["layers"] for each in contracts if each.get("containers") == ["harness"])
    text = (root / "CONTRIBUTING.md").read_text("utf-8")
    drawn = re.findall(r"`(errors < [^`]+)`", text)
    assert drawn
    for drawing in drawn:
        floors = [set(re.findall(r"\w+", floor)) for floor in reversed(drawing.split("<"))]
        assert [{"__main__"}, *floors] == [set(re.findall(r"\w+", layer)) for layer in layers]


def test_the_first_page_of_the_docs_leads_to_every_other() -> None:
    docs = PACKAGE.parent / "docs"
    linked = set(re.findall(r"\]\(([\w-]+\.md)", (docs / "index.md").read_text("utf-8")))
    assert linked == {page.name for page in docs.glob("*.md")} - {"index.md"}


MEANT_TWICE = {
    "command": "each command's own function",
    "read": "one a document format, one a dialect",
    "body": "one a dialect",
    "serve": "one a process with limits",
    "weighted_f1": "of classes, and of fields; both are exported under their modules",
    "p_value": "as a number, and as text",
    "INDEX": "a step of a path",
    "run": "a program, and a function over cases, which is public",
}
"""Public names that stand in several modules, and what the modules do alike."""


def public_names(module: Path) -> Iterator[str]:
    for node in ast.parse(module.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Assign):
            yield from (one.id for one in node.targets if isinstance(one, ast.Name))


def test_a_public_name_stands_in_one_module() -> None:
    modules = [module for module in MODULES if not module.name.startswith("__")]
    names = Counter(
        name for module in modules for name in {*public_names(module)} if not name.startswith("_")
    )
    twice = sorted(name for name, count in names.items() if count > 1 and name not in MEANT_TWICE)
    assert twice == []


PARTICIPLE = re.compile(
    r"(Said|Told|Found|Held|Kept|Met|Shown|Lost|Sent|Made|Given|Taken|Drawn|Chosen|Known|Left"
    r"|[A-Z][a-z]+ed)$"
)
STATES = {"Decorated", "Missed", "Settled", "Labelled", "Wanted"}
"""Participles that are states, or type variables."""


def test_no_class_is_named_by_a_participle() -> None:
    named = [
        f"{module.stem}.{name}"
        for module in MODULES
        for name in public_names(module)
        if PARTICIPLE.match(name) and name not in STATES and not name.endswith("Need")
    ]
    assert named == []


def test_no_file_holds_the_marks_of_a_merge_that_was_not_resolved() -> None:
    root = PACKAGE.parent
    kinds = ("*.md", "*.py", "*.toml", "*.yml", "*.yaml", "*.json", "*.html", "*.js")
    folders = ("docs", "harness", "tests", "benchmarks", "evals", "prompts", ".github")
    read = [path for kind in kinds for folder in folders for path in (root / folder).rglob(kind)]
    read += [path for kind in kinds for path in root.glob(kind)]
    left = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)
    assert len(read) > len(MODULES)
    assert [path for path in read if left.search(path.read_text("utf-8"))] == []


NOT_NOUNS = {"said", "told", "found", "seen", "asked", "kept"}
STORED_KEYS = {
    "cases/discovery/splits.py seen": "a key of splits.json",
    "run/gates.py found": "a key of what `harness gate --format json` prints",
    "run/stored/stored_ledger.py asked": "a key of a prompt ledger",
    "run/stored/stored_run.py asked": "a key of run.json",
}
"""Where such a word stays, since files of earlier versions and programs of users have it."""


def bound_names(module: Path) -> Iterator[str]:
    """Yield the variables and parameters of a module."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


def test_no_variable_is_named_by_a_participle_but_for_stored_keys() -> None:
    named = {
        f"{module.relative_to(PACKAGE).as_posix()} {name}"
        for module in MODULES
        for name in bound_names(module)
        if name in NOT_NOUNS
    }
    assert named == STORED_KEYS.keys()


QUESTIONS = frozenset("What Which How Whether Where Why Who When Whatever".split())  # noqa: SIM905


def docstrings(module: Path) -> Iterator[tuple[int, str]]:
    """Yield the docstrings of a module, its classes and its functions, with their lines."""
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        text = ast.get_docstring(node) if isinstance(node, kinds) else None
        if text:
            yield getattr(node, "lineno", 1), text


def test_a_docstring_begins_with_a_term_and_not_with_a_question() -> None:
    """What one searches for stands first: a noun for things, a verb for acts."""
    asking = [
        f"{module.relative_to(PACKAGE).as_posix()}:{line} {text.splitlines()[0]}"
        for module in MODULES
        for line, text in docstrings(module)
        if text.split(maxsplit=1)[0].rstrip(",:") in QUESTIONS
    ]
    assert asking == []
