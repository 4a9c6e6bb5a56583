"""Which of several runs to choose, in sentences: quality against what an answer takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from harness.core import number_text
from harness.core.statistics.paired_tests import ALPHA
from harness.run.comparison.standings import Contender, Duel, Expense, Standings

_LEAST: Final[Mapping[Expense, str]] = MappingProxyType(
    {"usd": "cheapest", "seconds": "fastest", "tokens": "thriftiest"}
)
_NAMED: Final = 3
"""Runs that a sentence names; the others are counted."""


def _tokens(number: float) -> str:
    return number_text.counted(round(number), "token")


AMOUNTS: Final[Mapping[Expense, Callable[[float], str]]] = MappingProxyType(
    {"usd": number_text.money, "seconds": number_text.seconds, "tokens": _tokens}
)
"""How what an answer takes is written."""


def choice(found: Standings) -> tuple[str, ...]:
    """Return which run to choose and why, the first sentence being the answer."""
    if not found.cases or all(one.macro is None for one in found.contenders):
        return ("No case was scored in all of these runs: they cannot be set side by side.",)
    return tuple(_choice(found))


def _choice(found: Standings) -> Iterator[str]:
    places = [p for p, one in enumerate(found.contenders) if one.macro is not None]
    best = min(places, key=lambda p: (-_macro(found, p), _cost(found, p), p))
    by, target = found.measured(), found.target
    reaching = [p for p in places if target is not None and _macro(found, p) >= target]
    chosen = best
    if by is None:
        yield _best(found, best, target)
        yield from _not_told_apart(found, best, places)
        yield _unmeasured(found)
    elif target is not None and reaching:
        chosen = min(reaching, key=lambda p: (_cost(found, p), -_macro(found, p), p))
        who = _described(found, chosen, by)
        yield f"The {_LEAST[by]} that reaches {number_text.goal(target)} is {who}."
        yield from _may_miss(found.contenders[chosen], target)
    else:
        yield _best(found, best, target)
        alike = [p for p in places if p == best or not found.duel(p, best).is_sure]
        chosen = min(alike, key=lambda p: (_cost(found, p), -_macro(found, p), p))
        if chosen == best:
            yield f"It is the {_LEAST[by]} of those that chance does not tell from the best."
        else:
            who = _described(found, chosen, by)
            less = _times(found, by, chosen, best)
            yield (
                f"The {_LEAST[by]} that is not more than noise worse is {who}, at {less} of what "
                "the best takes."
            )
    yield from _better(found, chosen, by)
    yield from _leniently(found, chosen)
    yield from _tests(found, chosen, best)


def _macro(found: Standings, place: int) -> float:
    return found.contenders[place].macro or 0.0


def _cost(found: Standings, place: int) -> float:
    by = found.measured()
    return (found.contenders[place].expense(by) or 0.0) if by else 0.0


def _described(found: Standings, place: int, by: Expense) -> str:
    one = found.contenders[place]
    amount = AMOUNTS[by](one.expense(by) or 0.0)
    return f"{one.name} (macro F1 {_score(one)}, {amount} an answer)"


def _score(one: Contender) -> str:
    sure = f", interval {number_text.interval(one.interval)}" if one.interval else ""
    return f"{number_text.percent(one.macro)}{sure}"


def _best(found: Standings, best: int, target: float | None) -> str:
    one = found.contenders[best]
    if target is None or (one.macro or 0.0) >= target:
        return f"The best is {one.name} (macro F1 {_score(one)})."
    short = number_text.points(target - (one.macro or 0.0))
    return (
        f"None reaches {number_text.goal(target)}: the best is {one.name} "
        f"(macro F1 {_score(one)}), {short} points short."
    )


def _not_told_apart(found: Standings, best: int, places: Sequence[int]) -> Iterator[str]:
    """Yield the runs that may be as good as the best for all that so many documents tell."""
    others = [p for p in places if p != best and not found.duel(p, best).is_sure]
    if others:
        names = [found.contenders[p].name for p in others]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        yield f"Chance does not tell it from {', '.join(names[:_NAMED])}{more}."


def _unmeasured(found: Standings) -> str:
    unknown = [one.name for one in found.contenders if one.usd is None]
    shown = ", ".join(unknown[:_NAMED])
    more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
    return (
        f"What an answer costs is not known of {shown}{more}, nor how long one takes of all: "
        "none can be called cheapest."
    )


def _may_miss(one: Contender, target: float) -> Iterator[str]:
    if one.interval is not None and one.interval.low < target:
        low = number_text.percent(one.interval.low)
        yield f"On other documents like these it may miss it: its interval begins at {low}."


def _times(found: Standings, by: Expense, part: int, whole: int) -> str:
    one, other = (found.contenders[p].expense(by) or 0.0 for p in (part, whole))
    return number_text.percent(one / other) if other else "the same"


def _better(found: Standings, chosen: int, by: Expense | None) -> Iterator[str]:
    """Yield what scores higher than the run that is chosen, and whether that is more than noise."""
    above = [
        p
        for p, one in enumerate(found.contenders)
        if one.macro and one.macro > _macro(found, chosen)
    ]
    above.sort(key=lambda p: -_macro(found, p))
    sure = [p for p in above if found.duel(chosen, p).is_sure]
    if not above:
        return
    if not sure:
        yield "Nothing better is more than noise better."
        return
    said = [_ahead(found, chosen, p, by) for p in sure[:_NAMED]]
    more = f"; so are {len(sure) - _NAMED} more" if len(sure) > _NAMED else ""
    yield f"Better beyond chance: {'; '.join(said)}{more}."


def _ahead(found: Standings, chosen: int, place: int, by: Expense | None) -> str:
    duel = found.duel(chosen, place)
    name = found.contenders[place].name
    said = f"{name} by {number_text.points(duel.delta)} points ({_p(duel)})"
    if by is None or not _cost(found, chosen):
        return said
    return f"{said}, at {_cost(found, place) / _cost(found, chosen):.1f} times the {_PRICE[by]}"


_PRICE: Final[Mapping[Expense, str]] = MappingProxyType(
    {"usd": "cost", "seconds": "time", "tokens": "tokens"}
)


def _leniently(found: Standings, chosen: int) -> Iterator[str]:
    """Yield who leads once format errors with the right value count, where it is another."""
    known = [one for one in found.contenders if one.lenient is not None]
    leader = max(known, key=lambda one: one.lenient or 0.0)
    mine = found.contenders[chosen]
    if mine.lenient is not None and (leader.lenient or 0.0) > mine.lenient:
        first, second = number_text.percent(leader.lenient), number_text.percent(mine.lenient)
        yield (
            f"Read leniently (values that are right and written otherwise count) {leader.name} "
            f"leads with {first}, {mine.name} has {second}."
        )


def _p(duel: Duel) -> str:
    return f"p {number_text.p_value(duel.p_adjusted)}"


def _tests(found: Standings, chosen: int, best: int) -> Iterator[str]:
    """Yield what so many documents can tell: what is not told apart need not be equal."""
    number = len(found.duels)
    if not number:
        return
    cases = number_text.counted(found.cases, "case")
    pairs = number_text.counted(number, "pair")
    tested = f"all {pairs} were" if number > 1 else "the pair was"
    said = f"On {cases} {tested} tested at {number_text.goal(ALPHA)}"
    said += ", corrected for their number (Holm)" if number > 1 else ""
    others = [p for p in range(len(found.contenders)) if p != chosen]
    other = best if best != chosen else max(others, key=lambda p: _macro(found, p))
    smallest = found.duel(chosen, other).smallest
    if smallest is None:
        yield f"{said}: nothing can be told from chance."
        return
    names = found.contenders[chosen].name, found.contenders[other].name
    yield (
        f"{said}; between {names[0]} and {names[1]} a true difference of "
        f"{number_text.points(min(smallest, 1.0))} points is found four times in five"
        f"{', before that correction' if number > 1 else ''}."
    )
