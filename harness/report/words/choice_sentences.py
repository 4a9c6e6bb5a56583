"""Choice between several runs, in sentences: quality against what an answer takes."""

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


def choice(standings: Standings) -> tuple[str, ...]:
    """Return which run to choose and why, the first sentence being the answer."""
    if not standings.cases or all(one.macro is None for one in standings.contenders):
        return ("No case was scored in all of these runs: they cannot be set side by side.",)
    return tuple(_choice(standings))


def _choice(standings: Standings) -> Iterator[str]:
    places = [p for p, one in enumerate(standings.contenders) if one.macro is not None]
    best = min(places, key=lambda p: (-_macro(standings, p), _cost(standings, p), p))
    by, target = standings.measured(), standings.target
    reaching = [p for p in places if target is not None and _macro(standings, p) >= target]
    chosen = best
    if by is None:
        yield _best(standings, best, target)
        yield from _not_told_apart(standings, best, places)
    elif target is not None and reaching:
        chosen = min(reaching, key=lambda p: (_cost(standings, p), -_macro(standings, p), p))
        who = _described(standings, chosen, by)
        yield f"The {_LEAST[by]} that reaches {number_text.goal(target)} is {who}."
        yield from _may_miss(standings.contenders[chosen], target)
    else:
        yield _best(standings, best, target)
        alike = [p for p in places if p == best or not standings.duel(p, best).is_sure]
        chosen = min(alike, key=lambda p: (_cost(standings, p), -_macro(standings, p), p))
        if chosen == best:
            yield f"It is also the {_LEAST[by]} of those that may be as good."
        else:
            who = _described(standings, chosen, by)
            less = _times(standings, by, chosen, best)
            yield (
                f"The {_LEAST[by]} that may be as good is {who}, at {less} of what the best takes."
            )
    yield from _better(standings, chosen, by)
    yield from _leniently(standings, chosen)
    if by is None:
        yield _unmeasured(standings)
    yield from _tests(standings, chosen, best)


def _macro(standings: Standings, place: int) -> float:
    return standings.contenders[place].macro or 0.0


def _cost(standings: Standings, place: int) -> float:
    by = standings.measured()
    return (standings.contenders[place].expense(by) or 0.0) if by else 0.0


def _described(standings: Standings, place: int, by: Expense) -> str:
    one = standings.contenders[place]
    amount = AMOUNTS[by](one.expense(by) or 0.0)
    return f"{one.name} (macro F1 {_score(one)}, {amount} an answer)"


def _score(one: Contender) -> str:
    sure = f", interval {number_text.interval(one.interval)}" if one.interval else ""
    return f"{number_text.percent(one.macro)}{sure}"


def _best(standings: Standings, best: int, target: float | None) -> str:
    one = standings.contenders[best]
    if target is None:
        return f"The best is {one.name} (macro F1 {_score(one)})."
    if (one.macro or 0.0) >= target:
        number = sum((each.macro or 0.0) >= target for each in standings.contenders)
        reach = "reaches" if number == 1 else "reach"
        of = f"{number_text.count(number)} of {number_text.count(len(standings.contenders))}"
        goal = number_text.goal(target)
        return f"{of} {reach} {goal}: the best is {one.name} (macro F1 {_score(one)})."
    short = number_text.points(target - (one.macro or 0.0))
    return (
        f"None reaches {number_text.goal(target)}: the best is {one.name} "
        f"(macro F1 {_score(one)}), {short} points short."
    )


def _not_told_apart(standings: Standings, best: int, places: Sequence[int]) -> Iterator[str]:
    """Yield the runs that may be as good as the best for all that so many documents tell."""
    others = [p for p in places if p != best and not standings.duel(p, best).is_sure]
    if others:
        names = [standings.contenders[p].name for p in others]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        yield f"Its lead over {', '.join(names[:_NAMED])}{more} may be chance."


