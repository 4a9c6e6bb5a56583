"""Cost of answers: tokens, money, time."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, fsum
from typing import Final

from harness.core.records import Answer, Usage
from harness.core.values import Json, show_key
from harness.run.results.score_cases import ScoredCase
from harness.run.stored.stored_costs import AllocatedCost, FieldCost, FieldCosts
from harness.run.stored.stored_results import LatencyRecord, UsageRecord, UsageTotals
from harness.run.stored.stored_run import PriceRecord


def usage_record(usage: Usage) -> UsageRecord:
    """Return the tokens and dollars of answers as they are stored."""
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cached_tokens": usage.cached_tokens,
        "usd": usage.usd,
    }


def usage_totals(scored: Iterable[ScoredCase]) -> UsageTotals:
    """Return what all answers took; None where no answer says.

    `counted` and `priced` tell how many answers do say tokens and money, of `answers` in all;
    `forms` counts answers by what the endpoint was told to enforce; it is left out where no
    endpoint was asked. `paid_usd` leaves out those paid for earlier: from the cache, or recorded.
    """
    scored = tuple(scored)
    met = [(each.output.usage, each.prediction) for each in scored if each.prediction is not None]
    usages = [usage for usage, _ in met if usage is not None]
    fresh = [usage for usage, heard in met if usage is not None and not heard.cached]
    inputs = [usage.input_tokens for usage in usages if usage.input_tokens is not None]
    outputs = [usage.output_tokens for usage in usages if usage.output_tokens is not None]
    forms = Counter(each.output.form or "" for each in scored if isinstance(each.output, Answer))
    forms_used = {form: count for form, count in sorted(forms.items()) if form}
    before = [usage.cached_tokens for usage in usages if usage.cached_tokens is not None]
    totals: UsageTotals = {
        "input_tokens": sum(inputs) if inputs else None,
        "output_tokens": sum(outputs) if outputs else None,
        "cached_tokens": sum(before) if before else None,
        "usd": _dollars(usages),
        "paid_usd": _dollars(fresh),
        "answers": len(met),
        "counted": len(inputs),
        "priced": sum(usage.usd is not None for usage in usages),
        "cached": sum(heard.cached for _, heard in met),
        "calls": sum(heard.calls for _, heard in met),
    }
    if forms_used:
        totals["forms"] = forms_used
    return totals


def _dollars(usages: Iterable[Usage]) -> float | None:
    known = [usage.usd for usage in usages if usage.usd is not None]
    return fsum(known) if known else None


def latency(scored: Iterable[ScoredCase]) -> LatencyRecord:
    """Return how long answers took that somebody gave now: half of them, and 95 of 100, at most."""
    seconds = sorted(
        each.prediction.seconds
        for each in scored
        if each.result is not None and each.prediction is not None and not each.prediction.cached
    )
    return {"p50": _at(seconds, 0.5), "p95": _at(seconds, 0.95)}


def _at(ordered: Sequence[float], share: float) -> float | None:
    """Return the least value that so large a share does not exceed (the nearest rank)."""
    return ordered[max(ceil(share * len(ordered)), 1) - 1] if ordered else None


ALLOCATION: Final = "output by characters, input in equal parts"
"""Cost allocation: what a field writes is its direct cost, what is read is a joint cost."""
_ROOT: Final = "$"


@dataclass(slots=True)
class _Share:
    """Share of one field in answers, and cost allocated to it."""

    characters: int = 0
    values: int = 0
    answers: int = 0
    input_tokens: float = 0.0
    output_tokens: float = 0.0
    usd: float = 0.0

    def take(
        self, other: _Share, usage: Usage, dollars: tuple[float, float], parts: _Parts
    ) -> None:
        """Add what a field takes of one answer."""
        read, written = 1 / parts.fields, other.characters / parts.characters
        self.values += other.values
        self.answers += 1
        self.input_tokens += (usage.input_tokens or 0) * read
        self.output_tokens += (usage.output_tokens or 0) * written
        self.usd += dollars[0] * read + dollars[1] * written

    def cost(self, *, is_priced: bool) -> AllocatedCost:
        """Return it as it is stored."""
        return {
            "input_tokens": round(self.input_tokens, 6),
            "output_tokens": round(self.output_tokens, 6),
            "usd": round(self.usd, 12) if is_priced else None,
        }


@dataclass(frozen=True, slots=True)
class _Parts:
    """Weights that an answer's tokens are divided by."""

    fields: int
    characters: int


