"""API keys: found in the environment or in a file, and kept out of all that is shown or stored."""

from __future__ import annotations

import os
import re
import stat
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from harness.cases.suite import Endpoint
from harness.errors import HarnessError, Problem
from harness.extract.dialects.dialect import Dialect

BLOT: Final = "[key]"
"""What stands where a key was."""
_SHORTEST: Final = 6
"""Characters below which a text is too common to be blotted out wherever it appears."""
_SOUNDS: Final = re.compile("auth|key|token|secret|cookie|passw|credential|session", re.IGNORECASE)

_ENTITIES: Final = {
    "+": "plus",
    "/": "sol",
    "=": "equals",
    "_": "lowbar|UnderBar",
    "-": "hyphen|dash",
    ".": "period",
    ":": "colon",
    "&": "amp",
    "'": "apos",
    '"': "quot",
}
"""Names in HTML of marks that stand in keys."""
_KEEPS_KEY: Final = re.compile("key|token|secret|passw|credential", re.IGNORECASE)


_KEY_SHAPED: Final = re.compile(
    r"(?P<before>\b(?:Bearer|Basic)\s+)[\w.~+/=-]{8,}"
    r"|\b(?:sk|pk|rk)-[\w-]{8,}|\bAIza[\w-]{20,}|\bgh[pousr]_\w{16,}|\bhf_\w{16,}"
    r"|\bxox[a-z]-[\w-]{8,}|\bAKIA[A-Z0-9]{12,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*",
    re.ASCII | re.IGNORECASE,
)
"""Keys of the common vendors, tokens of the web, and what follows the word Bearer."""


def sounds_secret(name: str) -> bool:
    """Tell whether what goes by a name is likely to be a secret."""
    return _SOUNDS.search(name) is not None


def without_keys(text: str) -> str:
    """Return a text without keys: those in our environment, and whatever has a key's shape.

    For what users' programs and functions say of themselves, where keys may stand in code.

    >>> without_keys("401: Authorization: Bearer abcdef0123456789 was refused")
    '401: Authorization: Bearer [key] was refused'
    """
    for name, value in os.environ.items():
        if _KEEPS_KEY.search(name):
            text = Secret(name, "", value).blot(text)
    return _KEY_SHAPED.sub(lambda match: (match["before"] or "") + BLOT, text)


@dataclass(frozen=True, slots=True)
class Secret:
    """A header that proves who asks.

    >>> key = Secret("authorization", "Bearer ", "sk-123456")
    >>> key, key.blot("denied: sk-123456")
    (Secret(header='authorization', scheme='Bearer '), 'denied: [key]')
    """

    header: str
    scheme: str
    """What stands before the key in the header, its blank included."""
    key: str = field(repr=False)

    @property
    def value(self) -> str:
        """The header's value. It must go nowhere but onto the wire."""
        return self.scheme + self.key

    def blot(self, text: str) -> str:
        """Return a text without the key, in whatever spelling a server may have echoed it."""
        return self._pattern().sub(BLOT, text) if len(self.key) >= _SHORTEST else text

    def blot_bytes(self, content: bytes) -> bytes:
        """Return bytes without the key, before and behind every decoding that is done to them."""
        if len(self.key) < _SHORTEST:
            return content
        return _in_bytes(self.key).sub(BLOT.encode(), content)

    def _pattern(self) -> re.Pattern[str]:
        return _in_text(self.key)


@cache
def _in_text(key: str) -> re.Pattern[str]:
    """Return what finds a key as it is, escaped in any of the usual ways, in base64 or in hex.

    Each character counts in every spelling: gateways escape some and leave others. What pads a key
    of base64 at its end may be cut off.
    """
    bare = key.rstrip("=")
    spelt = "".join(map(_spellings, bare)) + f"{_spellings('=')}?" * (len(key) - len(bare))
    numbers = "".join(map(_either_case, bare.encode().hex()))
    return re.compile("|".join([spelt, numbers, *map(re.escape, _in_base64(key.encode()))]))


@cache
def _in_bytes(key: str) -> re.Pattern[bytes]:
    return re.compile(_in_text(key).pattern.encode())


def _spellings(char: str) -> str:
    either = "".join(map(_either_case, f"{ord(char):02x}"))
    escape = rf"u00{either}|u\{{0*{either}\}}|x{either}|0?{ord(char):03o}"
    entity = f"#0*{ord(char)}|#[xX]0*{either}"
    if char in _ENTITIES:
        entity += f"|{_ENTITIES[char]}"
    ways = [re.escape(char), rf"\\{{1,16}}(?:{escape})", f"%(?:25){{0,3}}{either}"]
    ways += [f"&(?:amp;)?(?:{entity});", f"={either}"]
    if char in "/\\\"'":
        ways.append(rf"\\{{1,16}}{re.escape(char)}")
    if char == " ":
        ways.append(r"\+")
    return f"(?:{'|'.join(ways)})"


def _either_case(digit: str) -> str:
    return digit if digit.isdecimal() else f"[{digit}{digit.upper()}]"


