"""How the scalars of one field are compared, as the differ and the aligner see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from harness.core.comparators.comparator import Comparator, Key
from harness.core.values import Json

KIND: Final[Mapping[type, str]] = MappingProxyType(
    {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}
)
"""The JSON types that scalars are told apart by: integers and floats are one."""


def json_kind(key: Key) -> object:
    """Return the JSON type a key was read from, where keys of several types can meet."""
    return key[0] if isinstance(key, tuple) else KIND.get(key.__class__)


UNREAD: Final = "unread"
"""Marks the key of a value its comparator cannot read: it is the same as its own text only."""


class Loose:
    """The key of a predicted value that breaks its format: right at best once read leniently."""

    __slots__ = ("key", "value")

    def __init__(self, key: Key, value: Json) -> None:
        self.key = key
        self.value = value


Cell: TypeAlias = "Key | Loose"
Judge: TypeAlias = Callable[[Json, Json], int]


@dataclass(frozen=True, slots=True)
class Scalar:
    """How the scalars of one field are compared."""

    name: str
    """The comparator's name; `by type` where the expected value's type chooses it."""
    comparator_of: Callable[[Json], Comparator]
    """The comparator that judges an expected value: one for all, or by its JSON type."""
    judge: Judge
    """From two present scalars to a verdict's code."""
    key: Callable[[Json], Key]
    """Key of a present scalar on either side; None for blank values and containers."""
    cell: Callable[[Json], Cell]
    """Key of a predicted scalar, marked where it breaks the field's format."""
    others: Callable[[Key], Sequence[Key]] | None = None
    """Further keys a predicted key could be meant as, had it another JSON type."""
    same_keys: Callable[[Key, Key], bool] | None = None
    """Tells of two different keys whether they are the same value; None: never."""
    reach: Callable[[float], float] | None = None
    """How far from a number's key the same numbers lie; None where keys are no numbers."""
    exact_integers: bool = False
    """Numbers: two whole numbers are the same only if they are equal."""

    @property
    def is_tolerant(self) -> bool:
        """True where a rule lets different values be the same: then sameness is no equivalence."""
        return self.same_keys is not None and not self.exact_integers

    def closeness(self, expected: Json, predicted: Json) -> float:
        """Return how near two present values are, in [0, 1], whether or not they are the same."""
        if isinstance(predicted, (list, dict)) or isinstance(expected, (list, dict)):
            return 0.0
        comparator = self.comparator_of(expected)
        one, other = comparator.read(expected), comparator.read(predicted)
        if one is None or other is None:
            return 0.0
        return 1.0 if one == other else comparator.near(one, other)