def field_costs(scored: Iterable[ScoredCase], price: PriceRecord | None) -> FieldCosts | None:
    """Return what answers took by field; None where no answer tells its tokens.

    An answer's output tokens are allocated to its fields by the characters of their names and
    values as JSON, brackets and reasoning in the same proportion; its input tokens in equal parts
    to the fields that it has. Fields, and `rest` of answers without any, add up to the totals.
    Dollars of an answer are divided by the price of both kinds of tokens; without it they are not.
    """
    fields: dict[str, _Share] = {}
    items: Counter[str] = Counter()
    rest, counted, priced = _Share(), 0, 0
    for each in scored:
        reply = each.prediction.output if each.prediction is not None else None
        usage = reply.usage if reply is not None else None
        if usage is None or usage.input_tokens is None or usage.output_tokens is None:
            continue
        dollars = _dollars_of_both(usage, price)
        counted, priced = counted + 1, priced + (dollars is not None)
        shares: dict[str, _Share] = {}
        if isinstance(reply, Answer):
            shares = _sizes(reply.value, _maps(each), items)
        parts = _Parts(len(shares), sum(share.characters for share in shares.values()))
        for name, share in shares.items():
            fields.setdefault(name, _Share()).take(share, usage, dollars or (0.0, 0.0), parts)
        if not shares:
            rest.take(_Share(1), usage, dollars or (0.0, 0.0), _Parts(1, 1))
    if not counted:
        return None
    is_priced = priced > 0
    return {
        "allocation": ALLOCATION,
        "answers": counted,
        "priced": priced,
        "fields": [_field_cost(n, s, is_priced=is_priced) for n, s in sorted(fields.items())],
        "lists": [
            _list_cost(name, many, fields, is_priced=is_priced)
            for name, many in sorted(items.items())
        ],
        "rest": rest.cost(is_priced=is_priced),
    }


def _field_cost(name: str, share: _Share, *, is_priced: bool) -> FieldCost:
    cost = share.cost(is_priced=is_priced)
    return {"field": name, "answers": share.answers, "values": share.values, **cost}


def _list_cost(
    name: str, items: int, fields: Mapping[str, _Share], *, is_priced: bool
) -> FieldCost:
    """Return what all items of a list took, whose fields are those below it."""
    below = [share for field, share in fields.items() if field.startswith(name)]
    whole = _Share(
        values=items,
        answers=max((share.answers for share in below), default=0),
        input_tokens=fsum(share.input_tokens for share in below),
        output_tokens=fsum(share.output_tokens for share in below),
        usd=fsum(share.usd for share in below),
    )
    return _field_cost(name, whole, is_priced=is_priced)


def _maps(each: ScoredCase) -> frozenset[str]:
    """Return the objects whose keys are free, by what the schema says of the case's fields."""
    verdicts = each.result.ledger.verdicts if each.result is not None else ()
    names = {verdict[1].path.name for verdict in verdicts}
    return frozenset(name[: at.start()] for name in names for at in _MAP.finditer(name))


_MAP: Final = re.compile(r"\{\}")


def _sizes(value: Json, maps: frozenset[str], items: Counter[str]) -> dict[str, _Share]:
    """Return the characters and the number of values of each field; list items are counted."""
    shares: dict[str, _Share] = {}
    left: list[tuple[str, Json, int]] = [("", value, 0)]
    while left:
        name, each, key = left.pop()
        if isinstance(each, dict) and each:
            is_map = name in maps
            for member, inner in each.items():
                shown = "{}" if is_map else show_key(member)
                path = f"{name}{shown}" if name or is_map else shown.removeprefix(".")
                left.append((path, inner, len(json.dumps(member, ensure_ascii=False)) + 1))
        elif isinstance(each, list) and each:
            items[f"{name}[]"] += len(each)
            left += [(f"{name}[]", inner, 0) for inner in each]
        else:
            share = shares.setdefault(name or _ROOT, _Share())
            share.characters += key + len(json.dumps(each, ensure_ascii=False))
            share.values += 1
    return shares


def _dollars_of_both(usage: Usage, price: PriceRecord | None) -> tuple[float, float] | None:
    """Return an answer's dollars for what was read and what was written; None where unknown."""
    if price is None or usage.usd is None:
        return None
    tokens_in, tokens_out = usage.input_tokens or 0, usage.output_tokens or 0
    cached = min(usage.cached_tokens or 0, tokens_in)
    read = (tokens_in - cached) * price["input"] + cached * price["cached"]
    written = tokens_out * price["output"]
    if not read + written:
        return usage.usd, 0.0
    part = usage.usd * read / (read + written)
    return part, usage.usd - part
