"""One name for everything that can change a score or an answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Final

from harness.cases.suite import Prompt
from harness.core.records import Case, Document
from harness.core.rules import Rules, rules_as_json
from harness.core.values import Json

_EXACT: Final = 2**53
"""Whole floats are exact below this."""


def suite_digest(cases: Iterable[Case], rules: Rules, prompt: Prompt | None, empty: str) -> str:
    """Return the sha256 of a suite, whatever its files' order, place and formatting."""
    schemas: dict[int, str] = {}
    parts: dict[str, Json] = {}
    for case in cases:
        if id(case.schema) not in schemas:
            schemas[id(case.schema)] = canonical(case.schema)
        parts[case.id] = [
            [_document(document) for document in case.documents],
            canonical(case.truth),
            hashlib.sha256(schemas[id(case.schema)].encode()).hexdigest(),
        ]
    whole: Json = {
        "cases": parts,
        "rules": rules_as_json(rules),
        "prompt": prompt.sha256 if prompt else None,
        "empty": empty,
    }
    return hashlib.sha256(canonical(whole).encode()).hexdigest()


def _document(document: Document) -> Json:
    """Return a document's digest, with that of its text where that is not the file as it is.

    Another version of a format's reader, or another setting, may read another text.
    """
    text = hashlib.sha256(document.text.encode(errors="surrogatepass")).hexdigest()
    if text == document.sha256:
        return text
    return [document.sha256, text, list(document.image_pages)]


def canonical(value: Json) -> str:
    """Write a JSON value in its one form: keys in order, no space, whole numbers as integers.

    >>> canonical({"b": 2.0, "a": [1.5, None]})
    '{"a":[1.5,null],"b":2}'
    """
    return json.dumps(
        _whole(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def _whole(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    if isinstance(value, dict):
        return {k: _whole(v) for k, v in value.items()}
    return [_whole(v) for v in value] if isinstance(value, list) else value
