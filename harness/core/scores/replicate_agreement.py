"""Agreement of replicates: how many answers to one question agree on each field."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from harness.core.differ.plan import Plan
from harness.core.outcomes import CORRECT, HALLUCINATION
from harness.core.values import Json

Shares = tuple[tuple[str, float], ...]
"""Field paths as they are shown, and the share of the answers that agree there."""


def vote_shares(answers: Sequence[Json], plan: Plan, silent: int = 0) -> tuple[Shares, ...]:
    """Return, for each answer, the share of all askings that say what it says, by field.

    Two answers agree on a field where the plan, given one as the truth, finds the other correct:
    spelling, order and ids count for no more here than in a score. A field that an answer leaves
    open has a share, too, where others state it and it is in no list: that of the answers that
    leave it open as well. Every answer votes for itself. `silent` askings ended in no answer and
    agree with nothing, neither with a value nor with leaving it open.

    >>> for shares in vote_shares([{"n": 1, "d": "x"}, {"n": 1.0}, {"n": 2}], Plan()):
    ...     print(shares)
    (('n', 0.666667), ('d', 0.333333))
    (('n', 0.666667), ('d', 0.666667))
    (('n', 0.333333), ('d', 0.666667))
    >>> vote_shares([{"n": 1}, {"n": 1}], Plan(), silent=2)
    ((('n', 0.5),), (('n', 0.5),))
    """
    written = [json.dumps(answer) for answer in answers]
    different = dict(zip(written, answers, strict=True))
    votes = [(answer, written.count(text)) for text, answer in different.items()]
    shares = {text: _shares(one, votes, plan, silent) for text, one in different.items()}
    return tuple(shares[text] for text in written)


def _shares(answer: Json, votes: Sequence[tuple[Json, int]], plan: Plan, silent: int) -> Shares:
    agreed: Counter[str] = Counter()
    against: Counter[str] = Counter()
    for other, count in votes:
        verdicts = plan.diff(answer, other).verdicts
        same = [leaf.path.fill(at) for code, leaf, at, *_ in verdicts if code == CORRECT]
        more = [leaf.path.fill(at) for code, leaf, _, at, *_ in verdicts if code == HALLUCINATION]
        agreed.update(dict.fromkeys(same, count))
        against.update({path: count for path in more if "[" not in path})
    spoken = sum(count for _, count in votes)
    left_open = {path: spoken - no for path, no in against.items() if path not in agreed}
    every = spoken + silent
    return tuple((path, round(yes / every, 6)) for path, yes in ({**agreed, **left_open}).items())
