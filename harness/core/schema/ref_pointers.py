"""References inside a schema document: identifiers and anchors turned into plain JSON pointers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple
from urllib.parse import unquote, urljoin

from harness.core.values import Json

_NAMING: Final = frozenset(
    ("$id", "id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef"),
)
"""Keywords that give a place a name other than its pointer, or refer by one."""
_DATA: Final = frozenset(("const", "enum", "default", "examples", "example", "x-match"))
"""Keywords whose values are no schemas, whatever they look like."""
_NAMES: Final = frozenset(
    ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"),
)
"""Keywords that map names of the user's own to schemas."""


class _Place(NamedTuple):
    """A schema in the document."""

    schema: dict[str, Json]
    pointer: str
    base: str
    """The address of the document or embedded resource it belongs to."""


def plain_references(root: Json) -> Json:
    """Return a schema document in which every reference inside it is `#` and a JSON pointer.

    `$id` (`id` in draft 4), `$anchor`, `$dynamicAnchor` and `$recursiveRef` are followed;
    a dynamic reference goes to the outermost anchor of its name. References that cannot be found
    stay as they are.

    >>> plain_references({"$defs": {"a": {"$anchor": "x"}}, "$ref": "#x"})["$ref"]
    '#/$defs/a'
    >>> plain_references({"$id": "http://e.org/s", "$ref": "s#/$defs/a"})["$ref"]
    '#/$defs/a'
    """
    if not isinstance(root, dict) or not _names_anything(root):
        return root
    own_id = "id" if _is_old(root) else "$id"
    places = list(_places(root, own_id))
    known: dict[str, str] = {}
    outermost: dict[str, str] = {}
    for schema, pointer, base in places:
        for name in _addresses(schema, base, own_id):
            known.setdefault(name, pointer)
        dynamic = schema.get("$dynamicAnchor")
        if isinstance(dynamic, str):
            outermost.setdefault(dynamic, pointer)
    known.setdefault("", "")
    known.setdefault(places[0].base, "")
    changed = {id(p.schema): _rewritten(p, known, outermost) for p in places}
    return _copy(root, changed)


def _names_anything(value: Json) -> bool:
    """Tell whether a document uses any name that is no pointer; it may be too deep to recurse."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            if any(isinstance(here.get(word), str) for word in _NAMING):
                return True
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)
    return False


def _is_old(root: Mapping[str, Json]) -> bool:
    return any(draft in str(root.get("$schema")) for draft in ("draft-03", "draft-04"))


def _places(root: dict[str, Json], own_id: str) -> Iterator[_Place]:
    """Yield every schema written in a document, outer ones first."""
    waiting: deque[tuple[Json, str, str, bool]] = deque([(root, "", "", False)])
    while waiting:
        here, pointer, base, named = waiting.popleft()
        if isinstance(here, list):
            waiting.extend((v, f"{pointer}/{n}", base, False) for n, v in enumerate(here))
        if not isinstance(here, dict):
            continue
        if not named:
            base = _base(here, base, own_id)
            yield _Place(here, pointer, base)
        waiting.extend(
            (value, f"{pointer}/{_escaped(key)}", base, not named and key in _NAMES)
            for key, value in here.items()
            if named or key not in _DATA
        )


def _base(schema: Mapping[str, Json], base: str, own_id: str) -> str:
    """Return the address that references in a schema start from."""
    name = schema.get(own_id)
    return _joined(base, name.partition("#")[0]) if isinstance(name, str) else base


def _joined(base: str, name: str) -> str:
    try:
        return urljoin(base, name)
    except ValueError:
        return name


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1").replace("%", "%25")


def _addresses(schema: Mapping[str, Json], base: str, own_id: str) -> Iterator[str]:
    """Yield the full addresses that name a schema."""
    name = schema.get(own_id)
    if isinstance(name, str):
        fragment = name.partition("#")[2]
        yield f"{base}#{fragment}" if fragment else base
    for word in ("$anchor", "$dynamicAnchor"):
        anchor = schema.get(word)
        if isinstance(anchor, str):
            yield f"{base}#{anchor}"


def _rewritten(
    place: _Place, known: Mapping[str, str], outermost: Mapping[str, str]
) -> dict[str, Json]:
    """Return the references of a schema as pointers from the root."""
    rewritten: dict[str, Json] = {}
    for word in ("$ref", "$dynamicRef", "$recursiveRef"):
        pointer = place.schema.get(word)
        if isinstance(pointer, str):
            target = _pointer(pointer, place.base, known)
            if word == "$dynamicRef":
                target = outermost.get(pointer.partition("#")[2], target)
            reference = pointer if target is None else f"#{target}"
            if "$ref" in rewritten or word == "$ref":
                rewritten.setdefault("$ref", reference)
            else:
                rewritten["$ref"] = reference
    return rewritten


def _pointer(reference: str, base: str, known: Mapping[str, str]) -> str | None:
    """Return the pointer from the root to what a reference names; None for what is not here."""
    address, _, fragment = (_joined(base, reference) if reference else base).partition("#")
    if reference.startswith("#"):
        address, fragment = base, reference[1:]
    if fragment and not fragment.startswith("/"):
        return known.get(f"{address}#{unquote(fragment)}")
    start = known.get(address)
    return None if start is None else start + fragment


def _copy(value: Json, changed: Mapping[int, dict[str, Json]]) -> Json:
    if isinstance(value, list):
        return [_copy(item, changed) for item in value]
    if not isinstance(value, dict):
        return value
    copied = {key: _copy(child, changed) for key, child in value.items()}
    return {**copied, **changed.get(id(value), {})}
