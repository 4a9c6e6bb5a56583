"""People screen: the people of a file of tokens, as an admin sees and changes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.core.values import Json
from harness.errors import Problem, UsageError
from harness.review.web.entrance.people import Role, change_role, invite, read_people


def people_screen(file: Path | None) -> dict[str, Json]:
    """Return everybody who may come in by a file; nobody where people come in by other ways."""
    known = sorted(read_people(file), key=lambda each: each.name) if file is not None else []
    return {
        "people": [{"name": each.name, "role": each.role.value} for each in known],
        "roles": [role.value for role in Role],
        "file": "" if file is None else str(file),
    }


def change_people(file: Path | None, changes: Mapping[str, Any]) -> dict[str, Json]:
    """Let somebody in, give another role, or let nobody in by a name any more.

    Returns the people as they are then, with the token of who was let in: nothing else keeps it.
    Raises UsageError for what cannot be done, HarnessError for a file at fault.
    """
    if file is None:
        what = "people come in without a file here"
        raise UsageError(Problem(what, "no-people", hint="--auth tokens:FILE"))
    name, role, token = str(changes.get("name") or ""), changes.get("role"), None
    known_role = Role(role) if role in tuple(Role) else None
    match changes.get("do"):
        case "invite" if known_role is not None:
            token = invite(file, name, known_role)
        case "role" if known_role is not None:
            change_role(file, name, known_role)
        case "remove":
            change_role(file, name, None)
        case _:
            raise UsageError(Problem("the request lacks what to do, or a role", "bad-request"))
    return {**people_screen(file), "token": token}
