"""Links: stand-ins for references, equal for matched entities and for nothing else."""

from __future__ import annotations

from typing import Final

from harness.core.comparators.by_name import Comparator, Key, exact_key
from harness.core.fields.scalar import Scalar
from harness.core.fields.verdict_ledger import Ledger
from harness.core.outcomes import CORRECT, WRONG_VALUE
from harness.core.values import Json, Path, Steps


class Link(str):
    """A reference, resolved. Its text is the same on both sides for matched entities."""

    __slots__ = ("original",)

    original: Json
    """The id as its side wrote it."""

    @classmethod
    def to(cls, text: str, original: Json) -> Link:
        """Return a link with the given text that remembers the id it stands for."""
        link = cls(text)
        link.original = original
        return link


def unlinked(value: Json) -> Json:
    """Return the id a link stands for, or the value itself."""
    return value.original if isinstance(value, Link) else value


def _judge(expected: Json, predicted: Json) -> int:
    both = isinstance(expected, Link) and isinstance(predicted, Link)
    return CORRECT if both and expected == predicted else WRONG_VALUE


def _key(value: Json) -> Key:
    return value if isinstance(value, Link) else None


REFERENCE_NAME_KIND: Final = "reference"
"""The comparator of references: what they point to has no name that two cases share."""
_REFERENCE: Final = Comparator(REFERENCE_NAME_KIND, exact_key, lambda _one, _other: 0.0)

REFERENCE_PREFIX: Final = Scalar(REFERENCE_NAME_KIND, lambda _: _REFERENCE, _judge, _key, _key)
"""How references are judged: an unresolved one equals nothing."""


class LocalName:
    """The id of an entity: a name within one side, never compared."""

    __slots__ = ("missing", "path")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.missing: Json = None

    def diff(
        self,
        expected: Json,
        predicted: Json,
        at_expected: Steps,
        at_predicted: Steps,
        ledger: Ledger,
    ) -> None:
        """Write nothing."""

    def cells(self, value: Json, side: int, at: Steps, row: object) -> None:
        """Add nothing: ids pair no items."""
