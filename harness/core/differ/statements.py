"""Statement lists: each statement is a delta, judged by itself and in the state they add up to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.core.differ.containers import ListField
from harness.core.fields.field import Field, ItemCells
from harness.core.fields.verdict_ledger import Ledger
from harness.core.values import Json, Path, Steps, is_blank

DELETE = "delete"
"""The property of a statement that lists the ids it takes back."""


def accumulate(statements: Sequence[Json], ids: Mapping[str, str]) -> dict[str, Json]:
    """Return the state that statements add up to: entities by id, the last word on each property.

    `ids` names each collection's id property; a map's entities go by their keys, and the first
    statement that has any says whether they are a map. A statement's `delete` lists ids that are
    taken back, of any collection, before what the statement itself adds.

    >>> told = [{"people": [{"id": 1, "name": "Ann"}]}, {"people": [{"id": 1, "age": 9}]}]
    >>> accumulate(told, {"people": "id"})
    {'people': [{'id': 1, 'name': 'Ann', 'age': 9}]}
    >>> accumulate([*told, {"delete": [1]}], {"people": "id"})
    {'people': []}
    >>> maps = [{"people": {"a": {"name": "Ann"}}}, {"people": {"a": {"age": 9}}}]
    >>> accumulate(maps, {"people": "id"})
    {'people': {'a': {'name': 'Ann', 'age': 9}}}
    """
    state: dict[str, Json] = {}
    entities: dict[str, dict[str, Json]] = {key: {} for key in ids}
    is_map: dict[str, bool] = {}
    for number, statement in enumerate(statements):
        if not isinstance(statement, dict):
            continue
        gone = statement.get(DELETE)
        for known in entities.values():
            for name in gone if isinstance(gone, list) else ():
                known.pop(str(name), None)
        for key, value in statement.items():
            if key not in ids:
                state |= {} if key == DELETE else {key: value}
                continue
            if value:
                is_map.setdefault(key, isinstance(value, dict))
            for own, item in _named(value, ids[key], number):
                before = entities[key].get(own)
                both = isinstance(before, dict) and isinstance(item, dict)
                entities[key][own] = {**before, **item} if both else item  # type: ignore[dict-item]
    for key, known in entities.items():
        state[key] = {**known} if is_map.get(key) else list(known.values())
    return state


def _named(value: Json, own: str, number: int) -> Iterator[tuple[str, Json]]:
    """Yield the entities of a statement, each with its id, or its place where it has none."""
    if isinstance(value, dict):
        yield from value.items()
    for place, item in enumerate(value if isinstance(value, list) else []):
        name = item.get(own) if isinstance(item, dict) else None
        yield f"\0{number}.{place}" if is_blank(name) else str(name), item


class Statements:
    """A list of statements, judged one by one, and once more as the state they add up to."""

    __slots__ = ("field", "ids", "missing", "path")

    def __init__(self, field: ListField, ids: Mapping[str, str]) -> None:
        self.field = field
        self.ids = ids
        self.path: Path = field.path
        self.missing: Json = field.missing

    def diff(
        self,
        expected: Json,
        predicted: Json,
        at_expected: Steps,
        at_predicted: Steps,
        ledger: Ledger,
    ) -> None:
        """Judge the statements into the ledger, and the states into a ledger of their own."""
        self.field.diff(expected, predicted, at_expected, at_predicted, ledger)
        states = [
            accumulate(s if isinstance(s, list) else [], self.ids) for s in (expected, predicted)
        ]
        whole: Field = self.field.item
        ledger.cumulative = ledger.cumulative or Ledger()
        ledger.kept.append(states)
        ledger.cumulative.kept = ledger.kept
        ledger.cumulative.states = (_alone(states[0], self.path), _alone(states[1], self.path))
        whole.diff(states[0], states[1], (*at_expected, 0), (*at_predicted, 0), ledger.cumulative)

    def cells(self, value: Json, side: int, at: Steps, row: ItemCells) -> None:
        """Add what the list adds."""
        self.field.cells(value, side, at, row)


def _alone(state: Json, path: Path) -> Json:
    """Return a case whose only statement is a state."""
    whole: Json = [state]
    for step in reversed(path.steps):
        whole = {step: whole} if isinstance(step, str) else [whole]
    return whole
