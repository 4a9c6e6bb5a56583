"""Gap to the target: what it needs, what the clusters hold, what cannot be done without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.core.number_text import gained, goal, percent
from harness.improve.feedback.bundle import Bundle, ErrorReport


def arithmetic(bundle: Bundle) -> Iterator[str]:
    """Yield what is needed, what the clusters hold, and what cannot be done without."""
    standing, reports = bundle.standing, bundle.error_reports
    macro, target = standing.macro_f1, standing.target_f1
    if macro is None or not reports:
        yield "There is nothing wrong in these documents." if macro is not None else "No answers."
        return
    if target is not None and macro >= target:
        yield f"The target of {goal(target)} is reached."
    elif target is not None:
        yield from _needed(reports, macro, target)
        if standing.most is not None and standing.most < target - 1e-12:
            yield (
                f"Without those whose truths are in doubt, {percent(standing.most)} is the most "
                f"that can be reached: {goal(target)} is out of reach for any edit. "
                "Look at the truths."
            )
    if len(reports) > 1:
        yield (
            f"{_upto(len(reports)).capitalize()} together hold {gained(reports[-1].together)}. "
            "Gains of clusters do not add up: these were counted together."
        )


def _needed(reports: Sequence[ErrorReport], macro: float, target: float) -> Iterator[str]:
    need = target - macro
    enough = next((each.rank for each in reports if each.together >= need - 1e-12), None)
    if enough is None:
        yield (
            f"{goal(target)} needs {gained(need)}; the clusters shown hold "
            f"{gained(reports[-1].together)}: it also takes clusters that are not shown."
        )
    else:
        which = "cluster 1 holds" if enough == 1 else f"{_upto(enough)} together hold"
        together = gained(reports[enough - 1].together)
        yield f"{goal(target)} needs {gained(need)}; {which} {together}."
    for each in reports:
        if each.without is not None and each.without < target - 1e-12:
            yield (
                f"Without cluster {each.rank}, {percent(each.without)} is the most that can be "
                f"reached: {goal(target)} is impossible."
            )


def _upto(number: int) -> str:
    return "clusters 1 and 2" if number == 2 else f"clusters 1 to {number}"  # noqa: PLR2004  # a pair
