"""Near misses in lists of texts: an unpaired text that another one on the other side almost is."""

from __future__ import annotations

import re
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
        *(
            "\u043e\u043e\u043e",
            "\u043e\u0430\u043e",
            "\u0437\u0430\u043e",
            "\u043f\u0430\u043e",
            "\u0430\u043e",
            "\u0442\u043e\u0432",
        ),
        *('\u05d1\u05e2"\u05de', "\u05d1\u05e2\u05de"),
    )
)
_EAST_ASIAN_FORMS: Final = re.compile(
    r"\u682a\u5f0f\u4f1a\u793e|\u6709\u9650\u4f1a\u793e|\u5408\u540c\u4f1a\u793e|\(\u682a\)|\u3231|\uc8fc\uc2dd\ud68c\uc0ac|\(\uc8fc\)"
    r"|(?:\u80a1\u4efd)?\u6709\u9650(?:\u8d23\u4efb)?\u516c\u53f8|(?:\u80a1\u4efd)?\u6709\u9650\u516c\u53f8"
)
"""Legal forms of Japanese, Korean and Chinese companies, before or behind the name."""
_PLAIN_LETTERS: Final = str.maketrans(
    dict.fromkeys("\u0623\u0625\u0622\u0671", "\u0627")
    | {"\u0649": "\u064a", "\u06cc": "\u064a", "\u0629": "\u0647", "\u06a9": "\u0643", "\u0640": ""}
    | {"\u0142": "l", "\u00f8": "o", "\u0111": "d", "\u0131": "i", "\u00e6": "ae", "\u0153": "oe"}
)
"""Letters with a stroke, and those that Arabic texts write in several ways."""


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
    >>> bare_name("\u682a\u5f0f\u4f1a\u793e\u30c8\u30e8\u30bf") == bare_name("\u30c8\u30e8\u30bf")
    True
    >>> bare_name("-5"), bare_name("1.5"), bare_name("--")
    ('-5', '1.5', '')
    """
    apart = unicodedata.normalize("NFD", fold(text).translate(_PLAIN_LETTERS))
    plain = "".join(c for c in apart if not _is_accent(c))
    plain = _EAST_ASIAN_FORMS.sub("", unicodedata.normalize("NFC", plain)) or plain
    words = plain.replace(",", " ").split() if any(map(str.isalpha, plain)) else [plain]
    while len(words) > 1 and words[-1].replace(".", "") in _LEGAL_FORMS:
        words.pop()
    while len(words) > 1 and words[0] in _LEGAL_FORMS and not words[0].isascii():
        words.pop(0)
    bare = identifier(" ".join(words))
    return bare if any(map(str.isalnum, bare)) else ""


def _is_accent(character: str) -> bool:
    """Tell an accent of Latin and Greek letters, or a vowel sign of Hebrew or Arabic.

    These may be left out; vowel signs of other scripts are letters.
    """
    marks = ("\u0300", "\u036f"), ("\u0591", "\u05c7"), ("\u064b", "\u0652")
    return any(first <= character <= last for first, last in marks)