def _in_base64(key: bytes) -> tuple[str, ...]:
    """Return what of the base64 of any text with the key in it is the key's alone."""
    spans = []
    for before in range(3):
        coded = b64encode(bytes(before) + key)
        first = -(-before * 8 // 6)
        last = (before + len(key)) * 8 // 6
        piece = coded[first:last].decode()
        spans += [piece, piece.replace("+", "-").replace("/", "_")]
    return tuple(dict.fromkeys(spans))


Finder: TypeAlias = Callable[[Endpoint, Dialect], Secret | None]
"""Finds the key an endpoint is asked with."""
AZURE: Final = ("api-key", "")
"""The header Azure wants a key in."""
_ENV_LINE: Final = re.compile(
    r"""(?:(?:export\s+)?[A-Z_][A-Z0-9_]*\s*=\s*)?(?P<quote>["']?)(?P<key>(?!=)[^\s"'#]+)(?P=quote)""",
    re.ASCII,
)
"""A key as people keep it: alone, in quotes, or as a line of an `.env` file."""
_NAME: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_MARKED: Final = re.compile(r"[\"'`<$({\[].*|.*[\"'`>,;)}\]]|.*\.\.\.")
"""What is no key: a part of a file, a place for one, the name of a variable."""


def find_secret(spec: Endpoint, dialect: Dialect) -> Secret | None:
    """Return the key an endpoint is asked with; None where it is asked without one.

    The vendor's own variable is looked at only for the vendor's own address: a key must not go to
    whatever else speaks the dialect.

    Raises:
        HarnessError: it is not where it is said to be, or cannot be a key.
    """
    header, scheme = AZURE if spec.api_version else dialect.key_header
    if spec.key_file is not None:
        return Secret(header, scheme, _bare(_in_file(spec.key_file), spec.key_file.name))
    name = _variable(spec, dialect)
    if name is None:
        return None
    key = os.environ.get(name)
    if not key:
        hint = f"export {name}=..., or name another variable under `key_env`"
        what = f"the environment variable {name}, which holds the key, is not set"
        raise HarnessError(Problem(what, "no-key", hint=hint))
    return Secret(header, scheme, _bare(key, name))


def no_secret(spec: Endpoint, dialect: Dialect) -> None:
    """Look for no key: who asks nothing needs none.

    Raises:
        HarnessError: it is said to be where none can be.
    """
    _variable(spec, dialect)


def header_secrets(spec: Endpoint) -> tuple[Secret, ...]:
    """Return further headers whose values are kept outside the suite, as gateways want them.

    Raises:
        HarnessError: one is not where it is said to be, or cannot be a header's value.
    """
    headers = []
    for header, name in spec.header_env.items():
        headers.append(Secret(header.lower(), "", _of_environment(name, f"header_env.{header}")))
    for header, file in spec.header_file.items():
        headers.append(Secret(header.lower(), "", _usable(_in_file(file), file.name)))
    return tuple(headers)


def _of_environment(name: str, key: str) -> str:
    if not _NAME.fullmatch(name):
        hint = "export MY_KEY=..., and write MY_KEY"
        what = f"{key} must be the name of an environment variable, not the secret itself"
        raise HarnessError(Problem(what, "no-key", hint=hint))
    if not (value := os.environ.get(name)):
        hint = f"export {name}=..., or name another variable under `{key}`"
        what = f"the environment variable {name}, which holds a header, is not set"
        raise HarnessError(Problem(what, "no-key", hint=hint))
    return _usable(value, name)


def _variable(spec: Endpoint, dialect: Dialect) -> str | None:
    """Return the name of the variable that holds the key; None where no variable does."""
    name = spec.key_env or (dialect.key_env if _is_at_vendor(spec, dialect) else None)
    if name is not None and not _NAME.fullmatch(name):
        hint = "export MY_KEY=..., and write MY_KEY"
        what = "key_env must be the name of an environment variable, not the key itself"
        raise HarnessError(Problem(what, "no-key", hint=hint))
    return name


def _is_at_vendor(spec: Endpoint, dialect: Dialect) -> bool:
    """Tell whether an address is the vendor's own, by TLS and under its own name."""
    if spec.base_url is None:
        return True
    try:
        own, base = urlsplit(dialect.base_url), urlsplit(spec.base_url)
        host, is_usual = base.hostname or "", base.port in (None, 443)
    except ValueError:
        return False
    is_its = host == own.hostname or host.endswith(f".{own.hostname}")
    return base.scheme == "https" and is_usual and is_its


def _in_file(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise HarnessError(Problem(f"cannot read the key file: {why}", "no-key")) from None
    line = _ENV_LINE.fullmatch(text.strip())
    return line["key"] if line is not None else text


def readable_by_others(file: Path) -> bool:
    """Tell whether other users of the machine may read a file; False where that is not told."""
    try:
        return os.name == "posix" and bool(file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return False


def _bare(text: str, name: str) -> str:
    """Return a key without the quotes around it, which files of variables leave there."""
    key = _usable(text, name)
    if len(key) > 1 and key[0] == key[-1] and key[0] in "\"'":
        key = _usable(key[1:-1], name)
    if _MARKED.fullmatch(key):
        what = f"the key in {name} begins or ends with a mark that no key has"
        raise HarnessError(Problem(what, "no-key", hint="it must be the key and nothing else"))
    return key


def _usable(text: str, name: str) -> str:
    """Return a key that fits in a header. What is wrong with it is said without showing it."""
    key = text.strip()
    if not key:
        raise HarnessError(Problem(f"the key in {name} is empty", "no-key"))
    if not key.isascii() or not key.isprintable() or " " in key:
        what = f"the key in {name} has a blank, a line end or a letter beyond ASCII in it"
        raise HarnessError(Problem(what, "no-key", hint="it must be the key and nothing else"))
    return key
