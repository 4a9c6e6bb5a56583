"""One decision of a reviewer about a field of a ground truth: a line of a review log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeAlias

from pydantic_core import from_json

from harness.cases.digest import canonical
from harness.core.records import Document
from harness.core.values import Json
from harness.errors import HarnessError, Problem, Where

Slots: TypeAlias = tuple[str, ...]
"""A path whose list steps are item ids, not indexes: it stays the same when items are inserted."""


class Act(StrEnum):
    """Acts of a decision: the values of a line's `do`."""

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
    """One person's decision at one moment. Never changed once it is written."""

    id: str
    """Unique; it sorts after the id of every decision that its writer had seen."""
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
        """Return the decision as a line of a log; empty keys are left out."""
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
    def end(self) -> str:
        """The end of the id, by which others name it: unique within its case."""
        return self.id.rpartition("-")[2]

    @property
    def _has_value(self) -> bool:
        return self.do in (Act.BASE, Act.SET, Act.ADD) and not self.gone


_FIELDS: Final = Decision._fields
_TEXT: Final[frozenset[type]] = frozenset({str})
_TEXT_OR_NONE: Final[frozenset[type]] = frozenset({str, type(None)})
_NUMBER_OR_NONE: Final[frozenset[type]] = frozenset({int, float, type(None)})
_LIST: Final[frozenset[type]] = frozenset({list})
_FLAG: Final[frozenset[type]] = frozenset({bool})
_KINDS: Final[Mapping[str, frozenset[type]]] = {
    **dict.fromkeys(("id", "at", "by", "case", "do", "document", "why"), _TEXT),
    **dict.fromkeys(("sees", "of", "after", "draft"), _TEXT_OR_NONE),
    **dict.fromkeys(("path", "fields", "on"), _LIST),
    **dict.fromkeys(("gone", "blind"), _FLAG),
    "seconds": _NUMBER_OR_NONE,
}
"""What a line may hold under each name; `to`, `saw` and `evidence` hold any JSON."""
_ANY: Final[frozenset[type]] = frozenset({dict, list, str, int, float, bool, type(None)})
_ACTS: Final[Mapping[str, Act]] = {act.value: act for act in Act}


def read_decision(text: str, where: Where) -> Decision:
    """Return the decision a line holds. Raises HarnessError for a line that holds none."""
    try:
        record = from_json(text, allow_inf_nan=False)  # strict, and twice as fast
        if record.pop("v") != 1:
            what = "the review log was written by a newer harness"
            raise HarnessError(Problem(what, "newer-log", where, "update harness"))
        for name, value in record.items():
            if type(value) not in _KINDS.get(name, _ANY):
                raise TypeError(f"{name} is a {type(value).__name__}")  # noqa: TRY301  # as above
        record["do"] = _ACTS[record["do"]]
        for key in ("path", "on"):
            if key in record:
                record[key] = _texts(record[key])
        if "fields" in record:
            record["fields"] = tuple([(_texts(at), *_texts([to])) for at, to in record["fields"]])
        return Decision(**record)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "the file is only ever added to: restore the line"
        what = f"not a decision: {error}"
        raise HarnessError(Problem(what, "bad-decision", where, hint)) from None


def _texts(steps: list[str]) -> tuple[str, ...]:
    """Return a path. Raises TypeError where something in it is no text."""
    "".join(steps)
    return tuple(steps)


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
NO_DRAFTER: Final = "(nobody)"
"""Whose draft a case begins with that has neither a truth nor an answer: nothing stands in it."""
GONE: Final = "gone"
"""The digest of a field that is not there: its absence can be approved, too."""


def documents_digest(documents: tuple[Document, ...]) -> str:
    """Return one digest of all documents of a case, in their order."""
    return hashlib.sha256("".join(d.sha256 for d in documents).encode()).hexdigest()[:20]
