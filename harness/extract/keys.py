"""Finding the key of an endpoint: in the environment or in a file, and nowhere else."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from harness.cases.suite import Endpoint
from harness.errors import HarnessError, Problem
from harness.extract.dialects.dialect import Dialect
from harness.extract.secret import Secret

Finder: TypeAlias = Callable[[Endpoint, Dialect], Secret | None]
"""Finds the key an endpoint is asked with."""
AZURE: Final = ("api-key", "")
"""The header Azure wants a key in."""
_NAME: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def find_secret(spec: Endpoint, dialect: Dialect) -> Secret | None:
    """Return the key an endpoint is asked with; None where it is asked without one.

    The vendor's own variable is looked at only for the vendor's own address: a key must not go to
    whatever else speaks the dialect.

    Raises:
        HarnessError: it is not where it is said to be, or cannot be a key.
    """
    header, scheme = AZURE if spec.api_version else dialect.key_header
    if spec.key_file is not None:
        return Secret(header, scheme, _usable(_in_file(spec.key_file), spec.key_file.name))
    name = _variable(spec, dialect)
    if name is None:
        return None
    key = os.environ.get(name)
    if not key:
        hint = f"export {name}=..., or name another variable under `key_env`"
        what = f"the environment variable {name}, which holds the key, is not set"
        raise HarnessError(Problem(what, "no-key", hint=hint))
    return Secret(header, scheme, _usable(key, name))


def no_secret(spec: Endpoint, dialect: Dialect) -> None:
    """Look for no key: who asks nothing needs none.

    Raises:
        HarnessError: it is said to be where none can be.
    """
    _variable(spec, dialect)


def _variable(spec: Endpoint, dialect: Dialect) -> str | None:
    """Return the name of the variable that holds the key; None where no variable does."""
    name = spec.key_env or (dialect.key_env if spec.base_url is None else None)
    if name is not None and not _NAME.fullmatch(name):
        hint = "export MY_KEY=..., and write MY_KEY"
        what = "key_env must be the name of an environment variable, not the key itself"
        raise HarnessError(Problem(what, "no-key", hint=hint))
    return name


def _in_file(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise HarnessError(Problem(f"cannot read the key file: {why}", "no-key")) from None


def _usable(text: str, name: str) -> str:
    """Return a key that fits in a header. What is wrong with it is said without showing it."""
    key = text.strip()
    if not key:
        raise HarnessError(Problem(f"the key in {name} is empty", "no-key"))
    if not key.isascii() or not key.isprintable() or " " in key:
        what = f"the key in {name} has a blank, a line end or a letter beyond ASCII in it"
        raise HarnessError(Problem(what, "no-key", hint="it must be the key and nothing else"))
    return key
