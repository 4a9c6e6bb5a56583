"""Reviewers: one person at a desk, a name from a trusted proxy, or a named token."""

from __future__ import annotations

import hashlib
import hmac
import os
import tomllib
from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from secrets import token_bytes, token_urlsafe
from typing import Any, Final, Literal, Protocol

from harness.cases.files.append_only import OPEN_TO_WRITE
from harness.cases.files.places import at
from harness.cases.files.whole_file import whole_file
from harness.errors import HarnessError, Problem, UsageError, did_you_mean

_LONGEST_NAME: Final = 200
_SCRYPT: Final = {"n": 2**14, "r": 8, "p": 1}
_BYTES: Final = 16


class Role(StrEnum):
    """Roles of people; each may do what those before may."""

    ANNOTATOR = "annotator"
    """Decides on fields."""
    AUDITOR = "auditor"
    """Settles conflicts, works on held-out cases, and sees who agrees with whom."""
    ADMIN = "admin"
    """Sees what each person did and how often they were right, and says who may come in."""

    def may(self, needed: Role) -> bool:
        """Tell whether this role is enough where another is needed.

        >>> Role.AUDITOR.may(Role.ANNOTATOR), Role.AUDITOR.may(Role.ADMIN)
        (True, False)
        """
        order = tuple(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Person:
    """A reviewer."""

    name: str
    role: Role


class Door(Protocol):
    """Way in for people."""

    @property
    def way(self) -> Literal["address", "header", "token"]:
        """Proof of who somebody is."""

    def by_token(self, token: str) -> Person | None:
        """Return whose token it is."""

    def by_headers(self, headers: Mapping[str, str], remote: str | None) -> Person | None:
        """Return who a request says it is from, where the one who says so is trusted."""

    def today(self, person: Person) -> Person | None:
        """Return a person who came in earlier as they are now; None where nobody lets them in."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One person on one machine, who is told a secret address when the server starts."""

    person: Person
    token: str
    way: Literal["address"] = "address"

    def by_token(self, token: str) -> Person | None:
        """Return the person, to whom knows the secret."""
        same = hmac.compare_digest(token.encode(), self.token.encode())
        return self.person if same else None

    def today(self, person: Person) -> Person | None:
        """Return the person."""
        return person

    def by_headers(self, headers: Mapping[str, str], remote: str | None) -> Person | None:
        """Return nobody: a header proves nothing."""
        del headers, remote
        return None


@dataclass(frozen=True, slots=True)
class TrustedHeader:
    """A proxy that has asked for a password and says in a header who it was."""

    header: str
    trusted: frozenset[str]
    """Addresses the header is believed from."""
    roles: Mapping[str, Role]
    """Of those named; all others are annotators."""
    way: Literal["header"] = "header"

    def today(self, person: Person) -> Person | None:
        """Return the person: each request says anew who it is from."""
        return person

    def by_token(self, token: str) -> Person | None:
        """Return nobody."""
        del token
        return None

    def by_headers(self, headers: Mapping[str, str], remote: str | None) -> Person | None:
        """Return the person the proxy names; nobody where another address says so."""
        name = headers.get(self.header, "").strip()
        if remote not in self.trusted or not is_person_name(name):
            return None
        return Person(name, self.roles.get(name, Role.ANNOTATOR))


@dataclass(frozen=True, slots=True)
class NamedTokens:
    """People with a token each, of which a file holds the scrypt digest only."""

    file: Path
    way: Literal["token"] = "token"

    def today(self, person: Person) -> Person | None:
        """Return the person with the role that the file gives today; None once they are gone."""
        return next((each for each in self._people() if each.name == person.name), None)

    def _people(self) -> Mapping[Person, str]:
        """Return the people of the file; nobody while something is wrong with it."""
        stat = self.file.stat() if self.file.exists() else None
        return _people_at(self.file, stat and (stat.st_mtime_ns, stat.st_size))

    def by_token(self, token: str) -> Person | None:
        """Return whose token it is."""
        name, _, secret = token.partition(":")
        for person, known in self._people().items():
            if person.name == name and is_token(secret, known):
                return person
        return None

    def by_headers(self, headers: Mapping[str, str], remote: str | None) -> Person | None:
        """Return nobody: a header proves nothing."""
        del headers, remote
        return None


@lru_cache(maxsize=8)
def _people_at(file: Path, stamp: object) -> Mapping[Person, str]:
    """Return the people of a file as it is at a moment; nobody while something is wrong with it."""
    del stamp
    try:
        return read_people(file)
    except HarnessError:
        return {}


def is_person_name(name: str) -> bool:
    r"""Tell whether a name can be a reviewer's.

    >>> is_person_name("ann@x"), is_person_name(""), is_person_name("a\nb")
    (True, False, False)
    """
    return 0 < len(name) <= _LONGEST_NAME and name.isprintable() and name == name.strip()


def token_digest(secret: str) -> str:
    """Return what a file may hold of a token: its scrypt digest (RFC 7914) with its salt."""
    salt = token_bytes(_BYTES)
    return f"scrypt:{b64encode(salt).decode()}:{b64encode(_scrypt(secret, salt)).decode()}"


def is_token(secret: str, digest: str) -> bool:
    """Tell whether a digest is this token's."""
    kind, _, rest = digest.partition(":")
    salt, _, wanted = rest.partition(":")
    if kind != "scrypt":
        return False
    return hmac.compare_digest(_scrypt(secret, b64decode(salt)), b64decode(wanted))


def _scrypt(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, **_SCRYPT)


def read_people(file: Path) -> Mapping[Person, str]:
    """Return the people of a file with their tokens' digests; empty where one has no token.

    Raises HarnessError with all that is wrong with the file.
    """
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        hint = "harness review SUITE --invite NAME adds the first person"
        raise HarnessError(Problem("is not there", "no-people", at(file), hint)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HarnessError(Problem(f"not TOML: {error}", "bad-people", at(file))) from None
    problems: list[Problem] = []
    people: dict[Person, str] = {}
    for name, entry in table.items():
        wrong = _wrong(name, entry)
        if wrong is None:
            people[Person(name, Role(entry.get("role", "annotator")))] = entry.get("token", "")
        else:
            problems.append(wrong.at(at(file)))
    if problems:
        raise HarnessError(*problems)
    return people


def _wrong(name: str, entry: Any) -> Problem | None:  # noqa: ANN401  # whatever the file says
    if not isinstance(entry, dict) or not is_person_name(name):
        return Problem(f"{name!r} is no person", "bad-people", hint='write ["ann@x"], role = …')
    unknown = sorted(entry.keys() - {"role", "token"})
    if unknown:
        hint = did_you_mean(unknown[0], ("role", "token"))
        return Problem(f"unknown key {unknown[0]!r} of {name!r}", "unknown-key", hint=hint)
    if entry.get("role", "annotator") not in tuple(Role):
        hint = f"one of {', '.join(Role)}"
        return Problem(f"{name!r} has no role {entry['role']!r}", "unknown-role", hint=hint)
    token = entry.get("token", "")
    if not isinstance(token, str) or (token and token.count(":") != len("::")):
        hint = "a file holds the token's digest only: harness review SUITE --invite makes it"
        return Problem(f"the token of {name!r} is no digest", "bad-token", hint=hint)
    return None


def invite(file: Path, name: str, role: Role) -> str:
    """Add a person to a file and return their token, which nothing else keeps.

    Raises HarnessError where the person is there already or the file is at fault.
    """
    known = read_people(file) if file.exists() else {}
    if not is_person_name(name) or ":" in name:
        raise HarnessError(Problem(f"{name!r} can be no reviewer's name", "bad-name"))
    if any(person.name == name for person in known):
        hint = "delete the entry to give a new token"
        raise HarnessError(Problem(f"{name!r} is there already", "known-person", at(file), hint))
    secret = token_urlsafe(_BYTES)
    entry = _entry_text(Person(name, role), token_digest(secret))
    file.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(file, OPEN_TO_WRITE | os.O_APPEND, 0o600)
    with os.fdopen(fd, "a", encoding="utf-8", newline="\n") as out:
        out.write(entry if not known else f"\n{entry}")
    return f"{name}:{secret}"


def change_role(file: Path, name: str, role: Role | None) -> None:
    """Give a person of a file another role; None takes the person out.

    Raises UsageError for somebody who is not there, and where nobody would be an admin any more.
    """
    known = read_people(file)
    if all(person.name != name for person in known):
        hint = did_you_mean(name, [person.name for person in known])
        raise UsageError(Problem(f"there is no {name!r}", "unknown-person", hint=hint))
    entries = {
        Person(p.name, role or p.role) if p.name == name else p: token
        for p, token in known.items()
        if p.name != name or role is not None
    }
    had, has = (any(p.role is Role.ADMIN for p in people) for people in (known, entries))
    if had and not has:
        what = f"{name!r} is the only admin"
        raise UsageError(Problem(what, "last-admin", hint="make somebody else admin first"))
    text = "\n".join(_entry_text(person, token) for person, token in entries.items())
    with whole_file(file) as scratch:
        scratch.touch(0o600)
        scratch.write_text(text, encoding="utf-8", newline="\n")


def _entry_text(person: Person, token: str) -> str:
    quoted = person.name.replace("\\", "\\\\").replace('"', '\\"')
    held = f'token = "{token}"\n' if token else ""
    return f'["{quoted}"]\nrole = "{person.role}"\n{held}'


def trusted_header(name: str, trusted: Collection[str], people: Path | None) -> TrustedHeader:
    """Return the door of a proxy; `people` may give roles. Raises what `read_people` raises."""
    roles = {} if people is None else {p.name: p.role for p in read_people(people)}
    return TrustedHeader(name, frozenset(trusted), roles)
