"""Sandboxed Jinja templates, which see only the values given and report errors with their line."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2 import Template as Compiled
from jinja2.compiler import Frame
from jinja2.exceptions import SecurityError
from jinja2.meta import TrackingCodeGenerator
from jinja2.sandbox import ImmutableSandboxedEnvironment

from harness.cases.files.places import at
from harness.errors import HarnessError, Problem, did_you_mean

_MOST_CHARACTERS: Final = 50_000_000
_MOST_POWER: Final = 1_000
_GLOBALS: Final = ("range", "namespace")
_UNSTEADY: Final = ("random", "pprint")
"""Filters whose text differs from one time to the next, or with Python's version."""
_LITERAL: Final = "to have braces as they are, write `{% raw %}{{ … }}{% endraw %}`"


class _Missing(StrictUndefined):
    """A name without a value, whose message says which names there are."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        here, name = self._undefined_obj, str(self._undefined_name)
        if is_dataclass(here):
            hint = did_you_mean(name, [field.name for field in fields(here)])
            return f"there is no {name!r} here; {hint}"
        if isinstance(here, str) and not self._undefined_hint:
            return f"a text has no {name!r}"
        return str(super()._undefined_message)


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset(["*", "**"])

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401  # Jinja's signature
        """Do what a template multiplies, unless the outcome would fill the memory."""
        size = (
            len(left)
            if hasattr(left, "__len__")
            else len(right)
            if hasattr(right, "__len__")
            else 0
        )
        times = right if hasattr(left, "__len__") else left
        too_long = size and isinstance(times, int) and size * times > _MOST_CHARACTERS
        if too_long or (operator == "**" and abs(right) > _MOST_POWER):
            raise SecurityError("the outcome would be too large")
        return super().call_binop(context, operator, left, right)


def _to_json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _environment() -> _Sandbox:
    # What comes out is a model's input and never markup: escaping would change documents.
    sandbox = _Sandbox(
        undefined=_Missing,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sandbox.globals = {name: sandbox.globals[name] for name in _GLOBALS}
    for name in _UNSTEADY:
        del sandbox.filters[name]
    sandbox.filters["tojson"] = _to_json
    return sandbox


_SANDBOX: Final = _environment()


@dataclass(frozen=True, slots=True)
class ParsedTemplate:
    """One text of a prompt, read but not compiled."""

    tree: nodes.Template
    file: Path
    names: frozenset[str]
    """The names it takes from outside."""
    is_plain: bool
    """It is quick and its output is bounded: it writes values, has conditions, and loops at most
    twice over what it is given."""
    repeats: int | None
    """The line of its innermost loop; None where it has none."""


def parse_template(text: str, file: Path, known: frozenset[str]) -> ParsedTemplate:
    """Read a text. Raises HarnessError with every name in it that means nothing."""
    try:
        tree = _SANDBOX.parse(text, filename=str(file))
    except TemplateSyntaxError as error:
        raise _unread(error, file) from None
    except (RecursionError, MemoryError, SyntaxError):
        raise wrong_template("the template is nested too deeply", "too-deep", file, 1) from None
    names = frozenset(_names_in(tree))
    problems = list(_unknown(tree, names - known, known, file))
    problems += _elsewhere(tree, file)
    if problems:
        raise HarnessError(*problems)
    loops = list(tree.find_all(nodes.For))
    inner = [loop for loop in loops if not any(loop.find_all(nodes.For))]
    return ParsedTemplate(
        tree, file, names, _is_plain(tree, 0), inner[-1].lineno if inner else None
    )


class _NameFinder(TrackingCodeGenerator):
    """Finder of names that evaluates nothing: Jinja's own fills in what is constant beforehand."""

    def __init__(self) -> None:
        super().__init__(_SANDBOX)
        self.optimizer = None

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: object) -> str:
        del node, frame, finalize
        raise nodes.Impossible


def _names_in(tree: nodes.Template) -> set[str]:
    """Return the names that a template takes from outside."""
    finder = _NameFinder()
    finder.visit(tree)
    return finder.undeclared_identifiers


