"""How many of several answers to one question agree on each field, as the scorer judges it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harness.core.outcomes import Outcome
from harness.core.plan import Plan
from harness.core.values import Json

Shares = tuple[tuple[str, float], ...]
"""Field paths as they are shown, and the share of the answers that agree there."""


def vote_shares(answers: Sequence[Json], plan: Plan) -> tuple[Shares, ...]:
    """Return, for each answer, the share of all answers that say what it says, by field.

    Two answers agree on a field where the plan, given one as the truth, finds the other correct:
    spelling, order and ids count for no more here than in a score. A field that an answer leaves
    open has a share, too, where others state it and it is in no list: that of the answers that
    leave it open as well. Every answer votes for itself, so a share is at least 1/n.

    >>> for shares in vote_shares([{"n": 1, "d": "x"}, {"n": 1.0}, {"n": 2}], Plan()):
    ...     print(shares)
    (('n', 0.666667), ('d', 0.333333))
    (('n', 0.666667), ('d', 0.666667))
    (('n', 0.333333), ('d', 0.666667))
    """
    return tuple(_shares(answer, answers, plan) for answer in answers)


def _shares(answer: Json, answers: Sequence[Json], plan: Plan) -> Shares:
    stated: Counter[str] = Counter()
    against: Counter[str] = Counter()
    for other in answers:
        for diff in plan.score(answer, other).diffs:
            if diff.outcome is Outcome.HALLUCINATION:
                if "[" not in diff.path:
                    against[diff.path] += 1
            else:
                stated[diff.path] += diff.outcome is Outcome.CORRECT
    count = len(answers)
    agreed = {path: votes for path, votes in stated.items() if votes}
    left_open = {path: count - votes for path, votes in against.items() if path not in agreed}
    return tuple((path, round(votes / count, 6)) for path, votes in (agreed | left_open).items())
