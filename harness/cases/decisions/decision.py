"""One decision of a reviewer about a field of a ground truth: a line of a review log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeAlias

from harness.cases.digest import canonical
from harness.core.records import Document
from harness.core.values import Json
from harness.errors import HarnessError, Problem, Where

Slots: TypeAlias = tuple[str, ...]
"""A path whose list steps are item ids, not indexes: it stays the same when items are inserted."""


class Act(StrEnum):
    """What a decision does. Exactly the acts of a line's `do`."""

    BASE = "base"
    """The truth as it was when the case was first decided on; with `draft`, a run's answer."""
    APPROVE = "approve"
    SET = "set"
    ADD = "add"
    REMOVE = "remove"
    DISPUTE = "dispute"
    WITHDRAW = "withdraw"
    DEFER = "defer"
    NOTE = "note"
    CLAIM = "claim"
    """The case is taken over from somebody who worked on it; `why` is what they are told."""


EDITS: Final = frozenset({Act.SET, Act.ADD, Act.REMOVE})


class Decision(NamedTuple):
    """What one person decided at one moment. Never changed once it is written."""

    id: str
    """Unique; sorts after every decision its writer had seen."""
    at: str
    by: str
    case: str
    do: Act
    document: str = ""
    """Digest of the case's documents as they were seen."""
    path: Slots = ()
    """The field, the item (`add`: its new id is the last step) or the list."""
    fields: tuple[tuple[Slots, str], ...] = ()
    """For `approve`: fields, each with the digest of the value that was seen."""
    to: Json = None
    """For `base`, `set` and `add`: the value."""
    gone: bool = False
    """For `set`: the key is taken out of its object; `to` means nothing."""
    sees: str | None = None
    """For edits: the last edit of the place its writer had seen; None where there was none. For
    `add` the last edit of the list, empty where there was none; None where nobody can tell."""
    of: str | None = None
    """For `withdraw`: the id of the decision that is taken back."""
    after: str | None = None
    """For `add`: the item it stands behind; empty puts it in front, None at the end."""
    why: str = ""
    saw: Json = None
    """What was proposed: `{"run": ..., "value": ...}`; None where nothing was shown."""
    evidence: Json = None
    """Where it stands: `[document, start, end]`."""
    blind: bool = False
    """Nobody else's value was shown."""
    draft: str | None = None
    """For `base`: the run whose answer it is."""
    seconds: float | None = None
    """How long the person looked; None where nobody measured."""
    on: tuple[str, ...] = ()
    """Ends of the ids of the case's last decisions that its writer knew: several after a merge."""

    def line(self) -> str:
        """Return the decision as a line of a log: what says nothing is left out."""
        record: dict[str, Any] = {"v": 1}
        for name in _FIELDS:
            value = getattr(self, name)
            is_said = value is not None and value is not False and value not in ("", ())
            is_said = is_said or (name == "sees" and value == "")
            is_front = name == "after" and value == ""
            if is_said or is_front or (name == "to" and self._has_value):
                record[name] = value.value if isinstance(value, Act) else value
        return json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"

    @property
    def _has_value(self) -> bool:
        return self.do in (Act.BASE, Act.SET, Act.ADD) and not self.gone


_FIELDS: Final = Decision._fields
_ALWAYS: Final = frozenset({"id", "at", "by", "case", "document", "why"})
_TEXTS: Final = _ALWAYS | {"sees", "of", "after", "draft"}
_FLAGS: Final = frozenset({"gone", "blind"})
_ACTS: Final[Mapping[str, Act]] = {act.value: act for act in Act}


def read_decision(text: str, where: Where) -> Decision:
    """Return the decision a line holds. Raises HarnessError for a line that holds none."""
    try:
        record = json.loads(text)
        if record.pop("v") != 1:
            what = "the review log was written by a newer harness"
            raise HarnessError(Problem(what, "newer-log", where, "update harness"))
        record["do"] = _ACTS[record["do"]]
        for key in ("path", "on"):
            if key in record:
                record[key] = tuple(record[key])
        if "fields" in record:
            record["fields"] = tuple((tuple(path), digest) for path, digest in record["fields"])
        _require_texts(record)
        return Decision(**record)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        hint = "the file is only ever added to: restore the line"
        what = f"not a decision: {error}"
        raise HarnessError(Problem(what, "bad-decision", where, hint)) from None


def _require_texts(said: Mapping[str, Any]) -> None:
    """Raise TypeError where something that must be a text is none, or holds others."""
    for name, value in said.items():
        if name in _TEXTS and type(value) is not str and (value is not None or name in _ALWAYS):
            raise TypeError(f"{name} is no text")
        if name in _FLAGS and type(value) is not bool:
            raise TypeError(f"{name} is neither true nor false")
    slots = [said.get("path", ()), said.get("on", ()), *(p for p, _ in said.get("fields", ()))]
    if not all(type(each) is str for some in slots for each in some):
        raise TypeError("a path holds what is no text")
    if not all(type(digest) is str for _, digest in said.get("fields", ())):
        raise TypeError("a digest is no text")


def value_digest(value: Json) -> str:
    """Return the digest approvals are bound to.

    >>> value_digest(2.0) == value_digest(2), value_digest("2") == value_digest(2)
    (True, False)
    """
    if value is None or isinstance(value, str | bool | int):
        text = _ENCODE(value)
    else:
        text = canonical(value)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]


_ENCODE: Final = json.JSONEncoder(ensure_ascii=False).encode


FILE_EDITOR: Final = "(file)"
"""Who edited a truth file is not known: such an edit approves nothing."""
GONE: Final = "gone"
"""The digest of a field that is not there: its absence can be approved, too."""


def documents_digest(documents: tuple[Document, ...]) -> str:
    """Return one digest of all documents of a case, in their order."""
    return hashlib.sha256("".join(d.sha256 for d in documents).encode()).hexdigest()[:20]