class Template:
    """One text of a prompt, compiled."""

    def __init__(self, parsed: ParsedTemplate) -> None:
        """Compile a text. Raises HarnessError where that cannot be."""
        self._file = parsed.file
        try:
            code = _SANDBOX.compile(parsed.tree, filename=str(parsed.file))
        except TemplateSyntaxError as error:
            raise _unread(error, parsed.file) from None
        except (RecursionError, SyntaxError):
            what = "the template is nested too deeply"
            raise wrong_template(what, "too-deep", parsed.file, 1) from None
        self._compiled = Compiled.from_code(_SANDBOX, code, dict(_SANDBOX.globals))

    def render(self, values: Mapping[str, object]) -> str:
        """Return the text for these values. Raises HarnessError with the line that fails."""
        try:
            return self._written(values)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  # a template may raise whatever Python can
            what = f"the template fails: {_plain(str(error)) or type(error).__name__}"
            raise wrong_template(what, "bad-template", self._file, self._line(error)) from None

    def _written(self, values: Mapping[str, object]) -> str:
        written: list[str] = []
        length = 0
        for piece in self._compiled.generate(values):
            length += len(piece)
            if length > _MOST_CHARACTERS:
                raise SecurityError(f"its text is longer than {_MOST_CHARACTERS:,} characters")
            written.append(piece)
        return "".join(written)

    def _line(self, error: Exception) -> int | None:
        frames = traceback.extract_tb(error.__traceback__)
        return next((f.lineno for f in reversed(frames) if f.filename == str(self._file)), None)


_MOST_LOOPS: Final = 2
"""Loops within each other of a plain template."""
_PLAIN: Final = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.If),
    *(nodes.Const, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Test),
    nodes.CondExpr,
)
_PLAIN_FILTERS: Final = frozenset(
    {"tojson", "length", "count", "trim", "upper", "lower", "first", "last", "default", "d"}
)


def _is_plain(node: nodes.Node, loops: int) -> bool:
    match node:
        case nodes.For(recursive=False, iter=nodes.Name() | nodes.Getattr()):
            loops += 1
        case nodes.Filter(name=name) if name in _PLAIN_FILTERS:
            pass
        case _ if not isinstance(node, _PLAIN):
            return False
        case _:
            pass
    return loops <= _MOST_LOOPS and all(_is_plain(n, loops) for n in node.iter_child_nodes())


def _unread(error: TemplateSyntaxError, file: Path) -> HarnessError:
    what = f"the template cannot be read: {_plain(error.message or '')}"
    return wrong_template(what, "bad-template", file, error.lineno, _LITERAL)


def _unknown(
    tree: nodes.Template, unknown: frozenset[str], known: frozenset[str], file: Path
) -> Iterator[Problem]:
    """Yield a problem for every line that uses a name nobody gives."""
    reported: set[tuple[str, int]] = set()
    for node in tree.find_all(nodes.Name):
        if node.name in unknown and node.ctx == "load" and (node.name, node.lineno) not in reported:
            reported.add((node.name, node.lineno))
            what = f"a prompt has no {node.name!r}"
            hint = did_you_mean(node.name, known)
            yield Problem(what, "unknown-variable", at(file, node.lineno), hint)


_OUTSIDE: Final = MappingProxyType(
    {
        nodes.Include: "include",
        nodes.Import: "import",
        nodes.FromImport: "import",
        nodes.Extends: "extend",
    }
)


def _elsewhere(tree: nodes.Template, file: Path) -> Iterator[Problem]:
    for kind, word in _OUTSIDE.items():
        for node in tree.find_all(kind):
            what = f"a prompt cannot {word} another file"
            yield Problem(what, "bad-template", at(file, node.lineno))


def _plain(text: str) -> str:
    """Return Jinja's message the way ours are written."""
    return text.strip().rstrip(".").replace("\n", " ")


def wrong_template(
    what: str, code: str, file: Path, line: int | None, hint: str | None = None
) -> HarnessError:
    """Return the error for a template that cannot be used."""
    return HarnessError(Problem(what, code, at(file, line), hint))
