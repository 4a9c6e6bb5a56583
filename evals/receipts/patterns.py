# ruff: noqa: INP001  # a suite's folder is no package
"""What a page of patterns reads out of a receipt: an extractor that needs no model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.core.records import Case

_DATE = re.compile(
    r"\d{4}[-/]\d\d[-/]\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
    r"|\d{1,2}\S* \w{3,9} \d{4}|\w{3,9} \d\d?, \d{4}"
)
_AMOUNT = re.compile(r"-?[£$]?\d[\d.,]*[.,]\d\d(?!\d)")
_CODES = {"£": "GBP", "$": "USD", "€": "EUR", "CHF": "CHF", "kr": "DKK", "EUR": "EUR", "zł": "PLN"}
_PAYMENTS = {"cash": "cash", "bar ": "cash", "card": "card", "Visa": "card", "transfer": "transfer"}


def extract(case: Case) -> dict[str, object]:
    """Return one answer, dates as they are written."""
    text = case.documents[0].text
    dates = _DATE.findall(text)
    amounts = [_number(found) for found in _AMOUNT.findall(text)]
    reference = re.search(r"(?:No\.|number:?|Receipt|Ticket|Folio|Ref\.) (\S*\d\S*)", text)
    return {
        "vendor": next((line.strip() for line in text.splitlines() if line.strip()), None),
        "issued": dates[0] if dates else None,
        "due": dates[1] if len(dates) > 1 else None,
        "reference": reference[1] if reference else None,
        "total": max(amounts, default=None),
        "currency": _first(text, _CODES),
        "payment": _first(text, _PAYMENTS),
    }


def _number(text: str) -> float:
    digits = re.sub(r"[^\d-]", "", text)
    return int(digits) / 100


def _first(text: str, names: dict[str, str]) -> str | None:
    return next((name for sign, name in names.items() if sign in text), None)
