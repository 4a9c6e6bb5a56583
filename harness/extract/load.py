"""Finding the function a suite names, or the reason it cannot be found."""

from __future__ import annotations

import importlib
import importlib.machinery
import inspect
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath
from types import ModuleType

from harness.core.records import Case
from harness.errors import HarnessError, Problem, Where, did_you_mean
from harness.extract.shown import shown


@dataclass(frozen=True, slots=True)
class Place:
    """Where a function is named and where it is looked for."""

    folder: Path
    """Imported from, beside the installed packages."""
    project: Path
    """Paths in messages are relative to it."""
    where: Where
    """The file that names the function."""


def load(name: str, place: Place) -> Callable[[Case], object]:
    """Return the function `module:function` stands for. Its folder stays importable.

    Raises:
        HarnessError: there is no such module or function, importing it fails, or it cannot be
            called with one argument.
    """
    module_name, _, function_name = name.partition(":")
    if not module_name or not function_name:
        hint = "write it as 'module:function'"
        raise _error(f"{name!r} does not name a function", "bad-function", place, hint)
    module = _module(module_name, place)
    function = _attribute(module, function_name, place)
    if not callable(function):
        what = f"{name!r} is a {type(function).__name__}, not a function"
        raise _error(what, "not-callable", place)
    _check_signature(name, function, place)
    return _returning_object(function)


def _returning_object(function: Callable[..., object]) -> Callable[[Case], object]:
    return function


def _error(what: str, code: str, place: Place, hint: str | None = None) -> HarnessError:
    return HarnessError(Problem(what, code, place.where, hint))


def _module(name: str, place: Place) -> ModuleType:
    _refuse_namesake(name.partition(".")[0], place)
    folder = str(place.folder)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            hint = did_you_mean(name, [file.stem for file in place.folder.glob("*.py")])
            what = f"no module named {error.name!r} in {shown(place.folder, place.project)}"
            raise _error(f"{what} or installed", "no-module", place, hint) from None
        raise _import_failed(name, error, place) from error
    except (Exception, SystemExit) as error:
        raise _import_failed(name, error, place) from error


def _refuse_namesake(top: str, place: Place) -> None:
    """Refuse a module whose name is taken by one loaded from elsewhere: it would run instead."""
    loaded = sys.modules.get(top)
    found = importlib.machinery.PathFinder.find_spec(top, [str(place.folder)])
    if loaded is None or found is None or found.origin is None:
        return
    file = getattr(loaded, "__file__", None)
    if file is None or Path(file).resolve() != Path(found.origin).resolve():
        what = f"another module named {top!r} is loaded already"
        raise _error(what, "module-name-taken", place, "give the file a name of its own")


def _import_failed(name: str, error: BaseException, place: Place) -> HarnessError:
    where = place.where
    if isinstance(error, SyntaxError) and error.filename:
        where = Where(PurePath(shown(Path(error.filename), place.project)), error.lineno)
    for frame in traceback.extract_tb(error.__traceback__):
        if Path(frame.filename).is_relative_to(place.folder) and not isinstance(error, SyntaxError):
            where = Where(PurePath(shown(Path(frame.filename), place.project)), frame.lineno)
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    what = f"importing {name!r} fails: {type(error).__name__}: {said}"
    return HarnessError(Problem(what, "import-fails", where))


def _attribute(module: ModuleType, name: str, place: Place) -> object:
    found: object = module
    for part in name.split("."):
        if not hasattr(found, part):
            public = [n for n, v in vars(found).items() if callable(v) and not n.startswith("_")]
            what = f"{module.__name__!r} has no function {name!r}"
            raise _error(what, "no-function", place, did_you_mean(part, public))
        found = getattr(found, part)
    return found


def _check_signature(name: str, function: Callable[..., object], place: Place) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some functions written in C do not tell
        return
    try:
        signature.bind(None)
    except TypeError as error:
        what = f"{name!r} cannot be called with a case alone: {error}"
        hint = "it is called as function(case)"
        raise _error(what, "bad-signature", place, hint) from None