def _unmeasured(standings: Standings) -> str:
    unknown = [one.name for one in standings.contenders if one.usd is None]
    if len(unknown) == len(standings.contenders):
        return "What answers cost and how long they took is not known: none can be called cheapest."
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


def _times(standings: Standings, by: Expense, part: int, whole: int) -> str:
    one, other = (standings.contenders[p].expense(by) or 0.0 for p in (part, whole))
    return number_text.percent(one / other) if other else "the same"


def _better(standings: Standings, chosen: int, by: Expense | None) -> Iterator[str]:
    """Yield what scores higher than the run that is chosen, and whether that is more than noise."""
    above = [
        p
        for p, one in enumerate(standings.contenders)
        if one.macro and one.macro > _macro(standings, chosen)
    ]
    above.sort(key=lambda p: -_macro(standings, p))
    sure = [p for p in above if standings.duel(chosen, p).is_sure]
    if not above:
        return
    if not sure:
        yield "Where another run scores higher, that may be chance."
        return
    leads = [_ahead(standings, chosen, p, by) for p in sure[:_NAMED]]
    more = f"; so are {len(sure) - _NAMED} more" if len(sure) > _NAMED else ""
    yield f"Better beyond chance: {'; '.join(leads)}{more}."


def _ahead(standings: Standings, chosen: int, place: int, by: Expense | None) -> str:
    duel = standings.duel(chosen, place)
    name = standings.contenders[place].name
    sentence = f"{name} by {number_text.points(duel.delta)} points ({_p(duel)})"
    if by is None or not _cost(standings, chosen):
        return sentence
    times = _cost(standings, place) / _cost(standings, chosen)
    return f"{sentence}, at {times:.1f} times the {_PRICE[by]}"


_PRICE: Final[Mapping[Expense, str]] = MappingProxyType(
    {"usd": "cost", "seconds": "time", "tokens": "tokens"}
)


def _leniently(standings: Standings, chosen: int) -> Iterator[str]:
    """Yield who leads once format errors with the right value count, where strictly it does not."""
    known = [one for one in standings.contenders if one.lenient is not None]
    leader = max(known, key=lambda one: one.lenient or 0.0)
    mine = standings.contenders[chosen]
    leads_anyway = (leader.macro or 0.0) == max(one.macro or 0.0 for one in standings.contenders)
    if leads_anyway or mine.lenient is None:
        return
    if (leader.lenient or 0.0) > mine.lenient:
        first, second = number_text.percent(leader.lenient), number_text.percent(mine.lenient)
        yield (
            f"Read leniently (values that are right and written otherwise count) {leader.name} "
            f"leads with {first}, {mine.name} has {second}."
        )


def _p(duel: Duel) -> str:
    return f"p {number_text.p_value(duel.p_adjusted)}"


def _tests(standings: Standings, chosen: int, best: int) -> Iterator[str]:
    """Yield what so many documents can tell: what is not told apart need not be equal."""
    number = len(standings.duels)
    if not number:
        return
    cases = number_text.counted(standings.cases, "case")
    pairs = number_text.counted(number, "pair")
    tested = f"all {pairs} were" if number > 1 else "the pair was"
    sentence = f"On {cases} {tested} tested at {number_text.goal(ALPHA)}"
    sentence += ", corrected for their number" if number > 1 else ""
    others = [p for p in range(len(standings.contenders)) if p != chosen]
    other = best if best != chosen else max(others, key=lambda p: _macro(standings, p))
    smallest = standings.duel(chosen, other).smallest
    if smallest is None:
        yield f"{sentence}: so few cannot show that a difference is more than chance."
        return
    names = standings.contenders[chosen].name, standings.contenders[other].name
    yield (
        f"{sentence}; between {names[0]} and {names[1]} a true difference of "
        f"{number_text.points(min(smallest, 1.0))} points is found four times in five"
        f"{', before that correction' if number > 1 else ''}."
    )
