"""Near misses in lists of texts: an unpaired text that another one on the other side almost is."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from typing import Final

from harness.core.fields.verdict_ledger import Verdict
from harness.core.outcomes import HALLUCINATION, OMISSION
from harness.core.reading.text import fold, identifier, similarity
from harness.core.values import Steps

_LEGAL_FORMS: Final = frozenset(
    (
        *("co", "company", "corp", "corporation", "inc", "incorporated", "llc", "llp", "lp"),
        *("limited", "ltd", "plc", "pty", "ab", "ag", "as", "asa", "bv", "gmbh", "kg", "nv"),
        *("oy", "oyj", "sa", "sarl", "se", "spa", "srl"),
    )
)


_ITEMS: Final = ("[]", "{}", ".$key")
"""How the names of fields end whose values are texts of a list, or entries of a map."""


def near_misses(
    wrong: Iterable[tuple[int, Verdict]], alone: Container[int] = ()
) -> Iterator[tuple[int, int]]:
    """Yield the omission and the hallucination of every two texts of one list that look alike.

    Values and keys of a map whose entries are paired as items of a list are texts of a list.

    Alike are texts that differ in separators, spaces, letter case, accents and legal form only.
    Each text is in one pair, the first that fits; the time taken grows with the texts. Equal texts
    stand in another order only, where order matters. `alone` are verdicts inside of an item that
    has no counterpart: their lists have none either, whatever stands at the same index.
    """
    texts: dict[int, str] = {}
    lost: dict[tuple[int, Steps, Steps, str], list[int]] = defaultdict(list)
    stray: dict[tuple[int, Steps, Steps, str], list[int]] = defaultdict(list)
    for index, (code, leaf, at_expected, at_predicted, expected, predicted) in wrong:
        if code not in (OMISSION, HALLUCINATION) or index in alone:
            continue
        steps = leaf.path.steps
        text = expected if code == OMISSION else predicted
        if not isinstance(text, str) or not steps or not leaf.path.name.endswith(_ITEMS):
            continue
        looks = bare_name(text)
        if looks:
            texts[index] = text
            side = lost if code == OMISSION else stray
            side[id(leaf), at_expected[:-1], at_predicted[:-1], looks].append(index)
    for key, indexes in lost.items():
        pairs = zip(indexes, stray.get(key, ()), strict=False)
        yield from ((one, other) for one, other in pairs if texts[one] != texts[other])


def accepting_rule(expected: str, predicted: str) -> str:
    """Return the setting of a rule that takes two texts for the same; "" if none should.

    `compare: identifier` where separators, spaces and case are all that differ; a `threshold` where
    the texts are that much alike.

    >>> accepting_rule("NIKE, Inc.", "Nike Inc"), accepting_rule("Nike", "NIKE, Inc.")
    ('compare: identifier', '')
    >>> accepting_rule("Caf\u00e9 Zanzibar", "Cafe Zanzibar")
    'threshold: 0.9'
    """
    one, other = identifier(expected), identifier(predicted)
    if one and one == other:
        return "compare: identifier"
    alike = similarity(fold(expected), fold(predicted)) >= _ALIKE
    return f"threshold: {_ALIKE}" if alike else ""


_ALIKE: Final = 0.9
"""Similarity from which two names are hardly two."""


def bare_name(text: str) -> str:
    """Return a text without separators, spaces, case, accents and legal form; "" if it is none.

    >>> bare_name("NIKE, Inc."), bare_name("Nike"), bare_name("Caf\u00e9 S.A."), bare_name("Co.")
    ('nike', 'nike', 'cafe', 'co')
    >>> bare_name("-5"), bare_name("1.5"), bare_name("--")
    ('-5', '1.5', '')
    """
    apart = unicodedata.normalize("NFD", fold(text))
    plain = "".join(c for c in apart if not _is_latin_accent(c))
    words = plain.replace(",", " ").split() if any(map(str.isalpha, plain)) else [plain]
    while len(words) > 1 and words[-1].replace(".", "") in _LEGAL_FORMS:
        words.pop()
    bare = identifier(" ".join(words))
    return bare if any(map(str.isalnum, bare)) else ""


def _is_latin_accent(character: str) -> bool:
    """Tell an accent of Latin and Greek letters; vowel signs of other scripts are letters."""
    return "\u0300" <= character <= "\u036f"
