"""Paraphrases of documents: more examples for fields of which there are few (data augmentation).

A paraphrase is shown beside the document it is of, which leaves the score; nothing is ever scored
on a paraphrase. One that loses a number, or a value of the truth, is not shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, TypeAlias

from harness.cases.load import with_prompt
from harness.cases.prompts.prompt import prompt_of
from harness.cases.suite import Suite
from harness.core.records import Answer, Case, Document, Prediction
from harness.core.rules.field_rule import NO_RULES
from harness.core.values import Json, json_nodes

PARAPHRASE: Final = """\
You rewrite documents. Say the same in other words and, where the sense allows it, in another
order. Keep every name, number, date, amount and code exactly as it is written, and leave nothing
out. Return one JSON object: {"text": "the rewritten document"}

{{ document }}
"""
_SCHEMA: Final[dict[str, Json]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["text"],
    "properties": {"text": {"type": "string"}},
}
_NUMBER: Final = re.compile(r"\d+")
_LONGEST: Final = 3
"""Times the document's length that a paraphrase may have."""
AskOne: TypeAlias = Callable[[Suite, int], Prediction]
"""Asks an extractor about the only case of a suite; the number tells equal questions apart."""


@dataclass(frozen=True, slots=True)
class Paraphraser:
    """Asks an extractor to say documents in other words."""

    suite: Suite
    ask: AskOne

    def of(self, case: Case) -> str | None:
        """Return a case's document in other words; None where it has none, or lost something."""
        if len(case.documents) != 1 or not case.documents[0].text.strip():
            return None
        document = case.documents[0]
        source = Document("document.txt", sha256(document.text.encode()).hexdigest(), document.text)
        one = Case("document", (source,), None, _SCHEMA)
        suite = replace(self.suite, name="paraphrase", cases=(one,), rules=NO_RULES, target_f1=None)
        suite = with_prompt(suite, prompt_of("paraphrase", {"user.md": PARAPHRASE}))
        output = self.ask(suite, 1).output
        value = output.value if isinstance(output, Answer) else None
        text = value.get("text") if isinstance(value, dict) else None
        if not isinstance(text, str) or not keeps_all(document.text, text, case.truth):
            return None
        return text


def keeps_all(document: str, text: str, truth: Json) -> bool:
    """Tell whether a paraphrase says something else, and keeps every number and stated value.

    >>> keeps_all("Paid 12 euros to Ann.", "Ann was paid 12 euros.", {"to": "Ann", "paid": 12})
    True
    >>> keeps_all("Paid 12 euros to Ann.", "She was paid 12 euros.", {"to": "Ann", "paid": 12})
    False
    """
    if " ".join(text.split()) == " ".join(document.split()) or not text.strip():
        return False
    if len(text) > _LONGEST * len(document):
        return False
    lost = Counter(_NUMBER.findall(document)) - Counter(_NUMBER.findall(text))
    return not lost and all(
        part in text
        for _, part in json_nodes(truth)
        if isinstance(part, str) and part.strip() and part in document
    )
