"""Digests (sha256) of suites, rules, cases, documents and truths."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Final

from harness.cases.suite import Prompt
from harness.core.records import Case, Document, TruthReview
from harness.core.rules.field_rule import NO_RULES, Rules, rules_as_json
from harness.core.values import Json

_EXACT: Final = 2**53
"""Floats below this hold whole numbers exactly."""


def suite_digest(
    cases: Iterable[Case],
    rules: Rules,
    prompt: Prompt | None,
    empty: str,
    comparators: Mapping[str, str],
) -> str:
    """Return the sha256 of a suite, whatever its files' order, place and formatting.

    `comparators` are the sha256 of the sources of functions that rules name.
    """
    schemas: dict[int, str] = {}
    parts: dict[str, Json] = {}
    for case in cases:
        if id(case.schema) not in schemas:
            schemas[id(case.schema)] = canonical(case.schema)
        parts[case.id] = [
            [document_digest(document) for document in case.documents],
            canonical(case.truth),
            hashlib.sha256(schemas[id(case.schema)].encode()).hexdigest(),
            *([rules_as_json(case.rules)] if case.rules else []),
            *([review_as_json(case.review)] if case.review else []),
        ]
    whole: Json = {
        "cases": parts,
        "rules": rules_as_json(rules),
        "prompt": prompt.sha256 if prompt else None,
        "empty": empty,
        **({"comparators": dict(comparators)} if comparators else {}),
    }
    return hashlib.sha256(canonical(whole).encode()).hexdigest()


def rules_digest(rules: Rules, empty: str, functions: Mapping[str, str]) -> str:
    """Return the sha256 of the rules that all cases of a suite are judged by.

    `functions` are the sha256 of the sources of comparators that rules name.
    """
    whole: Json = [rules_as_json(rules), empty, dict(functions)]
    return hashlib.sha256(canonical(whole).encode(errors="surrogatepass")).hexdigest()


def case_digest(case: tuple[Json, str, Rules], functions: Mapping[str, str]) -> str:
    """Return the sha256 of a case's truth, schema and own rules, cut to 32 digits.

    The schema is given as `canonical` writes it: many cases share one. Neither documents nor tags
    matter, nor how a file is formatted. `functions` are the sha256 of the sources of comparators
    that the case's own rules or its schema name.

    >>> first, second = ({"x": 1}, "null", NO_RULES), ({"x": 1.0}, "null", NO_RULES)
    >>> case_digest(first, {}) == case_digest(second, {})
    True
    """
    truth, schema, own = case
    parts = canonical(truth), schema, canonical([rules_as_json(own), dict(functions)])[1:-1]
    text = f"[{','.join(parts)}]"
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:_ENOUGH]


_ENOUGH: Final = 32


def review_as_json(review: TruthReview) -> dict[str, Json]:
    """Return what is reviewed of a truth, in its one order."""
    paths: list[Json] = [list(path) for path in sorted(review.reviewed, key=repr)]
    record: dict[str, Json] = {"reviewed": paths, "fields": list(review.fields)}
    return record | ({"drafted_by": list(review.drafted_by)} if review.drafted_by else {})


def document_digest(document: Document) -> Json:
    """Return a document's digest, with that of its text where that is not the file as it is.

    Another version of a format's reader, or another setting, may read another text.
    """
    text = hashlib.sha256(document.text.encode(errors="surrogatepass")).hexdigest()
    if text == document.sha256:
        return text
    return [document.sha256, text, list(document.image_pages)]


def truth_digest(
    case_id: str, truth: Json, own: Rules = NO_RULES, review: TruthReview | None = None
) -> int:
    """Return the sha256 of an id, its truth, the case's own rules and review, as a number.

    The truth's formatting does not matter. These digests add: see `truths_digest`.

    >>> truth_digest("a", {"x": 1, "y": 2}) == truth_digest("a", {"y": 2.0, "x": 1})
    True
    """
    value: list[Json] = [case_id, truth, *([rules_as_json(own)] if own else [])]
    value += [["review", review_as_json(review)]] if review is not None else []
    text = canonical(value).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(text).digest())


def truths_digest(
    total: int, cases: int, schema: Json, comparators: Iterable[tuple[str, str]]
) -> str:
    """Return the sha256 of truths, given the sum of their digests, and of what judges them.

    The order of the truths does not matter, and nobody has to hold all of them.
    """
    content: dict[str, Json] = {
        "truths": f"{total % _DIGESTS:064x}",
        "cases": cases,
        "schema": schema,
        "comparators": dict(comparators),
    }
    return hashlib.sha256(canonical(content).encode()).hexdigest()


_DIGESTS: Final = 2**256
_ENCODER: Final = json.JSONEncoder(
    sort_keys=True,
    separators=(",", ":"),
    ensure_ascii=False,
    allow_nan=False,
    check_circular=False,  # JSON holds no circle, and looking takes time
)
_WHOLE: Final = re.compile(r"\.0(?=[,}\]]|$)")
"""End of a whole float, or what looks like it in a text."""
_SHORT: Final = 15
"""Digits of a whole float that is sure to be exact."""


def _without_whole_floats(text: str) -> str | None:
    """Return JSON with whole floats as integers, as `canonical` writes it; None if unsure."""
    if _WHOLE.search(text) is None:
        return text
    if "\\" in text:  # quotes in texts: nobody can tell where a text ends
        return None
    pieces, end, last, is_text = [], 0, 0, False
    for match in _WHOLE.finditer(text):
        at = match.start()
        is_text ^= text.count('"', last, at) % 2 == 1
        last = at
        if is_text:
            continue
        if text[at - _SHORT - 1 : at].isdigit() or text[at - 2 : at] == "-0":
            return None
        pieces.append(text[end:at])
        end = match.end()
    return "".join((*pieces, text[end:]))


def canonical(value: Json) -> str:
    """Write canonical JSON: keys in order, no white space, whole numbers as integers.

    >>> canonical({"b": 2.0, "a": [1.5, None]})
    '{"a":[1.5,null],"b":2}'
    """
    text = _without_whole_floats(_ENCODER.encode(value))
    return _ENCODER.encode(_whole(value)) if text is None else text


def _whole(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    if isinstance(value, dict):
        return {k: _whole(v) for k, v in value.items()}
    return [_whole(v) for v in value] if isinstance(value, list) else value
