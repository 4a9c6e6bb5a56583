"""User functions: import the Python functions that a suite names (`module:function`)."""

from __future__ import annotations

import hashlib
import importlib
import importlib.machinery
import inspect
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePath
from types import MappingProxyType, ModuleType
from typing import Final

from harness.cases.files.findings import Findings
from harness.cases.files.places import shown_within
from harness.core.comparators.own_functions import NO_FUNCTIONS, Function, Functions
from harness.core.rules.field_rule import Rules
from harness.core.rules.rule_settings import is_function
from harness.core.values import Json
from harness.errors import HarnessError, Problem, Where, did_you_mean


@dataclass(frozen=True, slots=True)
class Home:
    """Folders that a user's function is named in and looked for in."""

    folder: Path
    """Imported from, beside the installed packages."""
    project: Path
    """Paths in messages are relative to it."""
    where: Where
    """The file that names the function."""


@dataclass(frozen=True, slots=True)
class Call:
    """Call convention of a user's function."""

    given: int
    """With how many arguments."""
    words: str
    """What they are: `a case alone`."""
    shape: str
    """The call itself: `function(case)`."""


_COMPARING: Final = Call(2, "an expected and a predicted value", "function(expected, predicted)")


@dataclass(frozen=True, slots=True)
class Comparators:
    """The functions that rules name, and what they were when they were loaded."""

    functions: Functions = field(default_factory=lambda: NO_FUNCTIONS)
    sha256: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """By name, of the source file of the function's module."""


def joined(parts: Iterable[Comparators]) -> Comparators:
    """Return all the functions of several."""
    functions: dict[str, Function] = {}
    sha256: dict[str, str] = {}
    for part in parts:
        functions |= part.functions
        sha256 |= part.sha256
    return Comparators(MappingProxyType(functions), MappingProxyType(sha256))


def named_functions(rules: Iterable[Rules], schemas: Iterable[Json]) -> frozenset[str]:
    """Return the functions that rules, and schemas under `x-match`, name as comparators.

    >>> sorted(named_functions([], [{"items": {"x-match": {"compare": "lab:same"}}}]))
    ['lab:same']
    """
    comparisons: list[object] = [rule.compare for each in rules for rule in each.values()]
    waiting = list(schemas)
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            match = here.get("x-match")
            comparisons.append(match.get("compare") if isinstance(match, dict) else None)
        waiting.extend(here.values() if isinstance(here, dict) else ())
        waiting.extend(here if isinstance(here, list) else ())
    return frozenset(name for name in comparisons if isinstance(name, str) and is_function(name))


def load_comparators(names: Iterable[str], home: Home) -> Comparators:
    """Return the functions of those names. Raises HarnessError with every one that is wrong."""
    findings = Findings()
    comparators = (findings.attempt(partial(_comparator, name, home)) for name in sorted(names))
    loaded = joined(one for one in comparators if one is not None)
    findings.stop()
    return loaded


def _comparator(name: str, home: Home) -> Comparators:
    function = load_function(name, home, _COMPARING)
    file = getattr(sys.modules[name.partition(":")[0]], "__file__", None)
    digest = hashlib.sha256(Path(file).read_bytes() if file else b"").hexdigest()
    return Comparators({name: function}, {name: digest})


def load_function(name: str, home: Home, call: Call) -> Callable[..., bool | float]:
    """Return the function `module:function` stands for. Its folder stays importable.

    Raises:
        HarnessError: there is no such module or function, importing it fails, or it cannot be
            called with the arguments it will be given.
    """
    function = load_named(name, home)
    if not callable(function):
        what = f"{name!r} is a {type(function).__name__}, not a function"
        raise _error(what, "not-callable", home)
    _check_signature(name, function, home, call)
    return function


def load_named(name: str, home: Home) -> object:
    """Return what `module:name` stands for. Its folder stays importable.

    Raises HarnessError where there is no such module or name, or importing it fails.
    """
    module_name, _, attribute = name.partition(":")
    if not module_name or not attribute:
        hint = "write it as 'module:function'"
        raise _error(f"{name!r} does not name a function", "bad-function", home, hint)
    return _attribute(_module(module_name, home), attribute, home)


def _error(what: str, code: str, home: Home, hint: str | None = None) -> HarnessError:
    return HarnessError(Problem(what, code, home.where, hint))


def _module(name: str, home: Home) -> ModuleType:
    _refuse_namesake(name.partition(".")[0], home)
    folder = str(home.folder)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            hint = did_you_mean(name, [file.stem for file in home.folder.glob("*.py")])
            what = f"no module named {error.name!r} in {shown_within(home.folder, home.project)}"
            raise _error(f"{what} or installed", "no-module", home, hint) from None
        raise _import_failed(name, error, home) from error
    except (Exception, SystemExit) as error:
        raise _import_failed(name, error, home) from error


def _refuse_namesake(top: str, home: Home) -> None:
    """Refuse a module whose name is taken by one loaded from elsewhere: it would run instead."""
    loaded = sys.modules.get(top)
    spec = importlib.machinery.PathFinder.find_spec(top, [str(home.folder)])
    if loaded is None or spec is None or spec.origin is None:
        return
    file = getattr(loaded, "__file__", None)
    if file is None or Path(file).resolve() != Path(spec.origin).resolve():
        what = f"another module named {top!r} is loaded already"
        raise _error(what, "module-name-taken", home, "give the file a name of its own")


def _import_failed(name: str, error: BaseException, home: Home) -> HarnessError:
    where = home.where
    if isinstance(error, SyntaxError) and error.filename:
        where = Where(PurePath(shown_within(Path(error.filename), home.project)), error.lineno)
    for frame in traceback.extract_tb(error.__traceback__):
        if Path(frame.filename).is_relative_to(home.folder) and not isinstance(error, SyntaxError):
            where = Where(PurePath(shown_within(Path(frame.filename), home.project)), frame.lineno)
    reason = error.msg if isinstance(error, SyntaxError) else str(error)
    what = f"importing {name!r} fails: {type(error).__name__}: {reason}"
    return HarnessError(Problem(what, "import-fails", where))


def _attribute(module: ModuleType, name: str, home: Home) -> object:
    target: object = module
    for part in name.split("."):
        if not hasattr(target, part):
            public = [n for n, v in vars(target).items() if callable(v) and not n.startswith("_")]
            what = f"{module.__name__!r} has no function {name!r}"
            raise _error(what, "no-function", home, did_you_mean(part, public))
        target = getattr(target, part)
    return target


def _check_signature(name: str, function: Callable[..., object], home: Home, call: Call) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some functions written in C do not tell
        return
    try:
        signature.bind(*[None] * call.given)
    except TypeError as error:
        what = f"{name!r} cannot be called with {call.words}: {error}"
        hint = f"it is called as {call.shape}"
        raise _error(what, "bad-signature", home, hint) from None
